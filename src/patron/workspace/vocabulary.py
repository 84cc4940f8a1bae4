"""What somebody who writes a rule is offered."""

from __future__ import annotations

from typing import Any

from patron.pipeline import vocabulary
from patron.warehouse.vocabulary import Of
from patron.workspace.opened import Opened


class Vocabulary(Opened):
    """Says which names and values occur."""

    def vocabulary(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Every name that a rule can use; see `pipeline.vocabulary.known`."""
        with self.reading(min_position=min_position) as reading:
            return vocabulary.known(
                reading, self._book, self._sources.all, self._remembered, min_position or 0
            )

    def vocabulary_values(
        self,
        of: Of,
        name: str,
        *,
        event: str | None = None,
        starting: str = "",
        limit: int = 20,
        with_personal: bool = False,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """The most frequent values of a property or trait; see `pipeline.vocabulary.values`."""
        with self.reading(min_position=min_position) as reading:
            return vocabulary.values(
                reading, self._book, of, name,
                event=event, starting=starting, limit=limit, with_personal=with_personal,
            )  # fmt: skip
