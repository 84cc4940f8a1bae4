"""How many customers each condition of a rule lets through by itself.

Every condition that is made of no others is asked once; what "and", "or", "not" and "at least" make
of them follows in memory, a bit for each customer.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.conditions import DIALECT
from patron.segments.frames import Relations
from patron.segments.sql import compile_members
from patron.segments.tree import Rule
from patron.segments.universe import universe

Bools = npt.NDArray[np.bool_]


def condition_counts(
    cursor: Cursor, rule: Rule, *, as_of: datetime, catalogue: Catalogue
) -> dict[str, int]:
    """How many customers fulfil each condition by itself, by its JSON path; '' is the whole rule.

    Conditions on the events inside another are no conditions on customers, and have none.

    Args:
        cursor: On the warehouse.
        rule: One that `resolve` let through.
        as_of: The moment that it is asked for, in UTC.
        catalogue: Where the segments are that the rule rests on.
    """
    counting = _Counting(cursor, as_of, catalogue)
    counting.holds(rule, "")
    return counting.counts


class _Counting:
    def __init__(self, cursor: Cursor, as_of: datetime, catalogue: Catalogue) -> None:
        self._cursor = cursor
        self._as_of = as_of
        self._catalogue = catalogue
        self._relations = Relations.of(cursor)
        self._asked: dict[bytes, Bools] = {}
        everybody = self._ids(universe(as_of).sql(DIALECT))
        self._everybody = np.zeros(int(everybody.max(initial=0)) + 1, dtype=np.bool_)
        self._everybody[everybody] = True
        self.counts: dict[str, int] = {}

    def holds(self, node: Rule, path: str) -> Bools:
        """Who fulfils a condition, counted on the way with those inside it."""
        match node:
            case tree.All() | tree.AnyOf() | tree.Not() | tree.AtLeast():
                inside = [self.holds(one, tree.join(path, step)) for step, one, _ in node.inner()]
                found = self._made(node, inside)
            case _:
                found = self._members(node)
        self.counts[path] = int(np.count_nonzero(found))
        return found

    def _made(self, node: Rule, inside: list[Bools]) -> Bools:
        match node:
            case tree.AnyOf():
                some: Bools = np.logical_or.reduce(inside)
                return some
            case tree.Not():
                others: Bools = np.logical_and.reduce([self._everybody, ~inside[0]])
                return others
            case tree.AtLeast(at_least=number):
                enough = np.sum(inside, axis=0, dtype=np.int32) >= number
                return np.asarray(enough, dtype=np.bool_)
        every: Bools = np.logical_and.reduce(inside)
        return every

    def _members(self, node: Rule) -> Bools:
        key = tree.encode(node)
        if key not in self._asked:
            sql = compile_members(
                node, as_of=self._as_of, catalogue=self._catalogue, relations=self._relations
            )
            found = np.zeros_like(self._everybody)
            found[self._ids(sql)] = True
            self._asked[key] = found
        return self._asked[key]

    def _ids(self, sql: str) -> npt.NDArray[np.int64]:
        ids: npt.NDArray[np.int64] = self._cursor.execute(sql).numpy()["profile_id"]
        return np.asarray(ids, dtype=np.int64)
