"""An import of files, up to *incoming*: check, stage in the order of time, hand out in chunks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from patron.collect.files.columns import Columns
from patron.collect.files.compiler import AMOUNTS, LINE_TYPE, TEXTS, Compiler
from patron.collect.files.discovery import DataFile
from patron.collect.files.staging import Staging
from patron.collect.files.values import (
    MONEY,
    Operand,
    json_object,
    literal,
    moment_text,
)
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.spec.mapping import Mapping

CHUNK_ROWS = 200_000
_ROOT_FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId"}
_STAGED = "import_staged"
_REFUSED = "import_refused"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One stretch of an import, standing in the tables ``incoming`` and ``refused``.

    Attributes:
        number: From 0.
        messages: Rows in ``incoming``.
        refused: Rows in ``refused``.
    """

    number: int
    messages: int
    refused: int


class FileImport:
    """One import: a mapping, applied to a file or a folder.

    Call `check`, then `prepare`, then go through `chunks`; `close` removes what they made. The same
    files give the same messages under the same ids in the same chunks, however often it is done.

    ``incoming`` has the columns of *incoming* (docs/concepts/architecture.md); its items are
    numbered without gaps. ``refused`` has ``message_id, code, field, reason, origin, row_number,
    body`` as quarantine has them.

    Args:
        mapping: In the mode ``rows``; see `read_messages` for the other.
        path: The folder or file.
        source_id: Number of the mapping's source.
        brand: Brand of the source.
        channel: Of messages for which the mapping names none.
        catalog: An attached database for the tables, when several cursors shall see them; else
            they are temporary tables of the cursor.

    Raises:
        InputError: There are no such files.
        DefinitionError: Their format cannot be told.
    """

    def __init__(
        self,
        mapping: Mapping,
        path: Path,
        *,
        source_id: int,
        brand: str = "main",
        channel: str = "file",
        catalog: str | None = None,
    ) -> None:
        if mapping.message is None:
            raise DefinitionError("mode: these lines are messages already.", field="mode")
        self.mapping = mapping
        self.total = 0
        self.messages = 0
        self.refused = 0
        self._type = mapping.message.type
        self._source_id = source_id
        self._brand = brand
        self._channel = channel
        self._staging = Staging(catalog)
        self._columns = Columns(mapping, path, self._staging)
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self._compiler: Compiler | None = None
        self._received_at: datetime | None = None

    @property
    def files(self) -> list[DataFile]:
        """The files whose rows are imported."""
        return self._columns.main.files

    @property
    def notes(self) -> list[str]:
        """Sentences a person should read, such as that a file is empty."""
        return [note for table in self._columns.tables for note in table.notes]

    def check(self, cursor: Cursor) -> None:
        """Open all files and see that the mapping fits them; reads headers, not rows.

        Raises:
            InputError: A file cannot be read.
            DefinitionError: A column does not exist, or does not fit its use.
        """
        self._copies = tempfile.TemporaryDirectory(prefix="patron-import-")
        self._columns.open(cursor, Path(self._copies.name))
        self._compiler = Compiler(
            cursor, self.mapping, self._columns, brand=self._brand, channel=self._channel
        )

    def prepare(self, cursor: Cursor, received_at: datetime) -> int:
        """Read everything, map it, and put it in the order of time.

        Args:
            cursor: In no transaction.
            received_at: What the messages carry as the time of their arrival.

        Returns:
            How many messages and refused rows there will be; also in `total`.

        Raises:
            InputError: A file cannot be read, or a relation's key is not unique.
        """
        if self._compiler is None:
            self.check(cursor)
        self._received_at = received_at
        self._columns.load(cursor)
        compiler = self._compiled
        cursor.execute(f"{self._staging.create(_STAGED)} as {compiler.staged()}")
        staged = self._staging.name(_STAGED)
        self.messages = int(
            cursor.execute(f"select count(*) from {staged} where problem is null").all()[0][0]
        )
        self._gather_refused(cursor)
        self.refused = int(
            cursor.execute(f"select count(*) from {self._staging.name(_REFUSED)}").all()[0][0]
        )
        self.total = self.messages + self.refused
        return self.total

    def chunks(self, cursor: Cursor, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Fill ``incoming`` and ``refused`` with one stretch after the other.

        Args:
            cursor: That of `prepare`; any cursor of the database when there is a catalog.
            rows: Most rows in either table.

        Yields:
            A chunk; its tables stand until the next one is asked for.
        """
        for number, start in enumerate(range(0, max(self.messages, self.refused), rows)):
            messages = min(rows, max(0, self.messages - start))
            refused = min(rows, max(0, self.refused - start))
            cursor.execute(
                f"{self._staging.create('incoming')} as {self._incoming(start, messages)}",
                {"received_at": self._received_at},
            )
            cursor.execute(
                f"{self._staging.create('refused')} as "
                f"select * from {self._staging.name(_REFUSED)} "
                f"where rowid >= {start} and rowid < {start + refused}"
            )
            yield Chunk(number, messages, refused)

    def close(self, cursor: Cursor) -> None:
        """Remove tables and copies."""
        for table in ("incoming", "refused", _STAGED, _REFUSED, "import_problems"):
            cursor.execute(self._staging.drop(table))
        for source in self._columns.tables:
            for suffix in ("raw", "bad"):
                cursor.execute(self._staging.drop(f"{source.name}_{suffix}"))
        if self._copies is not None:
            self._copies.cleanup()
            self._copies = None

    @property
    def _compiled(self) -> Compiler:
        if self._compiler is None:
            raise RuntimeError("check comes before this")
        return self._compiler

    def _gather_refused(self, cursor: Cursor) -> None:
        """All refusals in one table: rows that could not be read, then those with a problem."""
        known = self._compiled.problems.known
        problems = pa.table(
            {
                "problem": pa.array(range(1, len(known) + 1), pa.int32()),
                "code": pa.array([p.code for p in known], pa.string()),
                "field": pa.array([p.field for p in known], pa.string()),
                "reason": pa.array([p.reason for p in known], pa.string()),
            }
        )
        parts = [
            "select cast(null as VARCHAR) as message_id, code, cast(null as VARCHAR) as field, "
            f"reason, {_name_of(source.files, 'file_no')} as origin, row_no as row_number, body "
            f"from {source.bad_rows}"
            for source in self._columns.tables
            if source.bad_rows is not None
        ]
        made = self._compiled.parts.message_id.sql
        parts.append(
            f"select left({made}, 100) as message_id, code, field, reason, "
            f"{_name_of(self.files, 'ord // 1099511627776')} as origin, "
            "ord % 1099511627776 as row_number, encode(raw) as body "
            f"from {self._staging.name(_STAGED)} "
            f"join {self._staging.name('import_problems')} using (problem)"
        )
        cursor.register("problems_known", problems)
        cursor.execute(f"{self._staging.create('import_problems')} as select * from problems_known")
        cursor.unregister("problems_known")
        cursor.execute(
            f"{self._staging.create(_REFUSED)} as select * from ({' union all '.join(parts)}) "
            "order by origin, row_number"
        )

    def _incoming(self, first: int, count: int) -> str:
        """The SELECT that makes *incoming* of some of the staged rows."""
        parts = self._compiled.parts
        key = f"md5_number('{self._source_id}' || chr(31) || {parts.message_id.sql})"
        low = "18446744073709551615::UHUGEINT"
        name = "cast(null as VARCHAR)" if parts.name is None else parts.name.sql
        lines = parts.lines or f"cast(null as {LINE_TYPE}[])"
        more = []
        if parts.merged:
            joined = f"array_to_string(list_transform({lines}, lambda l: l.properties), ',')"
            more.append(f"'\"products\":[' || {joined} || ']'")
        properties = traits = "cast(null as VARCHAR)"
        if parts.name is None:
            traits = json_object(parts.traits)
        else:
            properties = json_object(parts.properties, *more)
        typed = "".join(
            f", {parts.typed.get(field, f'cast(null as {kind})')} as {field}"
            for field, kind in [*((t, "VARCHAR") for t in TEXTS), *((a, MONEY) for a in AMOUNTS)]
        )
        inner = (
            f"select *, rowid - {first} as item, {key} as message_key, {_identifiers(parts.identifiers)} "
            f"as found, {properties} as made_properties, {traits} as made_traits "
            f"from {self._staging.name(_STAGED)} "
            f"where rowid >= {first} and rowid < {first + count}"
        )
        # The halves of one md5_number: md5_number_upper and _lower would each compute it anew.
        return (
            f"select item, {self._source_id} as source_id, "
            f"{parts.brand.sql} as brand, {parts.channel.sql} as channel, "
            f"{parts.message_id.sql} as message_id, "
            f"cast(message_key & {low} as UBIGINT) as key_hi, "
            f"cast(message_key >> 64 as UBIGINT) as key_lo, {literal(self._type)} as type, "
            f"{name} as name, occurred_at, cast($received_at as TIMESTAMP) as received_at, "
            f"{self._body()} as body, made_properties as properties, made_traits as traits{typed}, "
            f"{lines} as lines, found as identifiers from ({inner})"
        )

    def _body(self) -> str:
        """The message as the tracking protocol would have brought it."""
        parts = self._compiled.parts
        pieces = [f'\'"type":"{self._type}","messageId":\' || to_json({parts.message_id.sql})']
        if parts.name is not None:
            kind = {"page": "name", "screen": "name"}.get(self._type, "event")
            pieces.append(f"'\"{kind}\":' || to_json({parts.name.sql})")
        pieces.append(f"'\"timestamp\":\"' || {moment_text('occurred_at')} || '\"'")
        pieces.append(f"'\"channel\":' || to_json({parts.channel.sql})")
        external = []
        for kind, value in parts.identifiers:
            if kind in _ROOT_FIELDS and _ROOT_FIELDS[kind] not in "".join(pieces):
                pieces.append(f"'\"{_ROOT_FIELDS[kind]}\":' || to_json({value.sql})")
            else:
                external.append(
                    f"case when {value.sql} is not null then "
                    f"{{'id': {value.sql}, 'type': {literal(kind)}}} end"
                )
        context = dict(parts.context)
        if external:
            given = f"list_filter([{', '.join(external)}], lambda i: i is not null)"
            context["externalIds"] = Operand(f"to_json({given})", "json", optional=False)
        if context:
            pieces.append(f"'\"context\":' || {json_object(context)}")
        made = "properties" if parts.name is not None else "traits"
        pieces.append(f"'\"{made}\":' || made_{made}")
        return f"'{{' || concat_ws(',', {', '.join(pieces)}) || '}}'"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._copies is not None:
            self._copies.cleanup()
            self._copies = None


def _identifiers(found: list[tuple[str, Operand]]) -> str:
    """The list of (type, value) of a message."""
    items = [f"{{'type': {literal(kind)}, 'value': {value.sql}}}" for kind, value in found]
    if len(found) == 1:
        return f"[{items[0]}]"
    given = [
        f"case when {value.sql} is not null then {item} end"
        for (_, value), item in zip(found, items, strict=True)
    ]
    return f"list_filter([{', '.join(given)}], lambda i: i is not null)"


def _name_of(files: list[DataFile], number: str) -> str:
    names = ", ".join(literal(file.name) for file in files)
    return f"([{names}])[{number} + 1]"
