"""What linking and its reviewers say, as messages of an internal source: the log has it all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.incoming import LINK, Delivery, Message

A_GROUP = 5_000
"""Messages of one transaction, so that the writer is never busy for long."""


def representatives(
    cursor: Cursor, rules: IdentityRules, profiles: Sequence[int]
) -> dict[int, tuple[int, Identifier]]:
    """The identifier that stands for each profile: of the strongest type, the first seen."""
    cursor.execute(
        "select profile_id, arg_min(row(identifier_id, type, value), "
        "row(list_position($types::varchar[], type), first_seen_at, identifier_id)) "
        "from current_identifiers where profile_id in (select unnest($profiles::bigint[])) "
        "and list_contains($types::varchar[], type) group by profile_id",
        {"types": [kind.name for kind in rules.types], "profiles": list(profiles)},
    )
    found = {}
    for profile_id, chosen in cursor.all():
        identifier_id, kind, value = chosen.values() if isinstance(chosen, dict) else chosen
        found[profile_id] = (identifier_id, Identifier(kind, value))
    return found


def link_message(
    model: str, pair: tuple[Identifier, Identifier], says: dict[str, Any], now: datetime
) -> Message:
    """A model says that two identifiers are of one person.

    Args:
        model: Name and version, such as ``customers@3``. The message id begins with it.
        pair: One identifier of either profile.
        says: The weight and the evidence.
        now: When.
    """
    one, other = sorted(pair)
    digest = hashlib.sha256(f"{one}\x1f{other}".encode()).hexdigest()[:24]
    body = {"type": LINK, "model": model, "identifiers": [str(one), str(other)], **says}
    return _message(f"{model}:{digest}", LINK, body, [one, other], now)


def delivery(source_id: int, messages: list[Message], now: datetime) -> Delivery:
    """Messages as the writer takes them."""
    return Delivery(source_id, "", now, messages=messages, fates=list(range(len(messages))))


def _message(
    message_id: str, kind: str, body: dict[str, Any], pair: list[Identifier], now: datetime
) -> Message:
    return Message(
        message_id=message_id,
        type=kind,
        name=None,
        channel="internal",
        occurred_at=now,
        body=msgspec.json.encode(body).decode(),
        properties=None,
        traits=None,
        identifiers=[(each.type, each.value) for each in pair],
    )
