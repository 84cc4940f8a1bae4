"""The program ``patron`` for a shell, forked from a process that has imported the package already.

Most of a short command's time goes into importing. Forked, a command is a process all the same: it
has arguments, a folder, an environment, files and an exit code of its own.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import shlex
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import typer.main

from integration.harness.server import PRELOADED

_COMMAND = """\
import json, os, socket, struct, sys
told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
os.chdir(os.path.dirname(__file__))  # paths of sockets must be short
with socket.socket(socket.AF_UNIX) as line:
    line.connect("warm")
    socket.send_fds(line, [struct.pack("!I", len(told))], [0, 1, 2])
    line.sendall(told)
    code = line.recv(1)
sys.exit(code[0] if code else "The command did not end as it should.")
"""
"""What the shell runs: hands its place to a fork, and ends as that does."""


class WarmProgram:
    """Makes ``patron`` a quick program.

    Args:
        folder: Empty; holds the program, for a shell's PATH.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "docs.warm"], cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        client = folder / "client.py"
        client.write_text(_COMMAND, encoding="utf-8")
        program = folder / "patron"
        # -S and -I: it needs nothing that is installed, and is to begin at once.
        run = shlex.join([sys.executable, "-S", "-I", str(client)])
        program.write_text(f'#!/bin/sh\nexec {run} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def close(self) -> None:
        """End the process and all that it has forked."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve() -> NoReturn:
    """Run a command for each connection, until the process is killed."""
    for name in (*PRELOADED, "anyio._backends._asyncio", "patron.api.app", "typer._adapters"):
        importlib.import_module(name)
    command = typer.main.get_command(importlib.import_module("patron.cli.app").app)
    gc.freeze()
    door = socket.socket(socket.AF_UNIX)
    door.bind("warm")
    door.listen()
    print("ready", flush=True)
    while True:
        line, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _answer(line, command)
        line.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _answer(line: socket.socket, command: Callable[..., object]) -> NoReturn:
    """Run one command in a process of its own, and tell the client how it ended."""
    size, files, _, _ = socket.recv_fds(line, 4, 3)
    told = line.makefile("rb").read(*struct.unpack("!I", size))
    child = os.fork()
    if child == 0:
        line.close()
        for place, file in enumerate(files):
            os.dup2(file, place)
            os.close(file)
        _run(command, *json.loads(told))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    line.sendall(bytes([code if code >= 0 else 128 - code]))
    os._exit(0)


def _run(
    command: Callable[..., object], arguments: list[str], folder: str, environment: dict[str, str]
) -> NoReturn:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["patron", *arguments]
    code = 1
    try:
        command(prog_name="patron")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - said as the interpreter says it
        traceback.print_exc()
    # As forks of multiprocessing end: to take down all that was imported takes longer than to run.
    threading._shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
