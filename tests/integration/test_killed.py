"""Killed at any moment, nothing that was acknowledged is lost or counted twice (S1.3, blueprint 9).

The server is ended with SIGKILL at random moments, while it takes requests and while it starts, and
started again. The clients send each request until it is answered with a 200.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from integration.harness import (
    LiveServer,
    assert_consistent,
    assert_identity_consistent,
    open_folder,
)
from integration.harness.load import LoadClient, Sent
from patron.engines.duckdb import Cursor

WORKSPACES = 3
ROUNDS = 9
DEEP_ROUNDS = 120
CLIENTS = 4


@pytest.mark.parametrize("workspace", range(WORKSPACES))
def test_killed_at_random_moments_it_keeps_its_word(
    tmp_path: Path, workspace: int, seed: int, deep: bool
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(f"{seed}-{workspace}")
    rounds = DEEP_ROUNDS if deep else ROUNDS
    with LiveServer(tmp_path / "workspace") as server:
        clients = [
            LoadClient(server.url, f"client-{n}", random.Random(rng.random()))
            for n in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for _ in range(rounds):
            time.sleep(rng.uniform(0.01, 0.5))  # the random moment
            server.kill()
            if rng.random() < 0.25:
                server.spawn()
                time.sleep(rng.uniform(0, 0.4))  # another one, perhaps while it starts
                server.kill()
            server.restart()
        for client in clients:
            client.stop()
        for client in clients:
            client.join()
        if workspace % 2:
            assert server.stop() == 0
        else:
            server.kill()
    assert sum(client.retries for client in clients) > 0, "no client has met a kill"
    with open_folder(tmp_path / "workspace") as cursor:
        assert_kept(cursor, [sent for client in clients for sent in client.acknowledged])


def assert_kept(cursor: Cursor, acknowledged: list[Sent]) -> None:
    """All that was acknowledged is there once, with all its rows, and nothing else is."""
    assert_consistent(cursor)
    assert_identity_consistent(cursor)
    by_id = {sent.message_id: sent for sent in acknowledged}
    good = {found: sent for found, sent in by_id.items() if sent.good}
    assert len(good) > 50

    cursor.execute("select position, message_id from messages")
    position_of = {message_id: position for position, message_id in cursor.all()}
    assert set(position_of) == set(good)
    cursor.execute("select message_id from quarantine")
    assert Counter(row[0] for row in cursor.all()) == Counter(set(by_id) - set(good))

    for table, expected in (
        ("events", {found: sent.events for found, sent in good.items()}),
        ("order_lines", {found: sent.lines for found, sent in good.items()}),
        ("traits", {found: sent.traits for found, sent in good.items()}),
    ):
        cursor.execute(f"select position, count(*) from {table} group by position")
        counted = dict(cursor.all())
        found = {message_id: counted.get(at, 0) for message_id, at in position_of.items()}
        assert found == expected, table

    cursor.execute("select sum(stored), sum(quarantined) from counters")
    assert cursor.all() == [(len(good), len(by_id) - len(good))]
