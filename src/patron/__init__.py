"""Patron: a customer data platform in one process and one folder.

The library in short: `open` gives a `Workspace`, which offers every task as a method.

>>> import tempfile
>>> import patron
>>> folder = tempfile.mkdtemp()
>>> token = patron.Workspace.create(folder)
>>> with patron.open(folder) as workspace:
...     workspace.table("select count(*) as customers from customers").to_pylist()
[{'customers': 0}]

What else stands here is the tree of errors (see `patron.errors`) and the clocks. Everything is
loaded when it is first used, so that ``import patron`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from patron.clock import Clock, ManualClock, SystemClock
    from patron.errors import (
        AbandonedError,
        AccessError,
        BusyError,
        ConflictError,
        DefinitionError,
        ForbiddenError,
        InputError,
        LockedError,
        NotFoundError,
        NotYetError,
        PatronError,
        QueryError,
        RuleError,
        StorageError,
        TooLargeError,
    )
    from patron.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "AbandonedError",
    "AccessError",
    "BusyError",
    "Clock",
    "ConflictError",
    "DefinitionError",
    "ForbiddenError",
    "InputError",
    "LockedError",
    "ManualClock",
    "NotFoundError",
    "NotYetError",
    "PatronError",
    "QueryError",
    "RuleError",
    "StorageError",
    "SystemClock",
    "TooLargeError",
    "Workspace",
    "__version__",
    "open",
]

_HOMES = {
    "Clock": "patron.clock",
    "ManualClock": "patron.clock",
    "SystemClock": "patron.clock",
    "Workspace": "patron.workspace",
}
"""Where a public name is defined, unless it is an error."""


def open(path: Path | str, clock: Clock | None = None) -> Workspace:  # noqa: A001 - reads well
    """Open a workspace.

    Args:
        path: Its folder, made by ``patron init`` or `Workspace.create`.
        clock: Where now comes from; the machine's clock when None.

    Returns:
        The workspace; close it, or use it in a ``with`` statement.

    Raises:
        NotFoundError: The folder is no workspace.
        BusyError: Another process has it open, such as ``patron serve``.
        StorageError: It cannot be read, or a newer Patron wrote it.
    """
    from patron.workspace import Workspace

    return Workspace(path, clock=clock)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES.get(name, "patron.errors")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
