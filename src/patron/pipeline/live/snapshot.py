"""What live membership holds in memory, kept between one start and the next.

It is of some moment in the past: the last clean stop, or an hour ago. Everything in it follows from
the tables, and what came in since is read from them, so a start need not read all that is stored.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np
import structlog

from patron import structs
from patron.errors import StorageError
from patron.pipeline.live.state import Kept, Progress, State
from patron.segments.memberships import Members
from patron.segments.memory import saved

_ABOUT = "progress.json"
_MEMBERS = "members.npz"


class _About(msgspec.Struct):
    """How far it goes, and the segments, in the order of their members in the file."""

    progress: tuple[int, int, int, int, datetime]
    last_change: int
    segments: list[str]


def save(state: State, folder: Path) -> None:
    """Write a state in place of the last one; a kill in between leaves none."""
    if state.at is None or state.book is None:
        return
    try:
        _write(state, folder)
    except OSError as error:
        structlog.get_logger("patron.live").warning(
            "live membership could not be kept; the next start reads it from the tables",
            folder=str(folder), error=str(error),
        )  # fmt: skip


def _write(state: State, folder: Path) -> None:
    beside = folder.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    saved.save(state.memory, beside)
    held = {**state.held, **{name: live.members for name, live in state.live.items()}}
    np.savez(beside / _MEMBERS, *(members.packed() for members in held.values()))
    about = _About(state.progress, state.log.last, list(held))  # type: ignore[arg-type]
    (beside / _ABOUT).write_bytes(msgspec.json.encode(about))
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def drop(folder: Path) -> None:
    """Keep nothing."""
    shutil.rmtree(folder, ignore_errors=True)


def read(folder: Path) -> Kept | None:
    """What was saved; None when there is none, or when it cannot be read."""
    if not (folder / _ABOUT).exists():
        return None
    try:
        about = structs.decode((folder / _ABOUT).read_bytes(), _About)
        with np.load(folder / _MEMBERS) as arrays:
            members = {
                name: Members.unpacked(arrays[f"arr_{number}"])
                for number, name in enumerate(about.segments)
            }
        return Kept(Progress(*about.progress), about.last_change, members, saved.load(folder))
    except (StorageError, OSError, ValueError, KeyError, BadZipFile, msgspec.MsgspecError) as error:
        structlog.get_logger("patron.live").warning(
            "the snapshot of live membership cannot be read; it is made anew from the tables",
            folder=str(folder), error=str(error),
        )  # fmt: skip
        return None
