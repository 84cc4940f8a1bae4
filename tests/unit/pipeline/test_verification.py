"""Verification finds every membership that is recorded wrongly, and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron.errors import InputError
from patron.pipeline.live.verification import Verification
from unit.pipeline.shop import DAY, Shop

RULES = {
    "anyone": 'did "Seen"',
    "fresh": 'did "Seen" in the last 1 day',
    "idle": 'did not "Seen" in the last 1 day',
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    for name, rule in RULES.items():
        opened.segment(name, rule)
    for number in range(10):
        opened.track("Seen" if number % 3 else "Heard", user=f"user-{number}")
    opened.workspace.advance()
    yield opened
    opened.workspace.close()


def every_share(shop: Shop, shares: int = 4) -> list[tuple[Any, ...]]:
    verify = shop.workspace.memberships.verify
    found = [verify(share, shares) for share in range(shares)]
    assert sum(one["customers"] for one in found) == 10
    return [
        (d["segment"], d["profile_id"], d["recorded"], d["held"], d["recomputed"])
        for one in found
        for d in one["differences"]
    ]


def test_what_is_right_shows_no_difference(shop: Shop) -> None:
    assert every_share(shop) == []
    shop.clock.advance(DAY)
    assert every_share(shop) == []


def test_a_mistake_of_memory_is_found(shop: Shop) -> None:
    memberships = shop.workspace._live.memberships
    found = memberships.members("fresh")
    assert found is not None
    found.set(np.array([2]), False)
    found.set(np.array([1]), True)
    assert every_share(shop) == [("fresh", 1, False, True, False), ("fresh", 2, True, False, True)]
    seen = shop.workspace.memberships.verification()
    assert (seen["differences"], seen["shares"], seen["answers"]) == (2, 4, 30)
    assert [row["profile_id"] for row in seen["data"]] == [1, 2]
    assert b"patron_verification_differences_total 2.0" in shop.workspace.metrics()


def test_a_mistake_on_record_is_found_after_a_restart_too(shop: Shop) -> None:
    with shop.workspace._store.cursor() as cursor:
        cursor.execute("delete from membership_changes where segment = 'idle' and profile_id = 4")
    assert every_share(shop) == [("idle", 4, False, True, True)]
    shop.restart()
    assert every_share(shop) == [("idle", 4, False, False, True)]


def test_differences_are_logged_without_personal_data(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    with shop.workspace._store.cursor() as cursor:
        cursor.execute("delete from membership_changes where segment = 'idle' and profile_id = 4")
    every_share(shop)
    printed = "".join(capsys.readouterr())
    assert "recorded wrongly" in printed
    assert "profile_id" in printed
    assert "user-" not in printed


def test_the_shares_take_turns(shop: Shop) -> None:
    verify = shop.workspace.memberships.verify
    taken = [verify()["share"] for _ in range(3)]
    assert taken == [(taken[0] + number) % 64 for number in range(3)]
    with pytest.raises(InputError):
        verify(4, 4)


@pytest.mark.parametrize(("merging", "looks"), [(False, [False]), (True, [False, False])])
def test_what_comes_in_meanwhile_is_no_difference(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, merging: bool, looks: list[bool]
) -> None:
    """A view of the tables may hold what the memberships do not hold yet."""
    shop.segment("once", 'count("Seen") = 1')
    for number in range(2):
        shop.send("track", event="Seen", anonymousId=f"visitor-{number}")
    look = Verification._look
    rounds: list[bool] = []

    def busy(self: Verification, *args: Any, step: bool, **more: Any) -> Any:
        writing = threading.current_thread().name == "patron-writer"
        if not writing:
            # After the step, and before the view is opened.
            shop.workspace.advance()
            shop.track("Seen", user="user-0")
            if merging:
                shop.send("identify", userId="user-0", anonymousId=f"visitor-{len(rounds)}")
        rounds.append(writing)
        return look(self, *args, step=writing and step, **more)

    monkeypatch.setattr(Verification, "_look", busy)
    assert shop.workspace.memberships.verify(0, 1)["differences"] == []
    assert rounds == looks, "rows are left out; after a merge it looks again"
