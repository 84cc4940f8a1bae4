"""The next pull goes on where one was killed: nothing is lost, nothing is there twice (S2.9)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import databases_support as servers
from integration.harness import open_folder
from patron.workspace import Workspace

ROWS = 2_000
BATCH = 100
KILLS = 3

PULL = """
import sys, time
from patron.collect.databases import Pull
from patron.workspace import Workspace
Pull.__init__.__kwdefaults__["size"] = int(sys.argv[2])
with Workspace(sys.argv[1]) as workspace:
    state = workspace.pulls.start("orders")
    print("began", flush=True)
    while workspace.import_state(state.import_id)["state"] == "running":
        time.sleep(0.01)
    print(workspace.import_state(state.import_id)["error"], flush=True)
"""


def test_killed_at_random_moments_a_pull_loses_and_doubles_nothing(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(seed)
    database = servers.sqlite(tmp_path)
    database.run("create table orders (id integer primary key, at text, amount text, email text)")
    # Every third cursor is shared by several rows.
    database.run(
        "insert into orders values (%s, %s, %s, %s)",
        [
            (n, f"2026-05-01T10:{n // 300:02}:{n // 5 % 60:02}Z", "1.5", f"p{n % 50}@example.com")
            for n in range(ROWS)
        ],
    )
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    folder = tmp_path / "workspace"
    Workspace.create(folder)
    body = {
        "source": "shop",
        "database": {"connection": "shop", "table": "orders", "cursor": "at"},
        "message": {
            "event": "Order Completed", "message_id": "order-{id}", "timestamp": "at",
            "identifiers": {"email": "email"}, "properties": {"revenue": "amount"},
        },
    }  # fmt: skip
    with Workspace(folder) as workspace:
        workspace.apply([
            {"kind": "source", "name": "shop", "body": {}},
            {"kind": "mapping", "name": "orders", "body": body},
        ])  # fmt: skip
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", PULL, str(folder), str(BATCH)],
            stdout=subprocess.PIPE, text=True, env=dict(os.environ),
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "began\n"
            time.sleep(rng.uniform(0.05, 0.5))  # the random moment
            process.send_signal(signal.SIGKILL)
    with open_folder(folder) as cursor:
        between = int(cursor.execute("select count(*) from messages").value())
    assert between > 0
    done = subprocess.run(
        [sys.executable, "-c", PULL, str(folder), "50000"],
        capture_output=True, text=True, env=dict(os.environ), check=True,
    )  # fmt: skip
    assert done.stdout == "began\nNone\n"
    with open_folder(folder) as cursor:
        ids = cursor.execute("select message_id from messages").all()
        assert len(ids) == len(set(ids)) == ROWS
        assert cursor.execute("select count(*), sum(revenue) from events").one() == (
            ROWS, 1.5 * ROWS
        )  # fmt: skip
