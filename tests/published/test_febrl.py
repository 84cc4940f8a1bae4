"""Linking reaches its bars on data that others made and published, with default settings."""

from __future__ import annotations

import pytest
from benchmarks.quality.__main__ import BARS
from benchmarks.quality.febrl import febrl
from benchmarks.quality.metrics import pairwise
from benchmarks.quality.resolving import link


@pytest.mark.parametrize(("number", "bar"), BARS.items())
def test_the_bars(number: int, bar: float) -> None:
    records, people = febrl(number)
    assert pairwise(link(records).groups, people).f1 >= bar
