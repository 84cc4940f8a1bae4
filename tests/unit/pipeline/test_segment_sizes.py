"""Sizes of the present come from live membership, and are those that the tables give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patron.segments import query
from patron.workspace import Workspace
from unit.pipeline.shop import DAY, Shop

TIER = [
    {"value": "gold", "rule": 'count("Seen") >= 2'},
    {"value": "silver", "rule": 'did "Seen"'},
]


def sizes(listed: dict[str, Any]) -> dict[str, int]:
    found = {}
    for one in listed["data"]:
        found[one["name"]] = one["count"]
        found |= {f"{one['name']}={each['value']}": each["count"] for each in one["values"]}
    return found


def test_what_memory_knows_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path / "data")
    shop.segment("recent", 'did "Seen" in the last 2 days')
    shop.workspace.put_segment("tier", {"values": TIER}, allow_unknown=True)
    for user in ("ann", "ann", "bob", "cem"):
        shop.track("Seen", user=user)
        shop.clock.advance(DAY)
    counted = sizes(shop.workspace.segments(counts=True))
    assert counted == {"recent": 1, "tier": 3, "tier=gold": 1, "tier=silver": 2}
    shop.workspace.close()
    with Workspace(shop.folder, clock=shop.clock, live=True) as workspace:
        assert workspace.memberships.wait(4, 30)
        with workspace._live.still(), monkeypatch.context() as only:
            only.delattr(query, "count")
            assert sizes(workspace.segments(counts=True)) == counted
            assert workspace.segment("tier")["segment"]["count"] == 3
            assert "count" not in workspace.segment("tier", counts=False)["segment"]
        # Of another moment, the tables are asked.
        earlier = workspace.segments(as_of=shop.clock.now() - DAY, counts=True)
        assert sizes(earlier) == counted | {"recent": 2}
