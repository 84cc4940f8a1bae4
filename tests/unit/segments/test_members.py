"""Who is in a segment, held in memory by profile id."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.memberships import Members

FAR = 2**20
"""A profile id that lies well beyond what is set aside to begin with."""


@pytest.mark.parametrize("last", [1023, 1024, 1025, FAR])
def test_room_is_made_for_later_profiles_and_earlier_ones_stay(last: int) -> None:
    members = Members(np.array([3, 1000]))
    members.set(np.array([5, last]), np.array([False, True]))
    assert members.ids().tolist() == [3, 1000, last]
    assert len(members) == 3
    assert members.of(np.array([3, 4, last, last + 1])).tolist() == [True, False, True, False]
    assert last in members
    assert 4 * FAR not in members
    members.set(np.array([3]), False)
    assert members.ids().tolist() == [1000, last]


def test_members_are_the_same_when_packed_and_unpacked() -> None:
    members = Members.unpacked(Members(np.array([0, 7, 8, FAR])).packed())
    assert members.ids().tolist() == [0, 7, 8, FAR]
    members.set(np.array([2 * FAR]), True)
    assert members.ids().tolist() == [0, 7, 8, FAR, 2 * FAR]
