"""What linking finds depends on the records: not on their order, nor on when they came."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.quality.population import Register, copies

from patron.linking import LinkingModel, Workbench, decide, score, score_new, train

SMALL = Register(people=250, copied=0.6)
ROUNDS = 2


@pytest.fixture(scope="module")
def records() -> pa.Table:
    rows = [
        {"record": number, **{name: value.lower() for name, value in traits.items()}}
        for number, (_, traits) in enumerate(copies(SMALL, seed=8), start=1)
    ]
    names = ["given_name", "family_name", "birthday", "street", "house_number", "postcode", "city"]
    schema = pa.schema([("record", pa.int64()), *((name, pa.string()) for name in names)])
    return pa.Table.from_pylist(rows, schema=schema)


@pytest.fixture(scope="module")
def model(records: pa.Table) -> LinkingModel:
    return train(records)


def shuffled(records: pa.Table, seed: int) -> pa.Table:
    return records.take(pa.array(np.random.default_rng(seed).permutation(len(records))))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_order_of_records_does_not_matter(
    records: pa.Table, model: LinkingModel, seed: int
) -> None:
    other = shuffled(records, seed)
    with Workbench(threads=1) as workbench:
        assert train(other, workbench=workbench).to_json() == model.to_json()
    here, there = score(records, model), score(other, model)
    assert len(here) > 50
    assert here.equals(there)
    assert decide(here, records, model).table.equals(decide(there, other, model).table)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_new_records_are_scored_as_in_bulk(
    records: pa.Table, model: LinkingModel, seed: int
) -> None:
    mixed = shuffled(records, seed)
    late = 60
    existing, new = mixed.slice(late), mixed.slice(0, late)
    numbers = set(new["record"].to_pylist())
    bulk = [
        row
        for row in score(records, model).to_pylist()
        if row["left"] in numbers or row["right"] in numbers
    ]
    found = score_new(new, existing, model).to_pylist()
    assert len(found) > 10
    assert [(row["left"], row["right"]) for row in found] == [
        (row["left"], row["right"]) for row in bulk
    ]
    for one, other in zip(found, bulk, strict=True):
        assert one == pytest.approx(other)
