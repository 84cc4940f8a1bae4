"""Customers before and after a change of who is who, for people to look at."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from patron.engines.duckdb import Cursor
from patron.identity import Resolution, Resolver

SHOWN = 100
"""Of each customer so many identifiers are shown at most."""


class Outcome(NamedTuple):
    """What a change of who is who comes to.

    Attributes:
        customers: Those that it is about, by profile id: `profile_id`, which profiles their
            identifiers belonged to (`before`), up to `SHOWN` `identifiers`, how many there are
            (`identifier_count`), those of the shown ones that are `held_back`, and how many
            `events` came in under all of them.
        fingerprint: Names who would be who among them, whatever the ids of new profiles.
    """

    customers: list[dict[str, Any]]
    fingerprint: str


class _Held(NamedTuple):
    """One identifier, and the profile that it belongs to."""

    identifier_id: int
    name: str
    profile_id: int


def customers_after(
    cursor: Cursor, resolver: Resolver, named: list[int], resolution: Resolution
) -> Outcome:
    """The customers that a change is about, as they are after it.

    Args:
        cursor: On the tables as they were before it.
        resolver: Already ahead of them.
        named: Identifiers that it names.
        resolution: What it changes.
    """
    held = _held(cursor, _profiles(cursor, named, resolution))
    ids = [one.identifier_id for one in held]
    now = resolver.profiles_of(ids)
    held_back = resolver.held_back(ids)
    events = _events(cursor, held)
    found: dict[int, dict[str, Any]] = {}
    for one, profile_id, joins_nobody in zip(held, now, held_back, strict=True):
        customer = found.setdefault(
            profile_id,
            {"profile_id": profile_id, "before": set(), "identifiers": [], "identifier_count": 0,
             "held_back": [], "events": 0},
        )  # fmt: skip
        customer["before"].add(one.profile_id)
        customer["identifier_count"] += 1
        customer["events"] += events.get(one.identifier_id, 0)
        if len(customer["identifiers"]) < SHOWN:
            customer["identifiers"].append(one.name)
            customer["held_back"] += [one.name] if joins_nobody else []
    for customer in found.values():
        customer["before"] = sorted(customer["before"])
    customers = [found[profile_id] for profile_id in sorted(found)]
    return Outcome(customers, _fingerprint(held, now, named))


def _fingerprint(held: list[_Held], now: Iterable[int], named: list[int]) -> str:
    parts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one, profile_id in zip(held, now, strict=True):
        parts[profile_id].append((one.identifier_id, one.profile_id))
    text = msgspec.json.encode([named, sorted(sorted(part) for part in parts.values())])
    return hashlib.sha256(text).hexdigest()[:16]


def _profiles(cursor: Cursor, named: list[int], resolution: Resolution) -> list[int]:
    """The profiles that stood before and have a part in it."""
    cursor.execute(
        "select distinct profile_id from current_identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [named],
    )
    found = {row[0] for row in cursor.all()}
    if resolution.merges is not None:
        for column in ("kept_profile_id", "other_profile_id"):
            found.update(resolution.merges.column(column).to_pylist())
    return sorted(found)


def _held(cursor: Cursor, profile_ids: list[int]) -> list[_Held]:
    cursor.execute(
        "select identifier_id, type || ':' || value, profile_id from current_identifiers "
        "where profile_id in (select unnest(?::bigint[])) order by identifier_id",
        [profile_ids],
    )
    return [_Held(*row) for row in cursor.all()]


def _events(cursor: Cursor, held: list[_Held]) -> dict[int, int]:
    """How many events came in under each."""
    cursor.execute(
        "with own as (select unnest(?::bigint[]) as profile_id), stored as (from own union "
        "select m.profile_id from profile_map as m join own on m.survivor_id = own.profile_id) "
        "select identifier_id, count(*) from events "
        "where profile_id in (from stored) group by identifier_id",
        [sorted({one.profile_id for one in held})],
    )
    return dict(cursor.all())
