"""People, roles, tokens, the workspace and the record, in a real browser (issue 6, page 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from browser.console_support import EVE, PASSWORD, enter, faults, onlooker, staff
from integration.harness import LiveServer
from integration.harness.identity_provider import CLIENT, SECRET, IdentityProvider

ZONE = "Asia/Bangkok"
IDA = "ida@example.com"
VIEWS = ("me", "people", "tokens", "workspace", "audit")


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as listening:
        yield listening


@pytest.fixture(scope="module")
def office(console: None, world: Path, provider: IdentityProvider) -> Iterator[LiveServer]:
    staff(world)
    server = LiveServer(world)
    (world / "patron.toml").write_text(
        f'time_zone = "{ZONE}"\npublic_url = "{server.url}"\n[oidc]\nissuer = "{provider.url}"\n'
        f'client_id = "{CLIENT}"\nlabel = "The office"\n[secrets]\noidc = "{SECRET}"\n'
    )
    with server as running:
        yield running


@pytest.fixture
def eve(page: Page, office: LiveServer) -> Page:
    """Eve, who is an admin, at the settings."""
    enter(page, office)
    page.goto(f"{office.url}/console/settings")
    expect(page.get_by_role("tab", name="You")).to_have_attribute("aria-selected", "true")
    return page


def go(page: Page, view: str) -> None:
    page.get_by_role("tab", name=view).click()


def visible(row: Locator, text: str) -> Locator:
    """What a row says; some of it stands twice, for wide and for narrow screens."""
    return row.get_by_text(text).filter(visible=True)


def ask(office: LiveServer, path: str, token: str | None = None) -> httpx.Response:
    own = (office.folder / "admin-token").read_text().strip()
    return office.client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token or own}"})


def recorded(office: LiveServer, **asked: Any) -> list[tuple[str, str]]:
    data = ask(office, f"audit?{httpx.QueryParams(asked)}").json()["data"]
    return [(one["action"], one["actor"]) for one in data]


@pytest.fixture
def other(chromium: Browser) -> Iterator[BrowserContext]:
    """Another browser."""
    found = chromium.new_context()
    yield found
    found.close()


def test_the_identity_provider_leads_in_and_back_where_one_was_going(
    page: Page, office: LiveServer, provider: IdentityProvider
) -> None:
    provider.claims = {"email": "nobody@example.com"}
    page.goto(f"{office.url}/console/settings/audit?refused=true")
    page.get_by_role("link", name="Sign in with The office").click()
    expect(page.get_by_role("alert")).to_contain_text("did not let you in")
    assert faults(page) == []
    provider.claims = {"email": EVE, "sub": "eve"}
    page.goto(f"{office.url}/console/settings/audit?refused=true")
    page.get_by_role("link", name="Sign in with The office").click()
    expect(page.get_by_role("tab", name="Record")).to_have_attribute("aria-selected", "true")
    assert page.url == f"{office.url}/console/settings/audit?refused=true"


def test_somebody_is_invited_and_sees_what_the_role_opens(
    eve: Page, other: BrowserContext, office: LiveServer
) -> None:
    go(eve, "People")
    eve.get_by_role("button", name="Invite").click()
    form = eve.get_by_role("dialog")
    form.get_by_label("E-mail").fill(IDA)
    form.get_by_label("Name").fill("Ida")
    form.get_by_role("combobox", name="Role").click()
    eve.get_by_role("option", name="Analyst").click()
    form.get_by_role("button", name="Invite").click()
    shown = eve.get_by_role("status").filter(has_text="The link for Ida")
    link = shown.locator("pre").inner_text()
    row = eve.get_by_role("row").filter(has_text=IDA)
    expect(visible(row, "Invited")).to_be_visible()

    ida = other.new_page()
    ida.goto(link)
    ida.get_by_label("New password").fill(PASSWORD)
    ida.get_by_role("button", name="Go in").click()
    ida.get_by_role("link", name="Settings").click()
    expect(ida.get_by_role("tab")).to_have_text(["You", "Workspace"])
    ida.goto(f"{office.url}/console/settings/people")
    expect(ida.get_by_text("Your role does not open this page")).to_be_visible()
    assert ida.evaluate("async () => (await fetch('/api/v1/people')).status") == 403

    eve.reload()
    expect(shown).to_have_count(0)  # the link was shown once
    expect(visible(row, "Active")).to_be_visible()
    eve.get_by_role("button", name="What to do with Ida").click()
    eve.get_by_role("menuitem", name="Change role").click()
    form.get_by_role("combobox", name="Role").click()
    eve.get_by_role("option", name="Support").click()
    expect(form).to_contain_text("May then also")
    expect(form.get_by_role("list").nth(0)).to_contain_text("cards")
    expect(form.get_by_role("list").nth(1)).to_contain_text("Ask in SQL")
    form.get_by_role("button", name="Change role").click()
    expect(form).to_have_count(0)
    expect(row.get_by_text("Support")).to_be_visible()
    eve.get_by_role("button", name="What to do with Ida").click()
    eve.get_by_role("menuitem", name="Remove").click()
    expect(form).to_contain_text("cannot come back")
    form.get_by_role("button", name="Remove").click()
    expect(visible(row, "Removed")).to_be_visible()
    ida.goto(f"{office.url}/console/settings")
    expect(ida.get_by_role("heading", name="Sign in")).to_be_visible()
    assert recorded(office, action="/people", actor=EVE) == [
        ("PATCH /people/{person_id}", EVE), ("PATCH /people/{person_id}", EVE),
        ("POST /people", EVE),
    ]  # fmt: skip
    assert ("GET /people", IDA) in recorded(office, refused=True)


def test_who_failed_to_sign_in_too_often_is_let_in_again(eve: Page, office: LiveServer) -> None:
    with httpx.Client(base_url=office.url, trust_env=False) as somebody:
        for _ in range(5):
            wrong = {"email": "max@example.com", "password": "guessed"}
            somebody.post("/api/v1/session", json=wrong)
    eve.evaluate(
        """async () => {
            const { csrf_token } = await (await fetch('/api/v1/session')).json();
            await fetch('/api/v1/people', {
                method: 'POST',
                headers: { 'X-CSRF-Token': csrf_token, 'Content-Type': 'application/json' },
                body: JSON.stringify({ email: 'max@example.com', name: 'Max', role: 'support' }),
            });
        }"""
    )
    go(eve, "People")
    row = eve.get_by_role("row").filter(has_text="max@example.com")
    expect(visible(row, "Locked")).to_be_visible()
    eve.get_by_role("button", name="What to do with Max").click()
    eve.get_by_role("menuitem", name="Let sign in again").click()
    expect(row.get_by_text("Locked")).to_have_count(0)
    [found] = [one for one in ask(office, "people").json()["data"] if one["name"] == "Max"]
    assert found["locked_until"] is None


def test_a_token_is_made_used_replaced_and_revoked(eve: Page, office: LiveServer) -> None:
    go(eve, "Tokens")
    eve.get_by_role("button", name="Make a token").click()
    form = eve.get_by_role("dialog")
    form.get_by_label("Name").fill("crm")
    form.get_by_role("button", name="Make a token").click()
    shown = eve.get_by_role("status").filter(has_text="The secret of crm")
    first = shown.locator("pre").inner_text()
    assert ask(office, "status", first).status_code == 200
    assert ask(office, "people", first).status_code == 403

    eve.get_by_role("button", name="Replace the token crm").click()
    form.get_by_role("button", name="Replace").click()
    expect(shown.locator("pre")).not_to_have_text(first)
    second = shown.locator("pre").inner_text()
    assert ask(office, "status", first).status_code == 401
    assert ask(office, "status", second).status_code == 200

    eve.get_by_role("button", name="Revoke the token crm").click()
    expect(form).to_contain_text("Whatever uses crm stops at once")
    form.get_by_role("button", name="Revoke").click()
    expect(eve.get_by_role("button", name="Revoke the token crm")).to_have_count(0)
    assert ask(office, "status", second).status_code == 401
    eve.get_by_label("Show 2 that no longer hold").check(force=True)
    expect(eve.get_by_role("row").filter(has_text="Revoked")).to_have_count(2)

    expect(eve.get_by_role("button", name="Revoke the token admin")).to_have_count(0)
    eve.get_by_role("button", name="Replace the token admin").click()
    form.get_by_role("button", name="Replace").click()
    expect(eve.get_by_role("status").filter(has_text="The secret of admin")).to_be_visible()
    assert ask(office, "status", office.token).status_code == 401
    office.token = (office.folder / "admin-token").read_text().strip()
    assert ask(office, "status").status_code == 200


def test_the_record_is_narrowed_in_the_address_and_taken_away(
    eve: Page, office: LiveServer
) -> None:
    ask(office, "profiles/changes")  # an export by the workspace's own token
    go(eve, "Record")
    eve.get_by_role("combobox", name="Who").click()
    eve.get_by_role("option", name="admin", exact=True).click()
    expect(eve).to_have_url(re.compile("by=admin"))
    rows = eve.locator("tbody tr")
    expect(rows.first).to_contain_text("Customers · exported")
    expect(rows.filter(has_text=EVE)).to_have_count(0)
    eve.get_by_role("button", name=re.compile("Details of entry")).first.click()
    expect(eve.get_by_text("GET /profiles/changes")).to_be_visible()
    today = datetime.now(UTC).astimezone(ZoneInfo(ZONE)).date().isoformat()
    eve.goto(f"{office.url}/console/settings/audit?day={today}&action=/profiles")
    expect(rows.first).to_contain_text("Customers · exported")
    with eve.expect_download() as taken:
        eve.get_by_role("link", name="Export CSV").click()
    text = Path(taken.value.path()).read_text()
    assert text.splitlines()[1].split(",")[3:5] == ["admin", "GET /profiles/changes"]
    eve.goto(f"{office.url}/console/settings/audit?day=2001-01-01")
    expect(eve.get_by_text("Nothing was recorded")).to_be_visible()


def test_everybody_sees_times_of_the_workspace(chromium: Browser, office: LiveServer) -> None:
    context = chromium.new_context(timezone_id="America/New_York", locale="en-GB")
    page = context.new_page()
    enter(page, office)
    page.goto(f"{office.url}/console/settings/workspace?as_of=2018-01-01T00:00:00Z")
    expect(page.get_by_text(ZONE).first).to_be_visible()
    page.get_by_role("button", name="Choose the moment").click()
    field = page.get_by_label("Show as of")
    expect(field).to_have_value("2018-01-01T07:00")
    field.fill("2018-03-02T07:30")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(re.escape("as_of=2018-03-02T00%3A30%3A00.000Z")))
    context.close()


def test_oneself(chromium: Browser, office: LiveServer) -> None:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    enter(page, office)
    page.goto(f"{office.url}/console/settings/me")
    page.get_by_label("Name").fill("Eve Adams")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_role("textbox", name="Old password").fill("not the password")
    page.get_by_label("New password").fill(f"{PASSWORD} again")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert", name="The old password is wrong")).to_be_visible()
    page.get_by_role("textbox", name="Old password").fill(PASSWORD)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    before = context.cookies()
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.add_cookies(before)  # type: ignore[arg-type]
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_settings_are_for_everybody(chromium: Browser, office: LiveServer) -> None:
    with onlooker(chromium, office) as eve:
        for view in VIEWS:
            eve.look(f"settings/{view}")
        eve.page.goto(f"{office.url}/console/settings/people")
        eve.page.get_by_role("button", name="Invite").click()
        expect(eve.page.get_by_role("dialog")).to_be_visible()
        eve.look_again("invite")
