"""Answers to why a customer is in a segment, or is not."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.pipeline.book import Book
from patron.pipeline.checks import check_rule
from patron.pipeline.customers import profile_id_of
from patron.segments.explain import explain
from patron.segments.printer import print_rule
from patron.segments.tree import Rule
from patron.warehouse.reading import Reading


def of_segment(reading: Reading, book: Book, name: str, identifier: str) -> dict[str, Any]:
    """Why a customer is in a segment, or is not.

    Raises:
        NotFoundError: There is no such segment, or nobody has the identifier.
    """
    return _explained(reading, book, book.segment(name).rule, identifier, name)


def of_rule(
    reading: Reading, book: Book, rule: str | dict[str, Any], identifier: str
) -> dict[str, Any]:
    """Why a customer fulfils a rule, or does not. Names that nobody ever used are allowed.

    Raises:
        RuleError: The rule is wrong.
        NotFoundError: Nobody has the identifier.
    """
    parsed, _ = check_rule(rule, book.catalogue, name=None, allow_unknown=True)
    return _explained(reading, book, parsed, identifier, None)


def _explained(
    reading: Reading, book: Book, rule: Rule, identifier: str, name: str | None
) -> dict[str, Any]:
    profile_id = profile_id_of(reading, book.identity, identifier)
    found = explain(reading.cursor, rule, profile_id, as_of=reading.as_of, catalogue=book.catalogue)
    return {**reading.head, "segment": name, "text": print_rule(rule), **profiles.plain(found)}
