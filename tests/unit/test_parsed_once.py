"""A statement with values bound is parsed once, and answers as if it were parsed each time."""

from __future__ import annotations

import threading

import pytest

from patron.engines.duckdb import PARSED, Database
from patron.errors import QueryError


def test_a_statement_follows_the_tables_as_they_are_now() -> None:
    with Database() as database, database.cursor() as one, database.cursor() as other:
        for cursor, columns in ((one, "a int"), (other, "b varchar, a bigint"), (one, "a text")):
            cursor.execute(f"create table t ({columns})")
            with cursor.transaction():
                cursor.execute("insert into t (a) values (?)", [4])
            assert len(cursor.execute("select * from t where a = ?", [4]).columns()) == (
                2 if cursor is other else 1
            )
            cursor.execute("drop table t")


def test_many_statements_do_not_pile_up() -> None:
    with Database() as database, database.cursor() as cursor:
        for number in range(PARSED + 2):
            assert cursor.execute(f"select {number} + ?", [1]).value() == number + 1
        assert len(cursor._parsed) <= PARSED


def test_a_wrong_statement_is_refused_each_time() -> None:
    with Database() as database, database.cursor() as cursor:
        for _ in range(2):
            with pytest.raises(QueryError, match="selec"):
                cursor.execute("selec ?", [1])


def test_several_threads_run_the_same_statement() -> None:
    wrong: list[list[tuple[int]]] = []

    def ask(database: Database, add: int) -> None:
        with database.cursor() as cursor:
            for number in range(200):
                found = cursor.execute("select $n + $add", {"n": number, "add": add}).all()
                if found != [(number + add,)]:
                    wrong.append(found)

    with Database() as database:
        threads = [threading.Thread(target=ask, args=(database, add)) for add in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
