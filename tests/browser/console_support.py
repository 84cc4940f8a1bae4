"""What the journeys through the console share: who signs in, and what a page is checked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

AXE = (Path(__file__).parents[2] / "web/console/node_modules/axe-core/axe.min.js").read_text
PASSWORD = "correct horse battery"
EVE, MARK = "eve@example.com", "mark@example.com"
END = "2026-06-30T12:00:00Z"
"""The moment that the page on profiles tells of."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
    session = page.context.new_cdp_session(page)  # the page's own policy forbids other scripts
    session.send("Runtime.evaluate", {"expression": AXE("utf-8")})
    found: list[Any] = page.evaluate(
        """async (rules) => {
            const found = await axe.run(document, { runOnly: rules });
            return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
        }""",
        RULES,
    )
    return found
