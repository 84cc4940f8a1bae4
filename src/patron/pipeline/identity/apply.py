"""Makes other rules of identity hold: everything that follows from them, in one transaction."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron import definitions
from patron.definitions.store import Origin
from patron.engines.duckdb import Cursor
from patron.identity import Resolver, causes, households, write
from patron.identity import resolution as rows
from patron.identity.resolution import Resolution
from patron.identity.rules_change.people import People, first_seen_by_profile
from patron.identity.rules_change.reckoning import Reckoning
from patron.identity.store import compact_within
from patron.pipeline.identity.plan import Wanted, version_after, wanted_lists
from patron.pipeline.identity.rewriting import write_anew
from patron.warehouse.lists import put_list

Ints = npt.NDArray[np.int64]
NOTHING = np.empty(0, dtype=np.int64)


def apply(
    cursor: Cursor, wanted: Wanted, reckoning: Reckoning, now: datetime, origin: Origin
) -> None:
    """Have the rules hold, and everybody be who they make them.

    Args:
        cursor: In the writer's transaction, in which it was reckoned.
        wanted: The rules.
        reckoning: What they come to.
        now: When it is recorded, naive UTC.
        origin: Who gave the rules.
    """
    version = version_after(cursor, wanted)
    compact_within(cursor)
    told = f"Version {version} of the rules of identity"
    changed = changed_rows(cursor, reckoning, told, ("rules", version))
    if reckoning.fresh is not None and reckoning.filed is not None:
        write_anew(cursor, reckoning, reckoning.fresh, reckoning.filed, now)
        for name, members in wanted_lists(cursor, wanted.rules).items():
            put_list(cursor, name, members, now)
        # What follows of these was written with them.
        changed.links_kept = changed.moved = changed.births = None
    write(cursor, changed, now)
    households.rebuild(cursor, wanted.rules)
    if cursor.execute("select exists (from device_uses)").value():
        write(cursor, Resolver.load(cursor, wanted.rules).hand_over(), now)
    # Every row lies under the profile that stands: what was moved was rewritten.
    cursor.execute("delete from profile_map")
    _record(cursor, wanted, now, origin)


def _record(cursor: Cursor, wanted: Wanted, now: datetime, origin: Origin) -> None:
    for kind, name in definitions.current(cursor):
        if kind == "identity" and name != wanted.name:
            definitions.record(cursor, kind, name, None, origin, now)
    definitions.record(cursor, "identity", wanted.name, wanted.body, origin, now)


def changed_rows(
    cursor: Cursor, reckoning: Reckoning, told: str, why: tuple[str, object]
) -> Resolution:
    """The rows that lead from before to afterwards.

    Args:
        cursor: Knows which profiles stand.
        reckoning: What the change comes to.
        told: What brings it about, as sentences about merges begin.
        why: The same by the word of a cause, and what it is about (see `causes`).
    """
    after, parted = reckoning.after, reckoning.parted
    answer = Resolution(NOTHING, NOTHING)
    links = np.flatnonzero(after.kept != parted.kept)
    ends = after.ids[after.links.a[links]], after.ids[after.links.b[links]]
    answer.links_kept = _table(rows.KEPT, *ends, parted.kept[links])
    moved = np.flatnonzero(reckoning.moved)
    answer.moved = _table(rows.MOVED, after.ids[moved], parted.profile[moved])
    answer.births = _table(rows.MOVED, after.ids[parted.founders], parted.made)
    _profiles(cursor, reckoning, answer)
    answer.merges = _merges(cursor, reckoning, told, why)
    return answer


def _profiles(cursor: Cursor, reckoning: Reckoning, answer: Resolution) -> None:
    """New profiles, who stands for whom, and since when each was seen."""
    parted = reckoning.parted
    ids, seen = first_seen_by_profile(reckoning.after, parted.profile)
    new = np.isin(ids, parted.made)
    answer.profiles = _table(rows.PROFILES, ids[new], seen[new])
    table = cursor.arrow(
        "select profile_id, coalesce(merged_into, profile_id) as standing, "
        "epoch_us(first_seen_at) as seen from profiles order by profile_id"
    )
    known, stands, known_seen = (
        table.column(name).to_numpy().astype(np.int64) for name in table.column_names
    )
    held = np.isin(ids, known)
    places = np.searchsorted(known, ids[held])
    differs = known_seen[places] != seen[held]
    answer.profiles_seen = _table(rows.PROFILES, ids[held][differs], seen[held][differs])
    founded = np.isin(parted.founded, known)
    places = np.searchsorted(known, parted.founded[founded])
    differs = stands[places] != parted.standing[founded]
    answer.survivors = _table(
        rows.STANDING, parted.founded[founded][differs], parted.standing[founded][differs]
    )


def _merges(
    cursor: Cursor, reckoning: Reckoning, said: str, cause: tuple[str, object]
) -> pa.Table | None:
    """The rows of merges and splits, each with the strongest link that brought it about."""
    found = reckoning.turns
    if not found:
        return None
    gained = _Told(reckoning.after, reckoning.gained, reckoning.after.profile)
    lost = _Told(reckoning.before, reckoning.lost, reckoning.before.profile)
    first = int(cursor.execute("select coalesce(max(merge_id), 0) + 1 from merges").value())
    told = []
    for number, turn in enumerate(found, first):
        if turn.kind == "merge":
            ends, kinds = gained.at(turn.other)
            why = f"keeps a link between {kinds}" if kinds else "reads identifiers in another way"
            reason = f"{said} {why}, so profile {turn.other} belongs to profile {turn.kept}."
        else:
            ends, kinds = lost.at(turn.kept)
            why = f"refuses a link between {kinds}" if kinds else "parts identifiers"
            reason = (
                f"{said} {why}, so part of profile {turn.kept} belongs to profile {turn.other}."
            )
        code = causes.cause(turn.kind, *cause)
        told.append(
            (number, turn.kind, turn.kept, turn.other, None, reason, code, *ends, None, None)
        )
    return _table(rows.MERGES, *zip(*told, strict=True))


class _Told:
    """For each profile the strongest of some links at it."""

    def __init__(self, people: People, links: Ints, profile: Ints) -> None:
        self._people = people
        ends = np.r_[people.links.a[links], people.links.b[links]]
        places = np.r_[np.arange(len(links)), np.arange(len(links))]
        order = np.argsort(places, kind="stable")
        owners, first = np.unique(profile[ends][order], return_index=True)
        strongest = links[places[order][first]]
        self._link = dict(zip(owners.tolist(), strongest.tolist(), strict=True))

    def at(self, profile: int) -> tuple[tuple[int | None, int | None], str]:
        """The ends of the strongest one, and what they are called; nothing where there is none."""
        place = self._link.get(profile)
        if place is None:
            return (None, None), ""
        people = self._people
        one, other = int(people.links.a[place]), int(people.links.b[place])
        names = " and ".join(people.kinds[int(people.kind[end])] for end in (one, other))
        ids = sorted((int(people.ids[one]), int(people.ids[other])))
        return (ids[0], ids[1]), names


def _table(schema: pa.Schema, *columns: object) -> pa.Table | None:
    """A table of these columns, or None when it would be empty."""
    arrays = [
        pa.array(column, type=kind) for column, kind in zip(columns, schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema) if len(arrays[0]) else None
