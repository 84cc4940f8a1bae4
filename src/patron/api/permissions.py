"""The permission of every route under ``/api/v1``, in one place. A route without one is refused.

A route changes something unless its permission ends in ``:read`` or ``:export``.
"""

from __future__ import annotations

from typing import Literal

from patron.access.roles import Permission

ANYONE: Literal["anyone"] = "anyone"
ONESELF: Literal["oneself"] = "oneself"
"""Whoever is known: it concerns only who asks."""

Needed = Permission | Literal["anyone", "oneself"]

ROUTES: dict[Needed, tuple[str, ...]] = {
    "anyone": (
        "POST /session",
        "POST /invitation",
        "GET /session/ways",
        "GET /session/oidc",
        "GET /session/oidc/callback",
    ),
    "oneself": (
        "GET /session",
        "PATCH /session",
        "DELETE /session",
        "POST /session/password",
        "GET /roles",
    ),
    "workspace:read": (
        "GET /status/inflow",
        "GET /status/attention",
        "GET /segments/moved",
        "POST /segments/parse",
        "GET /sources",
        "GET /vocabulary",
        "GET /vocabulary/values",
        "GET /status",
        "GET /counters",
        "GET /workspace",
        "GET /profiles/count",
        "GET /quality",
        "GET /sources/{name}/snippet",
        "GET /sources/{name}/install",
        "GET /verification",
        "GET /usage",
        "GET /traits",
        "GET /traits/{name}",
        "GET /exchange-rates",
        "GET /exchange-rates/{name}",
        "GET /definitions/{kind}/{name}/versions",
        "GET /segments",
        "GET /segments/{name}",
        "GET /segments/{name}/history",
        "GET /segments/{name}/performance",
        "GET /segments/{name}/versions",
        "POST /segments/overlap",
        "POST /segments/backtest",
        "POST /segments/{name}/compare",
        "GET /computed-traits",
        "GET /computed-traits/{name}",
        "GET /classifications",
        "GET /classifications/{name}",
        "GET /classifications/{name}/classes",
        "GET /classifications/{name}/movements",
        "GET /scores",
        "GET /scores/{name}",
        "GET /preferences",
        "GET /preferences/{name}",
        "GET /lists",
        "GET /entities",
        "GET /entities/{kind}",
        "GET /entities/{kind}/{id}",
        "GET /products",
        "GET /products/{id}",
        "GET /mappings/presets",
        "GET /mappings/presets/{name}",
        "GET /imports",
        "GET /imports/{import_id}",
        "GET /mappings",
        "GET /imports/pulls",
        "GET /imports/pulls/{mapping}",
        "GET /identity/rules",
        "GET /linking/models",
        "GET /linking/models/{name}",
        "GET /linking/models/{name}/chart",
        "GET /linking/progress",
        "GET /tracking-plans",
        "GET /tracking-plans/report",
        "GET /enrichments",
        "GET /enrichments/connectors",
        "GET /recurring-dates",
        "GET /definitions",
        "GET /webhooks",
        "GET /webhooks/{name}",
    ),
    "profiles:read": (
        "GET /profiles",
        "GET /profiles/{identifier}",
        "GET /profiles/{identifier}/timeline",
        "GET /profiles/{identifier}/orders",
        "GET /profiles/{identifier}/notes",
        "GET /profiles/{identifier}/traits",
        "GET /profiles/{identifier}/points/{name}",
        "GET /profiles/{identifier}/identity",
        "GET /profiles/{identifier}/identity.svg",
        "GET /profiles/{identifier}/identity/history",
        "GET /groups/{type}/{id}",
        "GET /traits/conflicts",
        "GET /identity/decisions",
        "GET /identity/held-back",
        "GET /identity/merges",
        "GET /identity/reviews",
        "POST /segments/preview",  # shows a sample of members
        "POST /segments/explain",
        "GET /segments/{name}/explain",
        "GET /segments/{name}/members",
        "GET /segments/changes",
        "GET /segments/changes/stream",
        "GET /segments/{name}/changes",
        "GET /segments/{name}/changes/stream",
        "GET /computed-traits/{name}/values",
        "GET /computed-traits/{name}/explain",
        "GET /scores/{name}/values",
        "GET /scores/{name}/explain",
        "GET /preferences/{name}/values",
        "GET /preferences/{name}/explain",
    ),
    "profiles:write": (
        "POST /profiles/{identifier}/notes",
        "PUT /profiles/{identifier}/notes/{note_id}",
        "DELETE /profiles/{identifier}/notes/{note_id}",
        "POST /profiles/{identifier}/tags",
        "PUT /profiles/{identifier}/switches/{name}",
        "PATCH /profiles/{identifier}/traits",
        "POST /profiles/{identifier}/points/{name}/burn",
    ),
    "profiles:export": (
        "GET /segments/{name}/export",
        "POST /profiles/batch",
        "GET /profiles/changes",
        "GET /profiles/changes/stream",
    ),
    "messages:read": (
        "GET /messages",
        "GET /messages/stream",
        "GET /messages/{message_id}",
        "GET /quarantine",
        "GET /quarantine/groups",
        "GET /tracking-plans/inferred",  # lists values that came in
    ),
    "sql:read": ("POST /sql",),
    "segments:write": (
        "PUT /segments/{name}",
        "DELETE /segments/{name}",
        "POST /segments/{name}/restore",
        "PUT /computed-traits/{name}",
        "DELETE /computed-traits/{name}",
        "PUT /classifications/{name}",
        "DELETE /classifications/{name}",
        "PUT /scores/{name}",
        "DELETE /scores/{name}",
        "PUT /preferences/{name}",
        "DELETE /preferences/{name}",
        "PUT /lists/{name}",
        "POST /lists/{name}/members",
        "POST /lists/{name}/snapshot",
    ),
    "catalogue:write": (
        "PUT /entities/{kind}",
        "DELETE /entities/{kind}/{id}",
        "PUT /products",
        "DELETE /products/{id}",
    ),
    "data:write": (
        "GET /uploads",
        "POST /uploads",
        "DELETE /uploads/{upload}",
        "POST /mappings/suggest",
        "POST /mappings/try",
        "POST /mappings/read",
        "POST /imports",
        "POST /imports/{import_id}/cancel",
        "POST /imports/pulls/{mapping}",
        "POST /catalogue/imports",
        "POST /quarantine/replay",
        "POST /quarantine/replay/all",
        "POST /enrichments/{name}/run",
        "POST /recurring-dates/run",
        "POST /verification",
    ),
    "definitions:write": (
        "POST /sources",
        "PUT /sources/{name}",
        "POST /sources/{name}/keys",
        "DELETE /sources/{name}/keys/{key_id}",
        "POST /definitions/plan",
        "POST /definitions/apply",
        "PUT /traits/{name}",
        "DELETE /traits/{name}",
        "PUT /exchange-rates/{name}",
        "PUT /exchange-rates/{name}/rates/{currency}/{since}",
        "DELETE /exchange-rates/{name}",
        "PUT /mappings/{name}",
        "PUT /tracking-plans/{name}",
        "DELETE /tracking-plans/{name}",
        "PUT /enrichments/{name}",
        "DELETE /enrichments/{name}",
        "PUT /recurring-dates/{name}",
        "DELETE /recurring-dates/{name}",
        "PUT /webhooks/{name}",
        "DELETE /webhooks/{name}",
        "POST /webhooks/{name}/resume",
    ),
    "identity:decide": (
        "POST /identity/merge",
        "POST /identity/unmerge",
        "POST /identity/decisions/{decision_id}/withdraw",
        "POST /identity/reviews/{review_id}",
    ),
    "identity:rules": (
        "POST /identity/plan",
        "POST /identity/apply",
        "POST /identity/revert",
        "GET /identity/progress/{work_id}",
        "POST /linking/models/{name}/train",
        "POST /linking/models/{name}/run",
        "POST /linking/models/{name}/plan",
        "POST /linking/models/{name}/apply",
    ),
    "people:write": (
        "GET /people",
        "POST /people",
        "GET /people/{person_id}",
        "PATCH /people/{person_id}",
        "POST /people/{person_id}/invitation",
        "POST /people/{person_id}/unlock",
        "GET /tokens",
        "POST /tokens",
        "POST /tokens/{name}/replace",
        "DELETE /tokens/{name}",
    ),
    "audit:read": ("GET /audit", "GET /audit/export"),
}

_NEEDED: dict[str, Needed] = {
    route: permission for permission, routes in ROUTES.items() for route in routes
}


def only_asks(route: str) -> bool:
    """Whether a route does nothing but answer a question.

    >>> only_asks("GET /profiles"), only_asks("POST /segments/preview"), only_asks("POST /session")
    (True, True, False)
    """
    permission = needed(route) or ""
    return route.startswith("GET ") or permission in {
        "workspace:read", "profiles:read", "profiles:export", "sql:read",
    }  # fmt: skip


def needed(route: str) -> Needed | None:
    """What a route needs; None when nobody said so, and then nobody may use it.

    Args:
        route: Method and path below ``/api/v1``.

    >>> needed("GET /segments"), needed("GET /unheard-of")
    ('workspace:read', None)
    """
    return _NEEDED.get(route)
