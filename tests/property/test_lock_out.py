"""However somebody times their guesses, few of them are looked at."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from patron.access.attempts import FORGOTTEN, FREE, LONGEST_WAIT, Attempts
from patron.clock import ManualClock, parse_time
from patron.errors import LockedError

KEY = ("account", "ann@example.com")
MOST_A_DAY = FREE["account"] + 7 + int(FORGOTTEN / LONGEST_WAIT)
"""Those that are free, seven while the waits grow to an hour, and one in each hour."""


@given(st.lists(st.integers(0, 7_200), max_size=400))
def test_few_guesses_are_looked_at_in_a_day(pauses: list[int]) -> None:
    clock = ManualClock(parse_time("2026-03-02"))
    attempts = Attempts(clock)
    looked_at, waits = [], []
    for pause in pauses:
        clock.advance(timedelta(seconds=pause))
        try:
            attempts.check([KEY])
        except LockedError as locked:
            waits.append(locked.seconds)
        else:
            looked_at.append(clock.now())
            attempts.failed([KEY])
    assert all(0 < seconds <= LONGEST_WAIT.total_seconds() for seconds in waits)
    for first in looked_at:
        within = [one for one in looked_at if first <= one < first + FORGOTTEN]
        assert len(within) <= MOST_A_DAY


def test_who_asks_all_the_time_gets_that_many() -> None:
    clock = ManualClock(parse_time("2026-03-02"))
    attempts = Attempts(clock)
    end = clock.now() + FORGOTTEN
    looked_at = 0
    while clock.now() < end:
        try:
            attempts.check([KEY])
            looked_at += 1
            attempts.failed([KEY])
        except LockedError as locked:
            clock.advance(timedelta(seconds=locked.seconds))
    assert FREE["account"] < looked_at <= MOST_A_DAY
