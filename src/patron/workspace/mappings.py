"""Mappings: which there are, and changing one."""

from __future__ import annotations

from typing import Any

import msgspec

from patron.definitions import render
from patron.errors import DefinitionError, unknown
from patron.pipeline.readers import mapping_definition
from patron.spec.mapping import Mapping
from patron.workspace.definitions import Definitions


def as_body(mapping: Mapping) -> dict[str, Any]:
    """A mapping as the body of its definition."""
    body: dict[str, Any] = msgspec.to_builtins(mapping)
    return {key: value for key, value in body.items() if key not in ("kind", "name")}


class Mappings(Definitions):
    """Says which mappings there are, and makes or changes them one by one."""

    def mappings(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All mappings, by name."""
        with self.reading(min_position=min_position) as reading:
            data = [_shown(one) for _, one in sorted(self._book.mappings.items())]
            return {**reading.head, "data": data}

    def put_mapping(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change a mapping; the next import goes by it.

        Raises:
            DefinitionError: It makes no sense, or its source is not there.
        """
        wanted = mapping_definition(name, body)
        if wanted.source not in self._sources.by_name:
            raise DefinitionError(
                f"source: there is no source {wanted.source}.",
                field="source",
                hint="Declare it first; a source of files is of the type file.",
                told=unknown("source", wanted.source),
            )
        self._put("mapping", name, body)
        return self._saved(name)


def _shown(mapping: Mapping) -> dict[str, Any]:
    body = as_body(mapping)
    reads = "database" if mapping.database is not None else "files"
    makes = "messages" if mapping.entity is None else "entities"
    return {
        "name": mapping.name,
        "source": mapping.source,
        "description": mapping.description,
        "reads": reads,
        "makes": makes,
        "kind": None if mapping.entity is None else mapping.entity.kind,
        "body": body,
        "definitions": render("mapping", mapping.name, body),
    }
