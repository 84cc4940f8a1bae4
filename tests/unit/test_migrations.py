"""A database that any older version wrote becomes one of today's."""

from __future__ import annotations

import pytest

from patron.engines.duckdb import Cursor, Database
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
