"""Who reads customers at the same time is answered together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from integration.harness.waiting import until
from patron.api.together import AT_ONCE, MOST, Parts, Together
from patron.engines.asker import Asker, current_asker
from patron.errors import (
    AbandonedError,
    InputError,
    NotFoundError,
    PatronError,
    StorageError,
)

TRAITS = Parts(("traits",), True, None)
SEGMENTS = Parts(("segments",), True, None)


class Shop:
    """Customers c1, c2, …; a question is answered once it may go on."""

    def __init__(self, *, held: bool = False) -> None:
        self.asked: list[tuple[list[str], Parts]] = []
        self.askers: list[Asker | None] = []
        self.begun = threading.Semaphore(0)
        self.slow: set[str] = set()
        self.go_on = threading.Event()
        if not held:
            self.go_on.set()

    def profiles_each(
        self, identifiers: Sequence[str], *, include: tuple[str, ...], only: bool, brand: str | None
    ) -> list[dict[str, Any] | PatronError]:
        self.asked.append((list(identifiers), Parts(include, only, brand)))
        self.askers.append(current_asker())
        self.begun.release()
        assert self.go_on.wait(10)
        until(lambda: not self.slow.intersection(identifiers))
        if "broken" in identifiers:
            raise StorageError("Profile 7 is merged into itself.")
        if include == ("shoes",):
            raise InputError("include: there is no part shoes.", field="include")
        return [
            {"name": "\ud800"}
            if one == "unsayable"
            else {"profile_id": int(one[1:])}
            if one.startswith("c")
            else NotFoundError(one)
            for one in identifiers
        ]


async def begun(shop: Shop) -> None:
    """Wait until one more question is being asked."""
    assert await asyncio.to_thread(shop.begun.acquire, timeout=10)


def test_who_comes_while_a_question_is_asked_is_answered_by_the_next_one() -> None:
    shop = Shop(held=True)

    async def play() -> list[bytes]:
        together = Together(shop)  # type: ignore[arg-type]
        first = asyncio.create_task(together.profile("c0", TRAITS))
        await begun(shop)
        others = [
            asyncio.create_task(together.profile(f"c{number}", TRAITS))
            for number in range(1, MOST + 9)
        ]
        await asyncio.sleep(0)
        shop.go_on.set()
        return list(await asyncio.gather(first, *others))

    found = asyncio.run(play())
    assert [msgspec.json.decode(one)["profile_id"] for one in found] == list(range(MOST + 9))
    assert sorted(len(identifiers) for identifiers, _ in shop.asked) == [1, 8, MOST]


def test_who_comes_one_after_the_other_while_a_question_is_asked_is_asked_for_together() -> None:
    shop = Shop(held=True)

    async def play() -> None:
        together = Together(shop, patience=60)  # type: ignore[arg-type]
        tasks = []
        for number in range(3):
            tasks.append(asyncio.create_task(together.profile(f"c{number}", TRAITS)))
            if number == 0:
                await begun(shop)
            for _ in range(5):
                await asyncio.sleep(0)
        shop.go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(play())
    assert [identifiers for identifiers, _ in shop.asked] == [["c0"], ["c1", "c2"]]


def test_beside_two_that_take_long_no_third_question_is_asked() -> None:
    shop = Shop(held=True)

    async def play() -> None:
        together = Together(shop, patience=0)  # type: ignore[arg-type]
        tasks = []
        for number in range(4):
            tasks.append(asyncio.create_task(together.profile(f"c{number}", TRAITS)))
            if number < AT_ONCE:
                await begun(shop)
            for _ in range(5):
                await asyncio.sleep(0)
        shop.go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(play())
    assert [identifiers for identifiers, _ in shop.asked] == [["c0"], ["c1"], ["c2", "c3"]]


def test_other_parts_do_not_wait() -> None:
    shop = Shop(held=True)

    async def play() -> None:
        together = Together(shop)  # type: ignore[arg-type]
        tasks = [asyncio.create_task(together.profile("c1", parts)) for parts in (TRAITS, SEGMENTS)]
        await begun(shop)
        await begun(shop)
        shop.go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(play())
    assert {parts for _, parts in shop.asked} == {TRAITS, SEGMENTS}


def test_each_is_told_what_is_wrong_with_its_own_question() -> None:
    shop = Shop(held=True)

    async def play() -> list[bytes | BaseException]:
        together = Together(shop)  # type: ignore[arg-type]
        shoes = Parts(("shoes",), True, None)
        first = asyncio.create_task(together.profile("c1", TRAITS))
        await begun(shop)
        asked = [("nobody", TRAITS), ("c2", TRAITS), ("c3", shoes), ("c4", shoes)]
        tasks = [asyncio.create_task(together.profile(*one)) for one in asked]
        await asyncio.sleep(0)
        shop.go_on.set()
        return list(await asyncio.gather(first, *tasks, return_exceptions=True))

    first, nobody, second, *shoes = asyncio.run(play())
    assert (first, second) == (b'{"profile_id":1}', b'{"profile_id":2}')
    assert isinstance(nobody, NotFoundError)
    assert [type(one) for one in shoes] == [InputError, InputError]


def test_what_fails_for_one_fails_for_nobody_else() -> None:
    shop = Shop(held=True)

    async def play() -> list[bytes | BaseException]:
        together = Together(shop)  # type: ignore[arg-type]
        first = asyncio.create_task(together.profile("c0", TRAITS))
        await begun(shop)
        names = ["c1", "broken", "c2", "unsayable", "c3"]
        tasks = [asyncio.create_task(together.profile(name, TRAITS)) for name in names]
        await asyncio.sleep(0)
        shop.go_on.set()
        return list(await asyncio.gather(first, *tasks, return_exceptions=True))

    *_, first, broken, second, unsayable, third = asyncio.run(play())
    assert [first, second, third] == [b'{"profile_id":%d}' % number for number in (1, 2, 3)]
    assert isinstance(broken, StorageError)
    assert isinstance(unsayable, UnicodeEncodeError)


def test_while_one_customer_takes_long_others_are_answered() -> None:
    shop = Shop(held=True)

    async def play() -> list[bytes]:
        together = Together(shop)  # type: ignore[arg-type]
        slow = asyncio.create_task(together.profile("c0", TRAITS))
        await begun(shop)
        shop.slow.add("c0")
        shop.go_on.set()
        found = [await together.profile(f"c{number}", TRAITS) for number in (1, 2)]
        assert not slow.done()
        shop.slow.clear()
        return [*found, await slow]

    assert len(asyncio.run(play())) == 3


def test_who_has_gone_while_waiting_is_not_asked_for() -> None:
    shop = Shop(held=True)

    async def play() -> list[bytes | BaseException]:
        together = Together(shop)  # type: ignore[arg-type]
        tasks = [asyncio.create_task(together.profile("c0", TRAITS))]
        await begun(shop)
        tasks.append(asyncio.create_task(together.profile("c1", TRAITS)))
        await begun(shop)
        with Asker() as asker:
            gone = asyncio.create_task(together.profile("c2", TRAITS))
        tasks.append(asyncio.create_task(together.profile("c3", TRAITS)))
        await asyncio.sleep(0)
        asker.go()
        shop.go_on.set()
        return list(await asyncio.gather(gone, *tasks, return_exceptions=True))

    gone, *found = asyncio.run(play())
    assert isinstance(gone, AbandonedError)
    assert len(found) == 3
    assert sorted(identifiers for identifiers, _ in shop.asked) == [["c0"], ["c1"], ["c3"]]


def test_somebody_who_goes_away_takes_nothing_from_the_others() -> None:
    shop = Shop(held=True)

    async def play() -> bytes:
        together = Together(shop)  # type: ignore[arg-type]
        first = asyncio.create_task(together.profile("c1", TRAITS))
        await begun(shop)
        gone = asyncio.create_task(together.profile("c2", TRAITS))
        stays = asyncio.create_task(together.profile("c3", TRAITS))
        await asyncio.sleep(0)
        gone.cancel()
        first.cancel()
        shop.go_on.set()
        found = await stays
        assert await together.profile("c4", TRAITS) == b'{"profile_id":4}'
        return found

    assert asyncio.run(play()) == b'{"profile_id":3}'


@pytest.mark.parametrize("number", [1, 2])
def test_only_a_question_for_one_alone_ends_with_whoever_asked(number: int) -> None:
    shop = Shop(held=True)

    async def play() -> Asker:
        together = Together(shop)  # type: ignore[arg-type]
        first = asyncio.create_task(together.profile("c0", TRAITS))
        await begun(shop)
        with Asker() as asker:
            tasks = [
                asyncio.create_task(together.profile(f"c{one}", TRAITS)) for one in range(number)
            ]
        await asyncio.sleep(0)
        shop.go_on.set()
        await asyncio.gather(first, *tasks)
        return asker

    asker = asyncio.run(play())
    assert shop.askers == [None, asker if number == 1 else None]
