"""Definitions are checked one by one, and errors say where."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import DefinitionError, RuleError
from patron.pipeline.checks import checked


def document(kind: str, body: dict[str, Any], path: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "name": "one", "body": body, "path": path}


def test_bodies_come_by_kind_and_name() -> None:
    body = {"members": ["email:ann@example.com"]}
    assert checked([document("list", body)]) == {("list", "one"): body}


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(DefinitionError, match=r"^segmnt one: there is no kind segmnt") as caught:
        checked([document("segmnt", {})])
    assert "segment" in str(caught.value.hint)


def test_what_a_validator_says_stands_behind_the_file_and_keeps_its_field() -> None:
    with pytest.raises(DefinitionError, match=r"^a\.yaml:5: members\[0\]: expected") as caught:
        checked([document("list", {"members": ["ann"]}, "a.yaml:5")])
    assert caught.value.field == "members[0]"


def test_what_is_wrong_in_a_rule_is_shown_with_its_place() -> None:
    with pytest.raises(RuleError, match=r"^a\.yaml:1: .* \(line 1, column 5\)$") as caught:
        checked([document("segment", {"rule": "did did"}, "a.yaml:1")])
    assert (caught.value.line, caught.value.column) == (1, 5)
