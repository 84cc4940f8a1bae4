"""Every call of patron.js arrives exactly once: through reloads, offline spells, server restarts,
two tabs, refusals and pages that close (S1.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from browser.shop import QUEUED, Shop, delivered, ready

Answer = dict[str, Any]


def track(page: Page, names: list[str]) -> None:
    page.evaluate("names => names.forEach(name => patron.track(name))", names)


def once(*lists: list[str]) -> dict[str, int]:
    return {name: 1 for names in lists for name in names}


def named(prefix: str, count: int) -> list[str]:
    return [f"{prefix} {number}" for number in range(count)]


@pytest.fixture(params=[True, False], ids=["locks", "no locks"])
def tabs(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[tuple[Page, Page]]:
    """Two tabs of one browser, with the locks of the Web, and without, as on plain http."""
    context = chromium.new_context()
    if not request.param:
        context.add_init_script("delete Navigator.prototype.locks")
    yield context.new_page(), context.new_page()
    context.close()


def answering(context: BrowserContext, answers: list[Answer]) -> Callable[[], int]:
    """Let the first batches be answered so, and all others by the server.

    Returns:
        How many batches were sent so far.
    """
    count = 0

    def handle(route: Route) -> None:
        nonlocal count
        count += 1
        answer = answers.pop(0) if answers else {}
        if answer.pop("lost", False):
            route.fetch()
            route.abort("connectionreset")
        elif answer:
            headers = {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
                **answer.pop("headers", {}),
            }
            route.fulfill(headers=headers, **answer)
        else:
            route.continue_()

    context.route("**/v1/batch", handle)
    return lambda: count


def test_calls_of_an_offline_spell_arrive_when_it_ends(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    ready(page, shop.page(pages=False))
    context.set_offline(True)
    track(page, named("Offline", 250))
    page.wait_for_function(f"{QUEUED}.length === 250")
    context.set_offline(False)
    delivered(page)
    assert shop.events(250) == once(named("Offline", 250))
    assert [m["event"] for m in shop.arrived(250)] == named("Offline", 250)


def test_calls_of_an_offline_spell_outlive_the_page(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    address = shop.page(pages=False)
    ready(page, address)
    context.set_offline(True)
    track(page, named("Offline", 20))
    page.wait_for_function(f"{QUEUED}.length === 20")
    page.close()
    context.set_offline(False)
    later = context.new_page()
    ready(later, address)
    delivered(later)
    assert shop.events(20) == once(named("Offline", 20))


def test_calls_made_while_the_server_is_away_arrive_when_it_is_back(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    track(page, named("Before", 5))
    shop.server.kill()
    track(page, named("Away", 5))
    page.wait_for_function(f"{QUEUED}.length >= 5")
    shop.server.restart()
    delivered(page)
    assert shop.events(10) == once(named("Before", 5), named("Away", 5))


def test_a_page_that_is_loaded_again_and_again_loses_nothing(page: Page, shop: Shop) -> None:
    address = shop.page(pages=False)
    names = []
    for number in range(10):
        ready(page, address)
        names.append(f"Reload {number}")
        track(page, [names[-1]])  # and leaves at once
    ready(page, address)
    delivered(page)
    assert shop.events(10) == once(names)


def test_what_is_called_as_the_page_closes_arrives(page: Page, shop: Shop) -> None:
    """Though no other page of the shop is ever opened."""
    ready(page, shop.page(pages=False))
    page.evaluate(
        "addEventListener('pagehide', () => patron.track('Left'), {capture: true});"
        "patron.track('Stayed')"
    )
    page.goto("about:blank")
    assert shop.events(2) == {"Stayed": 1, "Left": 1}


def test_what_does_not_fit_as_the_page_closes_the_next_page_sends(page: Page, shop: Shop) -> None:
    address = shop.page(pages=False)
    ready(page, address)
    page.evaluate(
        "addEventListener('pagehide', () => { for (let n = 0; n < 20; n++)"
        " patron.track(`Left ${n}`, {text: 'ą'.repeat(5_000)}); }, {capture: true})"
    )
    page.goto("about:blank")
    sent = shop.events(1)
    assert 1 <= len(sent) < 20
    ready(page, address)
    delivered(page)
    assert shop.events(20) == once(named("Left", 20))


def test_two_tabs_deliver_each_call_once(tabs: tuple[Page, Page], shop: Shop) -> None:
    one, other = tabs
    address = shop.page(pages=False)
    ready(one, address)
    ready(other, address)
    one.context.set_offline(True)
    track(one, named("One", 120))
    track(other, named("Other", 120))
    one.wait_for_function(f"{QUEUED}.length === 240")
    one.context.set_offline(False)
    track(one, named("One later", 30))
    track(other, named("Other later", 30))
    delivered(one)
    delivered(other)
    expected = once(named("One", 120), named("Other", 120), named("One later", 30),
                    named("Other later", 30))  # fmt: skip
    assert shop.events(300) == expected


def test_what_a_closed_tab_left_the_other_delivers(tabs: tuple[Page, Page], shop: Shop) -> None:
    one, other = tabs
    address = shop.page(pages=False)
    ready(one, address)
    ready(other, address)
    one.context.set_offline(True)
    track(one, named("One", 10))
    one.wait_for_function(f"{QUEUED}.length === 10")
    one.close()
    other.context.set_offline(False)
    delivered(other)
    assert shop.events(10) == once(named("One", 10))


def test_a_lost_answer_is_asked_for_again_with_the_same_messages(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    before = shop.server.counters()["duplicate"]
    sent = answering(context, [{"lost": True}])
    ready(page, shop.page(pages=False))
    track(page, named("Lost", 3))
    delivered(page)
    assert shop.events(3) == once(named("Lost", 3))
    assert sent() == 2
    assert shop.server.counters()["duplicate"] == before + 3


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_server_that_is_busy_is_asked_again(
    page: Page, context: BrowserContext, shop: Shop, status: int
) -> None:
    sent = answering(context, [{"status": status}, {"status": status}])
    ready(page, shop.page(pages=False))
    track(page, ["E"])
    delivered(page)
    assert shop.events(1) == {"E": 1}
    assert sent() == 3


def test_all_tabs_wait_as_long_as_the_server_asks(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    sent = answering(context, [{"status": 429, "headers": {"Retry-After": "2"}}])
    address = shop.page(pages=False)
    other = context.new_page()
    ready(page, address)
    ready(other, address)
    began = page.evaluate("Date.now()")
    track(page, ["E"])
    page.wait_for_function("Object.keys(localStorage).some(k => k.startsWith('patron.pause'))")
    track(other, ["F"])
    page.reload()
    delivered(page)
    assert shop.events(2) == {"E": 1, "F": 1}
    assert page.evaluate("Date.now()") - began >= 2_000
    assert sent() <= 3


def test_a_batch_that_is_too_large_is_sent_in_parts(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    sent = answering(context, [{"status": 413}, {"status": 413}])
    context.set_offline(True)
    context.set_offline(False)
    ready(page, shop.page(pages=False))
    track(page, named("Part", 8))
    delivered(page)
    assert shop.events(8) == once(named("Part", 8))
    assert sent() == 4  # eight, four, two, and then the other six


def test_one_message_that_cannot_be_read_does_not_cost_the_others(page: Page, shop: Shop) -> None:
    """Other scripts of the page can write into the same store."""
    ready(page, shop.page(pages=False))
    page.context.set_offline(True)
    track(page, named("E", 5))
    page.evaluate(f"localStorage.setItem({QUEUED}.sort()[2], '{{broken')")
    page.context.set_offline(False)
    delivered(page)
    assert shop.events(4) == once(["E 0", "E 1", "E 3", "E 4"])


def test_a_key_that_nobody_knows_ends_the_trying(page: Page, context: BrowserContext, shop: Shop
                                                 ) -> None:  # fmt: skip
    sent = answering(context, [])
    wrong = shop.snippet(pages=False).replace("key-of-the-web-shop", "wrong")
    ready(page, shop.site.page("/", head=wrong))
    track(page, ["E"])
    delivered(page)
    assert sent() == 1
    assert shop.events() == {}


def test_large_calls_arrive_too(page: Page, shop: Shop) -> None:
    """More than a page may send while it closes, all together."""
    ready(page, shop.page(pages=False))
    page.evaluate(
        "for (let n = 0; n < 40; n++) patron.track(`Large ${n}`, {text: 'ą'.repeat(10_000)})"
    )
    delivered(page)
    assert shop.events(40) == once(named("Large", 40))


def test_a_browser_that_keeps_nothing_still_sends(chromium: Browser, shop: Shop) -> None:
    context = chromium.new_context()
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full') };"
        "Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set: () => {}})"
    )
    page = context.new_page()
    ready(page, shop.page(pages=False))
    track(page, named("E", 3))
    messages = shop.arrived(3)
    assert shop.events() == once(named("E", 3))
    assert len({m["anonymousId"] for m in messages}) == 1
    context.close()
