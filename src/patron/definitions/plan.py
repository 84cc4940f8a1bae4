"""What would change: the difference between what holds and what is wanted, and doing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from patron.definitions.bodies import KINDS, Body, Key, canonical
from patron.definitions.store import Stored, get, record
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, told

Action = Literal["add", "change", "remove", "keep"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one definition.

    Attributes:
        action: ``add``, ``change``, ``remove`` or ``keep``.
        kind: Such as ``segment``.
        name: Its name.
        before: What holds now; None when it is added.
        after: What will hold; None when it is removed.
        fields: Where the two differ, as paths such as ``types[0].unique``.
        version: The version that holds now.
        adopted: The API made it and a file now says the same: it becomes one of files.
    """

    action: Action
    kind: str
    name: str
    before: Body | None
    after: Body | None
    fields: tuple[str, ...] = ()
    version: int | None = None
    adopted: bool = False


def diff(
    current: Mapping[Key, Stored], wanted: Mapping[Key, Body], *, prune: bool = False
) -> list[Change]:
    """What has to happen for the wanted definitions to hold.

    Args:
        current: What holds now.
        wanted: What files describe, each body in the form that its validator gives.
        prune: Remove also what no file ever described. Without it, what was made over the API
            stays.

    Returns:
        Changes in an order that can be carried out: sources, identity, mappings, lists, computed
        traits, segments; then removals, the other way round.

    >>> [(one.action, one.name) for one in diff({}, {("source", "web"): {"brand": "a"}})]
    [('add', 'web')]
    """
    changes = [
        _change(kind, name, current.get((kind, name)), wanted[kind, name])
        for kind, name in sorted(wanted, key=_rank)
    ]
    gone = [key for key in current if key not in wanted and (prune or current[key].from_file)]
    removals = [
        Change(
            action="remove",
            kind=kind,
            name=name,
            before=current[kind, name].body,
            after=None,
            version=current[kind, name].version,
        )
        for kind, name in sorted(gone, key=_rank, reverse=True)
    ]
    return changes + removals


def apply(cursor: Cursor, changes: Iterable[Change], now: datetime) -> None:
    """Carry out what `diff` said, all of it or, when it raises, nothing.

    Args:
        cursor: Inside a write transaction, which the caller rolls back on an error.
        changes: What `diff` returned.
        now: The moment it is recorded at.

    Raises:
        ConflictError: A definition is no longer the one that the plan was made for.
    """
    for change in changes:
        held = get(cursor, change.kind, change.name)
        if (held.version if held else None) != change.version:
            raise ConflictError(
                f"The {change.kind} {change.name} was changed after the plan was made.",
                hint="Make the plan again.",
                told=told("plan_outdated"),
            )
        if change.action != "keep" or change.adopted:
            record(cursor, change.kind, change.name, change.after, "file", now)


def _change(kind: str, name: str, held: Stored | None, body: Body) -> Change:
    if held is None:
        return Change(action="add", kind=kind, name=name, before=None, after=body)
    same = canonical(held.body) == canonical(body)
    return Change(
        action="keep" if same else "change",
        kind=kind,
        name=name,
        before=held.body,
        after=body,
        fields=() if same else tuple(changed_fields(held.body, body)),
        version=held.version,
        adopted=same and held.origin != "file",
    )


def changed_fields(before: Body, after: Body) -> Iterator[str]:
    """The paths at which two bodies differ, in order.

    A list is gone into only when both sides hold objects and equally many; else it differs whole.

    >>> list(changed_fields({"a": {"b": 1, "c": [1]}}, {"a": {"b": 2, "c": [2]}, "d": None}))
    ['a.b', 'a.c', 'd']
    """
    return _differences(before, after, "")


def _differences(before: Any, after: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - JSON values
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            path = f"{where}.{key}" if where else key
            if key in before and key in after:
                yield from _differences(before[key], after[key], path)
            else:
                yield path
    elif _comparable(before) and _comparable(after) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, f"{where}[{number}]")
    elif msgspec.json.encode(before, order="sorted") != msgspec.json.encode(after, order="sorted"):
        # The texts, because in Python 1 equals 1.0 and True.
        yield where


def _comparable(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _rank(key: Key) -> tuple[int, str]:
    return KINDS.index(key[0]), key[1]
