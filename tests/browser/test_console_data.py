"""Sources, messages as they come in, and quarantine in a real browser (issue 6, page 5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.console_support import EVE, MARK, PASSWORD, faults, picture, sign_in
from integration.harness import KEY, LiveServer, make_workspace
from patron.api.console import HOW_TO_BUILD, is_built
from patron.workspace import Workspace

expect.set_options(timeout=30_000)  # patience; nothing is asserted about it
SIZES = {"desk": (1366, 900), "phone": (390, 844)}
PLAN = {"refuse": ["wrong_type"], "events": {"Paid": {"properties": {"total": "number"}}}}
"""What the sources are expected to send."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    if not is_built():
        # In CI these tests must not vanish unseen.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HOW_TO_BUILD)
    folder = tmp_path_factory.mktemp("data") / "data"
    make_workspace(folder)
    with Workspace(folder) as workspace:
        for email, name, role in ((EVE, "Eve", "admin"), (MARK, "Mark", "read-only")):
            _, code = workspace.accounts.people.add(email, name, role)
            workspace.accounts.accept(code, PASSWORD, "127.0.0.1")
    with LiveServer(folder) as running:
        running.ask("PUT", "tracking-plans/shop", json=PLAN)
        yield running


def send(shop: LiveServer, key: str, message_id: str, **said: Any) -> None:
    body = {"userId": "ann", "event": "Paid", "messageId": message_id, **said}
    assert shop.client.post("/v1/track", json=body, auth=(key, "")).status_code == 200


def test_a_new_source_sends_and_what_was_refused_passes_later(page: Page, shop: LiveServer) -> None:
    page.goto(f"{shop.url}/console/data")
    sign_in(page)
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
    page.goto(f"{shop.url}/console/data/quarantine?source=web")
    sign_in(page)
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
    page.goto(f"{shop.url}/console/data/sources/app")
    sign_in(page)
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
    page.goto(f"{shop.url}/console/data/sources/web")
    sign_in(page, MARK)
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


@pytest.mark.parametrize(("size", "scheme"), [("desk", "dark"), ("phone", "light")])
def test_pages_are_for_everybody(
    chromium: Browser, shop: LiveServer, size: str, scheme: str
) -> None:
    """Axe finds nothing, nothing is wider than the screen, and the page breaks no policy."""
    send(shop, KEY, "nobody", userId=None)
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(f"{shop.url}/console/data")
    sign_in(page)
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    for path, shown in PAGES.items():
        page.goto(f"{shop.url}/console/{path}")
        expect(page.get_by_text(shown).first).to_be_visible()
        expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
        assert (path, faults(page)) == (path, [])
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert (path, wide) == (path, width)
    assert said == []
    context.close()
