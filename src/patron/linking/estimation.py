"""What likeness is worth, learned without labels: expectation-maximisation over pairs of records.

Pairs come in sets. All pairs of one set agree on some fields, for instance on the birthday, which
makes people who are one frequent among them; the other fields of these pairs, which had no part in
the choice, then show how records of one person differ. The sets share one `m` for each level and
have a share of matches each. How often strangers are alike, `u`, comes from pairs chosen at random.

Three things make it hold where fields depend on each other and data are few. People move: then all
of their address changes at once, so an address of one person is either the same, give or take
typing errors, or has nothing in common; how often it is the latter is learned too. People live
together: in a set of housemates only what is a person's own is looked at, and what housemates share
can say no more than how often two of them are one person. And expected shares count as if some
pairs had been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Chosen = Literal["person", "household", "address"]
"""What the fields that the pairs of a set agree on are of."""

BELIEF = 40.0
"""The expected shares of a field's levels count as so many pairs seen."""

MOVES = 0.1
"""Share of the pairs of records of one person expected to have a move between them."""

TOGETHER = 0.5
"""Share of two people who live together expected to have one phone; counts as `BELIEF` says."""

ROUNDS = 200
STILL = 1e-5
SPREAD = 1e-4
REVISIONS = 4


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs that agree on some fields, counted by how alike their other fields are.

    Attributes:
        name: The fields they agree on.
        patterns: One row for each combination of levels, one column for each field; -1 where the
            field tells nothing.
        counts: How many pairs show each.
        agreed: The fields they agree on.
        chosen: What those fields are of.
        pairs: How many there are in all, of which `counts` may be a sample.
    """

    name: str
    patterns: Ints
    counts: Floats
    agreed: Bools
    chosen: Chosen
    pairs: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known before the pairs are looked at.

    Attributes:
        shares: For each field the expected share of each level among records of one person.
        strangers: For each field how often two records chosen at random show each level.
        least: For each field the smallest credible share of each level among strangers.
        shared: Which fields people who live together share.
        address: Which of these say where someone lives.
        housemates: For each field how often two people who live together are the same in it; 0
            where that is not known.
        filled: Share of the records that have a value, for each field.
        pairs: How many pairs all records make.
    """

    shares: Sequence[Floats]
    strangers: Sequence[Floats]
    least: Sequence[Floats]
    shared: Bools
    address: Bools
    housemates: Floats
    filled: Floats
    pairs: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs that people called one person, counted as in a `PairSet`."""

    patterns: Ints
    counts: Floats


@dataclass(slots=True)
class Estimate:
    """What training found.

    Attributes:
        m: Share of each level among records of one person, for each field.
        u: The same among strangers.
        prior: The probability that two records chosen at random are one person.
        moved: Share of the pairs of one person with a move between them.
        most: Bits that the fields of a household, and of an address, can give in all.
        housemates: For each field the share of two people who live together that are the same in
            it, where they share it at times; 0 where that was not learned.
        shares: Share of matches in each set.
        rounds: How many rounds the last revision took.
    """

    m: list[Floats]
    u: list[Floats]
    prior: float
    moved: float
    most: dict[Chosen, float]
    housemates: Floats
    shares: list[float]
    rounds: int


def estimate(sets: Sequence[PairSet], known: Prior, labelled: Labelled | None = None) -> Estimate:
    """Learn from sets of pairs.

    Args:
        sets: At least none; without any the expected shares are the answer.
        known: What is known beforehand.
        labelled: Pairs known to be of one person. They count as seen; a pair of a set may be among
            them.
    """
    believed = _believed(known, labelled)
    start = 1 / max(2.0, np.sqrt(2 * known.pairs))
    found = Estimate(
        [share.copy() for share in known.shares],
        [_strangers(known, field, 0.0, known.shares[field]) for field in range(len(known.shares))],
        start,
        MOVES,
        {},
        np.zeros(len(known.shares)),
        [0.3 for _ in sets],
        0,
    )
    for _ in range(REVISIONS):
        _maximise(found, sets, known, believed)
        _revise(found, sets, known)
    _housemates(found, sets, known)
    for field in range(len(found.m)):
        _in_order(found, field)
    return found


def _housemates(found: Estimate, sets: Sequence[PairSet], known: Prior) -> None:
    """How often two people who live together have the same phone: a landline, or one each."""
    for place, each in enumerate(sets):
        if each.chosen != "household":
            continue
        likely, _ = _posterior(found, each, _active(each, known), found.shares[place], known)
        apart = each.counts * (1 - likely)
        for field in np.flatnonzero(known.shared & ~known.address & ~each.agreed):
            levels = each.patterns[:, field]
            same, seen = float(apart[levels == 0].sum()), float(apart[levels >= 0].sum())
            share = (same + BELIEF * TOGETHER) / (seen + BELIEF)
            if not found.housemates[field] and share < found.m[field][0]:
                found.housemates[field] = share


def _believed(known: Prior, labelled: Labelled | None) -> list[Floats]:
    """For each level how many pairs of one person count as seen before any set is looked at."""
    believed = [BELIEF * share for share in known.shares]
    if labelled is not None:
        for field, counts in enumerate(believed):
            levels = labelled.patterns[:, field]
            seen = levels >= 0
            # Where people who live together moved, nothing of an address is alike; that is `moved`.
            if known.address[field]:
                seen &= levels < len(counts) - 1
            believed[field] = counts + np.bincount(
                levels[seen], weights=labelled.counts[seen], minlength=len(counts)
            )
    return believed


def _maximise(
    found: Estimate, sets: Sequence[PairSet], known: Prior, believed: Sequence[Floats]
) -> None:
    """Rounds of expectation and maximisation until nothing moves."""
    for number in range(ROUNDS):
        before = np.concatenate([*found.m, [found.moved]])
        counts = list(believed)
        moves, stays = BELIEF * MOVES, BELIEF * (1 - MOVES)
        for place, each in enumerate(sets):
            own = _active(each, known)
            likely, moved = _posterior(found, each, own, found.shares[place], known)
            expected = each.counts * likely
            found.shares[place] = float((expected.sum() + 0.5) / (each.counts.sum() + 2.0))
            addressed = own & known.address
            if addressed.any() and not (each.agreed & known.address).any():
                seen = (each.patterns[:, addressed] >= 0).any(axis=1)
                moves += float((expected * moved)[seen].sum())
                stays += float((expected * (1 - moved))[seen].sum())
            for field in np.flatnonzero(own):
                levels = each.patterns[:, field]
                seen = levels >= 0
                weights = expected * (1 - moved) if known.address[field] else expected
                counts[field] = counts[field] + np.bincount(
                    levels[seen], weights=weights[seen], minlength=len(counts[field])
                )
        found.m = [count / count.sum() for count in counts]
        found.moved = moves / (moves + stays)
        found.rounds = number + 1
        if np.abs(np.concatenate([*found.m, [found.moved]]) - before).max() < STILL:
            return


def _active(each: PairSet, known: Prior) -> Bools:
    """The fields of a set that say something new."""
    own = ~each.agreed
    return own if each.chosen == "person" else own & ~known.shared


def _posterior(
    found: Estimate, each: PairSet, own: Bools, share: float, known: Prior
) -> tuple[Floats, Floats]:
    """For each pattern the probability to be of one person, and, if so, of one who moved."""
    alone, bounded, household, address = np.zeros((4, len(each.patterns)))
    for field in np.flatnonzero(own):
        weights = np.append(np.log2(found.m[field] / found.u[field]), 0.0)
        part = address if known.address[field] else household if known.shared[field] else alone
        part += weights[each.patterns[:, field]]
        if not known.shared[field]:
            if alike := known.housemates[field]:
                most = np.log2(found.m[field][0] / alike)
                weights = np.minimum(weights, most)
                weights[0] = most
            bounded += weights[each.patterns[:, field]]
    moved = np.zeros(len(each.patterns))
    if not (each.agreed & known.address).any():
        same = (1 - found.moved) * np.exp2(address)
        moved = found.moved / (found.moved + same)
        address = np.log2(found.moved + same)
    household += np.minimum(address, found.most.get("address", np.inf))
    if each.chosen != "person":
        total = bounded
    else:
        total = np.minimum(household + alone, found.most.get("household", np.inf) + bounded)
    odds = total + np.log2(share / (1 - share))
    likely: Floats = 1 / (1 + np.exp2(-np.clip(odds, -1000, 1000)))
    return likely, moved


def _revise(found: Estimate, sets: Sequence[PairSet], known: Prior) -> None:
    """The prior from what each set says, then strangers without the matches among them."""
    totals = []
    for share, each in zip(found.shares, sets, strict=True):
        agreeing = [
            found.m[field][0] * known.filled[field] ** 2 for field in np.flatnonzero(each.agreed)
        ]
        totals.append(share * each.pairs / max(float(np.prod(agreeing)), 0.01))
    if totals:
        expected = float(np.median(totals)) / known.pairs
        found.prior = min(max(expected, 0.1 / known.pairs), 0.5)
    found.u = [
        _strangers(known, field, found.prior, found.m[field]) for field in range(len(found.m))
    ]
    found.most = {}
    for share, each in zip(found.shares, sets, strict=True):
        if each.chosen != "person":
            odds = np.log2(share / (1 - share)) - np.log2(found.prior / (1 - found.prior))
            found.most.setdefault(each.chosen, float(odds))


def _strangers(known: Prior, field: int, prior: float, m: Floats) -> Floats:
    """Level shares among strangers: of pairs chosen at random, less the matches among them."""
    shares = (known.strangers[field] - prior * m) / (1 - prior)
    shares = np.maximum(shares, known.least[field])
    answer: Floats = shares / shares.sum()
    return answer


def _in_order(found: Estimate, field: int) -> None:
    """See to it that more alike never says less: levels in the wrong order are taken as one."""
    m, u = found.m[field], found.u[field]
    blocks: list[list[float]] = []
    for level in range(len(m)):
        blocks.append([float(m[level]), float(u[level]), 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] < blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    ratios = [block[0] / block[1] for block in blocks for _ in range(int(block[2]))]
    # The shares among strangers stay; those among matches follow from the ratios. Levels that were
    # taken as one keep weights that can be told apart, so that each pair's level can be read off.
    spread = 1 - SPREAD * np.arange(len(m))
    found.m[field] = np.array(ratios) * u * spread
