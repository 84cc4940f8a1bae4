"""Nothing leaves the browser and nothing is stored in it without consent (S5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from browser.shop import Shop, delivered, loaded, ready, stores

NOTHING: dict[str, list[str]] = {"cookies": [], "local": [], "session": []}
DO_NOT_TRACK = "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => '1'})"
GLOBAL_CONTROL = (
    "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
)
CALLS = "patron.identify('ann'); patron.track('E'); patron.page(); patron.group('g')"


@pytest.fixture
def sent(context: BrowserContext) -> list[Request]:
    """Everything that any tab sends by POST, whether it arrives or not."""
    found: list[Request] = []
    context.on("request", lambda r: found.append(r) if r.method == "POST" else None)
    return found


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[Any]:
    """Makes browser profiles with a script that runs before every page's own."""
    made: list[BrowserContext] = []

    def browse(script: str) -> Page:
        context = chromium.new_context()
        made.append(context)
        context.add_init_script(script)
        return context.new_page()

    yield browse
    for context in made:
        context.close()


def settle(page: Page) -> None:
    """Let everything happen that the tracker does by itself, up to leaving the page."""
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.goto("about:blank")


def test_until_the_visitor_decides_calls_are_held_in_memory(
    page: Page, shop: Shop, sent: list[Request]
) -> None:
    ready(page, shop.page(undecided="hold"))
    page.evaluate(CALLS)
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    assert stores(page) == NOTHING
    page.evaluate("patron.track('Last'); patron.consent({analytics: true, advertising: false})")
    messages = shop.arrived(6)
    assert [m.get("event") or m["type"] for m in messages] == [
        "page", "identify", "E", "page", "group", "Last",
    ]  # fmt: skip
    for message in messages:
        assert message["context"]["consent"] == {
            "categoryPreferences": {"analytics": True, "advertising": False}
        }
    (visitor,) = {m["anonymousId"] for m in messages}
    found = shop.server.get(f"profiles/anonymous_id:{visitor}", include="consents", only=True)
    known = {one["category"]: one["granted"] for one in found["consents"]}
    assert known == {"analytics": True, "advertising": False}
    # Told with the time at which it happened, not that of the consent.
    assert messages[0]["timestamp"] < messages[-1]["timestamp"]
    delivered(page)
    assert stores(page)["cookies"] == ["patron_consent", "patron_session", "patron_visitor"]
    assert len(sent) == 1


def test_held_calls_are_gone_with_the_page(page: Page, shop: Shop, sent: list[Request]) -> None:
    address = shop.page(undecided="hold")
    ready(page, address)
    page.evaluate(CALLS)
    settle(page)
    ready(page, address)
    assert stores(page) == NOTHING
    page.evaluate("patron.consent({analytics: true})")
    assert shop.events(1) == {"page": 1}
    delivered(page)
    assert len(sent) == 1


@pytest.mark.parametrize("undecided", ["hold", "drop", "send"])
def test_after_a_no_nothing_leaves_and_nothing_is_stored(
    page: Page, shop: Shop, sent: list[Request], undecided: str
) -> None:
    address = shop.page(undecided=undecided, body="<script>patron.consent({analytics: false})"
                        "</script>")  # fmt: skip
    before = len(sent)
    for _ in range(2):
        ready(page, address)
        page.evaluate(CALLS)
        page.evaluate("patron.reset()")
        page.evaluate("new Promise(done => setTimeout(done, 100))")
        assert stores(page) == NOTHING
        settle(page)
    assert len(sent) == before
    assert shop.events() == {}


def test_a_consent_to_something_else_is_none(page: Page, shop: Shop, sent: list[Request]) -> None:
    ready(page, shop.page(undecided="drop"))
    page.evaluate("patron.consent({advertising: true, analytics: 'yes'})")
    page.evaluate(CALLS)
    settle(page)
    assert sent == []


def test_calls_may_be_dropped_until_the_visitor_decides(page: Page, shop: Shop) -> None:
    ready(page, shop.page(undecided="drop"))
    page.evaluate("patron.track('Before'); patron.consent({analytics: true})")
    page.evaluate("patron.track('After')")
    delivered(page)
    assert shop.events(1) == {"After": 1}


def test_a_consent_holds_on_the_next_page_and_other_categories_keep_theirs(
    page: Page, shop: Shop
) -> None:
    address = shop.page(undecided="hold")
    ready(page, address)
    page.evaluate("patron.consent({analytics: true})")
    page.evaluate("patron.consent({advertising: true})")
    delivered(page)
    ready(page, address)
    first, second = shop.arrived(2)
    assert first["anonymousId"] == second["anonymousId"]
    assert first["context"]["consent"]["categoryPreferences"] == {"analytics": True}
    assert second["context"]["consent"]["categoryPreferences"] == {
        "analytics": True, "advertising": True,
    }  # fmt: skip


def test_a_consent_taken_back_erases_everything_also_what_waits(
    page: Page, context: BrowserContext, shop: Shop, sent: list[Request]
) -> None:
    ready(page, shop.page(undecided="hold"))
    page.evaluate("patron.consent({analytics: true}); patron.identify('ann')")
    delivered(page)
    context.set_offline(True)
    page.evaluate("patron.track('Offline')")
    page.wait_for_function("JSON.stringify(localStorage).includes('Offline')")
    page.evaluate("patron.consent({analytics: false})")
    assert stores(page) == NOTHING
    context.set_offline(False)
    before = len(sent)
    page.evaluate(CALLS)
    settle(page)
    assert len(sent) == before
    assert "Offline" not in shop.events()


def test_a_consent_taken_back_in_one_tab_holds_in_the_others(
    page: Page, context: BrowserContext, shop: Shop, sent: list[Request]
) -> None:
    address = shop.page(undecided="hold")
    other = context.new_page()
    ready(page, address)
    ready(other, address)
    page.evaluate("patron.consent({analytics: true})")
    # The yes reaches the other tab, which sends what it held.
    assert shop.events(2) == {"page": 2}
    delivered(page)
    page.evaluate("patron.consent({analytics: false})")
    other.wait_for_function("document.cookie === ''")
    before = len(sent)
    other.evaluate(CALLS)
    other.evaluate("new Promise(done => setTimeout(done, 100))")
    assert stores(other) == NOTHING
    settle(other)
    assert len(sent) == before


@pytest.mark.parametrize("signal", [DO_NOT_TRACK, GLOBAL_CONTROL], ids=["dnt", "gpc"])
def test_the_browsers_objection_is_a_no_whatever_the_page_says(
    browsing: Any, shop: Shop, signal: str
) -> None:
    page = browsing(signal)
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    ready(page, shop.page(undecided="send"))
    page.evaluate("patron.consent({analytics: true})")
    page.evaluate(CALLS)
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    assert stores(page) == NOTHING
    settle(page)
    assert sent == []


@pytest.mark.parametrize("signal", [DO_NOT_TRACK, GLOBAL_CONTROL], ids=["dnt", "gpc"])
def test_the_objection_can_be_set_aside_where_a_shop_may(
    browsing: Any, shop: Shop, signal: str
) -> None:
    page = browsing(signal)
    ready(page, shop.page(undecided="send", ignoreSignals=True))
    assert shop.events(1) == {"page": 1}


def test_callbacks_come_also_where_nothing_may_be_sent(page: Page, shop: Shop) -> None:
    """A page that goes on in a callback must go on."""
    ready(page, shop.page(undecided="drop"))
    assert page.evaluate("new Promise(back => patron.track('E', () => back('went on')))") == (
        "went on"
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [({"analytics": True, "ads": True}, True), ({"analytics": True, "ads": False}, False),
     ({"analytics": True}, False)],
)  # fmt: skip
def test_a_fingerprint_is_told_only_with_consent_to_its_category(
    page: Page, shop: Shop, answer: dict[str, bool], expected: bool
) -> None:
    address = shop.page(undecided="hold", fingerprint="ads")
    for _ in range(2):
        page.context.clear_cookies()
        page.goto(address)
        loaded(page)
        page.evaluate("localStorage.clear()")
        page.evaluate("answer => patron.consent(answer)", answer)
        delivered(page)
    told = [m["context"].get("device", {}).get("fingerprint") for m in shop.arrived(2)]
    if expected:
        # The same device looks the same after its cookies are gone.
        assert len(set(told)) == 1
        assert len(told[0]) == 32
    else:
        assert told == [None, None]
