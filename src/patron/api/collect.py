"""The collection routes: the Segment tracking protocol, as its published clients speak it.

An answer of 200 means that everything in the
request is on disk: stored, known already, or in quarantine with a reason.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from patron.errors import AccessError, BusyError, InputError, PatronError, TooLargeError
from patron.pipeline.group import Receipt
from patron.workspace import Workspace

SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"}
BATCH_PATHS = ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch")
MAX_BODY_BYTES = 4 * 1024 * 1024
"""Of one request, after decompression; the protocol's own limit for a batch is 500 kB."""
LARGE = 64 * 1024
"""Bodies above this are read outside the event loop, so that small ones are not held up."""

Handler = Callable[[Request], Awaitable[Response]]
Take = Callable[[bytes, str | None], Future[Receipt]]


class Answers:
    """Brings the writer's results back to the event loop, one wake-up for a whole group."""

    def __init__(self) -> None:
        self._done: list[tuple[asyncio.Future[Receipt], Future[Receipt]]] = []
        self._scheduled = False

    def wait(self, stored: Future[Receipt]) -> asyncio.Future[Receipt]:
        """An awaitable for a future that another thread completes."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Receipt] = loop.create_future()

        def done(future: Future[Receipt]) -> None:
            self._done.append((answer, future))
            if not self._scheduled:
                self._scheduled = True
                loop.call_soon_threadsafe(self._drain)

        stored.add_done_callback(done)
        return answer

    def _drain(self) -> None:
        self._scheduled = False
        done, self._done = self._done, []
        for answer, future in done:
            if answer.cancelled():
                continue
            error = future.exception()
            if error is None:
                answer.set_result(future.result())
            else:
                answer.set_exception(error)


class CollectMiddleware:
    """Answers the collection routes before anything else of the app is asked.

    Three quarters of a request's time would otherwise go into routes and middleware that have
    nothing to do with it.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app = app
        collector = _Collector(workspace)
        self._handlers: dict[str, Handler] = {}
        for short, kind in SHORT.items():
            single = _guarded(collector.single(kind), "POST")
            self._handlers |= {f"/v1/{kind}": single, f"/v1/{short}": single}
        batch = _guarded(collector.batch, "POST")
        self._handlers |= dict.fromkeys(BATCH_PATHS, batch)
        config = _guarded(collector.source_config, "GET")
        self._handlers |= dict.fromkeys(("/sourceConfig", "/sourceConfig/"), config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what is not for here."""
        handle = self._handlers.get(scope.get("path", "")) if scope["type"] == "http" else None
        if handle is None:
            await self._app(scope, receive, send)
            return
        response = await handle(Request(scope, receive))
        await response(scope, receive, send)


def routes() -> list[Route]:
    """The one collection route whose path holds a key: what the browser client asks first."""
    methods = ["GET", "OPTIONS"]
    return [Route("/v1/projects/{key}/settings", _guarded(_settings, "GET"), methods=methods)]


class _Collector:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._answers = Answers()

    def single(self, kind: str) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._taken(
                request, lambda body, key: self._workspace.collect_one(body, kind, key)
            )

        return handle

    async def batch(self, request: Request) -> Response:
        return await self._taken(request, self._workspace.collect_batch)

    async def _taken(self, request: Request, take: Take) -> Response:
        body = await _body(request)
        key = _key(request)
        large = len(body) > LARGE
        stored = await run_in_threadpool(take, body, key) if large else take(body, key)
        return _ok(await self._answers.wait(stored))

    async def source_config(self, request: Request) -> Response:
        key = _key(request)
        source = self._workspace.source_of_key(key)
        now = self._workspace.clock.now().isoformat() + "Z"
        return JSONResponse(
            {
                "source": {
                    "id": f"source-{source.source_id}",
                    "name": source.name,
                    "writeKey": key,
                    "enabled": True,
                    "workspaceId": "patron",
                    "updatedAt": now,
                    "config": {"statsCollection": {"errors": {"enabled": False},
                                                   "metrics": {"enabled": False}}},
                    "destinations": [],
                    "dataplanes": {},
                }
            }
        )  # fmt: skip


async def _settings(request: Request) -> Response:
    """What the browser client asks before it sends: its own key back, and no other integration."""
    return JSONResponse(
        {
            "integrations": {"Segment.io": {"apiKey": request.path_params["key"]}},
            "plan": {"track": {"__default": {"enabled": True}}},
            "edgeFunction": {},
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        },
        headers=_cors(request),
    )


def _guarded(handle: Handler, method: str) -> Handler:
    """Answer preflights, and turn errors into the protocol's ``{"code", "message"}``."""

    async def guarded(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response("OK", headers=_cors(request))
        if request.method != method:
            body = {"code": "method_not_allowed", "message": f"Expected {method}."}
            return JSONResponse(body, status_code=405, headers={"Allow": f"{method}, OPTIONS"})
        try:
            response = await handle(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except PatronError as error:
            response = _refused(error)
        if "origin" in request.headers:
            response.headers.update(_cors(request))
        return response

    return guarded


def _ok(receipt: Receipt) -> Response:
    return Response(
        b"OK",
        media_type="text/plain",
        headers={
            "Patron-Position": str(receipt.position),
            "Patron-Result": (
                f"stored={receipt.stored}, duplicate={receipt.duplicate}, "
                f"quarantined={receipt.quarantined}"
            ),
        },
    )


def _refused(error: PatronError) -> Response:
    status = 400
    headers = {}
    if isinstance(error, AccessError):
        status = 401
    elif isinstance(error, TooLargeError):
        status = 413
    elif isinstance(error, BusyError):
        status = 429
        headers = {"Retry-After": "1", "X-RateLimit-Reset": "1"}
    elif not isinstance(error, InputError):
        status = 500
    return JSONResponse(
        {"code": error.code, "message": error.message}, status_code=status, headers=headers
    )


def _cors(request: Request) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": request.headers.get("origin", "*"),
        "Access-Control-Allow-Headers": request.headers.get(
            "access-control-request-headers", "authorization, content-type"
        ),
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After, Patron-Result, Patron-Position",
        "Access-Control-Max-Age": "86400",
        "Vary": "Origin, Access-Control-Request-Headers",
    }


async def _body(request: Request) -> bytes:
    """The body, unpacked. Neither it nor what it unpacks to may exceed the limit."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise TooLargeError(f"The body is larger than {MAX_BODY_BYTES:,} bytes.")
        parts.append(part)
    body = b"".join(parts)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return _unpack(body, 15 + 32)
    raise InputError(f"Content-Encoding: expected gzip, deflate or none, got {encoding[:40]}.")


def _unpack(body: bytes, window: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        data = unpacker.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise InputError("The body is not valid gzip.") from None
    if len(data) > MAX_BODY_BYTES:
        raise TooLargeError(f"The body unpacks to more than {MAX_BODY_BYTES:,} bytes.")
    if not unpacker.eof:
        raise InputError("The body is not valid gzip: its end is missing.")
    return data


def _key(request: Request) -> str | None:
    """The write key from Basic or Bearer authorisation or from the query, if it is there."""
    header = request.headers.get("authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            user = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise AccessError("Authorization: expected Basic with base64 of 'writeKey:'.") from None
        if user:
            return user
    elif scheme.lower() == "bearer" and value:
        return value
    query = request.scope.get("query_string", b"")
    if query:
        return next(iter(parse_qs(query.decode("latin-1")).get("writeKey", [])), None)
    return None
