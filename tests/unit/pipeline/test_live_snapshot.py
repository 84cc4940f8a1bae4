"""A start goes on where memberships stopped, from the snapshot or from the tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from patron.pipeline import live
from patron.segments.memberships import read_changes
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
    shop.workspace.close()
    with Workspace(folder, clock=shop.clock, live=True) as workspace:
        assert workspace.memberships.wait(10, 30)
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

    def unread(_: object) -> object:
        raise AssertionError("the tables were read")

    monkeypatch.setattr(live, "load", unread)
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    assert [len(shop.workspace.live_members(name) or ()) for name in RULES] == [0] * len(RULES)
    shop.workspace.advance()
    assert len(shop.workspace.live_members("often") or ()) == 1
    shop.workspace.close()


def test_a_snapshot_that_others_stepped_past_is_not_used(tmp_path: Path) -> None:
    shop = stopped(tmp_path)
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    for _ in range(3):
        shop.track("Seen", user="bob")
    shop.changes()
    shop.workspace.close()
    shop.workspace = Workspace(tmp_path, clock=shop.clock)
    shop.workspace.advance()
    assert len(shop.workspace.live_members("often") or ()) == 2
    shop.workspace.close()
