"""The measures give the numbers that were published for the examples they were published with."""

from __future__ import annotations

import pytest
from benchmarks.quality.metrics import b_cubed, pairwise

TRUTH = [1] * 5 + [2] * 2 + [3] * 5
"""Bagga and Baldwin, Algorithms for Scoring Coreference Chains, 1998: twelve mentions."""


@pytest.mark.parametrize(
    ("found", "precision"),
    [
        ([1] * 5 + [2] * 7, 0.76),  # the group of two joined to one of five
        ([1] * 5 + [2] * 2 + [1] * 5, 0.58),  # both groups of five joined
    ],
)
def test_b_cubed(found: list[int], precision: float) -> None:
    quality = b_cubed(found, TRUTH)
    assert quality.precision == pytest.approx(precision, abs=0.005)
    assert quality.recall == 1.0


def test_pairwise() -> None:
    # Manning, Raghavan, Schütze, Introduction to Information Retrieval, 2008, chapter 16.3:
    # seventeen points in three clusters, 20 true positives of 40 pairs put together, 24 missed.
    found = [1] * 6 + [2] * 6 + [3] * 5
    truth = ["x"] * 5 + ["o"] + ["x"] + ["o"] * 4 + ["d"] + ["x"] * 2 + ["d"] * 3
    quality = pairwise(found, truth)
    assert quality.precision == 20 / 40
    assert quality.recall == 20 / 44
    assert quality.f1 == pytest.approx(0.48, abs=0.005)


def test_nothing_put_together() -> None:
    assert pairwise([1, 2, 3], ["a", "a", "b"]) == (1.0, 0.0)
    assert pairwise([1, 2, 3], ["a", "a", "b"]).f1 == 0.0
