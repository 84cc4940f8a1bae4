"""How two values of a field are compared: levels of likeness, from the same to nothing alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from patron.linking.definition import Field, Kind


class Level(NamedTuple):
    """One degree of likeness between two values.

    Attributes:
        label: For people, such as "same".
        condition: SQL over ``{x}_l`` and ``{x}_r``, the same whichever record stands left.
        share: How many records of one person are expected to be this much alike: what is believed
            before any data are seen.
        frequency: Whether a rare value says more than a frequent one.
    """

    label: str
    condition: str
    share: float
    frequency: bool = False


BEFORE = "before any field is looked at"
NOT_COUNTED = "not counted: people who live together share it"
"""What stands in the place of a level where no single field says something."""

_LETTERS = re.compile("[a-z]+")


def level_code(label: str) -> str:
    """A level by a code, which models that were trained long ago have, too.

    >>> level_code("one typing error, or day and month swapped")
    'one_typing_error_or_day_and_month_swapped'
    """
    return "_".join(_LETTERS.findall(label))


SAME = "{x}_l = {x}_r"
ELSE = "else"


def _one_edit(shortest: int = 3) -> str:
    """One letter wrong, missing, too many, or two in the wrong order.

    The cheap tests stand first: the last costs ten times as much as all others.
    """
    return (
        f"(least(length({{x}}_l), length({{x}}_r)) >= {shortest} "
        "and jaro_similarity({x}_l, {x}_r) >= 0.7 and levenshtein({x}_l, {x}_r) <= 2 "
        "and damerau_levenshtein({x}_l, {x}_r) <= 1)"
    )


def _two_edits(shortest: int) -> str:
    """Up to two letters wrong, missing or too many."""
    return (
        f"(least(length({{x}}_l), length({{x}}_r)) >= {shortest} "
        "and jaro_similarity({x}_l, {x}_r) >= 0.7 and levenshtein({x}_l, {x}_r) <= 2)"
    )


def _alike(least: float, name: str = "{x}") -> str:
    return f"jaro_winkler_similarity({name}_l, {name}_r) >= {least}"


_PARTS = " or ".join(
    f"substr({{x}}_l, {a}, {b}) = substr({{x}}_r, {a}, {b}) "
    f"and substr({{x}}_l, {c}, {d}) = substr({{x}}_r, {c}, {d})"
    for a, b, c, d in ((1, 4, 6, 2), (1, 4, 9, 2), (6, 2, 9, 2))
)
_SWAPPED_DAY = (
    "substr({x}_l, 1, 4) = substr({x}_r, 1, 4) and substr({x}_l, 6, 2) = substr({x}_r, 9, 2) "
    "and substr({x}_l, 9, 2) = substr({x}_r, 6, 2)"
)
_ONE_EDIT = _one_edit()
_BEGINS = "starts_with({x}_l, {x}_r) or starts_with({x}_r, {x}_l)"
_HOLDS = (
    "least(length({x}_l), length({x}_r)) >= 3 "
    "and (contains({x}_l, {x}_r) or contains({x}_r, {x}_l))"
)
_ALMOST_THE_DAY = f"({_SWAPPED_DAY}) or {_ONE_EDIT}"

LEVELS: Mapping[Kind, tuple[Level, ...]] = {
    "given_name": (
        Level("same", SAME, 0.76, frequency=True),
        Level("given and family name swapped", "{swapped}", 0.02),
        Level("one typing error", f"{_ONE_EDIT} or {_alike(0.93)}", 0.10),
        Level("one begins with the other", _BEGINS, 0.03),
        Level("alike", _alike(0.8), 0.03),
        Level("different", ELSE, 0.06),
    ),
    "family_name": (
        Level("same", SAME, 0.80, frequency=True),
        Level("one typing error", f"{_ONE_EDIT} or {_alike(0.93)}", 0.12),
        Level("one holds the other", _HOLDS, 0.01),
        Level("alike", _alike(0.8), 0.02),
        Level("different", ELSE, 0.05),
    ),
    "full_name": (
        Level("same", SAME, 0.75, frequency=True),
        Level("one or two typing errors", f"{_two_edits(5)} or {_alike(0.95)}", 0.15),
        Level("alike", _alike(0.85), 0.05),
        Level("different", ELSE, 0.05),
    ),
    "birthday": (
        Level("same", SAME, 0.85, frequency=True),
        Level(
            "one typing error, or day and month swapped", f"({_SWAPPED_DAY}) or {_ONE_EDIT}", 0.08
        ),
        Level("two of day, month and year the same", _PARTS, 0.02),
        Level("two typing errors", _two_edits(8), 0.01),
        Level("different", ELSE, 0.04),
    ),
    # That two addresses are only somewhat alike says that the names are, which is known already.
    "email": (
        Level("same", SAME, 0.60),
        Level("the same before the @", "{x}_local_l = {x}_local_r", 0.08),
        Level("one typing error", _ONE_EDIT, 0.08),
        Level("different", ELSE, 0.24),
    ),
    "phone": (
        Level("same", SAME, 0.65),
        Level("one typing error", _ONE_EDIT, 0.08),
        Level("the last seven digits the same", "right({x}_l, 7) = right({x}_r, 7)", 0.02),
        Level("different", ELSE, 0.25),
    ),
    "identifier": (
        Level("same", SAME, 0.85),
        Level("one typing error", _ONE_EDIT, 0.08),
        Level("two typing errors", _two_edits(6), 0.02),
        Level("different", ELSE, 0.05),
    ),
    "street": (
        Level("same", SAME, 0.70, frequency=True),
        Level("one or two typing errors", f"{_two_edits(6)} or {_alike(0.93)}", 0.14),
        Level("alike, or one holds the other", f"({_HOLDS}) or {_alike(0.82)}", 0.05),
        Level("different", ELSE, 0.11),
    ),
    "house_number": (
        Level("same", SAME, 0.80, frequency=True),
        Level("alike", _BEGINS, 0.07),
        Level("different", ELSE, 0.13),
    ),
    "postcode": (
        Level("same", SAME, 0.80, frequency=True),
        Level("one typing error", _ONE_EDIT, 0.07),
        Level("the same first three characters", "left({x}_l, 3) = left({x}_r, 3)", 0.03),
        Level("different", ELSE, 0.10),
    ),
    "city": (
        Level("same", SAME, 0.80, frequency=True),
        Level("one or two typing errors", f"{_two_edits(6)} or {_alike(0.93)}", 0.08),
        Level("different", ELSE, 0.12),
    ),
    "region": (Level("same", SAME, 0.90, frequency=True), Level("different", ELSE, 0.10)),
    "country": (Level("same", SAME, 0.95, frequency=True), Level("different", ELSE, 0.05)),
    "text": (
        Level("same", SAME, 0.75, frequency=True),
        Level("one or two typing errors", f"{_two_edits(6)} or {_alike(0.93)}", 0.10),
        Level("alike", _alike(0.8), 0.05),
        Level("different", ELSE, 0.10),
    ),
}
"""The levels of each kind, from most to least alike. A missing value is no evidence at all."""

DERIVED: Mapping[Kind, Mapping[str, str]] = {
    "email": {"local": "nullif(split_part({x}, '@', 1), '')"},
}
"""Columns that comparisons of a kind need beside the field's own, and how they are computed."""


def levels_of(field: Field, fields: tuple[Field, ...]) -> list[Level]:
    """The levels of one field, with the names of its columns in the conditions.

    Args:
        field: The field.
        fields: All fields compared; a swapped name needs both names.

    >>> levels_of(Field("zip", "postcode"), ())[0].condition
    '"zip_l" = "zip_r"'
    """
    other: Kind = "family_name" if field.kind == "given_name" else "given_name"
    swapped = next((each.name for each in fields if each.kind == other), None)
    named = _namer(field.name, swapped)
    return [
        level._replace(condition=named(level.condition))
        for level in LEVELS[field.kind]
        if swapped or "{swapped}" not in level.condition
    ]


def missing(field: Field, fields: tuple[Field, ...]) -> str:
    """The condition under which a field tells nothing.

    That given and family name are swapped is counted once, with the given name.
    """
    absent = f'"{field.name}_l" is null or "{field.name}_r" is null'
    given = next((each.name for each in fields if each.kind == "given_name"), None)
    if field.kind != "family_name" or given is None:
        return absent
    return f"{absent} or ({_crossed(given, field.name)})"


def _crossed(one: str, other: str) -> str:
    return f'"{one}_l" = "{other}_r" and "{other}_l" = "{one}_r"'


def _namer(name: str, swapped: str | None) -> Callable[[str], str]:
    crossed = _crossed(name, swapped) if swapped else "false"

    def named(condition: str) -> str:
        text = condition.replace("{swapped}", crossed)
        for end in ("_local_l", "_local_r", "_l", "_r"):
            text = text.replace("{x}" + end, f'"{name}{end}"')
        return text

    return named
