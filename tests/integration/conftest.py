"""One live server for all tests of a worker that do not need one of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.harness import LiveServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Shared: compare counters before and after, and use ids of your own."""
    with LiveServer(tmp_path_factory.mktemp("server") / "workspace") as running:
        yield running
