"""The columns that a mapping speaks of: found, typed, joined, and read as one relation of rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from patron.collect.files.discovery import find_files, guess_format
from patron.collect.files.tables import ParquetTable, Table
from patron.collect.files.text_tables import CsvTable, JsonTable
from patron.collect.files.values import Operand, moment, number, text
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, InputError
from patron.spec.mapping import ColumnType, CsvOptions, Format, Mapping, Relation
from patron.spec.reading import did_you_mean

_TYPE_KINDS = {
    "text": "text", "number": "decimal", "boolean": "boolean", "time": "instant",
    "json": "json",
}  # fmt: skip


class Columns:
    """The main files and the relations of a mapping, as one relation of rows.

    A name that the mapping uses is registered on first use, so that nothing else is read.

    Args:
        mapping: What is read.
        path: The folder or file that is imported.
        main: The rows, when they stand in no file.
    """

    def __init__(self, mapping: Mapping, path: Path, main: Table | None = None) -> None:
        self._mapping = mapping
        self._folder = path if path.is_dir() else path.parent
        self.main = main or _table(
            path, mapping.file, mapping.format, mapping.csv, "import_main", "", "file"
        )
        self._relations = {
            name: _table(
                self._folder, relation.file, relation.format, relation.csv,
                f"import_{name}", f"relations.{name}", f"relations.{name}.file",
            )
            for name, relation in mapping.relations.items()
        }  # fmt: skip
        self._used: dict[str, str] = {}
        self._typed: dict[str, tuple[ColumnType, Operand]] = {}
        self._keys: dict[str, list[str]] = {}

    @property
    def time_zone(self) -> str:
        """The zone of times that state none, where the mapping says nothing else of them."""
        database = self._mapping.database
        return (database.time_zone if database else None) or "UTC"

    @property
    def tables(self) -> list[Table]:
        """The main files' table, then those of the relations."""
        return [self.main, *self._relations.values()]

    def open(self, cursor: Cursor, copies: Path) -> None:
        """Read headers and types, and check what is declared of columns.

        Raises:
            InputError: A file cannot be read.
            DefinitionError: A declared column does not exist.
        """
        for table in self.tables:
            table.open(cursor, copies)
        for name in self._mapping.columns:
            self.main.require(name, f"columns.{name}")
        for name, relation in self._mapping.relations.items():
            for theirs, ours in relation.key.items():
                field = f"relations.{name}.key.{theirs}"
                self._relations[name].require(theirs, field)
                owner, column = self._place(ours, field)
                if owner == name or (owner and not self._is_before(owner, name)):
                    raise DefinitionError(
                        f"{field}: {ours} belongs to a relation that is declared later.",
                        field=field,
                    )
                self._table_of(owner).require(column, field)
                self._keys.setdefault(owner, []).append(column)
                self._keys.setdefault(name, []).append(theirs)
            for column in relation.columns:
                self._relations[name].require(column, f"relations.{name}.columns.{column}")

    def find(self, name: str, field: str) -> Operand:
        """The column of the rows that stands for a name of the mapping.

        Raises:
            DefinitionError: No such column; it offers the nearest name.
        """
        owner, column = self._place(name, field)
        table = self._table_of(owner)
        table.require(column, field)
        known = f"{owner}.{column}" if owner else column
        alias = self._used.setdefault(known, f"v{len(self._used)}")
        raw = replace(table.raw(column), sql=alias, optional=True)
        declared = (self._declared(owner)).get(column)
        parsed = raw.kind in {"text", "json"} or (raw.kind == "int" and declared == "boolean")
        if declared is None or not parsed:
            return raw
        self._typed[alias] = (declared, raw)
        kind = _TYPE_KINDS[declared]
        if kind == "text":
            return Operand(f"t{alias}", "text")
        return Operand(f"t{alias}", kind)  # type: ignore[arg-type]

    def typed_checks(self) -> list[tuple[str, str, str]]:
        """Per declared column: what holds when its text is not of the type, name and type."""
        names = {alias: name for name, alias in self._used.items()}
        return [
            (f"{text(raw)} is not null and t{alias} is null", names[alias], declared)
            for alias, (declared, raw) in self._typed.items()
        ]

    def load(self, cursor: Cursor) -> None:
        """Read what is not read in place, relations first.

        Raises:
            InputError: A key of a relation is not unique.
        """
        for name, table in self._relations.items():
            table.load(cursor, self._needed(name))
            self._check_unique(cursor, name)
        self.main.load(cursor, self._needed(""))

    def rows(self) -> str:
        """All rows with their columns, as a subquery: ``ord``, v0, v1, … and typed columns."""
        columns = []
        for known, alias in self._used.items():
            owner, column = self._place(known, known)
            columns.append(f"{self._source(owner, column).sql} as {alias}")
        if self.main.row_text:
            columns.append(f"{self.main.row_text} as row_text")
        columns.append("cast(m.file_no as BIGINT) * 1099511627776 + m.row_no as ord")
        joins = "".join(self._join(name) for name in self._relations)
        rows = f"(select {', '.join(columns)} from {self.main.relation()} as m{joins})"
        if not self._typed:
            return rows
        typed = ", ".join(
            f"{_parsed(declared, raw, self.time_zone)} as t{alias}"
            for alias, (declared, raw) in self._typed.items()
        )
        return f"(select *, {typed} from {rows})"

    def used(self) -> dict[str, Operand]:
        """The columns in use, by the mapping's names, as they stand in the files."""
        return {
            known: replace(
                self._table_of(self._place(known, known)[0]).raw(self._place(known, known)[1]),
                sql=alias,
            )
            for known, alias in self._used.items()
        }

    def used_of_main(self) -> list[str]:
        """The columns of the main files that are read, those of keys included."""
        return list(dict.fromkeys(self._needed("")))

    def _needed(self, owner: str) -> list[str]:
        used = [self._place(known, known) for known in self._used]
        return [c for o, c in used if o == owner] + self._keys.get(owner, [])

    def _place(self, name: str, field: str) -> tuple[str, str]:
        """Relation (empty for the main files) and column that a name means."""
        owner, dot, column = name.partition(".")
        if dot and owner in self._relations:
            return owner, column
        if dot and not self.main.has_paths and name not in self.main.names:
            raise DefinitionError(
                f'{field}: there is no relation "{owner}"; {did_you_mean(owner, self._relations)}',
                field=field,
            )
        return "", name

    def _table_of(self, owner: str) -> Table:
        return self._relations[owner] if owner else self.main

    def _declared(self, owner: str) -> dict[str, ColumnType]:
        return self._mapping.relations[owner].columns if owner else self._mapping.columns

    def _is_before(self, one: str, other: str) -> bool:
        names = list(self._relations)
        return names.index(one) < names.index(other)

    def _source(self, owner: str, column: str) -> Operand:
        """A column in the FROM clause of `rows`."""
        return self._table_of(owner).raw(column, f"r_{owner}" if owner else "m")

    def _join(self, name: str) -> str:
        conditions = []
        for theirs, ours in self._mapping.relations[name].key.items():
            left = self._source(*self._place(ours, ours))
            right = self._source(name, theirs)
            if left.kind == right.kind and left.kind not in {"json", "double", "decimal"}:
                conditions.append(f"{left.sql} = {right.sql}")
            else:
                conditions.append(f"{text(left)} = {text(right)}")
        relation = self._relations[name].relation()
        return f" left join {relation} as r_{name} on {' and '.join(conditions)}"

    def _check_unique(self, cursor: Cursor, name: str) -> None:
        relation: Relation = self._mapping.relations[name]
        table = self._relations[name]
        keys = [text(table.raw(theirs)) for theirs in relation.key]
        present = " and ".join(f"{key} is not null" for key in keys)
        cursor.execute(
            f"select {', '.join(keys)}, count(*) from {table.relation()} as m where {present} "
            "group by all having count(*) > 1 order by all limit 1"
        )
        repeated = cursor.all()
        if repeated:
            found = repeated[0]
            files = ", ".join(file.name for file in table.files)
            shown = ", ".join(
                f"{key} {value}" for key, value in zip(relation.key, found[:-1], strict=True)
            )
            raise InputError(
                f"{files}: {shown} stands in {found[-1]} rows, so a row of the import would be "
                "multiplied; the key of a relation must be unique.",
                field=f"relations.{name}.key",
            )


def _table(
    path: Path,
    pattern: str,
    form: Format | None,
    options: CsvOptions,
    name: str,
    where: str,
    field: str,
) -> Table:
    files = find_files(path, pattern, field)
    form = guess_format(files, form, f"{where}.format" if where else "format")
    if form == "parquet":
        return ParquetTable(files, name, where)
    if form == "jsonl":
        return JsonTable(files, name, where, options)
    return CsvTable(files, name, where, options)


def _parsed(declared: ColumnType, raw: Operand, zone: str) -> str:
    if declared == "number":
        return number(raw)
    if declared == "time":
        return moment(raw, "iso", zone)
    if declared == "text":
        return text(raw)
    if declared == "json":
        return raw.sql if raw.kind == "json" else f"try_cast({raw.sql} as JSON)"
    plain = f"lower(trim({text(raw)}))"
    return (
        f"case when {plain} in ('true', 't', 'yes', 'y', '1') then true "
        f"when {plain} in ('false', 'f', 'no', 'n', '0') then false end"
    )
