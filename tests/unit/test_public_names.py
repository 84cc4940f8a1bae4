"""The names that users of the library may rely on, and that asking for them costs nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import patron
from patron import errors
from patron.clock import ManualClock, parse_time

START = parse_time("2018-01-01T00:00:00Z")


def test_all_is_sorted_and_every_name_is_there() -> None:
    assert patron.__all__ == sorted(set(patron.__all__))
    for name in patron.__all__:
        assert getattr(patron, name) is not None
        assert name in dir(patron)


def test_every_public_thing_says_what_it_is() -> None:
    for name in set(patron.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(patron, name)), name


def test_every_error_is_public_and_no_other() -> None:
    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.PatronError)
    }
    assert {name for name in patron.__all__ if name.endswith("Error")} == raised


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Workspaces'"):
        patron.Workspaces  # type: ignore[attr-defined]  # noqa: B018 - asked for on purpose


def test_importing_patron_loads_nothing_but_the_standard_library() -> None:
    script = (
        "import sys; before = set(sys.modules); import patron; "
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) - set(sys.stdlib_module_names) == {"patron"}


def test_open_gives_a_workspace_on_the_clock_that_it_is_given(tmp_path: Path) -> None:
    patron.Workspace.create(tmp_path / "shop", clock=ManualClock(START))
    with patron.open(tmp_path / "shop", clock=ManualClock(START)) as workspace:
        assert isinstance(workspace, patron.Workspace)
        assert workspace.status()["as_of"] == "2018-01-01T00:00:00Z"
        assert workspace.table("select count(*) as n from customers").to_pylist() == [{"n": 0}]


def test_open_refuses_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(patron.NotFoundError, match="is not a Patron workspace"):
        patron.open(tmp_path)


def test_a_folder_is_opened_by_one_process_at_a_time(tmp_path: Path) -> None:
    patron.Workspace.create(tmp_path)
    script = (
        "import sys, patron\ntry: patron.open(sys.argv[1])\nexcept patron.BusyError: print('busy')"
    )
    with patron.open(tmp_path):
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
    assert run.stdout == "busy\n"
