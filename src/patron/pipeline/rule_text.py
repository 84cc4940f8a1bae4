"""The two faces of a rule in step: its text, its tree, and where each condition stands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from patron.errors import RuleError
from patron.pipeline.audiences import plain_tree
from patron.pipeline.book import Book
from patron.pipeline.segment_definitions import parsed_rule
from patron.segments import text as rule_text
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.known_names import Doubt
from patron.segments.phrases import Place, Span
from patron.segments.printer import print_rule
from patron.segments.resolve import resolve
from patron.warehouse.reading import Reading

RuleText = str | dict[str, Any]

FRESH = 5.0
"""Seconds for which names that were looked up do for whoever types a rule."""


class Names:
    """What is known, for rules that are asked about with every stroke.

    To look it up reads two columns of all events. What is defined is always that of now; names that
    came in during the last seconds can be missing.
    """

    def __init__(self) -> None:
        self._kept: tuple[float, int, Book, Catalogue] | None = None

    def known(self, reading: Reading, book: Book) -> Catalogue:
        """What a rule can name."""
        now = time.monotonic()
        if self._kept is not None:
            since, position, held, catalogue = self._kept
            if held is book and (position == reading.position or now - since < FRESH):
                return catalogue
        catalogue = read_catalogue(reading.cursor, book.catalogue)
        self._kept = (now, reading.position, book, catalogue)
        return catalogue


def faces(rule: RuleText, catalogue: Catalogue, *, name: str | None) -> dict[str, Any]:
    """A rule in both faces, with what is wrong with it instead of an error.

    Args:
        rule: Its text, or its tree.
        catalogue: What is known.
        name: The segment that it is to define, so that a circle through it is found.

    Returns:
        ``text`` as it came, or printed for a tree; ``canonical``, the text that Patron prints;
        ``rule``, the tree; ``places`` of the conditions in ``text``; ``errors`` and ``warnings``.
        What cannot be read has no tree and no canonical text.
    """
    try:
        parsed = parsed_rule(rule)
    except RuleError as error:
        return {
            "text": rule if isinstance(rule, str) else None,
            "canonical": None,
            "rule": None,
            "places": {},
            "errors": [_wrong(error, {}, {})],
            "warnings": [],
        }
    canonical = print_rule(parsed.rule)
    text = rule if isinstance(rule, str) else canonical
    places, spans = rule_text.parse_with_places(text).places, rule_text.spans(text)
    errors: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    try:
        found = resolve(parsed.rule, catalogue, unknown="warn", places=places, name=name)
        warnings = [_wrong(one, places, spans) for one in found.warnings]
    except RuleError as error:
        errors = [_wrong(error, places, spans)]
    return {
        "text": text,
        "canonical": canonical,
        "rule": plain_tree(parsed.rule),
        "places": {
            path: {
                "start": spans[path][0],
                "end": spans[path][1],
                "line": place[0],
                "column": place[1],
            }
            for path, place in places.items()
        },
        "errors": errors,
        "warnings": warnings,
    }


def _wrong(
    one: RuleError | Doubt, places: Mapping[str, Place], spans: Mapping[str, Span]
) -> dict[str, Any]:
    path = _standing(one.field, places)
    start, end = spans.get(path or "", (None, None)) if path is not None else (None, None)
    return {
        "message": one.message,
        "path": path if path is not None else one.field,
        "line": one.line,
        "column": one.column,
        "start": start,
        "end": end,
        "suggestions": list(one.suggestions),
        "hint": one.hint if isinstance(one, RuleError) else None,
        "told": None if one.told is None else one.told._asdict(),
    }


def _standing(path: str | None, places: Mapping[str, Place]) -> str | None:
    """The condition that a path leads to or into; None where there is no tree."""
    if not places:
        return None
    path = path or ""
    while path not in places:
        path = path.rpartition(".")[0]
    return path
