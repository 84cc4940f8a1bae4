"""A database that any older version wrote becomes one of today's."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.engines.duckdb import Cursor, Database
from patron.errors import QueryError
from patron.warehouse.schema import migrate, migrations

STEPS = migrations()


def columns(cursor: Cursor) -> list[tuple[object, ...]]:
    return cursor.execute(
        "select table_name, column_name, data_type, is_nullable from information_schema.columns "
        "order by all"
    ).all()


@pytest.mark.parametrize("version", [number for number, _ in STEPS])
def test_every_older_version_is_brought_to_this_one(version: int) -> None:
    with Database() as new, Database() as old:
        assert migrate(new.cursor()) == STEPS[-1][0]
        cursor = old.cursor()
        for number, sql in STEPS[:version]:
            cursor.execute(sql)
            cursor.execute(
                "insert or replace into meta values ('schema_version', ?)", [str(number)]
            )
        assert migrate(cursor) == STEPS[-1][0]
        assert columns(cursor) == columns(new.cursor())


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _ in STEPS] == list(range(1, len(STEPS) + 1))


def test_views_of_another_version_are_made_anew() -> None:
    with Database() as database:
        cursor = database.cursor()
        migrate(cursor)
        asked = "select sql from duckdb_views() where view_name = 'customers'"
        ours = cursor.execute(asked).value()
        cursor.execute("create or replace view customers as select 1 as profile_id")
        cursor.execute("update meta set value = 'those of another version' where key = 'views'")
        migrate(cursor)
        assert cursor.execute(asked).value() == ours


def test_a_start_writes_nothing_where_nothing_is_new(tmp_path: Path) -> None:
    with Database(tmp_path / "file") as database:
        migrate(database.cursor())
        assert database.log_bytes() > 0
    with Database(tmp_path / "file") as database:
        assert migrate(database.cursor()) == STEPS[-1][0]
        assert database.log_bytes() == 0


def test_a_new_database_is_made_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [*STEPS, (STEPS[-1][0] + 1, "create table another (a integer); select no_column")]
    monkeypatch.setattr("patron.warehouse.schema.migrations", lambda: wrong)
    with Database() as database:
        with pytest.raises(QueryError):
            migrate(database.cursor())
        assert columns(database.cursor()) == []
