"""A start goes on where memberships stopped, from the snapshot or from the tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patron.errors import StorageError
from patron.pipeline.live import snapshot
from patron.pipeline.live.step import Step
from patron.segments.memberships import read_changes
from patron.segments.memory import saved
from patron.segments.memory.tables import Landed, TableMemory
from patron.workspace import Workspace
from unit.pipeline.shop import DAY, Shop

RULES = {
    "recent": 'did "Seen" in the last 2 days',
    "often": 'count("Seen") >= 3',
    "lasting": 'last(colour of "Seen") = "red"',
    "spent": 'sum(revenue of "Seen" in the last 30 days) > 20',
    "entered": "entered segment often in the last 5 days",
    "idle": 'did not "Heard"',
}


def stopped(folder: Path) -> Shop:
    """A shop with some history, after a clean stop of a server."""
    shop = Shop(folder)
    for name, rule in RULES.items():
        shop.segment(name, rule)
    for number in range(5):
        shop.track("Seen", properties={"colour": "red", "revenue": 9.5 + number})
        shop.track("Heard", user="bob")
        shop.changes()
        shop.clock.advance(DAY / 4)
    for _ in range(2):
        shop.send("track", event="Seen", anonymousId="a")
    shop.workspace.close()
    with Workspace(folder, clock=shop.clock, live=True) as workspace:
        assert workspace.memberships.wait(12, 30)
    return shop


def story(shop: Shop, folder: Path) -> list[tuple[object, ...]]:
    """What is recorded after a restart, one more event, and some days."""
    shop.workspace = Workspace(folder, clock=shop.clock)
    shop.track("Seen", user="bob", properties={"colour": "blue", "revenue": 30})
    shop.changes()
    shop.clock.advance(3 * DAY)
    shop.changes()
    with shop.workspace.reading() as reading:
        changes = read_changes(reading.cursor, segment=None, after=0, limit=1_000)
    shop.workspace.close()
    return [change[1:] for change in changes]


def spoiled(folder: Path) -> None:
    """Cut a file of the snapshot short."""
    path = folder / "members.npz"
    path.write_bytes(path.read_bytes()[:40])


def unnamed(folder: Path) -> None:
    """Make the snapshot that of nothing."""
    (folder / "memory.json").write_text(json.dumps({"columns": 7}))


@pytest.mark.parametrize("spoil", [None, shutil.rmtree, spoiled, unnamed])
def test_a_snapshot_changes_nothing_but_the_time_that_a_start_takes(
    tmp_path: Path, spoil: Callable[[Path], None] | None
) -> None:
    kept = stopped(tmp_path / "kept")
    other = stopped(tmp_path / "other")
    if spoil is not None:
        spoil(tmp_path / "other" / "live" / "memberships")
    found = story(kept, tmp_path / "kept")
    assert found == story(other, tmp_path / "other")
    assert {change[0] for change in found} >= {"recent", "often", "lasting", "spent", "entered"}


def test_a_start_after_a_clean_stop_reads_the_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = stopped(tmp_path)
    read: list[int] = []

    def taken(table: TableMemory, columns: dict[str, Any]) -> Landed:
        read.append(len(columns["profile_id"]))
        return take(table, columns)

    take = TableMemory.take
    monkeypatch.setattr(TableMemory, "take", taken)
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    shop.workspace.advance()
    assert sum(read) == 0
    assert len(shop.workspace.live_members("often") or ()) == 1
    shop.track("Seen", user="bob")
    shop.workspace.advance()
    assert sum(read) == 1
    shop.workspace.close()


def test_an_older_snapshot_is_brought_up_to_date_also_through_merges(tmp_path: Path) -> None:
    shop = stopped(tmp_path)
    older = shutil.copytree(tmp_path / "live" / "memberships", tmp_path / "older")
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    shop.send("identify", userId="bob", anonymousId="a")
    shop.segment("new", 'did "Seen" and did "Heard"')
    shop.changes()
    found = []
    for kept in (older, None):
        shop.workspace.close()
        shutil.rmtree(tmp_path / "live" / "memberships")
        if kept is not None:
            shutil.copytree(kept, tmp_path / "live" / "memberships")
        shop.workspace = Workspace(tmp_path, clock=shop.clock)
        shop.track("Seen", user="bob")
        shop.workspace.advance()
        members = {name: shop.workspace.live_members(name) for name in (*RULES, "new")}
        found.append({name: ids.ids().tolist() for name, ids in members.items() if ids is not None})
    assert found[0]["often"] == [1, 2]
    assert found[0] == found[1]
    shop.workspace.close()


def test_a_snapshot_of_another_version_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = stopped(tmp_path)
    monkeypatch.setattr(saved, "FORMAT", 0)
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    shop.workspace.advance()
    assert len(shop.workspace.live_members("often") or ()) == 1
    assert snapshot.read(tmp_path / "live" / "memberships") is None
    shop.workspace.close()


def test_after_a_step_that_failed_everything_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    shop.segment("often", 'count("Seen") >= 1')
    shop.changes()
    shop.track("Seen")

    def fails(*_: object) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(Step, "_remember", fails)
        with pytest.raises(StorageError):
            shop.workspace.advance()
    assert [change.kind for change in shop.changes("often")] == ["entered"]
    shop.workspace.close()


def test_a_snapshot_of_a_later_time_is_not_used(tmp_path: Path) -> None:
    shop = stopped(tmp_path / "one")
    ahead = Shop(tmp_path / "two")
    ahead.workspace.close()
    shutil.copytree(tmp_path / "one" / "live" / "memberships", tmp_path / "two/live/memberships")
    ahead.workspace = Workspace(tmp_path / "two", clock=shop.clock)
    ahead.segment("often", 'count("Seen") >= 1')
    ahead.track("Seen")
    assert [change.profile_id for change in ahead.changes("often")] == [1]
    assert not (tmp_path / "two/live/memberships").exists()
    ahead.workspace.close()
