"""A real server in a process of its own, on a free loopback port."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[int, float]]:
    """Serve a workspace; gives the port and the seconds from start to the first answer."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "patron.cli", "serve", str(folder), "--port", "0"],
        stdout=subprocess.DEVNULL,
    )
    try:
        port = _port(folder, process)
        yield port, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _port(folder: Path, process: subprocess.Popen[bytes]) -> int:
    file = folder / "server.json"
    while process.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            said = json.loads(file.read_text(encoding="utf-8"))
            if said["pid"] == process.pid:
                urllib.request.urlopen(said["url"] + "/readyz", timeout=5).close()
                return int(said["url"].rsplit(":", 1)[1].rstrip("/"))
        time.sleep(0.01)
    raise RuntimeError(f"the server ended with {process.returncode}")
