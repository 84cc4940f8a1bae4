"""Groups of records that are one person, and what keeps two groups apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import pyarrow as pa

from patron.linking.definition import LinkingDefinition

Cause = Literal["", "unique", "one_record_a_person", "reviewed", "chain", "group"]
"""What decided about a pair in spite of its score."""

Pair = tuple[int, int]

BOUND = 20.0
"""A single pair counts at most so many bits in the mean between two groups."""

UNLIKE = -3.0
"""Bits that a pair counts which was not alike enough to be kept."""


class Groups:
    """Records in groups that only grow.

    Args:
        records: With the columns ``record``, ``source`` if there is one, and the fields.
        definition: What a person has once.
        different: Pairs that a person said are two people.
    """

    def __init__(
        self, records: pa.Table, definition: LinkingDefinition, different: Iterable[Pair]
    ) -> None:
        self._root: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._once = _once(records, definition)
        self._held: dict[int, dict[str, str]] = {}
        self._between: dict[int, dict[int, tuple[float, int]]] = {}
        self._different: dict[int, set[int]] = {}
        for left, right in different:
            self._different.setdefault(left, set()).add(right)
            self._different.setdefault(right, set()).add(left)

    def see(self, pairs: Sequence[Pair], weights: Sequence[float]) -> None:
        """Take note of the weights between records, before any is joined by score."""
        for (left, right), weight in zip(pairs, weights, strict=True):
            one, other = self._find(left), self._find(right)
            if one != other:
                self._note(one, other, min(weight, BOUND), 1)

    def join_surely(self, left: int, right: int) -> None:
        """Join two records whatever keeps them apart: a person said so."""
        one, other = self._find(left), self._find(right)
        if one != other:
            self._merge(one, other)

    def join(self, left: int, right: int) -> Cause:
        """Join the groups of two records; or say why that cannot be."""
        one, other = self._find(left), self._find(right)
        if one == other:
            return ""
        cause = self.forbidden(left, right)
        if not cause:
            if self._mean(one, other) > 0:
                self._merge(one, other)
            else:
                cause = "chain"
        return cause

    def forbidden(self, left: int, right: int) -> Cause:
        """Why the groups of two records must stay apart; empty if they need not."""
        one, other = self._find(left), self._find(right)
        mine, theirs = self._of(one), self._of(other)
        for what, value in mine.items():
            if what in theirs and (theirs[what] != value or what.startswith("source ")):
                return "one_record_a_person" if what.startswith("source ") else "unique"
        if self._different:
            members = set(self._member(other))
            if any(self._different.get(each, set()) & members for each in self._member(one)):
                return "reviewed"
        return ""

    def together(self, left: int, right: int) -> bool:
        """Whether two records are in one group."""
        return self._find(left) == self._find(right)

    def several(self) -> list[list[int]]:
        """The groups of two and more, each and all in ascending order."""
        return sorted(sorted(members) for members in self._members.values() if len(members) > 1)

    def _find(self, record: int) -> int:
        root = self._root
        while (above := root.get(record, record)) != record:
            root[record] = root.get(above, above)
            record = above
        return record

    def _member(self, root: int) -> list[int]:
        return self._members.get(root) or [root]

    def _of(self, root: int) -> dict[str, str]:
        return self._held.get(root) or self._once.get(root) or {}

    def _mean(self, one: int, other: int) -> float:
        total, seen = self._between.get(one, {}).get(other, (0.0, 0))
        pairs = len(self._member(one)) * len(self._member(other))
        return (total + UNLIKE * (pairs - seen)) / pairs

    def _note(self, one: int, other: int, weight: float, count: int) -> None:
        for near, far in ((one, other), (other, one)):
            known = self._between.setdefault(near, {})
            total, seen = known.get(far, (0.0, 0))
            known[far] = (total + weight, seen + count)

    def _merge(self, one: int, other: int) -> None:
        """The smaller group becomes part of the larger one."""
        if len(self._between.get(one, ())) < len(self._between.get(other, ())):
            one, other = other, one
        self._members[one] = self._member(one) + self._members.pop(other, [other])
        self._root[other] = one
        if self._once:
            self._held[one] = {**self._of(other), **self._of(one)}
        self._between.get(one, {}).pop(other, None)
        for far, (weight, count) in self._between.pop(other, {}).items():
            if far != one:
                self._between[far].pop(other)
                self._note(one, far, weight, count)


def _once(records: pa.Table, definition: LinkingDefinition) -> dict[int, dict[str, str]]:
    """What each record has that a person has once."""
    found: dict[int, dict[str, str]] = {}
    numbers = records["record"].to_pylist()
    for name in definition.unique:
        if name in records.column_names:
            for number, value in zip(numbers, records[name].to_pylist(), strict=True):
                if value:
                    found.setdefault(number, {})[name] = value
    if definition.one_record_a_person and "source" in records.column_names:
        for number, source in zip(numbers, records["source"].to_pylist(), strict=True):
            if source in definition.one_record_a_person:
                found.setdefault(number, {})[f"source {source}"] = ""
    return found
