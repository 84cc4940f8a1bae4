"""Where the events, order lines and traits of some customers are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FEW = 6
"""Up to so many ids, a table in the order of time is pruned best by a list of values."""


Table = Literal["events", "order_lines", "traits"]


@dataclass(frozen=True)
class Rows:
    """What to read for the rows of some customers.

    They are stored in the order that they came in. Up to some position copies of
    them lie in the order of customers (`warehouse.histories`), where one customer's rows are found
    thirty times as fast.

    Attributes:
        stored: The ids under which rows of the customers are stored that are read from the tables
            alone.
        copied: The customers whose rows have copies.
        newer: The ids under which rows of these are stored.
        copies: The databases that hold copies.
        reach: Up to this position of the log there are copies of all rows.
    """

    stored: tuple[int, ...]
    copied: tuple[int, ...] = ()
    newer: tuple[int, ...] = ()
    copies: tuple[str, ...] = ()
    reach: int = 0

    def of(self, table: Table, columns: str, where: str = "true") -> str:
        """A query for these rows, in brackets.

        Args:
            table: Which rows.
            columns: What of them.
            where: Which of them; what it binds has to bear a name, for it may stand there several
                times.

        >>> print(Rows((7,)).of("events", "name"))
        (select name from events where profile_id in (7) and true)
        """
        found = [
            f"select {columns} from {copy}.{table} where {_joined(self.copied)} and {where}"
            for copy in self.copies
        ]
        if self.newer:
            found.append(
                f"select {columns} from {table} "
                f"where position > {self.reach} and {_listed(self.newer)} and {where}"
            )
        if self.stored or not found:
            found.append(f"select {columns} from {table} where {_listed(self.stored)} and {where}")
        return f"({' union all '.join(found)})"


def _joined(ids: Sequence[int]) -> str:
    return f"profile_id in (select unnest([{', '.join(map(str, ids))}]::bigint[]))"


def _listed(ids: Sequence[int]) -> str:
    if len(ids) >= FEW or not ids:
        return _joined(ids)
    return f"profile_id in ({', '.join(map(str, ids))})"
