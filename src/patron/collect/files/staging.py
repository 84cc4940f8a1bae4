"""Where an import keeps its tables: beside the cursor, or in a catalog that other cursors see."""

from __future__ import annotations

from dataclasses import dataclass

from patron.collect.files.values import identifier


@dataclass(frozen=True, slots=True)
class Staging:
    """Names for the tables of one import.

    Args:
        catalog: An attached database, such as one in memory; temporary tables of the cursor when
            None.

    >>> Staging().create("incoming"), Staging("staging").create("incoming")
    ('create or replace temp table incoming', 'create or replace table "staging".incoming')
    """

    catalog: str | None = None

    def name(self, table: str) -> str:
        """The table's full name."""
        return table if self.catalog is None else f"{identifier(self.catalog)}.{table}"

    def create(self, table: str) -> str:
        """The start of the statement that makes it, in place of an older one."""
        word = "temp table" if self.catalog is None else "table"
        return f"create or replace {word} {self.name(table)}"

    def drop(self, table: str) -> str:
        """The statement that removes it."""
        return f"drop table if exists {self.name(table)}"
