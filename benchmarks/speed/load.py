"""A load generator: keep-alive connections, each with one request under way at a time.

Run as a process of its own, so that its work does not hide in the server's:
``python -m benchmarks.speed.load HOST PORT CONNECTIONS SECONDS [RATE] < requests.json``.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import cast


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load met.

    Attributes:
        requests: Answered with 200.
        errors: Answered otherwise.
        seconds: How long it ran.
        latencies: Of each answered request, in seconds.
    """

    requests: int
    errors: int
    seconds: float
    latencies: list[float]


class _Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._began = 0.0
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._transport.close()
            return
        delay = self._load.wait()
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self._write, request)
        else:
            self._write(request)

    def _write(self, request: bytes) -> None:
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._buffer = b""
        self._load.answered(time.perf_counter() - self._began, ok=head[9:12] == b"200")
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        self._load.closed()


class _Load:
    def __init__(self, templates: list[str], seconds: float, connections: int, rate: float) -> None:
        self._templates = templates
        self._numbers: Iterator[int] = count()
        self._end = time.perf_counter() + seconds
        self._open = connections
        self._rate = rate
        self._began = time.perf_counter()
        self._sent = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.errors = 0

    def next_request(self) -> bytes | None:
        if time.perf_counter() >= self._end:
            return None
        number = next(self._numbers)
        template = self._templates[number % len(self._templates)]
        head, _, body = template.partition("\r\n\r\n")
        body = body.replace("@", f"{number:09d}")
        length = f"\r\nContent-Length: {len(body)}" if body else ""
        return f"{head}{length}\r\n\r\n{body}".encode()

    def wait(self) -> float:
        if not self._rate:
            return 0.0
        self._sent += 1
        return self._began + self._sent / self._rate - time.perf_counter()

    def answered(self, seconds: float, *, ok: bool) -> None:
        if ok:
            self.latencies.append(seconds)
        else:
            self.errors += 1

    def closed(self) -> None:
        self._open -= 1
        if not self._open:
            self.done.set_result(None)


async def _run(host: str, port: int, connections: int, seconds: float, rate: float) -> None:
    templates = json.load(sys.stdin)
    load = _Load(templates, seconds, connections, rate)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(load), host, port)
    await load.done
    json.dump(
        {
            "requests": len(load.latencies),
            "errors": load.errors,
            "seconds": time.perf_counter() - began,
            "latencies": load.latencies,
        },
        sys.stdout,
    )


def run_load(
    port: int, templates: list[str], *, connections: int, seconds: float, rate: float = 0
) -> Outcome:
    """Put a load on a server of this machine, from a process of its own.

    Args:
        port: On loopback.
        templates: Requests without Content-Length; ``@`` in a body becomes a running number.
        connections: How many requests may be under way at a time.
        seconds: How long.
        rate: Requests a second in all; 0 sends as fast as answers come.
    """
    command = [sys.executable, "-m", "benchmarks.speed.load", "127.0.0.1", str(port)]
    arguments = [str(connections), str(seconds), str(rate)]
    made = subprocess.run(
        [*command, *arguments], input=json.dumps(templates), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return Outcome(**json.loads(made.stdout))


def main() -> None:
    """Run the load that the command line asks for; the requests come on standard input."""
    host, port, connections, seconds, rate = sys.argv[1:]
    work = _run(host, int(port), int(connections), float(seconds), float(rate))
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    main()
