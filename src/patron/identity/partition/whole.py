"""What may stand against links, for all identifiers at once: for whoever parts everybody anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from patron.identity.decisions import Decision, Decisions
from patron.identity.partition.constraints import (
    Constraints,
    fingerprint_types,
    limited_types,
    people_types,
    unique_types,
)
from patron.identity.partition.holding import most_people
from patron.identity.partition.parting import Links
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def constraints_for(
    rules: IdentityRules,
    ranks: Ints,
    links: Links,
    first_seen: Ints,
    decisions: Iterable[Decision] = (),
    places: Mapping[int, int] | None = None,
) -> Constraints:
    """Everything that `partition` needs besides identifiers and links.

    Args:
        rules: The rules of identity.
        ranks: For each identifier the rank of its type in them; types that they do not name have
            ranks of their own behind.
        links: All links between them.
        first_seen: When each was first seen.
        decisions: Those that stand.
        places: Where the identifiers stand that decisions name; None: at their ids.
    """
    standing = Decisions()
    for decision in decisions:
        standing.add(decision)
    at = places or {one: one for one in (*standing.groups, *standing.bonds)}
    return Constraints(
        unique_types(rules),
        limited_types(rules),
        first_seen=first_seen,
        held=held_among(rules, ranks, links),
        apart={at[one]: groups for one, groups in standing.groups.items()},
        bonds=tuple((at[a], at[b]) for a, b in standing.bonds_among(standing.bonds)),
        people=people_types(rules),
        fingerprints=fingerprint_types(rules),
    )


def held_among(rules: IdentityRules, ranks: Ints, links: Links) -> Bools:
    """Which identifiers came with too many people.

    >>> from patron.spec.identifiers import IdentifierType
    >>> kinds = IdentifierType(name="card"), IdentifierType(name="device_id", held_back_above=1)
    >>> links = Links(np.array([0, 1]), np.array([2, 2]), observed_at=np.array([5, 6]))
    >>> held_among(IdentityRules(types=kinds), np.array([0, 0, 1]), links).tolist()
    [False, False, True]
    """
    most = most_people(rules)
    held = np.zeros(len(ranks), dtype=np.bool_)
    near, far = np.concatenate([links.a, links.b]), np.concatenate([links.b, links.a])
    far_ranks = ranks[far]
    for rank in np.flatnonzero(most.any(axis=0)).tolist():
        counts = np.bincount(near[far_ranks == rank], minlength=len(ranks))
        line = most[ranks, rank]
        held |= (line > 0) & (counts > line)
    return held
