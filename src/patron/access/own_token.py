"""The admin token in the workspace's folder: a file that only the folder's owner may read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from patron.warehouse.store import TOKEN

_NEXT = f"{TOKEN}.next"


class OwnToken:
    """Puts another token in the file.

    The file and the table cannot change at one moment. So the new token lies beside the old one
    before it holds, and a start after a stop in between puts the one in place that holds.

    Args:
        folder: The workspace's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / TOKEN
        self._next = folder / _NEXT

    def prepare(self, secret: str) -> None:
        """Write the new token down, durably, before it holds."""
        self._next.unlink(missing_ok=True)
        opened = os.open(self._next, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())

    def put_in_place(self) -> None:
        """Let the new one take the place of the old one."""
        self._next.replace(self._file)

    def settle(self, holds: Callable[[str], bool]) -> None:
        """Finish what a stop interrupted.

        Args:
            holds: Whether a token is in force.
        """
        if not self._next.exists():
            return
        if holds(self._next.read_text(encoding="utf-8").strip()):
            self.put_in_place()
        else:
            self._next.unlink()
