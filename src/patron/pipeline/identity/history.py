"""What made a customer who they are: merges, splits, and decisions by hand."""

from __future__ import annotations

from typing import Any

from patron.clock import format_time
from patron.identity import decision_rows
from patron.pipeline.customers import profile_of
from patron.spec.identifiers import IdentityRules
from patron.warehouse.reading import Reading
from patron.warehouse.sources import BY_HAND

_MERGES = """
with recursive own(profile_id) as (
    select $id::bigint
    union
    select other.profile_id
    from profiles as other join own on other.merged_into = own.profile_id
)
select m.kind, m.kept_profile_id, m.other_profile_id, m.occurred_at, m.recorded_at, m.reason,
    m.cause, m.link_a, m.link_b, s.name as source, m.message_id
from merges as m
left join sources as s on s.source_id = m.source_id
where m.kept_profile_id in (from own) or m.other_profile_id in (from own)
order by m.merge_id desc
"""


def history(reading: Reading, rules: IdentityRules, identifier: str) -> dict[str, Any]:
    """What made a customer who they are, newest first.

    Args:
        reading: The view to read in.
        rules: How identifiers are spelled.
        identifier: ``type:value`` or a profile id.

    Returns:
        Per entry its `kind` (merge, split, apart, same or withdrawn), when it was recorded, its
        reason; of merges and splits the profiles and the link, of decisions the number, by whom
        and what about; and the message that brought it about.

    Raises:
        NotFoundError: Nobody has the identifier.
    """
    own = profile_of(reading, rules, identifier, in_use=False)
    reading.cursor.execute(_MERGES, {"id": own.profile_id})
    rows = reading.cursor.records()
    ends = {row[end] for row in rows for end in ("link_a", "link_b")} - {None}
    names = decision_rows.named(reading.cursor, sorted(ends)) if ends else {}
    entries = [_merge(row, names) for row in rows]
    numbers = decision_rows.decisions_on(reading.cursor, own.stored_ids)
    for one in decision_rows.read_decisions(reading.cursor, BY_HAND, only=numbers):
        entries += _decision(one)
    # Of one moment, what a decision did stands above the decision.
    order = {"apart": 0, "same": 0, "withdrawn": 0}
    entries.sort(key=lambda one: (one["recorded_at"], order.get(one["kind"], 1)), reverse=True)
    return {**reading.head, "profile_id": own.profile_id, "data": entries}


def _merge(row: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    ends = [names.get(row["link_a"]), names.get(row["link_b"])]
    return {
        "kind": row["kind"],
        "recorded_at": format_time(row["recorded_at"]),
        "occurred_at": format_time(row["occurred_at"]),
        "reason": row["reason"],
        "cause": row["cause"],
        "profiles": [row["kept_profile_id"], row["other_profile_id"]],
        "link": ends if all(ends) else None,
        "source": row["source"],
        "message_id": row["message_id"],
    }


def _decision(one: dict[str, Any]) -> list[dict[str, Any]]:
    about = {"decision_id": one["decision_id"], "groups": one["groups"], "source": one["source"]}
    entries = [
        about
        | {
            "kind": one["kind"],
            "recorded_at": one["made_at"],
            "occurred_at": one["made_at"],
            "reason": one["reason"],
            "made_by": one["made_by"],
            "on_behalf_of": one["on_behalf_of"],
            "message_id": one["message_id"],
        }
    ]
    taken_back = one["withdrawn"]
    if taken_back is not None:
        entries.append(
            about
            | {
                "kind": "withdrawn",
                "recorded_at": taken_back["at"],
                "occurred_at": taken_back["at"],
                "reason": taken_back["reason"],
                "made_by": taken_back["by"],
                "on_behalf_of": taken_back["on_behalf_of"],
                "message_id": taken_back["message_id"],
            }
        )
    return entries
