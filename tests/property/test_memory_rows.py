"""The remembered rows of customers are those of a plain dictionary, whatever is done to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.pipeline.live.asker import ROWS, parts
from patron.segments.memory.batch import Points, earliest_after, latest_before
from patron.segments.memory.rows import Rows, begins, ranges

CUSTOMERS = st.integers(1, 12)
ADD = st.tuples(st.just("add"), st.lists(st.tuples(CUSTOMERS, st.integers(0, 99)), max_size=40))
MOVE = st.tuples(st.just("move"), st.tuples(CUSTOMERS, CUSTOMERS))
FORGET = st.tuples(st.just("forget"), st.lists(CUSTOMERS, max_size=3, unique=True))


@settings(deadline=None)
@given(
    st.lists(st.one_of(ADD, MOVE, FORGET), max_size=25),
    st.lists(CUSTOMERS, max_size=15),
    st.integers(1, 5),
    st.sampled_from([0, 4]),
)
def test_rows_are_found_again_after_any_additions_moves_and_merging_of_runs(
    done: list[tuple[str, object]], asked: list[int], part: int, dense: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("patron.segments.memory.rows.PART", part)
        patch.setattr("patron.segments.memory.rows.DENSE", dense)
        _do_and_find(done, asked)


def _do_and_find(done: list[tuple[str, object]], asked: list[int]) -> None:
    rows = Rows({"at": np.int64, "twice": np.int64})
    plain: dict[int, list[int]] = {}
    for what, how in done:
        if what == "add":
            assert isinstance(how, list)
            at = np.array([at for _, at in how], dtype=np.int64)
            rows.add(np.array([one for one, _ in how], dtype=np.int64), {"at": at, "twice": 2 * at})
            for one, moment in how:
                plain.setdefault(one, []).append(moment)
        elif what == "move":
            assert isinstance(how, tuple)
            away, to = how
            if away != to:
                rows.move(np.array([away]), np.array([to]))
                plain.setdefault(to, []).extend(plain.pop(away, []))
        else:
            assert isinstance(how, list)
            rows.forget(np.array(how, dtype=np.int64))
            for one in how:
                plain.pop(one, None)
    found, places = rows.find(np.array(asked, dtype=np.int64))
    at, twice = rows.take("at", found), rows.take("twice", found)
    assert twice.tolist() == [2 * moment for moment in at.tolist()]
    for place, one in enumerate(asked):
        assert sorted(at[places == place].tolist()) == sorted(plain.get(one, []))


def test_runs_stay_few() -> None:
    rows = Rows({"at": np.int64})
    for number in range(500):
        rows.add(np.array([number % 7 + 1]), {"at": np.array([number])})
    assert len(rows.runs) <= 6
    assert len(rows) == 500


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=8))
def test_ranges_are_laid_one_after_the_other(parts: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in parts], dtype=np.int64)
    sizes = np.array([size for _, size in parts], dtype=np.int64)
    numbers, labels = ranges(starts, starts + sizes, np.arange(len(parts)))
    meant = [
        (number, place)
        for place, (start, size) in enumerate(parts)
        for number in range(start, start + size)
    ]
    assert list(zip(numbers.tolist(), labels.tolist(), strict=True)) == meant


# All moments there are, in microseconds: too far apart to fit one number beside a question.
EVER = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)
ASKS = st.sampled_from([0, 1, 2, 10_000])
POINTS = st.lists(st.tuples(ASKS, st.integers(-9, 9) | EVER), max_size=20).map(sorted)


@given(POINTS, POINTS)
def test_neighbours_in_time_are_strictly_before_and_after(
    points: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    def of(some: list[tuple[int, int]]) -> Points:
        return Points(
            np.array([ask for ask, _ in some], dtype=np.int64),
            np.array([at for _, at in some], dtype=np.int64),
        )

    before = latest_before(of(points), of(others))
    after = earliest_after(of(points), of(others))
    for place, (ask, at) in enumerate(points):
        earlier = [when for one, when in others if one == ask and when < at]
        later = [when for one, when in others if one == ask and when > at]
        assert (before[place] >= 0) == bool(earlier)
        assert (after[place] >= 0) == bool(later)
        if earlier:
            assert others[before[place]] == (ask, max(earlier))
        if later:
            assert others[after[place]] == (ask, min(later))


def test_a_new_thing_begins_where_any_of_the_keys_changes() -> None:
    assert begins(np.array([1, 1, 2, 2]), np.array([5, 6, 6, 6])).tolist() == [
        True, True, True, False,
    ]  # fmt: skip
    assert begins(np.array([], dtype=np.int64)).tolist() == []


@given(st.lists(st.integers(0, 4 * ROWS), max_size=12))
def test_questions_are_parted_by_the_rows_that_they_are_about(sizes: list[int]) -> None:
    found = list(parts(np.array(sizes, dtype=np.int64)))
    assert [place for part in found for place in range(*part.indices(len(sizes)))] == list(
        range(len(sizes))
    )
    for part in found:
        assert part.stop - part.start == 1 or sum(sizes[part]) <= ROWS
