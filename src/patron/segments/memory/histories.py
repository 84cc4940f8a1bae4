"""The memory itself: the rows of every customer that live rules read, and questions to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.segments.conditions import DIALECT
from patron.segments.frames import Relations
from patron.segments.memberships import Log
from patron.segments.memory.batch import Asks, Bools, Kept, Points, Seen, Start, numbered
from patron.segments.memory.columns import Column, Columns, Table
from patron.segments.memory.rows import Ints
from patron.segments.memory.sightings import Sightings
from patron.segments.memory.tables import Landed, TableMemory
from patron.segments.rankings import Ranking, ranked_query
from patron.segments.rfm import RfmScored

Made = TypeVar("Made")

CHUNK = 500_000
"""So many positions of the log are read at a time: bounds the memory that reading takes."""

RANKINGS = 200
"""So many rankings are remembered at most: each day has its own."""

SCORES = 20
"""And so many scores: these are of everybody."""


class Memory:
    """What is remembered of every customer.

    Args:
        columns: What rules want to know of rows.
        mark: Rows up to this number count as read, and are taken in by `reread` alone.

    Attributes:
        tables: The remembered rows, by table.
    """

    def __init__(self, columns: Columns, *, mark: int = 0) -> None:
        self.columns = columns
        self.tables = {table: TableMemory.of(table, columns, mark) for table in columns.tables}
        self._rankings: dict[tuple[str, np.datetime64], Ints] = {}
        self._rfm_cells: dict[tuple[str, np.datetime64], tuple[Ints, Ints]] = {}
        self._lots: dict[str, Ints] = {}

    def adopt(self, columns: Columns) -> None:
        """Remember something else from now on; what is not remembered of a table is read anew."""
        before, self.columns = self.tables, columns
        self.tables = {}
        self.forget_rankings()
        for name in columns.tables:
            wanted = columns.of(name)
            known = before.get(name)
            same = known is not None and known.beside == columns.beside(name)
            keep = same and known is not None and set(wanted) <= known.places.keys()
            self.tables[name] = known if keep and known else TableMemory.of(name, columns)

    def read(
        self, cursor: Cursor, relations: Relations, *, known: int, upto: int
    ) -> dict[Table, Landed]:
        """Take in all rows of messages that came in since the last time.

        Args:
            cursor: On the warehouse.
            relations: The tables to read.
            known: Rows up to this position are no news.
            upto: Rows behind this position are left for the next time.

        Returns:
            What came in behind `known`, by table.
        """
        landed: dict[Table, Landed] = {}
        for name, table in self.tables.items():
            if name == "membership_changes":
                continue
            if not table.wanted:
                table.mark = max(table.mark, min(known, upto))
            while table.mark < min(known, upto):
                until = min(table.mark + CHUNK, known, upto)
                self._take(cursor, name, relations, until=until)
            named = name in self.columns.news
            landed[name] = self._take(cursor, name, relations, until=upto, names=named)
        return landed

    def read_changes(self, cursor: Cursor, relations: Relations, log: Log) -> None:
        """Take in the changes of membership that were recorded since the last time.

        Args:
            cursor: On the warehouse.
            relations: The tables to read.
            log: Where they were recorded; tells whether any of them is read by a rule.
        """
        known = self.tables.get("membership_changes")
        if known is None or known.mark >= log.last:
            return
        if log.tells_of(known.beside, after=known.mark):
            self._take(cursor, "membership_changes", relations, until=log.last)
        known.mark = log.last

    def reread(
        self, cursor: Cursor, relations: Relations, profile_ids: Ints
    ) -> dict[Table, Landed]:
        """Take in all rows of some customers anew: something else happened than that rows came in.

        Args:
            cursor: On the warehouse; `read` has been called with it.
            relations: The tables to read.
            profile_ids: The customers.

        Returns:
            Their rows, by table.
        """
        landed: dict[Table, Landed] = {}
        chosen = ", ".join(map(str, profile_ids.tolist()))
        for name, table in self.tables.items():
            table.rows.forget(profile_ids)
            here = f"<= {table.mark} and profile_id in ({chosen})"
            named = name in self.columns.news
            cursor.execute(table.statement(relations, here, names=named))
            landed[name] = table.take(cursor.numpy())
        return landed

    def move(self, away: Ints, to: Ints) -> None:
        """Make the rows of customers those of others, as when they were merged away."""
        for table in self.tables.values():
            table.rows.move(away, to)

    def forget_rankings(self) -> None:
        """Rank anew when it is next asked for: something came in that the ranking is made of."""
        self._rankings.clear()
        self._rfm_cells.clear()

    def sizes(self, profile_ids: Ints) -> Ints:
        """How many rows are remembered of each of some customers."""
        counts = [table.rows.count(profile_ids) for table in self.tables.values()]
        total: Ints = np.sum(counts, axis=0, dtype=np.int64)
        return total

    def batch(
        self,
        cursor: Cursor,
        relations: Relations,
        profile_ids: Ints,
        as_of: npt.NDArray[np.datetime64],
        sightings: Sightings | None = None,
    ) -> Batch:
        """Questions to answer.

        Args:
            cursor: On the warehouse.
            relations: The tables to read.
            profile_ids: Whom each is about.
            as_of: As of when.
            sightings: What is known already of when they were first seen.
        """
        at = as_of.astype("datetime64[us]").astype(np.int64)
        return Batch(self, cursor, relations, profile_ids, at, sightings or Sightings())

    def ranked(self, cursor: Cursor, ranking: Ranking, made_for: np.datetime64) -> Ints:
        """Who came first in a ranking, by rising id."""
        if isinstance(ranking, RfmScored):
            ids, cells = self._cells_of(cursor, ranking, made_for)
            return ids[ranking.has(cells)]
        key = ranking.key, made_for
        if key not in self._rankings:
            if len(self._rankings) >= RANKINGS:
                self._rankings.clear()
            # Of everybody, whosever rows are remembered.
            query = ranked_query(ranking, made_for.astype(object), Relations.of(cursor))
            cursor.execute(query.sql(DIALECT))
            ids = np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)
            self._rankings[key] = np.sort(ids)
        return self._rankings[key]

    def cells(
        self, cursor: Cursor, scored: RfmScored, made_for: np.datetime64, profile_ids: Ints
    ) -> Ints:
        """The digits of the scores of some customers; 0 of those who have none."""
        ids, cells = self._cells_of(cursor, scored, made_for)
        places = np.searchsorted(ids, profile_ids)
        ids, cells = np.append(ids, -1), np.append(cells, 0)
        return np.where(ids[places] == profile_ids, cells[places], 0)

    def _cells_of(
        self, cursor: Cursor, scored: RfmScored, made_for: np.datetime64
    ) -> tuple[Ints, Ints]:
        """Everybody who has scores, by rising id, with the digits: made once for all cells."""
        key = scored.base, made_for
        if key not in self._rfm_cells:
            if len(self._rfm_cells) >= SCORES:
                self._rfm_cells.clear()
            query = scored.cells_query(made_for.astype(object), Relations.of(cursor))
            cursor.execute(query.sql(DIALECT))
            columns = cursor.numpy()
            ids = np.asarray(columns["profile_id"], dtype=np.int64)
            order = np.argsort(ids)
            self._rfm_cells[key] = ids[order], np.asarray(columns["found"], dtype=np.int64)[order]
        return self._rfm_cells[key]

    def lots(self, seed: str, profile_ids: Ints) -> Ints:
        """One of 2**32 numbers for each customer, always the same for a seed."""
        drawn = self._lots.get(seed, np.empty(0, dtype=np.int64))
        top = int(profile_ids.max(initial=0)) + 1
        if top > len(drawn):
            drawn = np.r_[drawn, np.full(max(top, 2 * len(drawn)) - len(drawn), -1)]
            self._lots[seed] = drawn
        for one in np.unique(profile_ids[drawn[profile_ids] < 0]).tolist():
            text = f"{seed}:{one}".encode()
            digest = hashlib.md5(text, usedforsecurity=False).digest()
            drawn[one] = int.from_bytes(digest[:4], "big")
        return drawn[profile_ids]

    def _take(
        self,
        cursor: Cursor,
        name: Table,
        relations: Relations,
        *,
        until: int,
        names: bool = False,
    ) -> Landed:
        table = self.tables[name]
        here = f"> $1 and {table.key} <= $2"
        cursor.repeat(table.statement(relations, here, names=names), table.mark, until)
        landed = table.take(cursor.numpy())
        table.mark = max(table.mark, until)
        return landed


class Batch(Asks):
    """Questions that are answered together."""

    def __init__(
        self,
        memory: Memory,
        cursor: Cursor,
        relations: Relations,
        ids: Ints,
        at: Ints,
        sightings: Sightings,
    ) -> None:
        super().__init__(ids, at)
        self._memory = memory
        self._cursor = cursor
        self._relations = relations
        self._made: dict[object, Any] = {}
        self.first_seen = sightings.of(cursor, ids)
        self.stands: Bools = self.first_seen <= at

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """Something that is made once for all questions."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def find(self, kept: Kept) -> Seen:
        """The rows of a scan."""

        def make() -> Seen:
            if kept.orders is None:
                seen = self.seen(kept.fits)
            else:
                seen = kept.orders.rows(self).seen
                seen = seen.where(seen.column(kept.fits))
            return seen.where(kept.inside(seen))

        return self.once(("scan", kept.key), make)

    def seen(self, fits: Column) -> Seen:
        """The rows for which something holds, at any time up to the moment of the question."""

        def make() -> Seen:
            seen = self.once(("table", fits.table), lambda: self._rows(fits.table))
            return seen.where(seen.column(fits))

        return self.once(("fits", fits), make)

    def began(self, start: Start) -> Ints:
        """When something happened that a span begins with; `NEVER` where it did not."""
        return self.once(("began", start.key), lambda: start.moments(self.find(start.kept)))

    def ranks(self, position: Column, positions: Ints) -> Ints:
        """The order of messages of one and the same moment: by source, and by message id."""
        table = "traits" if position.table == "traits" else "events"
        distinct = np.unique(positions)
        chosen = ", ".join(map(str, distinct.tolist()))
        relation = getattr(self._relations, table).removeprefix("current_")
        self._cursor.execute(_RANKS.format(table=relation, positions=chosen))
        ordered = np.asarray(self._cursor.numpy()["position"], dtype=np.int64)
        ranks = np.empty(len(distinct), dtype=np.int64)
        ranks[np.searchsorted(distinct, ordered)] = np.arange(len(ordered))
        return ranks[np.searchsorted(distinct, positions)]

    def lots(self, seed: str) -> Ints:
        """The number of the customer of each question: see `Memory.lots`."""
        return self._memory.lots(seed, self.ids)

    def listed(self, name: str) -> Bools:
        """Whose customer is on a static list."""
        ids = self.once(("list", name), lambda: self._on_list(name))
        return np.isin(self.ids, ids)

    def ranked(self, ranking: Ranking, made_for: Ints) -> Bools:
        """Whose customer came first in a ranking made for a moment."""
        found = np.zeros(len(self), dtype=bool)
        for at in np.unique(made_for):
            here = made_for == at
            found[here] = self._ranked_at(ranking, at)[here]
        return found

    def _ranked_at(self, ranking: Ranking, made_for: np.int64) -> Bools:
        moment = made_for.astype("datetime64[us]")
        if isinstance(ranking, RfmScored):
            # Of several rules on the same scores, each customer's are looked up once.
            cells = self.once(
                ("cells", ranking.base, made_for),
                lambda: self._memory.cells(self._cursor, ranking, moment, self.ids),
            )
            return ranking.has(cells)
        return np.isin(self.ids, self._memory.ranked(self._cursor, ranking, moment))

    def _rows(self, name: Table) -> Seen:
        """All remembered rows of the customers."""
        table = self._memory.tables[name]
        rows, ask = table.rows.find(self.ids)
        at = table.rows.take("at", rows)
        past = np.flatnonzero(at <= self.at[ask])
        (numbers,) = numbered(Points(ask[past], at[past]))
        order = past[np.argsort(numbers, kind="stable")]

        def read(column: Column) -> Any:  # noqa: ANN401
            place, bit = table.places[column]
            values = self.once(("column", name, place), lambda: table.rows.take(place, rows)[order])
            return (values >> np.uint64(bit)) & np.uint64(1) != 0 if bit >= 0 else values

        return Seen(self, ask[order], at[order], read)

    def _on_list(self, name: str) -> Ints:
        sql = _ON_LIST.format(identifiers=self._relations.identifiers)
        self._cursor.execute(sql, [np.unique(self.ids).tolist(), name])
        return np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64)


_RANKS = """
select position from {table} where position in ({positions})
group by position, source_id, message_id order by source_id, message_id
"""

_ON_LIST = """
select distinct profile_id from {identifiers}
semi join (select type, value from list_members where list = $2) using (type, value)
where profile_id in (select unnest($1))
"""
