"""Options and limits of the whole suite."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import settings

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
