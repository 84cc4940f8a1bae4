"""Answers about the groups above people: who is in one, and what is known of it."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.errors import InputError
from patron.identity import NormalForms
from patron.spec.groups import GroupType
from patron.spec.identifiers import Identifier, IdentityRules
from patron.warehouse.reading import Reading


def group(
    reading: Reading,
    rules: IdentityRules,
    kind: GroupType,
    group_id: str,
    *,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """A group with its traits and a page of its members.

    Args:
        reading: The view to read in.
        rules: Those that hold.
        kind: ``household`` or ``group``.
        group_id: As `group` calls name it; of a household the value that makes it, such as
            ``email:family@example.com``, as people write it.
        after: The cursor that an earlier page gave.
        limit: How many members at most.

    Raises:
        InputError: The cursor is none that an earlier page gave, or a household is named by no
            identifier.
        NotFoundError: Nobody was in it by then.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    if kind == "household":
        asked = Identifier.parse(group_id)
        normal = NormalForms.of(rules).normal(asked.type, asked.value)
        if not isinstance(normal, str):
            raise InputError(f"{asked.type}: {normal.reason}")
        group_id = f"{asked.type}:{normal}"
    found = profiles.plain(
        profiles.group(
            reading.cursor, kind, group_id, reading.as_of, after=int(after or 0), limit=limit
        )
    )
    more, members = found.pop("more"), found.pop("members")
    found["traits"] = {trait.pop("name"): trait for trait in found["traits"]}
    following = str(members[-1]["profile_id"]) if more else None
    return {**reading.head, **found, "data": members, "next": following}
