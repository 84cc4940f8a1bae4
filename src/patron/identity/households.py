"""Households: the people behind one value of a type that identifies households.

Nobody is merged into a household. A value that came with two values of a unique type belongs to two
people at least, and so to neither of them; it makes a group of all who came with it. Who is in it
follows from links and rules alone: an identifier of a person that is linked with the value, whether
that link is kept or refused, brings its profile in. The rows lie among those of group calls, filed
under that identifier, so they go where the identifier goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.links import unpack
from patron.identity.resolution import Resolution
from patron.spec.groups import HOUSEHOLD_PREFIX
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import declared

if TYPE_CHECKING:
    from patron.identity.changes import Changes
    from patron.identity.memory import Memory

Ints = npt.NDArray[np.int64]

# A household begins when its value was first known to have come with the second value of one
# unique type. Nothing is known of before it is recorded, whatever moment it is dated.
_MEMBERS = """
with types as (
    select unnest(cast($types as STRUCT("type" VARCHAR, stands_for VARCHAR, uniquely BOOLEAN)[]),
        recursive := true)
), chosen as (
    select a as household, b as identifier_id, * exclude (a, b) from {links} {of_a}
    union all
    select b, a, * exclude (a, b) from {links} {of_b}
), told as (
    select c.household, '{prefix}' || h.type || ':' || h.value as group_id, c.identifier_id,
        far.type, far_type.uniquely, c.source_id, c.message_id,
        least(c.first_observed_at, c.recorded_at) as known_at,
        case when far_type.uniquely then row_number() over (
            partition by c.household, far.type order by known_at, c.source_id, c.message_id
        ) end as number
    from chosen as c
    join {identifiers} as h on h.identifier_id = c.household
    join types as own on own.type = h.type and own.stands_for = 'household'
    join {identifiers} as far on far.identifier_id = c.identifier_id
    join types as far_type on far_type.type = far.type and far_type.stands_for = 'person'
), begun as (
    select household, min(known_at) as since from told where number = 2 group by household
)
select household, group_id, identifier_id, greatest(known_at, since) as occurred_at, source_id,
    message_id, number
from told join begun using (household)
"""

_ADD_MEMBERS = """
insert into group_members by name
select coalesce($position, p.position, 1) as position, i.profile_id, m.identifier_id, m.group_id,
    m.occurred_at, m.source_id, m.message_id, true as household
from household_rows as m join identifiers as i using (identifier_id)
left join household_positions as p using (source_id, message_id)
where not exists (
    from group_members as g where g.household and g.group_id = m.group_id
        and g.identifier_id = m.identifier_id and g.occurred_at <= m.occurred_at
)
"""

# Rows of one moment say the same, so that what holds at a moment does not depend on which is read.
_TRAITS = """
select group_id, 'type' as name, '"household"'::JSON::VARIANT as value, occurred_at, source_id,
    message_id
from {rows} where number = 2 qualify row_number() over (
    partition by group_id order by occurred_at, source_id, message_id
) = 1
union all
select group_id, 'people', people::VARCHAR::JSON::VARIANT, occurred_at, source_id, message_id
from (
    select *, max(number) over (partition by group_id order by occurred_at) as people
    from {rows} where number > 1
) qualify row_number() over (
    partition by group_id, occurred_at order by source_id, message_id
) = 1
"""

_DROP_TRAITS = """
delete from group_traits where name in ('type', 'people')
    and group_id in (select group_id from {rows})
"""

_ADD_TRAITS = """
insert into group_traits by name
select coalesce(p.position, 1) as position, t.* from ({traits}) as t
left join household_positions as p using (source_id, message_id)
"""

_POSITIONS = """
create or replace temp table household_positions as
select source_id, message_id, position from messages
semi join household_rows using (source_id, message_id)
"""

Locate = Callable[[Sequence[tuple[int, str]]], Sequence[int]]
"""Gives for messages, by source and id, their positions in the log."""


class Source(NamedTuple):
    """The tables that households follow from.

    Attributes:
        links: With the columns a, b, first_observed_at, recorded_at, source_id and message_id.
        identifiers: With identifier_id, type and value.
    """

    links: str = "links"
    identifiers: str = "identifiers"


def told_types(rules: IdentityRules) -> list[dict[str, object]]:
    """What the types of identifiers stand for; empty when none stands for households."""
    if not any(kind.stands_for == "household" for kind in rules.types):
        return []
    return [
        {"type": kind.name, "stands_for": kind.stands_for, "uniquely": kind.protected}
        for kind in rules.types
    ]


def meaning(rules: IdentityRules) -> str:
    """Equal for rules under which the same links make the same households; empty for none.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> meaning(DEFAULT_RULES)
    ''
    """
    return repr(msgspec.to_builtins(declared(rules))) if told_types(rules) else ""


def touched(memory: Memory, changes: Changes) -> Ints | None:
    """The households, by the identifiers that make them, at which a batch brought links.

    Args:
        memory: Knows whom links hold back.
        changes: Those of the batch.
    """
    ranks = memory.households
    if not ranks:
        return None
    keys = np.concatenate([changes.new_links.keys, changes.earlier_links.keys])
    ends = np.unique(np.concatenate(unpack(keys)))
    found = ends[np.isin(memory.rank[ends], ranks)]
    found = found[memory.holding.held(found)]
    return found if len(found) else None


def follow(
    cursor: Cursor,
    rules: IdentityRules,
    resolution: Resolution,
    position: int,
    locate: Locate,
) -> None:
    """Bring the members of households up to date with the links of a batch.

    Args:
        cursor: In the writer's transaction, identifiers and links written.
        rules: Those that hold.
        resolution: The resolver's answer to the batch.
        position: Of a message of the batch: whoever is new in a household is new from it on.
        locate: Finds messages, those of the batch too.
    """
    if resolution.households is None:
        return
    _find(cursor, rules, resolution.households.tolist())
    shown = "select distinct source_id, message_id from household_rows"
    messages = cursor.execute(shown).all()
    cursor.execute(
        "create or replace temp table household_positions "
        "(source_id INTEGER, message_id VARCHAR, position BIGINT)"
    )
    cursor.over(
        pa.table(
            {
                "source_id": pa.array([source for source, _ in messages], pa.int32()),
                "message_id": pa.array([message for _, message in messages], pa.string()),
                "position": pa.array(locate(messages), pa.int64()),
            }
        ),
        "insert into household_positions select * from {rows}",
    )
    _add(cursor, position)


def rebuild(cursor: Cursor, rules: IdentityRules) -> None:
    """Make the members of all households anew, under other rules.

    Args:
        cursor: In the writer's transaction, identifiers and links written.
        rules: Those that hold from now on.
    """
    cursor.execute(_DROP_TRAITS.format(rows="group_members where household"))
    cursor.execute("delete from group_members where household")
    if told_types(rules):
        _find(cursor, rules, None)
        cursor.execute(_POSITIONS)
        _add(cursor, None)


def members_sql(source: Source = Source(), *, chosen: bool = False) -> str:  # noqa: B008 - frozen
    """The query for the members of households: a row a household and identifier.

    It binds ``$types`` (see `told_types`) and, where some are chosen, ``$chosen``.

    Args:
        source: What it reads.
        chosen: Only of the households that are bound as identifier ids.
    """
    of = "where {} in (select unnest(cast($chosen as BIGINT[])))"
    return _MEMBERS.format(
        links=source.links,
        identifiers=source.identifiers,
        prefix=HOUSEHOLD_PREFIX,
        of_a=of.format("a") if chosen else "",
        of_b=of.format("b") if chosen else "",
    )


def traits_sql(rows: str) -> str:
    """The query for what is known of households: that they are such, and of how many people.

    Of so many at least: as many as there are values of the unique type that there are most of.

    Args:
        rows: A table of what `members_sql` gives.
    """
    return _TRAITS.format(rows=rows)


def _find(cursor: Cursor, rules: IdentityRules, chosen: list[int] | None) -> None:
    """Have `household_rows` hold the members of some households, or of all."""
    values = {"types": told_types(rules)} | ({} if chosen is None else {"chosen": chosen})
    sql = members_sql(chosen=chosen is not None)
    cursor.execute(f"create or replace temp table household_rows as {sql}", values)


def _add(cursor: Cursor, position: int | None) -> None:
    """Add what `household_rows` has; `household_positions` says where messages lie."""
    cursor.execute(_ADD_MEMBERS, {"position": position})
    cursor.execute(_DROP_TRAITS.format(rows="household_rows"))
    cursor.execute(_ADD_TRAITS.format(traits=traits_sql("household_rows")))
    for name in ("household_rows", "household_positions"):
        cursor.execute(f"drop table {name}")
