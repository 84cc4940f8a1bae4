"""What a definition said before."""

from __future__ import annotations

from typing import Any

from patron import definitions
from patron.clock import format_time
from patron.definitions.bodies import check_kind
from patron.warehouse.reading import Reading


def versions(reading: Reading, kind: str, name: str) -> list[dict[str, Any]]:
    """All versions of a definition, the newest first; of one that was removed too.

    Args:
        reading: The view to read in.
        kind: Such as ``segment``.
        name: Its name.

    Returns:
        Nothing where there never was one of this name.

    Raises:
        DefinitionError: There is no such kind.
    """
    check_kind(kind)
    return [
        {
            "version": one.version,
            "recorded_at": format_time(one.recorded_at),
            "origin": one.origin,
            "removed": one.body is None,
            "definition": one.body,
        }
        for one in definitions.history(reading.cursor, kind, name)
    ]
