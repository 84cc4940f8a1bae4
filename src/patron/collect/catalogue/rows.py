"""Rows of files as entities: CSV, JSON lines and Parquet, by a mapping with ``entity``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from patron import structs
from patron.collect.files import FileImport
from patron.engines.duckdb import Cursor
from patron.spec.entity_items import RefusedItem
from patron.spec.mapping import Mapping, rows_of_entities


def entity_rows(
    cursor: Cursor, mapping: Mapping, path: Path, now: datetime
) -> Iterator[dict[str, Any] | RefusedItem]:
    """The entities that the rows of some files are about, and the rows that are about none.

    Args:
        cursor: In no transaction.
        mapping: With ``entity``.
        path: A file or a folder.
        now: The present, naive UTC.

    Raises:
        InputError: A file cannot be read.
        DefinitionError: The mapping does not fit the files.
    """
    files = FileImport(rows_of_entities(mapping), path, source_id=0)
    try:
        files.prepare(cursor, now)
        for incoming, refused in files.chunks(cursor):
            rows = incoming.select(["identifiers", "properties"]).to_pylist()
            for row in rows:
                yield {
                    **structs.decode(row["properties"] or b"{}"),
                    "id": row["identifiers"][0]["value"],
                }
            for row in refused.to_pylist():
                yield RefusedItem(row["row_number"], None, _field(row["field"]), row["reason"])
    finally:
        files.close(cursor)


def _field(field: str | None) -> str | None:
    return field and field.replace("message.properties.", "").replace("properties.", "")
