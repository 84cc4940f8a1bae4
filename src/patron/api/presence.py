"""``server.json``: how a running server tells the command line where it is.

The server writes the file into the workspace once it listens, and removes it at its end. A server
that was killed leaves it behind; therefore whoever reads it asks ``/healthz`` first, whose answer
carries the same instance in the header `HEADER`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from patron import structs

FILE = "server.json"
HEADER = "Patron-Instance"


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """A server that has, or had, a workspace open.

    Attributes:
        url: Where it answers, without a slash at the end.
        pid: Its process.
        started_at: ISO 8601, UTC.
        instance: Random; new at every start.
    """

    url: str
    pid: int
    started_at: str
    instance: str


@contextmanager
def announced(folder: Path, presence: Presence) -> Iterator[None]:
    """Keep ``server.json`` in the folder while the block runs."""
    file = folder / FILE
    part = folder / f"{FILE}.part"
    part.write_bytes(msgspec.json.encode(presence))
    part.replace(file)
    try:
        yield
    finally:
        # Whoever started on this folder after us has written a file of its own.
        if read_presence(folder) == presence:
            file.unlink(missing_ok=True)


def read_presence(folder: Path) -> Presence | None:
    """What ``server.json`` says; None when there is none, or none that can be read."""
    try:
        return structs.decode((folder / FILE).read_bytes(), Presence)
    except (OSError, msgspec.DecodeError):
        return None


def alive(presence: Presence) -> bool:
    """Whether its process still runs. Process ids are reused: a yes still needs ``/healthz``."""
    if os.name == "nt":  # signal 0 would end the process there
        return True
    try:
        os.kill(presence.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it runs, as somebody else
    return True
