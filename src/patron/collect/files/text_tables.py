"""CSV and JSON lines as relations: loaded quickly when clean, exactly when not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa

from patron import structs
from patron.collect.files import text
from patron.collect.files.discovery import DataFile
from patron.collect.files.tables import Table, escaped
from patron.collect.files.values import Operand, literal
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, InputError, QueryError
from patron.spec.mapping import CsvOptions

_SLOW_BATCH = 50_000
_JSON_SAMPLE = 1_000
_LINE_DELIMITER = "\x01"
"""Stands between columns when whole lines are read; valid JSON cannot hold it."""
_NO_NULL = "\x02"
"""Read as NULL by the engine, so that nothing else is; the mapping says what means no value."""
_DOUBTFUL_JSON = r"(?i)[:\[,]\s*[-+]?(nan|inf)|,\s*[\]}]"
"""What the engine's JSON reader lets through though it is not JSON."""


class _TextTable(Table):
    """What CSV and JSON lines share: plain copies, the quick way, and the exact way."""

    def __init__(
        self,
        files: list[DataFile],
        name: str,
        where: str,
        options: CsvOptions,
    ) -> None:
        super().__init__(files, name, where)
        self.options = options
        self.bad_rows = f"{name}_bad"
        self._raw = f"{name}_raw"
        self._plain: list[Path] = []
        self._shapes: list[text.Shape] = []
        self._starts: list[int] = []
        self._rejects = f"{name}_rejects"

    def open(self, cursor: Cursor, folder: Path) -> None:  # noqa: ARG002 - the same for all
        """Make plain copies where needed, and count the lines."""
        encoding = self._option("csv.encoding")
        for file in self.files:
            copy = folder / f"{self._rejects}_{file.number}"
            try:
                plain = text.plain_copy(file.path, self.options.encoding, copy, encoding)
                shape = text.shape(plain, file.name, encoding)
            except OSError as error:
                raise InputError(f"{file.name} cannot be read: {error.strerror}.") from None
            self._plain.append(plain)
            self._shapes.append(shape)
            if shape.lines == 0:
                self.notes.append(f"{file.name} is empty.")

    def relation(self) -> str:
        """The loaded rows, numbered within their file."""
        starts = f"cast([{', '.join(map(str, self._starts))}] as BIGINT[])"
        return (
            f"(select * replace (coalesce(row_no, rowid - {starts}[file_no + 1] + 1) as row_no), "
            f"rowid as loaded_as from {self._raw})"
        )

    @abstractmethod
    def _records(self, file: DataFile) -> Iterator[text.Record]:
        """All rows of a file, the exact way."""

    @abstractmethod
    def _wanted(self, file: DataFile) -> str:
        """The columns to keep, of those that a file has as ``c0`` and so on."""

    def _create(self, cursor: Cursor, columns: str) -> None:
        self._starts = []
        cursor.execute(
            f"create or replace temp table {self._raw} (file_no INTEGER, row_no BIGINT, {columns})"
        )
        cursor.execute(
            f"create or replace temp table {self.bad_rows} (file_no INTEGER, row_no BIGINT, "
            "code VARCHAR, reason VARCHAR, body BLOB)"
        )

    def _fill(
        self, cursor: Cursor, file: DataFile, quick: str | None, width: int, rows: int
    ) -> None:
        """Load one file: quickly if the engine takes all of it, else row by row.

        Args:
            cursor: Where to.
            file: Which.
            quick: The engine's FROM item for it; None when only the exact way will do.
            width: How many columns that item has.
            rows: How many rows there are, if none runs over several lines.
        """
        valid = self._shapes[file.number].valid
        if not valid or quick is None or not self._fill_quickly(cursor, file, quick, width, rows):
            records = self._records(file)
            while batch := list(islice(records, _SLOW_BATCH)):
                self._keep(cursor, file, batch)
        cursor.execute(f"select min(rowid) from {self._raw} where file_no = ?", [file.number])
        self._starts.append(cursor.all()[0][0] or 0)

    def _fill_quickly(
        self, cursor: Cursor, file: DataFile, quick: str, width: int, rows: int
    ) -> bool:
        try:
            cursor.execute(
                f"insert into {self._raw} "
                f"select {file.number}, null, {self._wanted(file)} from {quick}"
            )
            clean = cursor.execute(f"select count(*) = 0 from {self._rejects}").all()[0][0]
            cursor.execute(f"select count(*) from {self._raw} where file_no = ?", [file.number])
            loaded = int(cursor.all()[0][0])
            if clean and loaded != rows:
                # Quoted fields may run over several lines; nothing else may explain a difference.
                self._forget_rejects(cursor)
                within = " + ".join(
                    f"coalesce(len(c{i}) - len(replace(c{i}, chr(10), '')), 0)"
                    for i in range(width)
                )
                cursor.execute(f"select coalesce(sum({within}), 0) from {quick}")
                clean = loaded + int(cursor.all()[0][0]) == rows
        except QueryError:
            clean = False
        self._forget_rejects(cursor)
        if not clean:
            cursor.execute(f"delete from {self._raw} where file_no = ?", [file.number])
        return bool(clean)

    def _forget_rejects(self, cursor: Cursor) -> None:
        cursor.execute(f"drop table if exists {self._rejects}")
        cursor.execute(f"drop table if exists {self._rejects}_scans")

    def _keep(self, cursor: Cursor, file: DataFile, batch: list[text.Record]) -> None:
        good = [(r.number, r.fields) for r in batch if r.fields is not None]
        if good:
            columns: dict[str, pa.Array] = {"n": pa.array([n for n, _ in good], pa.int64())}
            for index in range(len(good[0][1])):
                columns[f"c{index}"] = pa.array([fields[index] for _, fields in good], pa.string())
            cursor.register("rows_read", pa.table(columns))
            cursor.execute(
                f"insert into {self._raw} "
                f"select {file.number}, n, {self._wanted(file)} from rows_read"
            )
            cursor.unregister("rows_read")
        self._refuse(
            cursor,
            [(file.number, r.number, r.code, r.reason, r.raw) for r in batch if r.fields is None],
        )

    def _refuse(self, cursor: Cursor, bad: list[tuple[int, int, str, str, bytes]]) -> None:
        if not bad:
            return
        numbers, rows, codes, reasons, bodies = zip(*bad, strict=True)
        table = pa.table(
            {
                "file_no": pa.array(numbers, pa.int32()),
                "row_no": pa.array(rows, pa.int64()),
                "code": pa.array(codes, pa.string()),
                "reason": pa.array(reasons, pa.string()),
                "body": pa.array(bodies, pa.binary()),
            }
        )
        cursor.register("rows_refused", table)
        cursor.execute(f"insert into {self.bad_rows} select * from rows_refused")
        cursor.unregister("rows_refused")

    def _quick(self, path: Path, delimiter: str, quote: str, skip: int, width: int) -> str:
        columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
        return (
            f"read_csv({literal(escaped(path))}, auto_detect = false, header = false, "
            f"skip = {skip}, delim = {literal(delimiter)}, quote = {literal(quote)}, "
            f"escape = {literal(quote)}, columns = {{{columns}}}, strict_mode = true, "
            f"nullstr = {literal(_NO_NULL)}, compression = 'none', store_rejects = true, "
            f"rejects_limit = 0, rejects_table = {literal(self._rejects)}, "
            f"rejects_scan = {literal(self._rejects + '_scans')})"
        )


class CsvTable(_TextTable):
    """Delimited text; every file states its columns in an order of its own."""

    def open(self, cursor: Cursor, folder: Path) -> None:
        """Read the headers; every file must name the same columns."""
        super().open(cursor, folder)
        self._headers: list[list[str]] = []
        self._header_lines: list[int] = []
        self._loaded: list[str] = []
        for file, plain, shape in zip(self.files, self._plain, self._shapes, strict=True):
            names, taken = text.header(plain, file.name, self.options, self._option("csv"))
            self._headers.append(names)
            self._header_lines.append(taken)
            if names:
                self._agree(file, names)
                if shape.lines == taken:
                    self.notes.append(f"{file.name} holds a header and no rows.")

    def require(self, name: str, field: str) -> None:
        """Refuse a name that is no column; in files without a byte every name will do."""
        if any(self._headers):
            super().require(name, field)

    def raw(self, name: str, alias: str = "m") -> Operand:
        """A column's text; what means "no value" is NULL."""
        sql = f"{alias}.c{self._loaded.index(name) if name in self._loaded else 0}"
        nulls = self.options.nulls
        if len(nulls) == 1:
            sql = f"nullif({sql}, {literal(nulls[0])})"
        elif nulls:
            listed = ", ".join(map(literal, nulls))
            sql = f"case when {sql} in ({listed}) then null else {sql} end"
        return Operand(sql, "text", decimal=self.options.decimal)

    def load(self, cursor: Cursor, names: Iterable[str]) -> None:
        """Read all files into one table."""
        self._loaded = sorted(set(names)) or self.names[:1]
        self._create(cursor, ", ".join(f"c{i} VARCHAR" for i in range(max(1, len(self._loaded)))))
        for file in self.files:
            width = len(self._headers[file.number])
            if width == 0:
                self._starts.append(0)
                continue
            taken = self._header_lines[file.number]
            plain = self._plain[file.number]
            options = self.options
            quick = self._quick(plain, options.delimiter, options.quote, taken, width)
            rows = self._shapes[file.number].lines - taken
            self._fill(cursor, file, quick if taken <= 1 else None, width, rows)

    def _records(self, file: DataFile) -> Iterator[text.Record]:
        width = len(self._headers[file.number])
        return text.records(self._plain[file.number], self.options, width)

    def _wanted(self, file: DataFile) -> str:
        header = self._headers[file.number]
        return ", ".join(f"c{header.index(name)}" for name in self._loaded)

    def _doubt(self) -> str:
        name = self.names[0] if len(self.names) == 1 else ""
        used = next((c for c in ";,\t|" if c in name), None)
        if used is None:
            return ""
        shown = "\\t" if used == "\t" else used
        return f' If the delimiter is "{shown}", set {self._option("csv.delimiter")}.'


class JsonTable(_TextTable):
    """JSON lines: one object a line; members are columns, inner ones by dotted path."""

    row_text = "m.line"
    has_paths = True

    def open(self, cursor: Cursor, folder: Path) -> None:
        """Look at the first lines for the names that occur."""
        super().open(cursor, folder)
        self._paths: list[str] = []
        found: dict[str, None] = {}
        for plain in self._plain:
            for record in islice(text.text_lines(plain), _JSON_SAMPLE):
                found.update(dict.fromkeys(_names_in(record)))
        self.names = list(found)
        self._all_seen = all(shape.lines <= _JSON_SAMPLE for shape in self._shapes)

    def require(self, name: str, field: str) -> None:
        """Refuse a name that occurs nowhere; of long files only the first lines were seen."""
        if '"' in name:
            raise DefinitionError(f"{field}: names with a quote cannot be read.", field=field)
        if name in self.names or not self.names:
            return
        if self._all_seen:
            super().require(name, field)
        self.notes.append(f'No "{name}" occurs in the first {_JSON_SAMPLE:,} lines.')

    def raw(self, name: str, alias: str = "m") -> Operand:
        """A member as JSON."""
        index = self._paths.index(name) + 1 if name in self._paths else 1
        return Operand(f"{alias}.v[{index}]", "json")

    def load(self, cursor: Cursor, names: Iterable[str]) -> None:
        """Read all lines; those that are no JSON object go to the bad rows."""
        self._paths = sorted(set(names))
        self._create(cursor, "line VARCHAR")
        for file in self.files:
            rows = self._shapes[file.number].lines
            if rows == 0:
                self._starts.append(0)
                continue
            quick = self._quick(self._plain[file.number], _LINE_DELIMITER, "", 0, 1)
            self._fill(cursor, file, quick, 1, rows)
        self._refuse_bad_json(cursor)

    def relation(self) -> str:
        """The lines, with the members that are needed in the list ``v``."""
        paths = ", ".join(literal(_json_path(path)) for path in self._paths)
        members = f"json_extract(line, [{paths}])" if paths else "cast([] as JSON[])"
        return f"(select {members} as v, line, file_no, row_no from {super().relation()})"

    def _records(self, file: DataFile) -> Iterator[text.Record]:
        return text.text_lines(self._plain[file.number])

    def _wanted(self, file: DataFile) -> str:  # noqa: ARG002 - the same for all
        return "c0"

    def _refuse_bad_json(self, cursor: Cursor) -> None:
        cursor.execute(
            f"select loaded_as, file_no, row_no, line from {super().relation()} where case "
            "when not json_valid(line) then true when json_type(line) <> 'OBJECT' then true "
            f"else regexp_matches(line, {literal(_DOUBTFUL_JSON)}) end"
        )
        bad: list[tuple[int, int, str, str, bytes]] = []
        places: list[int] = []
        for place, file_no, row_no, line in cursor.all():
            reason = _json_problem(line)
            if reason is not None:
                places.append(place)
                bad.append((file_no, row_no, "invalid_json", reason, line.encode()))
        if bad:
            self._refuse(cursor, bad)
            cursor.register("lines_refused", pa.table({"place": pa.array(places, pa.int64())}))
            cursor.execute(
                f"delete from {self._raw} where rowid in (select place from lines_refused)"
            )
            cursor.unregister("lines_refused")


def _names_in(record: text.Record) -> Iterator[str]:
    """The members of a line's object and of the objects in it, as dotted paths."""
    try:
        value = structs.decode(record.fields[0]) if record.fields else None
    except (msgspec.DecodeError, RecursionError):
        return
    yield from _paths_of(value, "", depth=3)


def _paths_of(value: object, prefix: str, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth:
        for name, inner in value.items():
            yield prefix + name
            yield from _paths_of(inner, f"{prefix}{name}.", depth - 1)


def _json_path(path: str) -> str:
    return "$" + "".join(f'."{step}"' for step in path.split("."))


def _json_problem(line: str) -> str | None:
    try:
        value = structs.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"The line is not JSON: {error}."
    return None if isinstance(value, dict) else "The line is not a JSON object."
