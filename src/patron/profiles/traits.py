"""Traits: what sources said of a customer, and which of it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.lookup import Profile, Standing, marks, owners, stored_ids
from patron.spec.survivorship import Reason, Told, judged
from patron.spec.traits import Survivorships

UNDECLARED = Survivorships()
"""Of every trait the latest observation holds."""

_OBSERVED = """
select profile_id, name, occurred_at, source_id, message_id, value::JSON
from traits
where profile_id in ({ids}) and occurred_at <= ?
"""

_OF_BRAND = " and source_id in (select source_id from sources where brand = ?)"


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
    told = _told(cursor, dict.fromkeys(stored_ids(cursor, profile), 0), as_of)
    return _holding(cursor, told, as_of, rules).get(0, [])


def traits_of(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    *,
    brand: str | None = None,
) -> dict[int, list[Trait]]:
    """As `traits`, of several: by profile id; by what one brand's sources said, if it is given."""
    told = _told(cursor, owners(profiles), as_of, brand=brand)
    return _holding(cursor, told, as_of, rules)


def _holding(
    cursor: Cursor, told: _Told, as_of: datetime, rules: Survivorships
) -> dict[int, list[Trait]]:
    found: dict[int, list[Trait]] = {}
    names = source_names(cursor) if told else {}
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
) -> _Told:
    """What was observed of each trait of each profile, by its name in order.

    Args:
        cursor: On the workspace.
        owner: Per id under which rows are stored, what to file them under.
        as_of: What happened after it is left out.
        name: Only this trait.
        brand: Only what the sources of this brand said.
    """
    ids = list(owner)
    narrowed = {" and name = ?": name, _OF_BRAND: brand}
    given = {text: value for text, value in narrowed.items() if value is not None}
    # A customer's few rows are put in order here: to plan a window takes longer than to read them.
    sql = _OBSERVED.format(ids=marks(ids)) + "".join(given)
    cursor.execute(sql, [*ids, as_of, *given.values()])
    found: _Told = {}
    for stored, trait, *rest in cursor.all():
        found.setdefault((owner[stored], trait), []).append(Told(*rest))
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
    told = _told(cursor, dict.fromkeys(stored_ids(cursor, profile), 0), as_of, name)
    return _observed(cursor, told, as_of, rules).get(0, [])


def observations_of(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    *,
    brand: str | None = None,
) -> dict[int, list[Observation]]:
    """As `observations`, of several: by profile id; of one brand's sources, if it is given."""
    told = _told(cursor, owners(profiles), as_of, brand=brand)
    return _observed(cursor, told, as_of, rules)


def _observed(
    cursor: Cursor, told: _Told, as_of: datetime, rules: Survivorships
) -> dict[int, list[Observation]]:
    found: dict[int, list[Observation]] = {}
    names = source_names(cursor) if told else {}
    for (own, trait), observed in told.items():
        found.setdefault(own, []).extend(_of_trait(trait, observed, as_of, rules, names))
    return found


def _of_trait(
    trait: str, told: list[Told], as_of: datetime, rules: Survivorships, names: dict[int, str]
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
