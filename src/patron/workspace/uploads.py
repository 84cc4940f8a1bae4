"""Files handed in through the browser, and mappings made and tried by their example."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from patron.definitions import read_text, render
from patron.errors import DefinitionError
from patron.pipeline import suggesting, trying
from patron.pipeline.readers import mapping_definition
from patron.pipeline.uploads import Uploads
from patron.workspace.mappings import as_body
from patron.workspace.opened import Opened


class Files(Opened):
    """Keeps uploads, and says what they would become."""

    @cached_property
    def uploads(self) -> Uploads:
        """The files that were handed in."""
        return Uploads(self._store.scratch / "uploads", self.clock)

    def suggest_mapping(self, upload: str) -> dict[str, Any]:
        """What is in an upload, and a mapping to begin with; see `pipeline.suggesting`."""
        return suggesting.suggested(
            self.uploads.path(upload), self._book, self._sources.by_name, today=self.clock.now()
        )

    def read_mapping(self, text: str) -> dict[str, Any]:
        """The mapping of a definition file; what else stands in it is passed over.

        Args:
            text: YAML.

        Raises:
            DefinitionError: It cannot be read, or does not hold one mapping.
        """
        found = [one for one in read_text(text) if one.kind == "mapping"]
        if len(found) != 1:
            raise DefinitionError(
                f"definitions: expected one mapping, found {len(found)}.", field="definitions"
            )
        mapping_definition(found[0].name, found[0].body)
        return {"name": found[0].name, "mapping": found[0].body}

    def try_mapping(
        self, mapping: str | dict[str, Any], upload: str, name: str = "mapping"
    ) -> dict[str, Any]:
        """What a mapping makes of the first rows of an upload; stores nothing.

        Args:
            mapping: The name of an applied one, or the body of one that is not.
            upload: The id of an upload.
            name: How one that is not applied is to be called.

        Raises:
            DefinitionError: The mapping is wrong, or does not fit.
            NotFoundError: There is no such upload or mapping.
        """
        wanted = (
            self._book.mapping(mapping)
            if isinstance(mapping, str)
            else mapping_definition(name, mapping)
        )
        path = self.uploads.path(upload)
        found = trying.tried(self._store, wanted, path, self._book.identity, self.clock.now())
        body = as_body(wanted) if isinstance(mapping, str) else mapping
        return {**found, "definitions": render("mapping", wanted.name, body)}
