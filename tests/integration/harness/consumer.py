"""A consumer of the feed of changes, as a process that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from integration.harness.server import LiveServer

PROGRAM = r"""
import http.client, os, sys, time

port, path, token, store = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
kept = os.open(store, os.O_RDWR | os.O_CREAT | os.O_APPEND)
while True:
    lines = os.pread(kept, os.fstat(kept).st_size, 0).splitlines()
    headers = {"Authorization": "Bearer " + token}
    if lines:
        headers["Last-Event-ID"] = lines[-1].split(b" ", 1)[0].decode()
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", "/api/v1/segments/" + path, headers=headers)
        answer = line.getresponse()
        cursor = b""
        while answer.status == 200 and (text := answer.readline()):
            if text.startswith(b"id: "):
                cursor = text[4:].strip()
            if text.startswith(b"data: "):
                os.write(kept, cursor + b" " + text[6:])  # the change and the cursor, as one
    except (OSError, http.client.HTTPException):
        pass
    time.sleep(0.02)
"""


class Consumer:
    """Follows a stream of changes, and keeps each with its cursor in a file.

    It reconnects by itself when the server goes, and goes on from its file when it was killed.

    Args:
        server: To connect to.
        path: Of the stream, after ``segments/``.
        file: Where it keeps what it has processed.
    """

    def __init__(self, server: LiveServer, path: str, file: Path) -> None:
        self._command = [
            sys.executable, "-I", "-S", "-c", PROGRAM, str(server.port), path, server.token,
            str(file),
        ]  # fmt: skip
        self._file = file
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def processed(self) -> list[dict[str, Any]]:
        """The changes that it has processed, in its order."""
        if not self._file.exists():
            return []
        return [
            json.loads(line.partition(" ")[2])
            for line in self._file.read_text(encoding="utf-8").splitlines()
        ]
