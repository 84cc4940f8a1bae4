"""Rows of merged profiles are rewritten by themselves, and nobody sees a difference."""

import json
from pathlib import Path

import pytest

from patron.pipeline import ingest
from patron.workspace import Workspace


def send(workspace: Workspace, key: str, number: int, **who: str) -> None:
    item = {"type": "track", "event": "Seen", "messageId": f"m{number}", **who}
    workspace.collect_batch(json.dumps({"batch": [item]}).encode(), key).result()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    Workspace.create(tmp_path / "data")
    return Workspace(tmp_path / "data")


def waiting(workspace: Workspace) -> int:
    with workspace.reading() as reading:
        return reading.cursor.execute("select count(*) from profile_map").value()


def stored(workspace: Workspace) -> list[tuple[int, int]]:
    with workspace.reading() as reading:
        return reading.cursor.execute(
            "select profile_id, count(*) from events group by profile_id order by profile_id"
        ).all()


def test_enough_waiting_merges_are_compacted_before_the_next_commit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "COMPACT_AT", 2)
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    with workspace:
        key = workspace.apply([source])["write_keys"]["web"]
        for number, visitor in enumerate(["a1", "a2", "a3"]):
            send(workspace, key, number, anonymousId=visitor)
        send(workspace, key, 10, anonymousId="a1", userId="u")
        send(workspace, key, 11, anonymousId="a2", userId="u")
        send(workspace, key, 12, anonymousId="a3", userId="u")
        before = workspace.timeline("user_id:u")["data"]
        assert waiting(workspace) == 2
        assert len(stored(workspace)) == 3
        send(workspace, key, 13, userId="u")
        assert waiting(workspace) == 0
        assert stored(workspace) == [(1, 7)]
        assert workspace.timeline("user_id:u")["data"][1:] == before
