"""Who had a device when, as a function of the logins on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

EVER = int(np.iinfo(np.int64).min)
"""Stands for "from ever on"."""

Name = tuple[int, str]
"""The source and the id of a message: they order what happened at one moment."""


class Turns(NamedTuple):
    """Who had a device, one after the other.

    Attributes:
        since: From when on, microseconds since 1970, ascending; the first is `EVER`.
        owners: The identifiers that logged in.
    """

    since: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()

    def owner(self, moment: int) -> int:
        """Whose it was at a moment; 0 when nobody ever logged in.

        >>> turns = turns_of([(10, 1), (20, 2)])
        >>> [turns.owner(moment) for moment in (5, 10, 19, 20, 99)]
        [1, 1, 1, 2, 2]
        """
        return self.owners[bisect_right(self.since, moment) - 1] if self.owners else 0

    def owners_at(self, moments: Ints, nobody: int) -> Ints:
        """Whose it was at each of some moments.

        Args:
            moments: Microseconds since 1970.
            nobody: Stands for the owner when nobody ever logged in.
        """
        if not self.owners:
            return np.full(len(moments), nobody, dtype=np.int64)
        places = np.searchsorted(np.array(self.since, dtype=np.int64), moments, side="right") - 1
        found: Ints = np.array(self.owners, dtype=np.int64)[places]
        return found

    def settles(self, moment: int, owner: int) -> bool:
        """Whether a further login changes nothing.

        >>> turns = turns_of([(10, 1), (20, 2)])
        >>> turns.settles(15, 1), turns.settles(15, 2), turns.settles(20, 1)
        (True, False, False)
        """
        if not self.owners:
            return False
        place = bisect_right(self.since, moment) - 1
        return self.owners[place] == owner and self.since[place] < moment

    def then(self, moment: int, owner: int) -> Turns:
        """With a login that is later than all others.

        >>> turns_of([(10, 1)]).then(20, 2) == turns_of([(10, 1), (20, 2)])
        True
        """
        if not self.owners:
            return Turns((EVER,), (owner,))
        if self.owners[-1] == owner:
            return self
        return Turns((*self.since, moment), (*self.owners, owner))


def turns_of(logins: Iterable[tuple[int, int]]) -> Turns:
    """Who had a device when.

    Args:
        logins: Moment and identifier of each, ordered by moment, source and message id. Of one
            moment the last counts from then on, and the first for what was before any login.

    >>> turns_of([(10, 1), (12, 1), (20, 2), (20, 3)]).owners
    (1, 3)
    >>> turns_of([]).owner(10)
    0
    """
    since: list[int] = []
    owners: list[int] = []
    for moment, owner in logins:
        if not owners:
            since.append(EVER)
            owners.append(owner)
        elif since[-1] == moment:
            owners[-1] = owner
            if owners[-2] == owner:
                since.pop()
                owners.pop()
        elif owners[-1] != owner:
            since.append(moment)
            owners.append(owner)
    return Turns(tuple(since), tuple(owners))


class Logins(NamedTuple):
    """Logins on devices, by column.

    Attributes:
        device: The identifier of the device.
        moment: When, microseconds since 1970.
        identifier: Under which the message is filed.
        position: Names the message to whoever orders those of one moment.
    """

    device: Ints
    moment: Ints
    identifier: Ints
    position: Ints

    def take(self, where: npt.NDArray[np.generic]) -> Logins:
        """Some of them."""
        return Logins(*(column[where] for column in self))

    def ordered(self, names: Callable[[Ints], list[Name]]) -> Logins:
        """By device, moment, source and message id.

        Args:
            names: Gives the names of some messages by `position`; asked only about those of one
                device and moment.
        """
        found = self.take(np.lexsort((self.moment, self.device)))
        same = (found.device[1:] == found.device[:-1]) & (found.moment[1:] == found.moment[:-1])
        tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
        if not len(tied):
            return found
        told = names(found.position[tied])
        keys = zip(found.device[tied].tolist(), found.moment[tied].tolist(), told, strict=True)
        order = np.arange(len(found.device))
        order[tied] = [place for _, place in sorted(zip(keys, tied.tolist(), strict=True))]
        return found.take(order)

    def by_device(self) -> Iterator[tuple[int, Turns, int]]:
        """Each device with its turns and its latest login; those here are `ordered`."""
        starts = np.flatnonzero(np.diff(self.device, prepend=-1))
        moments, owners = self.moment.tolist(), self.identifier.tolist()
        stops = np.append(starts, len(moments))[1:]
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            rows = zip(moments[start:stop], owners[start:stop], strict=True)
            yield int(self.device[start]), turns_of(rows), moments[stop - 1]
