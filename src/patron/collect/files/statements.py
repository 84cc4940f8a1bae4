"""The statements of an import: what is staged, and how *incoming* is made of it."""

from __future__ import annotations

from patron.collect.files.compiler import AMOUNTS, LINE_TYPE, TEXTS, Compiler
from patron.collect.files.discovery import DataFile
from patron.collect.files.levels import GroupLevel
from patron.collect.files.values import MONEY, Operand, json_object, literal, moment_text
from patron.spec.mapping import GeneratedId

ROWS = "import_rows"
STAGED = "import_staged"
LINES = "import_lines"
REFUSED = "import_refused"
PROBLEMS = "import_problems"
CHUNK = "import_chunk"

PER_FILE = 1_099_511_627_776
"""``ord`` is the file's number times this, plus the row's number."""

_ROOT_FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId"}
_LOW_HALF = "18446744073709551615::UHUGEINT"

_CREATE = "create or replace temp table"


class Statements:
    """SQL for one compiled mapping.

    Args:
        compiler: The mapping over its columns.
        source_id: Number of the source.
    """

    def __init__(self, compiler: Compiler, source_id: int) -> None:
        self._compiler = compiler
        self._parts = compiler.parts
        self._source_id = source_id
        self._type = "" if compiler.mapping.message is None else compiler.mapping.message.type

    @property
    def has_line_table(self) -> bool:
        """Whether lines are gathered from many rows, and so stand in a table of their own."""
        return self._parts.line is not None and isinstance(self._compiler.top, GroupLevel)

    def stage(self) -> list[str]:
        """The statements that fill the staged tables, in order."""
        if not isinstance(self._compiler.top, GroupLevel):
            return [f"{_CREATE} {STAGED} as {self._staged_rows()}"]
        statements = [
            f"{_CREATE} {ROWS} as {self._group_rows()}",
            f"{_CREATE} {STAGED} as {self._staged_groups(self._compiler.top)}",
        ]
        if self.has_line_table:
            statements.append(f"{_CREATE} {LINES} as {self._staged_lines()}")
        return [*statements, f"drop table {ROWS}"]

    def gather_refused(self, bad_rows: list[tuple[str, list[DataFile]]]) -> str:
        """The statement that puts all refusals into one table.

        Args:
            bad_rows: Tables of rows that could not be read, with the files they are from.
        """
        parts = [
            "select cast(null as VARCHAR) as message_id, code, cast(null as VARCHAR) as field, "
            f"reason, cast(null as VARCHAR) as told, {_name_of(files, 'file_no')} as origin, "
            f"row_no as row_number, body from {table}"
            for table, files in bad_rows
        ]
        parts.append(
            f"select left({self._parts.message_id.sql}, 100) as message_id, "
            "code, field, reason, told, "
            f"{_name_of(self._compiler.columns.main.files, f'ord // {PER_FILE}')} as origin, "
            f"ord % {PER_FILE} as row_number, encode(raw) as body "
            f"from {STAGED} join {PROBLEMS} using (problem)"
        )
        together = " union all ".join(parts)
        return f"{_CREATE} {REFUSED} as select * from ({together}) order by origin, row_number"

    def chunk_messages(self, first: int, count: int) -> str:
        """Some of the staged messages, in order."""
        return (
            f"select *, rowid - {first} as item from {STAGED} "
            f"where rowid >= {first} and rowid < {first + count}"
        )

    def chunk_lines(self, first: int, count: int) -> str:
        """The lines of some messages, one after the other."""
        return (
            f"select {self._line_fields()} from {LINES} "
            f"where rowid >= {first} and rowid < {first + count}"
        )

    def incoming(self, first: int, count: int) -> str:
        """The SELECT that makes *incoming* of some of the staged messages.

        With a line table, they must stand in `CHUNK`, as `chunk_messages` has them and with
        their ``lines``.
        """
        parts = self._parts
        name = "cast(null as VARCHAR)" if parts.name is None else parts.name.sql
        typed = "".join(
            f", {parts.typed.get(field, f'cast(null as {kind})')} as {field}"
            for field, kind in [*((t, "VARCHAR") for t in TEXTS), *((a, MONEY) for a in AMOUNTS)]
        )
        # The halves of one md5_number: md5_number_upper and _lower would each compute it anew.
        return (
            f"select item, {self._source_id} as source_id, {parts.brand.sql} as brand, "
            f"{parts.channel.sql} as channel, {parts.message_id.sql} as message_id, "
            f"cast(message_key & {_LOW_HALF} as UBIGINT) as key_hi, "
            f"cast(message_key >> 64 as UBIGINT) as key_lo, {literal(self._type)} as type, "
            f"{name} as name, occurred_at, cast($received_at as TIMESTAMP) as received_at, "
            f"{self._body()} as body, properties, traits{typed}, lines, identifiers, "
            f"{_name_of(self._compiler.columns.main.files, f'ord // {PER_FILE}')} as origin, "
            f"ord % {PER_FILE} as row_number from {self._with_json(first, count)}"
        )

    def refused(self, first: int, count: int) -> str:
        """The SELECT of some of the refused rows."""
        return f"select * from {REFUSED} where rowid >= {first} and rowid < {first + count}"

    def _staged_rows(self) -> str:
        """One message from each row."""
        compiler = self._compiler
        rows = compiler.columns.rows()
        if compiler.condition:
            rows = f"(select * from {rows} where {compiler.condition})"
        message = compiler.top.select(rows)
        made = compiler.mapping.message
        if made and isinstance(made.message_id, GeneratedId) and made.message_id.count_repeats:
            message = self._numbered(message)
        return self._in_order(
            message, compiler.top.problem(), json_object(compiler.columns.used()), ""
        )

    def _group_rows(self) -> str:
        """The rows that are to be grouped, with what is computed of each and its problem."""
        compiler = self._compiler
        rows = compiler.rows.select(compiler.columns.rows())
        where = f" where {compiler.condition}" if compiler.condition else ""
        bad = json_object(compiler.columns.used())
        columns = ", ".join(sorted(compiler.row_columns_needed()))
        return (
            f"select {columns}, ord, row_problem, "
            f"case when row_problem is not null then {bad} end as bad_row "
            f"from (select *, {compiler.rows.problem()} as row_problem from {rows}{where})"
        )

    def _staged_groups(self, top: GroupLevel) -> str:
        """One message from each group of rows; rows without a key stand alone."""
        keys = [key.sql for key in self._compiler.keys]
        lost = " or ".join(f"{key} is null" for key in keys)
        made = "".join(f", {sql} as {name}" for name, sql in top.aggregates.items())
        groups = (
            "(select coalesce(min(ord) filter (where row_problem is not null), min(ord)) as ord, "
            f"min(row_problem) as row_problem, arg_min(bad_row, ord) as bad_row, "
            f"count(*) as line_count, {', '.join(f'{key} as key_{key}' for key in keys)}{made} "
            f"from {ROWS} "
            f"group by {', '.join(keys)}, case when {lost} then ord end)"
        )
        return self._in_order(
            top.select(groups),
            f"coalesce(row_problem, {top.problem()})",
            f"coalesce(bad_row, {json_object(top.firsts)})",
            "".join(f", key_{key}" for key in keys) + ", line_count",
        )

    def _staged_lines(self) -> str:
        """The rows of good messages in the order of the messages."""
        keys = " and ".join(f"r.{key.sql} = s.key_{key.sql}" for key in self._compiler.keys)
        columns = ", ".join(f"r.{name}" for name in sorted(self._line_columns()))
        return (
            f"select {columns} from {ROWS} as r "
            f"join {STAGED} as s on {keys} "
            "where s.problem is null order by s.rowid, r.ord"
        )

    def _in_order(self, message: str, problem: str, raw: str, more: str) -> str:
        """Messages in the order of time, those with a problem last."""
        kept = ", ".join(sorted(self._kept()))
        return (
            f"select {kept}, ord, {self._parts.occurred_at} as occurred_at, problem{more}, "
            f"case when problem is not null then {raw} end as raw "
            f"from (select *, {problem} as problem from {message}) "
            "order by problem is not null, occurred_at, ord"
        )

    def _numbered(self, message: str) -> str:
        """Give the second and later rows of a file that are alike an id of their own."""
        made = self._parts.message_id.sql
        return (
            f"(select * replace (case when nth > 1 then {made} || '-' || nth else {made} end "
            f"as {made}) from (select *, row_number() over "
            f"(partition by ord // {PER_FILE}, {made} order by ord) as nth from {message}))"
        )

    def _kept(self) -> set[str]:
        """The columns that the parts of a message speak of."""
        parts = self._parts
        operands = [parts.message_id, parts.channel, parts.brand]
        operands += [value for _, value in parts.identifiers]
        operands += [] if parts.name is None else [parts.name]
        for members in (parts.properties, parts.traits, parts.context, parts.consent):
            operands += members.values()
        names = {operand.sql for operand in operands} | set(parts.typed.values())
        if not self.has_line_table:
            names |= self._line_columns()
        return names & self._compiler.known_columns()

    def _line_columns(self) -> set[str]:
        return self._compiler.line_columns()

    def _line_fields(self) -> str:
        fields = "".join(f"{sql} as {name}, " for name, sql in (self._parts.line or {}).items())
        return f"{fields}{json_object(self._parts.line_members)} as properties"

    def _lines(self) -> str:
        """SQL for a message's list of lines."""
        parts = self._parts
        if parts.line is None:
            return f"cast(null as {LINE_TYPE}[])"
        fields = "".join(f"{literal(name)}: {sql}, " for name, sql in parts.line.items())
        line = f"{{{fields}'properties': {json_object(parts.line_members)}}}"
        return f"case when {parts.line_if} then [cast({line} as {LINE_TYPE})] end"

    def _with_json(self, first: int, count: int) -> str:
        """Staged messages with their lines, then with their JSON, as a subquery."""
        parts = self._parts
        rows = CHUNK
        if not self.has_line_table:
            rows = (
                f"(select *, {self._lines()} as lines from ({self.chunk_messages(first, count)}))"
            )
        more = []
        if parts.merged:
            joined = "array_to_string(list_transform(lines, lambda l: l.properties), ',')"
            more.append(f"'\"products\":[' || {joined} || ']'")
        properties = traits = "cast(null as VARCHAR)"
        if parts.name is None:
            traits = json_object(parts.traits)
        else:
            properties = json_object(parts.properties, *more)
        key = f"md5_number('{self._source_id}' || chr(31) || {parts.message_id.sql})"
        return (
            f"(select *, {key} as message_key, {_identifiers(parts.identifiers)} as identifiers, "
            f"{properties} as properties, {traits} as traits from {rows})"
        )

    def _body(self) -> str:
        """The message as the tracking protocol would have brought it.

        One `concat` makes the text in one go; it takes what is missing for empty.
        """
        parts = self._parts
        pieces = [
            literal(f'{{"type":"{self._type}","messageId":'),
            f"to_json({parts.message_id.sql})",
        ]
        if parts.name is not None and self._type == "track":
            pieces += [literal(',"event":'), f"to_json({parts.name.sql})"]
        pieces += [literal(',"timestamp":"'), moment_text("occurred_at"), literal('"')]
        pieces += [literal(',"channel":'), f"to_json({parts.channel.sql})"]
        external = []
        placed: set[str] = set()
        for kind, value in parts.identifiers:
            root = _ROOT_FIELDS.get(kind)
            if root is None or root in placed:
                external.append((value, f"{{'id': {value.sql}, 'type': {literal(kind)}}}"))
            else:
                placed.add(root)
                name = literal(f',"{root}":')
                pieces.append(
                    f"case when {value.sql} is not null then {name} || to_json({value.sql}) end"
                )
        context = dict(parts.context)
        if parts.consent:
            context["consent"] = _inner({"categoryPreferences": _inner(parts.consent)})
        if external:
            given = f"to_json({_given(external)})"
            context["externalIds"] = Operand(given, "json", optional=False)
        if context:
            pieces += [literal(',"context":'), json_object(context)]
        made = "properties" if parts.name is not None else "traits"
        pieces += [literal(f',"{made}":'), made, "'}'"]
        return f"concat({', '.join(pieces)})"


def _inner(members: dict[str, Operand]) -> Operand:
    """A JSON object as a member of another."""
    return Operand(f"cast({json_object(members)} as JSON)", "json", optional=False)


def _identifiers(found: list[tuple[str, Operand]]) -> str:
    """The list of (type, value) of a message."""
    return _given(
        [(value, f"{{'type': {literal(kind)}, 'value': {value.sql}}}") for kind, value in found]
    )


def _given(items: list[tuple[Operand, str]]) -> str:
    """A list of those items whose value is there."""
    if len(items) == 1:
        # With one identifier only, a message without it has been refused.
        return f"[{items[0][1]}]"
    cases = [f"case when {value.sql} is not null then {item} end" for value, item in items]
    return f"list_filter([{', '.join(cases)}], lambda i: i is not null)"


def _name_of(files: list[DataFile], number: str) -> str:
    names = ", ".join(literal(file.name) for file in files)
    return f"([{names}])[{number} + 1]"
