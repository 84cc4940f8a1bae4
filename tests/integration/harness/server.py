"""The server as its users run it: a process of its own, which can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from patron.api.presence import read_presence
from patron.clock import SystemClock
from patron.engines.duckdb import Database
from patron.warehouse.sources import put_source
from patron.warehouse.store import DATABASE, TOKEN, initialise

KEY = "key-of-the-web-shop"
OTHER_KEY = "key-of-the-stores"

PRELOADED = ("patron.api.server", "httpx", "pandas", "sqlglot.dialects.duckdb")
"""What servers import until they are ready, also that which libraries import only when used."""

START_SECONDS = 30
"""How long a start may take before a test gives up; a start takes about one second."""

END_SECONDS = 30
"""The same for an end."""


def make_workspace(folder: Path) -> str:
    """A workspace with the sources ``web`` (key `KEY`) and ``stores`` (`OTHER_KEY`).

    Returns:
        The admin token.
    """
    token = initialise(folder, name="test", now=SystemClock().now())
    with Database(folder / DATABASE) as database, database.cursor() as cursor:
        for name, kind, channel, trust, key in (
            ("web", "web", "web", 1, KEY),
            ("stores", "store", "store", 2, OTHER_KEY),
        ):
            put_source(
                cursor, name=name, brand="main", kind=kind, channel=channel, trust=trust,
                write_key=key,
            )  # fmt: skip
    return token


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Forked:
    """A server process that is forked from a warm one."""

    def __init__(self, server: LiveServer) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(PRELOADED))
        self._process = context.Process(
            target=_serve, args=(server.folder, server.port, server.log), daemon=True
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def running(self) -> bool:
        return self._process.is_alive()

    def wait(self) -> int:
        self._process.join(END_SECONDS)
        code = self._process.exitcode
        assert code is not None, "The server did not end."
        return code


def _serve(folder: Path, port: int, log: Path) -> None:
    from patron.api.server import serve

    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    serve(folder, host="127.0.0.1", port=port)


class _Wrapped:
    """``patron serve``, run by another command; signals go to the server itself."""

    def __init__(self, server: LiveServer) -> None:
        self._folder = server.folder
        command = [
            *server._wrapper, sys.executable, "-m", "patron.cli", "serve",
            "--workspace", str(server.folder), "--host", "127.0.0.1", "--port", str(server.port),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with server.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )

    @property
    def pid(self) -> int:
        presence = read_presence(self._folder)
        return self._process.pid if presence is None else presence.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> int:
        return self._process.wait(END_SECONDS)


class LiveServer:
    """One workspace and the server process on it, on a port that outlives the process.

    The process is forked from one that has imported the package already: a start then takes a
    fraction of a second, and a test can afford many.

    Args:
        folder: Made when it is no workspace yet.
        wrapper: A command that runs ``patron serve``, such as strace with its options.
    """

    def __init__(self, folder: Path, *, wrapper: tuple[str, ...] = ()) -> None:
        self.folder = folder
        if not (folder / DATABASE).exists():
            make_workspace(folder)
        self.token = (folder / TOKEN).read_text(encoding="utf-8").strip()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"{folder.name}.log"
        self.log.touch()
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._wrapper = wrapper
        self._process: _Forked | _Wrapped | None = None

    @property
    def pid(self) -> int:
        """Of the server's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            AssertionError: It ended, or was not ready in time; says what it printed.
        """
        self.spawn()
        limit = time.monotonic() + START_SECONDS
        while not self._ready():
            if not self._running() or time.monotonic() > limit:
                self._end()
                raise AssertionError(f"The server did not start:\n{self.printed()}")
            time.sleep(0.01)

    def spawn(self) -> None:
        """Start the process; it may be killed before it is ready."""
        start = _Wrapped if self._wrapper else _Forked
        self._process = start(self)

    def _ready(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def _running(self) -> bool:
        return self._process is not None and self._process.running()

    def printed(self) -> str:
        """What the process wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def kill(self) -> None:
        """End the process at once, with SIGKILL."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """End the process in good order, with SIGTERM.

        Returns:
            Its exit code.
        """
        return self._signal(signal.SIGTERM)

    def restart(self) -> None:
        """Start again on the same folder and port, after `kill` or `stop`."""
        self.start()

    def _signal(self, number: signal.Signals) -> int:
        assert self._process is not None
        os.kill(self._process.pid, number)
        code = self._process.wait()
        self._process = None
        return code

    def _end(self) -> None:
        if self._running():
            self.kill()
        self._process = None

    def close(self) -> None:
        """End the process, if it still runs.

        Raises:
            AssertionError: It had ended although nobody ended it; says what it printed.
        """
        died = self._process is not None and not self._process.running()
        self._end()
        self.client.close()
        assert not died, f"The server ended by itself:\n{self.printed()}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Questions

    def get(self, path: str, **params: Any) -> Any:
        """An answer of the API, with the admin token."""
        return self.ask("GET", path, params=params)

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON that the API answers, which must be a success."""
        response = self.client.request(
            method,
            f"/api/v1/{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            **arguments,
        )
        assert response.is_success, response.text
        return response.json()

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a question in SQL."""
        answer = self.ask("POST", "sql", json={"query": query, "limit": 100_000})
        assert not answer["truncated"]
        return [tuple(row) for row in answer["rows"]]

    def counters(self, source: str = "web") -> dict[str, int]:
        """What became of everything that a source sent; checks that it adds up."""
        found = next(c for c in self.get("counters")["sources"] if c.pop("source", "") == source)
        assert found["accepted"] == found["stored"] + found["duplicate"] + found["quarantined"]
        return dict(found)

    def fates(self, message_id: str, source: str = "web") -> list[dict[str, Any]]:
        """What became of the messages with one id."""
        found: list[dict[str, Any]] = self.get(f"messages/{message_id}", source=source)["data"]
        return found

    def quarantined(self, **params: Any) -> list[dict[str, Any]]:
        """The refused ones, newest first."""
        found: list[dict[str, Any]] = self.get("quarantine", limit=1000, **params)["data"]
        return found
