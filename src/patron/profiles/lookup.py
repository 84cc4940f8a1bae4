"""Finding a profile: by identifier, and from a merged profile to the one that stands for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.clock import EARLIEST
from patron.engines.duckdb import Cursor
from patron.errors import StorageError
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.keys import identifier_key_text, key_of
from patron.warehouse.standing import Standing

MANY = 4
"""From so many on a join finds rows all over a table sooner than a list of values does."""

_OWNERS = """
select t.device_id, arg_max(i.profile_id, coalesce(t.since, $ever))
from device_turns as t join identifiers as i on i.identifier_id = t.identifier_id
where t.device_id in (select unnest($devices::bigint[]))
    and (t.since is null or t.since <= $used_at)
group by t.device_id
"""


class KnownIdentifier(msgspec.Struct, frozen=True):
    """One identifier value of a profile.

    Attributes:
        type: Such as ``email``.
        value: Its normal form, by which it is found.
        original: As it was first received.
        first_seen_at: Smallest time of a message that carried it.
    """

    type: str
    value: str
    original: str
    first_seen_at: datetime


Profile = int | Standing
"""A profile that stands: its id, or what was found of it already."""


def resolve(
    cursor: Cursor,
    type: str,  # noqa: A002
    normal_value: str,
    *,
    used_at: datetime | None = None,
) -> Standing | None:
    """The profile that an identifier belongs to now.

    Args:
        cursor: On the workspace.
        type: The identifier's type, such as ``email``.
        normal_value: Its value in normal form.
        used_at: Where it is a device that several people share: whoever had it then, naive UTC.

    Returns:
        The profile that stands, or None when nobody has this identifier.
    """
    asked = type, normal_value
    owners = resolved(cursor, [asked], {} if used_at is None else {asked: used_at})
    return standing(cursor, owners[asked]) if asked in owners else None


def resolved(
    cursor: Cursor,
    wanted: Sequence[tuple[str, str]],
    used_at: Mapping[tuple[str, str], datetime],
    numbers: Sequence[int] = (),
) -> dict[tuple[str, str], int]:
    """The profiles that some identifiers belong to; they may have been merged into others.

    Args:
        cursor: On the workspace.
        wanted: Type and value in normal form of each.
        used_at: Of those that are devices, the moment of which it is asked who had them.
        numbers: Identifier ids under which they may be found: rows lie in the order of these, so
            that it need not look through all.

    Returns:
        Per identifier a profile id; those that nobody has are left out.
    """
    keys = {key_of(identifier_key_text(*one)): one for one in wanted}
    rows: dict[tuple[str, str], tuple[int, int]] = {}
    if numbers:
        rows = _rows_of(cursor, keys, f"identifier_id in ({some(numbers)})", given(numbers))
    if left := {key: one for key, one in keys.items() if one not in rows}:
        upper = sorted({upper for upper, _ in left})
        rows |= _rows_of(cursor, left, f"key_hi in ({marks(upper)})", upper)
    found = {one: profile_id for one, (profile_id, _) in rows.items()}
    devices = {number: one for one, (_, number) in rows.items() if one in used_at}
    for moment in {used_at[one] for one in devices.values()}:
        asked = [device for device, one in devices.items() if used_at[one] == moment]
        cursor.execute(_OWNERS, {"devices": asked, "used_at": moment, "ever": EARLIEST})
        found |= {devices[device]: owner for device, owner in cursor.all()}
    return found


def _rows_of(
    cursor: Cursor,
    keys: Mapping[tuple[int, int], tuple[str, str]],
    where: str,
    values: list[Any],
) -> dict[tuple[str, str], tuple[int, int]]:
    """Of the identifiers that a condition finds, profile and identifier id of those wanted."""
    # To recognise them by their keys takes a third of the time of reading their texts.
    cursor.execute(
        f"select key_hi, key_lo, profile_id, identifier_id from identifiers where {where}", values
    )
    rows = {(upper, lower): (profile, number) for upper, lower, profile, number in cursor.all()}
    return {one: rows[key] for key, one in keys.items() if key in rows}


def standing(cursor: Cursor, profile_id: int) -> Standing | None:
    """The profile that stands for one that may have been merged away.

    Args:
        cursor: On the workspace.
        profile_id: Any profile id that was ever given.

    Returns:
        The profile itself or the last one that it was merged into; None when there is no such
        profile.

    Raises:
        StorageError: The table leads in a circle.
    """
    return standings(cursor, [profile_id]).get(profile_id)


def standings(cursor: Cursor, profile_ids: Iterable[int]) -> dict[int, Standing]:
    """The profiles that stand for some that may have been merged away; see `standing`.

    Returns:
        Per profile id that was ever given, and is asked for, what stands for it.

    Raises:
        StorageError: The table leads in a circle.
    """
    leads = {profile_id: profile_id for profile_id in profile_ids}
    seen: dict[int, datetime] = {}
    passed: set[int] = set()
    open_ = set(leads)
    while open_:
        if open_ & passed:
            raise StorageError(f"Profile {min(open_ & passed)} is merged into itself.")
        passed |= open_
        ids = sorted(open_)
        cursor.execute(
            "select profile_id, merged_into, first_seen_at from profiles "
            f"where profile_id in ({some(ids)})",
            given(ids),
        )
        into: dict[int, int | None] = {}
        for profile_id, merged, first_seen_at in cursor.all():
            into[profile_id] = merged
            if merged is None:
                seen[profile_id] = first_seen_at
        leads = {one: into.get(now) or now for one, now in leads.items()}
        open_ = {merged for merged in into.values() if merged is not None} - seen.keys()
    stored = _stored(cursor, sorted(seen))
    made = {one: Standing(one, at, [one, *stored.get(one, ())]) for one, at in seen.items()}
    return {one: made[now] for one, now in leads.items() if now in made}


def owners(profiles: Iterable[Standing]) -> dict[int, int]:
    """Per id under which rows are stored, the profile that stands for it."""
    return {stored: one.profile_id for one in profiles for stored in one.stored_ids}


def identifiers(cursor: Cursor, profile: Profile) -> list[KnownIdentifier]:
    """All identifiers of a profile, in the order they were first seen.

    They follow today's knowledge of who is who, whatever moment is asked about otherwise.

    Args:
        cursor: On the workspace.
        profile: One that stands.
    """
    ids = stored_ids(cursor, profile)
    return _identifiers(cursor, dict.fromkeys(ids, 0)).get(0, [])


def identifiers_of(
    cursor: Cursor, profiles: Sequence[Standing]
) -> dict[int, list[KnownIdentifier]]:
    """As `identifiers`, of several: by profile id."""
    return _identifiers(cursor, owners(profiles))


def _identifiers(cursor: Cursor, owner: Mapping[int, int]) -> dict[int, list[KnownIdentifier]]:
    cursor.execute(
        "select profile_id, type, value, original, first_seen_at from identifiers "
        f"where profile_id in ({marks(list(owner))}) order by first_seen_at, identifier_id",
        list(owner),
    )
    found: dict[int, list[KnownIdentifier]] = {}
    for profile_id, *rest in cursor.all():
        found.setdefault(owner[profile_id], []).append(KnownIdentifier(*rest))
    return found


def _stored(cursor: Cursor, standing_ids: Sequence[int]) -> dict[int, list[int]]:
    """Per profile the other ids under which rows of it are still stored."""
    found: dict[int, list[int]] = {}
    if standing_ids:
        cursor.execute(
            "select survivor_id, profile_id from profile_map "
            f"where survivor_id in ({some(standing_ids)})",
            given(standing_ids),
        )
        for survivor, profile_id in cursor.all():
            found.setdefault(survivor, []).append(profile_id)
    return found


def stored_ids(cursor: Cursor, profile: Profile) -> list[int]:
    """The ids under which rows of a profile are still stored, its own first."""
    if isinstance(profile, Standing):
        return profile.stored_ids
    return [profile, *_stored(cursor, [profile]).get(profile, ())]


def merged_into(cursor: Cursor, profile_ids: list[int]) -> dict[int, int]:
    """Of some profiles those that were merged away, with the profile that stands for each now."""
    cursor.execute(
        "select profile_id from profiles "
        "where profile_id in (select unnest(?::bigint[])) and merged_into is not null",
        [profile_ids],
    )
    found = standings(cursor, [row[0] for row in cursor.all()])
    return {gone: kept.profile_id for gone, kept in found.items()}


def marks(values: Sequence[object]) -> str:
    """One ``?`` for each value, for ``in (…)``.

    >>> marks([7, 8])
    '?, ?'
    """
    return ", ".join("?" * len(values))


def some(numbers: Sequence[int]) -> str:
    """What to ask for among so many whole numbers, for ``in (…)``; their values are `given`.

    >>> some([7]), given([7])
    ('?', [7])
    """
    return marks(numbers) if len(numbers) < MANY else "select unnest(?::bigint[])"


def given(numbers: Sequence[int]) -> list[Any]:
    """The values for `some`."""
    return list(numbers) if len(numbers) < MANY else [list(numbers)]


def identified(cursor: Cursor, profile_ids: list[int]) -> list[dict[str, Any]]:
    """Some customers with their identifiers, for lists of members.

    Args:
        cursor: For reading.
        profile_ids: Profiles that stand.

    Returns:
        One dict a profile, in the order asked for: profile_id, and identifiers by type, each a
        list of values in normal form.
    """
    found: dict[int, dict[str, list[str]]] = {profile_id: {} for profile_id in profile_ids}
    if profile_ids:
        cursor.execute(
            "select profile_id, type, list(value order by value) from current_identifiers "
            f"where profile_id in ({marks(profile_ids)}) group by profile_id, type order by type",
            profile_ids,
        )
        for profile_id, kind, values in cursor.all():
            found[profile_id][kind] = values
    return [{"profile_id": i, "identifiers": found[i]} for i in profile_ids]


def identified_since(cursor: Cursor, profile_ids: list[int]) -> list[dict[str, Any]]:
    """Customers as they stood at some time, with the identifiers that they have by now.

    Args:
        cursor: For reading.
        profile_ids: Profiles, some of which may have been merged into others since.

    Returns:
        As `identified`, with `now_profile_id`: the profile that stands for it today.
    """
    found = standings(cursor, profile_ids)
    stands = {i: found[i].profile_id if i in found else i for i in profile_ids}
    known = {row["profile_id"]: row for row in identified(cursor, sorted(set(stands.values())))}
    return [{**known[now], "profile_id": i, "now_profile_id": now} for i, now in stands.items()]


def representatives(
    cursor: Cursor, rules: IdentityRules, profiles: Sequence[int]
) -> dict[int, tuple[int, Identifier]]:
    """The identifier that speaks for each profile: of the strongest type, the first seen."""
    cursor.execute(
        "select profile_id, arg_min(row(identifier_id, type, value), "
        "row(list_position($types::varchar[], type), first_seen_at, identifier_id)) "
        "from current_identifiers where profile_id in (select unnest($profiles::bigint[])) "
        "and list_contains($types::varchar[], type) group by profile_id",
        {"types": [kind.name for kind in rules.types], "profiles": list(profiles)},
    )
    found = {}
    for profile_id, chosen in cursor.all():
        identifier_id, kind, value = chosen.values() if isinstance(chosen, dict) else chosen
        found[profile_id] = (identifier_id, Identifier(kind, value))
    return found
