"""What is held back, page by page, with what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.identity.held_back import HeldBack, held_back
from patron.identity.partition.holding import JOINS_NOBODY
from patron.spec.identifiers import IdentityRules

_ABOUT = """
with asked as (select unnest($ids::bigint[]) as identifier_id),
ends as (
    select link_a as identifier_id, reason from merges where kind = 'split'
    union all select link_b, reason from merges where kind = 'split'
)
select i.identifier_id, i.profile_id, count(e.identifier_id) as parted
from asked join current_identifiers as i using (identifier_id)
left join ends as e on e.identifier_id = i.identifier_id
    and e.reason like 'The ' || i.type || ' ' || $said || '%'
group by all
"""


def held_back_page(
    cursor: Cursor, rules: IdentityRules, *, kind: str | None, after: str | None, limit: int
) -> dict[str, Any]:
    """A page of what is held back, for people.

    Args:
        cursor: For reading.
        rules: Those that the tables were filled under.
        kind: Only identifiers of this type; all when None.
        after: Where the page before ended.
        limit: How many at most.

    Returns:
        `types`: how many are held back of each; `data`: the page; `next`: where it ends, None at
        the end.

    Raises:
        InputError: `after` is no such place.
    """
    found = held_back(cursor, rules)
    types = dict(sorted(Counter(one.type for one in found).items()))
    wanted = [one for one in found if kind in (None, one.type)]
    if after is not None:
        last = _place(after)
        wanted = [one for one in wanted if (-one.linked, one.identifier_id) > last]
    page, more = wanted[:limit], len(wanted) > limit
    end = f"{page[-1].linked}-{page[-1].identifier_id}" if more else None
    return {"types": types, "data": _shown(cursor, page), "next": end}


def _place(text: str) -> tuple[int, int]:
    linked, _, identifier_id = text.partition("-")
    if not (linked.isdecimal() and identifier_id.isdecimal()):
        raise InputError("cursor: expected what a page said as `next`.", field="cursor")
    return -int(linked), int(identifier_id)


def _shown(cursor: Cursor, page: Sequence[HeldBack]) -> list[dict[str, Any]]:
    ids = [one.identifier_id for one in page]
    rows = cursor.execute(_ABOUT, {"ids": ids, "said": JOINS_NOBODY}).all()
    about = {row[0]: row[1:] for row in rows}
    return [
        {
            "identifier": f"{one.type}:{one.value}",
            "type": one.type,
            "profile_id": about[one.identifier_id][0],
            "linked_type": one.linked_type,
            "linked": one.linked,
            "most": one.most,
            "since": format_time(one.since),
            "parted": about[one.identifier_id][1],
        }
        for one in page
    ]
