"""When customers were first seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.segments.memory.batch import NEVER
from patron.segments.memory.rows import Ints


class Sightings:
    """Reads when customers were first seen, each once.

    Args:
        cursor: On the warehouse, within a transaction that goes on as long as this is used.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._ids = np.empty(0, dtype=np.int64)
        self._at = np.empty(0, dtype=np.int64)

    def of(self, profile_ids: Ints) -> Ints:
        """When each was first seen, in microseconds since 1970; `NEVER` for one that is gone."""
        ids = np.unique(profile_ids)
        new = ids[~self._knows(ids)]
        if len(new):
            self._cursor.execute(_FIRST_SEEN, [new.tolist()])
            columns = self._cursor.numpy()
            at = np.full(len(new), NEVER)
            at[np.searchsorted(new, columns["profile_id"])] = columns["at"]
            self._know(np.r_[self._ids, new], np.r_[self._at, at])
        return self._at[np.searchsorted(self._ids, profile_ids)]

    def all_before(self, moment: int) -> Ints:
        """Who was seen by a moment (in microseconds since 1970), by rising id."""
        self._cursor.execute(_ALL)
        columns = self._cursor.numpy()
        ids, at = (np.asarray(columns[name], dtype=np.int64) for name in ("profile_id", "at"))
        self._know(ids, at)
        return self._ids[self._at <= moment]

    def _knows(self, ids: Ints) -> npt.NDArray[np.bool_]:
        places = np.searchsorted(self._ids, ids)
        known = places < len(self._ids)
        known[known] = self._ids[places[known]] == ids[known]
        return known

    def _know(self, ids: Ints, at: Ints) -> None:
        order = np.argsort(ids, kind="stable")
        self._ids, self._at = ids[order], at[order]


_FIRST_SEEN = """
select profile_id, epoch_us(first_seen_at) as at from profiles
where merged_into is null and profile_id in (select unnest(?))
"""

_ALL = """
select profile_id, epoch_us(first_seen_at) as at from profiles where merged_into is null
"""
