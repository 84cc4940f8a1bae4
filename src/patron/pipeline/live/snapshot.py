"""What live membership holds in memory, written at a clean stop and read at the next start.

It is used only when the tables say that nothing was stepped since: all of it follows from them, and
is read from them otherwise.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np
import structlog

from patron.engines.duckdb import Cursor
from patron.errors import StorageError
from patron.pipeline.live.state import Progress, State, progress
from patron.segments.memberships import Log, Members
from patron.segments.memory import saved
from patron.segments.memory.histories import Memory

_ABOUT = "progress.json"
_MEMBERS = "members.npz"


class _About(msgspec.Struct):
    """How far it goes, and the rules that the members were found by, in the order of the file."""

    progress: tuple[int, int, int, int, datetime]
    last_change: int
    found_by: dict[str, tuple[int, str]]


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
    # Segments may bear any name, the arrays of a file may not.
    names = {name: f"segment {number}" for number, name in enumerate(state.found_by)}
    arrays: dict[str, Any] = {
        "seen": state.seen.packed(),
        "future": state.future,
        **{names[name]: held.get(name, Members()).packed() for name in state.found_by},
    }
    np.savez(beside / _MEMBERS, **arrays)
    about = _About(state.progress, state.log.last, state.found_by)
    (beside / _ABOUT).write_bytes(msgspec.json.encode(about))
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def load(cursor: Cursor, folder: Path) -> State | None:
    """The state that was saved; None when there is none, or when it is not that of the tables."""
    if not (folder / _ABOUT).exists():
        return None
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=_About)
        reached, log = progress(cursor), Log(cursor)
        if reached != about.progress or log.last != about.last_change:
            return None
        memory = saved.load(folder)
        with np.load(folder / _MEMBERS) as arrays:
            return _state(about, reached, log, memory, dict(arrays))
    except (StorageError, OSError, ValueError, KeyError, BadZipFile, msgspec.MsgspecError) as error:
        structlog.get_logger("patron.live").warning(
            "the snapshot of live membership cannot be read; it is made anew from the tables",
            folder=str(folder), error=str(error),
        )  # fmt: skip
        return None


def _state(
    about: _About, reached: Progress, log: Log, memory: Memory, arrays: dict[str, Any]
) -> State:
    position, merge_id, profile_id, identifier_id, at = reached
    return State(
        position=position,
        merge_id=merge_id,
        profile_id=profile_id,
        identifier_id=identifier_id,
        at=at,
        log=log,
        seen=Members.unpacked(arrays["seen"]),
        future=arrays["future"],
        held={
            name: Members.unpacked(arrays[f"segment {number}"])
            for number, name in enumerate(about.found_by)
        },
        found_by=about.found_by,
        memory=memory,
    )
