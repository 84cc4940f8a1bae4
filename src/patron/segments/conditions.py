"""One comparison as SQL: a value of a row, an operator, a literal.

Values of VARIANT columns are never coerced: the text "5" is not the number 5, true is not 1.
DuckDB's casts do coerce, so each stands beside a check of the stored type, except where the literal
could not be the rendering of anything but a text: there the cast alone decides, which DuckDB
answers from the shredded column (12 ms against 90 ms for 3 million rows).

Every condition made here is true, false or NULL, and NULL means false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlglot import exp

from patron.segments import operators, paths, values
from patron.segments.areas import lies_in
from patron.segments.clock_values import clock_value
from patron.segments.columns import column_type
from patron.segments.expressions import DIALECT as DIALECT  # noqa: PLC0414 - from here too
from patron.segments.expressions import between, call, either, every, try_cast

_RENDERED = re.compile(r"[-\d\[{]|(?:true|false|nan|inf)\Z", re.IGNORECASE)
_RENDERED_START = re.compile(r"[-\d\[{]")
_RENDERED_END = re.compile(r"[\d\]}.]\Z")
_NUMBERS = ["DOUBLE", "UINT64", "INT64"]
"""What a number of JSON is stored as."""

_WORDS = ("true", "false", "nan", "inf", "null")

_DATE = (
    r"[1-9]\d{3}-\d{2}-\d{2}"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?"
)
"""Texts that are read as dates: ISO 8601, to the microsecond; without a zone they are UTC."""


@dataclass(frozen=True)
class Operand:
    """The left side of a comparison.

    Attributes:
        column: Reads it.
        kind: What lies there: a ``text`` or ``number`` column, or a ``variant`` that may hold
            anything.
    """

    column: exp.Expr
    kind: Literal["text", "number", "variant"]

    def read(self) -> exp.Expr:
        """The value itself, whatever its type."""
        return self.column.copy()

    def text(self) -> exp.Expr:
        """The value as text; for a variant that holds no text, its rendering.

        Every value has one: no cast here fails. One that might, a `TRY_CAST`, would keep the engine
        from comparing what is stored as text with no cast at all.
        """
        return self.read() if self.kind == "text" else exp.cast(self.read(), "VARCHAR", copy=False)

    def number(self) -> exp.Expr:
        """The value as DECIMAL(18, 6); NULL when it is no number, or has more than 12 digits.

        A number of JSON lies there as DOUBLE, UINT64 or INT64, and only the cast to exactly that
        type is answered from the shredded column: a cast to DECIMAL costs 20 times as much.
        """
        if self.kind == "number":
            return self.read()
        if self.kind == "text":
            return exp.null()
        case = exp.Case(this=call("variant_typeof", self.read()))
        whole = {"UINT64": "UBIGINT", "INT64": "BIGINT"}
        for stored, cast in whole.items():
            case = case.when(
                exp.Literal.string(stored), _decimal(try_cast(self.read(), cast)), copy=False
            )
        rounded = _decimal(_rounded(self.read()))
        return case.when(exp.Literal.string("DOUBLE"), rounded, copy=False)

    def compared(self, test: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
        """A test of the value as a number, false of everything else.

        As a filter this is up to four times as fast as a test of `number`: the cast to DOUBLE is
        made during the scan, and only what passes is asked for its type.
        """
        if self.kind == "number":
            return test(self.read())
        if self.kind == "text":
            return exp.false()
        tested = test(_decimal(_rounded(self.read())))
        stored = call("variant_typeof", self.read())
        return every(tested, _equals(stored, _NUMBERS))

    def identity(self) -> exp.Expr:
        """Equal for equal texts, numbers and truth values only; NULL for everything else."""
        if self.kind != "variant":
            return self.read()
        # No number begins with a quotation mark, and neither do true and false.
        text = exp.DPipe(this=exp.Literal.string('"'), expression=self.text())
        case = exp.Case(this=call("variant_typeof", self.read()))
        case = case.when(exp.Literal.string("VARCHAR"), text, copy=False)
        for stored, word in (("BOOL_TRUE", "true"), ("BOOL_FALSE", "false")):
            case = case.when(exp.Literal.string(stored), exp.Literal.string(word), copy=False)
        typed = case.else_(exp.cast(self.number(), "VARCHAR", dialect=DIALECT), copy=False)
        # What type a value has takes longer to find out than its text, which mostly tells it.
        told = exp.Case().when(only_a_text(self.text()), self.text(), copy=False)
        nothing = exp.Is(this=self.text(), expression=exp.null())
        return told.when(nothing, exp.null(), copy=False).else_(typed, copy=False)

    def is_type(self, stored: str) -> exp.Expr:
        """Whether a variant holds this type."""
        return exp.EQ(
            this=call("variant_typeof", self.read()), expression=exp.Literal.string(stored)
        )

    def as_text_only(self, condition: exp.Expr) -> exp.Expr:
        """The condition, and that the value is a text."""
        if self.kind != "variant":
            return condition
        return every(condition, self.is_type("VARCHAR"))


def only_a_text(printed: exp.Expr) -> exp.Expr:
    """Whether a value that prints so can be nothing but a text: no number, list, object, or word.

    It begins with none of the characters up to the digits, nor with a bracket or a brace. Texts are
    ordered by code points, and compared as wholes, for a function of each costs more.
    """
    after_digits = exp.GTE(this=printed, expression=exp.Literal.string(":"))
    others = [
        exp.paren(
            either(
                exp.LT(this=printed.copy(), expression=exp.Literal.string(bracket)),
                exp.GTE(this=printed.copy(), expression=exp.Literal.string(chr(ord(bracket) + 1))),
            ),
            copy=False,
        )
        for bracket in "[{"
    ]
    words = [
        exp.NEQ(this=printed.copy(), expression=exp.Literal.string(word))
        for word in ("true", "false")
    ]
    return every(after_digits, *others, *words)


def operand(path: tuple[str, ...], *, lines: bool, orders: bool = False) -> Operand:
    """A property of an event, line or order: its column, or its path into `properties`."""
    clock = clock_value(path)
    if clock is not None:
        return Operand(*clock)
    if path == RETURN:
        return Operand(_return(), "text")
    typed = column_type(path, lines=lines, orders=orders)
    if typed is not None:
        return Operand(column(path[0]), typed)
    return Operand(inside(column("properties"), path), "variant")


RETURN = ("occurred", "return")
"""The path of what tells returns apart: messages that bear one `refund_id` tell of one refund."""


def _return() -> exp.Expr:
    """The refund's id with its order, as M44 tells refunds apart; else the message."""
    told = exp.TryCast(
        this=inside(column("properties"), ["refund_id"]), to=exp.DataType.build("VARCHAR")
    )
    of_order = exp.Anonymous(
        this="to_json",
        expressions=[exp.Array(expressions=[column("brand"), column("order_id"), told])],
    )
    alone = exp.cast(column("position"), "VARCHAR", dialect=DIALECT)
    return exp.Case(
        ifs=[exp.If(this=exp.Is(this=told.copy(), expression=exp.null()), true=alone)],
        default=exp.cast(of_order, "VARCHAR", dialect=DIALECT),
    )


def trait_operand(path: str) -> tuple[str, Operand]:
    """A trait by its path: its name, and what reads the value of one observation of it."""
    name, *inner = paths.split(path)
    return name, Operand(inside(column("value"), inner), "variant")


def inside(variant: exp.Expr, path: Sequence[str]) -> exp.Expr:
    """What lies at a path in a VARIANT."""
    for part in path:
        variant = exp.Bracket(this=variant, expressions=[exp.Literal.string(part)])
    return variant


def column(name: str) -> exp.Expr:
    """A column by its name."""
    return exp.column(name, quoted=True)


def one_of(name: str, texts: Sequence[str]) -> exp.Expr:
    """Whether a text column holds one of these."""
    return _equals(column(name), list(texts))


def condition(operand: Operand, op: str, value: Any) -> exp.Expr:  # noqa: ANN401
    """A comparison as SQL; negative operators as the complement of their positives."""
    if op in operators.NEGATIVE:
        return negation(condition(operand, operators.NEGATIVE[op], value))
    match op:
        case "exists":
            return exp.Not(this=exp.Is(this=operand.read(), expression=exp.null()))
        case "=" | "in":
            return _is_one_of(operand, value if isinstance(value, tuple) else (value,))
        case "<" | "<=" | ">" | ">=":
            return operand.compared(lambda number: compare(number, op, value))
        case "between" if isinstance(value[0], str):
            low, high = values.starts(value[0]), values.ends(value[1])
            return dated(operand, lambda at: between(at, moment(low), moment(high)))
        case "between":
            return operand.compared(lambda number: between(number, *map(literal, value)))
        case "before":
            first = values.starts(value)
            return dated(operand, lambda at: exp.LT(this=at, expression=moment(first)))
        case "after":
            last = values.ends(value)
            return dated(operand, lambda at: exp.GT(this=at, expression=moment(last)))
        case "any of" | "all of":
            return _listed(operand, op, value)
        case "within radius" | "in box":
            return lies_in(operand.read(), value) if operand.kind == "variant" else exp.false()
    return _like(operand, op, value)


def certain(inner: exp.Expr) -> exp.Expr:
    """The condition, or false where it is NULL."""
    return exp.Coalesce(this=inner, expressions=[exp.false()])


def negation(inner: exp.Expr) -> exp.Expr:
    """True exactly when the condition is not: NULL counts as false."""
    return exp.Not(this=certain(inner))


def compare(left: exp.Expr, op: str, value: Any) -> exp.Expr:  # noqa: ANN401
    """A comparison of numbers, with one number or, for ``between``, two."""
    if op in ("between", "not between"):
        within = between(left, literal(value[0]), literal(value[1]))
        return within if op == "between" else exp.Not(this=exp.Paren(this=within))
    return COMPARISONS[op](this=left, expression=literal(value))


def literal(value: values.Scalar) -> exp.Expr:
    """A text, number or boolean of the rule, as sqlglot writes literals."""
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(str(value) if isinstance(value, int) else f"{value:f}")


def moment(at: datetime) -> exp.Expr:
    """A moment, in UTC, to the microsecond."""
    return exp.cast(exp.Literal.string(at.isoformat(" ")), "TIMESTAMP", dialect=DIALECT)


def length(span: timedelta) -> exp.Expr:
    """A length of time, to the microsecond."""
    micros = exp.Literal.number(span // timedelta(microseconds=1))
    return exp.Anonymous(this="to_microseconds", expressions=[micros])


COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
"""Comparisons of two numbers."""


def _is_one_of(operand: Operand, wanted: tuple[Any, ...]) -> exp.Expr:
    texts = [value for value in wanted if isinstance(value, str)]
    numbers = [value for value in wanted if not isinstance(value, str | bool)]
    plain = [text for text in texts if operand.kind != "variant" or not _RENDERED.match(text)]
    doubtful = [text for text in texts if text not in plain]
    found: list[exp.Expr] = []
    if operand.kind != "number":
        if plain:
            found.append(_equals(operand.text(), plain))
        if doubtful:
            found.append(operand.as_text_only(_equals(operand.text(), doubtful)))
    if numbers and operand.kind != "text":
        found.append(operand.compared(lambda number: _equals(number, numbers)))
    if operand.kind == "variant":
        for truth, stored in ((True, "BOOL_TRUE"), (False, "BOOL_FALSE")):
            if any(value is truth for value in wanted):
                found.append(operand.is_type(stored))
    return either(*found) if found else exp.false()


def _equals(left: exp.Expr, wanted: list[Any]) -> exp.Expr:
    if len(wanted) == 1:
        return exp.EQ(this=left, expression=literal(wanted[0]))
    return exp.In(this=left, expressions=[literal(value) for value in wanted])


_FUNCTIONS = {
    "contains": "contains",
    "starts with": "starts_with",
    "ends with": "ends_with",
    "matches": "regexp_matches",
}


def _like(operand: Operand, op: str, wanted: str) -> exp.Expr:
    if operand.kind == "number":
        return exp.false()
    found = call(_FUNCTIONS[op], operand.text(), exp.Literal.string(wanted))
    small = wanted.lower()
    if op == "starts with":
        doubtful = _RENDERED_START.match(small) or any(word.startswith(small) for word in _WORDS)
    elif op == "ends with":
        doubtful = _RENDERED_END.search(small) or any(word.endswith(small) for word in _WORDS)
    else:
        doubtful = True  # a list renders every text that it holds, and who knows what matches
    return operand.as_text_only(found) if doubtful else found


def dated(
    operand: Operand,
    test: Callable[[exp.Expr], exp.Expr],
    days: tuple[exp.Expr, exp.Expr] | None = None,
) -> exp.Expr:
    """A test of the moment that a text denotes, false of everything else; a day is its first.

    Args:
        operand: Holds the text.
        test: Makes the test, of the moment.
        days: The days, as texts, between which (both included) the written one has to lie, or the
            test is false anyway.
    """
    if operand.kind == "number":
        return exp.false()
    # The pattern lets through only what holds its zone or means UTC; the cast refuses 2017-02-30.
    written = call("regexp_full_match", operand.text(), exp.Literal.string(_DATE))
    tested = every(written, test(denoted(operand)))
    if days is not None:
        # No zone is as much as a day from UTC, so most texts are ruled out by how they begin.
        tested = exp.Case().when(between(_day(operand), *days), tested, copy=False)
    return operand.as_text_only(tested)


def denoted(operand: Operand) -> exp.Expr:
    """The moment that a text denotes, in UTC, when it is a date at all."""
    at = try_cast(operand.text(), "TIMESTAMPTZ")
    return exp.AtTimeZone(this=at, zone=exp.Literal.string("UTC"))


def _day(operand: Operand) -> exp.Expr:
    return call("left", operand.text(), literal(10))


def _listed(operand: Operand, op: str, wanted: tuple[Any, ...]) -> exp.Expr:
    if operand.kind != "variant":
        return exp.false()
    # A text that looks like a list is cast to one too, hence the check of the stored type.
    stored = call(
        "starts_with", call("variant_typeof", operand.read()), exp.Literal.string("ARRAY")
    )
    groups = [wanted] if op == "any of" else [(value,) for value in wanted]
    return every(stored, *(_has_one_of(operand, group) for group in groups))


def _has_one_of(operand: Operand, wanted: tuple[Any, ...]) -> exp.Expr:
    element = Operand(exp.column("item"), "variant")
    matching = exp.Lambda(this=_is_one_of(element, wanted), expressions=[exp.to_identifier("item")])
    found = call("list_filter", try_cast(operand.read(), "VARIANT[]"), matching)
    return exp.GT(this=call("len", found), expression=exp.Literal.number(0))


def _rounded(value: exp.Expr) -> exp.Expr:
    return call("round_even", try_cast(value, "DOUBLE"), exp.Literal.number(6))


def _decimal(value: exp.Expr) -> exp.Expr:
    return try_cast(value, "DECIMAL(18, 6)")
