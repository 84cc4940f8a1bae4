"""Who is who, in a real browser (issue 6, page 6): each journey ends with what the API says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.console_support import EVE, MARK, enter, onlooker, picture, settled
from browser.identity_world import ALIKE, WRONG, make_world
from integration.harness import KEY, LiveServer

ANN, BOB = "user_id:ann", "email:bob@example.com"


@pytest.fixture(scope="module")
def world(world: Path) -> Path:
    make_world(world)
    return world


@pytest.fixture(scope="module")
def shop(staffed: LiveServer) -> LiveServer:
    return staffed


@pytest.fixture
def eve(page: Page, shop: LiveServer) -> Page:
    """Eve, who is an admin, at the review queue."""
    page.set_viewport_size({"width": 1366, "height": 900})
    enter(page, shop)
    page.goto(f"{shop.url}/console/identity")
    expect(page.get_by_role("heading", name="Identity", exact=True)).to_be_visible()
    return page


def ask(shop: LiveServer, path: str, method: str = "GET", **said: Any) -> dict[str, Any]:
    answer = shop.client.request(
        method, f"/api/v1{path}", headers={"Authorization": f"Bearer {shop.token}"}, **said
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def profile(shop: LiveServer, who: str) -> int:
    found: int = ask(shop, f"/profiles/{who}")["profile_id"]
    return found


def reviews(shop: LiveServer, state: str) -> list[str]:
    found = ask(shop, "/identity/reviews", params={"state": state})["data"]
    return [one["left"]["fields"].get("given_name", "") for one in found]


def test_pages_on_identity_are_for_everybody(chromium: Browser, shop: LiveServer) -> None:
    [merge] = ask(shop, "/identity/merges", params={"kind": "merge"})["data"][:1]
    with onlooker(chromium, shop) as eve:
        for path in ("reviews", "merges", f"merges?undo={merge['merge_id']}", "rules", "values"):
            eve.look(f"identity/{path}")


def test_pairs_are_answered_by_keyboard_and_the_last_answer_is_undone(
    eve: Page, shop: LiveServer
) -> None:
    pair = eve.get_by_role("group", name=re.compile(r"^Pair \d of \d$"))
    left = eve.locator("[data-left]")
    name = eve.locator("[data-field=given_name]")
    expect(pair).to_be_focused()
    expect(name).to_contain_text("eva")
    expect(name).to_contain_text("+6.5 for one person")
    # She is called something else by now; what was compared is what stands here.
    expect(eve.locator("[data-field=city]")).to_contain_text("bremen")
    expect(eve.locator("[data-outcome]")).to_contain_text("become profile")
    picture(eve, "reviews")

    eve.keyboard.press("k")
    expect(name).to_contain_text("jan")
    eve.keyboard.press("d")
    expect(name).to_contain_text("max")
    expect(left).to_have_attribute("data-left", "2")
    assert reviews(shop, "different") == ["jan"]
    eve.keyboard.press("ArrowRight")
    expect(name).to_contain_text("eva")
    # In a field, letters are letters.
    eve.get_by_label("Why (may stay empty)").press_sequentially("sisters")
    expect(left).to_have_attribute("data-left", "2")
    pair.focus()
    eve.keyboard.press("s")
    expect(name).to_contain_text("max")
    one, other = (profile(shop, f"email:{name}@example.com") for name in ALIKE[0])
    assert one == other
    [decided] = ask(shop, "/identity/reviews", params={"state": "same"})["data"]
    assert (decided["decided_by"], decided["reason"]) == (EVE, "sisters")

    eve.keyboard.press("u")
    expect(name).to_contain_text("eva")
    assert reviews(shop, "pending") == ["eva", "max"]
    one, other = (profile(shop, f"email:{name}@example.com") for name in ALIKE[0])
    assert one != other

    eve.get_by_text("Different", exact=True).click()
    eve.get_by_role("button", name=re.compile("^Take back: ")).click()
    expect(eve.get_by_text("No such pairs")).to_be_visible()
    assert reviews(shop, "pending") == ["eva", "jan", "max"]


def test_a_merge_is_undone_and_stays_undone(eve: Page, shop: LiveServer) -> None:
    assert profile(shop, ANN) == profile(shop, BOB)
    eve.get_by_role("tab", name="Merges").click()
    eve.get_by_role("button", name=re.compile("^Undo: .*bob@example.com")).click()
    dialog = eve.get_by_role("dialog", name="Undo a merge")
    expect(dialog.locator("[data-after]")).to_have_count(2)
    expect(dialog.get_by_role("row", name=re.compile("bobs-phone"))).to_be_visible()
    part = dialog.get_by_role("button", name="Part them")
    expect(part).to_be_disabled()
    assert profile(shop, ANN) == profile(shop, BOB)
    dialog.get_by_role("textbox", name="Why").fill("Wrong address at the till.")
    part.click()
    expect(eve.get_by_text("Done: decision")).to_be_visible()
    expect(dialog).to_have_count(0)
    row = eve.locator("[data-merge]").filter(has_text="bob@example.com")
    expect(row.get_by_text("Apart today")).to_be_visible()
    assert profile(shop, ANN) != profile(shop, BOB)

    again = {**WRONG, "messageId": "w2", "timestamp": "2026-05-05T12:00:00Z"}
    answer = shop.client.post("/v1/batch", json={"batch": [again]}, auth=(KEY, ""))
    assert answer.status_code == 200
    assert profile(shop, ANN) != profile(shop, BOB)
    newest = ask(shop, "/identity/decisions")["data"][0]
    assert (newest["reason"], newest["made_by"]) == ("Wrong address at the till.", EVE)


def test_other_rules_are_planned_applied_and_taken_back(eve: Page, shop: LiveServer) -> None:
    before = profile(shop, ANN)
    held = ask(shop, "/identity/rules")
    eve.get_by_role("tab", name="Values").click()
    eve.get_by_role("button", name="Block anonymous_id:kiosk").click()
    text = eve.get_by_role("textbox", name="Rules as text")
    expect(text).to_have_value(re.compile("blocked:\n +- kiosk"))

    rules = text.input_value()
    text.fill(rules.replace("normal_form: email", "normal_form: emial"))
    eve.get_by_role("button", name="Plan the change").click()
    line = rules[: rules.index("normal_form: email")].count("\n") + 1
    expect(eve.get_by_text(f"Line {line}:")).to_be_visible()

    text.fill(rules)
    difference = eve.get_by_label("What differs")
    expect(difference.locator("[data-line=added]")).to_have_count(2)
    eve.get_by_role("button", name="Plan the change").click()
    plan = eve.locator("[data-work=plan]")
    # The kiosk's own profile is nobody's any more; nobody merges or parts for it.
    expect(plan.get_by_text(re.compile(r"customers would be"))).to_be_visible()
    assert ask(shop, "/identity/rules")["version"] == held["version"]
    eve.get_by_role("button", name="Discard the change").click()

    # One more than came with the kiosk: then it joins them all.
    kiosk = "name: anonymous_id\n    held_back_above: "
    assert f"{kiosk}10" in text.input_value()
    text.fill(text.input_value().replace(f"{kiosk}10", f"{kiosk}11"))
    eve.get_by_role("button", name="Plan the change").click()
    merging = plan.locator("[data-kind=merging]")
    expect(merging).to_have_attribute("data-count", "12")
    expect(plan.get_by_role("region", name="For example")).to_contain_text("kiosk")
    # A reload, or another page in between, loses nothing.
    eve.reload()
    expect(merging).to_have_attribute("data-count", "12")
    eve.get_by_role("button", name="Apply these rules").click()
    eve.get_by_role("button", name="Yes, change it").click()
    expect(eve.get_by_text("Done. These are version 1 of the rules.")).to_be_visible()
    assert ask(shop, "/identity/rules")["version"] == 1
    assert len(ask(shop, "/profiles/anonymous_id:kiosk")["identifiers"]) == 12
    assert profile(shop, ANN) == before

    eve.get_by_role("button", name="Plan to bring version 0 back").click()
    expect(plan.locator("[data-kind=splitting]")).to_have_attribute("data-count", "1")
    eve.get_by_role("button", name="Bring the default rules back").click()
    eve.get_by_role("button", name="Yes, change it").click()
    expect(eve.get_by_text("Done. These are version 2 of the rules.")).to_be_visible()
    now = ask(shop, "/identity/rules")
    assert (now["version"], now["rules"]) == (0, held["rules"])
    assert len(ask(shop, "/profiles/anonymous_id:kiosk")["identifiers"]) == 1


def test_who_may_not_decide_is_offered_nothing(page: Page, shop: LiveServer) -> None:
    enter(page, shop, MARK)
    page.goto(f"{shop.url}/console/identity/reviews")
    expect(page.get_by_text("Your role may look at pairs")).to_be_visible()
    expect(page.get_by_role("button", name="Same person")).to_have_count(0)
    page.keyboard.press("s")
    page.get_by_role("tab", name="Rules").click()
    expect(page.get_by_text("Your role may read the rules")).to_be_visible()
    expect(page.get_by_role("textbox", name="Rules as text")).to_have_count(0)
    for tab in ("Merges", "Values"):
        page.get_by_role("tab", name=tab).click()
        settled(page)
        expect(page.get_by_role("button", name=re.compile("Undo|Take|Block|Say whose"))
               ).to_have_count(0)  # fmt: skip
    assert len(reviews(shop, "pending")) == len(ALIKE)


def test_two_customers_are_joined_by_hand(eve: Page, shop: LiveServer) -> None:
    max_, maxi = (f"email:{one}@example.com" for one in ALIKE[2])
    assert profile(shop, max_) != profile(shop, maxi)
    eve.goto(f"{shop.url}/console/customers/{profile(shop, max_)}?view=identity")
    eve.get_by_role("button", name="Same person as").click()
    dialog = eve.get_by_role("dialog")
    dialog.get_by_label("Identifier of the other").fill(maxi)
    dialog.get_by_role("button", name="Look").click()
    expect(dialog.locator("[data-after]")).to_have_count(1)
    dialog.get_by_label("Why").fill("Told on the telephone.")
    dialog.get_by_role("button", name="Make them one").click()
    expect(dialog).to_be_hidden()
    assert profile(shop, max_) == profile(shop, maxi)
