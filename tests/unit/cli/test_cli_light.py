"""The command line starts at once: what is heavy loads only in a command that needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from patron import __version__

# Not pydantic: typer itself reads ranges of numbers with it.
HEAVY = {
    "anyio", "duckdb", "fastapi", "httpx", "lark", "numpy", "pandas", "pyarrow", "rich", "scipy",
    "sqlglot", "starlette", "structlog", "uvicorn", "yaml",
}  # fmt: skip


def loaded_by(*arguments: str, cwd: str = ".") -> tuple[set[str], str]:
    """The packages that a run of the command line has imported, and what it printed."""
    script = f"""
import atexit, sys
atexit.register(lambda: print(*sorted({{m.split('.')[0] for m in sys.modules}}), file=sys.stderr))
sys.argv = ["patron", *{arguments!r}]
from patron.cli import main
main()
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=cwd
    )
    return set(run.stderr.strip().splitlines()[-1].split()), run.stdout


@pytest.mark.parametrize(
    "arguments", [("--help",), ("segment", "--help"), ("serve", "--help"), ("demo", "--help")]
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    packages, printed = loaded_by(*arguments)
    assert "Usage: patron" in printed
    assert "typer" in packages
    assert not packages & HEAVY


def test_version() -> None:
    packages, printed = loaded_by("--version")
    assert printed == f"patron {__version__}\n"
    assert not packages & HEAVY


def test_a_folder_that_is_no_workspace_is_refused_before_anything_heavy(tmp_path: Path) -> None:
    packages, printed = loaded_by("status", cwd=str(tmp_path))
    assert printed == ""
    assert not packages & HEAVY
