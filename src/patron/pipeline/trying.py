"""The first rows of a file as the messages that a mapping makes of them. Stores nothing."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from patron import structs
from patron.collect.files import FileImport
from patron.collect.files.sampling import beginning, sample
from patron.errors import InputError
from patron.identity import NormalForms
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import told_part
from patron.spec.mapping import Mapping
from patron.warehouse.store import Store

SHOWN = 20
"""So many rows are tried."""


def tried(
    store: Store, mapping: Mapping, path: Path, rules: IdentityRules, now: datetime
) -> dict[str, Any]:
    """What a mapping makes of the first rows of a file.

    Args:
        store: Where rows are staged for the while.
        mapping: Of rows of files; it need not be applied.
        path: The file.
        rules: Of identity: they say which identifiers can identify anybody.
        now: What messages carry as the time of their arrival, naive UTC.

    Raises:
        InputError: The file cannot be read, or the mapping is not of rows of files.
        DefinitionError: The file does not fit the mapping.
    """
    if mapping.message is None or mapping.database is not None:
        raise InputError("Only mappings of files with message are tried.", field="mapping")
    with tempfile.TemporaryDirectory(dir=store.scratch) as folder, store.cursor() as cursor:
        found = sample(path)
        first = beginning(path, Path(folder), found, SHOWN)
        trial = FileImport(
            msgspec.structs.replace(mapping, format=found.format), first, source_id=0
        )  # fmt: skip
        try:
            trial.prepare(cursor, now)
            messages: list[dict[str, Any]] = []
            refused: list[dict[str, Any]] = []
            for incoming, away in trial.chunks(cursor):
                messages += [_message(row, rules) for row in incoming.to_pylist()]
                refused += [_refused(row) for row in away.to_pylist()]
        finally:
            trial.close(cursor)
    return {"messages": messages, "refused": refused, "notes": trial.notes}


def _message(row: dict[str, Any], rules: IdentityRules) -> dict[str, Any]:
    forms = NormalForms(rules)
    identifiers = []
    for one in row["identifiers"] or []:
        normal = forms.normal(one["type"], one["value"])
        known = isinstance(normal, str)
        identifiers.append({
            **one,
            "normal": normal if isinstance(normal, str) else None,
            "reason": None if known else normal.reason,  # type: ignore[union-attr]
            "code": None if known else normal.code,  # type: ignore[union-attr]
        })  # fmt: skip
    return {
        "row": row["row_number"],
        "message": structs.decode(row["body"]),
        "identifiers": identifiers,
        "identified": any(one["normal"] for one in identifiers),
    }


def _refused(row: dict[str, Any]) -> dict[str, Any]:
    body = bytes(row["body"] or b"").decode(errors="replace")
    return {"row": row["row_number"], "field": row["field"], "code": row["code"],
            "reason": row["reason"], "told": told_part(row["told"]), "body": body}  # fmt: skip
