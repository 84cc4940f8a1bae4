"""The tracker's own tests, and what its built file may cost a page."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

from browser.conftest import ROOT, TRACKER, missing

FOLDER = ROOT / "web/tracker"
MOST_BYTES = 12_000
"""Of the tracker as it travels, compressed."""


def test_its_unit_tests_types_and_format_pass() -> None:
    if shutil.which("npm") is None or not (FOLDER / "node_modules").exists():
        missing("npm or the tracker's packages are missing: make tracker (needs Node.js).")
    for task in ("check", "test"):
        done = subprocess.run(
            ["npm", "run", "--silent", task], check=False, capture_output=True, text=True,
            timeout=300, cwd=FOLDER,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout


def test_it_is_small(tracker: None) -> None:
    assert len(gzip.compress(TRACKER.read_bytes())) <= MOST_BYTES


def test_it_has_no_dependencies_and_a_source_map(tracker: None) -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in package
    mapped = json.loads(Path(f"{TRACKER}.map").read_text(encoding="utf-8"))["sources"]
    assert {Path(source).parent.name for source in mapped} == {"src"}
    assert "src/index.ts" in " ".join(mapped)
