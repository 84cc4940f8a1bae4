"""Watching an import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patron.cli import importing
from patron.cli.importing import progress, run_import


class Api:
    """Answers like the API with one state after the other."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.asked: list[tuple[str, Any]] = []

    def post(self, path: str, body: Any) -> dict[str, Any]:
        self.asked.append((path, body))
        return self._next()

    def get(self, path: str) -> dict[str, Any]:
        self.asked.append((path, None))
        return self._next()

    def _next(self) -> dict[str, Any]:
        state = self._states.pop(0)
        return {
            "import_id": "a/1", "state": state, "accepted": 10, "total": None, "stored": 9,
            "duplicate": 0, "quarantined": 1, "notes": [], "error": "The disk is full.",
        }  # fmt: skip


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PAUSE", 0)


@pytest.mark.parametrize("last", ["done", "failed"])
def test_an_import_is_watched_until_it_ends(tmp_path: Path, last: str) -> None:
    api = Api("running", "running", last)
    seen: list[str] = []
    end = run_import(api, "orders", tmp_path / "x", lambda state: seen.append(state["state"]))
    assert end["state"] == last
    assert seen == ["running", "running", last]
    assert api.asked[0] == ("/imports", {"mapping": "orders", "path": str(tmp_path / "x")})
    assert api.asked[1:] == [("/imports/a%2F1", None)] * 2


def test_an_import_that_failed_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from typer.testing import CliRunner

    from patron.cli.app import app

    (tmp_path / "patron.duckdb").touch()
    monkeypatch.setattr(importing, "connect", lambda _folder: nullcontext(Api("running", "failed")))
    result = CliRunner().invoke(app, ["import", "orders", ".", "-w", str(tmp_path)])
    assert result.exit_code == 1
    assert "Error: The import failed: The disk is full." in result.stderr
    assert "9" in result.stdout
    assert "patron quarantine list" in result.stderr


def test_no_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("orders") as update:
        update({"accepted": 1, "total": None})
    assert capsys.readouterr() == ("", "")
