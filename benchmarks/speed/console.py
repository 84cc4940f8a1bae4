"""How soon the console shows something, in a real browser in front of a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.speed.pace import FRAMES, Processor, Step, paced
from benchmarks.speed.questions import AS_OF
from benchmarks.speed.report import report
from benchmarks.speed.rules import rules
from benchmarks.speed.server import serving
from benchmarks.speed.world import World
from patron.api.console import HOW_TO_BUILD, is_built
from patron.clock import format_time
from patron.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FIRST_VIEW = 1_000.0
"""Milliseconds from the address to what the page is about."""

RESPONSE = 100.0
"""Milliseconds from a click or a key to something that changes on the screen."""

ROUNDS = 3
SEGMENTS = 4
EMAIL, PASSWORD = "bench@example.com", "correct horse battery"
MOMENT = f"as_of={format_time(AS_OF)}"
TIER = "tier"
GOING = "seen('[data-going]')"
"""The line above every page while one is on the way to another."""

RULE = 'count("Order Completed" in the last 90 days) >= 2'
MORE = 'did "Product Viewed" in the last 30 days or '
"""What is typed before the rule."""

VIEWS = {
    "home": ("", "main table, main [class*=value]"),
    "customers": ("customers", "main tbody a"),
    "customer": ("customers/{customer}", "main [role=tabpanel] section"),
    "segments": ("segments", "main tbody a"),
    "segment": ("segments/{segment}", "main [role=tablist]"),
    "builder": ("new-segment", "main textarea"),
}
"""Of each page its address, and what is there once one sees what it is about."""


def run_console(world: World, scale: str) -> None:
    """All rows of the console, on a copy of a world; one row that says why where none can be.

    Args:
        world: What is stored.
        scale: For the rows.
    """
    lacking = _lacking()
    if lacking:
        report("console", None, "ms", skipped=lacking, scale=scale)
        return
    copy = world.folder.with_name(f"{world.folder.name}-console")
    shutil.copytree(world.folder, copy)
    try:
        prepare(copy)
        measure(copy, world.events, scale)
    finally:
        shutil.rmtree(copy)


def prepare(folder: Path) -> None:
    """Add who looks at the pages, and segments to look at, with their members on record."""
    with Workspace(folder) as workspace:
        _, code = workspace.accounts.people.add(EMAIL, "Bench", "admin")
        workspace.accounts.accept(code, PASSWORD, "127.0.0.1")
        found, _ = rules(SEGMENTS)
        for number, rule in enumerate(found):
            workspace.put_segment(f"segment-{number:02}", {"rule": rule}, allow_unknown=True)
        values = [
            {"value": name, "rule": f'count("Order Completed") >= {least}'}
            for name, least in (("gold", 8), ("silver", 5), ("bronze", 1))
        ]
        workspace.put_segment(TIER, {"values": values})
        workspace.advance()


def measure(folder: Path, events: int, scale: str) -> None:
    """Report every row of a workspace that was prepared."""
    from playwright.sync_api import sync_playwright

    with serving(folder) as (port, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=_flags())
        pages = _Pages(browser, f"http://127.0.0.1:{port}", {"events": events, "scale": scale})
        pages.views()
        pages.responses()
        browser.close()


class _Pages:
    def __init__(self, browser: Browser, url: str, notes: dict[str, Any]) -> None:
        self._url = url
        self._notes = notes
        self._context: BrowserContext = browser.new_context(
            viewport={"width": 1366, "height": 900}, locale="en-GB"
        )
        self._context.add_init_script(FRAMES)
        page = self._context.new_page()
        page.goto(f"{url}/console/")
        page.get_by_role("textbox", name="E-mail").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Customers").first.wait_for()
        self._customer = page.evaluate(
            "fetch('/api/v1/profiles?limit=1').then((found) => found.json())"
            ".then((said) => said.data[0].profile_id)"
        )
        page.close()

    def views(self) -> None:
        """Each page, from its address until one sees what it is about, and until all is there."""
        for name, (path, selector) in VIEWS.items():
            seen, whole, painted, spent = [], [], [], []
            for _ in range(ROUNDS + 1):
                page = self._context.new_page()
                processor = Processor(page)
                page.goto(self._address(path), wait_until="commit")
                seen.append(page.evaluate("(what) => untilSeen(what)", selector))
                whole.append(page.evaluate("untilWhole()"))
                painted.append(page.evaluate("largestPaint()"))
                spent.append(processor.since())
                page.close()
            # The first round fills the caches of the browser and of the server.
            self._report(
                f"console.view.{name}", seen[1:], FIRST_VIEW, first=round(seen[0]),
                whole_ms=round(_middle(whole[1:])), largest_paint_ms=round(_middle(painted[1:])),
                processor_ms=round(_middle(spent[1:])),
            )  # fmt: skip

    def responses(self) -> None:
        """Each thing that people do, until something changes, and until what was asked for is."""
        for name, (path, step) in STEPS.items():
            seen, follows, spent = [], [], []
            for _ in range(ROUNDS + 1):
                page = self._context.new_page()
                processor = Processor(page)
                page.goto(self._address(path))
                page.evaluate("untilWhole()")
                processor.since()
                times = paced(page, step)
                spent.append(processor.since())
                seen.append(times.seen)
                follows.append(times.follows)
                page.close()
            there = [one for one in follows[1:] if one is not None]
            more = {"processor_ms": round(_middle(spent[1:]))}
            if there:
                more["follows_ms"] = round(_middle(there))
            self._report(f"console.response.{name}", seen[1:], RESPONSE, **more)

    def _report(self, name: str, times: list[float], budget: float, **notes: Any) -> None:  # noqa: ANN401
        report(
            name, _middle(times), "ms", budget=budget, worst=round(max(times)), **notes,
            **self._notes,
        )  # fmt: skip

    def _address(self, path: str) -> str:
        filled = path.format(customer=self._customer, segment="segment-00", rule=RULE)
        return f"{self._url}/console/{filled}{'&' if '?' in filled else '?'}{MOMENT}"


def _clicking(role: Any, name: str) -> Callable[[Page], None]:  # noqa: ANN401 - a role of ARIA
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()


def _typing(role: Any, text: str) -> Callable[[Page], None]:  # noqa: ANN401 - a role of ARIA
    return lambda page: page.get_by_role(role).first.press_sequentially(text)


def _choosing(page: Page) -> None:
    page.get_by_role("button", name="Add condition").first.click()
    page.get_by_role("option", name="Number of orders").click()


def _writing(page: Page) -> None:
    page.get_by_label("Rule as text").press_sequentially(MORE)


STEPS: dict[str, tuple[str, Step]] = {
    "search": ("customers", Step(
        _typing("searchbox", "c12"), "document.querySelector('[type=search]').value !== ''",
        "location.search.includes('c12') && whole()")),
    "go_to_customers": ("", Step(
        _clicking("link", "Customers"), f"{GOING} || seen('main [type=search]')",
        "seen('main tbody a')")),
    "go_to_segments": ("", Step(
        _clicking("link", "Segments"), f"{GOING} || document.querySelector('main h1').textContent "
        "=== 'Segments'", "seen('main tbody a')")),
    "open_builder": ("segments", Step(
        _clicking("link", "New segment"), f"{GOING} || seen('main textarea')",
        "seen('main textarea')")),
    "open_conditions": ("new-segment", Step(
        _clicking("button", "Add condition"), "seen('[role=option]')")),
    "add_condition": ("new-segment", Step(
        _choosing, "seen('main fieldset')", "seen('main fieldset [data-count]')", clicks=2)),
    "change_text": ("new-segment?rule={rule}", Step(
        _writing, f"document.querySelector('textarea').value.length === {len(RULE + MORE)}",
        "document.querySelectorAll('main fieldset [data-count]').length > 1", clicks=len(MORE))),
    "tab_of_segment": ("segments/{segment}", Step(
        _clicking("tab", "Members"), "document.querySelector('[role=tab][aria-selected=true]')"
        ".textContent === 'Members'", "seen('[role=tabpanel] tbody tr') && whole()")),
    "tab_of_customer": ("customers/{customer}", Step(
        _clicking("tab", "Segments"), "document.querySelector('[role=tab][aria-selected=true]')"
        ".textContent === 'Segments'", "whole()")),
}  # fmt: skip
"""What people do: on which page, and what shows that it had an effect."""


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _flags() -> list[str]:
    # Chromium's own sandbox refuses to start for root.
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _lacking() -> str | None:
    """What is missing, in a sentence."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "Playwright is missing: make env."
    if _chromium() is None:
        return "Chromium is missing: install Debian's package chromium."
    return None if is_built() else HOW_TO_BUILD
