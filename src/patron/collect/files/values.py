"""The SQL by which one value becomes text, a number, a moment or JSON.

Every function takes SQL that is already safe (columns of our own naming, printed expressions) and
gives SQL; names and constants of the mapping come in through `literal` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlglot import exp

from patron.errors import DefinitionError
from patron.spec.mapping import Scalar

Kind = Literal["text", "int", "decimal", "double", "boolean", "date", "local", "instant", "json"]
"""What a value is. ``local`` is a time without a zone, ``instant`` the same in UTC."""

NUMBERS = frozenset({"int", "decimal", "double"})
MONEY = "DECIMAL(18, 6)"
_WIDE = "DECIMAL(38, 12)"
_INTEGERS = frozenset(
    f"{sign}{name}"
    for sign in ("", "U")
    for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
                 "INT8", "INT16", "INT32", "INT64", "INT128")
)  # fmt: skip
_NUMBER = "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"


@dataclass(frozen=True, slots=True)
class Operand:
    """One value in SQL.

    Attributes:
        sql: An expression; free of brackets only when it is one column or call.
        kind: What it is.
        optional: Whether it can be NULL.
        decimal: The decimal separator that its text uses.
        native: Its type as the engine names it; that of the kind unless given.
    """

    sql: str
    kind: Kind
    optional: bool = True
    decimal: str = "."
    native: str = ""

    @property
    def type(self) -> str:
        """Its type in SQL."""
        return self.native or sql_type(self.kind)


def literal(text: str) -> str:
    """Text as a SQL literal.

    >>> literal("Ann's")
    "'Ann''s'"
    """
    return exp.Literal.string(text).sql(dialect="duckdb")


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def constant(value: Scalar) -> Operand:
    """A constant of the mapping."""
    if isinstance(value, bool):
        return Operand("true" if value else "false", "boolean", optional=False)
    if isinstance(value, int):
        return Operand(f"({value})", "int", optional=False)
    if isinstance(value, float):
        return Operand(f"cast({literal(repr(value))} as DOUBLE)", "double", optional=False)
    if value is None:
        return Operand("cast(null as VARCHAR)", "text")
    return Operand(literal(value), "text", optional=False)


def normal(sql: str, native: str) -> Operand:
    """A column of a file as one of the kinds.

    Args:
        sql: The column.
        native: Its type as the engine names it.

    Raises:
        DefinitionError: Its type has no meaning in a message.
    """
    base = native.partition("(")[0].strip()
    if native.endswith(("[]", "]")) or base in {"STRUCT", "MAP", "UNION", "LIST", "ARRAY"}:
        return Operand(f"to_json({sql})", "json")
    if base == "FLOAT":
        # By way of text: 0.1 as a float is not the double 0.1000000014901161.
        return Operand(f"cast(cast({sql} as VARCHAR) as DOUBLE)", "double")
    if base.startswith("TIMESTAMP") or base == "DATETIME":
        if "TIME ZONE" in native or base.endswith("TZ"):
            return Operand(f"({sql} at time zone 'UTC')", "instant")
        return Operand(f"cast({sql} as TIMESTAMP)", "local")
    simple: dict[str, Kind] = {
        "VARCHAR": "text", "BOOLEAN": "boolean", "DATE": "date", "JSON": "json",
        "DOUBLE": "double", "DECIMAL": "decimal",
    }  # fmt: skip
    if base in simple:
        return Operand(sql, simple[base], native=native)
    if base in _INTEGERS:
        return Operand(sql, "int", native=native)
    if base in {"ENUM", "UUID", "TIME", "INTERVAL", "BIGNUM", "VARINT"}:
        return Operand(f"cast({sql} as VARCHAR)", "text")
    raise DefinitionError(f"Columns of type {native} have no meaning in a message.")


def text(value: Operand) -> str:
    """As text: whole numbers without a point, moments in ISO 8601."""
    if value.kind == "text":
        return value.sql
    if value.kind == "double":
        x = value.sql
        return (
            f"case when {x} = trunc({x}) and abs({x}) < 1e15 "
            f"then cast(cast({x} as BIGINT) as VARCHAR) else cast({x} as VARCHAR) end"
        )
    if value.kind == "decimal":
        return _short_decimal(value.sql)
    if value.kind == "json":
        return f"({value.sql} ->> '$')"
    if value.kind in {"local", "instant"}:
        return moment_text(value.sql)
    return f"cast({value.sql} as VARCHAR)"


def moment_text(sql: str) -> str:
    """A UTC time as ISO 8601 with Z; a fraction only where there is one."""
    whole = f"strftime({sql}, '%Y-%m-%dT%H:%M:%SZ')"
    exact = f"replace(cast({sql} as VARCHAR), ' ', 'T') || 'Z'"
    return f"case when epoch_us({sql}) % 1000000 = 0 then {whole} else {exact} end"


def number(value: Operand) -> str:
    """As a decimal of 6 places, rounded half to even; NULL when it is no number or does not fit."""
    x = value.sql
    if value.kind == "int":
        return f"try_cast({x} as {MONEY})"
    if value.kind == "boolean":
        return f"cast(null as {MONEY})"
    if value.kind == "decimal":
        return f"try_cast(round_even(try_cast({x} as {_WIDE}), 6) as {MONEY})"
    if value.kind == "double":
        # Below 10^9 a double that equals a decimal of 6 places has no shorter text than that.
        return (
            f"case when abs({x}) < 1e9 and cast(try_cast({x} as {MONEY}) as DOUBLE) = {x} "
            f"then try_cast({x} as {MONEY}) else {_number_of_text(f'cast({x} as VARCHAR)')} end"
        )
    plain = text(value)
    if value.decimal != ".":
        plain = f"replace({plain}, {literal(value.decimal)}, '.')"
    return _number_of_text(plain)


def is_given(value: Operand) -> str:
    """Whether there is a value; the null of JSON is none."""
    if value.kind == "json":
        return f"({value.sql} ->> '$') is not null"
    return f"{value.sql} is not null"


def is_finite_number(value: Operand) -> str:
    """Whether it is a number at all, however large."""
    if value.kind in {"int", "decimal"}:
        return "true"
    if value.kind == "double":
        return f"isfinite({value.sql})"
    plain = text(value)
    if value.decimal != ".":
        plain = f"replace({plain}, {literal(value.decimal)}, '.')"
    # Text such as 1e999 is a number that does not fit, though its double is infinite.
    return f"regexp_full_match(trim({plain}), {literal(_NUMBER)})"


def json(value: Operand) -> str:
    """As what `to_json` of a struct turns into the right JSON."""
    if value.kind in {"local", "instant"}:
        return moment_text(value.sql)
    if value.kind == "decimal":
        return f"cast({_short_decimal(value.sql)} as JSON)"
    return value.sql


def json_object(members: dict[str, Operand], *more: str) -> str:
    """The text of a JSON object; members that are NULL are left out.

    Args:
        members: By name.
        more: SQL that gives the text of further members, or NULL.

    Returns:
        SQL of type VARCHAR.
    """
    if not members and not more:
        return "'{}'"
    pieces = [
        f"{literal(_quoted(name) + ':')} || {_json_text(value)}" for name, value in members.items()
    ]
    careful = "'{' || concat_ws(',', " + ", ".join([*pieces, *more]) + ") || '}'"
    if more or not members:
        return careful
    struct = ", ".join(f"{literal(name)}: {_quick_json(value)}" for name, value in members.items())
    quick = f"cast(to_json({{{struct}}}) as VARCHAR)"
    # The struct writes null for what is missing; the slower way leaves it out.
    slow = [f"{value.sql} is null" for value in members.values() if value.optional]
    slow += [f"abs({value.sql}) >= 1e9" for value in members.values() if _fits_double(value)]
    return f"case when {' or '.join(slow)} then {careful} else {quick} end" if slow else quick


def _json_text(value: Operand) -> str:
    """One value as JSON text, with all its digits."""
    if value.kind == "decimal":
        return _short_decimal(value.sql)
    if value.kind == "json":
        return f"cast({value.sql} as VARCHAR)"
    return f"cast(to_json({json(value)}) as VARCHAR)"


def _quick_json(value: Operand) -> str:
    return f"cast({value.sql} as DOUBLE)" if _fits_double(value) else json(value)


def _fits_double(value: Operand) -> bool:
    """Whether a decimal below 10^9 has no more digits than a double shows exactly."""
    scale = value.type.rpartition(",")[2].strip(" )")
    return value.kind == "decimal" and scale.isdigit() and int(scale) <= 6


def moment(value: Operand, pattern: str, zone: str) -> str:
    """As a UTC timestamp; NULL when it cannot be read, infinity when no calendar reaches it.

    Args:
        value: Where it stands.
        pattern: ``iso``, ``epoch_s``, ``epoch_ms`` or a strftime pattern.
        zone: IANA zone of times that state none.
    """
    if value.kind == "instant":
        return value.sql
    if value.kind == "local":
        return _in_zone(value.sql, zone)
    if value.kind == "date":
        return _in_zone(f"cast({value.sql} as TIMESTAMP)", zone)
    if pattern in {"epoch_s", "epoch_ms"}:
        return _epoch(value, "1000000" if pattern == "epoch_s" else "1000")
    if pattern != "iso":
        parsed = f"try_strptime({text(value)}, {literal(pattern)})"
        if "%z" in pattern or "%Z" in pattern:
            return f"({parsed} at time zone 'UTC')"
        return _in_zone(parsed, zone)
    plain = text(value)
    stated = f"(try_cast({plain} as TIMESTAMPTZ) at time zone 'UTC')"
    if zone == "UTC":
        return stated
    has_zone = f"regexp_matches({plain}, '[0-9]([Zz]|[-+][0-9]{{2}}(:?[0-9]{{2}})?)$')"
    local = _in_zone(f"try_cast({plain} as TIMESTAMP)", zone)
    return f"case when length({plain}) > 10 and {has_zone} then {stated} else {local} end"


def check_zone(zone: str, field: str) -> None:
    """Refuse a time zone that does not exist.

    Raises:
        DefinitionError: It is not in the IANA data.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DefinitionError(
            f'{field}: "{zone}" is no IANA time zone such as Europe/Warsaw.', field=field
        ) from None


def sql_type(kind: Kind) -> str:
    """The engine's type for a kind."""
    return {
        "text": "VARCHAR", "int": "HUGEINT", "decimal": MONEY, "double": "DOUBLE",
        "boolean": "BOOLEAN", "date": "DATE", "local": "TIMESTAMP", "instant": "TIMESTAMP",
        "json": "JSON",
    }[kind]  # fmt: skip


def _number_of_text(plain: str) -> str:
    wide = f"try_cast(round_even(try_cast({plain} as {_WIDE}), 6) as {MONEY})"
    short = (
        f"strlen({plain}) - strpos({plain}, '.') <= 6 "
        f"and not contains({plain}, 'e') and not contains({plain}, 'E')"
    )
    # Rounding costs more than all the rest, and most numbers have few digits.
    return f"case when {short} then try_cast({plain} as {MONEY}) else {wide} end"


def _short_decimal(sql: str) -> str:
    shown = f"cast({sql} as VARCHAR)"
    return f"case when contains({shown}, '.') then rtrim(rtrim({shown}, '0'), '.') else {shown} end"


def _epoch(value: Operand, factor: str) -> str:
    plain = value.sql if value.kind in NUMBERS else text(value)
    count = f"try_cast({plain} as DECIMAL(38, 6))"
    largest = "7258118400000000"  # 2200-01-01 in microseconds; later ones are refused anyhow
    return (
        f"case when abs({count}) <= {largest} / {factor} "
        f"then make_timestamp(cast({count} * {factor} as BIGINT)) "
        f"when {is_given(value)} and {is_finite_number(value)} "
        "then cast('infinity' as TIMESTAMP) end"
    )


def _in_zone(sql: str, zone: str) -> str:
    if zone == "UTC":
        return sql
    return f"(timezone({literal(zone)}, {sql}) at time zone 'UTC')"


def _quoted(name: str) -> str:
    return msgspec.json.encode(name).decode()
