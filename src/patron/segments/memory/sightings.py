"""When customers were first seen."""

from __future__ import annotations

import numpy as np

from patron.engines.duckdb import Cursor
from patron.segments.memory.batch import NEVER
from patron.segments.memory.rows import Ints


class Sightings:
    """Remembers when customers were first seen, to read it once and not with every question.

    Whoever keeps one from transaction to transaction says what can have changed in between: the
    earliest message that came in (`heard`), and who was merged or parted (`forget`). Nothing else
    makes a customer seen at another time.
    """

    def __init__(self) -> None:
        self._at = np.empty(0, dtype=np.int64)

    def of(self, cursor: Cursor, profile_ids: Ints) -> Ints:
        """When each was first seen, in microseconds since 1970; `NEVER` for one that is gone.

        Args:
            cursor: On the warehouse.
            profile_ids: Whom to tell it of.
        """
        self._grow(int(profile_ids.max(initial=0)))
        at = self._at[profile_ids]
        unknown = np.unique(profile_ids[at == _UNKNOWN])
        if len(unknown):
            cursor.execute(_FIRST_SEEN, [int(unknown[0]), int(unknown[-1]), unknown.tolist()])
            self._at[unknown] = NEVER
            self._take(cursor)
            at = self._at[profile_ids]
        return at

    def all_before(self, cursor: Cursor, moment: int) -> Ints:
        """Who was seen by a moment (in microseconds since 1970), by rising id."""
        cursor.execute(_ALL)
        self._at[:] = NEVER
        self._take(cursor)
        found: Ints = np.flatnonzero(self._at <= moment)
        return found[found > 0]

    def heard(self, earliest: int) -> None:
        """Messages came in: they can belong to anybody, but tell of no earlier sighting than this.

        Args:
            earliest: When the earliest of them happened, in microseconds since 1970.
        """
        # Those who were not there at all are among them: they may be now.
        self._at[self._at > earliest] = _UNKNOWN

    def forget(self, profile_ids: Ints) -> None:
        """Some were merged or parted."""
        self._at[profile_ids[profile_ids < len(self._at)]] = _UNKNOWN

    def _grow(self, top: int) -> None:
        if top >= len(self._at):
            more = np.full(max(top + 1, len(self._at) * 5 // 4) - len(self._at), _UNKNOWN)
            self._at = np.r_[self._at, more]

    def _take(self, cursor: Cursor) -> None:
        columns = cursor.numpy()
        ids, at = (np.asarray(columns[name], dtype=np.int64) for name in ("profile_id", "at"))
        self._grow(int(ids.max(initial=0)))
        self._at[ids] = at


_UNKNOWN = np.iinfo(np.int64).min
"""Later than nothing: no profile was seen then."""

_FIRST_SEEN = """
select profile_id, epoch_us(first_seen_at) as at from profiles
where merged_into is null and profile_id between ? and ? and profile_id in (select unnest(?))
"""

_ALL = """
select profile_id, epoch_us(first_seen_at) as at from profiles where merged_into is null
"""
