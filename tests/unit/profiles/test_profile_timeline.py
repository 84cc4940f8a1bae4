"""The timeline and its pages."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

import pytest

from patron.errors import InputError
from patron.profiles import Event, Line, plain, timeline


def pages(world: Any, size: int, **options: Any) -> list[list[str]]:
    """The message ids of all pages; more than 50 pages are pages that repeat themselves."""
    found, before = [], None
    for _ in range(50):
        page = timeline(
            world.cursor, 1, world.at(10_000), before=before, limit=size, kinds=["event"], **options
        )
        found.append([event.message_id for event in page.entries])
        before = page.next
        if before is None:
            return found
    raise AssertionError(found)


def test_an_event_is_shown_whole(world: Any) -> None:
    world.event(
        1,
        "Order Completed",
        1,
        source=2,
        id_="m1",
        brand="south",
        order_id="o1",
        currency="EUR",
        revenue="1.50",
        total="2",
        tax="0.1",
        shipping="0.2",
        discount="0.3",
        coupon="X",
        properties='{"step": 9007199254740993, "rate": 1.0, "deep": {"a": null}}',
        lines=[
            {"product_id": "p1", "price": 1.5, "quantity": 2, "gift": True},
            {"product_id": "p2"},
        ],
    )
    (event,) = timeline(world.cursor, 1, world.at(1)).entries
    nothing = (None,) * 6
    assert event == Event(
        name="Order Completed",
        about="order",
        type="track",
        occurred_at=world.at(1),
        received_at=world.at(6),
        source="store",
        brand="south",
        channel="web",
        message_id="m1",
        properties={"step": 9007199254740993, "rate": 1.0, "deep": {"a": None}},
        order_id="o1",
        currency="EUR",
        revenue=Decimal("1.5"),
        total=Decimal(2),
        tax=Decimal("0.1"),
        shipping=Decimal("0.2"),
        discount=Decimal("0.3"),
        coupon="X",
        lines=(
            Line(
                "p1",
                *nothing,
                Decimal("1.5"),
                Decimal(2),
                {"product_id": "p1", "price": 1.5, "quantity": 2, "gift": True},
            ),
            Line("p2", *nothing, None, None, {"product_id": "p2"}),
        ),
    )
    shown = plain(event)
    assert (shown["revenue"], shown["total"], shown["received_at"]) == (
        "1.5",
        "2",
        "2018-01-01T00:06:00Z",
    )


def test_newest_first_without_the_future_and_without_others(world: Any) -> None:
    for minute in (3, 1, 2, 2, 9):
        world.event(1, "A", minute)
    world.event(2, "A", 2)
    found = timeline(world.cursor, 1, world.at(3))
    assert [event.message_id for event in found.entries] == ["e1", "e4", "e3", "e2"]
    assert found.next is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_repeat_nothing_and_leave_nothing_out(world: Any, size: int) -> None:
    chance = random.Random(size)
    moments = [chance.randrange(6) for _ in range(20)]
    for number, minute in enumerate(moments):
        world.event(chance.choice((1, 2)), chance.choice("AB"), minute, id_=f"m{number}")
    world.event(3, "A", 1, id_="else")
    world.merge(2, 1, "r")
    whole = [f"m{n}" for n in sorted(range(20), key=lambda n: (moments[n], n), reverse=True)]
    found = pages(world, size)
    assert [one for page in found for one in page] == whole
    assert {len(page) for page in found[:-1]} <= {size}
    assert found[-1]


def test_events_that_arrive_meanwhile_shift_no_page(world: Any) -> None:
    for number in range(6):
        world.event(1, "A", number, id_=f"m{number}")
    first = timeline(world.cursor, 1, world.at(99), limit=3)
    world.event(1, "A", 50, id_="newer")
    world.event(1, "A", 3, id_="same moment as the last one shown, later position")
    world.event(1, "A", 0.5, id_="late")
    rest = timeline(world.cursor, 1, world.at(99), limit=9, before=first.next)
    assert [event.message_id for event in first.entries] == ["m5", "m4", "m3"]
    assert [event.message_id for event in rest.entries] == ["m2", "m1", "late", "m0"]


def test_the_last_page_of_a_long_history_takes_no_longer_than_the_first(world: Any) -> None:
    """Issue 5, point 9: no cliff. Both are read in turn, so that what slows one slows the other."""
    world.event(1, "Page Viewed", 0)
    many = """
        insert into {table} select seen.* replace (
            i + 1 as position, occurred_at + to_minutes(i) as occurred_at,
            'e' || (i + 1) as message_id)
        from {table} as seen, range(1, 20000) as more(i) where position = 1
    """
    for table in ("messages", "events"):
        world.cursor.execute(many.format(table=table))

    def page(before: str | None, limit: int = 50) -> Any:
        return timeline(world.cursor, 1, world.at(20_000), before=before, limit=limit)

    far = page(None, limit=19_950).next
    last = page(far)
    assert ([one.message_id for one in last.entries], last.next) == (
        [f"e{number}" for number in range(50, 0, -1)], None,
    )  # fmt: skip
    taken: dict[str | None, list[float]] = {None: [], far: []}
    for _ in range(7):
        for before, seconds in taken.items():
            began = time.perf_counter()
            page(before)
            seconds.append(time.perf_counter() - began)
    assert min(taken[far]) < 3 * min(taken[None])


def test_names_choose(world: Any) -> None:
    for number, name in enumerate("ABCAB"):
        world.event(1, name, number)
    assert pages(world, 2, names=["A", "B"]) == [["e5", "e4"], ["e2", "e1"]]
    assert pages(world, 2, names=["Z"]) == [[]]
    assert pages(world, 2, names=[]) == [[]]


@pytest.mark.parametrize(
    "token",
    [
        "", "x", "????", "é", "MTIz", "MSwtMQ", "YSxi", "MSwxLDEsMQ", "MSw5LDE", "9" * 500,
        "MSw5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTksMQ",
    ],
)  # fmt: skip
def test_a_token_that_is_none_is_refused(world: Any, token: str) -> None:
    with pytest.raises(InputError) as caught:
        timeline(world.cursor, 1, world.at(1), before=token)
    assert caught.value.field == "before"


def test_a_limit_below_one_is_refused(world: Any) -> None:
    with pytest.raises(InputError, match="limit: expected 1 or more"):
        timeline(world.cursor, 1, world.at(1), limit=0)
