"""A mapping as SQL: which columns the staged messages have, and what is checked of each row."""

from __future__ import annotations

from dataclasses import dataclass, field

from patron.clock import EARLIEST, LATEST, format_time, parse_time
from patron.collect.files.columns import Columns
from patron.collect.files.levels import GroupLevel, Level, Problems
from patron.collect.files.values import (
    MONEY,
    NUMBERS,
    Operand,
    check_zone,
    is_given,
    json_object,
    literal,
    moment,
    text,
)
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, InputError
from patron.spec.commerce import COMMERCE_EVENTS, PRODUCT_EVENTS
from patron.spec.mapping import (
    EVENT_OF_TYPE,
    GeneratedId,
    Mapping,
    MessageMapping,
    Timestamp,
    Value,
)

AMOUNTS = ("revenue", "total", "tax", "shipping", "discount")
TEXTS = ("order_id", "currency", "coupon")
MAX_BYTES = 32 * 1024
MAX_MESSAGE_ID = 100
MAX_NAME = 500

LINE_TEXTS = {
    "product_id": ("product_id",), "sku": ("sku",), "product_name": ("name",),
    "category": ("category",), "product_brand": ("brand",), "variant": ("variant",),
    "colour": ("colour", "color"),
}  # fmt: skip
LINE_AMOUNTS = ("price", "quantity")
LINE_TYPE = (
    "STRUCT(" + ", ".join(f"{name} VARCHAR" for name in LINE_TEXTS)
    + f", price {MONEY}, quantity {MONEY}, properties VARCHAR)"
)  # fmt: skip


@dataclass(slots=True)
class Parts:
    """Where the parts of a message stand: columns of the staged table, or constants.

    Attributes:
        typed: The typed commerce fields, as SQL.
        lines: SQL for the list of lines; None when the message has none.
        merged: Whether the lines also stand in the properties, as ``products``.
    """

    message_id: Operand
    name: Operand | None
    occurred_at: str
    identifiers: list[tuple[str, Operand]]
    channel: Operand
    brand: Operand
    properties: dict[str, Operand] = field(default_factory=dict)
    traits: dict[str, Operand] = field(default_factory=dict)
    context: dict[str, Operand] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    lines: str | None = None
    merged: bool = False


class Compiler:
    """One mapping over the columns of its files.

    Args:
        cursor: For the types of SQL expressions.
        mapping: In the mode ``rows``.
        columns: Opened.
        brand: Of the source.
        channel: Of messages that name none.

    Attributes:
        parts: Where the message's parts stand in the staged table.
        problems: What the numbers in its column ``problem`` mean.

    Raises:
        DefinitionError: The mapping does not fit the files.
    """

    def __init__(
        self, cursor: Cursor, mapping: Mapping, columns: Columns, *, brand: str, channel: str
    ) -> None:
        if mapping.message is None:
            raise DefinitionError("message is missing.", field="message")
        self._mapping = mapping
        self._message: MessageMapping = mapping.message
        self._columns = columns
        self.problems = Problems()
        self._rows = Level(cursor, "y", self.problems, columns.find)
        self._top: Level = self._rows
        if mapping.group_by:
            self._top = GroupLevel(cursor, self.problems, self._rows)
        self._where = self._condition()
        self._keys = [self._rows.find(name, "group_by") for name in mapping.group_by]
        self._line = "" if self._message.lines is None else self._line_of_row(self._message.lines)
        self.parts = self._parts(brand, channel)
        for condition, name, declared in columns.typed_checks():
            self._rows.refuse_if(
                condition, f"not_a_{declared}", name, f"Column {name}: expected a {declared}.",
                first=True,
            )  # fmt: skip
        for name, key in zip(mapping.group_by, self._keys, strict=True):
            self._rows.refuse_if(
                f"not ({is_given(key)})", "missing", name, f"Column {name}: has no value.",
                first=True,
            )  # fmt: skip

    def staged(self) -> str:
        """The SELECT of all messages in the order of time, those with a problem last.

        Its columns are those that `parts` speaks of, with ``ord`` (file and row), ``problem`` (a
        number, NULL when the message is good) and ``raw`` (JSON of the row, when it is not).
        """
        if isinstance(self._top, GroupLevel):
            below = self._grouped(self._top)
        else:
            below = self._filtered_rows()
        message = self._top.select(below)
        if self._repeats:
            message = self._numbered(message)
        kept = ", ".join(sorted(self._kept()))
        checks = self._top.problem()
        raw = json_object(self._columns.used())
        if isinstance(self._top, GroupLevel):
            checks = f"coalesce(row_problem, {checks})"
            raw = f"coalesce(bad_row, {json_object(self._top.firsts)})"
        return (
            f"select {kept}, ord, {self.parts.occurred_at} as occurred_at, problem, "
            f"case when problem is not null then {raw} end as raw "
            f"from (select *, {checks} as problem from {message}) "
            "order by problem is not null, occurred_at, ord"
        )

    @property
    def _repeats(self) -> bool:
        made = self._message.message_id
        return isinstance(made, GeneratedId) and made.count_repeats

    def _condition(self) -> str:
        if self._mapping.where is None:
            return ""
        found = self._rows.scalar(self._mapping.where, "where")
        if found.kind != "boolean":
            raise DefinitionError("where: expected a condition, true or false.", field="where")
        return found.sql

    def _filtered_rows(self) -> str:
        rows = self._rows.select(self._columns.rows()) if self._is_grouped else self._columns.rows()
        if not self._where:
            return rows
        if not self._is_grouped:
            rows = f"(select *, {self._rows.columns[self._where]} as kept from {rows})"
            return f"(select * exclude (kept) from {rows} where kept)"
        return f"(select * from {rows} where {self._where})"

    @property
    def _is_grouped(self) -> bool:
        return isinstance(self._top, GroupLevel)

    def _grouped(self, top: GroupLevel) -> str:
        """The rows of each group as one, with the first of their problems."""
        keys = [key.sql for key in self._keys]
        line = f", {self._line} as line" if self._line else ""
        bad = json_object(self._columns.used())
        rows = (
            f"(select *, case when row_problem is not null then {bad} end as bad_row from "
            f"(select *, {self._rows.problem()} as row_problem{line} from {self._filtered_rows()}))"
        )
        made = "".join(f", {sql} as {name}" for name, sql in top.aggregates.items())
        lines = ", list(line order by ord) as lines" if self._line else ""
        lost = " or ".join(f"not ({is_given(key)})" for key in self._keys)
        return (
            f"(select coalesce(min(ord) filter (where row_problem is not null), min(ord)) as ord, "
            "min(row_problem) as row_problem, "
            f"arg_min(bad_row, ord) as bad_row{made}{lines} "
            f"from {rows} group by {', '.join(keys)}, case when {lost} then ord end)"
        )

    def _numbered(self, message: str) -> str:
        """Give the second and later rows of a file that are alike an id of their own."""
        made = self.parts.message_id.sql
        return (
            f"(select * replace (case when nth > 1 then {made} || '-' || nth else {made} end "
            f"as {made}) from (select *, row_number() over "
            f"(partition by ord // 1099511627776, {made} order by ord) as nth from {message}))"
        )

    def _kept(self) -> set[str]:
        parts = self.parts
        operands = [parts.message_id, parts.channel, parts.brand]
        operands += [value for _, value in parts.identifiers]
        operands += [] if parts.name is None else [parts.name]
        for members in (parts.properties, parts.traits, parts.context):
            operands += members.values()
        names = {operand.sql for operand in operands} | set(parts.typed.values())
        known = set(self._top.columns) | set(self._columns_below())
        kept = names & known
        return kept | ({"lines"} if parts.lines is not None else set())

    def _columns_below(self) -> set[str]:
        if isinstance(self._top, GroupLevel):
            return set(self._top.aggregates)
        used = {operand.sql for operand in self._columns.used().values()}
        return used | {f"t{name}" for name in used}

    def _parts(self, brand: str, channel: str) -> Parts:
        message = self._message
        parts = Parts(
            occurred_at=self._moment(message.timestamp),
            message_id=self._message_id(message.message_id),
            name=self._event_name(message),
            identifiers=self._identifiers(message),
            channel=self._named(message.channel, channel, "message.channel"),
            brand=self._named(message.brand, brand, "message.brand"),
        )
        strict = parts.name is not None and (
            parts.name.optional or message.event in COMMERCE_EVENTS
        )
        parts.properties = self._members(message.properties, "message.properties")
        if message.type == "track":
            parts.typed = self._typed(parts.properties, strict=strict)
        parts.traits = self._members(message.traits, "message.traits")
        parts.context = self._members(message.context, "message.context")
        self._lines(parts, message)
        for where in ("properties", "traits"):
            self._limit(getattr(parts, where), f"message.{where}")
        return parts

    def _named(self, given: str | None, default: str, path: str) -> Operand:
        if given is None:
            return Operand(literal(default), "text", optional=False)
        return self._top.template(given, path)

    def _moment(self, given: str | Timestamp) -> str:
        path = "message.timestamp"
        when = Timestamp(column=given) if isinstance(given, str) else given
        check_zone(when.time_zone, f"{path}.time_zone")
        if when.value is not None:
            try:
                fixed = format_time(parse_time(when.value, field=f"{path}.value"))
            except InputError as error:
                raise DefinitionError(error.message, field=f"{path}.value") from None
            return f"cast({literal(fixed.removesuffix('Z'))} as TIMESTAMP)"
        if when.sql is not None:
            value = self._top.scalar(when.sql, f"{path}.sql")
        else:
            value = self._top.find(when.column or "", f"{path}.column")
        plain_number = value.kind in NUMBERS and not when.format.startswith("epoch")
        if plain_number or value.kind == "boolean":
            raise DefinitionError(
                f"{path}.format: numbers are read with format: epoch_s or epoch_ms.",
                field=f"{path}.format",
            )
        found = self._top.define(
            moment(value, when.format, when.time_zone), Operand("", "instant")
        ).sql
        shown = when.column or "the timestamp"
        refuse = self._top.refuse_if
        refuse(f"not ({is_given(value)})", "missing", "timestamp",
               f"timestamp: {shown} has no value.")  # fmt: skip
        refuse(f"{found} is null", "invalid_time", "timestamp",
               f"timestamp: {shown} is no time in the format {when.format}.")  # fmt: skip
        earliest, latest = (literal(moment.isoformat()) for moment in (EARLIEST, LATEST))
        refuse(f"not ({found} >= cast({earliest} as TIMESTAMP) and "
               f"{found} < cast({latest} as TIMESTAMP))", "time_out_of_range", "timestamp",
               "timestamp: expected a time from 1900 to 2199.")  # fmt: skip
        return found

    def _message_id(self, given: str | GeneratedId) -> Operand:
        path = "message.message_id"
        if isinstance(given, str):
            made = self._top.template(given, path)
            if not made.optional:
                raise DefinitionError(
                    f"{path}: every message would have the same id; write {{column}} in it.",
                    field=path,
                )
        else:
            prefix = literal(f"{self._mapping.name}-")
            made = self._top.define(f"{prefix} || md5({self._content(given)})", Operand("", "text"))
        self._top.refuse_if(
            f"{made.sql} is null or {made.sql} = ''", "missing", "messageId",
            "messageId: a column that it is made from has no value.",
        )  # fmt: skip
        self._top.refuse_if(
            f"length({made.sql}) > {MAX_MESSAGE_ID}", "too_long", "messageId",
            f"messageId: expected at most {MAX_MESSAGE_ID} characters.",
        )  # fmt: skip
        return made

    def _content(self, given: GeneratedId) -> str:
        """The text that makes a row, or a group, what it is, whichever file it stands in."""
        names: tuple[str, ...] | list[str] = self._mapping.group_by or given.hash
        if not names and self._columns.main.row_text is not None:
            return "row_text"
        names = names or [name for name in self._columns.main.names if name]
        path = "message.message_id.hash"
        return json_object({name: self._top.find(name, path) for name in sorted(names)})

    def _event_name(self, message: MessageMapping) -> Operand | None:
        if message.type == "identify":
            return None
        name = self._top.template(message.event or EVENT_OF_TYPE[message.type], "message.event")
        if name.optional:
            self._top.refuse_if(
                f"{name.sql} is null or trim({name.sql}) = ''", "missing", "event",
                "event: expected the name of what happened.",
            )  # fmt: skip
            self._top.refuse_if(
                f"length({name.sql}) > {MAX_NAME}", "too_long", "event",
                f"event: expected at most {MAX_NAME} characters.",
            )  # fmt: skip
        return name

    def _identifiers(self, message: MessageMapping) -> list[tuple[str, Operand]]:
        found: list[tuple[str, Operand]] = []
        for kind, given in message.identifiers.items():
            path = f"message.identifiers.{kind}"
            for value in given if isinstance(given, tuple) else (given,):
                plain = text(self._top.value(value, path))
                trimmed = self._top.define(f"nullif(trim({plain}), '')", Operand("", "text"))
                found.append((kind, trimmed))
        if not found:
            raise DefinitionError("message.identifiers: is empty.", field="message.identifiers")
        none = " and ".join(f"{value.sql} is null" for _, value in found)
        names = " or ".join(dict.fromkeys(kind for kind, _ in found))
        self._top.refuse_if(
            none, "no_identity", found[0][0], f"{found[0][0]}: expected {names}; the row has none."
        )
        return found

    def _members(self, values: dict[str, Value], path: str) -> dict[str, Operand]:
        members = {}
        for name, value in values.items():
            members[name] = self._top.value(value, f"{path}.{name}")
            self._top.finite(members[name], f"{path.removeprefix('message.')}.{name}")
        return members

    def _typed(self, properties: dict[str, Operand], *, strict: bool) -> dict[str, str]:
        """The commerce fields among the properties, which become numbers there too."""
        typed: dict[str, str] = {}
        for name in TEXTS:
            if name in properties:
                typed[name] = self._top.define(text(properties[name]), Operand("", "text")).sql
        for name in AMOUNTS:
            value = properties.get(name)
            if value is None or not (strict or value.kind in NUMBERS):
                continue
            amount = self._top.amount(value, f"properties.{name}")
            typed[name] = amount.sql
            if value.kind not in NUMBERS:
                properties[name] = amount
        return typed

    def _lines(self, parts: Parts, message: MessageMapping) -> None:
        if message.lines is not None:
            parts.merged = True
            parts.lines = "lines"
            if not self._is_grouped:
                self._top.columns["lines"] = f"[{self._line}]"
        elif message.event in PRODUCT_EVENTS and "product_id" in parts.properties:
            parts.lines = "lines"
            line = self._line_of(self._top, parts.properties, "properties")
            product = parts.properties["product_id"]
            self._top.columns["lines"] = f"case when {is_given(product)} then [{line}] end"

    def _line_of_row(self, values: dict[str, Value]) -> str:
        members = {}
        for name, value in values.items():
            path = f"message.lines.{name}"
            members[name] = self._rows.value(value, path)
            self._rows.finite(members[name], f"properties.products[].{name}")
        return self._line_of(self._rows, members, "properties.products[]")

    def _line_of(self, level: Level, members: dict[str, Operand], path: str) -> str:
        fields = []
        for name, names in LINE_TEXTS.items():
            value = next((members[n] for n in names if n in members), None)
            fields.append(f"{name}: {'null' if value is None else text(value)}")
        for name in LINE_AMOUNTS:
            value = members.get(name)
            if value is None:
                fields.append(f"{name}: null")
                continue
            amount = level.amount(value, f"{path}.{name}")
            fields.append(f"{name}: {amount.sql}")
            if value.kind not in NUMBERS:
                members[name] = amount
        fields.append(f"properties: {json_object(members)}")
        return f"cast({{{', '.join(fields)}}} as {LINE_TYPE})"

    def _limit(self, members: dict[str, Operand], path: str) -> None:
        """Refuse what is too large, looking closely only where much text makes it possible."""
        long = [m for m in members.values() if m.kind in {"text", "json"} and m.optional]
        if not long:
            return
        names = sum(len(name.encode()) + 48 for name in members)
        room = max(0, (MAX_BYTES - names) // 6)
        sizes = " + ".join(f"coalesce(strlen(cast({m.sql} as VARCHAR)), 0)" for m in long)
        where = path.removeprefix("message.")
        self._top.refuse_if(
            f"case when {sizes} > {room} then strlen({json_object(members)}) > {MAX_BYTES} end",
            "too_large", where, f"{where}: has more than {MAX_BYTES:,} bytes.",
        )  # fmt: skip
