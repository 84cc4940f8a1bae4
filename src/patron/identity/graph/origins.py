"""Where links come from: the message and the source that showed them, and the rules that held."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from patron import structs
from patron.engines.duckdb import Cursor
from patron.identity.graph import model as graph
from patron.identity.links import LINKING
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import LINK

_IDENTIFIERS = """
select identifier_id, type, value, original, first_seen_at, key_hi
from identifiers where profile_id in (select unnest($ids::bigint[])) order by identifier_id
"""
_EVENTS = """
select identifier_id, count(*) from events
where profile_id in (select unnest($ids::bigint[])) group by identifier_id
"""
_LINK = "select a, b, kept, rule, source_id, message_id, first_observed_at, recorded_at from links "
# Two questions: with an "or" between them, neither condition is looked for in stored blocks.
_LINKS = (
    f"{_LINK} where a in (select unnest($ids::bigint[])) order by a, b",
    f"{_LINK} where not kept and b in (select unnest($ids::bigint[])) order by a, b",
)
_BONDS = """
select d.source_id, d.message_id, d.made_at,
    list(g.identifier_id order by g.group_number, g.identifier_id)
from identity_decisions as d join identity_decision_groups as g using (decision_id)
where d.kind = 'same' and d.withdrawn_at is null and d.decision_id in (
    select decision_id from identity_decision_groups
    where identifier_id in (select unnest($ids::bigint[]))
)
group by d.decision_id, d.source_id, d.message_id, d.made_at order by d.decision_id
"""
_VERSIONS = """
select recorded_at, name, version, body is null from definitions
where kind = 'identity' order by recorded_at, name, version
"""

DECISION = "decision"
"""The rule of what holds identifiers together because somebody said so."""


class Row(NamedTuple):
    """A link as it is stored."""

    a: int
    b: int
    kept: bool
    rule: str
    source_id: int
    message_id: str
    first_observed_at: datetime
    recorded_at: datetime

    @property
    def by_model(self) -> bool:
        """Whether only a linking model says so."""
        return self.rule.startswith(LINKING)


class Members(NamedTuple):
    """The identifiers of a profile.

    Attributes:
        nodes: By place.
        keys: For each a number that depends on its type and value alone.
        place: Where each stands, by id.
    """

    nodes: list[graph.Node]
    keys: list[int]
    place: dict[int, int]


def read_members(cursor: Cursor, stored_ids: Sequence[int], rules: IdentityRules) -> Members:
    """The identifiers that are stored under some ids of a profile, with their events counted."""
    ids = {"ids": list(stored_ids)}
    events = {row[0]: row[1] for row in cursor.execute(_EVENTS, ids).all()}
    rows = cursor.execute(_IDENTIFIERS, ids).all()
    nodes = [
        graph.Node(
            id=number,
            type=kind,
            value=value,
            original=original,
            first_seen_at=seen,
            strength=strength_of(rules, kind),
            events=events.get(number, 0),
        )
        for number, kind, value, original, seen, _ in rows
    ]
    place = {node.id: number for number, node in enumerate(nodes)}
    return Members(nodes, [row[5] for row in rows], place)


def read_links(cursor: Cursor, members: Members) -> list[Row]:
    """All links that end in some identifiers: kept ones, which do so at both ends, and refused."""
    ids = {"ids": list(members.place)}
    rows = [Row(*row) for question in _LINKS for row in cursor.execute(question, ids).all()]
    return list(dict.fromkeys(rows))


def read_bonds(cursor: Cursor, members: Members) -> list[Row]:
    """What people decided that makes some identifiers one person, as links: the oldest first."""
    found = []
    for source_id, message_id, made_at, ids in cursor.execute(
        _BONDS, {"ids": list(members.place)}
    ).all():
        first, *others = dict.fromkeys(ids)
        for other in others:
            ends = (min(first, other), max(first, other))
            found.append(Row(*ends, True, DECISION, source_id, message_id, made_at, made_at))
    return found


def strength_of(rules: IdentityRules, kind: str) -> int:
    """The place of a type, 1 the strongest; those that the rules no longer name come last.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> strength_of(DEFAULT_RULES, "user_id"), strength_of(DEFAULT_RULES, "fax")
    (1, 8)
    """
    rank = rules.rank(kind)
    return len(rules.types) + 1 if rank is None else rank + 1


class Origins:
    """Says of links where they come from.

    Args:
        cursor: On the workspace.
        rules: Those that hold.
        links: Those that it will be asked about.
    """

    def __init__(self, cursor: Cursor, rules: IdentityRules, links: Iterable[Row]) -> None:
        self.rules = rules
        self._models = _said(cursor, [link for link in links if link.by_model])
        rows = cursor.execute("select source_id, name from sources").all()
        self._sources: dict[int, str] = {row[0]: row[1] for row in rows}
        edition = cursor.execute("select value from meta where key = 'identity_defaults'").value()
        self._defaults = graph.RulesVersion(None, int(edition))
        self._versions = cursor.execute(_VERSIONS).all()
        self._since = [row[0] for row in self._versions]

    def rules_at(self, moment: datetime) -> graph.RulesVersion:
        """The rules of identity that held at a moment."""
        place = bisect_right(self._since, moment) - 1
        if place < 0 or self._versions[place][3]:
            return self._defaults
        return graph.RulesVersion(*self._versions[place][1:3])

    def of(self, link: Row, one: str, other: str) -> dict[str, Any]:
        """The fields of an observation.

        Args:
            link: The link.
            one: The type of one end.
            other: The type of the other.
        """
        source = self._sources.get(link.source_id)
        strength = max(strength_of(self.rules, one), strength_of(self.rules, other))
        if link.rule == DECISION:
            strength = 0
        says = _NOTHING
        if link.by_model:
            strength = len(self.rules.types) + 2
            says = self._models.get((link.source_id, link.message_id), _NOTHING)
        return {
            "strength": strength,
            "rule": link.rule,
            "weight": says.weight,
            "evidence": says.evidence,
            "rules": self.rules_at(link.recorded_at),
            "source": source,
            "message_id": link.message_id,
            "first_observed_at": link.first_observed_at,
            "recorded_at": link.recorded_at,
            "reason": graph.observed_reason(
                link.rule, one, other, link.message_id, source, says.weight
            ),
        }


class _Says(msgspec.Struct, frozen=True):
    """What the message of a model says of a link."""

    weight: float | None = None
    evidence: tuple[graph.FieldWeight, ...] = ()


_NOTHING = _Says()


def _said(cursor: Cursor, links: list[Row]) -> dict[tuple[int, str], _Says]:
    """How much links of models weigh and why, by source and message, as their messages say."""
    if not links:
        return {}
    cursor.execute(
        "select source_id, message_id, body from messages "
        "where type = $type and source_id in (select unnest($sources::integer[])) "
        "and message_id in (select unnest($messages::varchar[]))",
        {
            "type": LINK,
            "sources": sorted({link.source_id for link in links}),
            "messages": sorted({link.message_id for link in links}),
        },
    )
    return {
        (source, message): structs.decode(body, _Says) for source, message, body in cursor.all()
    }
