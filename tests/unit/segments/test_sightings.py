"""When customers were first seen is remembered for as long as nothing can have changed it."""

from __future__ import annotations

import numpy as np
import pytest

from patron.engines.duckdb import Cursor, Database
from patron.segments.memory.batch import NEVER
from patron.segments.memory.sightings import Sightings

DAY = 86_400_000_000


@pytest.fixture
def cursor() -> Cursor:
    cursor = Database().cursor()
    cursor.execute(
        "create table profiles (profile_id bigint, first_seen_at timestamp, merged_into bigint)"
    )
    cursor.execute(
        "insert into profiles values (1, '1970-01-02', null), (2, '1970-01-05', null), "
        "(3, '1970-01-03', 1)"
    )
    return cursor


def told(sightings: Sightings, cursor: Cursor, *ids: int) -> list[int]:
    return sightings.of(cursor, np.array(ids, dtype=np.int64)).tolist()


def test_each_customer_is_told_of_and_those_who_are_gone_were_never_seen(cursor: Cursor) -> None:
    assert told(Sightings(), cursor, 2, 1, 3, 1, 9) == [4 * DAY, DAY, NEVER, DAY, NEVER]


def test_what_is_known_is_not_read_again(cursor: Cursor) -> None:
    sightings = Sightings()
    told(sightings, cursor, 1, 2)
    cursor.execute("drop table profiles")
    assert told(sightings, cursor, 1, 2) == [DAY, 4 * DAY]
    sightings.heard(4 * DAY)
    assert told(sightings, cursor, 1, 2) == [DAY, 4 * DAY]


def test_an_earlier_message_can_belong_to_whoever_was_seen_later(cursor: Cursor) -> None:
    sightings = Sightings()
    told(sightings, cursor, 1, 2)
    cursor.execute("update profiles set first_seen_at = '1970-01-04' where profile_id = 2")
    sightings.heard(3 * DAY)
    assert told(sightings, cursor, 1, 2) == [DAY, 3 * DAY]


def test_whoever_was_not_there_can_be_after_any_message(cursor: Cursor) -> None:
    sightings = Sightings()
    assert told(sightings, cursor, 3, 4) == [NEVER, NEVER]
    cursor.execute("insert into profiles values (4, '1970-01-09', null)")
    sightings.heard(8 * DAY)
    assert told(sightings, cursor, 3, 4) == [NEVER, 8 * DAY]


def test_whoever_was_merged_or_parted_is_read_again(cursor: Cursor) -> None:
    sightings = Sightings()
    told(sightings, cursor, 1, 2, 3)
    cursor.execute("update profiles set merged_into = null, first_seen_at = '1970-01-08'")
    sightings.forget(np.array([1, 3, 77]))
    assert told(sightings, cursor, 1, 2, 3) == [7 * DAY, 4 * DAY, 7 * DAY]


def test_all_who_were_seen_by_a_moment(cursor: Cursor) -> None:
    sightings = Sightings()
    assert sightings.all_before(cursor, 4 * DAY - 1).tolist() == [1]
    assert sightings.all_before(cursor, 4 * DAY).tolist() == [1, 2]
    cursor.execute("drop table profiles")
    assert told(sightings, cursor, 1, 2) == [DAY, 4 * DAY]
