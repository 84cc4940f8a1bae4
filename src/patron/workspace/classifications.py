"""What sorts customers into classes: declaring it, and asking about the classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import checks, classifications, points
from patron.pipeline.card import Card
from patron.segments.catalogue import read_catalogue
from patron.workspace.definitions import Definitions


class Classifications(Definitions):
    """Declares what sorts customers, and answers questions about the classes."""

    def classifications(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All of them by name."""
        with self.reading(min_position=min_position) as reading:
            return classifications.listing(reading, self._book)

    def classification(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """One of them.

        Raises:
            NotFoundError: There is none.
        """
        with self.reading(min_position=min_position) as reading:
            found = classifications.shown(self._book.classification(name))
            return {**reading.head, "classification": found}

    def put_classification(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change one; `body` names its kind.

        Raises:
            DefinitionError: It is wrong.
            RuleError: A text in it is wrong, or names what was never seen.
            ConflictError: What it makes is there already, or what it made is used.
        """
        kind, body = classifications.known_kind(body)
        wanted = checks.checked([{"kind": kind, "name": name, "body": body}])
        with self.reading() as reading:
            catalogue = read_catalogue(reading.cursor, self._book.catalogue)
            warnings = classifications.check(
                kind, name, body, self._book, catalogue, allow_unknown=allow_unknown
            )
        self._record(wanted)
        return {**self._saved_version(kind, name), "warnings": warnings}

    def delete_classification(self, name: str) -> dict[str, Any]:
        """Remove one, with the computed traits and segments that it makes.

        Raises:
            NotFoundError: There is none.
            ConflictError: Others use what it makes; says which.
        """
        found = classifications.check_unused(name, self._book)
        return {**self._removed(found.kind, name), "version": None}

    def points(
        self,
        name: str,
        identifier: str,
        *,
        limit: int = 100,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """The ledger of a customer's points; see `points.ledger`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return points.ledger(reading, self._book, name, identifier, limit=limit)

    def burn_points(self, card: Card, name: str, number: int) -> dict[str, Any]:
        """Burn points on a card, as a task of `write`; see `points.burn`."""
        return points.burn(card, self._book, name, number)

    def classes(
        self,
        name: str,
        *,
        trait: str | None = None,
        brand: str | None = None,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Every class with its customers; see `classifications.classes`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return classifications.classes(reading, self._book, name, trait=trait, brand=brand)

    def class_movements(
        self,
        name: str,
        *,
        since: datetime,
        trait: str | None = None,
        brand: str | None = None,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Who went from which class to which; see `classifications.movements`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return classifications.movements(
                reading, self._book, name, since=since, trait=trait, brand=brand
            )
