"""Questions whose asker has gone end at once; what changes something does not."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio.to_thread
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patron.api.abandoned import SHORT, AbandonedMiddleware
from patron.engines.duckdb import Database
from patron.errors import AbandonedError

ENDLESS = (
    "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3"
)


def run(app: ASGIApp, route: str, *messages: Message) -> None:
    """Send a request through; its connection goes after these messages."""
    waiting = iter([*messages, {"type": "http.disconnect"}])

    async def receive() -> Message:
        message = next(waiting, None)
        return message or await asyncio.Future()

    async def send(_message: Message) -> None: ...

    scope = {"type": "http", "state": {"route": route}}
    asyncio.run(AbandonedMiddleware(app)(scope, receive, send))


def part(body: bytes = b"", more_body: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more_body}


@pytest.mark.parametrize("route", ["GET /profiles", "POST /segments/preview"])
def test_a_question_that_runs_is_stopped(route: str) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        with Database() as database, database.cursor() as cursor:
            await anyio.to_thread.run_sync(cursor.execute, ENDLESS)

    with pytest.raises(AbandonedError):
        run(app, route, part())


def test_so_is_what_would_be_asked_next() -> None:
    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert [(await receive())["body"] for _ in range(2)] == [b"{", b"}"]
        assert (await receive())["type"] == "http.disconnect"
        with Database() as database, database.cursor() as cursor:
            cursor.execute("select 1")

    with pytest.raises(AbandonedError):
        run(app, "POST /segments/preview", part(b"{", more_body=True), part(b"}"))


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("PUT /segments/{name}", b"{}"),  # which changes something
        ("POST /session", b"{}"),  # so does this, if only for who asks
        ("POST /segments/preview", b" " * SHORT),  # so long that nobody listened
    ],
)
def test_what_changes_something_goes_on(route: str, body: bytes) -> None:
    read: list[Any] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        message = await receive()
        while message["type"] != "http.disconnect":
            read.append(message["body"])
            message = await receive()
        with Database() as database, database.cursor() as cursor:
            read.append(cursor.execute("select 1").value())

    run(app, route, part(body, more_body=True), part(b"end"))
    assert read == [body, b"end", 1]
