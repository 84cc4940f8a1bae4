"""Expectation-maximisation finds what pairs were made from."""

from __future__ import annotations

import numpy as np
import pytest

from patron.linking.estimation import Chosen, Labelled, PairSet, Prior, estimate

TRUE_M = [np.array([0.9, 0.1]), np.array([0.8, 0.2]), np.array([0.95, 0.05])]
TRUE_U = [np.array([0.01, 0.99]), np.array([0.005, 0.995]), np.array([0.001, 0.999])]
EXPECTED = [np.array([0.7, 0.3])] * 3
PEOPLE = 10_000


def known(shared: tuple[bool, ...] = (False, False, False), *, address: bool = False) -> Prior:
    places = np.array(shared)
    return Prior(
        shares=EXPECTED,
        strangers=TRUE_U,
        least=[np.full(2, 1e-6)] * 3,
        shared=places,
        address=places if address else np.zeros(3, dtype=bool),
        housemates=np.zeros(3),
        filled=np.ones(3),
        pairs=PEOPLE * (PEOPLE - 1) / 2,
    )


def pairs_agreeing(
    field: int, matches: int, strangers: int, seed: int = 1, chosen: Chosen = "person"
) -> PairSet:
    rng = np.random.default_rng(seed)
    rows = []
    for shares, number in ((TRUE_M, matches), (TRUE_U, strangers)):
        rows.append(
            np.stack([rng.choice(2, size=number, p=shares[each]) for each in range(3)], axis=1)
        )
    patterns, counts = np.unique(np.concatenate(rows), axis=0, return_counts=True)
    agreed = np.arange(3) == field
    patterns[:, field] = 0
    return PairSet(str(field), patterns, counts.astype(float), agreed, chosen, matches + strangers)


def test_shares_are_found() -> None:
    sets = [pairs_agreeing(field, 2_000, 6_000, seed=field) for field in range(3)]
    found = estimate(sets, known())
    for field in range(3):
        assert found.m[field] == pytest.approx(TRUE_M[field], abs=0.03)
    assert found.shares == pytest.approx([0.25] * 3, abs=0.02)
    # 2,000 pairs that agree on a field are 2,000 / m of all.
    assert found.prior == pytest.approx(2_250 / known().pairs, rel=0.15)


def test_without_pairs_it_believes_what_is_expected() -> None:
    found = estimate([], known())
    for share, expected in zip(found.m, EXPECTED, strict=True):
        assert share == pytest.approx(expected, abs=1e-4)
    assert found.most == {}


def test_housemates_bound_what_an_address_says() -> None:
    # Field 2 is where people live: of those who share it one in ten is the same person.
    housemates = pairs_agreeing(2, 400, 3_600, chosen="household")
    sets = [pairs_agreeing(field, 2_000, 6_000, seed=field) for field in range(2)]
    found = estimate([housemates, *sets], known((False, False, True)))
    odds = np.log2(1 / 9) - np.log2(found.prior / (1 - found.prior))
    assert found.most["household"] == pytest.approx(odds, abs=0.5)


def test_what_people_said_is_learned_from() -> None:
    sets = [pairs_agreeing(field, 200, 600, seed=field) for field in range(3)]
    without = estimate(sets, known())
    # Five hundred pairs of one person in which the first field always differs.
    said = Labelled(np.array([[1, 0, -1]]), np.array([500.0]))
    found = estimate(sets, known(), said)
    assert found.m[0][1] > without.m[0][1] + 0.3
    assert found.m[1][0] > without.m[1][0]
    assert found.m[2] == pytest.approx(without.m[2], abs=0.05)


def test_moves_are_told_from_typing_errors() -> None:
    # Of 2,000 people, half moved: both fields of their address are those of strangers.
    rng = np.random.default_rng(4)
    moved = rng.random(2_000) < 0.5
    street = np.where(moved, 1, rng.choice(2, size=2_000, p=[0.95, 0.05]))
    city = np.where(moved, 1, rng.choice(2, size=2_000, p=[0.95, 0.05]))
    patterns, counts = np.unique(
        np.stack([np.zeros(2_000, dtype=int), street, city], axis=1), axis=0, return_counts=True
    )
    agreed = np.zeros(3, dtype=bool)
    found = estimate(
        [PairSet("name", patterns, counts.astype(float), agreed, "person", 2_000.0)],
        known((False, True, True), address=True),
    )
    assert found.moved == pytest.approx(0.5, abs=0.03)
    assert found.m[1][0] == pytest.approx(0.95, abs=0.03)


def test_more_alike_never_says_less() -> None:
    shares = [np.array([0.5, 0.1, 0.4])]
    prior = Prior(
        shares=shares,
        strangers=[np.array([0.2, 0.0001, 0.7999])],
        least=[np.full(3, 1e-6)],
        shared=np.array([False]),
        address=np.array([False]),
        housemates=np.zeros(1),
        filled=np.ones(1),
        pairs=1e6,
    )
    found = estimate([], prior)
    weights = np.log2(found.m[0] / found.u[0])
    assert weights[0] > weights[1] > weights[2]
