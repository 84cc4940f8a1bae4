"""What the tests of file imports share: run one import and look at what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from patron.collect.files import FileImport, read_mapping
from patron.engines.duckdb import Database

RECEIVED = datetime(2026, 6, 1, 12)

MESSAGE: dict[str, Any] = {
    "event": "Visited",
    "message_id": "visit-{id}",
    "timestamp": "at",
    "identifiers": {"loyalty_card": "card"},
}


def mapping(file: str, message: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """A mapping with a message that most tests can use."""
    return {"name": "visits", "source": "tills", "file": file, **rest,
            "message": {**MESSAGE, **(message or {})}}  # fmt: skip


@dataclass
class Imported:
    """What an import gave: rows of `incoming` in order, rows of `refused`, notes."""

    incoming: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chunks: list[tuple[int, int]] = field(default_factory=list)
    total: int = 0

    @property
    def ids(self) -> list[str]:
        """The message ids in the order of the import."""
        return [row["message_id"] for row in self.incoming]

    def problem(self) -> tuple[str, str | None, int]:
        """Code, field and row of the one refusal."""
        (row,) = self.refused
        return row["code"], row["field"], row["row_number"]


def run(definition: dict[str, Any], path: Path, *, rows: int | None = None) -> Imported:
    """Import a file or folder, all chunks."""
    result = Imported()
    with Database(threads=2) as database:
        cursor = database.cursor()
        job = FileImport(read_mapping(definition), path, source_id=7, brand="shop", channel="store")
        try:
            job.check(cursor)
            result.total = job.prepare(cursor, RECEIVED)
            result.notes = job.notes
            for messages, refused in job.chunks(cursor, rows):
                items = messages.column("item").to_pylist()
                assert items == list(range(messages.num_rows))
                result.incoming += messages.to_pylist()
                result.refused += refused.to_pylist()
                result.chunks.append((messages.num_rows, refused.num_rows))
            assert len(result.incoming) + len(result.refused) == result.total
        finally:
            job.close(cursor)
        left = cursor.execute(
            "select table_name from duckdb_tables() where table_name like 'import_%'"
        ).all()
        assert left == []
    return result
