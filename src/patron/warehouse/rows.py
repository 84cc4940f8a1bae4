"""Where the events, order lines and traits of some customers are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

FEW = 6
"""For fewer ids than this, a table in the order of time is pruned best by a list of values."""

FEW_COPIED = 4
"""For fewer than this, so is a copy."""


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

    def of(
        self,
        table: Table,
        columns: str,
        where: str = "true",
        bind: dict[str, Any] | None = None,
    ) -> str:
        """A query for these rows, in brackets.

        Args:
            table: Which rows.
            columns: What of them.
            where: Which of them; what it binds has to bear a name, for it may stand there several
                times.
            bind: Gets few ids as values, so that the same query comes again for others and is
                parsed once; without it they stand in the query.

        >>> print(Rows((7,)).of("events", "name"))
        (select name from events where profile_id in (7) and true)
        >>> values = {}
        >>> print(Rows((7,)).of("events", "name", bind=values), values)
        (select name from events where profile_id in ($stored_0) and true) {'stored_0': 7}
        """
        found = [
            f"select {columns} from {copy}.{table} "
            f"where {_among(self.copied, FEW_COPIED, 'copied', bind)} and {where}"
            for copy in self.copies
        ]
        if self.newer:
            found.append(
                f"select {columns} from {table} where position > {self.reach} "
                f"and {_among(self.newer, FEW, 'newer', bind)} and {where}"
            )
        if self.stored or not found:
            among = _among(self.stored, FEW, "stored", bind)
            found.append(f"select {columns} from {table} where {among} and {where}")
        return f"({' union all '.join(found)})"


def _among(ids: Sequence[int], few: int, called: str, bind: dict[str, Any] | None) -> str:
    if len(ids) >= few or not ids:
        return f"profile_id in (select unnest([{', '.join(map(str, ids))}]::bigint[]))"
    if bind is None:
        return f"profile_id in ({', '.join(map(str, ids))})"
    values = {f"{called}_{place}": one for place, one in enumerate(ids)}
    bind.update(values)
    return f"profile_id in ({', '.join(f'${name}' for name in values)})"
