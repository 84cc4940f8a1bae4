"""Keeps who has which shared device in memory, and says which rows follow a change of that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.identity.batch import Batch
from patron.identity.changes import Changes
from patron.identity.columns import Column
from patron.identity.devices import rows
from patron.identity.devices.rows import Carried, Lone, Uses, no_logins
from patron.identity.devices.turns import EVER, Logins, Name, Turns
from patron.identity.devices.types import DeviceTypes
from patron.identity.links import unpack
from patron.identity.memory import Memory
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

T = TypeVar("T")

UNKNOWN = int(np.iinfo(np.int64).max)
"""Stands for a moment that the tables know, and memory does not: nothing is later."""


class Shared(NamedTuple):
    """What is known of one shared device.

    Attributes:
        turns: Who had it when.
        latest: When the latest login was; `UNKNOWN` after a start.
        lone: When the latest message was that carried it alone; `UNKNOWN` after a start.
    """

    turns: Turns = Turns()
    latest: int = EVER
    lone: int = EVER


@dataclass(slots=True)
class _Round:
    """What one batch does to shared devices.

    Attributes:
        changes: Those of the batch.
        carried: Its logins.
        anew: Devices whose turns are to be told from all logins.
        moved: Devices on which stored messages may belong to somebody else now.
        turned: Devices whose turns are others.
        added: Turns that follow those that there were: device, since when, and who.
    """

    changes: Changes
    carried: Carried
    anew: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    turned: set[int] = field(default_factory=set)
    added: list[tuple[int, int, int]] = field(default_factory=list)


class SharedDevices:
    """The devices that are shared, and who had them when; the writer's alone.

    Of shared devices alone something is remembered here; the logins of all others wait in the
    tables.

    Args:
        memory: Identity's; tells what is shared, and takes changes back.
        rules: Tell which types are devices.
        cursor: The writer's. Logins are read with it when a device comes to be shared.
    """

    def __init__(self, memory: Memory, rules: IdentityRules, cursor: Cursor) -> None:
        self._memory = memory
        self._cursor = cursor
        self._types = DeviceTypes(rules)
        self._flags = Column(np.bool_)
        self._size = 0
        self._held: tuple[Ints, Ints, Ints] = rows.read_turns(cursor)
        self._near: dict[int, Shared] = {}
        self._parted: dict[int, frozenset[int]] = {}
        self._grow()
        shared = self._all_shared()
        self._flags.set(shared, np.ones(len(shared), dtype=np.bool_))
        for device in self._decided():
            if self._flags.item(device):
                self._parted[device] = self._parted_from(device)

    # Batches

    def carried(self, batch: Batch, ids: Ints, items: Ints, strongest: Ints) -> Carried:
        """The logins among the identifiers of a batch.

        Args:
            batch: Its messages; where a linking model says something, nobody logs in.
            ids: The identifiers.
            items: The message of each.
            strongest: What that message is filed under.
        """
        rank = self._memory.rank
        chosen = np.flatnonzero(self._types.logins(rank[ids], rank[strongest]))
        if batch.linked is not None:
            chosen = chosen[~batch.linked[items[chosen]]]
        return Carried(items[chosen], ids[chosen], strongest[chosen])

    def follow(
        self, changes: Changes, filed: Ints, carried: Carried, stirred: Iterable[int] = ()
    ) -> None:
        """Have everything that was done on shared devices belong to whoever had them.

        Args:
            changes: Those of a batch, links and profiles included; get the rows that follow.
            filed: What each message is filed under; changed where it carries such a device alone.
            carried: The logins of the batch.
            stirred: Identifiers that may be shared from now on, or no longer.
        """
        self._grow()
        now = _Round(changes, carried)
        flipped = np.array([*changes.refused, *changes.kept], dtype=np.uint64)
        ends = np.concatenate([*unpack(flipped), np.array(list(stirred), dtype=np.int64)])
        self._judge(now, np.unique(ends))
        self._log_in(now)
        self._tell_turns(now)
        lone = self._move(now)
        uses = Uses.of_logins(carried, changes.batch.occurred_at)
        changes.devices = rows.DeviceRows(
            uses.joined(self._file(filed, changes)), self._turn_rows(now), lone
        )

    def anew(self, changes: Changes) -> None:
        """Reckon with all devices that are shared by now, or were; as after other rules.

        Args:
            changes: Get the rows that follow.
        """
        known = np.flatnonzero(self._flags.raw(np.arange(self._size)))
        now = _Round(changes, no_logins())
        now.anew = {*known.tolist(), *np.unique(self._held[0]).tolist()}
        self._tell_turns(now, every=True)
        lone = self._move(now)
        uses = Uses.of_logins(now.carried, changes.batch.occurred_at)
        changes.devices = rows.DeviceRows(uses, self._turn_rows(now), lone)

    # What is shared

    def _is_shared(self, device: int) -> bool:
        """Whether a login's link to it is refused, and it is not held back."""
        return not self._memory.is_held(device) and len(self._refused(device)) > 0

    def _refused(self, device: int) -> Ints:
        """The identifiers that logged in on it and whose links to it are refused."""
        memory = self._memory
        others = memory.refused.beyond(np.array([device]))
        own = np.full(len(others), memory.rank.item(device))
        found: Ints = others[self._types.logins(own, memory.rank[others])]
        return found

    def _all_shared(self) -> Ints:
        """All devices that are shared, as at a start."""
        memory = self._memory
        a, b = unpack(memory.refused.keys())
        near, far = np.concatenate([a, b]), np.concatenate([b, a])
        login = self._types.logins(memory.rank[near], memory.rank[far])
        return np.unique(near[login & ~memory.holding.held(near)])

    def _judge(self, now: _Round, stirred: Ints) -> None:
        for device in stirred[self._types.devices(self._memory.rank[stirred])].tolist():
            shared = self._is_shared(device)
            if shared != bool(self._flags.item(device)):
                self._flag(device, shared)
                now.anew.add(device)
        # Who may not have a device by decision follows from who is who.
        for device in {*self._decided(), *self._parted}:
            parted = self._parted_from(device) if self._flags.item(device) else frozenset[int]()
            if parted != self._parted.get(device, frozenset()):
                self._put(self._parted, device, parted)
                now.anew.add(device)

    def _decided(self) -> list[int]:
        """Devices that some decision keeps apart from others."""
        decided = np.array(list(self._memory.decisions.groups), dtype=np.int64)
        found: list[int] = decided[self._types.devices(self._memory.rank[decided])].tolist()
        return found

    def _parted_from(self, device: int) -> frozenset[int]:
        """Who logged in on it, and is kept apart from it by decision."""
        memory = self._memory
        apart: set[int] = set()
        for decision_id, number in memory.decisions.groups.get(device, {}).items():
            for place, group in enumerate(memory.decisions.standing[decision_id].groups):
                if place != number:
                    apart.update(memory.profile[np.array(group, dtype=np.int64)].tolist())
        refused = self._refused(device).tolist()
        return frozenset(one for one in refused if memory.profile.item(one) in apart)

    # Who has it

    def has_turns(self, device: int) -> bool:
        """Whether different people have or had an identifier, in turn. Any thread may ask."""
        return bool(self._get(device).turns.owners)

    def _get(self, device: int) -> Shared:
        found = self._near.get(device)
        if found is None:
            devices, since, owners = self._held
            start, stop = np.searchsorted(devices, (device, device + 1)).tolist()
            turns = Turns(tuple(since[start:stop].tolist()), tuple(owners[start:stop].tolist()))
            found = Shared(turns, UNKNOWN, UNKNOWN)
        return found

    def _log_in(self, now: _Round) -> None:
        """Take in the logins of a batch on devices that are shared already."""
        item, device, identifier = now.carried
        on = self._flags.raw(device).astype(np.bool_) if len(device) else device.astype(np.bool_)
        if not on.any():
            return
        moments = now.changes.batch.occurred_at[item[on]]
        order = np.argsort(moments, kind="stable")
        columns = (column[order].tolist() for column in (moments, device[on], identifier[on]))
        for moment, one, owner in zip(*columns, strict=True):
            if one in now.anew or owner in self._parted.get(one, ()):
                continue
            shared = self._get(one)
            if moment > shared.latest:
                turns = shared.turns.then(moment, owner)
                if turns != shared.turns:
                    now.added.append((one, turns.since[-1], owner))
                    if shared.lone >= moment or not shared.turns.owners:
                        now.moved.add(one)
                self._put(self._near, one, shared._replace(turns=turns, latest=moment))
            elif not shared.turns.settles(moment, owner):
                now.anew.add(one)

    def _tell_turns(self, now: _Round, *, every: bool = False) -> None:
        """Tell from all logins who had some devices when.

        Args:
            now: Names the devices.
            every: Look at their stored messages even where nothing has changed.
        """
        if not now.anew:
            return
        told = dict.fromkeys(now.anew, Shared())
        wanted = [device for device in now.anew if self._flags.item(device)]
        logins = self._logins(now, wanted)
        for device, turns, latest in logins.by_device():
            told[device] = Shared(turns, latest)
        for device, shared in told.items():
            before = self._get(device)
            new = device > now.changes.start[0]
            if every or shared.turns != before.turns:
                now.turned.add(device)
                if not new:
                    now.moved.add(device)
            self._put(self._near, device, shared._replace(lone=EVER if new else before.lone))

    def _logins(self, now: _Round, devices: list[int]) -> Logins:
        """All logins on some devices, those of the batch included, in order."""
        batch = now.changes.batch
        item, device, identifier = now.carried
        own = np.isin(device, np.array(devices, dtype=np.int64))
        item = item[own]
        fresh = Logins(device[own], batch.occurred_at[item], identifier[own], -1 - item)
        older = [device for device in devices if device <= now.changes.start[0]]
        stored = rows.read_logins(self._cursor, older)
        both = Logins(*(np.concatenate(pair) for pair in zip(stored, fresh, strict=True)))
        parted = {(one, other) for one in devices for other in self._parted.get(one, ())}
        if parted:
            pairs = zip(both.device.tolist(), both.identifier.tolist(), strict=True)
            both = both.take(np.array([pair not in parted for pair in pairs], dtype=np.bool_))

        def names(positions: Ints) -> list[Name]:
            known = rows.message_names(self._cursor, positions[positions > 0])
            return [
                known[one] if one > 0 else (int(batch.source_id[-1 - one]), batch.message(-1 - one))
                for one in positions.tolist()
            ]

        return both.ordered(names)

    # What belongs to whom

    def _move(self, now: _Round) -> Lone | None:
        """The stored messages that carry some devices alone, under whoever has them now."""
        devices = sorted(now.moved)
        if not devices:
            return None
        lone = rows.read_lone(self._cursor, devices)
        owner = lone.device.copy()
        starts = np.flatnonzero(np.diff(lone.device, prepend=-1))
        latest = dict.fromkeys(devices, EVER)
        for start, stop in zip(starts, np.append(starts, len(owner))[1:], strict=True):
            device, moments = int(lone.device[start]), lone.moment[start:stop]
            owner[start:stop] = self._get(device).turns.owners_at(moments, device)
            latest[device] = int(moments.max())
        for device, moment in latest.items():
            self._put(self._near, device, self._get(device)._replace(lone=moment))
        memory = self._memory
        profile = memory.profile[owner]
        was = memory.profile[lone.filed]
        gone = np.flatnonzero(was != profile)
        _, first = np.unique(np.stack([was[gone], profile[gone]]), axis=1, return_index=True)
        for place in gone[np.sort(first)].tolist():
            now.changes.handed_over(
                memory,
                (int(was[place]), int(profile[place])),
                int(lone.device[place]),
                (int(lone.filed[place]), int(owner[place])),
            )
        return lone._replace(devices=devices, owner=owner, profile=profile)

    def _file(self, filed: Ints, changes: Changes) -> Uses | None:
        """File messages of the batch that carry a shared device alone under whoever had it."""
        if not len(filed) or not self._size:
            return None
        lone = np.flatnonzero(self._flags.raw(filed))
        if changes.batch.linked is not None:
            lone = lone[~changes.batch.linked[lone]]
        if not len(lone):
            return None
        moments = changes.batch.occurred_at[lone]
        devices = filed[lone]
        owners = devices.copy()
        pairs = zip(devices.tolist(), moments.tolist(), strict=True)
        for place, (device, moment) in enumerate(pairs):
            shared = self._get(device)
            owners[place] = shared.turns.owner(moment) or device
            if moment > shared.lone:
                self._put(self._near, device, shared._replace(lone=moment))
        filed[lone] = owners
        away = owners != devices
        return Uses(lone, devices, owners, moments, np.zeros(len(lone), dtype=np.bool_)).take(away)

    def _turn_rows(self, now: _Round) -> rows.TurnRows | None:
        if not now.turned and not now.added:
            return None
        replaced = sorted(now.turned)
        told = [
            (device, since, owner)
            for device in replaced
            for since, owner in zip(*self._get(device).turns, strict=True)
        ]
        added = [turn for turn in now.added if turn[0] not in now.turned]
        return rows.TurnRows(replaced, told + added)

    # What can be taken back

    def _grow(self) -> None:
        size = self._memory.identifiers + 1
        if size > self._size:
            self._flags.grow(size, self._size)
            self._size = size

    def _flag(self, device: int, shared: bool) -> None:
        at = np.array([device])
        self._memory.remember(partial(self._flags.set, at, np.array([not shared])))
        self._flags.set(at, np.array([shared]))

    def _put(self, held: dict[int, T], device: int, value: T) -> None:
        if device in held:
            self._memory.remember(partial(held.__setitem__, device, held[device]))
        else:
            self._memory.remember(partial(held.__delitem__, device))
        held[device] = value
