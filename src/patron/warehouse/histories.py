"""Copies of events, order lines and traits in the order of customers, in files beside the tables.

In the tables the rows of one customer lie as far apart as they came in; in a copy they lie next to
each other. A copy never changes. What came in after the last one is read from the tables, and so is
all of a customer who lost or got rows since. Copies are a cache: missing ones cost nothing but
time, and writing to the workspace never waits for them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

from patron.engines.duckdb import Cursor
from patron.errors import PatronError
from patron.warehouse.rows import Rows, Table

TAIL = 250_000
"""Messages beside the copies from which on one more copy is made."""

PIECE = 1_000_000
"""Messages of which a copy is made at a time; sorting their events takes some 400 MB."""

PART = 16_384
"""Rows that a copy is stored in parts of: who looks for one customer's looks through a part. The
parts of the tables are eight times as long, in which that takes three times as long; in parts half
as long it takes no less."""

CHUNK = 500_000
"""Rows that are joined at a time, where copies become one."""

SAMPLED = 16
"""Of each chunk so many rows are looked at to see whose they are."""

MOVED = 10_000
"""So many customers may have lost or got rows since a copy was made."""

_NOBODY = 2**62
"""No profile has an id like this."""

TABLES: tuple[Table, ...] = ("events", "order_lines", "traits")

_RULES = f"""
concat_ws('.', '{" ".join(TABLES)}',
    (select value from meta where key = 'schema_version'),
    (select count(*) from definitions where kind = 'identity'),
    (select count(*) from retired_identifiers)
)
"""

_MOVED = """
select distinct unnest([kept_profile_id, other_profile_id]) as profile_id
from merges where merge_id > $merge
"""

_STANDING = """
select t.* replace (coalesce(m.survivor_id, t.profile_id) as profile_id {also})
from (from {table} where position > {after} and position <= {upto} {only}) as t
left join profile_map as m using (profile_id)
"""

_ALSO = {"events": "", "order_lines": "", "traits": ", value::JSON as value"}
"""Values of traits are read as texts: to keep them so takes a third of that away."""

_ORDER = {
    "events": "profile_id, occurred_at, position",
    "order_lines": "profile_id, occurred_at, position, line",
    "traits": "profile_id, name, position",
}


class State(NamedTuple):
    """Of whom the rows were when a copy was made.

    Attributes:
        merge: The newest merge, split or move.
        rules: Under other rules of identity, or another schema, a copy holds no more.
    """

    merge: int
    rules: str

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """That of the tables now."""
        cursor.execute(f"select (select coalesce(max(merge_id), 0) from merges), {_RULES}")
        return cls(*cursor.all()[0])


class Copy(NamedTuple):
    """One file, and what it holds: the rows of the log after one position up to another."""

    number: int
    after: int
    upto: int
    rows: int
    state: State

    @property
    def name(self) -> str:
        """What its database is called in questions."""
        return f"histories_{self.number}"


def uncopied(copies: Sequence[Copy], position: int) -> int:
    """How many messages wait to be copied, or for their copies to be joined.

    Those that are too few to be worth it do not count.
    """
    behind = position - max((one.upto for one in copies), default=0)
    joined = sum(one.upto - one.after for one in _small_beside_newer(copies))
    return joined + (behind if behind >= TAIL else 0)


def _small_beside_newer(copies: Sequence[Copy]) -> Sequence[Copy]:
    """The newest copies, as far back as none has twice the rows of all that are newer."""
    first, rows = len(copies), 0
    for place in range(len(copies) - 1, -1, -1):
        if rows and copies[place].rows > 2 * rows:
            break
        first, rows = place, rows + copies[place].rows
    return copies[first:] if len(copies) - first > 1 else ()


class Histories:
    """The copies of one workspace.

    Args:
        folder: Where they lie.
        cursor: Gives a cursor of its own.
    """

    def __init__(self, folder: Path, cursor: Callable[[], Cursor]) -> None:
        self._folder = folder
        self._cursor = cursor
        self._making = threading.Lock()
        self._lock = threading.Lock()
        self._readers: Counter[int] = Counter()
        self._replaced: dict[int, Copy] = {}
        self._copies = self._found()

    @contextmanager
    def held(self) -> Iterator[tuple[Copy, ...]]:
        """The copies, which stay as long as they are read. Ask for them before you take a view."""
        with self._lock:
            held = self._copies
            self._readers.update(copy.number for copy in held)
        try:
            yield held
        finally:
            with self._lock:
                self._readers.subtract(copy.number for copy in held)
            self._remove_replaced()

    def tend(self, rest: Callable[[], bool] = lambda: True) -> None:
        """Make copies of what came in, and join those that are small beside newer ones.

        Args:
            rest: Called between steps of about a second; says whether to go on.
        """
        with self._making, self._cursor() as cursor:
            while (step := self._next_step(cursor)) and rest():
                after, upto, joined = step
                if joined:
                    self._replace(joined, self._join(cursor, joined, rest))
                else:
                    self._replace((), self._make(cursor, after, upto))

    def _next_step(self, cursor: Cursor) -> tuple[int, int, tuple[Copy, ...]] | None:
        """From where and up to where to make a copy, or which copies to make one of."""
        self._drop_what_holds_no_more(cursor)
        copies = self._copies
        reach = copies[-1].upto if copies else 0
        newest = int(cursor.execute("select coalesce(max(position), 0) from messages").value())
        if newest - reach >= TAIL:
            return reach, min(newest, reach + PIECE), ()
        joined = self._worth_joining(cursor, copies)
        return (0, 0, joined) if joined else None

    def _worth_joining(self, cursor: Cursor, copies: tuple[Copy, ...]) -> tuple[Copy, ...]:
        if copies:
            merge = min(copy.state.merge for copy in copies)
            moved = f"select count(*) from ({_MOVED})"
            if int(cursor.execute(moved, {"merge": merge}).value()) > MOVED:
                return copies
        return tuple(_small_beside_newer(copies))

    def _make(self, cursor: Cursor, after: int, upto: int) -> Copy | None:
        """A copy of the rows of the tables after a position up to another."""
        with self._written(cursor) as (number, name), cursor.transaction():
            state = State.of(cursor)
            for table in TABLES:
                stored = _stored(table, after, upto)
                cursor.execute(f"create table {name}.{table} as {stored} order by {_ORDER[table]}")
            return self._described(cursor, name, Copy(number, after, upto, 0, state))

    def _join(
        self, cursor: Cursor, copies: tuple[Copy, ...], rest: Callable[[], bool]
    ) -> Copy | None:
        """One copy of several that follow each other, with the rows where they belong by now."""
        after, upto = copies[0].after, copies[-1].upto
        with self._written(cursor) as (number, name):
            with cursor.transaction():
                state = State.of(cursor)
                if any(copy.state.rules != state.rules for copy in copies):
                    return None
                merge = min(copy.state.merge for copy in copies)
                cursor.execute(f"create table {name}.moved as {_MOVED}", {"merge": merge})
                moved = f"select profile_id from {name}.moved"
                only = (
                    f"and profile_id in ({moved} union all select profile_id from profile_map "
                    f"where survivor_id in ({moved}))"
                )
                for table in TABLES:
                    stored = _stored(table, after, upto, only)
                    cursor.execute(f"create table {name}.{table}_moved as {stored}")
                    cursor.execute(
                        f"create table {name}.{table} as from {name}.{table}_moved limit 0"
                    )
            for least, most in _ranges(cursor, copies):
                if not rest():
                    return None
                with cursor.transaction():
                    self._join_range(cursor, name, copies, (least, most))
            with cursor.transaction():
                for table in TABLES:
                    cursor.execute(f"drop table {name}.{table}_moved")
                cursor.execute(f"drop table {name}.moved")
                return self._described(cursor, name, Copy(number, after, upto, 0, state))

    def _join_range(
        self, cursor: Cursor, name: str, copies: Sequence[Copy], ids: tuple[int, int]
    ) -> None:
        for table in TABLES:
            among = f"profile_id >= {ids[0]} and profile_id < {ids[1]}"
            unmoved = f"profile_id not in (select profile_id from {name}.moved where {among})"
            parts = [f"from {one.name}.{table} where {among} and {unmoved}" for one in copies]
            parts.append(f"from {name}.{table}_moved where {among}")
            cursor.execute(
                f"insert into {name}.{table} "
                f"select * from ({' union all '.join(parts)}) order by {_ORDER[table]}"
            )

    @contextmanager
    def _written(self, cursor: Cursor) -> Iterator[tuple[int, str]]:
        """A new database to write a copy to; it becomes one when it is described."""
        known = [*self._copies, *self._replaced.values()]
        number = max((copy.number for copy in known), default=0) + 1
        path = self._folder / f"histories-{number}.unfinished"
        for left in self._folder.glob(f"{path.name}*"):  # with its log, of a time that failed
            left.unlink(missing_ok=True)
        name = f"histories_{number}"
        cursor.execute(f"attach '{_quoted(path)}' as {name} (row_group_size {PART})")
        try:
            yield number, name
        finally:
            cursor.execute(f"detach {name}")

    def _described(self, cursor: Cursor, name: str, copy: Copy) -> Copy:
        """Write into a copy what it holds, and which message is the last of it."""
        rows = int(cursor.execute(f"select count(*) from {name}.events").value())
        cursor.execute(
            f"create table {name}.about as select $after::bigint as after, $upto::bigint as upto, "
            "$rows::bigint as rows, $merge::bigint as merge, $rules as rules, key_hi, key_lo "
            "from messages where position = $upto",
            {
                "after": copy.after,
                "upto": copy.upto,
                "rows": rows,
                "merge": copy.state.merge,
                "rules": copy.state.rules,
            },
        )
        return copy._replace(rows=rows)

    def _replace(self, old: Sequence[Copy], new: Copy | None) -> None:
        """Have a new copy read in place of old ones."""
        if new is None:
            return
        path = self._path(new)
        path.with_suffix(".unfinished").replace(path)
        with self._cursor() as cursor:
            cursor.execute(f"attach '{_quoted(path)}' as {new.name} (read_only)")
        with self._lock:
            kept = [copy for copy in self._copies if copy not in old]
            self._copies = tuple(sorted([*kept, new], key=lambda copy: copy.after))
            self._replaced.update({copy.number: copy for copy in old})
        self._remove_replaced()

    def _drop_what_holds_no_more(self, cursor: Cursor) -> None:
        with cursor.transaction():
            state = State.of(cursor)
        if any(copy.state.rules != state.rules for copy in self._copies):
            with self._lock:
                self._replaced.update({copy.number: copy for copy in self._copies})
                self._copies = ()
            self._remove_replaced()

    def _remove_replaced(self) -> None:
        """Remove the files of copies that were replaced and that nobody reads any more."""
        if not self._replaced:
            return
        with self._lock:
            gone = [copy for copy in self._replaced.values() if not self._readers[copy.number]]
            for copy in gone:
                del self._replaced[copy.number]
        if gone:
            with self._cursor() as cursor:
                for copy in gone:
                    cursor.execute(f"detach {copy.name}")
                    self._path(copy).unlink(missing_ok=True)

    def _path(self, copy: Copy) -> Path:
        return self._folder / f"histories-{copy.number}.duckdb"

    def _found(self) -> tuple[Copy, ...]:
        """The copies of an earlier run, as far as they fit the log; others are removed."""
        for unfinished in self._folder.glob("histories-*.unfinished*"):
            unfinished.unlink(missing_ok=True)
        paths = {path.stem.split("-")[1]: path for path in self._folder.glob("histories-*.duckdb")}
        with self._cursor() as cursor:
            found = [
                copy
                for number, path in paths.items()
                if number.isdigit() and (copy := _read(cursor, int(number), path))
            ]
            kept: list[Copy] = []
            # Where one was made of others and these were not removed yet, the one is longer.
            for copy in sorted(found, key=lambda copy: (copy.after, -copy.upto)):
                if copy.after == (kept[-1].upto if kept else 0):
                    kept.append(copy)
            for copy in found:
                if copy not in kept:
                    cursor.execute(f"detach {copy.name}")
            numbers = {str(copy.number) for copy in kept}
            for number, path in paths.items():
                if number not in numbers:
                    path.unlink(missing_ok=True)
        return tuple(kept)


def rows(
    cursor: Cursor,
    copies: Sequence[Copy],
    position: int,
    stored: Mapping[int, Sequence[int]],
    state: State | None = None,
) -> Rows:
    """Where to read the rows of some customers from.

    Args:
        cursor: In the view that is read.
        copies: They were held before the view was taken.
        position: The newest log position in it.
        stored: Per customer that stands, the ids under which rows of them are stored.
        state: That of the view, where it is known already.
    """
    every = tuple(one for ids in stored.values() for one in ids)
    # A folder may have been put back from an older copy.
    if not copies or copies[-1].upto > position:
        return Rows(every)
    state = state or State.of(cursor)
    if any(copy.state.rules != state.rules for copy in copies):
        return Rows(every)
    moved = _moved_since(cursor, copies, state, every)
    copied = {own: ids for own, ids in stored.items() if moved.isdisjoint(ids)}
    if not copied:
        return Rows(every)
    reach = copies[-1].upto
    return Rows(
        stored=tuple(one for own, ids in stored.items() if own not in copied for one in ids),
        copied=tuple(copied),
        newer=tuple(one for ids in copied.values() for one in ids) if position > reach else (),
        copies=tuple(copy.name for copy in copies),
        reach=reach,
    )


def _moved_since(
    cursor: Cursor, copies: Sequence[Copy], state: State, ids: Sequence[int]
) -> set[int]:
    """Those of some profiles that lost or got rows since the oldest copy was made."""
    merge = min(copy.state.merge for copy in copies)
    if merge == state.merge:
        return set()
    cursor.execute(
        f"select profile_id from ({_MOVED}) where profile_id in (select unnest($ids::bigint[]))",
        {"merge": merge, "ids": list(ids)},
    )
    return {row[0] for row in cursor.all()}


def _stored(table: Table, after: int, upto: int, only: str = "") -> str:
    """Of the tables the rows that a copy is made of."""
    return _STANDING.format(table=table, after=after, upto=upto, only=only, also=_ALSO[table])


def _ranges(cursor: Cursor, copies: Sequence[Copy]) -> list[tuple[int, int]]:
    """Ranges of profile ids that cover everybody, with about as many rows as are joined at a time.

    The first id of a range belongs to it, the last does not.
    """
    # Customers who came late are in no copy of what came early, so all copies are looked at.
    apart = max(1, CHUNK // SAMPLED)
    parts = [
        f"select profile_id from {copy.name}.{table} where rowid > 0 and rowid % {apart} = 0"
        for copy in copies
        for table in TABLES
    ]
    cursor.execute(f"from ({' union all '.join(parts)}) order by profile_id")
    every = [row[0] for row in cursor.all()]
    bounds = [0, *every[:: CHUNK // apart][1:], _NOBODY]
    return list(pairwise(dict.fromkeys(bounds)))


def _read(cursor: Cursor, number: int, path: Path) -> Copy | None:
    """Attach a copy that was found; None when it is broken or does not fit the log."""
    name = f"histories_{number}"
    try:
        cursor.execute(f"attach '{_quoted(path)}' as {name} (read_only)")
    except PatronError:  # broken: another one is made
        return None
    try:
        cursor.execute(
            f"select a.after, a.upto, a.rows, a.merge, a.rules from {name}.about as a "
            "join messages as m on m.position = a.upto "
            "where m.key_hi = a.key_hi and m.key_lo = a.key_lo"
        )
        after, upto, held, merge, rules = cursor.all()[0]
    except (PatronError, IndexError):
        cursor.execute(f"detach {name}")
        return None
    return Copy(number, after, upto, held, State(merge, rules))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
