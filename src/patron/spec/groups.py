"""Groups above people, and what they are called."""

from __future__ import annotations

from typing import Literal

GroupType = Literal["household", "group"]
"""A ``household`` follows from identifiers; a ``group``, as a company, is one that calls name."""

HOUSEHOLD_PREFIX = "household:"
"""Begins the stored id of every household, as in ``household:email:family@example.com``."""


def stored_id(kind: GroupType, group_id: str) -> str:
    """What a group is stored as.

    >>> stored_id("household", "email:family@example.com"), stored_id("group", "acme")
    ('household:email:family@example.com', 'acme')
    """
    return f"{HOUSEHOLD_PREFIX}{group_id}" if kind == "household" else group_id


def shown_id(kind: GroupType, stored: str) -> str:
    """What a stored group is called.

    >>> shown_id("household", "household:email:family@example.com")
    'email:family@example.com'
    """
    return stored.removeprefix(HOUSEHOLD_PREFIX) if kind == "household" else stored
