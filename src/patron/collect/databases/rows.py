"""Rows that were read from a database as a relation of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from patron.collect.databases.reading import Cell, SourceColumn
from patron.collect.files.discovery import DataFile
from patron.collect.files.tables import Table
from patron.collect.files.values import Operand, literal, moment
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError

_READ = "rows_pulled"
_PLACE = "place"
_MAY_BE_BINARY = frozenset({"value of any type", "json"})


class RowsTable(Table):
    """Some rows of a database; the same object serves one batch after the other.

    Args:
        columns: All that the database offers.
        origin: What the rows are called where somebody asks where they are from.
        time_zone: Of times that state none; None leaves it to the mapping's timestamp.
    """

    has_paths = True

    def __init__(self, columns: list[SourceColumn], origin: str, time_zone: str | None) -> None:
        super().__init__([DataFile(0, origin, Path(origin))], "import_main", "database")
        self.bad_rows = "import_main_bad"
        self.names = [column.name for column in columns]
        self._columns = {column.name: column for column in columns}
        self._zone = time_zone
        self._raw = "import_main_raw"
        self._loaded: list[str] = []
        self._given: list[str] = []
        self._batch: list[tuple[Cell, ...]] = []

    def open(self, cursor: Cursor, folder: Path) -> None:
        """Nothing is left to look at."""

    def require(self, name: str, field: str) -> None:
        """Refuse a name that is no column, and no member of one that holds JSON."""
        column = self._column(name)
        if column is None:
            super().require(name, field)
        elif column.kind == "binary":
            raise DefinitionError(
                f"{field}: the column {name} holds binary values, which have no meaning in a "
                "message; leave it out, or turn it into text in database.query.",
                field=field,
            )

    def wanted(self, names: Iterable[str]) -> list[SourceColumn]:
        """The columns that must be read for some names of the mapping."""
        found = [column for name in names if (column := self._column(name)) is not None]
        return list(dict.fromkeys(found))

    def bring(self, columns: list[SourceColumn], batch: list[tuple[Cell, ...]]) -> None:
        """Set what the next `load` loads: rows with these columns."""
        self._given = [column.name for column in columns]
        self._batch = batch

    def raw(self, name: str, alias: str = "m") -> Operand:
        """A column in the kind that its type means; a member of one that holds JSON as JSON."""
        column = self._column(name)
        if column is None:
            raise DefinitionError(f"There is no column {name}.", field=name)
        found = f"{alias}.c{self._given.index(column.name) if column.name in self._given else 0}"
        operand = self._operand(column, found)
        if column.name == name:
            return operand
        path = "$" + "".join(f'."{step}"' for step in name[len(column.name) + 1 :].split("."))
        return Operand(f"json_extract({operand.sql}, {literal(path)})", "json")

    def load(self, cursor: Cursor, names: Iterable[str]) -> None:  # noqa: ARG002 - see bring
        """Bring the batch into the engine, and set aside rows with a value that cannot be kept."""
        columns = [self._columns[name] for name in self._given]
        cursor.register(_READ, _as_table(columns, self._batch))
        cursor.execute(
            f"create or replace temp table {self._raw} as select *, "
            f"{self._problem(columns)} as problem from {_READ}"
        )
        cursor.unregister(_READ)
        shown = ", ".join(f"{literal(c.name)}: c{i}" for i, c in enumerate(columns))
        cursor.execute(
            f"create or replace temp table {self.bad_rows} as select 0 as file_no, "
            f"{_PLACE} as row_no, 'cannot_be_kept' as code, problem as reason, "
            f"encode(cast(to_json({{{shown}}}) as VARCHAR)) as body from {self._raw} "
            "where problem is not null"
        )
        cursor.execute(f"delete from {self._raw} where problem is not null")

    def relation(self) -> str:
        """The rows, numbered in the order in which they came."""
        columns = "".join(f"c{i}, " for i in range(len(self._given)))
        return f"(select {columns}0 as file_no, {_PLACE} as row_no from {self._raw})"

    def _column(self, name: str) -> SourceColumn | None:
        """The column that a name means: itself, or the one before the first point."""
        known = self._columns.get(name)
        if known is None and '"' not in name:
            owner = self._columns.get(name.partition(".")[0])
            if owner is not None and owner.kind in {"json", "value of any type"}:
                return owner
        return known

    def _operand(self, column: SourceColumn, sql: str) -> Operand:
        kind = column.kind
        read = _read(column, sql)
        if kind in {"decimal", "number"}:
            return Operand(read, "decimal", native=_decimal(column))
        if kind in {"integer", "large integer"}:
            return Operand(read, "int", native="BIGINT" if kind == "integer" else "HUGEINT")
        if kind == "time without a zone":
            if self._zone is None:
                return Operand(read, "local")
            return Operand(moment(Operand(read, "local"), "iso", self._zone), "instant")
        if kind == "moment":
            return Operand(f"({read} at time zone 'UTC')", "instant")
        if kind in {"json", "value of any type"}:
            return Operand(read, "json")
        if kind == "floating-point number":
            return Operand(read, "double")
        if kind in {"boolean", "date"}:
            return Operand(read, "boolean" if kind == "boolean" else "date")
        return Operand(read, "text")

    def _problem(self, columns: list[SourceColumn]) -> str:
        """SQL for the sentence that says what is wrong with a row; NULL when nothing is."""
        cases = []
        for index, column in enumerate(columns):
            value = f"c{index}"
            name = literal(f"Column {column.name}: ")
            cases.append(
                f"when b{index} then {name} || 'holds a binary value, which has no meaning here.'"
            )
            bad = f"{_read(column, value)} is null and {value} is not null"
            if column.kind == "number":
                places = f"length(rtrim(split_part({value}, '.', 2), '0'))"
                bad = f"({bad} or {places} > {column.digits[1]})"
            if column.kind in {"date", "time without a zone"}:
                # The zero dates of MySQL, by which it means that there is none.
                bad = f"{bad} and not starts_with({value}, '0000-00-00')"
            if column.kind != "text":
                cases.append(
                    f"when {bad} then {name} || 'the {column.kind} ' || left({value}, 60) || "
                    "' cannot be kept without changing it.'"
                )
        return f"case {' '.join(cases)} end"


def _decimal(column: SourceColumn) -> str:
    return f"DECIMAL({column.digits[0]}, {column.digits[1]})"


def _read(column: SourceColumn, sql: str) -> str:
    """A column's text as a value; NULL when it cannot be one."""
    kind = column.kind
    if kind == "text":
        return sql
    types = {
        "integer": "BIGINT", "large integer": "HUGEINT", "floating-point number": "DOUBLE",
        "boolean": "BOOLEAN", "date": "DATE", "time without a zone": "TIMESTAMP",
        "moment": "TIMESTAMPTZ", "json": "JSON", "value of any type": "JSON",
    }  # fmt: skip
    return f"try_cast({sql} as {types.get(kind) or _decimal(column)})"


def _as_table(columns: list[SourceColumn], batch: list[tuple[Cell, ...]]) -> pa.Table:
    """The rows as text, with a flag for each column whether its value is binary."""
    made: dict[str, pa.Array] = {_PLACE: pa.array(range(1, len(batch) + 1), pa.int64())}
    for index, given in enumerate(zip(*batch, strict=True)):
        binary = pa.repeat(pa.scalar(False), len(given))
        values = given
        if columns[index].kind in _MAY_BE_BINARY:
            binary = pa.array([isinstance(value, bytes) for value in given], pa.bool_())
            values = tuple(None if isinstance(value, bytes) else value for value in given)
        made[f"c{index}"] = pa.array(values, pa.string())
        made[f"b{index}"] = binary
    return pa.table(made)
