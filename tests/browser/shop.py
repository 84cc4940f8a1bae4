"""A shop with the tracker on its pages, and what of it reached the server."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from playwright.sync_api import Page

from browser.site import Site
from integration.harness import KEY, LiveServer

PATIENCE = 30.0
"""Seconds after which a test gives up on messages; nothing is asserted about how long it takes."""

QUEUED = "Object.keys(localStorage).filter(key => key.startsWith('patron.queue'))"


class Shop:
    """Pages of a site whose tracker sends to a server.

    Args:
        server: Where to.
        site: Where the pages lie.
    """

    def __init__(self, server: LiveServer, site: Site) -> None:
        self.server = server
        self.site = site
        self._since = self._position()

    def snippet(self, **settings: Any) -> str:
        """What the server gives for its pages; further settings of `load` by their names."""
        of_load = {"undecided": "send", **settings}
        asked = {"undecided": of_load.pop("undecided")}
        answer = self.server.get("sources/web/snippet", url=self.server.url, write_key=KEY, **asked)
        text = str(answer["snippet"])
        if not of_load:
            return text
        # As an engineer would: one more line in the object of settings.
        end = "});\n</script>"
        assert text.endswith(end)
        return f"{text.removesuffix(end)}, {json.dumps(of_load)[1:-1]}{end}"

    def page(self, path: str = "/", *, body: str = "", head: str = "", **settings: Any) -> str:
        """Put a page with the snippet at a path; returns its address."""
        return self.site.page(path, head=head + self.snippet(**settings), body=body)

    def arrived(self, at_least: int = 0) -> list[dict[str, Any]]:
        """The messages that were stored since the shop opened, in order of arrival.

        Raises:
            AssertionError: So many did not come.
        """
        limit = time.monotonic() + PATIENCE
        while True:
            rows = self.server.sql(
                f"select body from messages where position > {self._since} order by position"
            )
            if len(rows) >= at_least:
                return [json.loads(body) for (body,) in rows]
            assert time.monotonic() < limit, f"{len(rows)} of {at_least} messages came: {rows}"
            time.sleep(0.02)

    def events(self, at_least: int = 0) -> Counter[str]:
        """How often each event arrived; of other calls their type stands for it."""
        return Counter(m.get("event") or m["type"] for m in self.arrived(at_least))

    def _position(self) -> int:
        return int(self.server.get("status")["position"])


def ready(page: Page, address: str) -> None:
    """Open a page and wait until its tracker is loaded."""
    page.goto(address)
    loaded(page)


def loaded(page: Page) -> None:
    """Wait until the tracker took over from the snippet."""
    page.wait_for_function("window.patron && patron.version")


def delivered(page: Page) -> None:
    """Wait until nothing waits in the browser any more."""
    page.wait_for_function(f"{QUEUED}.length === 0")


def stores(page: Page) -> dict[str, list[str]]:
    """The names of everything that the browser keeps for the page."""
    found: dict[str, list[str]] = page.evaluate(
        """() => ({
            cookies: document.cookie.split('; ').filter(Boolean).map(c => c.split('=')[0]).sort(),
            local: Object.keys(localStorage).sort(),
            session: Object.keys(sessionStorage).sort(),
        })"""
    )
    return found
