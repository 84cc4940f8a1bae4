from __future__ import annotations

import os
from pathlib import Path

import pytest

from patron.cli import doctor
from patron.cli.folder import TOKEN

GIB = 1024**3


@pytest.mark.parametrize(
    ("free", "database", "state"),
    [
        (50 * GIB, GIB, "ok"),
        (GIB, GIB // 4, "warn"),
        (8 * GIB, 40 * GIB, "warn"),
        (GIB // 8, 1, "fail"),
    ],
)
def test_disk(free: int, database: int, state: str) -> None:
    finding = doctor._disk(free, database)
    assert finding.state == state
    assert bool(finding.advice) == (state != "ok")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize(
    ("mode", "state"), [(0o600, "ok"), (0o400, "ok"), (0o640, "fail"), (0o604, "fail")]
)
def test_the_token_is_for_its_owner_only(tmp_path: Path, mode: int, state: str) -> None:
    file = tmp_path / TOKEN
    file.touch()
    file.chmod(mode)
    finding = doctor._token(tmp_path)
    assert finding.state == state
    assert (f"chmod 600 {file}" in finding.advice) == (state == "fail")


def test_a_missing_token_is_found(tmp_path: Path) -> None:
    assert doctor._token(tmp_path).state == "fail"


class Counters:
    def __init__(self, stored: int) -> None:
        self.row = {
            "source": "web",
            "accepted": 10,
            "stored": stored,
            "duplicate": 2,
            "quarantined": 1,
        }

    def get(self, _path: str) -> dict[str, object]:
        return {"sources": [self.row], "total": {**self.row, "source": "total"}}


def test_counters_must_add_up() -> None:
    assert doctor._counters(Counters(stored=7)).state == "ok"
    wrong = doctor._counters(Counters(stored=8))
    assert wrong.state == "fail"
    assert "web" in wrong.detail
