"""What a kill does not show, for it leaves the page cache standing (S1.3, blueprint 9).

The disk is synced before the answer is sent; and of a log that was cut short, a prefix is left.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from pathlib import Path

import pytest

from integration.harness import (
    KEY,
    LiveServer,
    assert_consistent,
    assert_identity_consistent,
    make_workspace,
    open_folder,
)
from integration.harness.load import LoadClient, Sent
from patron.workspace import Workspace

SYNCED = re.compile(
    r"(fsync|fdatasync)\(\d+<[^>]*\.wal>\)\s+= 0|<\.\.\. (fsync|fdatasync) resumed>\)\s+= 0"
)
CALLS = "read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync"

# In CI a missing strace is a failure: there this test must not vanish unseen.
needs_strace = pytest.mark.skipif(
    os.environ.get("CI") != "true" and shutil.which("strace") is None,
    reason="strace is missing: install it to see the sync before the answer.",
)


@needs_strace
def test_the_log_is_synced_before_the_answer_is_sent(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    wrapper = ("strace", "-f", "-qq", "-y", "-s", "200", "-e", f"trace={CALLS}", "-o", str(trace))
    requests = 10
    with LiveServer(tmp_path / "workspace", wrapper=wrapper) as server:
        for number in range(requests):
            item = {"userId": "u", "event": "E", "messageId": f"m{number}"}
            path, body = ("/v1/track", item) if number % 2 else ("/v1/batch", {"batch": [
                {**item, "type": "track"}
            ]})  # fmt: skip
            answer = server.client.post(path, json=body, auth=(KEY, ""))
            assert answer.headers["patron-result"] == "stored=1, duplicate=0, quarantined=0"
        assert server.stop() == 0

    answered, synced, asked = 0, False, False
    for line in trace.read_text(errors="replace").splitlines():
        if re.search(r'"POST /v1/(track|batch)', line):
            asked, synced = True, False
        elif SYNCED.search(line):
            synced = True
        elif asked and re.search(r'"HTTP/1\.1 200', line):
            assert synced, f"answered before the log was synced: {line}"
            answered, asked = answered + 1, False
    assert answered == requests


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, seed: int) -> tuple[Path, list[Sent]]:
    """A folder that a killed server left, and what one client was answered for, in order."""
    folder = tmp_path_factory.mktemp("killed") / "workspace"
    acknowledged: list[Sent] = []
    rng = random.Random(f"{seed}-cut")
    with LiveServer(folder) as server:
        client = LoadClient(server.url, "client", rng)
        while len(acknowledged) < 400:
            items = [client.item() for _ in range(rng.choice([1, 1, 10, 40]))]
            body = {"batch": [item.body for item in items]}
            answer = server.client.post("/v1/batch", json=body, auth=(KEY, ""))
            assert answer.status_code == 200
            acknowledged += items
        server.kill()
    assert (folder / "patron.duckdb.wal").stat().st_size > 10_000
    return folder, acknowledged


CUTS = 15
DEEP_CUTS = 500


def test_a_log_that_was_cut_short_leaves_a_prefix(
    killed: tuple[Path, list[Sent]], tmp_path: Path, seed: int, deep: bool
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(f"{seed}-cuts")
    whole, acknowledged = killed
    expected = [sent.message_id for sent in acknowledged if sent.good]
    size = (whole / "patron.duckdb.wal").stat().st_size
    lengths = {rng.randrange(size) for _ in range(DEEP_CUTS if deep else CUTS)}
    kept = []
    for length in sorted({0, size - 1, size} | lengths):
        folder = tmp_path / str(length)
        shutil.copytree(whole, folder)
        os.truncate(folder / "patron.duckdb.wal", length)
        with open_folder(folder) as cursor:
            cursor.execute("select message_id from messages order by position")
            found = [row[0] for row in cursor.all()]
            assert found == expected[: len(found)], f"cut at {length}"
            assert_consistent(cursor)
            assert_identity_consistent(cursor)
        kept.append(len(found))
        shutil.rmtree(folder)
    assert kept == sorted(kept)
    assert kept[-1] == len(expected)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_after_a_cut_the_clients_send_again_and_all_is_there_once(
    killed: tuple[Path, list[Sent]], tmp_path: Path, share: float
) -> None:
    whole, acknowledged = killed
    folder = tmp_path / "workspace"
    shutil.copytree(whole, folder)
    wal = folder / "patron.duckdb.wal"
    os.truncate(wal, int(wal.stat().st_size * share))
    body = json.dumps({"batch": [sent.body for sent in acknowledged]}).encode()
    with Workspace(folder) as workspace:
        receipt = workspace.collect_batch(body, KEY).result(timeout=30)
        assert 0 < receipt.stored < len(acknowledged)
        assert receipt.duplicate > 0
    with open_folder(folder) as cursor:
        assert_consistent(cursor)
        assert_identity_consistent(cursor)
        cursor.execute("select message_id from messages")
        assert {row[0] for row in cursor.all()} == {s.message_id for s in acknowledged if s.good}


def test_an_empty_log_file_is_a_workspace_without_messages(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    make_workspace(folder)
    (folder / "patron.duckdb.wal").touch()
    with Workspace(folder) as workspace:
        assert workspace.status()["position"] == 0
