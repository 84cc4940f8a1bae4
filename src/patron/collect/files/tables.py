"""Files as relations of the engine: which columns they have, and how their rows are read.

All kinds of table offer the same: `names`, `raw` for one column, `load`, and `relation`, a FROM
item with ``file_no`` and ``row_no`` beside the columns that `raw` speaks of.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from patron.collect.files.discovery import DataFile
from patron.collect.files.values import Operand, identifier, literal, normal
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, InputError, QueryError, StorageError
from patron.spec.reading import did_you_mean


class Table(ABC):
    """Files of one format with the same columns.

    Args:
        files: At least one.
        name: Prefix of the names of the tables that are made for it.
        where: Path of its declaration in the mapping; empty for the main files.

    Attributes:
        names: The columns, once open.
        notes: What a person should know of the files, such as that one is empty.
        bad_rows: The table of rows that could not be read, if there can be any: file_no, row_no,
            code, reason, body.
    """

    bad_rows: str | None = None
    has_paths: bool = False
    """Whether ``a.b`` can be the member b of a column a."""
    row_text: str | None = None
    """SQL for a row's whole text under the alias ``m``, where the format has such a thing."""

    def __init__(self, files: list[DataFile], name: str, where: str) -> None:
        self.files = files
        self.name = name
        self.where = where
        self.names: list[str] = []
        self.notes: list[str] = []

    @abstractmethod
    def open(self, cursor: Cursor, folder: Path) -> None:
        """Read headers and types; copies of files that need one go to the folder.

        Raises:
            InputError: A file cannot be read, or differs from the others.
        """

    @abstractmethod
    def raw(self, name: str, alias: str = "m") -> Operand:
        """A column as it stands in the files, of `relation` under an alias."""

    @abstractmethod
    def load(self, cursor: Cursor, names: Iterable[str]) -> None:
        """Make `relation` readable for the columns named."""

    @abstractmethod
    def relation(self) -> str:
        """A subquery, in brackets."""

    def require(self, name: str, field: str) -> None:
        """Refuse a name that is no column.

        Raises:
            DefinitionError: It offers the nearest one.
        """
        if name not in self.names:
            shown = ", ".join(file.name for file in self.files[:3])
            raise DefinitionError(
                f'{field}: {shown} has no column "{name}"; '
                f"{did_you_mean(name, self.names)}{self._doubt()}",
                field=field,
            )

    def _doubt(self) -> str:
        return ""

    def _option(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _agree(self, file: DataFile, names: list[str]) -> None:
        """Take a file's columns, or refuse the file if the others have different ones."""
        if not self.names:
            self.names = names
        elif set(names) != set(self.names):
            other = min(set(names) ^ set(self.names))
            raise InputError(
                f'{file.name} and {self.files[0].name} differ: only one has the column "{other}".'
            )


class ParquetTable(Table):
    """Parquet files, read in place."""

    def open(self, cursor: Cursor, folder: Path) -> None:  # noqa: ARG002 - the same for all
        """Read the files' schemas."""
        for file in self.files:
            self._agree(file, [name for name, _ in self._describe(cursor, [file])])
        self._types = dict(self._describe(cursor, self.files))
        self._loaded: list[str] = []

    def raw(self, name: str, alias: str = "m") -> Operand:
        """A column in the kind that its type means."""
        column = f"{alias}.c{self._loaded.index(name) if name in self._loaded else 0}"
        try:
            return normal(column, self._types[name])
        except DefinitionError as error:
            raise DefinitionError(f"Column {name}: {error.message}", field=name) from None

    def load(self, cursor: Cursor, names: Iterable[str]) -> None:  # noqa: ARG002 - the same for all
        """Only choose the columns: the engine reads Parquet in place."""
        self._loaded = sorted(set(names))

    def relation(self) -> str:
        """The chosen columns, with numbers of file and row."""
        columns = "".join(f"{identifier(n)} as c{i}, " for i, n in enumerate(self._loaded))
        return (
            f"(select {columns}cast(file_index as INTEGER) as file_no, "
            f"file_row_number + 1 as row_no from {self._read(self.files)})"
        )

    def _read(self, files: list[DataFile]) -> str:
        paths = ", ".join(literal(escaped(file.path)) for file in files)
        return f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"

    def _describe(self, cursor: Cursor, files: list[DataFile]) -> list[tuple[str, str]]:
        try:
            cursor.execute(f"describe select * from {self._read(files)}")
        except (QueryError, StorageError) as error:
            raise InputError(
                f"{files[0].name} cannot be read as Parquet: {error.message}"
            ) from None
        return [(row[0], row[1]) for row in cursor.all()]


def escaped(path: Path) -> str:
    """A path in which the engine finds no pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
