"""Settings: defaults < ``patron.toml`` in the workspace < environment < arguments."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from patron.errors import InputError

FILE = "patron.toml"
PREFIX = "PATRON_"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What can be set.

    Attributes:
        host: The address that the server listens on.
        port: Its port; 0 takes a free one.
        memory_limit: What DuckDB may hold in memory before it spills to disk.
        threads: How many threads one question may use; None takes all cores.
        time_zone: The IANA zone of calendar windows, where a brand has none of its own.
        max_waiting: How many requests may wait for the writer before new ones get a 429.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    memory_limit: str = "2GB"
    threads: int | None = None
    time_zone: str = "UTC"
    max_waiting: int = 20_000


def load(
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    **arguments: Any,  # noqa: ANN401 - checked against Settings
) -> Settings:
    """Gather the settings that hold for a workspace.

    Args:
        folder: Where ``patron.toml`` may lie.
        environment: Variables such as ``PATRON_PORT``; the process's own when None.
        arguments: Win over all else; None means not given.

    Raises:
        InputError: A name is unknown or a value does not fit; says where it stands.

    >>> load(environment={"PATRON_PORT": "9000"}).port
    9000
    """
    values: dict[str, Any] = {}
    file = None if folder is None else folder / FILE
    if file is not None and file.exists():
        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{file}: {error}") from None
        _checked(values, str(file))
    names = {field.name for field in msgspec.structs.fields(Settings)}
    variables = os.environ if environment is None else environment
    found = {n: variables[PREFIX + n.upper()] for n in names if PREFIX + n.upper() in variables}
    _checked(found, "environment")
    values.update(found)
    values.update({name: value for name, value in arguments.items() if value is not None})
    return _checked(values, "arguments")


def _checked(values: dict[str, Any], where: str) -> Settings:
    try:
        checked = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"{where}: {error}") from None
    try:
        ZoneInfo(checked.time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise InputError(
            f"{where}: time_zone {checked.time_zone!r} is no IANA time zone such as Europe/Warsaw.",
            field="time_zone",
        ) from None
    return checked
