"""Files that somebody hands in through the browser, kept until they are imported or grow old."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from patron.clock import Clock, format_time
from patron.collect.files.discovery import DataFile, guess_format
from patron.errors import InputError, NotFoundError, TooLargeError, told

MOST_BYTES = 2 * 1024**3
"""Of one file."""

MOST_IN_ALL = 10 * 1024**3
"""Of all that are kept."""

KEPT_FOR = timedelta(days=7)

FEED = ".xml"
"""The ending of a Google Merchant feed: a catalogue, which needs no mapping."""

_ID = re.compile(r"[0-9a-f]{32}")
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class Uploads:
    """The uploads of a workspace.

    The id of a file follows from its content and name: to hand it in twice is to hand it in once.

    Args:
        folder: Where they are kept.
        clock: Where now comes from.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def take(self, name: str, parts: AsyncIterator[bytes]) -> dict[str, Any]:
        """Write a file as it comes in.

        Args:
            name: As its owner calls it; its ending tells the format.
            parts: Its bytes.

        Raises:
            InputError: The name tells no format, or it is empty.
            TooLargeError: It is larger than is taken.
        """
        clean = clean_name(name)
        if not clean.endswith(FEED):
            guess_format([DataFile(0, clean, Path(clean))], None, "name")
        self._folder.mkdir(exist_ok=True)
        self._forget_old_ones()
        room = min(MOST_BYTES, MOST_IN_ALL - sum(one["bytes"] for one in self.all()))
        coming = self._folder / f"coming-{secrets.token_hex(8)}"
        try:
            digest = await _written(coming, parts, room)
            upload_id = sha256(f"{clean}\x1f{digest}".encode()).hexdigest()[:32]
            home = self._folder / upload_id
            home.mkdir(exist_ok=True)
            moment = self._clock.now().replace(tzinfo=UTC).timestamp()
            os.utime(coming, (moment, moment))
            coming.replace(home / clean)
        finally:
            coming.unlink(missing_ok=True)
        return self._shown(home / clean)

    def path(self, upload_id: str) -> Path:
        """Where an upload lies.

        Raises:
            NotFoundError: There is none of this id, or it was removed.
        """
        found = [] if _ID.fullmatch(upload_id) is None else self._files(self._folder / upload_id)
        if not found:
            raise NotFoundError(
                f"There is no upload {upload_id}.",
                hint=f"Uploads are kept for {KEPT_FOR.days} days: hand the file in again.",
                told=told("upload_gone", days=KEPT_FOR.days),
            )
        return found[0]

    def all(self) -> list[dict[str, Any]]:
        """Every upload, the newest first."""
        homes = [one for one in self._folder.glob("*") if _ID.fullmatch(one.name)]
        found = [self._shown(file) for home in homes for file in self._files(home)]
        return sorted(found, key=lambda one: (one["uploaded_at"], one["upload"]), reverse=True)

    def remove(self, upload_id: str) -> None:
        """Remove an upload; what was imported from it stays.

        Raises:
            NotFoundError: There is none of this id.
        """
        shutil.rmtree(self.path(upload_id).parent)

    def _forget_old_ones(self) -> None:
        before = format_time(self._clock.now() - KEPT_FOR)
        for one in self.all():
            if one["uploaded_at"] < before:
                self.remove(one["upload"])

    @staticmethod
    def _files(home: Path) -> list[Path]:
        return [one for one in home.glob("*") if one.is_file()]

    @staticmethod
    def _shown(file: Path) -> dict[str, Any]:
        held = file.stat()
        at = datetime.fromtimestamp(held.st_mtime, UTC).replace(tzinfo=None)
        return {"upload": file.parent.name, "name": file.name, "bytes": held.st_size,
                "uploaded_at": format_time(at)}  # fmt: skip


def clean_name(name: str) -> str:
    """A name that can stand in any folder: the last part of a path, in plain letters.

    >>> clean_name("../My Kunden (März).CSV")
    'My_Kunden_Marz_.csv'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    kept = _ODD.sub("_", plain).strip(".") or "file"
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:80]}{dot}{ending[:12].lower()}" if dot else ending[:80]


async def _written(path: Path, parts: AsyncIterator[bytes], room: int) -> str:
    digest, size = sha256(), 0
    with path.open("wb") as file:
        async for part in parts:
            size += len(part)
            if size > room:
                raise TooLargeError(
                    f"The file is larger than the {room:,} bytes that are free.",
                    told=told("file_too_large", free=room),
                )
            digest.update(part)
            file.write(part)
    if not size:
        raise InputError("The file is empty.", field="name", told=told("file_empty"))
    return digest.hexdigest()
