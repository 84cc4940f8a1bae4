"""Journeys of a working day through the console, in a real browser (issue 6, pages 1 to 3).

The workspace is that of the page docs/concepts/profile.md: one customer whose whole life is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.console_support import END, MARK, PASSWORD, Onlooker, enter, onlooker, picture, sign_in
from docs.test_profile_page import lived
from integration.harness import KEY, LiveServer
from patron.engines.duckdb import Database
from patron.warehouse.sources import put_source
from patron.warehouse.store import DATABASE

ANN = f"/console/customers/1?as_of={END}"
VIEWS = ("timeline", "orders", "segments", "identity", "data")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console") / "data"
    lived(folder)
    with Database(folder / DATABASE) as database, database.cursor() as cursor:
        put_source(cursor, name="till-2", brand="main", kind="store", channel="store", trust=100,
                   write_key=KEY)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def shop(staffed: LiveServer) -> LiveServer:
    return staffed


@pytest.fixture
def eve(page: Page, shop: LiveServer) -> Page:
    """Eve, who is an admin, at the first page."""
    enter(page, shop)
    page.goto(f"{shop.url}/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def profile(shop: LiveServer, who: str = "1", **params: str) -> dict[str, object]:
    answer = shop.client.get(
        f"/api/v1/profiles/{who}", params=params, headers={"Authorization": f"Bearer {shop.token}"}
    )
    found: dict[str, object] = answer.json()
    return found


def test_signing_in_leads_where_one_was_going(page: Page, shop: LiveServer) -> None:
    page.goto(f"{shop.url}{ANN}")
    sign_in(page, password="not the password")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    sign_in(page)
    expect(page.get_by_role("heading", name="Ann Smith")).to_be_visible()
    cookies = {one["name"]: one for one in page.context.cookies()}
    assert cookies["patron_session"]["httpOnly"]
    page.get_by_role("button", name="You and your settings").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_invitation_is_accepted(page: Page, shop: LiveServer) -> None:
    answer = shop.client.post(
        "/api/v1/people",
        json={"email": "ida@example.com", "name": "Ida", "role": "support"},
        headers={"Authorization": f"Bearer {shop.token}"},
    )
    assert answer.status_code == 201
    page.goto(f"{shop.url}/console/invitation#code={answer.json()['invitation']['code']}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Go in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_an_event_that_is_sent_is_seen_at_once(eve: Page, shop: LiveServer) -> None:
    sent = {"userId": "bob", "traits": {"name": "Bob Brown", "phone": "+48 600 123 456"}}
    answer = shop.client.post("/v1/identify", json=sent, auth=(KEY, ""))
    assert answer.status_code == 200
    expect(eve.get_by_text("till-2")).to_be_visible()
    expect(eve.get_by_text(re.compile(r"[1-9]\d* messages? in the last hour"))).to_be_visible()
    picture(eve, "home")


def test_customers_are_found_as_one_types_and_back_leads_back(eve: Page, shop: LiveServer) -> None:
    eve.get_by_role("link", name="Customers", exact=True).click()
    field = eve.get_by_role("searchbox")
    field.press_sequentially("smi", delay=20)
    expect(eve.get_by_role("row")).to_have_count(2)
    eve.get_by_role("link", name="Ann Smith").click()
    expect(eve.get_by_role("heading", name="Ann Smith")).to_be_visible()
    eve.go_back()
    expect(field).to_have_value("smi")
    expect(eve.get_by_role("link", name="Ann Smith")).to_be_visible()
    eve.go_forward()
    expect(eve.get_by_role("heading", name="Ann Smith")).to_be_visible()
    eve.go_back()
    field.fill("mit")  # within a word: found by the second look
    expect(eve.get_by_role("link", name="Ann Smith")).to_be_visible()
    field.fill("nobody at all")
    expect(eve.get_by_text("Nobody was found")).to_be_visible()
    field.fill("4711 0815")
    expect(eve.get_by_role("link", name="Ann Smith")).to_be_visible()


def test_lists_are_narrowed_by_segment(eve: Page) -> None:
    eve.get_by_role("link", name="Customers", exact=True).click()
    eve.get_by_role("combobox", name="Segment").click()
    eve.get_by_role("option", name="wool-buyers").click()
    expect(eve).to_have_url(re.compile("segment=wool-buyers"))
    expect(eve.get_by_role("link", name="Ann Smith")).to_be_visible()


def test_the_palette_leads_to_customers_and_pages(eve: Page) -> None:
    eve.keyboard.press("Control+k")
    field = eve.get_by_placeholder("A name, an e-mail address")
    expect(field).to_be_focused()
    field.fill("smith")
    expect(eve.get_by_role("dialog").get_by_text("Ann Smith")).to_be_visible()
    eve.keyboard.press("Enter")
    expect(eve.get_by_role("heading", name="Ann Smith")).to_be_visible()
    # It opens again at once, and from a page whose own field has the focus.
    for wanted, place in (("till-2", "data/sources/till-2"), ("quarantine", "data/quarantine"),
                          ("customers", "customers")):  # fmt: skip
        eve.keyboard.press("Control+k")
        field.fill(wanted)
        expect(eve.locator("[data-action]").first).to_contain_text(wanted, ignore_case=True)
        eve.keyboard.press("Enter")
        expect(eve).to_have_url(re.compile(f"/console/{place}"))
    eve.get_by_role("searchbox").focus()
    eve.keyboard.press("Control+k")
    field.fill("home")
    eve.keyboard.press("Enter")
    expect(eve.get_by_role("heading", name="Home")).to_be_visible()


def test_one_customer_whole_over_all_and_with_one_brand(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}{ANN}")
    value = eve.get_by_role("region", name="Value")
    for shown in ("€120.00", "$50.00", "Growing", "Middle"):
        expect(value.get_by_text(shown, exact=True).first).to_be_visible()
    expect(value.get_by_text("Engagement 20")).to_be_visible()
    expect(eve.get_by_role("region", name="Preferences").get_by_text("67.6%")).to_be_visible()
    about = eve.get_by_role("region", name="Who it is")  # S1.4, S4.4: beside the value
    expect(about.get_by_text(re.compile("^crm · .*2026$"))).to_be_visible()
    expect(about.get_by_text(re.compile("^enrichment phones .* first party · inferred")).first
           ).to_be_visible()  # fmt: skip
    consents = eve.get_by_role("region", name="Consents")
    for category, answer in {"advertising": "Refused", "analytics": "Granted"}.items():
        said = consents.locator(f"[data-consent={category}]")
        expect(said).to_contain_text(answer)
        expect(said).to_contain_text(re.compile("web · since .*2 Mar 2026|web · since Mar 2, 2026"))
    picture(eve, "customer")
    eve.get_by_role("combobox", name="Brand").click()
    eve.get_by_role("option", name="Lotus").click()
    with_lotus = eve.get_by_role("region", name="Value with Lotus")
    expect(with_lotus.get_by_text("$50.00").first).to_be_visible()
    expect(with_lotus.get_by_text("€120.00")).to_have_count(0)
    eve.reload()
    expect(with_lotus).to_be_visible()
    # Nothing was said to that brand, so it says where consents come from.
    expect(consents.get_by_text("patron.consent")).to_be_visible()


def test_why_somebody_is_in_a_segment(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}{ANN}&view=segments")
    eve.get_by_role("button", name="Why? wool-buyers").click()
    eve.reload()
    expect(eve.get_by_role("img", name="True", exact=True).first).to_be_visible()
    expect(eve.get_by_text(re.compile("material"))).to_be_visible()
    eve.get_by_role("link", name="wool-buyers").click()
    expect(eve.get_by_role("heading", name="wool-buyers")).to_be_visible()
    expect(eve.get_by_role("tab", name="Members")).to_be_visible()


def test_the_timeline_is_filtered(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}{ANN}")
    expect(eve.get_by_text("Survey Answered")).to_be_visible()
    eve.get_by_role("group", name="What to show").get_by_text("Orders").click()
    expect(eve.get_by_text("Survey Answered")).to_have_count(0)
    expect(eve.get_by_text("Order Completed")).to_have_count(3)
    eve.reload()
    expect(eve.get_by_text("Order Completed")).to_have_count(3)
    expect(eve.get_by_text("Survey Answered")).to_have_count(0)
    eve.go_back()
    expect(eve.get_by_text("Survey Answered")).to_be_visible()


@contextmanager
def written_to(page: Page, path: str) -> Iterator[None]:
    """Wait until the server has answered a write."""
    with page.expect_response(
        lambda one: one.url.endswith(path) and one.request.method != "GET"
    ) as written:
        yield
    assert written.value.ok


def test_notes_tags_and_switches_are_written(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/customers/1")
    notes = eve.get_by_role("region", name="Notes")
    notes.get_by_role("textbox", name="Write a note").fill("Likes tea.")
    notes.get_by_role("button", name="Save").click()
    written = notes.get_by_role("article").filter(has_text="Likes tea.")
    written.get_by_role("button", name="Change the note").click()
    notes.get_by_role("textbox", name="Change the note").fill("Likes green tea.")
    notes.get_by_role("button", name="Save").click()
    changed = notes.get_by_role("article").filter(has_text="Likes green tea.")
    changed.get_by_role("button", name="Take the note back").click()
    expect(changed).to_have_count(0)
    expect(notes.get_by_role("article").filter(has_text="Parcels")).to_be_visible()

    tags = eve.get_by_role("region", name="Tags").get_by_label("Tags")
    tags.fill("vip")
    with written_to(eve, "/tags"):
        tags.press("Enter")
    switches = eve.get_by_role("region", name="Switches")
    switches.get_by_label("Name of a new switch").fill("early_access")
    switches.get_by_role("button", name="Turn on").click()
    switch = switches.get_by_role("switch", name="Early access")
    expect(switch).to_be_checked()
    with written_to(eve, "/switches/early_access"):  # what is shown runs ahead of the answer
        switch.uncheck(force=True)
    expect(switch).not_to_be_checked()
    eve.reload()
    expect(switch).not_to_be_checked()
    traits = profile(shop)["traits"]
    assert traits["tags"]["value"] == ["vip"]  # type: ignore[index]
    assert traits["switches"]["value"] == {"early_access": False}  # type: ignore[index]


def test_who_may_only_read_is_shown_nothing_to_write(page: Page, shop: LiveServer) -> None:
    enter(page, shop, MARK)
    page.goto(f"{shop.url}/console/customers/1")
    expect(page.get_by_role("region", name="Notes")).to_be_visible()
    expect(page.get_by_label("Write a note")).to_have_count(0)
    expect(page.get_by_label("Name of a new switch")).to_have_count(0)


def test_what_was_so_at_an_earlier_moment(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/customers/1?as_of=2026-03-10T00:00:00Z")
    value = eve.get_by_role("region", name="Value")
    expect(value.get_by_text("€90.00").first).to_be_visible()
    # What one writes holds from now, and would not be seen here.
    expect(eve.get_by_label("Write a note")).to_have_count(0)
    expect(eve.get_by_role("link", name="go to now")).to_be_visible()
    eve.get_by_role("link", name="Customers", exact=True).click()
    expect(eve).to_have_url(re.compile("as_of=2026-03-10"))


def test_language_and_theme_follow_the_person(eve: Page, shop: LiveServer) -> None:
    eve.get_by_role("button", name="You and your settings").click()
    eve.get_by_text("Polski").click()
    expect(eve.get_by_role("heading", name="Start")).to_be_visible()
    eve.get_by_text("Ciemne").click()
    expect(eve.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    eve.reload()
    expect(eve.get_by_role("heading", name="Start")).to_be_visible()
    expect(eve.locator("html")).to_have_attribute("lang", "pl")
    eve.get_by_role("button", name="Ty i Twoje ustawienia").click()
    eve.get_by_text("English").click()
    eve.get_by_text("System").click()
    expect(eve.get_by_role("heading", name="Home")).to_be_visible()


def test_an_address_that_leads_nowhere_says_so(eve: Page, shop: LiveServer) -> None:
    eve.goto(f"{shop.url}/console/nowhere")
    expect(eve.get_by_role("heading", name="There is no such page")).to_be_visible()
    eve.goto(f"{shop.url}/console/customers/email:nobody@example.com")
    expect(eve.get_by_role("alert")).to_contain_text("There is no customer")


def test_pages_are_for_everybody(chromium: Browser, page: Page, shop: LiveServer) -> None:
    page.goto(f"{shop.url}/console/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    Onlooker(page, shop).look_again("sign in")
    with onlooker(chromium, shop) as eve:
        for path in ("", "customers", "customers?search=nobody", "nowhere"):
            eve.look(path)
        for view in VIEWS:
            eve.look(f"{ANN.removeprefix('/console/')}&view={view}")
