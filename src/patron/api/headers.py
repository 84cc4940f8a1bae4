"""What every answer tells a browser: what a page may load, and who may embed it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # components place things by style attributes
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""No script but our own files, nothing from elsewhere, and no page of others around ours."""

DOCS = "/api/docs"

DOCS_POLICY = "; ".join(
    (
        "sandbox allow-scripts allow-popups",
        "default-src 'none'",
        "script-src https: 'unsafe-inline'",
        "style-src https: 'unsafe-inline'",
        "img-src https: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Of the readable API description, whose scripts FastAPI takes from elsewhere. In the sandbox they
stand outside our origin: they see no cookie and can ask the API nothing as the reader."""

OPENAPI = "/api/openapi.json"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""Of all answers, beside the policy. `Strict-Transport-Security` comes with https."""


class HeadersMiddleware:
    """Adds them to every answer of the API and the pages; not to those of collection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to what is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = _wanted(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def _wanted(scope: Scope) -> dict[str, str]:
    path = scope["path"]
    found = HEADERS | {"Content-Security-Policy": DOCS_POLICY if path == DOCS else POLICY}
    if path == OPENAPI:  # read by the description in its sandbox; it holds no secret
        found |= {"Access-Control-Allow-Origin": "*"}
    if path.startswith("/api/v1/"):
        found |= {
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization, Cookie",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    if scope["scheme"] == "https":
        found |= {"Strict-Transport-Security": "max-age=31536000"}
    return found
