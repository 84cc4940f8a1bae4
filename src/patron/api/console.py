"""The console: pages in the browser, built by `make console` and served as files."""

from __future__ import annotations

import secrets
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

BUILT = Path(__file__).with_name("static") / "console"

HOW_TO_BUILD = "The console is not built: run `make console`, which needs Node.js 20.19 or newer."

NONCE = "nonce-of-the-page"
"""What the built page has where each answer gets a nonce of its own."""

A_YEAR = "public, max-age=31536000, immutable"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""How a file may have been compressed when it was built, the smallest first."""

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # The component library writes its variables into a style element, which has the nonce.
        "style-src 'self' 'nonce-{nonce}'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def is_built() -> bool:
    """Whether there are pages to serve."""
    return (BUILT / "index.html").is_file()


def routes() -> list[BaseRoute]:
    """The routes of the console; what is no file is a page, which the browser finds its way in."""
    return [
        Route("/", _to_console),
        Route("/console", _to_console),
        Route("/console/{path:path}", _console),
    ]


def _to_console(request: Request) -> Response:
    return RedirectResponse(request.url.replace(path="/console/", scheme="", netloc=""))


def _console(request: Request) -> Response:
    """A built file, or the page."""
    asked = (BUILT / request.path_params["path"]).resolve()
    if asked.is_relative_to(BUILT) and asked.is_file() and asked.name != "index.html":
        return _file(asked, request.headers.get("accept-encoding", ""))
    if "assets" in Path(request.path_params["path"]).parts:
        raise HTTPException(404)  # a page in its place would only confuse the browser
    return _page()


def _file(path: Path, accepted: str) -> Response:
    # The names of assets change with what they hold.
    hashed = path.parent.name == "assets"
    headers = {
        "Cache-Control": A_YEAR if hashed else "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    media_type = FileResponse(path).media_type
    wanted = {one.split(";")[0].strip() for one in accepted.split(",")}
    for encoding, ending in ENCODINGS:
        packed = path.with_name(path.name + ending)
        if encoding in wanted and packed.is_file():
            headers["Content-Encoding"] = encoding
            return FileResponse(packed, media_type=media_type, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)


def _page() -> Response:
    page = BUILT / "index.html"
    if not is_built():
        return HTMLResponse(f"<!doctype html><title>Patron</title><p>{HOW_TO_BUILD}</p>", 503)
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(
        page.read_text(encoding="utf-8").replace(NONCE, nonce),
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY.format(nonce=nonce),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
