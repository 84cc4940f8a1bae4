"""Serves patron.js, the tracker that shops put on their pages, and gives the snippet for it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, sha384
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from patron.api.access import workspace
from patron.errors import InputError, NotFoundError

BUILT = Path(__file__).parent / "static" / "tracker"
"""Where `make tracker` puts the built files; not in version control, but in the wheel."""

PINNED = "tracker"
"""The folder of a workspace with the builds that its snippets name."""

SOON = "public, max-age=300"
"""How long browsers keep what may be another build tomorrow."""

NEVER_CHANGES = "public, max-age=31536000, immutable"
_DIGEST = re.compile(r"[0-9a-f]{16}")

# Stands in for the tracker until it is loaded: each call waits with its moment.
_STUB = """\
<script>
!function(w,d){{var p=w.patron=w.patron||[];if(p.load)return;
"load consent identify track page group alias reset ready".split(" ").forEach(function(m){{
p[m]=function(){{p.push([m,[].slice.call(arguments),Date.now()])}}}});
var s=d.createElement("script");s.async=true;s.crossOrigin="anonymous";
s.src={src};{integrity}d.head.appendChild(s)}}(window,document);
patron.load({key}, {settings});
</script>"""


@dataclass(frozen=True, slots=True)
class Build:
    """One build of the tracker.

    Attributes:
        content: The script.
        packed: The same, by gzip.
        digest: What its file is named by: 16 hexadecimal digits that follow from the content.
        integrity: What a browser compares it with before it runs it.
    """

    content: bytes
    packed: bytes
    digest: str
    integrity: str


def build_of(content: bytes) -> Build:
    """A script with what its content says of it.

    >>> build_of(b"1").digest
    '6b86b273ff34fce1'
    """
    integrity = "sha384-" + base64.b64encode(sha384(content).digest()).decode()
    digest = sha256(content).hexdigest()[:16]
    return Build(content, gzip.compress(content, mtime=0), digest, integrity)


def current(folder: Path = BUILT) -> Build:
    """The build that comes with this Patron.

    Raises:
        NotFoundError: It was not built.
    """
    try:
        return _built(folder / "patron.js", (folder / "patron.js").stat().st_mtime_ns)
    except FileNotFoundError:
        raise NotFoundError(
            "The tracker is not built.", hint="Build it: make tracker (needs Node.js)."
        ) from None


@cache
def _built(path: Path, _changed: int) -> Build:
    return build_of(path.read_bytes())


def pin(build: Build, folder: Path) -> None:
    """Keep a build in a workspace, so that snippets that name it outlive an upgrade of Patron.

    Args:
        build: Any.
        folder: The workspace.
    """
    path = _pinned(folder, build.digest)
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(build.content)
    part.replace(path)


def snippet(
    build: Build,
    *,
    url: str,
    write_key: str,
    latest: bool = False,
    undecided: str = "hold",
    data_layer: bool = False,
) -> str:
    """What a shop puts into the head of its pages.

    Args:
        build: The tracker.
        url: Where browsers reach Patron.
        write_key: Of the source.
        latest: Take whichever build is served, without an integrity hash.
        undecided: What happens to calls before the visitor decided: hold, drop or send.
        data_layer: Whether commerce events are read from the page's data layer.

    Raises:
        InputError: The address is none that browsers can send to.
    """
    if not _reachable(url):
        raise InputError(
            "url: expected where browsers reach Patron, such as https://cdp.shop.example.",
            field="url",
        )
    base = url.rstrip("/")
    settings: dict[str, object] = {"endpoint": base}
    if undecided != "hold":
        settings["undecided"] = undecided
    if data_layer:
        settings["dataLayer"] = True
    name = "patron.js" if latest else f"patron-{build.digest}.js"
    return _STUB.format(
        src=_text(f"{base}/{name}"),
        integrity="" if latest else f"s.integrity={_text(build.integrity)};",
        key=_text(write_key),
        settings=_text(settings),
    )


def _reachable(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.hostname) and not address.query


def _text(value: object) -> str:
    """JSON that can stand inside a script of a page."""
    return json.dumps(value).replace("<", "\\u003c")


def routes() -> list[Route]:
    """The script under its plain name, and under that of its content."""
    return [
        Route("/patron.js", _latest),
        Route("/patron.js.map", _map),
        Route("/patron-{digest}.js", _by_digest),
    ]


def _latest(request: Request) -> Response:
    return _answer(request, current(), SOON)


def _by_digest(request: Request) -> Response:
    digest = request.path_params["digest"]
    return _answer(request, _found(digest, workspace(request).folder), NEVER_CHANGES)


def _map(_request: Request) -> Response:
    current()
    content = (BUILT / "patron.js.map").read_bytes()
    return Response(content, media_type="application/json", headers={"Cache-Control": SOON})


def _found(digest: str, folder: Path) -> Build:
    """The build of this name: that of this Patron, or one that a snippet of the workspace names."""
    if _DIGEST.fullmatch(digest):
        path = _pinned(folder, digest)
        if path.exists():
            return _built(path, path.stat().st_mtime_ns)
        if (build := current()).digest == digest:
            return build
    raise NotFoundError(
        f"There is no build {digest} of the tracker here.",
        hint="Take a new snippet: patron source snippet NAME",
    )


def _pinned(folder: Path, digest: str) -> Path:
    return folder / PINNED / f"patron-{digest}.js"


def _answer(request: Request, build: Build, caching: str) -> Response:
    headers = {
        "Cache-Control": caching,
        "ETag": f'"{build.digest}"',
        "Vary": "Accept-Encoding",
        # Pages of any shop load it, and with an integrity hash only if this is said.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        # Browsers look for the map beside the script, under whichever name.
        "SourceMap": "/patron.js.map",
    }
    if build.digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(
        build.packed if packed else build.content, media_type="text/javascript", headers=headers
    )
