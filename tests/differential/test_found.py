"""Every case in which an engine once differed from the oracle stays right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from differential.bulk import BulkEngine
from differential.live import LiveWorkspace
from differential.oracle import members
from patron.testing.differential.cases import Case
from patron.testing.differential.following import follow
from patron.testing.differential.harness import ask
from patron.testing.differential.scripts import Script

FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_difference_once_found_stays_mended(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    if "acts" in told:
        differences = follow(Script.from_json(told), LiveWorkspace(), members).differences
        assert not differences, differences[0].text()
        return
    case = Case.from_json(told)
    engine = BulkEngine()
    if not engine.understands(case.rule):
        pytest.skip(f"The engine does not read the rule of {path.name} yet.")
    differences = ask(case, engine, members)
    assert not differences, differences[0].text()
