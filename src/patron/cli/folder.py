"""Which folder a command means."""

from __future__ import annotations

from pathlib import Path

from patron.errors import NotFoundError

USUAL = Path("patron-data")
"""The workspace that commands look for, and that `patron init` makes, when none is named."""

DATABASE = "patron.duckdb"  # as in warehouse.store, which is too heavy to import for a name
TOKEN = "admin-token"  # noqa: S105 - the name of a file


def find_folder(named: Path | None) -> Path:
    """The workspace that a command works on.

    Args:
        named: What ``--workspace`` or ``PATRON_WORKSPACE`` says.

    Returns:
        That; else ``./patron-data``; else the current folder.

    Raises:
        NotFoundError: It is no workspace.
    """
    if named is not None:
        if not is_workspace(named):
            raise NotFoundError(
                f"{named} is not a Patron workspace.", hint=f"Make one: patron init {named}"
            )
        return named
    for candidate in (USUAL, Path()):
        if is_workspace(candidate):
            return candidate
    raise NotFoundError(
        f"No workspace here: neither ./{USUAL} nor the current folder is one.",
        hint="Make one with `patron init`, or name one with --workspace or PATRON_WORKSPACE.",
    )


def is_workspace(folder: Path) -> bool:
    """Whether a folder holds a workspace."""
    return (folder / DATABASE).exists()
