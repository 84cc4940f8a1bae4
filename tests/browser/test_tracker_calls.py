"""The calls of patron.js, from a page in a browser to the tables (S5.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from browser.shop import Shop, delivered, loaded, ready
from integration.harness import KEY

CALLS = """
    patron.identify('ann', {email: 'ann@shop.example', born: new Date(0)});
    patron.group('g-1', {name: 'The Millers'});
    patron.track('Signed Up', {plan: 'gold', none: undefined});
    patron.page('Shop', 'Home', {colour: 'red'});
    patron.alias('ann-2');
"""


def test_each_call_arrives_with_what_the_browser_tells(page: Page, shop: Shop) -> None:
    address = shop.page(pages=False)
    ready(page, f"{address}?utm_source=mail&utm_campaign=May#part")
    page.evaluate(CALLS)
    messages = {m["type"]: m for m in shop.arrived(5)}
    assert sorted(messages) == ["alias", "group", "identify", "page", "track"]
    assert messages["identify"]["traits"] == {
        "email": "ann@shop.example",
        "born": "1970-01-01T00:00:00.000Z",
    }
    assert messages["group"]["groupId"] == "g-1"
    assert messages["group"]["traits"] == {"name": "The Millers"}
    assert messages["track"]["event"] == "Signed Up"
    assert messages["track"]["properties"] == {"plan": "gold"}
    assert (messages["alias"]["userId"], messages["alias"]["previousId"]) == ("ann-2", "ann")
    seen = {
        "path": "/",
        "referrer": "",
        "search": "?utm_source=mail&utm_campaign=May",
        "title": "Shop",
        "url": f"{address}?utm_source=mail&utm_campaign=May",
    }
    assert messages["page"]["properties"] == {
        **seen, "category": "Shop", "name": "Home", "colour": "red",
    }  # fmt: skip
    anonymous = page.evaluate("patron.user().anonymousId()")
    for kind in ("identify", "group", "track", "page"):
        message = messages[kind]
        assert (message["userId"], message["anonymousId"]) == ("ann", anonymous), kind
        context = message["context"]
        assert context["page"] == seen
        assert context["campaign"] == {"source": "mail", "name": "May"}
        assert context["library"]["name"] == "patron.js"
        assert context["session"]["landingPage"] == seen["url"]
        for name in ("locale", "timezone", "userAgent", "screen"):
            assert context[name], name
    assert len({m["context"]["session"]["id"] for m in messages.values()}) == 1


def test_calls_made_before_the_script_came_arrive_in_their_order(page: Page, shop: Shop) -> None:
    inline = "<script>patron.track('First'); patron.identify('ann'); patron.track('Last')</script>"
    ready(page, shop.page(body=inline))
    delivered(page)
    told = [m.get("event") or m["type"] for m in shop.arrived(4)]
    assert told == ["page", "First", "identify", "Last"]
    times = [m["timestamp"] for m in shop.arrived(4)]
    assert times == sorted(times)


def test_options_name_time_context_and_ids(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    page.evaluate("""patron.track('E', {}, {
        timestamp: new Date('2026-02-01T10:00:00Z'), messageId: 'my-own', anonymousId: 'a-1',
        context: {page: {path: '/virtual'}, app: {name: 'Till'}}, ip: '0.0.0.0',
        integrations: {All: false},
    })""")
    (message,) = shop.arrived(1)
    assert message["timestamp"] == "2026-02-01T10:00:00.000Z"
    assert (message["messageId"], message["anonymousId"]) == ("my-own", "a-1")
    assert message["integrations"] == {"All": False}
    context = message["context"]
    assert (context["ip"], context["app"]) == ("0.0.0.0", {"name": "Till"})
    assert (context["page"]["path"], context["page"]["title"]) == ("/virtual", "Shop")


def test_callbacks_and_ready_are_called(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    called = page.evaluate("""async () => {
        const calls = [
            back => patron.identify('ann', back), back => patron.group('g', {}, back),
            back => patron.track('E', {}, {}, back), back => patron.page(back),
            back => patron.alias('ann-2', back), back => patron.reset(back),
            back => patron.ready(back),
        ];
        for (const call of calls) await new Promise(call);
        return calls.length;
    }""")
    assert called == 7


def test_a_reset_makes_another_visitor_with_another_session(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    page.evaluate(
        "patron.identify('ann'); patron.track('Before'); patron.reset(); patron.track('After')"
    )
    messages = {m.get("event", m["type"]): m for m in shop.arrived(3)}
    before, after = messages["Before"], messages["After"]
    assert before["userId"] == "ann"
    assert "userId" not in after
    assert before["anonymousId"] != after["anonymousId"]
    assert before["context"]["session"]["id"] != after["context"]["session"]["id"]


def test_what_the_page_changes_afterwards_does_not_change_a_call(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    page.evaluate("const p = {n: 1}; patron.track('E', p); p.n = 2")
    (message,) = shop.arrived(1)
    assert message["properties"] == {"n": 1}


def test_a_mistake_in_a_call_does_not_stop_the_page(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    page.evaluate("const loop = {}; loop.loop = loop; patron.track('Bad', loop); patron.track('E')")
    assert shop.events(1) == {"E": 1}


def test_the_browser_asks_the_server_no_permission_first(page: Page, shop: Shop) -> None:
    """A preflight would cost a round trip, and pages that close could not wait for it."""
    asked: list[Any] = []
    page.on("request", lambda r: asked.append(r) if r.url.startswith(shop.server.url) else None)
    ready(page, shop.page())
    shop.arrived(1)
    delivered(page)
    assert {r.method for r in asked} == {"GET", "POST"}
    (sent,) = [r for r in asked if r.method == "POST"]
    assert urlsplit(sent.url).path == "/v1/batch"
    assert sent.headers["content-type"] == "text/plain;charset=UTF-8"
    assert "authorization" not in sent.headers
    body = sent.post_data_json
    assert body["writeKey"] == KEY
    assert body["sentAt"] >= body["batch"][0]["timestamp"]


def test_a_changed_script_is_not_run(page: Page, shop: Shop) -> None:
    """What the integrity hash is for."""
    page.route("**/patron-*.js", lambda route: route.fulfill(
        body="window.patron = {version: 'evil'}", content_type="text/javascript",
        headers={"Access-Control-Allow-Origin": "*"},
    ))  # fmt: skip
    with page.expect_console_message(lambda message: "integrity" in message.text):
        page.goto(shop.page())
    assert page.evaluate("patron.version") is None


def test_the_snippet_twice_on_a_page_tracks_once(page: Page, shop: Shop) -> None:
    ready(page, shop.page(head=shop.snippet()))
    page.evaluate("patron.track('E')")
    assert shop.events(2) == {"page": 1, "E": 1}


@pytest.mark.parametrize("latest", [True, False])
def test_pages_work_with_the_newest_and_with_a_pinned_script(
    page: Page, shop: Shop, latest: bool
) -> None:
    given = shop.server.get(
        "sources/web/snippet", url=shop.server.url, write_key=KEY, latest=latest, undecided="send"
    )
    assert ("integrity" in given["snippet"]) != latest
    page.goto(shop.site.page("/", head=given["snippet"]))
    loaded(page)
    assert shop.events(1) == {"page": 1}
