"""Which records are compared at all: those that share a key, as long as few share it.

A ladder is a way to find two records of one person by some of their fields. Its first rung is the
coarsest key, such as the family name. Where too many records share that, each of them takes the
next rung, such as the family name with the first letter of the given name. So each record has one
key in each ladder, two records that share the coarse key always look at the same rung, and no block
is larger than the cap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from patron.engines.duckdb import Cursor
from patron.linking.definition import Field, Kind

CAPS = (2000, 1000, 500, 250, 120, 60, 30, 15)
"""How many records may share a key; the largest whose blocks fit into the budget is taken."""

LEAST_BUDGET = 100_000
"""Pairs that one ladder may give however few the records are."""

PAIRS_A_RECORD = 3
"""Pairs that one ladder may give for each record, where that is more."""

MOST_FULL = 20_000
"""How many full keys of a rung a model keeps; a rung with more is left out."""


SEVERAL = frozenset({"identifier", "text"})
"""Kinds of which records can have several fields, each with a ladder of its own."""


class Ladder(NamedTuple):
    """Keys from coarse to fine, each a list of parts.

    Attributes:
        name: What it looks for.
        rungs: Each a list of parts: a kind of field, or how one is shortened.
    """

    name: str
    rungs: tuple[tuple[str, ...], ...]


LADDERS = (
    Ladder("identifier", (("identifier",),)),
    Ladder("e-mail", (("email",),)),
    Ladder("phone", (("phone",), ("phone", "given_initial"))),
    Ladder(
        "both names, in either order",
        (("names",), ("names", "birth_year"), ("names", "postcode"), ("names", "birthday")),
    ),
    Ladder(
        "birthday",
        (("birthday",), ("birthday", "given_initial"), ("birthday", "given_name")),
    ),
    Ladder("birthday and family name", (("birthday", "family_sound"),)),
    Ladder(
        "family name",
        (
            ("family_name",),
            ("family_name", "given_initial"),
            ("family_name", "given_initial", "birth_year"),
            ("family_name", "given_initial", "birth_year", "postcode"),
        ),
    ),
    Ladder(
        "given name",
        (
            ("given_name",),
            ("given_name", "family_initial"),
            ("given_name", "family_initial", "postcode"),
            ("given_name", "family_initial", "postcode", "birth_year"),
        ),
    ),
    Ladder(
        "given name and day of birth",
        (("given_name", "birth_day"), ("given_name", "birth_day", "family_initial")),
    ),
    Ladder(
        "sound of both names",
        (("family_sound", "given_sound"), ("family_sound", "given_sound", "birth_year")),
    ),
    Ladder(
        "postcode",
        (
            ("postcode",),
            ("postcode", "given_initial"),
            ("postcode", "given_initial", "family_initial"),
            ("postcode", "given_initial", "family_initial", "birth_year"),
        ),
    ),
    Ladder(
        "street",
        (
            ("street",),
            ("street", "house_number"),
            ("street", "house_number", "given_initial"),
            ("street", "house_number", "given_initial", "postcode"),
        ),
    ),
    Ladder("city", (("city",), ("city", "family_name"), ("city", "family_name", "given_initial"))),
    Ladder("before the @", (("email_local",), ("email_local", "given_initial"))),
    Ladder("full name", (("full_name",), ("full_name", "birth_year"))),
    Ladder("full name and postcode", (("full_initials", "postcode"),)),
    Ladder("text", (("text",),)),
)
"""The ladders, the most telling first."""

_SOUND = (
    "nullif(left(regexp_replace(regexp_replace(regexp_replace(replace(replace({x}, 'ph', 'f'), "
    "'ck', 'k'), '[^a-z]|(?:[aeiouyhw])', '', 'g'), 'z', 's', 'g'), "
    "'bb|cc|dd|ff|gg|kk|ll|mm|nn|pp|rr|ss|tt|vv', '', 'g'), 4), '')"
)
PARTS: dict[str, tuple[Kind, str]] = {
    "given_initial": ("given_name", "left({x}, 1)"),
    "family_initial": ("family_name", "left({x}, 1)"),
    "given_sound": ("given_name", _SOUND),
    "family_sound": ("family_name", _SOUND),
    "birth_year": ("birthday", "left({x}, 4)"),
    "birth_day": ("birthday", "substr({x}, 6)"),
    "email_local": ("email", "split_part({x}, '@', 1)"),
    "full_initials": ("full_name", "left({x}, 4)"),
}
"""Parts of keys that are a shortened field: its kind, and SQL over ``{x}``."""


class Rung(msgspec.Struct, frozen=True):
    """One key of a ladder, over the fields that the records have.

    Attributes:
        parts: SQL expressions over the columns of the records.
        full: Keys that too many records share; they look at the next rung.
    """

    parts: tuple[str, ...]
    full: tuple[str, ...] = ()


class Blocking(msgspec.Struct, frozen=True):
    """One ladder as it was fitted to some records.

    Attributes:
        name: What it looks for.
        cap: How many records may share a key.
        rungs: From coarse to fine.
        pairs: How many pairs it gave.
    """

    name: str
    cap: int
    rungs: tuple[Rung, ...]
    pairs: int


def ladders_for(fields: Sequence[Field]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The ladders that some fields allow, as SQL expressions.

    >>> fields = [Field("first", "given_name"), Field("last", "family_name")]
    >>> dict(ladders_for(fields))["family name"]
    [('"last"',), ('"last"', 'left("first", 1)')]
    """
    seen: set[tuple[str, ...]] = set()
    for ladder in LADDERS:
        first = ladder.rungs[0][0]
        several = [each for each in fields if each.kind == first and first in SEVERAL]
        choices: list[Field | None] = [*several] or [None]
        for field in choices:
            own = [
                each for each in fields if field is None or each is field or each.kind != field.kind
            ]
            rungs = [_sql(rung, own) for rung in ladder.rungs]
            kept = [rung for rung in rungs if rung is not None]
            if rungs[0] is not None and kept[0] not in seen:
                seen.add(kept[0])
                yield (ladder.name if field is None else field.name), kept


def _sql(parts: tuple[str, ...], fields: Sequence[Field]) -> tuple[str, ...] | None:
    named: dict[str, str] = {}
    for each in fields:
        named.setdefault(each.kind, f'"{each.name}"')
    found = []
    for part in parts:
        if part == "names":
            given, family = named.get("given_name"), named.get("family_name")
            if not given or not family:
                return None
            found += [f"least({given}, {family})", f"greatest({given}, {family})"]
            continue
        kind, template = PARTS.get(part, (part, "{x}"))
        column = named.get(kind)
        if column is None:
            return None
        found.append(template.replace("{x}", column))
    return tuple(found)


def budget(records: int) -> int:
    """How many pairs one ladder may give."""
    return max(LEAST_BUDGET, PAIRS_A_RECORD * records)


def key_sql(parts: tuple[str, ...], rung: int) -> str:
    """The key of one rung; NULL when a part is missing.

    >>> print(key_sql(('"zip"', '"city"'), 0))
    '0' || chr(31) || "zip" || chr(31) || "city"
    """
    return f"'{rung}' || chr(31) || {' || chr(31) || '.join(parts)}"


def fit(cursor: Cursor, table: str, fields: Sequence[Field]) -> list[Blocking]:
    """Fit all ladders to the records of a table.

    Args:
        cursor: Where the table is.
        table: Its name.
        fields: The fields that it has.
    """
    records = int(cursor.execute(f"select count(*) from {table}").value())
    fitted = (
        _fit(cursor, table, name, rungs, budget(records)) for name, rungs in ladders_for(fields)
    )
    return [blocking for blocking in fitted if blocking is not None and blocking.pairs]


def _fit(
    cursor: Cursor, table: str, name: str, rungs: list[tuple[str, ...]], most: int
) -> Blocking | None:
    keys = ", ".join(f"{key_sql(rung, number)} as k{number}" for number, rung in enumerate(rungs))
    cursor.execute(f"create or replace temp table ladder as select {keys} from {table}")
    best = None
    for cap in CAPS:
        pairs, full = _climb(cursor, len(rungs), cap)
        fitted = tuple(Rung(rung, keys) for rung, keys in zip(rungs, full, strict=True))
        best = Blocking(name, cap, fitted, pairs)
        if pairs <= most and all(len(keys) <= MOST_FULL for keys in full):
            break
    return best


def _climb(cursor: Cursor, rungs: int, cap: int) -> tuple[int, list[tuple[str, ...]]]:
    """How many pairs a ladder gives under a cap, and the full keys of each rung."""
    pairs, full = 0, []
    cursor.execute("create or replace temp table climbing as from ladder")
    for rung in range(rungs):
        cursor.execute(
            f"create or replace temp table blocks as select k{rung} as key, count(*) as size "
            f"from climbing where k{rung} is not null group by 1 having count(*) > 1"
        )
        found = cursor.execute(
            "select coalesce(sum(size * (size - 1) // 2), 0)::bigint from blocks "
            f"where size <= {cap}"
        ).value()
        pairs += int(found)
        keys = cursor.execute(f"select key from blocks where size > {cap} order by key").all()
        full.append(tuple(row[0] for row in keys))
        if not keys:
            full += [()] * (rungs - rung - 1)
            break
        cursor.execute(
            "create or replace temp table climbing as select climbing.* from climbing "
            f"semi join (select key from blocks where size > {cap}) on key = k{rung}"
        )
    return pairs, full


def keys_sql(blocking: Blocking, full: str) -> str:
    """The key of a record in one ladder, as SQL over the records.

    Args:
        blocking: The ladder.
        full: A table of its full keys, with the column ``key``.
    """
    text = "null::varchar"
    for number in range(len(blocking.rungs) - 1, -1, -1):
        rung = blocking.rungs[number]
        key = key_sql(rung.parts, number)
        if not rung.full:
            text = key
            continue
        is_full = f"{key} in (select key from {full})"
        text = f"case when {is_full} then {text} else {key} end"
    # The hash of NULL is a number like any other: those without a key must stay without one.
    return f"case when ({text}) is not null then hash({text}) end"
