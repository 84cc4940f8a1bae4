"""Building, reading and changing segments in a real browser (issue 6, page 4).

A shop of kitchen appliances launches an accessory (S4.6): of twelve people each did some of three
things. What the page counts is what the API says, and what plain counting says.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.console_support import enter, onlooker, picture
from integration.harness import KEY, LiveServer

MOMENT = "2025-06-30T12:00:00Z"
AS_OF = f"as_of={MOMENT}"

BOUGHT, OWNS_TWO, READ = {1, 2, 3, 4, 5, 6}, {4, 5, 6, 7, 8}, {5, 6, 8, 9}
LAUNCH = (
    'did "Order Completed" in the last 365 days where any line (sku = "MIXER-1") '
    'and sum(quantity of lines of "Order Completed" in the last 365 days '
    'where category = "Mixer accessories") >= 2 '
    'and did "Page Viewed" where (path starts with "/blog/recipes/")'
)


def messages() -> list[dict[str, Any]]:
    """What twelve people did in spring."""
    found: list[dict[str, Any]] = []

    def add(person: int, kind: str, **said: Any) -> None:
        found.append({
            "type": kind, "userId": f"u{person}", "messageId": f"m{len(found)}",
            "timestamp": "2025-04-01T10:00:00Z", **said,
        })  # fmt: skip

    for person in range(1, 13):
        plan = "gold" if person % 3 == 0 else "free"
        add(person, "identify", traits={"email": f"u{person}@example.com", "plan": plan})
        add(person, "page", name="Home", properties={"path": "/"})
        if person in READ:
            add(person, "page", name="Blog", properties={"path": f"/blog/recipes/{person}"})
        lines = []
        if person in BOUGHT:
            lines.append({"sku": "MIXER-1", "category": "Mixers", "price": 200, "quantity": 1})
        accessory = {"sku": f"A-{person}", "category": "Mixer accessories", "price": 20}
        lines.append({**accessory, "quantity": 2 if person in OWNS_TWO else 1})
        order = {"order_id": f"o{person}", "currency": "EUR", "products": lines}
        add(person, "track", event="Order Completed",
            properties={**order, "revenue": 10 * person})  # fmt: skip
    return found


@pytest.fixture(scope="module")
def shop(staffed: LiveServer) -> LiveServer:
    answer = staffed.client.post("/v1/batch", json={"batch": messages()}, auth=(KEY, ""))
    assert answer.status_code == 200
    ask(staffed, "PUT", "/segments/gold", json={"rule": 'plan = "gold"'})
    ask(staffed, "PUT", "/segments/spenders", json={
        "rule": 'sum(revenue of "Order Completed") >= 60', "owner": "Eve",
        "journey_stage": "loyalty",
    })  # fmt: skip
    return staffed


@pytest.fixture
def eve(page: Page, shop: LiveServer) -> Page:
    """Eve, who is an admin, at the list of segments."""
    page.set_viewport_size({"width": 1366, "height": 900})
    enter(page, shop)
    page.goto(f"{shop.url}/console/segments?{AS_OF}")
    expect(page.get_by_role("heading", name="Segments")).to_be_visible()
    return page


def ask(shop: LiveServer, method: str, path: str, **said: Any) -> dict[str, Any]:
    answer = shop.client.request(
        method, f"/api/v1{path}", headers={"Authorization": f"Bearer {shop.token}"}, **said
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(shop: LiveServer, rule: Any) -> dict[str, int]:
    said = {"json": {"rule": rule}, "params": {"as_of": MOMENT, "counts": "true"}}
    found: dict[str, int] = ask(shop, "POST", "/segments/preview", **said)["counts"]
    return found


def add(within: Page | Locator, words: str, option: str) -> Locator:
    """Add a condition to the top group; gives its row."""
    page = within if isinstance(within, Page) else within.page
    rows = within.get_by_role("group", name=re.compile(r"^Condition \d+$"))
    before = rows.count()
    within.get_by_role("button", name="Add condition").last.click()
    page.get_by_label("Find an event, a trait, a segment …").filter(visible=True).fill(words)
    page.get_by_role("option", name=option, exact=True).click()
    expect(rows).to_have_count(before + 1)
    return rows.nth(before)


def choose(row: Locator, label: str, option: str) -> None:
    row.get_by_label(label, exact=True).last.click()
    row.page.get_by_role("option", name=option, exact=True).click()


def count_of(row: Locator, count: int) -> None:
    expect(row.locator("[data-count]")).to_have_attribute("data-count", str(count))


def text_of(page: Page) -> Locator:
    return page.get_by_label("Rule as text")


def test_the_launch_of_an_accessory_is_built_by_mouse(eve: Page, shop: LiveServer) -> None:
    eve.get_by_role("link", name="New segment").click()

    bought = add(eve, "bought", "Bought a product")
    bought.get_by_label("Property").click()
    eve.get_by_role("option", name="sku", exact=True).click()
    bought.get_by_label("Value", exact=True).click()
    eve.get_by_role("option", name=re.compile("^MIXER-1")).click()
    count_of(bought, len(BOUGHT))

    owns = add(eve, "units", "Units bought")
    owns.get_by_role("button", name="Filter by a property").click()
    owns.get_by_label("Property").last.click()
    eve.get_by_role("option", name="category", exact=True).click()
    owns.get_by_label("Value", exact=True).last.click()
    eve.get_by_role("option", name=re.compile("^Mixer accessories")).click()
    count_of(owns, len(OWNS_TWO))

    read = add(eve, "page viewed", "Did Page Viewed")
    read.get_by_role("button", name="Filter by a property").click()
    expect(read.get_by_label("Property")).to_be_focused()
    read.get_by_label("Property").click()
    eve.get_by_role("option", name="path", exact=True).click()
    choose(read, "Operator", "starts with")
    read.get_by_label("Value", exact=True).fill("/blog/recipes/")
    count_of(read, len(READ))

    expect(text_of(eve)).to_have_value(LAUNCH)
    everybody = counts(shop, LAUNCH)
    assert everybody == {
        "": len(BOUGHT & OWNS_TWO & READ), "all[0]": len(BOUGHT), "all[1]": len(OWNS_TWO),
        "all[2]": len(READ),
    }  # fmt: skip
    result = eve.get_by_role("region", name="Who that is")
    expect(result.locator("[data-count]")).to_have_attribute("data-count", str(everybody[""]))
    expect(result.get_by_role("link", name="u5@example.com")).to_be_visible()
    picture(eve, "builder")

    eve.get_by_role("textbox", name="Name").fill("accessory-launch")
    eve.get_by_role("textbox", name="Description").fill("Own the mixer, and like it.")
    eve.get_by_role("textbox", name="Owner").fill("Eve")
    eve.get_by_role("button", name="Save segment").click()
    expect(eve.get_by_role("heading", name="accessory-launch")).to_be_visible()
    saved = ask(shop, "GET", "/segments/accessory-launch", params={"as_of": MOMENT})["segment"]
    assert (saved["count"], saved["owner"]) == (everybody[""], "Eve")
    assert counts(shop, saved["rule"]) == everybody


def test_parts_are_dragged(eve: Page, shop: LiveServer) -> None:
    rule = 'in segment gold and (plan = "free" or in segment spenders)'
    eve.goto(f"{shop.url}/console/new-segment?{AS_OF}&rule={rule}")
    rows = eve.get_by_role("group", name=re.compile(r"^Condition \d+$"))
    expect(rows).to_have_count(3)
    grip = eve.get_by_label("Move: drag, or use the arrow keys")
    # Out of the top group, to the end of the inner one.
    grip.first.drag_to(eve.locator("[data-drop]").nth(4))
    expect(text_of(eve)).to_have_value('plan = "free" or in segment spenders or in segment gold')


def test_text_and_conditions_stay_in_step(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/new-segment?{AS_OF}")
    text = text_of(eve)
    rows = eve.get_by_role("group", name=re.compile(r"^Condition \d+$"))
    text.fill('plan = "gold" and did "Order Compleated"')
    expect(rows).to_have_count(2)
    eve.get_by_role("button", name="Order Completed").click()
    expect(text).to_have_value('plan = "gold" and did "Order Completed"')
    count_of(rows.nth(1), 12)

    text.fill('plan = "gold" and did "Order Completed" in the lst 90 days')
    expect(eve.get_by_text("Line 1, column")).to_be_visible()
    expect(eve.get_by_text("the text holds an error")).to_be_visible()
    expect(rows).to_have_count(2)  # those from before the error

    # What is longest to say has fields, too, and nothing of it is lost.
    odd = 'points(earn 1 per revenue of "Order Completed") > 20'
    text.fill(f'plan = "gold" and {odd}')
    expect(rows.nth(1).get_by_label("Earn", exact=True)).to_have_value("1")
    choose(rows.first, "Operator", "is not")
    expect(text).to_have_value(f'plan != "gold" and {odd}')
    count_of(rows.nth(1), counts(shop, odd)[""])
    rows.nth(1).get_by_label("Value", exact=True).fill("40")
    built = f'plan != "gold" and {odd.replace("> 20", "> 40")}'
    expect(text).to_have_value(built)

    # It outlives going away and coming back, and a reload; so does what is said beside it.
    beside = {"Name": "odd-ones", "Description": "Those with points & more: 50% = half?"}
    for label, words in beside.items():
        eve.get_by_role("textbox", name=label).fill(words)
    saving = eve.get_by_role("region", name="What it is for")
    choose(saving, "Goal", "Buyers")
    saving.get_by_label("Target").fill("25")
    expect(eve).to_have_url(re.compile(r"rule=.*40"))
    expect(eve).to_have_url(re.compile(r"about=.*half.*25"))
    eve.get_by_role("link", name="Home").click()
    expect(eve.get_by_role("heading", name="Home")).to_be_visible()
    eve.go_back()
    expect(text).to_have_value(built)
    eve.reload()
    expect(text).to_have_value(built)
    for label, words in beside.items():
        expect(eve.get_by_role("textbox", name=label)).to_have_value(words)
    expect(saving.get_by_label("Goal")).to_have_value("Buyers")
    expect(saving.get_by_label("Target")).to_have_value("25")
    count_of(rows.nth(1), counts(shop, odd.replace("> 20", "> 40"))[""])


def test_a_change_is_weighed_before_it_is_saved_and_can_be_undone(
    eve: Page, shop: LiveServer
) -> None:
    eve.goto(f"{shop.url}/console/segments?{AS_OF}&search=60")
    eve.get_by_role("link", name="spenders").click()
    eve.get_by_role("link", name="Change").click()
    expect(text_of(eve)).to_have_value('sum(revenue of "Order Completed") >= 60')
    text_of(eve).fill('sum(revenue of "Order Completed") between 50 and 90')
    rule = {"rule": text_of(eve).input_value()}
    told = ask(shop, "POST", "/segments/spenders/compare", json=rule, params={"as_of": MOMENT})
    changes = eve.get_by_role("region", name="What would change")
    sides = {"entering": 1, "leaving": 3, "staying": 4}
    for side, number in sides.items():
        assert told[side]["count"] == number
        expect(changes.locator(f"[data-side={side}]")).to_have_text(re.compile(f"{number}$"))
    expect(changes.get_by_role("link", name="u5@example.com")).to_be_visible()
    eve.get_by_role("textbox", name="Owner").fill("")  # nobody's, which is a change too
    expect(eve).to_have_url(re.compile("rule=.*about="))
    eve.reload()
    expect(eve.get_by_role("textbox", name="Owner")).to_have_value("")
    eve.get_by_role("textbox", name="Owner").fill("Eve")
    expect(eve).not_to_have_url(re.compile("about="))
    expect(changes.locator("[data-side=entering]")).to_have_text(re.compile("1$"))
    eve.get_by_role("button", name="Save changes").click()
    expect(eve.get_by_text("Version 2")).to_be_visible()
    eve.get_by_role("tab", name="Versions").click()
    eve.get_by_role("button", name="Restore version 1").click()
    expect(eve.get_by_text("It is as it was, as version 3.")).to_be_visible()
    (segment,) = [one for one in ask(shop, "GET", "/segments")["data"] if one["name"] == "spenders"]
    assert (segment["version"], segment["text"]) == (3, 'sum(revenue of "Order Completed") >= 60')
    assert (segment["owner"], segment["journey_stage"]) == ("Eve", "loyalty")


def test_members_are_explained_and_taken_away(eve: Page, shop: LiveServer, tmp_path: Path) -> None:
    eve.goto(f"{shop.url}/console/segments/gold?view=members&{AS_OF}")
    eve.get_by_role("row", name=re.compile("u3@example.com")).get_by_role("button").click()
    why = eve.get_by_role("region", name="Why is somebody in it, or not?")
    expect(why.locator("[data-member=true]")).to_be_visible()
    why.get_by_role("textbox").fill("user_id:u4")
    why.get_by_role("button", name="Explain").click()
    expect(why.locator("[data-member=false]")).to_be_visible()
    expect(why.get_by_text("free")).to_be_visible()
    with eve.expect_download() as download:
        eve.get_by_role("link", name="Export CSV").click()
    download.value.save_as(tmp_path / "gold.csv")
    with (tmp_path / "gold.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["email"] for row in rows} == {f"u{person}@example.com" for person in (3, 6, 9, 12)}


def test_a_segment_is_removed_unless_others_rest_on_it(eve: Page, shop: LiveServer) -> None:
    ask(shop, "PUT", "/segments/base", json={"rule": 'plan = "gold"'})
    ask(shop, "PUT", "/segments/above", json={"rule": "in segment base"})
    for name, rests in (("base", True), ("above", False), ("base", False)):
        eve.goto(f"{shop.url}/console/segments/{name}?{AS_OF}")
        eve.get_by_role("button", name="Remove").click()
        eve.get_by_role("dialog").get_by_role("button", name="Remove").click()
        if rests:
            expect(eve.get_by_role("dialog").get_by_role("alert")).to_contain_text("above")
        else:
            expect(eve.get_by_role("heading", name="Segments")).to_be_visible()
        left = {one["name"] for one in ask(shop, "GET", "/segments")["data"]}
        assert (name in left) == rests


def test_a_list_is_come_back_to_as_it_was_left(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/segments?{AS_OF}")
    eve.get_by_role("columnheader", name="Members").get_by_role("button").click()
    first = eve.locator("tbody a").first
    expect(first).to_have_text("spenders")  # seven are in it, which is most
    field = eve.get_by_role("searchbox")
    field.fill("revenue")
    expect(eve.get_by_role("link", name="gold")).to_have_count(0)
    first.click()
    expect(eve.get_by_role("heading", name="spenders")).to_be_visible()
    eve.go_back()
    expect(field).to_have_value("revenue")
    expect(eve.get_by_role("link", name="gold")).to_have_count(0)
    field.fill("")
    expect(eve.get_by_role("link", name="gold")).to_be_visible()
    expect(first).to_have_text("spenders")
    field.fill("gold")
    expect(first).to_have_text("gold")
    eve.get_by_role("link", name="Segments", exact=True).click()
    expect(field).to_have_value("")


def test_segments_are_laid_over_one_another(eve: Page, shop: LiveServer) -> None:
    eve.goto(f'{shop.url}/console/segments/gold?view=overlap&with=["spenders"]&{AS_OF}')
    said = {"json": {"segments": ["gold", "spenders"]}, "params": {"as_of": MOMENT}}
    told = ask(shop, "POST", "/segments/overlap", **said)
    picture = eve.get_by_role("table", name="Who is in several")
    for region in told["regions"]:
        name = f"{region['count']} {', '.join(region['segments'])}"
        expect(picture.get_by_role("columnheader", name=name, exact=True)).to_be_visible()
    assert {region["count"] for region in told["regions"]} == {1, 3, 4}


def test_pages_on_segments_are_for_everybody(chromium: Browser, shop: LiveServer) -> None:
    views = ("size", "performance", "overlap", "members&why=user_id:u3", "versions")
    with onlooker(chromium, shop) as eve:
        for path in (
            "segments?", f"new-segment?rule={LAUNCH}&", "segments/spenders/edit?",
            *(f"segments/spenders?view={view}&" for view in views),
        ):  # fmt: skip
            eve.look(f"{path}{AS_OF}")
