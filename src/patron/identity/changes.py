"""Gathers what one batch changes, and turns it into rows for the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.identity import resolution as rows
from patron.identity.batch import Batch
from patron.identity.causes import cause
from patron.identity.devices.rows import DeviceRows
from patron.identity.links import modelled, moments_of, pack, unpack
from patron.identity.memory import Memory
from patron.identity.partition.parting import Links
from patron.identity.resolution import Resolution
from patron.identity.sets import among

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]


class Observed(NamedTuple):
    """Links of a batch, each with the message that showed it first.

    Attributes:
        keys: The pairs (see `links.pack`).
        moments: When it was first observed.
        items: The position of the message in the batch.
    """

    keys: UInts
    moments: Ints
    items: Ints

    def take(self, where: npt.NDArray[np.generic]) -> Observed:
        """Some of them."""
        return Observed(self.keys[where], self.moments[where], self.items[where])

    def links(self) -> Links:
        """The links by identifier."""
        return Links(*unpack(self.keys), self.moments)


class Sighting(NamedTuple):
    """The first observation of one link, for people.

    Attributes:
        moment: Microseconds since 1970, UTC.
        modelled: Whether a linking model made the link.
        source_id: Where the message came from.
        message_id: Its id there.
    """

    moment: int
    modelled: bool
    source_id: int
    message_id: str


class NewIdentifiers(NamedTuple):
    """What some new identifiers are called, by column, in the order of their ids."""

    type: Sequence[str]
    value: Sequence[str]
    original: Sequence[str]
    keys: UInts


def no_links() -> Observed:
    """No links at all."""
    none = np.empty(0, dtype=np.int64)
    return Observed(pack(none, none), none, none)


@dataclass(slots=True)
class Changes:
    """What one batch changes.

    Attributes:
        batch: The messages.
        start: Counts of identifiers and profiles before the batch.
        identifiers: New identifiers, in the order of their ids.
        new_links: Links that were never observed before.
        earlier_links: Links that are now known from an earlier message, or may be.
        refused: Pairs among the new links that the rules forbid.
        kept: Older links that are kept from now on (true) or no longer (false).
        survivors: Profiles that another stands for from now on, or that stand again.
        moved: Identifiers whose stored rows go to another profile.
        births: Identifiers that a profile was made for when they were split off.
        merges: Rows of the table without their ids.
        devices: What is to be recorded of devices.
        moment: When merges and splits occurred that no link of the batch brought about:
            microseconds since 1970, or None for when they are recorded.
    """

    batch: Batch
    start: tuple[int, int]
    identifiers: list[NewIdentifiers] = field(default_factory=list)
    new_links: Observed = field(default_factory=no_links)
    earlier_links: Observed = field(default_factory=no_links)
    refused: set[int] = field(default_factory=set)
    kept: dict[int, bool] = field(default_factory=dict)
    survivors: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    births: dict[int, int] = field(default_factory=dict)
    merges: list[tuple[object, ...]] = field(default_factory=list)
    devices: DeviceRows | None = None
    moment: int | None = None
    _seen_before: list[tuple[Ints, Ints]] = field(default_factory=list)
    _identifiers_seen: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def remember_seen(self, memory: Memory, profiles: Ints) -> None:
        """Note when profiles were first seen, before that may change."""
        self._seen_before.append((profiles, memory.profile_seen[profiles].copy()))

    def seen_earlier(self, identifiers: Ints) -> None:
        """Note older identifiers that were first seen earlier than recorded."""
        self._identifiers_seen = identifiers

    def sightings(self, observed: Observed) -> list[Sighting]:
        """Some links of the batch, one by one."""
        batch, items = self.batch, observed.items
        columns = (moments_of(observed.moments), modelled(observed.moments), batch.source_id[items])
        messages = batch.messages(items)
        names = messages.to_pylist() if isinstance(messages, pa.Array) else messages
        return list(map(Sighting, *(column.tolist() for column in columns), names))

    def merged(
        self,
        memory: Memory,
        gone: tuple[int, int],
        kept: tuple[int, int],
        seen: Sighting | None,
        by: str = "",
        why: str = "",
    ) -> None:
        """Note a merge.

        Args:
            memory: Knows the types of identifiers.
            gone: The profile merged away, and its end of the link.
            kept: The profile that stands, and its end of the link.
            seen: The link, or None when it was known before and was refused.
            by: What makes the two one person, if it is no link, such as "decision 3".
            why: The same by its code (see `causes`).
        """
        pair = (
            f"The {memory.type_name(gone[1])} of profile {gone[0]} and the "
            f"{memory.type_name(kept[1])} of profile {kept[0]}"
        )
        came = f"are one person by {by}" if by else _came(seen)
        reason = f"{pair} {came}."
        why = why if by else _code(seen)
        self._row("merge", kept[0], gone[0], (reason, why), (gone[1], kept[1]), seen)

    def split(
        self,
        memory: Memory,
        source: int,
        target: int,
        lost: tuple[int, int],
        seen: Sighting | None,
        said: str = "",
        why: str = "",
    ) -> None:
        """Note that identifiers went from one profile to another.

        Args:
            memory: Knows the types of identifiers.
            source: The profile that held them.
            target: The profile that holds them now.
            lost: The ends of the link that is no longer kept.
            seen: The link that took precedence over it; None when it was known before.
            said: What else parts them, if it is no link, as the beginning of a sentence.
            why: The same by its code (see `causes`).
        """
        if not said:
            one, other = memory.type_name(lost[0]), memory.type_name(lost[1])
            link = (
                "A link"
                if seen is None
                else f"Message {seen.message_id} of source {seen.source_id}"
            )
            why = cause("split", "stronger")
            said = f"{link} is stronger or earlier evidence than the link between {one} and {other}"
        reason = f"{said}, so part of profile {source} belongs to profile {target}."
        self._row("split", source, target, (reason, why), lost, seen)

    def handed_over(
        self, memory: Memory, profiles: tuple[int, int], device: int, owners: tuple[int, int]
    ) -> None:
        """Note that what was done on a shared device belongs to another profile than so far.

        Args:
            memory: Knows the types of identifiers.
            profiles: Whose it was, and whose it is.
            device: The device.
            owners: The identifiers that it was and is filed under; the device itself where it
                belongs to nobody who logged in.
        """
        source, target = profiles
        name = memory.type_name(device)
        why = f"who has the {name}" if owners[1] == device else "who was logged in there then"
        reason = (
            f"What was done on the {name} without a login belongs to profile {target}, {why}, "
            f"and not to profile {source}."
        )
        other = owners[0] if owners[1] == device else owners[1]
        code = cause("move", "owner" if owners[1] == device else "logged_in")
        self._row("move", source, target, (reason, code), (device, other), None)

    def resolution(self, memory: Memory, filed: Ints) -> Resolution:
        """All rows.

        Args:
            memory: As it is after the batch.
            filed: One a message: the identifier that it is filed under, or 0.
        """
        answer = Resolution(filed, memory.profile[filed])
        answer.identifiers = self._identifier_rows(memory)
        answer.links = self._link_rows(self.new_links, self.refused)
        answer.links_earlier = self._link_rows(self.earlier_links, set())
        if self.kept:
            a, b = unpack(np.array(list(self.kept), dtype=np.uint64))
            answer.links_kept = _table(rows.KEPT, a, b, list(self.kept.values()))
        made = np.arange(self.start[1] + 1, memory.profiles + 1)
        answer.profiles = _table(rows.PROFILES, made, memory.profile_seen[made])
        answer.profiles_seen = self._profiles_seen(memory)
        seen = self._identifiers_seen
        answer.identifiers_seen = _table(rows.SEEN, seen, memory.first_seen[seen])
        answer.births = _table(rows.MOVED, list(self.births), list(self.births.values()))
        answer.survivors = _table(
            rows.STANDING, list(self.survivors), list(self.survivors.values())
        )
        answer.moved = _table(rows.MOVED, list(self.moved), list(self.moved.values()))
        answer.merges = self._merge_rows(memory)
        answer.devices = self.devices
        return answer

    def _row(
        self,
        kind: str,
        kept: int,
        other: int,
        told: tuple[str, str],
        ends: tuple[int, int],
        seen: Sighting | None,
    ) -> None:
        moment, source, message = self.moment, None, None
        if seen is not None:
            moment, _, source, message = seen
        self.merges.append(
            (kind, kept, other, moment, *told, min(ends), max(ends), source, message)
        )

    def _identifier_rows(self, memory: Memory) -> pa.Table | None:
        if not self.identifiers:
            return None
        ids = np.arange(self.start[0] + 1, memory.identifiers + 1)
        keys = np.concatenate([some.keys for some in self.identifiers])
        profile = memory.profile[ids]
        names = [
            pa.concat_arrays([pa.array(column, pa.string()) for column in columns])
            for columns in list(zip(*self.identifiers, strict=True))[:3]
        ]
        return _table(
            rows.IDENTIFIERS,
            ids, *names, keys[:, 0], keys[:, 1], profile, profile, memory.first_seen[ids],
        )  # fmt: skip

    def _link_rows(self, observed: Observed, refused: set[int]) -> pa.Table | None:
        if not len(observed.keys):
            return None
        a, b = unpack(observed.keys)
        batch, items = self.batch, observed.items
        messages = batch.messages(items)
        kept = np.ones(len(a), dtype=np.bool_)
        if refused:
            kept = ~among(np.sort(np.fromiter(refused, np.uint64, len(refused))), observed.keys)
        rule = batch.rules(items)
        source = batch.source_id[items].astype(np.int32)
        return _table(rows.LINKS, a, b, moments_of(observed.moments), source, messages, rule, kept)

    def _profiles_seen(self, memory: Memory) -> pa.Table | None:
        if not self._seen_before:
            return None
        ids = np.concatenate([ids for ids, _ in self._seen_before])
        before = np.concatenate([moments for _, moments in self._seen_before])
        ids, first = np.unique(ids, return_index=True)
        changed = (memory.profile_seen[ids] != before[first]) & (ids <= self.start[1])
        ids = ids[changed]
        return _table(rows.PROFILES, ids, memory.profile_seen[ids])

    def _merge_rows(self, memory: Memory) -> pa.Table | None:
        if not self.merges:
            return None
        ids = list(range(memory.merges + 1, memory.merges + 1 + len(self.merges)))
        memory.merges += len(self.merges)
        return _table(rows.MERGES, ids, *zip(*self.merges, strict=True))


def _came(seen: Sighting | None) -> str:
    if seen is None:
        return "had come together before, and nothing stands against it any more"
    if seen.modelled:
        model = seen.message_id.rpartition(":")[0]
        return f"are of one person by what is known of both, says the linking model {model}"
    return f"came together in message {seen.message_id} of source {seen.source_id}"


def _code(seen: Sighting | None) -> str:
    if seen is None:
        return cause("merge", "known_before")
    if seen.modelled:
        return cause("merge", "linking", seen.message_id.rpartition(":")[0])
    return cause("merge", "same_message")


def _table(schema: pa.Schema, first: Sequence[int] | Ints, *others: object) -> pa.Table | None:
    """A table of these columns, or None when it would be empty."""
    if not len(first):
        return None
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, type=kind)
        for column, kind in zip((first, *others), schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
