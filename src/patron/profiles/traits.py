"""Traits: what sources said of a customer, and which of it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.lookup import Profile, owners, stored_ids
from patron.spec.survivorship import Reason, Told, judged
from patron.spec.traits import Survivorships
from patron.warehouse.rows import Rows
from patron.warehouse.sources import SourceNames
from patron.warehouse.standing import Standing

UNDECLARED = Survivorships()
"""Of every trait the latest observation holds."""

_OBSERVED = "profile_id, name, occurred_at, source_id, message_id, value::JSON"

_OF_BRAND = " and source_id in (select source_id from sources where brand = $brand)"


_Told = dict[tuple[int, str], list[Told]]
"""What was observed, by profile and trait."""


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
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    *,
    rows: Rows | None = None,
) -> list[Trait]:
    """The traits that hold as of a moment, by name.

    Where nothing is declared, the latest observation wins, whichever source it is from; a null
    clears the trait.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        rules: Which observation of each trait holds.
        rows: Where the rows of this customer are; the tables when None.
    """
    told = _told(cursor, _own(cursor, profile), as_of, rows=rows)
    return _holding(told, as_of, rules, _called(cursor, told)).get(0, [])


def traits_of(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    *,
    brand: str | None = None,
    rows: Rows | None = None,
    names: SourceNames | None = None,
) -> dict[int, list[Trait]]:
    """As `traits`, of several: by profile id.

    Args:
        cursor: On the workspace.
        profiles: They stand.
        as_of: What happened after it is not known yet.
        rules: Which observation of each trait holds.
        brand: By what the sources of this one said; None for all.
        rows: Where the rows of these customers are; the tables when None.
        names: What is known already of what sources are called.
    """
    told = _told(cursor, owners(profiles), as_of, brand=brand, rows=rows)
    return _holding(told, as_of, rules, _called(cursor, told, names))


def _own(cursor: Cursor, profile: Profile) -> dict[int, int]:
    """All ids under which rows of one profile are stored or copied, to be filed under one."""
    return dict.fromkeys(stored_ids(cursor, profile), 0)


def _called(cursor: Cursor, told: _Told, names: SourceNames | None = None) -> dict[int, str]:
    """The names of the sources that told something."""
    numbers = {one.source_id for observed in told.values() for one in observed}
    return (names or SourceNames()).of(cursor, numbers)


def _holding(
    told: _Told, as_of: datetime, rules: Survivorships, names: Mapping[int, str]
) -> dict[int, list[Trait]]:
    found: dict[int, list[Trait]] = {}
    for (own, name), observed in told.items():
        rule = rules.of(name)
        if rule is None:
            by: Told | None = max(observed, key=_order)
            value = None if by is None or by.value is None else decode(by.value)
        else:
            value, by, _ = judged(observed, rule, as_of)
        if by is not None and by.value is not None:
            trait = Trait(name, value, names.get(by.source_id), by.occurred_at)
            found.setdefault(own, []).append(trait)
    return found


def _order(one: Told) -> tuple[datetime, int, str]:
    """Ties are ordered by source and message id, never by arrival: late messages end the same."""
    return one[:3]


def _told(
    cursor: Cursor,
    owner: Mapping[int, int],
    as_of: datetime,
    name: str | None = None,
    brand: str | None = None,
    rows: Rows | None = None,
) -> _Told:
    """What was observed of each trait of each profile, by its name in order.

    Args:
        cursor: On the workspace.
        owner: Per id under which rows are stored, what to file them under.
        as_of: What happened after it is left out.
        name: Only this trait.
        brand: Only what the sources of this brand said.
        rows: Where the rows are; the tables when None.
    """
    where, bind = "occurred_at <= $as_of", {"as_of": as_of, "name": name, "brand": brand}
    where += " and name = $name" * (name is not None) + _OF_BRAND * (brand is not None)
    bind = {called: value for called, value in bind.items() if value is not None}
    # A customer's few rows are put in order here: to plan a window takes longer than to read them.
    cursor.execute((rows or Rows(tuple(owner))).of("traits", _OBSERVED, where, bind), bind)
    found: _Told = {}
    for stored, trait, *rest in cursor.all():
        found.setdefault((owner[stored], trait), []).append(Told(*rest))
    return dict(sorted(found.items()))


def observations(
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    *,
    name: str | None = None,
    rules: Survivorships = UNDECLARED,
    rows: Rows | None = None,
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
        rows: As of `traits`.
    """
    told = _told(cursor, _own(cursor, profile), as_of, name, rows=rows)
    return _observed(told, as_of, rules, _called(cursor, told)).get(0, [])


def observations_of(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    *,
    brand: str | None = None,
    rows: Rows | None = None,
    names: SourceNames | None = None,
) -> dict[int, list[Observation]]:
    """As `observations`, of several; with what else `traits_of` takes."""
    told = _told(cursor, owners(profiles), as_of, brand=brand, rows=rows)
    return _observed(told, as_of, rules, _called(cursor, told, names))


def _observed(
    told: _Told, as_of: datetime, rules: Survivorships, names: Mapping[int, str]
) -> dict[int, list[Observation]]:
    found: dict[int, list[Observation]] = {}
    for (own, trait), observed in told.items():
        found.setdefault(own, []).extend(_of_trait(trait, observed, as_of, rules, names))
    return found


def _of_trait(
    trait: str, told: list[Told], as_of: datetime, rules: Survivorships, names: Mapping[int, str]
) -> list[Observation]:
    found: dict[tuple[str | None, int], Observation] = {}
    rule = rules.of(trait)
    reasons = judged(told, rule, as_of).reasons
    for one in sorted(told, key=_order, reverse=True):
        reason = reasons[one]
        # A null may be what is the case.
        wins = reason in ("holds", "part") or (
            rule is None and reason == "cleared" and one is max(told, key=_order)
        )
        key = one.value, one.source_id
        if key not in found or (wins and not found[key].wins):
            source, at = names.get(one.source_id), one.occurred_at
            found[key] = Observation(trait, decode(one.value), source, at, wins, reason)
    return list(found.values())
