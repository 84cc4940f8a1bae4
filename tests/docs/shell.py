"""A terminal for the commands of a page: one bash in an empty folder, and a server beside it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from integration.harness.server import free_port

SHOWN_PORT = "127.0.0.1:8000"
"""Where the pages say that a server listens; the terminal puts a free port in its place."""

SECONDS = 240
"""How long a page may take before the test gives up; each takes about ten seconds of CPU time."""

END = "\x1e"


class Block(NamedTuple):
    """A fenced block that is marked to be run.

    Attributes:
        mark: ``runs``, ``fails`` (every command ends with another code than 0) or ``serves``.
        language: Of the fence.
        text: What stands in it.
        line: Where it begins, from 1.
    """

    mark: str
    language: str
    text: str
    line: int

    def commands(self) -> list[tuple[str, list[str]]]:
        """The commands of a ``console`` block, each with the lines that it is to print."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        return found


_MARKED = re.compile(
    r"^<!-- (?P<mark>runs|fails|serves) -->\n```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def marked_blocks(page: str) -> list[Block]:
    """The blocks of a page that are to be run, in order."""
    return [
        Block(m["mark"], m["language"], m["text"], page.count("\n", 0, m.start()) + 1)
        for m in _MARKED.finditer(page)
    ]


def matches(expected: list[str], printed: str) -> bool:
    """Whether output is what a page shows.

    An ellipsis stands for anything within its line, and alone in a line for any lines. How many
    spaces stand between words does not matter, for columns are as wide as what they hold.

    >>> matches(["a …", "…", "z"], "a  17 ms\\nb\\nc\\nz\\n")
    True
    >>> matches(["a …", "z"], "a 17 ms\\nb\\nz\\n")
    False
    """
    pattern = ""
    for line in (_squeezed(line) for line in expected):
        if line == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += re.escape(line).replace("…", r"[^\n]*") + r"\n"
    shown = "".join(f"{_squeezed(line)}\n" for line in printed.rstrip("\n").splitlines())
    return re.fullmatch(pattern, shown) is not None


def _squeezed(line: str) -> str:
    return " ".join(line.split())


class Terminal:
    """Runs the blocks of one page.

    Args:
        folder: Empty; the commands run in a folder inside it.
        ahead: A folder of programs that the shell finds first; servers do not.
    """

    def __init__(self, folder: Path, ahead: Path | None = None) -> None:
        self.folder = folder / "page"
        self.folder.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        python = shlex.quote(sys.executable)
        for name, command in (("patron", f"{python} -m patron.cli"), ("python", python)):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        self.address = f"127.0.0.1:{free_port()}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PATRON_")}
        self._environment = {
            **inherited,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "PATRON_PORT": self.address.rpartition(":")[2],
            "NO_PROXY": "127.0.0.1",
        }
        self._server: subprocess.Popen[str] | None = None
        environment = dict(self._environment)
        if ahead is not None:
            environment["PATH"] = f"{ahead}{os.pathsep}{environment['PATH']}"
        self._bash = subprocess.Popen(
            ["bash"], cwd=self.folder, env=environment, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._watch = threading.Timer(SECONDS, self._kill)
        self._watch.start()

    def run(self, command: str) -> tuple[int, str]:
        """Run a command; variables and the like that it sets hold for the next ones.

        Returns:
            The exit code, and what was printed on both channels.

        Raises:
            AssertionError: The shell ended, or the page took too long.
        """
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        command = command.replace(SHOWN_PORT, self.address)
        self._bash.stdin.write(f"{{ {command}\n}} < /dev/null; printf '{END}%d\\n' $?\n")
        self._bash.stdin.flush()
        printed = ""
        while END not in printed:
            line = self._bash.stdout.readline()
            assert line, f"{command}\nended the shell or took too long:\n{printed}"
            printed += line
        text, _, code = printed.partition(END)
        return int(code), text.replace(self.address, SHOWN_PORT)

    def script(self, lines: str) -> tuple[int, str]:
        """Run several lines in a shell of their own, which ends at the first that fails."""
        return self.run(f"( set -e -o pipefail\n{lines}\n)")

    def serve(self, command: str) -> str:
        """Start a server beside the shell and wait until it is ready.

        Returns:
            What it has printed by then.
        """
        log = self.folder.parent / "server.log"
        with log.open("w", encoding="utf-8") as output:
            self._server = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self._environment,
                text=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        limit = time.monotonic() + SECONDS
        while not self._ready():
            printed = log.read_text(encoding="utf-8")
            assert self._server.poll() is None, printed
            assert time.monotonic() < limit, printed
            time.sleep(0.05)
        return log.read_text(encoding="utf-8").replace(self.address, SHOWN_PORT)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/readyz", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def examples(self, text: str) -> tuple[int, str]:
        """Run Python with its prompts as doctests, in the folder of the page.

        Returns:
            0 when all print what is shown, and what was reported.
        """
        (self.folder.parent / "examples.txt").write_text(text, encoding="utf-8")
        return self.run(
            "python -c 'import doctest; "
            'exit(doctest.testfile("../examples.txt", module_relative=False).failed)\''
        )

    def _kill(self) -> None:
        os.killpg(self._bash.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the shell and the server, and whatever they have started."""
        self._watch.cancel()
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
        self._kill()
        self._bash.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
