"""The browser of these tests reaches the server of these tests."""

from __future__ import annotations

from playwright.sync_api import Page

from integration.harness import LiveServer


def test_a_page_of_the_server_is_shown(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/api/openapi.json")
    assert '"title":"Patron"' in page.content()
