"""Definitions in the workspace: every version is kept, the newest counts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from patron import structs
from patron.definitions.bodies import Body, Key, canonical, check_kind, check_name
from patron.engines.duckdb import Cursor

Origin = Literal["file", "api"]

# A definition is "from a file" when a file gave any version of it since it was last removed.
_CURRENT = """
select one.kind, one.name, one.version, one.body, one.origin, one.recorded_at, life.from_file
from definitions as one join (
    select kind, name, max(version) as newest,
        coalesce(max(version) filter (origin = 'file' and body is not null), 0)
            > coalesce(max(version) filter (body is null), 0) as from_file
    from definitions
    group by kind, name
) as life on life.kind = one.kind and life.name = one.name and life.newest = one.version
where one.body is not null
"""


class Stored(msgspec.Struct, frozen=True):
    """A definition as it holds now.

    Attributes:
        version: 1, 2, 3, … by kind and name, removals included.
        body: What it says.
        origin: Who gave this version.
        recorded_at: When.
        from_file: Whether a file gave this or an earlier version since it was last removed.
    """

    version: int
    body: Body
    origin: Origin
    recorded_at: datetime
    from_file: bool


class Version(msgspec.Struct, frozen=True):
    """One version of a definition; a `body` of None says that it was removed."""

    version: int
    body: Body | None
    origin: Origin
    recorded_at: datetime


def current(cursor: Cursor) -> dict[Key, Stored]:
    """All definitions that hold now, by kind and name."""
    cursor.execute(_CURRENT + "order by one.kind, one.name")
    return {(kind, name): _stored(*row) for kind, name, *row in cursor.all()}


def get(cursor: Cursor, kind: str, name: str) -> Stored | None:
    """One definition as it holds now; None when there is none."""
    cursor.execute(_CURRENT + "and one.kind = ? and one.name = ?", [kind, name])
    row = cursor.one()
    return None if row is None else _stored(*row[2:])


def record(
    cursor: Cursor, kind: str, name: str, body: Body | None, origin: Origin, now: datetime
) -> Stored | None:
    """Let a definition hold from now on, or remove it.

    A new version is made only when it says something new. A file that says what the API said
    already takes the definition over: it becomes one of files, in the same version.

    Args:
        cursor: Inside a write transaction.
        kind: Such as ``segment``.
        name: Its name.
        body: What it says; None to remove it.
        origin: ``file`` or ``api``.
        now: The moment it is recorded at.

    Returns:
        What holds now; None when nothing does.

    Raises:
        DefinitionError: Kind, name or body cannot be kept.
    """
    check_kind(kind)
    check_name(name)
    text = None if body is None else canonical(body)
    before = get(cursor, kind, name)
    if text == (None if before is None else canonical(before.body)):
        if before is not None and origin == "file" and before.origin != "file":
            cursor.execute(
                "update definitions set origin = 'file' "
                "where kind = ? and name = ? and version = ?",
                [kind, name, before.version],
            )
            return get(cursor, kind, name)
        return before
    cursor.execute(
        "insert into definitions "
        "select $kind, $name, coalesce(max(version), 0) + 1, $body, $origin, $now "
        "from definitions where kind = $kind and name = $name",
        {"kind": kind, "name": name, "body": text, "origin": origin, "now": now},
    )
    return get(cursor, kind, name)


def history(cursor: Cursor, kind: str, name: str) -> list[Version]:
    """All versions of a definition, the newest first."""
    cursor.execute(
        "select version, body, origin, recorded_at from definitions "
        "where kind = ? and name = ? order by version desc",
        [kind, name],
    )
    return [
        Version(version, None if body is None else _body(body), origin, recorded_at)
        for version, body, origin, recorded_at in cursor.all()
    ]


def _stored(
    version: int, body: str, origin: Origin, recorded_at: datetime, from_file: bool
) -> Stored:
    return Stored(version, _body(body), origin, recorded_at, from_file)


def _body(text: str) -> Body:
    body: Body = structs.decode(text, dict)
    return body
