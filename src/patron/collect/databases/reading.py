"""What every kind of database offers a pull: its columns, and its rows as text, in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from patron.collect.databases.address import Address
from patron.errors import PatronError
from patron.spec.databases import DatabaseRows

Kind = Literal[
    "text", "integer", "large integer", "decimal", "number", "floating-point number", "boolean",
    "date", "time without a zone", "moment", "json", "value of any type", "binary",
]  # fmt: skip

Cell = str | bytes | None
"""A value as text; bytes only where a database holds binary values in any column."""


class DatabaseError(PatronError):
    """A database cannot be reached or does not answer as asked; a later pull may succeed."""

    code = "database"
    retryable = True


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of what is read.

    Attributes:
        name: As the database names it.
        kind: What its values are.
        digits: Of a decimal: all its digits, and those after the point.
        code: What the database calls its type.
    """

    name: str
    kind: Kind
    digits: tuple[int, int] = (38, 12)
    code: int = 0


class Reader(ABC):
    """A connection to a database, in one transaction that only reads.

    Args:
        address: Where.
        rows: What.

    Raises:
        DatabaseError: It cannot be reached, or refuses.
    """

    def __init__(self, address: Address, rows: DatabaseRows) -> None:
        self.address = address
        self.asked = rows

    @abstractmethod
    def columns(self) -> list[SourceColumn]:
        """The columns of the table or query."""

    @abstractmethod
    def count(self, start: str | None) -> int:
        """How many rows there are from a position on."""

    @abstractmethod
    def rows(
        self, columns: list[SourceColumn], start: str | None, size: int
    ) -> Iterator[list[tuple[Cell, ...]]]:
        """The rows at or after a position, or all that have one, in the order of the cursor.

        Args:
            columns: Which; the cursor's first.
            start: The position, as the text of the cursor.
            size: How many rows come together.
        """

    @abstractmethod
    def cancel(self) -> None:
        """End the question that another thread waits for."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""

    def failed(self, error: BaseException) -> DatabaseError:
        """An error of the driver as one of ours, without the password."""
        shown = self.address.hidden(" ".join(str(error).split()))
        return DatabaseError(
            f"The database {self.asked.connection}: {shown or type(error).__name__}"
        )


def missing(library: str, connection: str) -> DatabaseError:
    """The library that speaks to this kind of database is not installed."""
    return DatabaseError(
        f"The database {connection} is read with the library {library}, which is not installed.",
        hint="Install Patron with its extra: pip install 'patron[databases]'.",
    )
