"""Segments with values in a real browser: the first rule that holds decides (issue 3, part 7)."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from browser.console_support import faults, settled
from browser.test_console_segments import AS_OF, MOMENT, add, ask, choose, eve, shop
from integration.harness import LiveServer

__all__ = ["eve", "shop"]  # fixtures: the same shop, where person 7 spent 70

SPENT = 'sum(revenue of "Order Completed" in the last 365 days) > {}'


def value(page: Page, number: int) -> Locator:
    return page.locator("section[aria-label^='Value ']").nth(number - 1)


def holders(row: Locator, count: int) -> None:
    expect(row.locator("[data-holders]")).to_have_attribute("data-holders", str(count))


def saved(shop: LiveServer, name: str) -> list[tuple[str, int]]:
    segment: dict[str, Any] = ask(
        shop, "GET", f"/segments/{name}", params={"as_of": MOMENT, "counts": "true"}
    )["segment"]
    return [(one["value"], one["count"]) for one in segment["values"]]


def test_values_are_built_by_mouse_and_by_keys(eve: Page, shop: LiveServer) -> None:
    eve.get_by_role("link", name="New segment").click()
    eve.get_by_role("radiogroup").get_by_text("Values (gold, silver …)").click()
    first, second = value(eve, 1), value(eve, 2)
    first.get_by_role("textbox", name="Value", exact=True).fill("silver")
    spent = add(first, "revenue", "Revenue")
    spent.get_by_label("Value", exact=True).fill("55")
    holders(first, 7)  # 60 to 120
    second.get_by_role("textbox", name="Value", exact=True).fill("gold")
    second.get_by_label("Rule as text").fill(SPENT.format(85))
    holders(second, 0)  # all of them are silver by the rule before
    second.get_by_role("button", name="Move: drag, or use the arrow keys").first.press("ArrowUp")
    expect(first).to_have_accessible_name("Value gold")
    holders(first, 4)
    holders(second, 3)
    # The text follows the conditions of each value.
    expect(second.get_by_label("Rule as text")).to_have_value(SPENT.format(55))
    choose(second, "Operator", "at least")
    expect(second.get_by_label("Rule as text")).to_have_value(SPENT.format(55).replace(">", ">="))

    eve.get_by_role("button", name="Add value").click()
    third = value(eve, 3)
    third.get_by_role("textbox", name="Value", exact=True).fill("gold")
    third.get_by_label("Rule as text").fill('did "Order Completed"')
    expect(third.get_by_text("Another value is called so.")).to_be_visible()
    third.get_by_role("textbox", name="Value", exact=True).fill("bronze")
    expect(eve).to_have_url(re.compile("values=.*bronze"))
    eve.reload()  # what is not saved yet stands in the address
    expect(first).to_have_accessible_name("Value gold")
    expect(third.get_by_label("Rule as text")).to_have_value('did "Order Completed"')
    holders(third, 5)
    eve.get_by_role("textbox", name="Name").fill("tier")
    settled(eve)
    assert faults(eve) == []
    eve.get_by_role("button", name="Save segment").click()
    expect(eve.get_by_role("heading", name="tier")).to_be_visible()
    sizes = [("gold", 4), ("silver", 3), ("bronze", 5)]
    assert saved(shop, "tier") == sizes
    shown = eve.get_by_role("listitem")
    expect(shown.locator("[data-holders]")).to_have_text([str(count) for _, count in sizes])
    eve.get_by_role("link", name="Segments", exact=True).click()
    row = eve.get_by_role("row", name=re.compile("^tier"))
    expect(row.locator("[data-values]")).to_have_text(re.compile("gold 4.*silver 3.*bronze 5"))


def test_a_change_of_values_is_weighed_before_it_is_saved(eve: Page, shop: LiveServer) -> None:
    rules = {"many": SPENT.format(85), "some": SPENT.format(55)}
    written = [{"value": one, "rule": rule} for one, rule in rules.items()]
    ask(shop, "PUT", "/segments/spends", json={"values": written})
    eve.goto(f"{shop.url}/console/segments/spends/edit?{AS_OF}")
    changes = eve.get_by_role("region", name="What would change")
    expect(changes.get_by_text("Nothing yet")).to_be_visible()
    value(eve, 1).get_by_label("Rule as text").fill(SPENT.format(105))  # two fewer
    value(eve, 2).get_by_role("button", name="Remove some").click()
    eve.get_by_role("button", name="Add value").click()
    few = value(eve, 2)
    few.get_by_role("textbox", name="Value", exact=True).fill("few")
    few.get_by_label("Rule as text").fill('did "Order Completed"')
    # The draft outlives a reload, and going away.
    expect(eve).to_have_url(re.compile("values=.*few.*Order"))
    eve.reload()
    expect(few.get_by_label("Rule as text")).to_have_value('did "Order Completed"')
    eve.get_by_role("link", name="Home").click()
    expect(eve.get_by_role("heading", name="Home")).to_be_visible()
    eve.go_back()
    expect(few.get_by_role("textbox", name="Value", exact=True)).to_have_value("few")
    for one, sides in {"many": ("0", "2"), "few": ("10", "0"), "some": ("0", "3")}.items():
        row = changes.locator(f"[data-value={one}]")
        expect(row.locator("[data-side=entering]")).to_contain_text(sides[0])
        expect(row.locator("[data-side=leaving]")).to_contain_text(sides[1])
    assert saved(shop, "spends") == [("many", 4), ("some", 3)]
    eve.get_by_role("button", name="Save changes").click()
    expect(eve.get_by_text("Version 2")).to_be_visible()
    assert saved(shop, "spends") == [("many", 2), ("few", 10)]
