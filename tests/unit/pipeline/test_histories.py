"""Copies in the order of customers say what the tables say, whoever became whom (point 13, M6)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.errors import PatronError
from patron.profiles import own_events
from patron.warehouse import histories
from patron.warehouse.histories import Copy, State
from patron.workspace import Workspace
from unit.pipeline.happenings import act
from unit.pipeline.shop import Shop

ROWS = list(enumerate([100, 40, 12, 7]))
"""Of copies one after the other, each of ten messages."""

PARTS = ["events", "order_history", "orders", "visits", "traits", "observations", "name"]


@pytest.fixture(autouse=True)
def _small_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few messages make a copy, so that there are several, which are joined in several steps."""
    monkeypatch.setattr(histories, "TAIL", 4)
    monkeypatch.setattr(histories, "PIECE", 9)
    monkeypatch.setattr(histories, "CHUNK", 5)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def told(workspace: Workspace) -> list[Any]:
    """All that is said of everybody, without how they are known."""
    ids = [str(one) for one in range(1, 12)]
    found: list[Any] = [workspace.profiles(ids, include=PARTS, only=True)["data"]]
    for one in ids:
        try:
            page = workspace.timeline(one, limit=3)
            rest = (
                workspace.timeline(one, cursor=page["next"], kinds=["event"])
                if page["next"]
                else {}
            )
            said = workspace.traits_of(one)["data"]
            found.append((page["data"], rest.get("data"), workspace.orders(one)["data"], said))
        except PatronError as error:
            found.append(error.message)
    return found


def by_tables(workspace: Workspace) -> list[Any]:
    kept = workspace._histories
    copies, kept._copies = kept._copies, ()
    try:
        return told(workspace)
    finally:
        kept._copies = copies


@pytest.mark.parametrize("seed", range(2))
def test_copies_say_what_the_tables_say(
    shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    most = 0
    for _ in range(7):
        act(shop, chance)
        most = max(most, len(shop.workspace._histories._copies))
        by_copies = told(shop.workspace)
        assert by_copies == by_tables(shop.workspace)
        with monkeypatch.context() as patch:
            patch.setattr(own_events, "EACH", 1)  # too many for all to be read at once
            assert by_copies == told(shop.workspace)
    assert most > 1


def test_a_customer_without_a_copy_of_their_own_is_read_from_the_tables(shop: Shop) -> None:
    for number in range(8):
        shop.send("track", event="Seen", userId=f"u{number % 2}", properties={"n": number})
    shop.workspace._histories.tend()
    assert shop.workspace._histories._copies
    for name in ("u0", "u1", "late"):
        shop.send("track", event="Seen", userId=name, properties={"n": 99})
        seen = shop.workspace.profile(f"user_id:{name}", include=["events"])["events"]
        assert [one["properties"]["n"] for one in seen][:1] == [99]
        assert len(seen) == {"u0": 5, "u1": 5, "late": 1}[name]


def test_joining_takes_a_few_rows_at_a_time_whenever_customers_came(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each customer is in the copy of when they came alone: no copy tells of all of them."""
    taken = []
    join_range = histories.Histories._join_range

    def counted(
        self: histories.Histories, cursor: Cursor, name: str, copies: Sequence[Copy], ids: Any
    ) -> None:
        among = "where profile_id >= ? and profile_id < ?"
        tables = [f"{one.name}.{table}" for one in copies for table in histories.TABLES]
        counts = [f"select count(*) from {one} {among}" for one in tables]
        taken.append(sum(int(cursor.execute(one, ids).value()) for one in counts))
        join_range(self, cursor, name, copies, ids)

    monkeypatch.setattr(histories.Histories, "_join_range", counted)
    for number in range(40):
        shop.send("track", event="Seen", userId=f"u{number}")
        shop.send("identify", userId=f"u{number}", traits={"n": number})
    shop.workspace._histories.tend()
    assert sum(taken) >= 80
    assert max(taken) <= 2 * histories.CHUNK
    assert told(shop.workspace) == by_tables(shop.workspace)


def test_the_status_says_how_many_messages_wait_to_be_copied(shop: Shop) -> None:
    waiting = []
    for number in range(6):
        shop.send("track", event="Seen", userId="ann", properties={"n": number})
        waiting.append(shop.workspace.status()["uncopied"])
    position = shop.workspace.status()["position"]
    assert waiting[-3:] == [position - 2, position - 1, position]
    assert waiting[0] == 0  # too few to be worth a copy
    shop.workspace._histories.tend()
    assert shop.workspace.status()["uncopied"] == 0
    shop.send("track", event="Seen", userId="ann", properties={"n": 9})
    assert shop.workspace.status()["uncopied"] == 0
    copies = tuple(Copy(n, 10 * n, 10 * n + 10, rows, State(0, "")) for n, rows in ROWS)
    assert histories.uncopied(copies, 43) == 20  # the two newest are to be one
    assert histories.uncopied(copies[:3], 43) == 13
    assert histories.uncopied(copies[:3], 30) == 0


def test_copies_are_found_again_and_broken_ones_are_removed(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    for number in range(20):
        shop.send("track", event="Seen", userId=f"u{number % 3}")
    shop.workspace._histories.tend()
    before = by_tables(shop.workspace)
    [copy] = shop.workspace._histories._copies
    shop.workspace.close()
    (shop.workspace.folder / "live" / "histories-77.duckdb").write_bytes(b"broken")
    (shop.workspace.folder / "live" / "histories-78.unfinished").write_bytes(b"half")
    with Workspace(shop.workspace.folder, clock=shop.workspace.clock) as again:
        assert again._histories._copies == (copy,)
        assert told(again) == before
    assert [path.name for path in (shop.workspace.folder / "live").glob("histories-*")] == [
        f"histories-{copy.number}.duckdb"
    ]


def test_copies_of_another_log_are_not_used(tmp_path: Path) -> None:
    shops = [Shop(tmp_path / name) for name in ("one", "other")]
    shops[1]._sent = 100  # its messages bear other ids
    for shop in shops:
        for _ in range(9):
            shop.send("track", event="Seen", userId="ann")
    shops[0].workspace._histories.tend()
    for shop in shops:
        shop.workspace.close()
    [path] = (tmp_path / "one" / "live").glob("histories-*.duckdb")
    path.replace(tmp_path / "other" / "live" / path.name)
    with Workspace(tmp_path / "other", clock=shops[1].workspace.clock) as other:
        assert other._histories._copies == ()


def test_a_copy_stays_while_it_is_read(shop: Shop) -> None:
    for number in range(9):
        shop.send("track", event="Seen", userId=f"u{number % 3}")
    kept = shop.workspace._histories
    kept.tend()
    with shop.workspace.reading() as reading:
        [copy] = reading.copies
        for number in range(9):
            shop.send("track", event="Seen", userId=f"u{number % 3}")
        kept.tend()
        assert copy not in kept._copies
        assert reading.cursor.execute(f"select count(*) from {copy.name}.events").value() == 9
        assert kept._path(copy).exists()
    assert not kept._path(copy).exists()
    assert [copy.rows for copy in kept._copies] == [18]
