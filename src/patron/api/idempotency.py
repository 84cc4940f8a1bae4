"""``Idempotency-Key``: a write sent again with the same key is answered, not done, again."""

from __future__ import annotations

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patron.api.abandoned import following
from patron.api.access import authenticated
from patron.api.problems import problem
from patron.errors import ConflictError, InputError
from patron.workspace import Workspace

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PREFIX = "/api/v1/"
MAX_KEY = 255

UPLOADS = PREFIX + "uploads"
"""To hand a file in twice is to hand it in once; it is too large to be held in memory."""


class IdempotencyMiddleware:
    """Remembers the answers to writes under ``/api/v1`` that carry an ``Idempotency-Key``.

    The same key with another request is refused (422); while the first one still runs, 409.
    Answers of 500 and above are not kept, so that a retry can do the work; nor are those that say
    ``Cache-Control: no-store``, for they hold secrets.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app = app
        self._workspace = workspace
        self._running: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let the app answer and remember it."""
        if (
            scope["type"] != "http"
            or scope["method"] not in WRITES
            or not scope["path"].startswith(PREFIX)
            or scope["path"] == UPLOADS
        ):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        key = request.headers.get("idempotency-key")
        actor = None if key is None else authenticated(request)
        if key is None or actor is None:  # nobody known is answered from memory
            await self._app(scope, receive, send)
            return
        if not 0 < len(key) <= MAX_KEY:
            error = InputError(f"Idempotency-Key: expected 1 to {MAX_KEY} characters.")
            await problem(error)(scope, receive, send)
            return
        await self._once(key, f"{actor.kind} {actor.name}", request, send)

    async def _once(self, key: str, who: str, request: Request, send: Send) -> None:
        scope, receive = request.scope, request.receive
        body = await request.body()
        # Who asks is part of the name: nobody is shown an answer that was made for another.
        asked = "\x1f".join([who, request.method, str(request.url)])
        digest = sha256(asked.encode() + b"\x1f" + body).hexdigest()
        if key in self._running:
            error = ConflictError("A request with this Idempotency-Key still runs.")
            await problem(error)(scope, receive, send)
            return
        self._running.add(key)
        try:
            known = self._workspace.remembered_answer(key)
            if known is not None:
                await _replay(known, digest)(scope, receive, send)
                return
            recorder = _Recorder(send)
            again: Message = {"type": "http.request", "body": body, "more_body": False}
            await self._app(scope, following([again], receive), recorder)
            if recorder.status < 500 and not recorder.secret:
                self._workspace.remember_answer(key, digest, recorder.status, recorder.body)
        finally:
            self._running.discard(key)


def _replay(known: tuple[str, int, str], digest: str) -> JSONResponse | _Raw:
    stored_digest, status, response = known
    if stored_digest != digest:
        return problem(InputError("This Idempotency-Key was used for another request."))
    return _Raw(response.encode(), status)


class _Raw(JSONResponse):
    def __init__(self, body: bytes, status: int) -> None:
        super().__init__(None, status_code=status, headers={"Idempotency-Replayed": "true"})
        self.body = body
        self.headers["content-length"] = str(len(body))


class _Recorder:
    """Passes an answer on and keeps a copy."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.secret = False
        self.body = ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.secret = (b"cache-control", b"no-store") in message["headers"]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"").decode()
        await self._send(message)
