"""Traits: what sources said of a customer, and which of it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.lookup import Profile, marks, stored_ids

# Ties are ordered by source and message id, never by arrival, so that late messages end the same.
_RANKED = """
select trait.name, trait.value::JSON, source.name, trait.occurred_at,
    row_number() over (
        partition by trait.name
        order by trait.occurred_at desc, trait.source_id desc, trait.message_id desc
    ) as rank
from traits as trait left join sources as source on source.source_id = trait.source_id
where trait.profile_id in ({ids}) and trait.occurred_at <= ?
"""


_OBSERVED = """
select name, occurred_at, source_id, message_id, value::JSON
from traits
where profile_id in ({ids}) and occurred_at <= ?
"""


class Trait(msgspec.Struct, frozen=True):
    """The value that holds for one trait, who said it, and when it was so."""

    name: str
    value: Any
    source: str | None
    occurred_at: datetime


class Observation(msgspec.Struct, frozen=True):
    """One value that a source gave for a trait, the last time it gave it.

    Attributes:
        name: The trait.
        value: As sent; None says that the source cleared it.
        source: Who said it.
        occurred_at: When it was last so.
        wins: Whether this is the one that holds.
    """

    name: str
    value: Any
    source: str | None
    occurred_at: datetime
    wins: bool


def traits(cursor: Cursor, profile: Profile, as_of: datetime) -> list[Trait]:
    """The traits that hold as of a moment, by name.

    The latest observation wins, whichever source it is from; a null clears the trait.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
    """
    ids = stored_ids(cursor, profile)
    # A customer's few rows are put in order here: to plan a window takes longer than to read them.
    cursor.execute(_OBSERVED.format(ids=marks(ids)), [*ids, as_of])
    winners: dict[str, tuple[Any, ...]] = {}
    for name, *rest in cursor.all():
        if name not in winners or tuple(rest[:3]) > winners[name][:3]:
            winners[name] = tuple(rest)
    names = source_names(cursor) if winners else {}
    return [
        Trait(name, decode(value), names.get(source_id), occurred_at)
        for name, (occurred_at, source_id, _, value) in sorted(winners.items())
        if value is not None
    ]


def source_names(cursor: Cursor) -> dict[int, str]:
    """The names of all sources by id."""
    return dict(cursor.execute("select source_id, name from sources").all())


def observations(
    cursor: Cursor, profile: Profile, as_of: datetime, *, name: str | None = None
) -> list[Observation]:
    """Every value that any source gave, newest first within each trait.

    A source that repeats a value is listed once for it, with the last time.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        name: Only this trait.
    """
    ids = stored_ids(cursor, profile)
    cursor.execute(
        _RANKED.format(ids=marks(ids))
        + ("" if name is None else " and trait.name = ?")
        + " order by trait.name, rank",
        [*ids, as_of] if name is None else [*ids, as_of, name],
    )
    found: dict[tuple[str, str | None, str | None], Observation] = {}
    for trait, value, source, occurred_at, rank in cursor.all():
        if (trait, value, source) not in found:
            found[trait, value, source] = Observation(
                trait, decode(value), source, occurred_at, rank == 1
            )
    return list(found.values())
