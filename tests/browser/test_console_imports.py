"""Imports, tracking plan, catalogue and quality in a real browser (issue 6, page 5).

A shop's file of orders becomes customers by mouse; what comes otherwise than planned is taken into
the plan; a feed becomes products.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.console_support import enter, onlooker, picture
from integration.harness import KEY, LiveServer

ORDERS = """Order no;Bought;Customer;E-mail;Tier;Product;Price;Qty;Amount;Currency
1001;03.02.2025;c1;ann@example.com;gold;Green tea;4,50;2;14,00;EUR
1001;03.02.2025;c1;ann@example.com;gold;Cup;5,00;1;14,00;EUR
1002;14.02.2025;c2;bob@example.com;free;Green tea;4,50;1;4,50;EUR
1003;15.02.2025;c3;cem@example.com;free;Green tea;4,50;1;4,50;EUR
1004;yesterday;c4;dora@example.com;free;Green tea;4,50;1;4,50;EUR
"""
FEED = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>P-1</g:id><g:title>Cup</g:title><g:price>7.50 EUR</g:price>
<g:product_type>Kitchen &gt; Cups</g:product_type></item>
<item><g:id>P-2</g:id><g:title>Kettle</g:title><g:price>39 EUR</g:price></item>
<item><g:title>Nameless</g:title></item></channel></rss>
"""
PLAN = {
    "sources": ["web"],
    "events": {"Order Completed": {"properties": {"total": "number", "gift": "truth"}}},
}


def events() -> list[dict[str, Any]]:
    """What the plan expects once, and otherwise three times."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("Order Completed", {"total": 5}), ("Order Completed", {"total": 5, "gift": "yes"}),
        ("Table Booked", {"guests": 4, "garden": True}), ("Table Booked", {"guests": 2}),
    ]  # fmt: skip
    return [
        {"type": "track", "event": event, "userId": "u1", "messageId": f"m{number}",
         "timestamp": "2025-04-01T10:00:00Z", "properties": properties}
        for number, (event, properties) in enumerate(said)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shop(staffed: LiveServer) -> LiveServer:
    ask(staffed, "PUT", "/tracking-plans/web", json=PLAN)
    answer = staffed.client.post("/v1/batch", json={"batch": events()}, auth=(KEY, ""))
    assert answer.status_code == 200
    return staffed


@pytest.fixture
def eve(page: Page, shop: LiveServer) -> Page:
    """Eve, who is an admin, at the imports."""
    page.set_viewport_size({"width": 1366, "height": 900})
    enter(page, shop)
    page.goto(f"{shop.url}/console/data/imports")
    expect(page.get_by_role("heading", name="Imports")).to_be_visible()
    return page


def ask(shop: LiveServer, method: str, path: str, **said: Any) -> dict[str, Any]:
    answer = shop.client.request(
        method, f"/api/v1{path}", headers={"Authorization": f"Bearer {shop.token}"}, **said
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def counted(page: Page, fate: str) -> Locator:
    return page.locator(f"[data-fate={fate}]")


def test_a_file_becomes_customers_by_mouse(eve: Page, shop: LiveServer, tmp_path: Path) -> None:
    file = tmp_path / "orders 2025.csv"
    file.write_text(ORDERS, encoding="utf-8")
    eve.get_by_role("link", name="New import").click()
    with eve.expect_file_chooser() as chooser:
        eve.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)

    # One row has no date, so the page cannot know that the column holds dates: say so.
    trial = eve.get_by_role("region", name="What customers get")
    expect(trial.locator("[data-fine]")).to_have_attribute("data-fine", "4")
    expect(eve.get_by_text("No column was recognised that says when")).to_be_visible()
    choose(eve, "Meaning of Bought", "Time")
    written = eve.get_by_role("combobox", name="How the times of Bought are written")
    written.fill("%d.%m.%Y")
    written.press("Enter")
    expect(trial.locator("[data-fine]")).to_have_attribute("data-fine", "3")
    expect(trial.locator("[data-refused]")).to_have_attribute("data-refused", "1")
    expect(trial.get_by_text("E-mail: ann@example.com")).to_be_visible()
    picture(eve, "import")
    text = eve.get_by_role("textbox", name="As a definition file")
    expect(text).to_have_value(re.compile(r"group_by:\s+- Order no"))

    # The tier is no property of the order that anybody wants; the text follows.
    choose(eve, "Meaning of Tier", "Ignored")
    expect(text).not_to_have_value(re.compile("Tier"))
    choose(eve, "Meaning of Customer", "Ignored")
    expect(text).not_to_have_value(re.compile("user_id"))
    choose(eve, "Meaning of Customer", "Identifier")
    expect(text).to_have_value(re.compile("user_id: Customer"))
    # A change of the text changes the form.
    text.fill(text.input_value().replace("Order Completed", "Order Placed"))
    expect(eve.get_by_label("Event", exact=True)).to_have_value("Order Placed")
    eve.get_by_label("Event", exact=True).fill("Order Completed")
    expect(text).to_have_value(re.compile("event: Order Completed"))

    eve.get_by_label("Name of the mapping").fill("shop-orders")
    eve.get_by_role("button", name="Start the import").click()
    expect(eve.locator("[data-state=done]")).to_be_visible()
    expect(counted(eve, "stored")).to_have_attribute("data-count", "3")
    expect(counted(eve, "quarantined")).to_have_attribute("data-count", "1")
    expect(eve.get_by_role("row", name=re.compile("timestamp"))).to_be_visible()

    mapping = ask(shop, "GET", "/mappings")["data"][0]
    assert mapping["name"] == "shop-orders"
    assert "Tier" not in mapping["definitions"]
    ann = ask(shop, "GET", "/profiles/email:ann@example.com")
    assert ("user_id", "c1") in [(one["type"], one["value"]) for one in ann["identifiers"]]
    said = {"rule": 'sum(total of "Order Completed") > 10'}
    assert ask(shop, "POST", "/segments/preview", json=said)["count"] == 1

    # The page can be left and come back to; the same file again stores nothing twice.
    address = eve.url
    eve.get_by_role("link", name="All imports").click()
    eve.get_by_role("link", name="orders_2025.csv").click()
    expect(eve).to_have_url(address)
    eve.get_by_role("link", name="Import another file").click()
    with eve.expect_file_chooser() as chooser:
        eve.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(eve.get_by_label("Name of the mapping")).to_have_value("shop-orders")
    eve.get_by_role("button", name="Start the import").click()
    expect(counted(eve, "duplicate")).to_have_attribute("data-count", "4")
    expect(counted(eve, "stored")).to_have_attribute("data-count", "0")


def test_what_is_not_planned_is_taken_into_the_plan(eve: Page, shop: LiveServer) -> None:
    eve.get_by_role("tab", name="Tracking plan").click()
    unknown = eve.get_by_role("listitem").filter(has_text="Table Booked")
    expect(unknown).to_contain_text("Unknown event")
    expect(unknown).to_contain_text("2 times")
    unknown.get_by_role("button", name="Add to plan").click()
    expect(eve.get_by_text("1 settled by the plan of now")).to_be_visible()
    body = ask(shop, "GET", "/tracking-plans")["data"][0]["body"]
    assert body["events"]["Table Booked"]["properties"] == {"garden": "truth", "guests": "whole"}
    assert body["events"]["Order Completed"] == PLAN["events"]["Order Completed"]  # type: ignore[index]

    with eve.expect_response(
        lambda answer: answer.request.method == "PUT" and "/tracking-plans/" in answer.url
    ) as saved:
        eve.get_by_role("checkbox", name="Another type").click()
    assert saved.value.ok
    expect(eve.get_by_role("checkbox", name="Another type")).to_be_checked()
    wrong = {**events()[1], "messageId": "later"}
    shop.client.post("/v1/batch", json={"batch": [wrong]}, auth=(KEY, ""))
    [held] = ask(shop, "GET", "/quarantine", params={"code": "against_plan"})["data"]
    assert held["field"] == "properties.gift"


def test_a_feed_becomes_products(eve: Page, shop: LiveServer, tmp_path: Path) -> None:
    eve.get_by_role("tab", name="Catalogue").click()
    expect(eve.get_by_text("The catalogue is empty")).to_be_visible()
    eve.get_by_role("button", name="Import a catalogue").click()
    file = tmp_path / "feed.xml"
    file.write_text(FEED, encoding="utf-8")
    with eve.expect_file_chooser() as chooser:
        eve.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(eve.get_by_text("2 said something new, 0 nothing new")).to_be_visible()
    expect(eve.get_by_text("1 were refused")).to_be_visible()
    eve.get_by_role("searchbox").fill("kitchen")
    expect(eve.get_by_role("link", name="P-2")).to_have_count(0)
    eve.get_by_role("link", name="P-1").click()
    expect(eve.get_by_role("region", name="Cup").get_by_text("€7.50")).to_be_visible()
    assert ask(shop, "GET", "/products/P-1")["attributes"]["name"] == "Cup"


def test_these_pages_are_for_everybody(chromium: Browser, shop: LiveServer) -> None:
    handed = shop.client.post(
        "/api/v1/uploads", params={"name": "orders.csv"}, content=ORDERS.encode(),
        headers={"Authorization": f"Bearer {shop.token}"},
    ).json()  # fmt: skip
    imports = ask(shop, "GET", "/imports")["data"]
    cup = {"product_id": "P-1", "name": "Cup", "price": "7.50 EUR"}
    ask(shop, "PUT", "/products", json={"products": [cup]})
    with onlooker(chromium, shop) as eve:
        for path in (
            "imports", f"imports/new?upload={handed['upload']}", "imports/new", "plan", "quality",
            "catalogue?id=P-1", *(f"imports/{one['import_id']}" for one in imports[:1]),
        ):  # fmt: skip
            eve.look(f"data/{path}")
