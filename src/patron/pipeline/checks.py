"""Whether definitions can hold: each by itself, with the names in it, for those who use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from patron.definitions import Body, Key
from patron.errors import ConflictError, DefinitionError, RuleError, in_use
from patron.pipeline.book import Book
from patron.pipeline.readers import validators
from patron.pipeline.segment_definitions import (
    Segment,
    parsed_rule,
    read_segments,
    written_rules,
)
from patron.segments.catalogue import Catalogue
from patron.segments.names_used import rests_on
from patron.segments.resolve import resolve
from patron.segments.tree import Rule


def checked(documents: Iterable[Mapping[str, Any]]) -> dict[Key, Body]:
    """Check definitions, each by itself.

    Args:
        documents: Each with ``kind``, ``name`` and ``body``, and ``path`` if it is of a file.

    Returns:
        Bodies as they are to be kept.

    Raises:
        DefinitionError: With the file and the field.
        RuleError: Likewise, with the place in the rule.
    """
    known = validators()
    wanted: dict[Key, Body] = {}
    for document in documents:
        kind, name = document["kind"], document["name"]
        where = f"{document['path']}: " if document.get("path") else f"{kind} {name}: "
        if kind not in known:
            raise DefinitionError(
                f"{where}there is no kind {kind}.", hint=f"Kinds: {', '.join(known)}."
            )
        try:
            wanted[kind, name] = known[kind](name, document["body"])
        except RuleError as error:
            place = f" (line {error.line}, column {error.column})" if error.line else ""
            error.message = f"{where}{error.message}{place}"
            error.args = (error.message,)
            raise
        except DefinitionError as error:
            raise DefinitionError(
                f"{where}{error.message}", field=error.field, hint=error.hint, told=error.told
            ) from None
    return wanted


def check_rule(
    rule: str | dict[str, Any], catalogue: Catalogue, *, name: str | None, allow_unknown: bool
) -> tuple[Rule, list[str]]:
    """Read a rule and check its names; returns it with warnings.

    Raises:
        RuleError: It is wrong, or a name is unknown and may not be.
    """
    parsed = parsed_rule(rule)
    resolution = resolve(
        parsed.rule,
        catalogue,
        unknown="warn" if allow_unknown else "error",
        places=parsed.places,
        name=name,
    )
    return parsed.rule, [warning.message for warning in resolution.warnings]


def check_segment(
    name: str, body: dict[str, Any], book: Book, catalogue: Catalogue, *, allow_unknown: bool
) -> list[str]:
    """Check the names in a definition that is to hold from now on; returns warnings.

    Raises:
        RuleError: A rule is wrong, or a name is unknown and may not be.
        ConflictError: Others use a value that is there no more.
    """
    made = read_segments(name, body, version=0, origin="api")
    lost = {part for part, one in book.segments.items() if one.value_of == name} - made.keys()
    users = sorted(dependents(lost, dict(book.segments)) - {name} - made.keys() - lost)
    if users:
        names = ", ".join(sorted(lost))
        raise ConflictError(
            f"{names}: used by {', '.join(users)}.", told=in_use("segment", names, users)
        )
    rules = {**catalogue.segments, **{part: one.rule for part, one in made.items()}}
    known = msgspec.structs.replace(catalogue, segments=rules)
    warnings = []
    for _, part, rule in written_rules(name, body):
        warnings += check_rule(rule, known, name=part, allow_unknown=allow_unknown)[1]
    return warnings


def parts_of(names: set[str], segments: Mapping[str, Segment]) -> set[str]:
    """Segments with those of their values."""
    return {name for name, one in segments.items() if name in names or one.value_of in names}


def dependents(names: set[str], segments: dict[str, Segment]) -> set[str]:
    """The segments that rest on any of the named ones, directly or through others."""
    used_by = {name: rests_on(segment.rule) for name, segment in segments.items()}
    found: set[str] = set()
    while True:
        more = {n for n, used in used_by.items() if used & (names | found)} - found
        if not more:
            return found
        found |= more


def users_of(name: str, book: Book) -> list[str]:
    """The segments that rest directly or indirectly on one, or on a value of it."""
    own = parts_of({name}, book.segments)
    users = dependents(own, dict(book.segments)) - own
    return sorted({book.segments[user].value_of or user for user in users})
