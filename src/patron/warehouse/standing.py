"""A profile that stands, and where its rows are."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Standing(NamedTuple):
    """A profile that stands.

    Attributes:
        profile_id: Its id.
        first_seen_at: Before this, nothing is known of it.
        stored_ids: The ids under which rows of it are still stored, its own first. A filter on
            these prunes stored blocks, which the views' computed id cannot: 16 ms instead of 320 ms
            for the newest events of a profile among 5 million.
    """

    profile_id: int
    first_seen_at: datetime
    stored_ids: list[int]
