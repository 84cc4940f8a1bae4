"""Reads the graph of a profile from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from patron.engines.duckdb import Cursor
from patron.identity.graph import model as graph
from patron.identity.graph.bridges import Bridge, find_bridges
from patron.identity.graph.devices import read_shared
from patron.identity.graph.origins import (
    Members,
    Origins,
    Row,
    read_bonds,
    read_links,
    read_members,
)
from patron.identity.graph.refusals import read_refused
from patron.identity.graph.spanning import choose, grow, joining_links
from patron.identity.links import in_memory
from patron.identity.partition.constraints import fingerprint_types
from patron.identity.partition.parting import Links, strength_order
from patron.spec.identifiers import IdentityRules

MOST = 200
"""How many identifiers are listed unless another number is asked for."""

LINKS_EACH = 5
"""Per identifier that may be listed, how many links may be that joined nothing."""

TELLING = 20
"""Of so many links that part a profile most evenly, the ends are listed before all else."""

_CHANGES = """
with own as (
    select $id::bigint as profile_id
    union all
    select profile_id from profiles where merged_into = $id
)
select c.merge_id, c.kind, c.kept_profile_id, c.other_profile_id, c.occurred_at, c.recorded_at,
    c.reason, c.cause, s.name, c.message_id, count(*) over () as total
from merges as c left join sources as s using (source_id)
where c.kept_profile_id in (select profile_id from own)
    or c.other_profile_id in (select profile_id from own)
order by c.merge_id desc limit $most
"""


def read_graph(
    cursor: Cursor,
    profile_id: int,
    stored_ids: Sequence[int],
    rules: IdentityRules,
    *,
    most: int = MOST,
) -> graph.Graph:
    """The graph of one profile.

    What is listed is limited, what is counted is not. Of a profile with more identifiers than may
    be listed, those are that the links lie between which would part it most evenly, and then what
    is nearest to the strongest.

    Args:
        cursor: On the workspace, in a transaction.
        profile_id: A profile that stands.
        stored_ids: The ids under which rows of it are still stored, its own among them.
        rules: Those that hold.
        most: How many identifiers, and how many refused links and changes, are listed.
    """
    members = read_members(cursor, stored_ids, rules)
    rows = read_links(cursor, members)
    own = [row for row in rows if row.kept and row.a in members.place and row.b in members.place]
    bonds = [row for row in read_bonds(cursor, members) if {row.a, row.b} <= members.place.keys()]
    tissue = _Tissue(members, bonds, own, rules)
    listed = tissue.listed(most)
    near = {node.id for node in listed}
    origins = Origins(cursor, rules, rows)
    links = tissue.links(origins, near, LINKS_EACH * most)
    across = [row for row in rows if not row.kept]
    nearby = [row for row in across if row.a in near or row.b in near]
    refused = read_refused(cursor, origins, profile_id, members, nearby, most)
    changes, changed = _changes(cursor, profile_id, most)
    counts = graph.Counts(
        identifiers=len(members.nodes),
        links=len(bonds) + len(own),
        refused=len(across),
        bridges=len(tissue.bridges),
        changes=changed,
        events=sum(node.events for node in members.nodes),
    )
    left_out = graph.LeftOut(
        identifiers=counts.identifiers - len(listed),
        links=counts.links - len(links),
        refused=counts.refused - len(refused),
        bridges=counts.bridges - sum(link.bridge is not None for link in links),
        changes=counts.changes - len(changes),
    )
    return graph.Graph(
        profile_id=profile_id,
        counts=counts,
        left_out=left_out,
        identifiers=tuple(listed),
        links=tuple(links),
        refused=tuple(refused),
        changes=tuple(changes),
        shared_devices=read_shared(cursor, near),
    )


class _Tissue:
    """What holds the identifiers of a profile together.

    Args:
        members: The identifiers.
        bonds: What people decided about them.
        rows: The kept links among them.
        rules: Those that hold.
    """

    def __init__(
        self, members: Members, bonds: list[Row], rows: list[Row], rules: IdentityRules
    ) -> None:
        self._nodes = members.nodes
        self._rows = bonds + rows
        self._pairs = [(members.place[row.a], members.place[row.b]) for row in self._rows]
        ends = np.array(self._pairs[len(bonds) :], dtype=np.int64).reshape(-1, 2)
        moments = np.array([row.first_observed_at for row in rows], dtype="datetime64[us]")
        made = np.array([row.by_model for row in rows], dtype=np.bool_)
        links = Links(ends[:, 0], ends[:, 1], in_memory(moments.astype(np.int64), made))
        ranks = np.array([node.strength - 1 for node in self._nodes], dtype=np.int64)
        keys = np.array(members.keys, dtype=np.uint64)
        order = strength_order(ranks, keys, links, fingerprint_types(rules)) + len(bonds)
        self._order: list[int] = [*range(len(bonds)), *order.tolist()]
        self._joined = joining_links(len(self._nodes), self._pairs, self._order)
        self._preferred = sorted(
            range(len(self._nodes)),
            key=lambda at: (
                self._nodes[at].strength, self._nodes[at].first_seen_at, members.keys[at]
            ),
        )  # fmt: skip
        weights = [[1] * len(self._nodes), [node.events for node in self._nodes]]
        found = find_bridges(len(self._nodes), self._pairs, weights)
        self.bridges = {bridge.link: bridge for bridge in found}

    def listed(self, most: int) -> list[graph.Node]:
        """The identifiers to be listed: the strongest, then level by level what hangs on it."""
        joins = [pair for pair, joined in zip(self._pairs, self._joined, strict=True) if joined]
        tree = grow(len(self._nodes), joins, self._preferred)
        even = sorted(self.bridges.values(), key=_evenness, reverse=True)[:TELLING]
        wanted = [end for bridge in even for end in self._pairs[bridge.link]]
        return [self._nodes[at] for at in choose(tree, wanted, most)]

    def links(self, origins: Origins, near: set[int], most: int) -> list[graph.KeptLink]:
        """Kept links among some identifiers, the strongest first.

        Args:
            origins: Says where they come from.
            near: The ids of the identifiers.
            most: How many that joined nothing.
        """
        found = []
        for at in self._order:
            row, joined = self._rows[at], self._joined[at]
            if row.a not in near or row.b not in near or (not joined and most <= 0):
                continue
            most -= not joined
            one, other = self._pairs[at]
            found.append(
                graph.KeptLink(
                    a=row.a,
                    b=row.b,
                    joined=joined,
                    bridge=_shown(self.bridges.get(at)),
                    **origins.of(row, self._nodes[one].type, self._nodes[other].type),
                )
            )
        return found


class _Evenness(NamedTuple):
    """How evenly a bridge parts a profile."""

    identifiers: int
    events: int


def _evenness(bridge: Bridge) -> _Evenness:
    return _Evenness(*(min(sides) for sides in zip(*bridge.sides, strict=True)))


def _shown(bridge: Bridge | None) -> graph.Bridge | None:
    if bridge is None:
        return None
    a, b = (graph.Side(*side) for side in bridge.sides)
    return graph.Bridge(a, b)


def _changes(cursor: Cursor, profile_id: int, most: int) -> tuple[list[graph.Change], int]:
    """The newest merges and splits, oldest first, and how many there are in all."""
    rows = cursor.execute(_CHANGES, {"id": profile_id, "most": most}).all()
    return [graph.Change(*row[:-1]) for row in reversed(rows)], rows[0][-1] if rows else 0
