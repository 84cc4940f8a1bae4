"""Checkpoints leave small parts, joining them makes full ones, and both keep what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.engines.duckdb import Cursor, Database
from patron.errors import QueryError
from patron.warehouse.parts import Parts

ROWS = 5_000


def parts(cursor: Cursor) -> int:
    cursor.execute("select count(distinct row_group_id) from pragma_storage_info('seen')")
    return int(cursor.value())


def filled(database: Database, pieces: int) -> Cursor:
    cursor = database.cursor()
    cursor.execute("create table seen (number bigint, properties variant)")
    for piece in range(pieces):
        cursor.execute(
            "insert into seen select range, ('{\"city\": \"c' || range || '\"}')::json::variant "
            "from range(?, ?)",
            [piece * ROWS, (piece + 1) * ROWS],
        )
        cursor.execute("checkpoint")
    return cursor


def test_a_checkpoint_leaves_earlier_parts_alone(tmp_path: Path) -> None:
    with Database(tmp_path / "t.duckdb") as database:
        cursor = filled(database, 4)
        assert parts(cursor) == 4
        # Stored by name in small parts, too; otherwise each read takes the whole value apart. What
        # has a column of its own stands in the second half of a VARIANT.
        cursor.execute(
            "select count(distinct row_group_id) from pragma_storage_info('seen') "
            "where column_name = 'properties' and column_path like '[1, 2, %' "
            "and segment_type = 'VARCHAR'"
        )
        assert cursor.value() == 4


def test_parts_are_joined_with_all_that_they_hold(tmp_path: Path) -> None:
    with Database(tmp_path / "t.duckdb") as database:
        cursor = filled(database, 4)
        Parts(database).join(4 * ROWS)
        cursor.execute("insert into seen values (-1, null)")
        Parts(database).join(4 * ROWS)
        assert parts(cursor) < 4
        found = cursor.execute(
            "select count(*), sum(number), max(properties.city::varchar) from seen"
        ).one()
        assert found == (4 * ROWS + 1, sum(range(4 * ROWS)) - 1, "c9999")
        tasks = cursor.execute("select current_setting('max_vacuum_tasks')").value()
        assert int(tasks) == 0


def test_joining_waits_for_another_time_while_somebody_writes(tmp_path: Path) -> None:
    with Database(tmp_path / "t.duckdb") as database:
        cursor, other = filled(database, 2), database.cursor()
        other.execute("begin transaction").execute("update seen set number = 0 where number = 0")
        with pytest.raises(QueryError):
            cursor.join_parts()
        Parts(database).join(2 * ROWS)
        other.execute("commit")
        Parts(database).join(2 * ROWS)
        assert cursor.execute("select count(*) from seen").value() == 2 * ROWS


def test_a_long_log_is_folded_in_before_the_engine_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patron.warehouse.parts.LONG", 4_000)
    with Database(tmp_path / "t.duckdb") as database:
        cursor = database.cursor()
        keeper = Parts(database)
        cursor.execute("create table seen (number bigint)")
        keeper.tend()
        assert 0 < database.log_bytes() <= 4_000
        cursor.execute("insert into seen select range from range(5000)")
        assert database.log_bytes() > 4_000
        other = database.cursor()
        other.execute("begin transaction").execute("update seen set number = 0 where number = 0")
        keeper.tend()
        assert database.log_bytes() > 4_000, "somebody else writes"
        other.execute("commit")
        keeper.tend()
        assert database.log_bytes() == 0
        compression = cursor.execute("select current_setting('force_compression')").value()
        assert compression.lower() == "auto", "imports are compressed"
    with Database(tmp_path / "t.duckdb") as database:
        found = database.cursor().execute("select count(*), sum(number) from seen").one()
        assert found == (5_000, sum(range(5_000)))
