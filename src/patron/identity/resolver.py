"""The one implementation that resolves messages to profiles: single ones, batches, and imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.identity.batch import Batch
from patron.identity.causes import cause
from patron.identity.changes import Changes, Observed
from patron.identity.deciding import decide, withdraw
from patron.identity.decisions import Decision
from patron.identity.devices.shared import SharedDevices
from patron.identity.households import touched
from patron.identity.joining import Doubt, join
from patron.identity.links import UNSEEN, pack, unpack
from patron.identity.memory import Memory, load_memory
from patron.identity.normal import NormalForms, Refusal
from patron.identity.partition.holding import JOINS_NOBODY
from patron.identity.recall import Asked, numbers_of, recall
from patron.identity.recognition import Recognition
from patron.identity.resolution import Resolution
from patron.identity.sets import distinct
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.keys import identifier_key_text, keys_of
from patron.spec.scopes import brand_wanted
from patron.warehouse.standing import Standing

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]

NONE = np.empty(0, dtype=np.int64)


class Resolver:
    """Who is who, in memory; the writer's alone.

    A message is filed under its strongest identifier and links that one to each of its others. The
    profiles that follow are a function of all messages so far, whatever their order and however
    they were cut into batches. A resolver that was loaded from tables also files what was done on a
    shared device under whoever was logged in there (see `devices`). `resolve` runs ahead of the
    tables: write its answer, then call `commit` when the transaction is through, or `rollback` when
    it failed.

    Args:
        rules: Identifier types in order of priority, with what each is like.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> resolver = Resolver(DEFAULT_RULES)
    >>> browsing = [("anonymous_id", "a-1")]
    >>> login = [("user_id", "ann"), ("anonymous_id", "a-1")]
    >>> answer = resolver.resolve(Batch.of([10, 20], [1, 1], ["m1", "m2"], [browsing, login]))
    >>> answer.profile_id.tolist(), answer.identifier_id.tolist()
    ([1, 1], [1, 2])
    """

    def __init__(self, rules: IdentityRules) -> None:
        self.rules = rules
        self._forms = NormalForms(rules)
        self._recognition = Recognition(rules, self._forms)
        self._memory = Memory(rules)
        self._devices: SharedDevices | None = None

    def numbers_of(self, identifiers: Sequence[tuple[str, str]]) -> list[int]:
        """The numbers of those identifiers that are known, by type and value in normal form.

        Any thread may ask, while the writer goes on: what it says has to be looked up in the
        tables, and may lack what is there.
        """
        return numbers_of(self._memory, identifiers)

    @property
    def version(self) -> int:
        """Odd while memory is ahead of the tables; another one after every change."""
        return self._memory.version

    def recall(self, asked: Sequence[Asked]) -> dict[Asked, Standing]:
        """The profiles that stand for some customers, as far as memory alone can tell.

        Any thread may ask, while the writer goes on: what it says is true if `version` was even
        before, and is the same afterwards.

        Args:
            asked: Profile ids, and types with values in normal form. Of a device that is shared it
                is asked in the tables who had it.
        """
        return recall(self._memory, self._devices, asked)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Meanwhile nothing is recalled: the tables change without this resolver."""
        self._memory.mark()
        try:
            yield
        finally:
            self._memory.rollback()

    @classmethod
    def load(cls, cursor: Cursor, rules: IdentityRules) -> Self:
        """Rebuild the memory from the tables.

        The tables must have been filled under the same types, normal forms and `unique` marks: a
        change of these needs every message to be resolved anew.
        """
        resolver = cls(rules)
        resolver._memory = load_memory(cursor, rules)
        resolver._devices = SharedDevices(resolver._memory, rules, cursor)
        return resolver

    def hand_over(self) -> Resolution:
        """What was done on shared devices, under whoever had them: as when rules have changed.

        Returns:
            The rows for the tables; of no message.
        """
        memory = self._memory
        memory.mark()
        changes = Changes(Batch.of([], [], [], []), (memory.identifiers, memory.profiles))
        if self._devices is not None:
            self._devices.anew(changes)
        return changes.resolution(memory, NONE)

    def prepared(self, batch: Batch) -> Batch:
        """Do ahead what `resolve` can do for a batch without knowing what came before it.

        This is a third of the work for large batches. It reads and changes nothing that `resolve`
        does, so another thread may do it for the next batch meanwhile.

        Args:
            batch: Any.

        Returns:
            The batch for `resolve`, of this resolver; another one reads the values itself.
        """
        return self._recognition.prepared(batch)

    def resolve(self, batch: Batch) -> Resolution:
        """Find or make the profile of each message.

        Args:
            batch: Messages in any order; none was resolved before.

        Returns:
            The profile of each message, and the rows for the tables.
        """
        memory = self._memory
        memory.mark()
        changes = Changes(batch, (memory.identifiers, memory.profiles))
        found, refused = self._recognition.identify(batch, memory, changes)
        held = found > 0
        ids, items = found[held], batch.item[held]
        moments = batch.occurred_at[items]
        late = self._first_seen(changes, ids, moments)
        filed, strongest = filed_under(memory.rank[ids], ids, items, len(batch))
        others = ids != strongest
        active = self._observe(
            changes,
            pack(strongest[others], ids[others]),
            batch.link_moments(items[others]),
            items[others],
        )
        fresh = np.arange(changes.start[0] + 1, memory.identifiers + 1)
        crossed = memory.count_people(changes.new_links.keys)
        doubt = self._doubt(changes, crossed, late)
        active = self._without_held(changes, active)
        if len(fresh) or len(active.keys) or doubt is not None:
            join(memory, changes, fresh, active, doubt)
        self._profiles_first_seen(changes, late)
        if self._devices is not None:
            carried = self._devices.carried(batch, ids, items, strongest)
            self._devices.follow(changes, filed, carried, crossed.tolist())
        answer = changes.resolution(memory, filed)
        answer.refused = refused
        answer.households = touched(memory, changes)
        return answer

    def decide(self, decision: Decision, *, occurred_at: datetime) -> Resolution:
        """Part or join identifiers because somebody says so.

        The profiles that follow are those that there would be had the decision stood from the
        start. Its own rows in the tables are the caller's to write.

        Args:
            decision: Names identifiers that are stored.
            occurred_at: When its merges and splits are said to have happened, naive UTC.

        Returns:
            The rows for the tables; of no message.

        Raises:
            InputError: It names nothing that could be parted or joined.
            NotFoundError: There is no such identifier.
            ConflictError: It contradicts others that stand, or joins profiles that the rules keep
                apart.
        """
        return decide(self._memory, decision, occurred_at, self._devices)

    def withdraw(self, decision_id: int, *, occurred_at: datetime | None = None) -> Resolution:
        """Take a decision back: what follows is what there would be without it.

        Args:
            decision_id: That of a decision that stands.
            occurred_at: When its merges and splits are said to have happened, naive UTC; None for
                when they are recorded.

        Returns:
            The rows for the tables; of no message.

        Raises:
            NotFoundError: No such decision stands.
        """
        return withdraw(self._memory, decision_id, occurred_at, self._devices)

    def commit(self) -> None:
        """What was resolved since the last commit is in the tables now."""
        self._memory.commit()
        self._recognition.commit()

    def rollback(self) -> None:
        """Forget what was resolved since the last commit; it is not in the tables."""
        self._memory.rollback()
        self._recognition.rollback()

    def find(self, identifier: Identifier) -> tuple[int, int] | None:
        """The identifier id and the profile of one identifier, or None when it is not known.

        Args:
            identifier: With its value as received; its normal form is found here.

        Raises:
            InputError: Its type is of one brand each, and it names none.
        """
        wanted = brand_wanted(self.rules, identifier.type)
        if wanted is not None:
            raise InputError(wanted)
        value = self._forms.normal(identifier.type, identifier.value)
        if isinstance(value, Refusal):
            return None
        keys = keys_of([identifier_key_text(identifier.type, value)])
        found = int(self._memory.keys.find(keys)[0])
        return None if found < 0 else (found, self._memory.profile.item(found))

    def profiles_of(self, identifier_ids: list[int]) -> list[int]:
        """For each of some identifiers the profile that it belongs to, also before `commit`."""
        found: list[int] = self._memory.profile[np.array(identifier_ids, dtype=np.int64)].tolist()
        return found

    def held_back(self, identifier_ids: list[int]) -> list[bool]:
        """For each of some identifiers whether it is held back: it came with too many people."""
        found: list[bool] = self._memory.holding.held(
            np.array(identifier_ids, dtype=np.int64)
        ).tolist()
        return found

    # What is not plain

    def _doubt(self, changes: Changes, held: Ints, late: Ints) -> Doubt | None:
        """The profiles that must be parted anew whatever the new links are.

        Args:
            changes: Those of the batch.
            held: Identifiers that are held back from now on.
            late: Older identifiers that were seen earlier than known.
        """
        memory = self._memory
        held = held[held <= changes.start[0]]
        ranks = [rank for rank, limit in memory.limits.items() if limit.window is not None]
        moved = late[np.isin(memory.rank[late], ranks)] if ranks else NONE
        if not len(held) and not len(moved):
            return None
        profiles = distinct(memory.profile[np.concatenate([held, moved])])
        if len(moved):
            why = cause("split", "seen_earlier")
            return Doubt(profiles, "An identifier was first seen earlier than was known", why)
        return Doubt(profiles, f"An identifier {JOINS_NOBODY}", cause("split", "held_back"))

    def _without_held(self, changes: Changes, links: Observed) -> Observed:
        """Refuse new links at identifiers that are held back; returns the others."""
        holding = self._memory.holding
        if holding.idle or not len(links.keys):
            return links
        one, other = unpack(links.keys)
        held = holding.held(one) | holding.held(other)
        if not held.any():
            return links
        # Of the others it is known already.
        refused = links.keys[held]
        refused = refused[~self._memory.refused.holds(refused)]
        self._memory.refuse(refused, refused=True)
        changes.refused.update(refused.tolist())
        return links.take(~held)

    # When it was first seen

    def _first_seen(self, changes: Changes, ids: Ints, moments: Ints) -> Ints:
        """Note first sightings; returns older identifiers that were seen earlier than known."""
        memory = self._memory
        earlier = moments < memory.first_seen[ids]
        if not earlier.any():
            return NONE
        ids = ids[earlier]
        memory.lower(memory.first_seen, ids, moments[earlier])
        older = distinct(ids[ids <= changes.start[0]])
        changes.seen_earlier(older)
        return older

    def _profiles_first_seen(self, changes: Changes, identifiers: Ints) -> None:
        """Carry over to profiles that older identifiers were seen earlier than known."""
        if not len(identifiers):
            return
        memory = self._memory
        profiles = memory.profile[identifiers]
        changes.remember_seen(memory, distinct(profiles))
        memory.lower(memory.profile_seen, profiles, memory.first_seen[identifiers])

    # Links

    def _observe(self, changes: Changes, keys: UInts, moments: Ints, items: Ints) -> Observed:
        """Take in the links of a batch; returns those that can change who is who."""
        memory = self._memory
        known = memory.links.find(keys)
        news = moments <= known
        if not news.any():
            return changes.new_links
        observed = Observed(keys[news], moments[news], items[news])
        first = first_observations(observed, changes.batch)
        observed, known = observed.take(first), known[news][first]
        new = known == UNSEEN
        changes.new_links = observed.take(new)
        changes.earlier_links = observed.take(~new)
        memory.links.add(observed.keys[new], observed.moments[new])
        earlier = ~new & (observed.moments < known)
        if not earlier.any():
            return changes.new_links
        memory.observe_earlier(observed.keys[earlier], observed.moments[earlier])
        return observed.take(new | (earlier & memory.refused.holds(observed.keys)))


def filed_under(ranks: Ints, ids: Ints, items: Ints, size: int) -> tuple[Ints, Ints]:
    """The strongest identifier of each message, and again of the message of each identifier.

    Of several of the strongest type the first one counts.
    """
    filed = np.zeros(size, dtype=np.int64)
    if not len(ids):
        return filed, ids
    starts = np.flatnonzero(np.diff(items, prepend=-1))
    places = np.arange(len(ids))
    first = np.minimum.reduceat((ranks << 40) | places, starts) & ((1 << 40) - 1)
    filed[items[starts]] = ids[first]
    return filed, filed[items]


def earliest(observed: Observed, batch: Batch) -> Observed:
    """Each link once, ascending: its first observation by (moment, source, message id)."""
    return observed.take(first_observations(observed, batch))


def first_observations(observed: Observed, batch: Batch) -> Ints:
    """For each link, ascending, the position of its first observation."""
    order = np.argsort(observed.keys)
    keys = observed.keys[order]
    fresh = np.ones(len(keys), dtype=np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    # Most links are observed once; only the others need a closer look.
    again = ~fresh
    again[:-1] |= ~fresh[1:]
    if again.any():
        order[again] = _by_time(observed, batch, np.sort(order[again]))
    return order[fresh]


def _by_time(observed: Observed, batch: Batch, where: Ints) -> Ints:
    """Positions by link, and those of each link from the first observation to the last."""
    keys, moments, items = observed.take(where)
    sources = batch.source_id[items]
    order = np.lexsort((sources, moments, keys))
    tied = np.ones(max(0, len(order) - 1), dtype=np.bool_)
    for column in (keys, moments, sources):
        tied &= np.diff(column[order]) == 0
    if tied.any():
        # Message ids are looked at only where all else is equal.
        names = np.empty(len(order), dtype=np.int64)
        both = np.append(tied, False) | np.append(False, tied)
        ids = {batch.message(item) for item in items[order[both]].tolist()}
        rank = {name: place for place, name in enumerate(sorted(ids))}
        names[order] = [
            rank[batch.message(item)] if tie else 0
            for item, tie in zip(items[order].tolist(), both.tolist(), strict=True)
        ]
        order = np.lexsort((names, sources, moments, keys))
    return where[order]
