"""Every case in which an engine once differed from the oracle stays right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from differential.bulk import BulkEngine
from differential.oracle import members
from patron.testing.differential.cases import Case
from patron.testing.differential.harness import ask

FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_difference_once_found_stays_mended(path: Path) -> None:
    case = Case.from_json(json.loads(path.read_text("utf-8")))
    engine = BulkEngine()
    if not engine.understands(case.rule):
        pytest.skip(f"The engine does not read the rule of {path.name} yet.")
    differences = ask(case, engine, members)
    assert not differences, differences[0].text()
