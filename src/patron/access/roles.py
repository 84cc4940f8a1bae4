"""What there is to be allowed, and which role holds what. Whatever is not listed is denied."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["admin", "marketer", "analyst", "support", "read-only"]
Permission = Literal[
    "workspace:read",
    "profiles:read",
    "profiles:write",
    "profiles:export",
    "messages:read",
    "sql:read",
    "segments:write",
    "catalogue:write",
    "data:write",
    "definitions:write",
    "identity:decide",
    "identity:rules",
    "people:write",
    "audit:read",
]

ROLES: tuple[Role, ...] = get_args(Role)

PERMISSIONS: dict[Permission, str] = {
    "workspace:read": "See what is defined, how much comes in and how it goes; no customer by name",
    "profiles:read": "See customers, one by one and page by page, and why they are who they are",
    "profiles:write": "Write on customers' cards: notes, tags, switches, traits, points",
    "profiles:export": "Take customers away: files, whole profiles in bulk, the feed of changes",
    "messages:read": "See messages as they were received, quarantined ones included",
    "sql:read": "Ask in SQL over everything that is stored of customers",
    "segments:write": "Make and change segments, lists, computed traits, classifications, scores "
    "and preferences",
    "catalogue:write": "Add, change and remove products, stores and other entities",
    "data:write": "Start imports, pulls, replays and other runs over what came in",
    "definitions:write": "Change sources, mappings, traits, tracking plans, enrichments, webhooks",
    "identity:decide": "Merge and part customers by hand, and review pairs",
    "identity:rules": "Change the rules of identity and the models that link customers",
    "people:write": "Invite people, give them roles, make and revoke tokens",
    "audit:read": "See who did what",
}
"""Every permission, with what it lets one do."""

_LOOK: frozenset[Permission] = frozenset({"workspace:read", "profiles:read"})

GRANTS: dict[Role, frozenset[Permission]] = {
    "admin": frozenset(PERMISSIONS),
    "marketer": _LOOK | {"profiles:write", "profiles:export", "segments:write"},
    "analyst": _LOOK
    | {"profiles:export", "messages:read", "sql:read", "segments:write", "catalogue:write"},
    "support": _LOOK | {"profiles:write", "identity:decide"},
    "read-only": _LOOK,
}
"""What each role may do."""


def may(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission.

    >>> may("support", "profiles:write"), may("support", "profiles:export")
    (True, False)
    """
    return permission in GRANTS[role]
