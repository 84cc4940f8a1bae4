"""Serves one workspace over HTTP, in one process, until it is told to end."""

from __future__ import annotations

import faulthandler
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import structlog
import uvicorn

from patron.api.app import create_app
from patron.api.presence import HEADER, Presence, announced
from patron.clock import Clock, SystemClock, format_time
from patron.errors import ConflictError, InputError
from patron.pipeline.live.runner import HAND_OVER
from patron.settings import load
from patron.workspace import Workspace

KEEP_ALIVE_SECONDS = 75
"""Longer than the pause between two flushes of the clients, so that they need not reconnect."""

GRACE_SECONDS = 30
"""How long requests that have begun may take to end after the server was told to."""

_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def serve(
    folder: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    clock: Clock | None = None,
    on_listening: Callable[[Presence, bool], None] = lambda _presence, _staffed: None,
) -> None:
    """Serve a workspace until SIGINT or SIGTERM, then finish what waits and close it.

    Args:
        folder: The workspace.
        host: The address to listen on; that of the settings when None.
        port: The port, 0 for a free one; that of the settings when None.
        clock: Where now comes from.
        on_listening: Told where, once requests are answered, and whether there is anybody who can
            sign in.

    Raises:
        NotFoundError: The folder is no workspace.
        BusyError: Another process has it open.
        ConflictError: The port is taken.
        InputError: There is no such address.
    """
    clock = clock or SystemClock()
    settings = load(folder, host=host, port=port)
    log_to(sys.stderr.isatty())
    if sys.__stderr__ is not None:
        # A crash in native code then says where; lines of code only, no values.
        faulthandler.enable(sys.__stderr__)
    sys.setswitchinterval(HAND_OVER)
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        workspace = stack.enter_context(
            Workspace(folder, clock=clock, settings=settings, live=True)
        )
        presence = Presence(
            url=_url(listener),
            pid=os.getpid(),
            started_at=format_time(clock.now()),
            instance=secrets.token_hex(16),
        )
        app = create_app(workspace)
        config = uvicorn.Config(
            app,
            loop="auto" if sys.platform == "win32" else "uvloop",
            http="httptools",
            lifespan="off",
            log_config=None,
            log_level="critical",  # the app logs errors itself, once and as data
            access_log=False,
            server_header=False,
            headers=[(HEADER, presence.instance)],
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        # uvicorn raises the signal again once it is done. It must not end the process before the
        # workspace is closed.
        stack.enter_context(_outliving_signals())
        staffed = bool(workspace.accounts.people.all())
        told = partial(on_listening, presence, staffed)
        _Server(config, folder, presence, told, app.state.streams.close).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Announces itself as soon as it answers."""

    def __init__(
        self,
        config: uvicorn.Config,
        folder: Path,
        presence: Presence,
        on_listening: Callable[[], None],
        on_ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._folder = folder
        self._presence = presence
        self._on_listening = on_listening
        self._on_ending = on_ending
        self._announcement = ExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announcement.enter_context(announced(self._folder, self._presence))
            self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._announcement.close()
        self._on_ending()  # streams would not end by themselves
        await super().shutdown(sockets)


def log_to(terminal: bool) -> None:
    """Send log lines to standard error: for people on a terminal, else one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except OSError:
            listener.close()
            raise
    except (socket.gaierror, OverflowError):
        raise InputError(f"{host}:{port} is no address to listen on.", field="host") from None
    except OSError as error:
        raise ConflictError(
            f"Port {port} of {host} cannot be used: {error.strerror}.",
            hint="Name another one with --port; 0 takes a free one.",
        ) from error
    return listener


def _url(listener: socket.socket) -> str:
    """Where this machine reaches the listener; a wildcard address is reached over loopback."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _outliving_signals() -> Iterator[None]:
    def ignore(_signal: int, _frame: FrameType | None) -> None:
        """The server has taken note already."""

    before = {ending: signal.signal(ending, ignore) for ending in _ENDINGS}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
