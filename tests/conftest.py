"""Options and limits of the whole suite."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from patron.engines.duckdb import Database
from patron.warehouse import store
from patron.warehouse.schema import migrate

# What these check is shown with its values, as in the tests themselves.
pytest.register_assert_rewrite("integration.harness")

# Slow machines are no failure: what a test does counts, not how long one example takes.
settings.register_profile("patron", deadline=None)
settings.load_profile("patron")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="more rounds than the daily suite")
    parser.addoption("--seed", type=int, default=None, help="repeat random tests from this seed")


def pytest_configure(config: pytest.Config) -> None:
    # Each of the many processes that tests start would compile the whole package for itself.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Workers of pytest-xdist take the seed of the process that started them.
    if config.getoption("--seed") is None:
        given = os.environ.setdefault("PATRON_TEST_SEED", str(secrets.randbelow(2**31)))
        config.option.seed = int(given)


def pytest_report_header(config: pytest.Config) -> str:
    return f"random tests: --seed={config.getoption('--seed')}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the collector is not to search it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_sessionfinish() -> None:
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--deep"):
        skip = pytest.mark.skip(reason="only with --deep")
        for item in items:
            if "deep" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Where random tests start from."""
    found: int = request.config.getoption("--seed")
    return found


@pytest.fixture(scope="session")
def deep(request: pytest.FixtureRequest) -> bool:
    """Whether more rounds are wanted than the daily suite has time for."""
    found: bool = request.config.getoption("--deep")
    return found


@pytest.fixture(scope="session", autouse=True)
def _tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Workspaces that tests make in this process begin with a copy of a file that has the tables.

    To make them takes two thirds of the work of making a workspace. That they are made rightly is
    shown by tests/unit/test_migrations.py, and by what runs `patron init` in a process of its own.
    """
    made = tmp_path_factory.mktemp("tables") / store.DATABASE

    def opened(path: Path, **how: object) -> Database:
        if not made.exists():
            with Database(made) as database:
                migrate(database.cursor())
        if not path.exists():
            shutil.copyfile(made, path)
        return Database(path, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "Database", opened)
        yield
