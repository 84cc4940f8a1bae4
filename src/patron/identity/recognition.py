"""From raw identifier values to identifiers: normal forms, keys, and ids for new ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.identity.batch import Batch
from patron.identity.changes import Changes, NewIdentifiers
from patron.identity.columnwise import THREADS, Distinct, ReadValues, find_values, read_values
from patron.identity.memory import Memory
from patron.identity.normal import NormalForms, Refusal
from patron.identity.resolution import Refused
from patron.identity.sets import distinct
from patron.spec.identifiers import IdentityRules
from patron.spec.keys import identifier_key_text, keys_of

Ints = npt.NDArray[np.int64]

HOT = 200_000
"""How many raw values are remembered with their identifier, to save normal form and key."""


class Recognition:
    """Finds the identifier of each raw value, and makes those that are new.

    Small batches go value by value through a dict of recent ones; large ones go column by column,
    each distinct value once. Both give the same identifiers.

    Args:
        rules: Names the identifier types in order of priority.
        forms: Their normal forms.
    """

    def __init__(self, rules: IdentityRules, forms: NormalForms) -> None:
        self._forms = forms
        self._ranks = {kind.name: rank for rank, kind in enumerate(rules.types)}
        self._hot: dict[tuple[str, str], int] = {}
        self._warm: dict[tuple[str, str], int] = {}

    def identify(
        self, batch: Batch, memory: Memory, changes: Changes
    ) -> tuple[Ints, list[Refused]]:
        """The identifier of each raw value of a batch.

        Args:
            batch: Raw values.
            memory: Gets the new identifiers.
            changes: Gets their names.

        Returns:
            An identifier for each value, 0 where it is refused; and the refusals, with one for
            each message that has no value at all.
        """
        refusals: dict[tuple[str, str], Refusal] = {}
        if isinstance(batch.type, list) and isinstance(batch.value, list):
            pairs = list(zip(batch.type, batch.value, strict=True))
            found = self._identify_pairs(pairs, memory, changes, refusals)
        else:
            found = self._identify_columns(batch, memory, changes, refusals)
        refused = []
        for place in np.flatnonzero(found == 0).tolist():
            kind, value = str(batch.type[place]), str(batch.value[place])
            refusal = refusals[kind, value]
            refused.append(Refused(int(batch.item[place]), kind, value, *refusal))
        bare = np.ones(len(batch), dtype=np.bool_)
        bare[batch.item] = False
        silent = Refusal("This message carries no identifier.", "none")
        refused.extend(Refused(item, "", "", *silent) for item in np.flatnonzero(bare).tolist())
        return found, refused

    def prepared(self, batch: Batch) -> Batch:
        """The batch with what can be found out about its values without what is known; any thread.

        What is few enough to go value by value stays as it is.
        """
        if isinstance(batch.type, list):
            return batch
        return replace(batch, read=self._read(batch, threads=1))

    def commit(self) -> None:
        """Identifiers found since the last commit stay."""
        if len(self._hot) > HOT:
            self._hot.clear()
        self._hot.update(self._warm)
        self._warm.clear()

    def rollback(self) -> None:
        """Identifiers made since the last commit are gone."""
        self._warm.clear()

    # Value by value

    def _identify_pairs(
        self,
        pairs: list[tuple[str, str]],
        memory: Memory,
        changes: Changes,
        refusals: dict[tuple[str, str], Refusal],
    ) -> Ints:
        hot, warm = self._hot, self._warm
        found = [hot.get(pair, 0) for pair in pairs]
        if 0 in found:
            unknown = dict.fromkeys(pair for pair, one in zip(pairs, found, strict=True) if not one)
            missing = [pair for pair in unknown if pair not in warm]
            warm.update(self._learn_pairs(missing, memory, changes, refusals))
            found = [one or warm.get(pair, 0) for pair, one in zip(pairs, found, strict=True)]
        return np.array(found, dtype=np.int64)

    def _learn_pairs(
        self,
        pairs: list[tuple[str, str]],
        memory: Memory,
        changes: Changes,
        refusals: dict[tuple[str, str], Refusal],
    ) -> dict[tuple[str, str], int]:
        """Identifiers of distinct pairs of type and raw value; those refused are left out."""
        normal = self._forms.normal
        texts: dict[tuple[str, str], str] = {}
        first: dict[str, tuple[str, str, str]] = {}
        for kind, raw in pairs:
            value = normal(kind, raw)
            if isinstance(value, Refusal):
                refusals[kind, raw] = value
            else:
                text = texts[kind, raw] = identifier_key_text(kind, value)
                first.setdefault(text, (kind, value, raw))
        keys = keys_of(first)
        found = memory.keys.find(keys)
        new = np.flatnonzero(found < 0)
        if len(new):
            named = list(first.values())
            kinds, values, originals = zip(*(named[place] for place in new.tolist()), strict=True)
            ranks = np.array([self._ranks[kind] for kind in kinds], dtype=np.int64)
            found[new] = memory.add_identifiers(ranks, keys[new])
            changes.identifiers.append(NewIdentifiers(kinds, values, originals, keys[new]))
        ids = dict(zip(first, found.tolist(), strict=True))
        return {pair: ids[text] for pair, text in texts.items()}

    # Column by column

    def _identify_columns(
        self,
        batch: Batch,
        memory: Memory,
        changes: Changes,
        refusals: dict[tuple[str, str], Refusal],
    ) -> Ints:
        found = np.zeros(len(batch.type), dtype=np.int64)
        read = batch.read
        if read is None or read.forms is not self._forms:
            read = self._read(batch)
        known = find_values(memory.keys, read.columns)
        for column, numbers in zip(read.columns, known, strict=True):
            refusals.update({(column.kind, raw): why for raw, why in column.refusals.items()})
            self._learn_column(column, numbers, memory, changes)
            found[column.rows] = numbers[column.codes]
        return found

    def _read(self, batch: Batch, threads: int = THREADS) -> ReadValues:
        kinds, values = pa.array(batch.type), pa.array(batch.value)
        return read_values(self._forms, kinds, values, threads)

    def _learn_column(
        self, column: Distinct, found: Ints, memory: Memory, changes: Changes
    ) -> None:
        """Make identifiers of the distinct raw values of one type that have none yet.

        Args:
            column: The values.
            found: The identifier of each, -1 where there is none; gets those that are made.
            memory: Gets the new identifiers.
            changes: Gets their names.
        """
        new = np.flatnonzero(found < 0)
        if not len(new):
            return
        first, group = first_of_each(column.keys[new])
        named = new[first]
        places = pa.array(named)
        ranks = np.full(len(named), self._ranks[column.kind], dtype=np.int64)
        keys = column.keys[named]
        found[new] = memory.add_identifiers(ranks, keys)[group]
        changes.identifiers.append(
            NewIdentifiers(
                pa.repeat(column.kind, len(named)),
                column.normals.take(places),
                column.raws.take(places),
                keys,
            )
        )


def first_of_each(keys: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Where each distinct key occurs first, ascending, and for each key which of them it is.

    >>> keys = np.array([[9, 1], [4, 2], [9, 1]], dtype=np.uint64)
    >>> first, which = first_of_each(keys)
    >>> first.tolist(), which.tolist()
    ([0, 1], [0, 1, 0])
    """
    upper = keys[:, 0]
    if len(distinct(upper)) == len(keys):
        everywhere = np.arange(len(keys))
        return everywhere, everywhere
    order = np.lexsort((keys[:, 1], upper))
    fresh = np.diff(keys[order], axis=0, prepend=~keys[order[:1]]).any(axis=1)
    # Of equal keys `lexsort` names the first one first.
    first = order[fresh]
    which = np.empty(len(keys), dtype=np.int64)
    which[order] = np.cumsum(fresh) - 1
    by_place = np.argsort(first)
    return first[by_place], np.argsort(by_place)[which]
