"""People, tokens and the record on the command line; no password ever stands on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.cli_runs import answer, patron
from patron.clock import ManualClock, parse_time
from patron.workspace import Workspace

PASSWORD = "four unrelated words do well"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answer("init", tmp_path / "data")
    return tmp_path / "data"


def signs_in(folder: Path, password: str) -> bool:
    with Workspace(folder) as workspace:
        try:
            workspace.accounts.sign_in("ann@example.com", password, "192.0.2.1")
        except Exception:  # noqa: BLE001 - whatever keeps her out
            return False
        return True


def test_init_says_how_to_make_the_first_person(tmp_path: Path) -> None:
    printed = patron("init", tmp_path / "data").stdout
    assert "patron person add you@example.com --role admin --password" in printed


def test_a_person_is_made_with_a_password_from_standard_input(folder: Path) -> None:
    made = patron(
        "person", "add", "Ann@example.com", "--role", "admin", "--password-stdin",
        "-w", folder, "--json", given=f"{PASSWORD}\n",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["person"]["state"] == "active"
    assert PASSWORD not in made.output
    assert signs_in(folder, PASSWORD)
    assert not signs_in(folder, "something else entirely")


def test_a_password_is_asked_for_twice(folder: Path) -> None:
    arguments = ("person", "add", "ann@example.com", "--role", "admin", "--password", "-w", folder)
    made = patron(*arguments, given=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert signs_in(folder, PASSWORD)


def test_a_password_that_is_not_taken_leaves_nobody_behind(folder: Path) -> None:
    arguments = ("person", "add", "ann@example.com", "--role", "admin", "--password-stdin")
    made = patron(*arguments, "-w", folder, given="short\n")
    assert made.exit_code == 1
    assert "password: expected 12 to 256 characters" in made.output
    assert answer("person", "list", "-w", folder)["data"] == []


def test_an_invitation_is_a_link_that_holds_once(folder: Path) -> None:
    invited = answer("person", "add", "ann@example.com", "--role", "support", "-w", folder)
    assert invited["person"]["state"] == "invited"
    assert invited["person"]["name"] == "ann"
    assert invited["invitation"]["link"].endswith(f"#code={invited['invitation']['code']}")
    again = answer("person", "invite", "ann@example.com", "-w", folder)
    with Workspace(folder) as workspace:
        workspace.accounts.accept(again["invitation"]["code"], PASSWORD, "192.0.2.1")
    assert signs_in(folder, PASSWORD)


def test_roles_change_and_people_go_and_come_back(folder: Path) -> None:
    for name in ("ann", "ben"):
        answer("person", "add", f"{name}@example.com", "--role", "admin", "-w", folder)
    changed = answer("person", "change", "ANN@example.com", "--role", "analyst", "-w", folder)
    assert changed["person"]["role"] == "analyst"
    gone = answer("person", "deactivate", "ann@example.com", "-w", folder)
    assert gone["person"]["state"] == "deactivated"
    last = patron("person", "deactivate", "ben@example.com", "-w", folder)
    assert last.exit_code == 1
    assert "ben@example.com is the last admin" in last.output
    back = answer("person", "activate", "ann@example.com", "-w", folder)
    assert back["person"]["active"] is True
    nobody = patron("person", "change", "eve@example.com", "--role", "admin", "-w", folder)
    assert nobody.exit_code == 1
    assert "Nobody here has the address eve@example.com" in nobody.output
    listed = patron("person", "list", "-w", folder).stdout
    assert "ben@example.com" in listed


def test_tokens_are_made_listed_and_revoked(folder: Path) -> None:
    made = answer("token", "add", "crm", "--role", "read-only", "--days", "30", "-w", folder)
    assert made["token"].startswith("patron_token_")
    shown = patron("token", "list", "-w", folder).stdout
    assert "crm" in shown
    assert "admin" in shown
    assert made["token"] not in shown
    assert answer("token", "revoke", "crm", "-w", folder)["state"] == "revoked"
    with Workspace(folder, clock=ManualClock(parse_time("2026-01-01"))) as workspace:
        assert workspace.accounts.with_token(made["token"]) is None


def test_the_own_token_is_replaced_and_the_command_line_goes_on(folder: Path) -> None:
    old = (folder / "admin-token").read_text().strip()
    shown = patron("token", "replace", "admin", "-w", folder).stdout
    new = (folder / "admin-token").read_text().strip()
    assert new in shown
    assert old != new
    own = answer("token", "list", "-w", folder)["data"]
    assert [(one["name"], one["state"]) for one in own] == [
        ("admin", "in force"), ("admin", "revoked"),
    ]  # fmt: skip


def test_the_record_is_shown_and_filtered(folder: Path) -> None:
    answer("token", "add", "crm", "--role", "read-only", "-w", folder)
    answer("token", "revoke", "crm", "-w", folder)
    found = answer("audit", "--action", "tokens", "--by", "admin", "-w", folder)["data"]
    assert [(one["action"], one["named"]) for one in found] == [
        ("DELETE /tokens/{name}", {"name": "crm"}),
        ("POST /tokens", {"name": "crm", "role": "read-only"}),
    ]
    assert answer("audit", "--refused", "-w", folder)["data"] == []
    shown = patron("audit", "--limit", "1", "-w", folder).stdout
    assert "DELETE /tokens/{name}" in shown
    assert "--cursor" in shown
