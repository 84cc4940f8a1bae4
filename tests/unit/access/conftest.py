"""Accounts over tables in memory, at a moment that tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from patron.access.accounts import Accounts
from patron.access.desk import Desk
from patron.clock import ManualClock, parse_time
from patron.engines.duckdb import Cursor, Database
from patron.warehouse.schema import migrate


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(parse_time("2026-03-02T09:00:00Z"))


@pytest.fixture
def cursor() -> Iterator[Cursor]:
    with Database() as database:
        cursor = database.cursor()
        migrate(cursor)
        yield cursor


@pytest.fixture
def opened(cursor: Cursor, clock: ManualClock, tmp_path: Path) -> Callable[[], Accounts]:
    """Opens the accounts as a new process does."""
    desk = Desk(lambda change: change(cursor), lambda change: change(cursor), clock)
    return lambda: Accounts(cursor, desk, tmp_path)


@pytest.fixture
def accounts(opened: Callable[[], Accounts]) -> Accounts:
    return opened()
