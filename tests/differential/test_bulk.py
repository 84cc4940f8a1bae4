"""Rules compiled to SQL and the oracle agree on every customer (blueprint, section 4)."""

from __future__ import annotations

import pytest

from differential.bulk import BulkEngine
from differential.oracle import members
from patron.testing.differential.harness import reduced, run, understood
from patron.testing.differential.rules import CLASSES, PROBES

SEED, RULES, INSTANTS = 2018, 4, 4

engine = BulkEngine()
known = understood(engine)


@pytest.mark.parametrize("name", [name for name in CLASSES if name in known or name == "composed"])
def test_every_class_of_rules_means_what_it_says(name: str) -> None:
    tally = run(name, SEED, engine, members, known, rules=RULES, instants=INSTANTS)
    assert tally.rules == RULES, "rules were drawn that divide the customers"
    if tally.differences:
        pytest.fail(reduced(tally.differences[0], engine, members).text())


def test_the_engine_reads_every_class() -> None:
    assert sorted(PROBES.keys() - known) == []
