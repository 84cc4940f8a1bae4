"""Memory on disk, so that a start after a clean stop need not read the tables.

Each array is a file of its own and is mapped when it is loaded: the start takes no longer for more
rows, and the system reads what is asked for.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from patron import structs
from patron.errors import StorageError
from patron.segments.memory.columns import Column, Columns, Table
from patron.segments.memory.histories import Memory
from patron.segments.memory.rows import Run
from patron.segments.memory.tables import TableMemory

FORMAT = 1
"""One more whenever what is remembered of a row changes its meaning, and not its SQL."""

_ABOUT = "memory.json"


class _About(msgspec.Struct):
    """What lies in the folder, by table: the columns, how far they go, and the runs.

    Codes are made by the engine, and columns are its SQL: neither is good for another version.
    """

    made_by: str
    columns: list[Column]
    segments: list[str]
    brands: str
    tables: dict[Table, tuple[list[Column], list[str], int, int]]


def save(memory: Memory, folder: Path) -> None:
    """Write everything that is remembered into an empty folder."""
    tables: dict[Table, Any] = {}
    for name, table in memory.tables.items():
        tables[name] = (table.wanted, sorted(table.beside), table.mark, len(table.rows.runs))
        for number, run in enumerate(table.rows.runs):
            for column, values in _arrays(run).items():
                np.save(folder / f"{name}-{number}-{column}.npy", values)
    about = _About(
        _made_by(),
        list(memory.columns.wanted),
        sorted(memory.columns.segments),
        memory.columns.brands,
        tables,
    )
    (folder / _ABOUT).write_bytes(msgspec.json.encode(about))


def load(folder: Path) -> Memory:
    """Read what `save` wrote; the files stay in use.

    Raises:
        StorageError: It is not there, or not what `save` writes.
    """
    try:
        about = structs.decode((folder / _ABOUT).read_bytes(), _About)
        if about.made_by != _made_by():
            raise StorageError(f"{folder} was written by another version.")
        memory = Memory(Columns(dict.fromkeys(about.columns), set(about.segments), about.brands))
        for name, (wanted, beside, mark, runs) in about.tables.items():
            table = TableMemory(name, wanted, set(beside), mark)
            for number in range(runs):
                table.rows.runs.append(_run(folder, f"{name}-{number}", table))
            memory.tables[name] = table
    except (OSError, ValueError, EOFError, msgspec.MsgspecError) as error:
        raise StorageError(f"{folder} holds no readable memory of live rules.") from error
    return memory


def _made_by() -> str:
    return f"format {FORMAT}, duckdb {version('duckdb')}"


def _arrays(run: Run) -> dict[str, Any]:
    places = {"ids": run.ids, "starts": run.starts, "ends": run.ends}
    return places | {f"of-{name}": values for name, values in run.columns.items()}


def _run(folder: Path, name: str, table: TableMemory) -> Run:
    def read(column: str) -> Any:  # noqa: ANN401 - an array
        return np.load(folder / f"{name}-{column}.npy", mmap_mode="r")

    columns = {column: read(f"of-{column}") for column in table.rows.columns}
    # What is forgotten later is noted in `ends`, so that is no map of the file.
    return Run(read("ids"), read("starts"), np.array(read("ends")), columns)
