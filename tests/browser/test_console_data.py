"""Sources, messages as they come in, and quarantine in a real browser (issue 6, page 5)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.console_support import MARK, enter, onlooker, picture
from integration.harness import KEY, LiveServer

PLAN = {"refuse": ["wrong_type"], "events": {"Paid": {"properties": {"total": "number"}}}}
"""What the sources are expected to send."""


@pytest.fixture(scope="module")
def shop(staffed: LiveServer) -> LiveServer:
    staffed.ask("PUT", "tracking-plans/shop", json=PLAN)
    return staffed


def send(shop: LiveServer, key: str, message_id: str, **said: Any) -> None:
    body = {"userId": "ann", "event": "Paid", "messageId": message_id, **said}
    assert shop.client.post("/v1/track", json=body, auth=(key, "")).status_code == 200


def test_a_new_source_sends_and_what_was_refused_passes_later(page: Page, shop: LiveServer) -> None:
    enter(page, shop)
    page.goto(f"{shop.url}/console/data")
    page.get_by_role("button", name="New source").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("tills")
    form.get_by_role("combobox", name="Kind").click()
    page.get_by_role("option", name="Store", exact=True).click()
    form.get_by_role("button", name="Make it").click()

    # The key is shown once, and stands in the lines to paste.
    key = page.get_by_role("status").locator("pre").inner_text()
    expect(page.get_by_text(f"curl -u {key}:")).to_be_visible()
    expect(page.get_by_text("Waiting for the first message")).to_be_visible()
    send(shop, key, "good", properties={"total": 5})
    expect(page.get_by_text(re.compile("It works. The last message, track, came"))).to_be_visible()

    page.get_by_role("link", name="See the messages").click()
    expect(page).to_have_url(re.compile("/data/live.*source=tills"))
    good = page.get_by_role("row").filter(has_text="Paid")
    expect(good).to_have_count(1)
    expect(good.get_by_text("Stored")).to_be_visible()
    # What follows comes by the stream: nothing is asked again.
    expect(page.get_by_text("Listening")).to_be_visible()
    send(shop, key, "bad", properties={"total": "five"})
    refused = page.get_by_role("row").filter(has_text="Refused")
    expect(refused).to_contain_text("Against the tracking plan · properties.total")
    page.get_by_role("button", name="Pause").click()
    send(shop, key, "good", properties={"total": 5})
    page.get_by_role("button", name="Show 1 new").click()
    expect(page.get_by_role("row").filter(has_text="Known")).to_have_count(1)

    refused.get_by_role("link", name="Paid").click()
    message = page.get_by_role("dialog")
    expect(message.get_by_text('"total": "five"')).to_be_visible()
    page.reload()
    message.get_by_role("link", name="See in quarantine").click()

    row = page.get_by_role("article")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("0 stored, 0 had come meanwhile, 1 refused again.")).to_be_visible()
    expect(page.get_by_text("Why these are refused still")).to_be_visible()
    shop.ask("PUT", "tracking-plans/shop", json={**PLAN, "refuse": []})
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("1 stored, 0 had come meanwhile, 0 refused again.")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    assert [one["fate"] for one in shop.fates("bad", "tills")] == ["stored"]
    shop.ask("PUT", "tracking-plans/shop", json=PLAN)


def test_a_group_is_tried_again_and_the_others_wait(page: Page, shop: LiveServer) -> None:
    for number in range(3):
        send(shop, KEY, f"g{number}", properties={"total": "much"})
    send(shop, KEY, "nobody", userId=None)
    enter(page, shop)
    page.goto(f"{shop.url}/console/data/quarantine?source=web")
    expect(page.get_by_role("button", name="Try all 4 again")).to_be_visible()
    shop.ask("PUT", "tracking-plans/shop", json={**PLAN, "refuse": []})
    page.get_by_role("button", name="Try again: 3 messages, Against the tracking plan").click()
    expect(page.get_by_text("3 stored, 0 had come meanwhile, 0 refused again.")).to_be_visible()
    expect(page.get_by_role("link", name="Identifies nobody")).to_be_visible()
    expect(page.get_by_role("link", name="Against the tracking plan")).to_have_count(0)
    waiting = shop.quarantined(source="web", waiting=True)
    assert [one["message_id"] for one in waiting] == ["nobody"]


def test_a_key_is_made_and_another_revoked(page: Page, shop: LiveServer) -> None:
    made = shop.ask("POST", "sources", json={"name": "app", "type": "app"})
    enter(page, shop)
    page.goto(f"{shop.url}/console/data/sources/app")
    old = made["write_key"]
    page.get_by_role("button", name="New key").click()
    new = page.get_by_role("status").locator("pre").inner_text()
    page.get_by_role("button", name=f"Revoke the key {old[-4:]}").click()
    asked = page.get_by_role("dialog")
    expect(asked.get_by_text("is refused from now on")).to_be_visible()
    asked.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("revoked ", exact=False)).to_be_visible()
    send(shop, new, "a1")
    refused = shop.client.post("/v1/track", json={"userId": "u", "event": "E"}, auth=(old, ""))
    assert refused.status_code == 401
    page.reload()
    expect(page.get_by_role("heading", name="app", exact=True)).to_be_visible()
    expect(page.get_by_text(new)).to_have_count(0)
    page.get_by_role("link", name="All sources").click()
    expect(page.get_by_role("link", name="app", exact=True)).to_be_visible()
    picture(page, "sources")


def test_who_may_only_read_is_offered_no_more(page: Page, shop: LiveServer) -> None:
    enter(page, shop, MARK)
    page.goto(f"{shop.url}/console/data/sources/web")
    expect(page.get_by_role("heading", name="web", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="Sources")).to_be_visible()
    for name in ("Live", "Quarantine"):
        expect(page.get_by_role("tab", name=name)).to_have_count(0)
    for name in ("New key", "Change", "Revoke"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


PAGES = {
    "data/sources": "Where data comes from",
    "data/sources/web": "How to send",
    "data/sources/nothing": "There is no source nothing",
    "data/live": "Refused",
    "data/live?message=nobody": "See in quarantine",
    "data/quarantine": "Identifies nobody",
    "data/quarantine?source=web&code=no_identity&field=userId": "messageId",
}


def test_pages_are_for_everybody(chromium: Browser, shop: LiveServer) -> None:
    send(shop, KEY, "nobody", userId=None)
    with onlooker(chromium, shop) as eve:
        for path, shown in PAGES.items():
            eve.look(path, shown)
