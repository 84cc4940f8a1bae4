"""What the journeys through the console share: who signs in, and what a page is checked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page, expect

from integration.harness import LiveServer
from patron.workspace import Workspace

AXE = (Path(__file__).parents[2] / "web/console/node_modules/axe-core/axe.min.js").read_text
PASSWORD = "correct horse battery"
EVE, MARK = "eve@example.com", "mark@example.com"
END = "2026-06-30T12:00:00Z"
"""The moment that the page on profiles tells of."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STILL = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
    do { await frame(); await frame(); } while (document.getAnimations().some(ends));
}"""
"""Waits until no colour is on its way to another."""


class Look(NamedTuple):
    """How a page is looked at."""

    scheme: Literal["light", "dark"]
    width: int
    height: int


LOOKS = (Look("light", 1366, 900), Look("dark", 390, 844))
"""On a desk by day, and on a phone at night."""


def staff(folder: Path) -> None:
    """Let Eve, who is an admin, and Mark, who may only read, sign in."""
    with Workspace(folder) as workspace:
        for email, name, role in ((EVE, "Eve", "admin"), (MARK, "Mark", "read-only")):
            _, code = workspace.accounts.people.add(email, name, role)
            workspace.accounts.accept(code, PASSWORD, "127.0.0.1")


def enter(page: Page, server: LiveServer, email: str = EVE) -> None:
    """Sign in without the form: what follows is not about it."""
    said = {"email": email, "password": PASSWORD}
    answer = page.request.post(f"{server.url}/api/v1/session", data=said)
    assert answer.ok, answer.text()


def sign_in(page: Page, email: str = EVE, password: str = PASSWORD) -> None:
    page.get_by_role("textbox", name="E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def settled(page: Page) -> None:
    """Wait until everything that the page asks for is there."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)


def picture(page: Page, name: str) -> None:
    """Keep what is seen for the documentation, when `make docs` asks for it."""
    folder = os.environ.get("PATRON_PICTURES")
    if folder:
        settled(page)
        page.screenshot(path=Path(folder) / f"console-{name}.png")


def faults(page: Page) -> list[Any]:
    """What axe finds on the page."""
    if not page.evaluate("'axe' in window"):
        session = page.context.new_cdp_session(page)  # the page's policy forbids other scripts
        session.send("Runtime.evaluate", {"expression": AXE("utf-8")})
        session.detach()
    found: list[Any] = page.evaluate(
        """async (rules) => {
            const found = await axe.run(document, {
                runOnly: rules,
                resultTypes: ["violations"],
                selectors: false,
            });
            return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
        }""",
        RULES,
    )
    return found


class Onlooker:
    """Eve, who looks at pages: axe finds nothing, and nothing is wider than the screen.

    Each page is opened in one of `LOOKS` and turned into the other, by turns.
    """

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page = page
        self._server = server
        self._looks = LOOKS

    def look(self, path: str, shown: str | None = None) -> None:
        """Open a page and look at it.

        Args:
            path: Below `/console/`.
            shown: A text that is there when the page is; by default, nothing is asked for any more.
        """
        self._put_on(self._looks[0])
        self.page.goto(f"{self._server.url}/console/{path}")
        if shown is None:
            settled(self.page)
        else:
            expect(self.page.get_by_text(shown).first).to_be_visible()
            expect(self.page.locator(".mantine-Skeleton-root")).to_have_count(0)
        self.look_again(path)

    def look_again(self, name: str) -> None:
        """Look at what is open."""
        for look in self._looks:
            self._put_on(look)
            expect(self.page.locator("html")).to_have_attribute(
                "data-mantine-color-scheme", look.scheme
            )
            self.page.evaluate(STILL)
            assert (name, look, faults(self.page)) == (name, look, [])
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert (name, wide) == (name, look.width)
        self._looks = self._looks[::-1]

    def _put_on(self, look: Look) -> None:
        self.page.emulate_media(color_scheme=look.scheme)
        self.page.set_viewport_size({"width": look.width, "height": look.height})


@contextmanager
def onlooker(chromium: Browser, server: LiveServer) -> Iterator[Onlooker]:
    """For pages of everybody; no page breaks the server's policy, nor says of a mistake."""
    # What moves would be looked at on its way.
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    enter(page, server)
    yield Onlooker(page, server)
    assert said == []
    context.close()
