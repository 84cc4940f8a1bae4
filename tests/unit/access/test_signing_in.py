"""Signing in, and being kept out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from patron.access import passwords
from patron.access.accounts import Accounts
from patron.access.attempts import FREE
from patron.access.audit import page
from patron.clock import ManualClock
from patron.engines.duckdb import Cursor
from patron.errors import AccessError, InputError, LockedError

PASSWORD = "four unrelated words do well"
HOME = "192.0.2.1"


def joined(accounts: Accounts, email: str = "ann@example.com", role: str = "marketer") -> str:
    """Somebody who chose a password; returns the cookie."""
    _, code = accounts.people.add(email, "Ann", role)
    return accounts.accept(code, PASSWORD, HOME)


def refused(accounts: Accounts, email: str, password: str = "wrong", address: str = HOME) -> str:
    with pytest.raises(AccessError) as error:
        accounts.sign_in(email, password, address)
    return error.value.message


def test_who_signs_in_is_known_by_the_cookie(accounts: Accounts) -> None:
    joined(accounts)
    actor = accounts.with_cookie(accounts.sign_in(" Ann@Example.COM ", PASSWORD, HOME))
    assert actor is not None
    assert (actor.kind, actor.name, actor.role) == ("person", "ann@example.com", "marketer")
    assert accounts.with_cookie("guessed") is None


def test_nothing_kept_lets_anybody_in(accounts: Accounts, cursor: Cursor) -> None:
    cookie = joined(accounts)
    _, secret = accounts.tokens.add("crm", "analyst", made_by="admin")
    _, code = accounts.people.add("ben@example.com", "Ben", "support")
    kept = " ".join(
        str(cursor.execute(f"select * from {table}").all())
        for table in ("people", "sessions", "tokens", "audit")
    )
    for word in (PASSWORD, cookie, secret, code):
        assert word not in kept
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept


def test_the_answer_does_not_tell_who_has_an_account(accounts: Accounts) -> None:
    joined(accounts)
    joined(accounts, "gone@example.com")
    gone = accounts.people.by_email("gone@example.com")
    assert gone is not None
    accounts.change_person(gone.person_id, active=False)
    accounts.people.add("invited@example.com", "Not yet", "support")
    said = {
        refused(accounts, email, password)
        for email, password in (
            ("ann@example.com", "wrong"),
            ("nobody@example.com", "wrong"),
            ("gone@example.com", PASSWORD),
            ("invited@example.com", ""),
        )
    }
    assert said == {"The e-mail address or the password is wrong."}


def test_a_password_is_hashed_for_accounts_that_do_not_exist_too(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = passwords._hasher()
    verified: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> Any:
            verified.append(f"{password} {kept.partition('$v=')[0]}")
            return hasher.verify(kept, password)

        hash = hasher.hash

    monkeypatch.setattr(passwords, "_hasher", Counting)
    refused(accounts, "nobody@example.com", "guessed")
    assert verified == ["guessed $argon2id"]


def test_waits_grow_with_failures_and_the_right_password_does_not_help_meanwhile(
    accounts: Accounts, clock: ManualClock
) -> None:
    joined(accounts)
    for _ in range(FREE["account"]):
        refused(accounts, "ann@example.com")
    with pytest.raises(LockedError) as locked:
        accounts.sign_in("ann@example.com", PASSWORD, "198.51.100.7")
    assert (locked.value.seconds, locked.value.message) == (
        30, "Too many sign-ins failed. Try again in 30 seconds.",
    )  # fmt: skip
    clock.advance(timedelta(seconds=30))
    refused(accounts, "ann@example.com")
    clock.advance(timedelta(seconds=59))
    assert refused(accounts, "ann@example.com", PASSWORD).endswith("in 1 second.")
    clock.advance(timedelta(seconds=1))
    accounts.sign_in("ann@example.com", PASSWORD, HOME)
    refused(accounts, "ann@example.com")  # counted anew


def test_an_account_that_does_not_exist_is_locked_alike(accounts: Accounts) -> None:
    said = [refused(accounts, "nobody@example.com") for _ in range(FREE["account"] + 1)]
    assert said[-1] == "Too many sign-ins failed. Try again in 30 seconds."


def test_one_account_that_is_locked_locks_no_other(accounts: Accounts) -> None:
    joined(accounts)
    for _ in range(FREE["account"] + 1):
        refused(accounts, "nobody@example.com")
    accounts.sign_in("ann@example.com", PASSWORD, HOME)


def test_an_address_that_tries_many_accounts_is_locked(accounts: Accounts) -> None:
    joined(accounts)
    for number in range(FREE["address"]):
        refused(accounts, f"{number}@example.com")
    assert "Too many" in refused(accounts, "ann@example.com", PASSWORD)
    accounts.sign_in("ann@example.com", PASSWORD, "198.51.100.7")


def test_an_invitation_unlocks(accounts: Accounts) -> None:
    joined(accounts)
    for _ in range(FREE["account"] + 1):
        refused(accounts, "ann@example.com")
    _, code = accounts.people.invite(1)
    accounts.accept(code, PASSWORD, HOME)
    accounts.sign_in("ann@example.com", PASSWORD, HOME)


def test_who_waits_is_said_and_can_be_unlocked(accounts: Accounts, clock: ManualClock) -> None:
    joined(accounts)
    ann = accounts.people.get(1)
    for _ in range(FREE["account"] - 1):
        refused(accounts, "ann@example.com")
    assert accounts.locked_until(ann) is None
    refused(accounts, "ann@example.com")
    assert accounts.locked_until(ann) == clock.now() + timedelta(seconds=30)
    assert accounts.unlock(1) == ann
    assert accounts.locked_until(ann) is None
    accounts.sign_in("ann@example.com", PASSWORD, HOME)


def test_when_somebody_was_last_here(accounts: Accounts, clock: ManualClock) -> None:
    accounts.people.add("ben@example.com", "Ben", "support")
    assert accounts.seen_at(accounts.people.get(1)) is None
    cookie = joined(accounts)
    ann = accounts.people.get(2)
    began = clock.now()
    assert accounts.seen_at(ann) == began
    clock.advance(timedelta(hours=2))
    assert accounts.with_cookie(cookie) is not None
    assert accounts.seen_at(ann) == began + timedelta(hours=2)
    accounts.sessions.end_all(2)
    assert accounts.seen_at(ann) == began


def test_another_password_ends_all_sessions_but_the_new_one(accounts: Accounts) -> None:
    cookies = [joined(accounts), accounts.sign_in("ann@example.com", PASSWORD, HOME)]
    actor = accounts.with_cookie(cookies[0])
    assert actor is not None
    with pytest.raises(AccessError, match="The old password is wrong"):
        accounts.change_password(actor, "wrong", "five quite unrelated words", HOME)
    with pytest.raises(InputError, match="12 to 256"):
        accounts.change_password(actor, PASSWORD, "short", HOME)
    assert all(accounts.with_cookie(cookie) for cookie in cookies)
    new = accounts.change_password(actor, PASSWORD, "five quite unrelated words", HOME)
    assert accounts.with_cookie(new) is not None
    assert not any(accounts.with_cookie(cookie) for cookie in cookies)
    accounts.sign_in("ann@example.com", "five quite unrelated words", HOME)
    refused(accounts, "ann@example.com", PASSWORD)


def test_an_outdated_hash_is_renewed_at_the_next_sign_in(
    accounts: Accounts, opened: Callable[[], Accounts], cursor: Cursor
) -> None:
    from argon2 import PasswordHasher

    joined(accounts)
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    accounts.people.set_password(1, old)
    later = opened()
    later.sign_in("ann@example.com", PASSWORD, HOME)
    assert "m=19456,t=2" in cursor.execute("select password_hash from people").value()
    later.sign_in("ann@example.com", PASSWORD, HOME)


def test_the_record_says_who_came_and_who_was_kept_out(accounts: Accounts, cursor: Cursor) -> None:
    joined(accounts)
    for _ in range(FREE["account"]):
        refused(accounts, "ann@example.com")
    refused(accounts, "My Pa55word typed in the wrong field")
    rows, following = page(cursor)
    assert following is None
    assert [(row["action"], row["actor"], row["named"]) for row in rows] == [
        ("sign-in failed", None, {}),
        ("locked out", "ann@example.com", {"seconds": "30"}),
        *[("sign-in failed", "ann@example.com", {})] * FREE["account"],
        ("signed in", "ann@example.com", {"with": "invitation"}),
    ]
