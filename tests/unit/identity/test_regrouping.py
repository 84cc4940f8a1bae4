"""What a new partition does to the profiles there are."""

from __future__ import annotations

import numpy as np

from patron.identity.partition.parting import Links, Partition
from patron.identity.rules_change.people import People, name_parts
from patron.identity.rules_change.regrouping import Turn, group, turns


def people(births: list[int], newest: int) -> People:
    ids = np.arange(10, 10 + len(births))
    none = np.empty(0, dtype=np.int64)
    return People(
        ids=ids,
        kind=np.zeros(len(ids), dtype=np.int64),
        kinds=["user_id"],
        keys=ids.astype(np.uint64),
        first_seen=ids,
        profile=np.array(births),
        birth=np.array(births),
        links=Links(none, none, none),
        kept=none.astype(np.bool_),
        profiles=newest,
    )


def named(births: list[int], part: list[int], newest: int = 9) -> tuple[list[int], list[int]]:
    found = name_parts(people(births, newest), Partition(np.array(part), np.empty(0, np.bool_)))
    return found.profile.tolist(), found.standing.tolist()


def test_a_part_is_the_oldest_profile_that_was_founded_in_it() -> None:
    assert named([3, 5, 7], [0, 0, 2]) == ([3, 3, 7], [3, 3, 7])


def test_only_the_first_identifier_of_a_profile_takes_it_along() -> None:
    assert named([3, 3, 3], [0, 1, 1]) == ([3, 10, 10], [3])


def test_a_profile_that_was_merged_away_stands_again() -> None:
    assert named([3, 5, 3], [0, 1, 1]) == ([3, 5, 5], [3, 5])


def test_identifiers_without_a_profile_found_a_new_one() -> None:
    assert named([0, 4, 0], [0, 1, 1]) == ([10, 4, 4], [4])


def test_every_changed_profile_counts_once() -> None:
    before = np.array([1, 2, 3, 3, 4, 4, 5, 6])
    after = np.array([1, 1, 3, 7, 4, 5, 5, 6])
    found = group(before, after)
    kinds = {
        name: (found.counts_before[those].sum(), found.counts_after[those].sum())
        for name, those in (
            ("merge", found.merging),
            ("split", found.splitting),
            ("move", found.moving),
        )
    }
    assert kinds == {"merge": (2, 1), "split": (1, 2), "move": (2, 2)}


def test_a_profile_can_leave_parts_behind_and_be_merged_away() -> None:
    found = group(np.array([2, 2, 1]), np.array([1, 3, 1]))
    assert turns(found, {2: 1}) == [Turn("merge", 1, 2), Turn("split", 2, 3)]


def test_nobody_is_nobody() -> None:
    none = np.empty(0, dtype=np.int64)
    found = group(none, none)
    assert turns(found, {}) == []
    assert not found.merging.any()
