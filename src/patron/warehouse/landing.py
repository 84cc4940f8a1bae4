"""How placed messages become rows: set-at-a-time, the same for a micro-batch and a bulk chunk."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from patron.engines.duckdb import Cursor
from patron.spec.incoming import NOTE

_MESSAGES = """
insert into messages
select position, source_id, message_id, key_hi, key_lo, type, occurred_at, received_at, body, brand
from {rows}
"""

# Products stand in order_lines; a second copy here would be most of what an order costs.
_EVENTS = """
insert into events
select position, profile_id, identifier_id, type, name, occurred_at, received_at, source_id, brand,
    channel, order_id, currency, revenue, total, tax, shipping, discount, coupon,
    case when lines is null then properties
        else json_merge_patch(properties, '{{"products": null}}') end::JSON::VARIANT,
    message_id
from {rows}
where name is not null
"""

_ORDER_LINES = """
insert into order_lines
select position, line - 1, profile_id, identifier_id, name, occurred_at, brand, currency,
    one.product_id, one.sku, one.product_name, one.category, one.product_brand, one.variant,
    one.colour, one.price, one.quantity, one.properties::JSON::VARIANT
from (
    select position, profile_id, identifier_id, name, occurred_at, brand, currency,
        unnest(lines) as one, generate_subscripts(lines, 1) as line
    from {rows}
    where lines is not null
)
"""

_TRAITS = """
insert into traits
select position, profile_id, identifier_id, trait.key, trait.value::VARIANT, occurred_at,
    source_id, message_id
from (
    select position, profile_id, identifier_id, occurred_at, source_id, message_id,
        unnest(map_entries(cast(traits::JSON as MAP(VARCHAR, JSON)))) as trait
    from {rows}
    where traits is not null
)
"""

_GROUP_MEMBERS = """
insert into group_members
select position, profile_id, identifier_id, properties->>'$.group_id', occurred_at, source_id,
    message_id, false
from {rows}
where type = 'group'
"""

# By way of VARIANT, of a name that is given twice the last value stands.
_GROUP_TRAITS = """
insert into group_traits
select position, group_id, trait.key, trait.value::VARIANT, occurred_at, source_id, message_id
from (
    select position, told.group_id::VARCHAR as group_id, occurred_at, source_id, message_id,
        unnest(map_entries(told.traits::JSON::MAP(VARCHAR, JSON))) as trait
    from (select *, properties::JSON::VARIANT as told from {rows} where type = 'group')
    where starts_with(variant_typeof(told.traits), 'OBJECT')
)
"""

_NOTES = """
insert into notes
select position, profile_id, identifier_id, body->>'$.note_id', body->>'$.text',
    body->>'$.written_by', body->>'$.on_behalf_of', occurred_at, source_id, message_id
from {rows}
where type = 'note'
"""


def land(cursor: Cursor, fresh: pa.Table) -> None:
    """Append placed messages to messages, events, order_lines, traits, those of groups, and notes.

    Args:
        cursor: Inside the writer's transaction.
        fresh: The columns of *incoming* plus `position`, `profile_id` and `identifier_id`.
    """
    cursor.over(fresh, _MESSAGES)
    for column, statement in (("name", _EVENTS), ("lines", _ORDER_LINES), ("traits", _TRAITS)):
        if fresh.column(column).null_count < len(fresh):
            cursor.over(fresh, statement)
    if pc.any(pc.equal(fresh.column("type"), "group")).as_py():
        for statement in (_GROUP_MEMBERS, _GROUP_TRAITS):
            cursor.over(fresh, statement)
    if pc.any(pc.equal(fresh.column("type"), NOTE)).as_py():
        cursor.over(fresh, _NOTES)


def count(cursor: Cursor, source_id: int, *, stored: int, duplicate: int, quarantined: int) -> None:
    """Add to a source's counters; what was accepted is counted by itself, not derived."""
    accepted = stored + duplicate + quarantined
    cursor.execute(
        "update counters set accepted = accepted + ?, stored = stored + ?, "
        "duplicate = duplicate + ?, quarantined = quarantined + ? where source_id = ?",
        [accepted, stored, duplicate, quarantined, source_id],
    )
