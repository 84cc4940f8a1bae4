"""The app: collection routes, the API under ``/api/v1``, health and metrics."""

from __future__ import annotations

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI

from patron import __version__
from patron.api import (
    at_a_glance,
    audit,
    card,
    changes,
    classifications,
    collect,
    computed_traits,
    console,
    definitions,
    enrichments,
    entities,
    exchange_rates,
    groups,
    identity_decisions,
    identity_graph,
    identity_held_back,
    identity_merges,
    identity_rules,
    imports,
    linking,
    lists,
    mappings,
    newest_messages,
    oidc,
    people,
    points,
    preferences,
    problems,
    profile_changes,
    profiles,
    pulls,
    quality,
    quarantine,
    recurring_dates,
    roles,
    scores,
    segment_insights,
    segment_rules,
    segment_versions,
    segments,
    session,
    source_keys,
    sources,
    sql,
    status,
    tokens,
    tracker,
    tracking_plans,
    traits,
    uploads,
    verification,
    vocabulary,
    webhooks,
    workspaces,
)
from patron.api.abandoned import AbandonedMiddleware
from patron.api.access import permitted
from patron.api.headers import DOCS, OPENAPI, HeadersMiddleware
from patron.api.idempotency import IdempotencyMiddleware
from patron.api.recording import RecordingMiddleware
from patron.api.streams import Streams
from patron.api.together import Together
from patron.workspace import Workspace

DESCRIPTION = """
Every answer carries the log position and the moment (`as_of`) that it holds for.
Ask with `min_position` to read your own writes. Errors are RFC 9457 problem documents.
Writes take an `Idempotency-Key`.
"""
# Paths are looked for in this order: those that programs ask for most come first.
NOUNS = (
    identity_decisions,  # before profiles, whose last route takes every path
    traits,  # before profiles, whose last route takes every path
    identity_graph,  # before profiles, whose paths would take its own
    card,  # likewise
    profile_changes,  # likewise
    points,  # likewise
    profiles,
    session,
    oidc,
    people,
    roles,
    tokens,
    audit,
    workspaces,
    newest_messages,  # before status, one of whose paths would take its own
    status,
    verification,
    quality,
    quarantine,
    groups,
    at_a_glance,  # before segments, whose paths would take its own
    changes,
    segments,
    segment_rules,
    segment_insights,
    segment_versions,
    vocabulary,
    entities,
    computed_traits,
    classifications,
    scores,
    preferences,
    exchange_rates,
    lists,
    mappings,
    pulls,  # before imports, whose paths would take its own
    imports,
    uploads,
    source_keys,
    linking,
    sources,
    tracking_plans,
    enrichments,
    recurring_dates,
    definitions,
    webhooks,
    identity_rules,
    identity_held_back,
    identity_merges,
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
        docs_url=DOCS,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        swagger_ui_parameters={"supportedSubmitMethods": []},  # its sandbox may not ask the API
        openapi_url=OPENAPI,
        responses={"default": {"model": problems.Problem, "description": "A problem"}},
    )
    app.state.workspace = workspace
    app.state.streams = Streams()
    app.state.together = Together(workspace)
    app.state.passwords = CapacityLimiter(session.AT_ONCE)
    app.state.provider = CapacityLimiter(session.AT_ONCE)
    problems.install(app)
    problems.describe(app)
    app.add_middleware(AbandonedMiddleware)
    app.add_middleware(RecordingMiddleware, workspace=workspace)
    app.add_middleware(IdempotencyMiddleware, workspace=workspace)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(collect.CollectMiddleware, workspace=workspace)
    app.router.routes.extend(collect.routes())
    app.router.routes.extend(tracker.routes())
    app.router.routes.extend(console.routes())
    app.include_router(status.open_router)
    app.router.routes.extend(profiles.routes())
    for noun in NOUNS:
        app.include_router(noun.router, prefix="/api/v1", dependencies=[Depends(permitted)])
    return app
