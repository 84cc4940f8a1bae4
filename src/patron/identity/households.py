"""Households: the people behind one value of a type that identifies households.

Nobody is merged into a household. A value that came with two values of a unique type belongs to two
people at least, and so to neither of them; it makes a group of all who came with it. Who is in it
follows from links and rules alone: an identifier of a person that is linked with the value, whether
that link is kept or refused, brings its profile in. The rows lie among those of group calls, filed
under that identifier, so they go where the identifier goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

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
        least(c.first_observed_at, c.recorded_at) as known_at
    from chosen as c
    join {identifiers} as h on h.identifier_id = c.household
    join types as own on own.type = h.type and own.stands_for = 'household'
    join {identifiers} as far on far.identifier_id = c.identifier_id
    join types as far_type on far_type.type = far.type and far_type.stands_for = 'person'
), begun as (
    select household, min(second) as since from (
        select household, list_sort(list(known_at))[2] as second
        from told where uniquely group by household, type
    ) where second is not null group by household
)
select household, group_id, identifier_id, greatest(known_at, since) as occurred_at, source_id,
    message_id
from told join begun using (household)
"""

_ADD_MEMBERS = """
insert into group_members by name
select coalesce($position, 0) as position, i.profile_id, m.identifier_id, m.group_id, m.occurred_at,
    m.source_id, m.message_id, true as household
from household_rows as m join identifiers as i using (identifier_id)
where not exists (
    from group_members as g where g.household and g.group_id = m.group_id
        and g.identifier_id = m.identifier_id and g.occurred_at <= m.occurred_at
)
"""

_ADD_TRAITS = """
insert into group_traits by name
select coalesce($position, 0) as position, group_id, 'type' as name,
    '"household"'::JSON::VARIANT as value, m.occurred_at, m.source_id, m.message_id
from (
    select * from household_rows qualify row_number() over (
        partition by group_id order by occurred_at, source_id, message_id
    ) = 1
) as m
where not exists (
    from group_traits as t where t.group_id = m.group_id and t.name = 'type'
        and t.occurred_at <= m.occurred_at
)
"""


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
    cursor: Cursor, rules: IdentityRules, resolution: Resolution, position: int | None
) -> None:
    """Bring the members of households up to date with the links of a batch.

    Args:
        cursor: In the writer's transaction, identifiers and links written.
        rules: Those that hold.
        resolution: The resolver's answer to the batch.
        position: Of a message of the batch.
    """
    if resolution.households is not None:
        _add(cursor, rules, resolution.households.tolist(), position)


def rebuild(cursor: Cursor, rules: IdentityRules) -> None:
    """Make the members of all households anew, under other rules.

    Args:
        cursor: In the writer's transaction, identifiers and links written.
        rules: Those that hold from now on.
    """
    cursor.execute(
        "delete from group_traits where name = 'type' and group_id in "
        "(select group_id from group_members where household)"
    )
    cursor.execute("delete from group_members where household")
    _add(cursor, rules, None, None)


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


def _add(
    cursor: Cursor, rules: IdentityRules, chosen: list[int] | None, position: int | None
) -> None:
    types = told_types(rules)
    if not types:
        return
    values = {"types": types} | ({} if chosen is None else {"chosen": chosen})
    sql = members_sql(chosen=chosen is not None)
    cursor.execute(f"create or replace temp table household_rows as {sql}", values)
    for statement in (_ADD_MEMBERS, _ADD_TRAITS):
        cursor.execute(statement, {"position": position})
    cursor.execute("drop table household_rows")
