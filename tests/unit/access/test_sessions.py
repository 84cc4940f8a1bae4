"""How long somebody stays signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from patron.access.accounts import Accounts
from patron.access.sessions import IDLE, LONGEST, MOST
from patron.clock import ManualClock
from patron.engines.duckdb import Cursor

MOMENT = timedelta(microseconds=1)


def count(cursor: Cursor) -> int:
    return int(cursor.execute("select count(*) from sessions").value())


def begun(accounts: Accounts) -> str:
    if accounts.people.by_email("ann@example.com") is None:
        accounts.people.add("ann@example.com", "Ann", "marketer")
    return accounts.sessions.begin(1)


def test_a_session_ends_when_nothing_is_asked_for_long(
    accounts: Accounts, clock: ManualClock
) -> None:
    cookie = begun(accounts)
    clock.advance(IDLE - MOMENT)
    assert accounts.with_cookie(cookie) is not None
    clock.advance(IDLE - MOMENT)
    assert accounts.with_cookie(cookie) is not None
    clock.advance(IDLE)
    assert accounts.with_cookie(cookie) is None


def test_a_session_ends_in_the_end_however_much_is_asked(
    accounts: Accounts, clock: ManualClock
) -> None:
    cookie = begun(accounts)
    lived = timedelta()
    while accounts.with_cookie(cookie) is not None and lived < 2 * LONGEST:
        clock.advance(timedelta(hours=6))
        lived += timedelta(hours=6)
    assert lived == LONGEST


def test_sessions_outlive_the_process_and_the_table_holds_no_cookie(
    accounts: Accounts, opened: Callable[[], Accounts], clock: ManualClock
) -> None:
    cookie = begun(accounts)
    clock.advance(IDLE / 2)
    assert accounts.with_cookie(cookie) is not None
    clock.advance(IDLE / 2 + timedelta(hours=1))
    later = opened()
    assert later.with_cookie(cookie) is not None
    clock.advance(IDLE)
    assert opened().with_cookie(cookie) is None


def test_who_signs_out_is_out_here_or_everywhere(
    accounts: Accounts, opened: Callable[[], Accounts]
) -> None:
    one, two, three = begun(accounts), begun(accounts), begun(accounts)
    actor = accounts.with_cookie(one)
    assert actor is not None
    accounts.sign_out(actor, "192.0.2.1")
    for process in (accounts, opened()):
        assert [process.with_cookie(c) is not None for c in (one, two, three)] == [
            False, True, True,
        ]  # fmt: skip
    actor = accounts.with_cookie(two)
    assert actor is not None
    accounts.sign_out(actor, "192.0.2.1", everywhere=True)
    for process in (accounts, opened()):
        assert not any(process.with_cookie(cookie) for cookie in (one, two, three))


def test_ended_sessions_are_forgotten_and_nobody_has_too_many(
    accounts: Accounts, clock: ManualClock, cursor: Cursor
) -> None:
    cookies = []
    for _ in range(MOST + 3):
        cookies.append(begun(accounts))
        clock.advance(timedelta(seconds=1))
    assert count(cursor) == MOST
    assert [accounts.with_cookie(one) is not None for one in cookies] == [False] * 3 + [True] * MOST
    clock.advance(LONGEST)
    begun(accounts)
    assert count(cursor) == 1
