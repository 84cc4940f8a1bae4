"""A real browser in front of a live server: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from browser.console_support import staff
from browser.shop import Shop
from browser.site import Site
from integration.harness import LiveServer, make_workspace
from patron.api.console import HOW_TO_BUILD, is_built

NAMES = ("chromium", "chromium-browser")
"""What distributions call it."""

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "web/tracker/src"
TRACKER = ROOT / "src/patron/api/static/tracker/patron.js"

PATIENCE = 30_000
"""Milliseconds after which a test gives up on what it waits for; nothing is asserted about it."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. One for each module: while it runs, nothing else there can use asyncio."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        missing("Chromium is missing: install Debian's package chromium.")
    # Chromium's own sandbox refuses to start for root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser profile of one's own: cookies and stores are empty."""
    found = chromium.new_context()
    found.set_default_timeout(PATIENCE)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab. An error that no script of the page catches fails the test."""
    errors: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    assert errors == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Shared: compare counters before and after, and use ids of your own."""
    with LiveServer(tmp_path_factory.mktemp("server") / "workspace") as running:
        yield running


@pytest.fixture(scope="session")
def console() -> None:
    """The pages of the console are built."""
    if not is_built():
        missing(HOW_TO_BUILD)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that the journeys of a module go through; most modules fill it."""
    folder = tmp_path_factory.mktemp("console") / "data"
    make_workspace(folder)
    return folder


@pytest.fixture(scope="module")
def staffed(console: None, world: Path) -> Iterator[LiveServer]:
    """A server on it, where Eve and Mark can sign in."""
    staff(world)
    with LiveServer(world) as running:
        yield running


@pytest.fixture
def site() -> Iterator[Site]:
    """A shop's site on another port."""
    with Site() as found:
        yield found


@pytest.fixture
def shop(server: LiveServer, site: Site, tracker: None) -> Shop:
    """That site, with the tracker on its pages."""
    return Shop(server, site)


@pytest.fixture(scope="session")
def tracker() -> None:
    """The tracker is built, and from the sources that there are."""
    built = TRACKER.stat().st_mtime if TRACKER.exists() else 0.0
    if built < max(source.stat().st_mtime for source in SOURCES.glob("*.ts")):
        missing("The tracker is not built from its sources as they are: make tracker.")


def missing(sentence: str) -> NoReturn:
    """Skip, and say why. In CI these tests must not vanish unseen: there it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
