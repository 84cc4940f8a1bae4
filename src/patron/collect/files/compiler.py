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
from patron.errors import DefinitionError, InputError, told
from patron.spec.commerce import COMMERCE_EVENTS, PRODUCT_EVENTS
from patron.spec.mapping import (
    EVENT_OF_TYPE,
    Expression,
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
        line: SQL for the fields of a line, by name; None when the message has none.
        line_members: The line's own JSON.
        line_if: What must hold for there to be a line.
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
    consent: dict[str, Operand] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    line: dict[str, str] | None = None
    line_members: dict[str, Operand] = field(default_factory=dict)
    line_if: str = "true"
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
        rows: The level of the rows.
        top: The level of the messages: that of the rows, or one above it that groups them.
        keys: What rows of one group have in common.
        condition: SQL that holds for rows that count; empty when all do.

    Raises:
        DefinitionError: The mapping does not fit the files.
    """

    def __init__(
        self, cursor: Cursor, mapping: Mapping, columns: Columns, *, brand: str, channel: str
    ) -> None:
        if mapping.message is None:
            raise DefinitionError("message is missing.", field="message")
        self.mapping = mapping
        self._message: MessageMapping = mapping.message
        self.columns = columns
        self.problems = Problems()
        self.rows = Level(cursor, "y", self.problems, columns.find)
        self.top: Level = self.rows
        if mapping.group_by:
            self.top = GroupLevel(cursor, self.problems, self.rows)
        self.condition = self._condition()
        self._line_sources: list[str] = []
        self.keys = [self._group_key(name) for name in mapping.group_by]
        self.parts = self._parts(brand, channel)
        for condition, name, declared in reversed(columns.typed_checks()):
            self.rows.refuse_if(
                condition, f"not_a_{declared}", name, f"Column {name}: expected a {declared}.",
                first=True,
            )  # fmt: skip

    @property
    def _constant_event(self) -> str | None:
        event = self._message.event
        return event if isinstance(event, str) else None

    def known_columns(self) -> set[str]:
        """The columns of the level that messages are made at."""
        return set(self.top.columns) | set(self._below())

    def _below(self) -> set[str]:
        if isinstance(self.top, GroupLevel):
            return set(self.top.aggregates)
        return self.row_columns() - set(self.rows.columns)

    def row_columns(self) -> set[str]:
        """The columns of the level of rows."""
        used = {operand.sql for operand in self.columns.used().values()}
        return used | {f"t{name}" for name in used} | set(self.rows.columns)

    def line_columns(self) -> set[str]:
        """The columns of rows, or of messages, that lines are made of."""
        if self.parts.line is None:
            return set()
        names = {operand.sql for operand in self.parts.line_members.values()}
        names |= set(self.parts.line.values()) | set(self._line_sources)
        return names & (self.row_columns() | self.known_columns())

    def row_columns_needed(self) -> set[str]:
        """The columns of rows that groups are made of."""
        needed = {key.sql for key in self.keys} | self.line_columns()
        if isinstance(self.top, GroupLevel):
            needed |= self.top.inputs & self.row_columns()
        return needed

    def _condition(self) -> str:
        if self.mapping.where is None:
            return ""
        found = self.rows.scalar(self.mapping.where, "where")
        if found.kind != "boolean":
            raise DefinitionError("where: expected a condition, true or false.", field="where")
        return self.rows.columns[found.sql]

    def _group_key(self, name: str) -> Operand:
        key = self.rows.find(name, "group_by")
        if key.kind == "json":
            key = self.rows.define(text(key), Operand("", "text"))
        self.rows.refuse_if(
            f"{key.sql} is null", "missing", name, f"Column {name}: has no value.", first=True
        )
        return key

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
            parts.name.optional or self._constant_event in COMMERCE_EVENTS
        )
        parts.properties = self._members(message.properties, "message.properties")
        if message.type == "track":
            parts.typed = self._typed(parts.properties, strict=strict)
        parts.traits = self._members(message.traits, "message.traits")
        parts.context = self._members(message.context, "message.context")
        parts.consent = self._consent(message.consent)
        self._lines(parts, message)
        for where in ("properties", "traits"):
            self._limit(getattr(parts, where), f"message.{where}")
        return parts

    def _named(self, given: str | None, default: str, path: str) -> Operand:
        if given is None:
            return Operand(literal(default), "text", optional=False)
        return self.top.template(given, path)

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
            value = self.top.scalar(when.sql, f"{path}.sql")
        else:
            value = self.top.find(when.column or "", f"{path}.column")
        zone = self.columns.time_zone if when.time_zone == "UTC" else when.time_zone
        plain_number = value.kind in NUMBERS and not when.format.startswith("epoch")
        if plain_number or value.kind == "boolean":
            raise DefinitionError(
                f"{path}.format: numbers are read with format: epoch_s or epoch_ms.",
                field=f"{path}.format",
            )
        found = self.top.define(moment(value, when.format, zone), Operand("", "instant")).sql
        shown = when.column or "the timestamp"
        refuse = self.top.refuse_if
        given = is_given(value)
        if value.kind in {"text", "json"}:
            given = f"nullif(trim({text(value)}), '') is not null"
        refuse(f"not ({given})", "missing", "timestamp",
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
            made = self.top.template(given, path)
            if not made.optional:
                raise DefinitionError(
                    f"{path}: every message would have the same id; write {{column}} in it.",
                    field=path,
                )
        else:
            prefix = literal(f"{self.mapping.name}-")
            made = self.top.define(f"{prefix} || md5({self._content(given)})", Operand("", "text"))
        self.top.refuse_if(
            f"{made.sql} is null or {made.sql} = ''", "missing", "messageId",
            "messageId: a column that it is made from has no value.",
        )  # fmt: skip
        self.top.refuse_if(
            f"length({made.sql}) > {MAX_MESSAGE_ID}", "too_long", "messageId",
            f"messageId: expected at most {MAX_MESSAGE_ID} characters.",
            told("too_long", field="messageId", most=MAX_MESSAGE_ID),
        )  # fmt: skip
        return made

    def _content(self, given: GeneratedId) -> str:
        """The text that makes a row, or a group, what it is, whichever file it stands in."""
        names: tuple[str, ...] | list[str] = self.mapping.group_by or given.hash
        if not names and self.columns.main.row_text is not None:
            return "row_text"
        names = names or [name for name in self.columns.main.names if name]
        path = "message.message_id.hash"
        return json_object({name: self.top.find(name, path) for name in sorted(names)})

    def _event_name(self, message: MessageMapping) -> Operand | None:
        if message.type == "identify":
            return None
        given = message.event or EVENT_OF_TYPE[message.type]
        if isinstance(given, Expression):
            name = self.top.value(given, "message.event")
        else:
            name = self.top.template(given, "message.event")
        if name.optional:
            self.top.refuse_if(
                f"{name.sql} is null or trim({name.sql}) = ''", "missing", "event",
                "event: expected the name of what happened.",
            )  # fmt: skip
            self.top.refuse_if(
                f"length({name.sql}) > {MAX_NAME}", "too_long", "event",
                f"event: expected at most {MAX_NAME} characters.",
                told("too_long", field="event", most=MAX_NAME),
            )  # fmt: skip
        return name

    def _identifiers(self, message: MessageMapping) -> list[tuple[str, Operand]]:
        found: list[tuple[str, Operand]] = []
        for kind, given in message.identifiers.items():
            path = f"message.identifiers.{kind}"
            for value in given if isinstance(given, tuple) else (given,):
                plain = text(self.top.value(value, path))
                trimmed = self.top.define(f"nullif(trim({plain}), '')", Operand("", "text"))
                found.append((kind, trimmed))
        if not found:
            raise DefinitionError("message.identifiers: is empty.", field="message.identifiers")
        none = " and ".join(f"{value.sql} is null" for _, value in found)
        names = " or ".join(dict.fromkeys(kind for kind, _ in found))
        self.top.refuse_if(
            none, "no_identity", found[0][0],
            f"{found[0][0]}: expected {names}; the row has none.",
            told("none_of", identifiers=list(dict.fromkeys(kind for kind, _ in found))),
        )  # fmt: skip
        return found

    def _members(self, values: dict[str, Value], path: str) -> dict[str, Operand]:
        members = {}
        for name, value in values.items():
            members[name] = self.top.value(value, f"{path}.{name}")
            self.top.finite(members[name], f"{path.removeprefix('message.')}.{name}")
        return members

    def _consent(self, values: dict[str, Value]) -> dict[str, Operand]:
        found = self._members(values, "message.consent")
        for name, value in found.items():
            if value.kind not in {"boolean", "json"}:
                path = f"message.consent.{name}"
                raise DefinitionError(
                    f"{path}: expected true or false, as a column of that type or "
                    "{sql: \"agreed = 'yes'\"} has.",
                    field=path,
                )
        return found

    def _typed(self, properties: dict[str, Operand], *, strict: bool) -> dict[str, str]:
        """The commerce fields among the properties, which become numbers there too."""
        typed: dict[str, str] = {}
        for name in TEXTS:
            if name in properties:
                typed[name] = self.top.define(text(properties[name]), Operand("", "text")).sql
        for name in AMOUNTS:
            value = properties.get(name)
            if value is None or not (strict or value.kind in NUMBERS):
                continue
            properties[name], typed[name] = self._amount(self.top, value, f"properties.{name}")
        return typed

    def _lines(self, parts: Parts, message: MessageMapping) -> None:
        if message.lines is not None:
            parts.merged = True
            for name, value in message.lines.items():
                member = self.rows.value(value, f"message.lines.{name}")
                self.rows.finite(member, f"properties.products[].{name}")
                parts.line_members[name] = member
            parts.line = self._line(self.rows, parts.line_members, "properties.products[]")
        elif self._constant_event in PRODUCT_EVENTS:
            ids = [parts.properties[n] for n in ("product_id", "sku") if n in parts.properties]
            if not ids:
                return
            parts.line_members = parts.properties
            parts.line_if = f"({' or '.join(map(is_given, ids))})"
            parts.line = self._line(self.top, parts.properties, "properties")

    def _line(self, level: Level, members: dict[str, Operand], path: str) -> dict[str, str]:
        """The fields of a line but its JSON; amounts become numbers among the members too."""
        line = {}
        for name, names in LINE_TEXTS.items():
            value = next((members[n] for n in names if n in members), None)
            line[name] = "cast(null as VARCHAR)" if value is None else text(value)
            self._line_sources += [] if value is None else [value.sql]
        for name in LINE_AMOUNTS:
            if name not in members:
                line[name] = f"cast(null as {MONEY})"
                continue
            members[name], line[name] = self._amount(level, members[name], f"{path}.{name}")
        return line

    def _amount(self, level: Level, value: Operand, path: str) -> tuple[Operand, str]:
        """What stands in the JSON, and the column with the amount."""
        amount = level.amount(value, path)
        keep = value.kind in NUMBERS and value.sql not in level.columns
        return (value if keep else amount), amount.sql

    def _limit(self, members: dict[str, Operand], path: str) -> None:
        """Refuse what is too large, looking closely only where much text makes it possible."""
        long = [m for m in members.values() if m.kind in {"text", "json"} and m.optional]
        if not long:
            return
        names = sum(len(name.encode()) + 48 for name in members)
        room = max(0, (MAX_BYTES - names) // 6)
        sizes = " + ".join(f"coalesce(strlen(cast({m.sql} as VARCHAR)), 0)" for m in long)
        where = path.removeprefix("message.")
        self.top.refuse_if(
            f"case when {sizes} > {room} then strlen({json_object(members)}) > {MAX_BYTES} end",
            "too_large", where, f"{where}: has more than {MAX_BYTES:,} bytes.",
        )  # fmt: skip
