"""Tokens of programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from patron.access.accounts import Accounts
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
