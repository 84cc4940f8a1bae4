"""Tokens of programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from patron.access.accounts import Accounts
from patron.access.own_token import OwnToken
from patron.clock import ManualClock, parse_time
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError, NotFoundError
from patron.warehouse.store import hash_secret


def test_a_token_asks_in_its_role_until_it_is_revoked(
    accounts: Accounts, opened: Callable[[], Accounts]
) -> None:
    _, secret = accounts.tokens.add("crm", "support", made_by="ann@example.com")
    for process in (accounts, opened()):
        actor = process.with_token(secret)
        assert actor is not None
        assert (actor.kind, actor.name, actor.role) == ("token", "crm", "support")
        assert process.still(actor)
    accounts.tokens.revoke("crm")
    assert not accounts.still(actor)
    for process in (accounts, opened()):
        assert process.with_token(secret) is None
        with pytest.raises(NotFoundError):
            process.tokens.revoke("crm")


def test_a_token_expires(accounts: Accounts, clock: ManualClock) -> None:
    _, secret = accounts.tokens.add("crm", "support", made_by="admin", days=30)
    clock.advance(timedelta(days=30, microseconds=-1))
    assert accounts.with_token(secret) is not None
    clock.advance(timedelta(microseconds=1))
    assert accounts.with_token(secret) is None


def test_a_name_is_one_tokens_while_it_is_in_force(accounts: Accounts) -> None:
    _, first = accounts.tokens.add("crm", "support", made_by="admin")
    with pytest.raises(ConflictError, match="crm already"):
        accounts.tokens.add("crm", "admin", made_by="admin")
    accounts.tokens.revoke("crm")
    _, second = accounts.tokens.add("crm", "admin", made_by="admin")
    assert accounts.with_token(first) is None
    assert accounts.with_token(second) is not None
    assert len(accounts.tokens.all()) == 2


def test_when_it_was_last_used_is_kept_to_within_an_hour(
    accounts: Accounts, opened: Callable[[], Accounts], clock: ManualClock
) -> None:
    token, secret = accounts.tokens.add("crm", "support", made_by="admin")
    assert accounts.tokens.used_at(token) is None
    accounts.with_token(secret)
    first = clock.now()
    clock.advance(timedelta(minutes=59))
    accounts.with_token(secret)
    assert opened().tokens.used_at(token) == first
    clock.advance(timedelta(minutes=1))
    accounts.with_token(secret)
    assert opened().tokens.used_at(token) == clock.now()


def test_tokens_of_before_there_were_roles_hold_and_the_workspaces_own_stays(
    opened: Callable[[], Accounts], cursor: Cursor
) -> None:
    cursor.execute(
        "insert into tokens (hash, name, role, created_at) values (?, 'admin', 'admin', ?)",
        [hash_secret("secret"), parse_time("2026-01-01")],
    )
    accounts = opened()
    actor = accounts.with_token("secret")
    assert actor is not None
    assert actor.may("people:write")
    with pytest.raises(ConflictError, match="command line"):
        accounts.tokens.revoke("admin")
    with pytest.raises(ConflictError, match="already"):
        accounts.tokens.add("admin", "admin", made_by="admin")


@pytest.mark.parametrize("name", ["", "Crm", "a b", "../x", "x" * 64])
def test_names_are_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(InputError, match="name: expected"):
        accounts.tokens.add(name, "support", made_by="admin")


def test_a_token_is_replaced_and_keeps_its_role_and_its_term(
    accounts: Accounts, opened: Callable[[], Accounts], clock: ManualClock
) -> None:
    _, old = accounts.tokens.add("crm", "support", made_by="admin", days=30)
    clock.advance(timedelta(days=20))
    token, new = accounts.tokens.replace("crm", made_by="ann@example.com")
    assert (token.role, token.made_by) == ("support", "ann@example.com")
    assert token.expires_at == clock.now() + timedelta(days=30)
    for process in (accounts, opened()):
        assert process.with_token(old) is None
        assert process.with_token(new) is not None
    with pytest.raises(NotFoundError, match="No token till is in force"):
        accounts.tokens.replace("till", made_by="admin")


@pytest.fixture
def own(cursor: Cursor, tmp_path: Path) -> Path:
    """The file of the workspace's own token."""
    cursor.execute(
        "insert into tokens (hash, name, role, created_at) values (?, 'admin', 'admin', ?)",
        [hash_secret("first"), parse_time("2026-01-01")],
    )
    (tmp_path / "admin-token").write_text("first\n")
    return tmp_path / "admin-token"


def test_the_workspaces_own_token_is_replaced_in_its_file(
    opened: Callable[[], Accounts], own: Path
) -> None:
    accounts = opened()
    _, secret = accounts.tokens.replace("admin", made_by="ann@example.com")
    assert own.read_text() == f"{secret}\n"
    assert own.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in own.parent.iterdir()] == ["admin-token"]
    for process in (accounts, opened()):
        assert process.with_token("first") is None
        assert process.with_token(secret) is not None


@pytest.mark.parametrize("stopped", ["transaction", "put_in_place"])
def test_a_stop_between_file_and_table_leaves_a_token_that_holds(
    opened: Callable[[], Accounts], own: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    accounts = opened()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*{"transaction": (Cursor, "transaction"),
                          "put_in_place": (OwnToken, "put_in_place")}[stopped], stop)  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            accounts.tokens.replace("admin", made_by="ann@example.com")
    assert own.read_text() == "first\n"
    later = opened()
    held = own.read_text().strip()
    assert later.with_token(held) is not None
    assert (held == "first") == (stopped == "transaction")
    assert [file.name for file in own.parent.iterdir()] == ["admin-token"]
