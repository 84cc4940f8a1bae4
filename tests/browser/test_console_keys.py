"""Building segments without a mouse, in a real browser (issue 6, page 4)."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from browser.test_console_segments import (
    AS_OF,
    BOUGHT,
    LAUNCH,
    MOMENT,
    OWNS_TWO,
    READ,
    ask,
    counts,
    eve,
    shop,
    text_of,
)
from integration.harness import LiveServer

__all__ = ["eve", "shop"]  # fixtures: the shop that launches an accessory

FOCUSED = """() => {
    const one = document.activeElement;
    return [one.ariaLabel ?? one.textContent, getComputedStyle(one).outlineStyle !== "none"];
}"""


def test_a_segment_is_built_and_saved_by_keys_alone(eve: Page, shop: LiveServer) -> None:
    """S4.6 from the list on: no mouse, and nothing puts the focus anywhere but keys."""
    press, write = eve.keyboard.press, eve.keyboard.type

    def tab_to(name: str) -> None:
        for _ in range(10):
            press("Tab")
            called, seen = eve.evaluate(FOCUSED)
            assert seen, f"One does not see that {called} has the focus."
            if called == name:
                return
        raise AssertionError(f"{name} takes more than ten keys.")

    def find(words: str) -> None:
        search = eve.get_by_label("Find an event, a trait, a segment …").filter(visible=True)
        expect(search).to_be_focused()
        write(words)
        expect(eve.get_by_role("option").first).to_be_visible()
        press("Enter")
        expect(eve.locator("[data-condition]:focus-within")).to_have_count(1)

    press("Tab")
    press("Enter")  # skip what all pages have
    tab_to("New segment")
    press("Enter")
    expect(eve.locator("#content")).to_be_focused()
    tab_to("Add condition")
    press("Enter")
    find("bought")
    expect(eve.get_by_role("combobox", name="Property")).to_be_focused()
    write("sku")
    tab_to("Value")
    write("MIXER-1")
    press("Control+Enter")
    find("units")
    tab_to("Filter by a property")
    press("Enter")
    expect(eve.get_by_role("combobox", name="Property").last).to_be_focused()
    write("category")
    tab_to("Value")
    write("Mixer acc")
    expect(eve.get_by_role("option", name="Mixer accessories")).to_be_visible()
    press("ArrowDown")
    press("Enter")
    press("Control+Enter")
    find("page viewed")
    tab_to("Filter by a property")
    press("Enter")
    expect(eve.get_by_role("combobox", name="Property").last).to_be_focused()
    write("path")
    tab_to("Operator")
    write("starts")
    tab_to("Value")
    write("/blog/recipes/")
    expect(text_of(eve)).to_have_value(LAUNCH)
    # One too many is taken away, and one goes on from what stood beside it.
    press("Control+Enter")
    find("in segment gold")
    expect(text_of(eve)).to_have_value(f"{LAUNCH} and in segment gold")
    tab_to("More")
    press("Enter")
    expect(eve.locator("[role=menu]:focus-within")).to_have_count(1)
    press("ArrowDown")
    expect(eve.get_by_role("menuitem").first).to_be_focused()
    press("End")
    expect(eve.get_by_role("menuitem", name="Remove")).to_be_focused()
    press("Enter")
    expect(text_of(eve)).to_have_value(LAUNCH)
    expect(eve.get_by_role("button", name="More").last).to_be_focused()
    press("Control+s")  # leads to what is missing
    write("launch-by-keys")
    expect(eve.get_by_role("button", name="Save segment")).to_be_enabled()
    press("Control+s")
    expect(eve.get_by_role("heading", name="launch-by-keys")).to_be_visible()
    path = "/segments/launch-by-keys"
    saved = ask(shop, "GET", path, params={"as_of": MOMENT})["segment"]
    assert (saved["text"], saved["count"]) == (LAUNCH, len(BOUGHT & OWNS_TWO & READ))


def test_what_is_typed_before_the_list_has_come_finds_its_first(
    eve: Page, shop: LiveServer
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    eve.route("**/api/v1/vocabulary", hold)
    eve.goto(f"{shop.url}/console/new-segment?{AS_OF}")
    eve.get_by_role("button", name="Add condition").focus()
    eve.keyboard.press("Enter")
    search = eve.get_by_label("Find an event, a trait, a segment …").filter(visible=True)
    expect(search).to_be_focused()
    eve.keyboard.type("in segment gold")
    expect(eve.get_by_role("option")).to_have_count(0)
    held.pop().continue_()
    expect(eve.get_by_role("option")).to_have_count(1)
    expect(eve.locator("[data-combobox-selected]")).to_have_count(1)
    eve.keyboard.press("Enter")
    expect(text_of(eve)).to_have_value("in segment gold")


def test_groups_nest_and_move_by_keyboard(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/new-segment?{AS_OF}")

    def type_in(words: str) -> None:
        eve.keyboard.press("Enter")
        search = eve.get_by_label("Find an event, a trait, a segment …").filter(visible=True)
        expect(search).to_be_focused()
        eve.keyboard.type(words)
        expect(eve.get_by_role("option").first).to_be_visible()
        eve.keyboard.press("Enter")

    eve.get_by_role("button", name="Add condition").focus()
    type_in("in segment gold")
    expect(text_of(eve)).to_have_value("in segment gold")
    eve.get_by_role("button", name="Add group").focus()
    eve.keyboard.press("Enter")
    eve.get_by_role("button", name="Add condition").first.focus()
    type_in("in segment spenders")
    eve.get_by_role("button", name="Add condition").first.focus()
    type_in("number of orders")
    inner = 'in segment spenders or count("Order Completed" in the last 365 days) >= 3'
    expect(text_of(eve)).to_have_value(f"in segment gold and ({inner})")
    eve.get_by_label("Move: drag, or use the arrow keys").nth(1).focus()
    eve.keyboard.press("ArrowUp")
    expect(text_of(eve)).to_have_value(f"({inner}) and in segment gold")
    eve.get_by_role("button", name="More").first.focus()
    eve.keyboard.press("Enter")
    eve.get_by_role("menuitem", name="Everybody else (not)").press("Enter")
    expect(text_of(eve)).to_have_value(f"not ({inner}) and in segment gold")
    found = counts(shop, text_of(eve).input_value())
    numbers = eve.locator("[data-part][data-count]")
    expect(numbers).to_have_count(4)
    # The group, its two conditions, and the one after it, as they stand on the page.
    paths = ("all[0]", "all[0].not.any[0]", "all[0].not.any[1]", "all[1]")
    shown = [numbers.nth(at).get_attribute("data-count") for at in range(4)]
    assert shown == [str(found[path]) for path in paths]
