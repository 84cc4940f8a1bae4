"""The newest merges and splits of everybody, page by page."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.clock import format_time
from patron.identity import decision_rows
from patron.spec.identifiers import IdentityRules
from patron.warehouse.reading import Reading

# A row has no column for the decision that it follows from; its sentence names it.
_PAGE = r"""
select m.merge_id, m.kind, m.kept_profile_id, m.other_profile_id, m.occurred_at, m.recorded_at,
    m.reason, m.cause, m.link_a, m.link_b, s.name as source, m.message_id, d.decision_id, d.made_by
from (
    from merges
    where ($kind is null or kind = $kind) and ($below is null or merge_id < $below)
    order by merge_id desc
    limit $most
) as m
left join sources as s on s.source_id = m.source_id
left join identity_decisions as d
    on d.decision_id = try_cast(regexp_extract(m.reason, '[Dd]ecision (\d+)', 1) as bigint)
order by m.merge_id desc
"""


def newest_merges(
    reading: Reading, rules: IdentityRules, *, kind: str | None, below: int | None, limit: int
) -> dict[str, Any]:
    """A page of merges and splits, the newest first.

    Args:
        reading: The view to read in.
        rules: How much each type of identifier tells.
        kind: Only these, ``merge`` or ``split``; both when None.
        below: Only those with a smaller number; None begins at the newest.
        limit: How many at most.

    Returns:
        `data`: per merge or split what happened, when and why, the link and the decision that
        brought it about, and `customers`: whom the two profiles are today, one or two; `next`: the
        number to give as `below` for the next page, None at the end.
    """
    cursor = reading.cursor
    cursor.execute(_PAGE, {"kind": kind, "below": below, "most": limit + 1})
    rows = cursor.records()
    page = rows[:limit]
    ends = {row[end] for row in page for end in ("link_a", "link_b")} - {None}
    names = decision_rows.named(cursor, sorted(ends)) if ends else {}
    ids = {row[side] for row in page for side in ("kept_profile_id", "other_profile_id")}
    stands = {one: found.profile_id for one, found in profiles.standings(cursor, ids).items()}
    known = profiles.representatives(cursor, rules, sorted(set(stands.values())))
    customers = {one: _customer(one, known) for one in set(stands.values())}
    return {
        **reading.head,
        "data": [_entry(row, names, stands, customers) for row in page],
        "next": page[-1]["merge_id"] if len(rows) > limit else None,
    }


def _customer(profile_id: int, known: dict[int, Any]) -> dict[str, Any]:
    found = known.get(profile_id)
    identifier = None if found is None else f"{found[1].type}:{found[1].value}"
    return {"profile_id": profile_id, "identifier": identifier}


def _entry(
    row: dict[str, Any],
    names: dict[int, str],
    stands: dict[int, int],
    customers: dict[int, dict[str, Any]],
) -> dict[str, Any]:
    both = [row["kept_profile_id"], row["other_profile_id"]]
    now = dict.fromkeys(stands[one] for one in both if one in stands)
    ends = [names.get(row["link_a"]), names.get(row["link_b"])]
    told = ("merge_id", "kind", "reason", "cause", "source", "message_id", "decision_id", "made_by")
    return {
        **{name: row[name] for name in told},
        "recorded_at": format_time(row["recorded_at"]),
        "occurred_at": format_time(row["occurred_at"]),
        "profiles": both,
        "link": ends if all(ends) else None,
        "customers": [customers[one] for one in now],
    }
