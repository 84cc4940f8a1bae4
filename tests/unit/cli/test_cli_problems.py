from __future__ import annotations

import json

import httpx
import pytest

from patron.cli.problems import ProblemError, details, problem_in, show_error
from patron.errors import BusyError, InputError, RuleError

UNKNOWN_EVENT = {
    "type": "urn:patron:problem:invalid_rule",
    "status": 422,
    "detail": "No event is called that.",
    "line": 2,
    "column": 9,
    "suggestions": ["Order Completed", "Order Updated"],
}


def test_a_problem_document_becomes_an_error() -> None:
    error = problem_in(httpx.Response(422, json=UNKNOWN_EVENT | {"field": "rule", "hint": "Try."}))
    assert (error.code, error.status, error.message) == (
        "invalid_rule",
        422,
        UNKNOWN_EVENT["detail"],
    )
    assert (error.field, error.hint, error.line, error.column) == ("rule", "Try.", 2, 9)
    assert error.suggestions == ("Order Completed", "Order Updated")
    assert not error.retryable


def test_busy_can_be_tried_again() -> None:
    assert problem_in(httpx.Response(503, json={"status": 503, "detail": "Busy."})).retryable


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"[1]", b"\xff"])
def test_an_answer_that_is_no_problem_document_still_gives_a_sentence(body: bytes) -> None:
    assert (
        problem_in(httpx.Response(502, content=body)).message
        == "The server answered 502 Bad Gateway."
    )


def test_the_caret_stands_under_the_place() -> None:
    error = ProblemError(UNKNOWN_EVENT, text='city = "Bonn" and\n\tnot did "Order Complete"')
    assert details(error) == [
        ' not did "Order Complete"',
        "        ^ line 2, column 9",
        'Did you mean "Order Completed" or "Order Updated"?',
    ]


def test_a_place_beyond_the_text_is_said_in_words() -> None:
    assert details(ProblemError(UNKNOWN_EVENT, text="one line"))[0] == "At line 2, column 9."
    assert details(RuleError("Unexpected end.", line=1, column=3))[0] == "At line 1, column 3."


def test_what_the_message_says_is_not_said_twice() -> None:
    error = InputError("prune: expected a boolean.", field="prune")
    assert details(error) == []
    assert details(InputError("Expected a boolean.", field="prune")) == ["Field: prune"]
    meant = RuleError('Unknown "a"; did you mean "b"?', suggestions=("b",))
    assert details(meant) == []


def test_people_get_a_line_and_its_details_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_error(BusyError("It is locked.", hint="Stop the other."), as_json=False)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "Error: It is locked.\n  Stop the other.\n"


def test_programs_get_one_object_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(ProblemError(UNKNOWN_EVENT), as_json=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err) == {
        "code": "invalid_rule",
        "message": UNKNOWN_EVENT["detail"],
        "line": 2,
        "column": 9,
        "suggestions": ["Order Completed", "Order Updated"],
    }


def test_data_in_a_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(InputError("No event \x1b[2J."), as_json=False)
    assert capsys.readouterr().err == "Error: No event \\x1b[2J.\n"
