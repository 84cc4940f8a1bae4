"""Rows that are fed to statements."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron.engines.duckdb import SMALL, Cursor, Database


@pytest.mark.parametrize("many", [False, True])
def test_a_transaction_that_is_rolled_back_takes_no_later_one_along(many: bool) -> None:
    table = pa.table({"a": list(range(SMALL + 1 if many else 2))})
    into = "insert into t select a from {rows}"
    with Database() as database, database.cursor() as cursor:
        cursor.execute("create table t (a bigint)")
        with pytest.raises(ZeroDivisionError):
            _fail_after_writing(cursor, table, into, many=many)
        assert cursor.execute("select count(*) from t").value() == 0
        for times in (1, 2):
            with cursor.transaction():
                cursor.over(table, into, many=many)
            assert cursor.execute("select count(*) from t").value() == times * len(table)


def _fail_after_writing(cursor: Cursor, table: pa.Table, sql: str, *, many: bool) -> None:
    with cursor.transaction():
        cursor.over(table, sql, many=many)
        raise ZeroDivisionError
