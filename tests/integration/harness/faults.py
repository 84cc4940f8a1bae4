"""What goes wrong between a client and the server, on purpose and in a known order."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request.

    Attributes:
        status: Answer with this status; None cuts the connection instead.
        after: Pass the request on first: the server has stored it, and only its answer is lost.
        retry_after: Seconds to name in ``Retry-After``.
    """

    status: int | None = None
    after: bool = False
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that came by."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class FaultyProxy:
    """Stands in front of a server. The first requests meet the faults, in order; all else passes.

    Args:
        upstream_port: Where the server listens on loopback.
        faults: One per POST, in order; None lets that one pass.
        after_passing: Called (in the proxy's thread) after each answer of the server, before the
            client gets it.
    """

    def __init__(
        self,
        upstream_port: int,
        faults: Sequence[Fault | None],
        *,
        after_passing: Callable[[], None] = lambda: None,
    ) -> None:
        self.seen: list[Seen] = []
        self.answers: list[int] = []
        self._upstream_port = upstream_port
        self._faults = list(faults)
        self._after_passing = after_passing
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="faulty-proxy", daemon=True)
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """What clients are given as their endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def left(self) -> int:
        """How many faults nobody has met yet."""
        return len(self._faults)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._client, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, one request; clients open another for the next."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head, body = await _message(reader)
            seen = _parsed(head, body)
            self.seen.append(seen)
            fault = self._faults.pop(0) if seen.method == "POST" and self._faults else None
            answer = None
            if fault is None or fault.after:
                answer = await self._pass_on(head, body)
            if fault is not None:
                answer = _made(fault) if fault.status is not None else None
            if answer is not None:
                self.answers.append(int(answer.split(b" ", 2)[1]))
                writer.write(answer)
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            writer.close()

    async def _pass_on(self, head: bytes, body: bytes) -> bytes | None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        except ConnectionError:
            return None
        try:
            line, _, rest = head.partition(b"\r\n")
            fields = [
                f for f in rest.split(b"\r\n") if f and not f.lower().startswith(b"connection:")
            ]
            writer.write(b"\r\n".join([line, *fields, b"Connection: close", b"", b""]) + body)
            await writer.drain()
            answer = await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            return None
        finally:
            writer.close()
        await self._loop.run_in_executor(None, self._after_passing)
        return answer or None


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = _fields(head)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while True:
            size = await reader.readuntil(b"\r\n")
            chunk = await reader.readexactly(int(size, 16) + 2)
            body += size + chunk
            if size.strip() == b"0":
                return head[:-2], body
    return head[:-2], await reader.readexactly(int(fields.get("content-length", "0")))


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _parsed(head: bytes, body: bytes) -> Seen:
    method, path, _ = head.decode("latin-1").split(" ", 2)
    return Seen(method, path, _fields(head), body)


def _made(fault: Fault) -> bytes:
    body = b'{"code":"fault","message":"made by a test"}'
    lines = [f"HTTP/1.1 {fault.status} Fault", "Content-Type: application/json"]
    if fault.retry_after is not None:
        lines.append(f"Retry-After: {fault.retry_after}")
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body
