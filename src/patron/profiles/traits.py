"""Traits: what sources said of a customer, and which of it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.lookup import Profile, marks, stored_ids
from patron.spec.survivorship import Reason, Told, judged
from patron.spec.traits import Survivorships

UNDECLARED = Survivorships()
"""Of every trait the latest observation holds."""

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
        wins: Whether this is the one that holds, or a part of what does.
        reason: Why it holds or does not: see `survivorship.Reason`.
    """

    name: str
    value: Any
    source: str | None
    occurred_at: datetime
    wins: bool
    reason: Reason


def traits(
    cursor: Cursor, profile: Profile, as_of: datetime, rules: Survivorships = UNDECLARED
) -> list[Trait]:
    """The traits that hold as of a moment, by name.

    Where nothing is declared, the latest observation wins, whichever source it is from; a null
    clears the trait.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        rules: Which observation of each trait holds.
    """
    found = []
    names: dict[int, str] | None = None
    for name, told in _told(cursor, profile, as_of).items():
        rule = rules.of(name)
        if rule is None:
            by: Told | None = max(told, key=_order)
            value = None if by is None or by.value is None else decode(by.value)
        else:
            value, by, _ = judged(told, rule, as_of)
        if by is not None and by.value is not None:
            names = source_names(cursor) if names is None else names
            found.append(Trait(name, value, names.get(by.source_id), by.occurred_at))
    return found


def _order(one: Told) -> tuple[datetime, int, str]:
    """Ties are ordered by source and message id, never by arrival: late messages end the same."""
    return one[:3]


def _told(
    cursor: Cursor, profile: Profile, as_of: datetime, name: str | None = None
) -> dict[str, list[Told]]:
    """What was observed of each trait, by its name in order."""
    ids = stored_ids(cursor, profile)
    # A customer's few rows are put in order here: to plan a window takes longer than to read them.
    sql = _OBSERVED.format(ids=marks(ids)) + ("" if name is None else " and name = ?")
    cursor.execute(sql, [*ids, as_of] if name is None else [*ids, as_of, name])
    found: dict[str, list[Told]] = {}
    for trait, *rest in cursor.all():
        found.setdefault(trait, []).append(Told(*rest))
    return dict(sorted(found.items()))


def source_names(cursor: Cursor) -> dict[int, str]:
    """The names of all sources by id."""
    return dict(cursor.execute("select source_id, name from sources").all())


def observations(
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    *,
    name: str | None = None,
    rules: Survivorships = UNDECLARED,
) -> list[Observation]:
    """Every value that any source gave, newest first within each trait.

    A source that repeats a value is listed once for it: with the time that it holds by, else with
    the last.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        name: Only this trait.
        rules: Which observation of each trait holds.
    """
    found: dict[tuple[str, str | None, int], Observation] = {}
    names = source_names(cursor)
    for trait, told in _told(cursor, profile, as_of, name).items():
        rule = rules.of(trait)
        reasons = judged(told, rule, as_of).reasons
        for one in sorted(told, key=_order, reverse=True):
            reason = reasons[one]
            # A null may be what is the case.
            wins = reason in ("holds", "part") or (
                rule is None and reason == "cleared" and one is max(told, key=_order)
            )
            key = trait, one.value, one.source_id
            if key not in found or (wins and not found[key].wins):
                source = names.get(one.source_id)
                at = one.occurred_at
                found[key] = Observation(trait, decode(one.value), source, at, wins, reason)
    return list(found.values())
