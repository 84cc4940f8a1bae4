"""The one file that imports duckdb: opening a database, cursors, transactions, and its errors."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

import duckdb
import pyarrow as pa

from patron.engines.asker import current_asker
from patron.errors import AbandonedError, BusyError, PatronError, QueryError, StorageError

Params = Sequence[Any] | Mapping[str, Any] | None
Row = tuple[Any, ...]

_NOBODY = "Nobody waits for the answer any more."

SMALL = 10_000
"""Up to so many rows the work of planning outweighs that of reading with several threads."""

REPEATED = 64
"""So many statements stay prepared at most; then all are prepared anew."""

PARSED = 512
"""So many statements are kept as parsed at most; then all are parsed anew."""

NOTHING: Params = ()
"""Bound to a statement without values that comes again and again: it is parsed once then."""

Parsed = dict[str, duckdb.Statement]

SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
    # Nothing is committed during a checkpoint. It takes as long as what came in since the last one
    # asks for, as long as it leaves the parts of tables as they came: `join_parts` joins them. The
    # writer folds its log in before it is so long.
    "checkpoint_threshold": "32MB",
    "max_vacuum_tasks": 0,
    # Properties are stored by name in small parts, too: reading one is thirty times faster so.
    "variant_minimum_shredding_size": 1_000,
}


class Database:
    """One open database file, or one in memory.

    Args:
        path: The file; ``None`` for a database in memory.
        memory_limit: Such as ``"4GB"``; DuckDB spills to disk beyond it.
        threads: How many threads one question may use.

    Raises:
        BusyError: Another process has the file open.
        StorageError: The file cannot be read.

    >>> with Database() as database:
    ...     database.cursor().execute("select 6 * ?", [7]).value()
    42
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> None:
        self._log = Path(f"{path}.wal") if path else None
        self._lock = threading.Lock()
        self._cursors: WeakSet[Cursor] = WeakSet()
        self._parsed: Parsed = {}
        config: dict[str, Any] = dict(SETTINGS)
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        try:
            self._connection = duckdb.connect(str(path) if path else ":memory:", config=config)
            self._connection.execute("set global TimeZone = 'UTC'")
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise BusyError(
                    f"Another process has {path} open.",
                    hint="Stop it, or let the command line talk to the running server.",
                ) from error
            raise StorageError(f"{path} cannot be opened: {first_line(error)}") from error
        except duckdb.Error as error:
            raise StorageError(f"{path} cannot be opened: {first_line(error)}") from error

    def cursor(self) -> Cursor:
        """A new cursor with transactions of its own; use each from one thread at a time."""
        cursor = Cursor(self._connection.cursor(), self._parsed)
        with self._lock:
            self._cursors.add(cursor)
        asker = current_asker()
        if asker is not None:
            asker.watch(cursor)
        return cursor

    def log_bytes(self) -> int:
        """How long the log is that the next checkpoint folds in."""
        try:
            return self._log.stat().st_size if self._log else 0
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Close the file. What is being asked is given up, and open cursors fail from then on."""
        with self._lock:
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.end()
        self._parsed.clear()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class Cursor:
    """Runs statements and hands out their results. Values are always bound."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, parsed: Parsed) -> None:
        self._connection = connection
        self._parsed = parsed
        self._fed: dict[tuple[str, pa.Schema, bool], _Feed] = {}
        self._repeated: dict[str, str] = {}
        self._given_up = False

    def execute(self, sql: str, params: Params = None) -> Self:
        """Run one statement.

        Args:
            sql: With ``?`` or ``$name`` where values belong.
            params: The values.

        Raises:
            QueryError: The statement is wrong, or a value does not fit.
            StorageError: The disk is full, or the file cannot be read or written.
            AbandonedError: It was given up.
        """
        if self._given_up:
            raise AbandonedError(_NOBODY)
        try:
            if params is None:
                self._connection.execute(sql)
            else:
                self._connection.execute(self._parsed_once(sql), params)
        except duckdb.Error as error:
            raise self._translated(error) from error
        return self

    def _parsed_once(self, sql: str) -> duckdb.Statement | str:
        """A statement as parsed: to parse a short one takes a quarter of all that it costs.

        Only of those with values bound: others may have values in their texts, and come once. All
        cursors of the database share them, from any thread: DuckDB runs a copy.
        """
        known = self._parsed.get(sql)
        if known is not None:
            return known
        found = self._connection.extract_statements(sql)
        if len(found) != 1:
            return sql
        if len(self._parsed) >= PARSED:
            self._parsed.clear()
        self._parsed[sql] = found[0]
        return found[0]

    def repeat(self, sql: str, *numbers: int) -> Self:
        """Run a statement that is run again and again: most of its planning is done once.

        Args:
            sql: With ``$1``, ``$2``, … where numbers belong.
            numbers: Whole numbers.

        Raises:
            QueryError, StorageError: As `execute`.

        >>> cursor = Database().cursor()
        >>> [cursor.repeat("select $1 - $2", 9, number).value() for number in (1, 2)]
        [8, 7]
        """
        name = self._repeated.get(sql)
        if name is None:
            if len(self._repeated) >= REPEATED:
                self._forget_repeated()
            name = f"patron_repeated_{len(self._repeated)}"
            self.execute(f"prepare {name} as {sql}")
            self._repeated[sql] = name
        return self.execute(f"execute {name}({', '.join(map(str, map(int, numbers)))})")

    def _forget_repeated(self) -> None:
        for name in self._repeated.values():
            self.execute(f"deallocate {name}")
        self._repeated.clear()

    def all(self) -> list[Row]:
        """All rows of the last result."""
        try:
            rows: list[Row] = self._connection.fetchall()
        except duckdb.Error as error:
            raise self._translated(error) from error
        return rows

    def one(self) -> Row | None:
        """The next row of the last result, or None at its end."""
        row: Row | None = self._connection.fetchone()
        return row

    def value(self) -> Any:  # noqa: ANN401 - whatever the column holds
        """The first column of the next row, or None when there is none."""
        row = self.one()
        return None if row is None else row[0]

    def records(self) -> list[dict[str, Any]]:
        """All rows of the last result, each as a dict by column name."""
        names = self.columns()
        return [dict(zip(names, row, strict=True)) for row in self.all()]

    def columns(self) -> list[str]:
        """The column names of the last result."""
        return [column[0] for column in self._connection.description or []]

    def arrow(self, sql: str, params: Params = None) -> pa.Table:
        """Run one query and give all its rows as an Arrow table, without a copy in between.

        Raises:
            QueryError, StorageError: As `execute`.
        """
        try:
            self._finish()
            return self._connection.sql(sql, params=params).to_arrow_table()
        except duckdb.Error as error:
            raise self._translated(error) from error

    def numpy(self) -> dict[str, Any]:
        """All rows of the last result as one numpy array a column (masked where NULLs are)."""
        columns: dict[str, Any] = self._connection.fetchnumpy()
        return columns

    def over(self, table: pa.Table, sql: str, *, many: bool = False) -> None:
        """Run one statement over the rows of an Arrow table.

        A small table costs half as much as with `register`: the statement is prepared once for each
        schema, and reads whatever table it is fed.

        Args:
            table: The rows.
            sql: Reads them where it says ``{rows}``.
            many: Many such tables follow within the transaction. DuckDB holds a large one, which
                several threads read, until the transaction ends; now it is read by one thread and
                let go.

        Raises:
            QueryError, StorageError: As `execute`.

        >>> cursor = Database().cursor()
        >>> _ = cursor.execute("create table t (a bigint)")
        >>> for number in (1, 2):
        ...     cursor.over(pa.table({"a": [number]}), "insert into t select a from {rows}")
        >>> cursor.execute("select a from t").all()
        [(1,), (2,)]
        """
        self._finish()
        if len(table) > SMALL and not many:
            self._connection.register("patron_rows", table)
            try:
                self.execute(sql.format(rows="patron_rows"))
            finally:
                self.unregister("patron_rows")
            return
        feed = self._fed.get((sql, table.schema, many))
        if feed is None:
            feed = _Feed(table)
            name = f"patron_feed_{len(self._fed)}"
            self._connection.register(name, feed)
            feed.statement = sql.format(rows=name)
            if not many:
                self.execute(f"prepare {name} as {feed.statement}")
                feed.statement = f"execute {name}"
            self._fed[sql, table.schema, many] = feed
        feed.table = table
        try:
            self.execute(feed.statement)
        finally:
            feed.table = table.schema.empty_table()

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name, on this cursor only."""
        self._finish()
        self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        """Forget a table given to `register`."""
        self._finish()
        self._connection.unregister(name)

    def _finish(self) -> None:
        """Let go of a result whose rows were not all read; DuckDB allows no other work before."""
        self._connection.complete()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Self]:
        """Everything inside is committed together, or, when it raises, not at all."""
        self.execute("begin transaction", NOTHING)
        try:
            yield self
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.execute("rollback")
            # What was registered and prepared within the transaction is gone with it.
            self._fed.clear()
            self._repeated.clear()
            raise
        self.execute("commit", NOTHING)

    def take_view(self) -> None:
        """Have a transaction see what is committed by now, and not by its first question."""
        self.execute("select txid_current()", NOTHING).one()

    def lend(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, for a library that speaks to DuckDB on its own."""
        self._finish()
        return self._connection

    def fold_log(self) -> None:
        """Fold the log in, as fast as can be: what came in is compressed when parts are joined.

        Nothing is committed meanwhile.

        Raises:
            QueryError: A transaction is open that changed rows.
        """
        self.execute("set global force_compression = 'uncompressed'")
        try:
            self.execute("checkpoint")
        finally:
            self.execute("set global force_compression = 'auto'")

    def join_parts(self, *, most: int = 1) -> None:
        """Fold the log in, and join neighbouring parts of tables, small from frequent checkpoints.

        Nothing is committed meanwhile. A part is 122,880 rows at most; to make one of the messages
        or of their events takes about a second.

        Args:
            most: About how many parts to make of each table.

        Raises:
            QueryError: A transaction is open that changed rows.
        """
        self.execute(f"set global max_vacuum_tasks = {most}")
        try:
            self.execute("checkpoint")
        finally:
            self.execute(f"set global max_vacuum_tasks = {SETTINGS['max_vacuum_tasks']}")

    def give_up(self) -> None:
        """Let what runs in another thread, and all that is asked from now on, end at once."""
        self._given_up = True
        with contextlib.suppress(duckdb.ConnectionException):  # it may be closed already
            self._connection.interrupt()

    def close(self) -> None:
        """Give the cursor back."""
        self._connection.close()

    def _translated(self, error: duckdb.Error) -> PatronError:
        if self._given_up or isinstance(error, duckdb.InterruptException):
            return AbandonedError(_NOBODY)
        wrong = duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException
        if isinstance(error, wrong):
            return StorageError(first_line(error))
        return QueryError(first_line(error))

    def end(self) -> None:
        """Close it from another thread, once what runs there has ended."""
        while True:
            self.give_up()
            try:
                self.close()
            except duckdb.ResourceInUseException:
                time.sleep(0.001)
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class _Feed:
    """Rows that change under a name that stays, so that statements over it can stay prepared."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.statement = ""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.table.schema.__arrow_c_schema__()


@functools.lru_cache(maxsize=1024)
def pattern_error(pattern: str) -> str | None:
    """What is wrong with a regular expression of RE2; None when nothing is.

    >>> pattern_error("(red|blue)"), pattern_error("(red")
    (None, 'missing ): (red')
    """
    with Database(threads=1) as database, database.cursor() as cursor:
        try:
            cursor.execute("select regexp_matches('', ?)", [pattern]).all()
        except QueryError as error:
            return str(error).removeprefix("Invalid Input Error: ")
    return None


def first_line(error: BaseException) -> str:
    """An engine's error without its stack of hints and carets."""
    return str(error).strip().split("\n", 1)[0]
