"""Sources and their write keys."""

from __future__ import annotations

from typing import Any

from patron.pipeline import checks, sources
from patron.workspace.definitions import Definitions


class SourceKeys(Definitions):
    """Declares sources one by one, and makes and revokes their write keys."""

    def sources(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Every source; see `pipeline.sources.listing`."""
        with self.reading(min_position=min_position) as reading:
            data = sources.listing(reading, self._sources.all, self.clock.now())
            return {**reading.head, "data": data}

    def put_source(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Declare or change a source, as a definition file would; a new one gets a write key.

        Raises:
            DefinitionError: A field is wrong.
        """
        [(key, checked)] = checks.checked(
            [{"kind": "source", "name": name, "body": body}]
        ).items()  # fmt: skip
        now = self.clock.now()
        write_key = self._change(lambda cursor: sources.put(cursor, key[1], checked, now))
        return {**self._saved(name), "write_key": write_key}

    def make_source_key(self, name: str, *, made_by: str) -> dict[str, Any]:
        """A further write key of a source; it is told this once.

        Raises:
            NotFoundError: There is no such source.
        """
        source, now = sources.found(self._sources.by_name, name), self.clock.now()
        made = self._change(lambda cursor: sources.make_key(cursor, source, made_by, now))
        return {"position": self._ingest.position, **made}

    def revoke_source_key(self, name: str, key_id: int) -> dict[str, Any]:
        """Take nothing more that is sent with a key.

        Raises:
            NotFoundError: There is no such source, or it has no such key.
        """
        source, now = sources.found(self._sources.by_name, name), self.clock.now()
        self._change(lambda cursor: sources.revoke(cursor, source, key_id, now))
        return self._saved(name)
