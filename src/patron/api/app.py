"""The app: collection routes, the API under ``/api/v1``, health and metrics."""

from __future__ import annotations

from fastapi import FastAPI

from patron import __version__
from patron.api import (
    card,
    changes,
    classifications,
    collect,
    computed_traits,
    definitions,
    enrichments,
    entities,
    groups,
    identity_decisions,
    identity_graph,
    identity_held_back,
    identity_rules,
    imports,
    linking,
    lists,
    mappings,
    points,
    preferences,
    problems,
    profile_changes,
    profiles,
    pulls,
    quality,
    quarantine,
    recurring_dates,
    scores,
    segment_insights,
    segment_versions,
    segments,
    sources,
    sql,
    status,
    tracker,
    tracking_plans,
    traits,
    verification,
    webhooks,
)
from patron.api.idempotency import IdempotencyMiddleware
from patron.api.streams import Streams
from patron.workspace import Workspace

DESCRIPTION = """
Every answer carries the log position and the moment (`as_of`) that it holds for.
Ask with `min_position` to read your own writes. Errors are RFC 9457 problem documents.
Writes take an `Idempotency-Key`.
"""
NOUNS = (
    status,
    verification,
    quality,
    quarantine,
    identity_decisions,  # before profiles, whose last route takes every path
    traits,  # before profiles, whose last route takes every path
    identity_graph,  # before profiles, whose paths would take its own
    card,  # likewise
    profile_changes,  # likewise
    points,  # likewise
    profiles,
    groups,
    changes,
    segments,
    segment_insights,
    segment_versions,
    entities,
    computed_traits,
    classifications,
    scores,
    preferences,
    lists,
    mappings,
    pulls,  # before imports, whose paths would take its own
    imports,
    linking,
    sources,
    tracking_plans,
    enrichments,
    recurring_dates,
    definitions,
    webhooks,
    identity_rules,
    identity_held_back,
    sql,
)


def create_app(workspace: Workspace) -> FastAPI:
    """The HTTP face of a workspace.

    Args:
        workspace: Open; it stays the caller's to close.
    """
    app = FastAPI(
        title="Patron",
        version=__version__,
        description=DESCRIPTION,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={"default": {"model": problems.Problem, "description": "A problem"}},
    )
    app.state.workspace = workspace
    app.state.streams = Streams()
    problems.install(app)
    problems.describe(app)
    app.add_middleware(IdempotencyMiddleware, workspace=workspace)
    app.add_middleware(collect.CollectMiddleware, workspace=workspace)
    app.router.routes.extend(collect.routes())
    app.router.routes.extend(tracker.routes())
    app.include_router(status.open_router)
    for noun in NOUNS:
        app.include_router(noun.router, prefix="/api/v1")
    return app
