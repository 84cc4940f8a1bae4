"""Errors: from problem documents, and onto the terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from patron.cli.terminal import printable
from patron.errors import PatronError

if TYPE_CHECKING:
    import httpx

URN = "urn:patron:problem:"


class ProblemError(PatronError):
    """What a problem document (RFC 9457) says.

    Args:
        document: Its members.
        text: The rule's text, when the problem lies in one.
    """

    def __init__(self, document: dict[str, Any], text: str | None = None) -> None:
        super().__init__(
            document.get("detail") or document.get("title") or "Something went wrong.",
            field=document.get("field"),
            hint=document.get("hint"),
        )
        self.code = str(document.get("type", "error")).removeprefix(URN)
        self.status = int(document.get("status", 500))
        self.retryable = self.status == 503
        self.line: int | None = document.get("line")
        self.column: int | None = document.get("column")
        self.suggestions: tuple[str, ...] = tuple(document.get("suggestions", ()))
        self.text = text


@contextmanager
def about_rule(text: str | None, *values: str) -> Iterator[None]:
    """Have a problem shown with the text of the rule that was asked about.

    Args:
        text: The rule.
        values: Or the rules of the values, in their order.
    """
    try:
        yield
    except ProblemError as problem:
        of_value = re.match(r"values\[(\d+)\]", problem.field or "")
        problem.text = values[int(of_value[1])] if of_value else text
        raise


def problem_in(response: httpx.Response) -> ProblemError:
    """The error that an answer of 400 or more carries."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {
            "detail": f"The server answered {response.status_code} {response.reason_phrase}.",
            "status": response.status_code,
        }
    return ProblemError(document)


def show_error(error: PatronError, *, as_json: bool) -> None:
    """Say on standard error what went wrong: one line and its details, or one JSON object."""
    if as_json:
        typer.echo(json.dumps(as_document(error), ensure_ascii=False), err=True)
        return
    color = typer.colors.RED if sys.stderr.isatty() else None
    message = printable(f"Error: {error.message}")
    typer.echo(typer.style(message, fg=color, bold=color is not None), err=True)
    for line in details(error):
        typer.echo(f"  {line}", err=True)


def as_document(error: PatronError) -> dict[str, Any]:
    """An error as data: ``code`` and ``message``, and what else is known."""
    known = {
        "code": error.code,
        "message": error.message,
        "field": error.field,
        "line": getattr(error, "line", None),
        "column": getattr(error, "column", None),
        "suggestions": list(getattr(error, "suggestions", ())) or None,
        "hint": error.hint,
    }
    return {name: value for name, value in known.items() if value is not None}


def details(error: PatronError) -> list[str]:
    """What there is to say beyond the message: the place, what was meant, what to do.

    >>> print(chr(10).join(details(ProblemError(
    ...     {"detail": "Unknown.", "line": 1, "column": 5, "suggestions": ["Order Completed"]},
    ...     text='did "Order Complete"'))))
    did "Order Complete"
        ^ line 1, column 5
    Did you mean "Order Completed"?
    """
    found: list[str] = []
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    if line is not None and column is not None:
        found += _place(getattr(error, "text", None), line, column)
    elif error.field and error.field not in error.message:
        found.append(f"Field: {error.field}")
    suggestions = getattr(error, "suggestions", ())
    if suggestions and suggestions[0] not in error.message:
        found.append(f"Did you mean {' or '.join(_quoted(name) for name in suggestions)}?")
    if error.hint:
        found.append(error.hint)
    return found


def _place(text: str | None, line: int, column: int) -> list[str]:
    where = f"line {line}, column {column}"
    lines = (text or "").splitlines()
    if not 1 <= line <= len(lines):
        return [f"At {where}."]
    shown = lines[line - 1].replace("\t", " ")
    return [printable(shown), f"{' ' * len(printable(shown[: column - 1]))}^ {where}"]


def _quoted(name: str) -> str:
    return name if name.startswith('"') else f'"{name}"'
