"""Exchange rates: declaring them, and who converts by them."""

from __future__ import annotations

from typing import Any

from patron.engines.duckdb import Cursor
from patron.pipeline import changes, checks, exchange_rates
from patron.segments.catalogue import read_catalogue
from patron.workspace.definitions import Definitions


class ExchangeRates(Definitions):
    """Says what amounts of other currencies are worth, and changes it."""

    def exchange_rates(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All exchange rates, with who converts by them."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "data": exchange_rates.listing(reading, self._book)}

    def exchange_rates_to(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """The exchange rates to one currency, with who converts by them.

        Raises:
            NotFoundError: There are none.
        """
        with self.reading(min_position=min_position) as reading:
            found = exchange_rates.one(reading, self._book, name)
            return {**reading.head, "exchange_rates": found}

    def put_exchange_rates(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change the rates to a currency; an edit of every rule that converts to it.

        Raises:
            DefinitionError: One of them is wrong.
        """
        wanted = checks.checked([{"kind": "exchange_rates", "name": name, "body": body}])
        with self.reading() as reading:
            catalogue = read_catalogue(reading.cursor, self._book.catalogue)
            warnings = exchange_rates.check(name, body, self._book, catalogue)
        self._record(wanted)
        return {**self._saved_version("exchange_rates", name), "warnings": warnings}

    def put_exchange_rate(
        self, name: str, currency: str, since: str, rate: str | float | int
    ) -> dict[str, Any]:
        """Add a rate to a currency, or change that of its day; the others stay.

        Raises:
            DefinitionError: It is wrong.
        """

        def change(cursor: Cursor) -> None:
            body = exchange_rates.with_rate(cursor, name, currency, since, rate)
            wanted = checks.checked([{"kind": "exchange_rates", "name": name, "body": body}])
            changes.record(cursor, self._book, wanted, self.clock.now())

        self._change(change)
        return {**self._saved_version("exchange_rates", name), "warnings": []}

    def delete_exchange_rates(self, name: str) -> dict[str, Any]:
        """Remove the rates to a currency.

        Raises:
            NotFoundError: There are none.
            ConflictError: Others convert by them; says which.
        """
        exchange_rates.check_unused(name, self._book)
        return {**self._removed("exchange_rates", name), "version": None}
