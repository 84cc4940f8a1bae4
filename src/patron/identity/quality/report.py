"""What is counted of each source and field."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError, unknown
from patron.identity.held_back import held_back
from patron.identity.quality import identifiers, traits
from patron.spec.identifiers import IdentityRules

_BLOCKED = "select unnest(cast($blocked as VARCHAR[]))"

# One row a value that a source told of a customer; `holder` is who else a value is counted for.
_TOLD = f"""
create or replace temp table quality_told as
select s.source_id, 'identifier' as kind, s.type as field,
    coalesce(under.profile_id, own.profile_id) as customer, n.value, s.raw,
    case when s.under_type <> s.type or n.under <> n.value
        then s.under_type || ':' || n.under end as holder,
    s.last_at
from {identifiers.SEEN} as s join {identifiers.NORMAL} as n using (seen_id)
left join current_identifiers as under on under.type = s.under_type and under.value = n.under
left join current_identifiers as own on own.type = s.type and own.value = n.value
union all
select t.source_id, 'trait', t.name, t.profile_id,
    case when r.name is not null then r.value
        when lower(trim(t.text)) not in ({_BLOCKED}) then t.text end,
    t.text, t.profile_id::VARCHAR, t.last_at
from {traits.TRAITS} as t left join {traits.READ} as r on r.name = t.name and r.text = t.text
"""

_FIELDS = """
with per_customer as (
    select source_id, kind, field, customer, count(distinct value) as several,
        bool_or(value is not null) as valid, max(last_at) as last_at
    from quality_told where customer is not null group by all
), per_value as (
    select source_id, kind, field, value, count(distinct holder) as holders
    from quality_told where value is not null group by all
), refused as (
    select source_id, kind, field, count(distinct raw) as refused
    from quality_told where value is null group by all
), customers as (
    select source_id, kind, field, count(*) as filled, count_if(valid) as valid,
        count_if(several > 1) as conflicting, count_if(last_at <= $stale_before) as stale
    from per_customer group by all
), counted as (
    select source_id, kind, field, count(*) as "distinct", count_if(holders > 1) as duplicate,
        count_if(kind = 'identifier' and (field, value) in (
            select (type, value) from quality_held
        )) as held_back
    from per_value group by all
)
select s.name as source, kind, field, coalesce(filled, 0) as filled, coalesce(valid, 0) as valid,
    coalesce("distinct", 0) as "distinct", coalesce(duplicate, 0) as duplicate,
    coalesce(conflicting, 0) as conflicting, coalesce(stale, 0) as stale,
    coalesce(refused, 0) as refused, coalesce(held_back, 0) as held_back
from customers full join counted using (source_id, kind, field)
full join refused using (source_id, kind, field)
join sources as s using (source_id)
order by source, kind, filled desc, field
"""

_SOURCES = """
select s.name as source, s.kind as type,
    (select count(*) from messages as m
        where m.source_id = s.source_id and m.occurred_at <= $as_of) as messages,
    (select count(distinct customer) from quality_told as t
        where t.source_id = s.source_id) as customers,
    (select count(*) from quarantine as q where q.source_id = s.source_id
        and q.code = 'no_identity' and q.replayed_at is null
        and q.received_at <= $as_of) as unidentified
from sources as s where s.brand <> '' and ($source is null or s.name = $source)
order by s.source_id
"""


def report(
    cursor: Cursor,
    rules: IdentityRules,
    *,
    as_of: datetime,
    stale_after: timedelta,
    source: str | None = None,
) -> list[dict[str, Any]]:
    """How good the data of each source is, field by field.

    Of identifiers the log is read anew, so what normal forms refuse counts too; of traits what was
    observed. Who is who is today's knowledge.

    Args:
        cursor: For reading.
        rules: What identifiers are, and their normal forms.
        as_of: What happened later is not counted, naive UTC.
        stale_after: A value that was last told so long before `as_of` is stale.
        source: Only this one; None for all.

    Returns:
        Per source its messages, the customers it told of, and messages refused because nobody was
        identified; and per field how many customers have a value and a valid one, how many
        distinct valid values there are, how many of these are duplicates and how many are held
        back because they came with too many people, how many customers
        have several (conflicting) or none but old ones (stale), and how many distinct values are
        refused. Counts only, no values.

    Raises:
        NotFoundError: There is no such source.
    """
    cursor.execute("select count(*) from sources where $1 is null or name = $1", [source])
    if source is not None and not cursor.value():
        raise NotFoundError(f"There is no source {source}.", told=unknown("source", source))
    identifiers.gather(cursor, rules, as_of, source)
    traits.gather(cursor, rules, as_of, source)
    cursor.execute("create or replace temp table quality_held (type VARCHAR, value VARCHAR)")
    held = held_back(cursor, rules)
    if held:
        columns = {"type": [one.type for one in held], "value": [one.value for one in held]}
        cursor.over(pa.table(columns), "insert into quality_held select * from {rows}")
    # A number that identifies nobody, such as 0, is a good trait: no children.
    words = {value.strip().lower() for value in rules.blocked}
    blocked = sorted(word for word in words if not re.fullmatch("-?[0-9]+", word))
    cursor.execute(_TOLD, {"blocked": blocked})
    sources = cursor.execute(_SOURCES, {"as_of": as_of, "source": source}).records()
    fields = cursor.execute(_FIELDS, {"stale_before": as_of - stale_after}).records()
    for name in (*identifiers.TABLES, *traits.TABLES, "quality_held", "quality_told"):
        cursor.execute(f"drop table {name}")
    for row in sources:
        row["fields"] = [field for field in fields if field["source"] == row["source"]]
    for field in fields:
        del field["source"]
    return sources
