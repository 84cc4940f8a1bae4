"""The first quarter of an hour: from an empty folder to a customer on the screen (issue 6)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from browser.console_support import PASSWORD, faults, picture
from integration.harness import LiveServer


def patron(*words: str) -> Any:
    """What a command answers in JSON, run in a process of its own."""
    command = [sys.executable, "-m", "patron.cli", *words, "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_from_an_empty_folder_to_a_customer_on_the_screen(
    console: None, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    key = patron("init", str(folder))["write_key"]
    with LiveServer(folder) as shop:
        invited = patron(
            "person", "add", "olga@example.com", "--role", "admin", "--name", "Olga",
            "--workspace", str(folder),
        )  # fmt: skip

        page.goto(invited["invitation"]["link"])
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Go in").click()
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
        picture(page, "first-start")
        assert faults(page) == []

        # Nothing came yet: the page says how to send, and that leads to the lines to paste.
        page.get_by_role("link", name="Data").click()
        page.get_by_role("link", name="web", exact=True).click()
        expect(page.get_by_text("Waiting for the first message")).to_be_visible()
        sent = {"userId": "ann", "traits": {"name": "Ann Archer", "email": "ann@example.com"}}
        assert shop.client.post("/v1/identify", json=sent, auth=(key, "")).status_code == 200
        expect(page.get_by_text("It works.")).to_be_visible()

        page.get_by_role("link", name="Customers").click()
        page.get_by_role("link", name="Ann Archer").click()
        expect(page.get_by_role("heading", name="Ann Archer")).to_be_visible()
        expect(page.get_by_text("ann@example.com").first).to_be_visible()
        assert shop.get("profiles/user_id:ann")["traits"]
