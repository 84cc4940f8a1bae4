"""A database is closed while somebody asks it; a question ends when who asked is gone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Event

import pytest

from patron.engines.asker import Asker, for_everybody
from patron.engines.duckdb import Cursor, Database
from patron.errors import AbandonedError

ENDLESS = (
    "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3"
)


def asked(cursor: Cursor, begun: Event) -> None:
    begun.set()
    cursor.execute(ENDLESS)


def ended(cursor: Cursor, end: Callable[[], None]) -> None:
    begun = Event()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(asked, cursor, begun)
        begun.wait()
        while not asking.done():  # it may be told just before it begins
            end()
        with pytest.raises(AbandonedError):
            asking.result()


def test_closing_ends_what_is_being_asked() -> None:
    database = Database()
    idle, busy = database.cursor(), database.cursor()
    ended(busy, database.close)
    with pytest.raises(AbandonedError):
        idle.execute("select 1")


def test_only_who_went_away_is_given_up() -> None:
    with Database() as database:
        other = database.cursor()
        with Asker() as asker:
            mine = copy_context().run(database.cursor)
        ended(mine, asker.go)
        assert other.execute("select 1").value() == 1
        asker = Asker()
        asker.go()
        with asker, for_everybody():
            assert database.cursor().execute("select 1").value() == 1
        with Asker():
            assert database.cursor().execute("select 1").value() == 1
