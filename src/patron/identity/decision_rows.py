"""Decisions by hand as rows: writing and listing them, and what a profile was at a past moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.identity.decisions import Decision
from patron.identity.partition.parting import components
from patron.spec.decisions import DecisionBody

_LISTED = """
select d.decision_id, d.kind, d.reason, d.made_by, d.made_at, d.withdrawn_at, s.name as source,
    d.message_id
from identity_decisions as d left join sources as s using (source_id)
where ($only is null or d.decision_id in (select unnest($only::bigint[])))
    and (not $standing or d.withdrawn_at is null)
    and ($below is null or d.decision_id < $below)
order by d.decision_id desc
limit $most
"""

_GROUPS = """
select g.decision_id, g.group_number, i.type, i.value
from identity_decision_groups as g join identifiers as i using (identifier_id)
where g.decision_id in (select unnest(?::bigint[]))
order by g.decision_id, g.group_number, g.identifier_id
"""

_SAID = """
select m.message_id, m.type, m.body
from messages as m join sources as s using (source_id)
where s.name = $source and (m.type = 'withdraw' or m.message_id in (select unnest($ids::varchar[])))
"""

_MEMBERS = """
select identifier_id, birth_profile_id from current_identifiers where profile_id = ?
order by identifier_id
"""

_LINKS = """
select a, b, kept, recorded_at from links
where a in (select unnest($ids::bigint[])) or b in (select unnest($ids::bigint[]))
"""

_FOUNDERS = """
select min(i.identifier_id) as founder
from identifiers as i join profiles as p on p.profile_id = i.birth_profile_id
where i.birth_profile_id in (select unnest($births::bigint[]))
group by i.birth_profile_id, p.created_at having p.created_at < $moment
"""

_SAME = """
select min(g.identifier_id), max(g.identifier_id)
from identity_decisions as d join identity_decision_groups as g using (decision_id)
where d.kind = 'same' and d.withdrawn_at is null and d.made_at < ?
group by d.decision_id
"""


MANY = 1 << 31
"""More decisions than anybody makes."""


def next_decision(cursor: Cursor) -> int:
    """The number that the next decision gets."""
    newest = cursor.execute("select coalesce(max(decision_id), 0) from identity_decisions").value()
    return int(newest) + 1


def put_decision(
    cursor: Cursor, decision: Decision, *, made_by: str, source_id: int, message_id: str
) -> None:
    """Keep a decision.

    Args:
        cursor: In the transaction that also writes what follows from it.
        decision: As the resolver was told it.
        made_by: By whom.
        source_id: The source of the message that says it.
        message_id: That message.
    """
    cursor.execute(
        "insert into identity_decisions by name select ? as decision_id, ? as kind, ? as reason, "
        "? as made_by, ? as made_at, ? as source_id, ? as message_id",
        [decision.decision_id, decision.kind, decision.reason, made_by, decision.made_at,
         source_id, message_id],
    )  # fmt: skip
    for number, group in enumerate(decision.groups):
        cursor.execute(
            "insert into identity_decision_groups by name "
            "select ? as decision_id, ? as group_number, unnest(?::bigint[]) as identifier_id",
            [decision.decision_id, number, list(group)],
        )


def withdraw_decision(cursor: Cursor, decision_id: int, at: datetime) -> None:
    """Note that a decision does not hold any more."""
    cursor.execute(
        "update identity_decisions set withdrawn_at = ? where decision_id = ?", [at, decision_id]
    )


def read_decisions(
    cursor: Cursor,
    source: str,
    *,
    only: Sequence[int] | None = None,
    standing: bool = False,
    below: int | None = None,
    most: int = MANY,
) -> list[dict[str, Any]]:
    """Decisions, newest first, each with its groups and whether it was taken back.

    Args:
        cursor: For reading.
        source: The source of the messages that decide and take back.
        only: Only these; all when None.
        standing: Only those that hold.
        below: Only those with a smaller number.
        most: So many at most.
    """
    wanted = None if only is None else list(only)
    rows = cursor.execute(
        _LISTED, {"only": wanted, "standing": standing, "below": below, "most": most}
    ).records()
    groups = _groups(cursor, [row["decision_id"] for row in rows])
    said, withdrawn = _said(cursor, source, [row["message_id"] for row in rows])
    for row in rows:
        row["on_behalf_of"] = said.get(row["message_id"])
        row["groups"] = groups.get(row["decision_id"], [])
        row["made_at"] = format_time(row["made_at"])
        at = row.pop("withdrawn_at")
        row["withdrawn"] = None
        if at is not None:
            row["withdrawn"] = {"at": format_time(at), **withdrawn.get(row["decision_id"], {})}
    return rows


def decisions_on(cursor: Cursor, profile_ids: Sequence[int]) -> list[int]:
    """The decisions that name an identifier stored under one of these profiles."""
    cursor.execute(
        "select distinct g.decision_id from identity_decision_groups as g "
        "join identifiers as i using (identifier_id) "
        "where i.profile_id in (select unnest(?::bigint[])) order by g.decision_id",
        [list(profile_ids)],
    )
    return [row[0] for row in cursor.all()]


def identifiers_in(cursor: Cursor, decision_id: int) -> list[int]:
    """The identifiers that a decision names."""
    cursor.execute(
        "select identifier_id from identity_decision_groups where decision_id = ? "
        "order by group_number, identifier_id",
        [decision_id],
    )
    return [row[0] for row in cursor.all()]


def named(cursor: Cursor, identifiers: Sequence[int]) -> dict[int, str]:
    """Identifiers as ``type:value`` in normal form."""
    cursor.execute(
        "select identifier_id, type || ':' || value from identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [list(identifiers)],
    )
    return dict(cursor.all())


def members_of(cursor: Cursor, profile_id: int) -> list[int]:
    """The identifiers of a profile that stands, ascending."""
    return [row[0] for row in cursor.execute(_MEMBERS, [profile_id]).all()]


def parts_before(cursor: Cursor, profile_id: int, moment: datetime) -> list[tuple[int, ...]]:
    """The parts that a profile's identifiers formed by what was recorded before a moment.

    Only links that are kept join. Identifiers that were not there yet are left out.

    Args:
        cursor: For reading.
        profile_id: One that stands.
        moment: Naive UTC; what was recorded at it does not count.

    Returns:
        Each part ascending, by its first identifier.
    """
    members, births = _columns(cursor.execute(_MEMBERS, [profile_id]).all())
    links = cursor.execute(_LINKS, {"ids": members}).all()
    early = [(a, b, kept) for a, b, kept, recorded_at in links if recorded_at < moment]
    cursor.execute(_FOUNDERS, {"births": sorted(set(births)), "moment": moment})
    there = {row[0] for row in cursor.all()} | {end for a, b, _ in early for end in (a, b)}
    known = [member for member in members if member in there]
    place = {member: number for number, member in enumerate(known)}
    joined = [(a, b) for a, b, kept in early if kept]
    joined += [(row[0], row[1]) for row in cursor.execute(_SAME, [moment]).all()]
    inside = [(place[a], place[b]) for a, b in joined if a in place and b in place]
    return _parts(known, inside)


def _parts(known: list[int], links: list[tuple[int, int]]) -> list[tuple[int, ...]]:
    a, b = _columns(links)
    labels = components(len(known), np.array(a, dtype=np.int64), np.array(b, dtype=np.int64))
    parts: dict[int, list[int]] = {}
    for member, label in zip(known, labels.tolist(), strict=True):
        parts.setdefault(label, []).append(member)
    return [tuple(part) for part in parts.values()]


def _columns(rows: Iterable[tuple[Any, ...]]) -> tuple[list[int], list[int]]:
    """Pairs as two columns."""
    pairs = [(int(row[0]), int(row[1])) for row in rows]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _groups(cursor: Cursor, decision_ids: list[int]) -> dict[int, list[list[str]]]:
    found: dict[int, dict[int, list[str]]] = {}
    for decision_id, number, kind, value in cursor.execute(_GROUPS, [decision_ids]).all():
        found.setdefault(decision_id, {}).setdefault(number, []).append(f"{kind}:{value}")
    return {decision_id: list(groups.values()) for decision_id, groups in found.items()}


def _said(
    cursor: Cursor, source: str, message_ids: list[str]
) -> tuple[dict[str, str | None], dict[int, dict[str, str | None]]]:
    """What only the messages say.

    Returns:
        By message for whom it was decided; and by decision by whom, for whom and why it was taken
        back.
    """
    behalf: dict[str, str | None] = {}
    withdrawn: dict[int, dict[str, str | None]] = {}
    if not message_ids:
        return behalf, withdrawn
    asked = {"source": source, "ids": message_ids}
    for message_id, kind, text in cursor.execute(_SAID, asked).all():
        said = DecisionBody.read(text).decision
        behalf[message_id] = said.on_behalf_of
        if kind == "withdraw":
            withdrawn[said.decision_id] = {
                "by": said.made_by, "on_behalf_of": said.on_behalf_of, "reason": said.reason,
                "message_id": message_id,
            }  # fmt: skip
    return behalf, withdrawn
