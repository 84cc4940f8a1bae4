"""Settings: defaults < ``patron.toml`` in the workspace < environment < arguments."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from patron import structs
from patron.errors import InputError

FILE = "patron.toml"
PREFIX = "PATRON_"
DATABASES = "databases"
"""The table of ``patron.toml`` with the URLs of databases; it is read at each use, never kept."""
SECRETS = "secrets"
"""The table with the secrets that definitions name; likewise."""


class Oidc(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An identity provider where people may sign in; the table ``[oidc]`` of ``patron.toml``.

    Attributes:
        issuer: Its URL, as it says itself, such as https://login.example.com/realms/shop.
        client_id: What Patron is called there. The secret is that of the name ``oidc``.
        label: What people call it, for the button.
        trust_email: Take its word for addresses of which it does not say ``email_verified``.
    """

    issuer: str
    client_id: str
    label: str = "Single sign-on"
    trust_email: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What can be set.

    Attributes:
        host: The address that the server listens on.
        port: Its port; 0 takes a free one.
        memory_limit: What DuckDB may hold in memory before it spills to disk.
        threads: How many threads one question may use; None takes all cores.
        time_zone: The IANA zone of calendar windows, where a brand has none of its own.
        public_url: Where people reach Patron, such as https://patron.example.com. Invitations begin
            with it, and with https cookies are sent over https only.
        oidc: An identity provider where people may sign in; None when there is none.
        max_waiting: How many requests may wait for the writer before new ones get a 429.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    memory_limit: str = "2GB"
    threads: int | None = None
    time_zone: str = "UTC"
    public_url: str | None = None
    oidc: Oidc | None = None
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
        values.update(_read(file))
        values.pop(DATABASES, None)
        values.pop(SECRETS, None)
        _checked(values, str(file))
    names = {field.name for field in msgspec.structs.fields(Settings)} - {"oidc"}
    variables = os.environ if environment is None else environment
    found = {n: variables[PREFIX + n.upper()] for n in names if PREFIX + n.upper() in variables}
    _checked(found, "environment")
    values.update(found)
    values.update({name: value for name, value in arguments.items() if value is not None})
    return _checked(values, "arguments")


def database_url(folder: Path, name: str, *, environment: Mapping[str, str] | None = None) -> str:
    """Where a database is that definitions call by a name.

    Args:
        folder: Where ``patron.toml`` may lie, with a table ``[databases]``.
        name: Such as ``shop``, for which ``PATRON_DATABASE_SHOP`` wins over the file.
        environment: Variables; the process's own when None.

    Raises:
        InputError: Neither says it. The URL is in no error, for it may hold a password.

    >>> database_url(Path("."), "till-2", environment={"PATRON_DATABASE_TILL_2": "sqlite:///t.db"})
    'sqlite:///t.db'
    """
    found = _named(folder, DATABASES, f"{PREFIX}DATABASE_{_upper(name)}", name, environment)
    if found is None:
        raise InputError(
            f"The database {name} is not known here: set {PREFIX}DATABASE_{_upper(name)}, or "
            f"{name} in the table [{DATABASES}] of {FILE}, to its URL.",
            field="database.connection",
            hint="Such as postgresql://user:password@host:5432/name; the running server must see "
            "it.",
        )
    return found


def secret(folder: Path, name: str, *, environment: Mapping[str, str] | None = None) -> str:
    """A secret that definitions call by a name.

    Args:
        folder: Where ``patron.toml`` may lie, with a table ``[secrets]``.
        name: Such as ``crm``, for which ``PATRON_SECRET_CRM`` wins over the file.
        environment: Variables; the process's own when None.

    Raises:
        InputError: Neither says it.

    >>> secret(Path("."), "crm", environment={"PATRON_SECRET_CRM": "whsec_..."})
    'whsec_...'
    """
    found = _named(folder, SECRETS, f"{PREFIX}SECRET_{_upper(name)}", name, environment)
    if found is None:
        raise InputError(
            f"The secret {name} is not known here: set {PREFIX}SECRET_{_upper(name)}, or {name} in "
            f"the table [{SECRETS}] of {FILE}.",
            field="secret",
            hint="The running server must see it.",
        )
    return found


def _named(
    folder: Path, table: str, variable: str, name: str, environment: Mapping[str, str] | None
) -> str | None:
    """What the environment, else a table of the file, says of a name that definitions use."""
    variables = os.environ if environment is None else environment
    if variables.get(variable):
        return variables[variable]
    file = folder / FILE
    held = _read(file).get(table, {}) if file.exists() else {}
    for key, value in held.items() if isinstance(held, dict) else ():
        if _upper(key) == _upper(name) and isinstance(value, str) and value:
            return value
    return None


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: {error}") from None


def _checked(values: dict[str, Any], where: str) -> Settings:
    try:
        checked = structs.convert(values, Settings, strict=False)
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
