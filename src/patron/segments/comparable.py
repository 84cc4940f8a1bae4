"""Any value as a text, so that values can be told apart whatever their type."""

from __future__ import annotations

from sqlglot import exp

from patron.segments.conditions import Operand
from patron.segments.expressions import call, try_cast

_TOKENS = r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[^"\d-]+'
"""JSON in parts: texts, numbers, and what lies between them."""


def comparable(operand: Operand) -> exp.Expr:
    """A text that is equal for equal values only, and for no value empty.

    A text is itself behind a quotation mark, which no JSON but that of texts begins with; of all
    else it is the JSON, in which every number is the decimal that it is compared as.
    """
    case = exp.Case(this=call("variant_typeof", operand.read()))
    quoted = exp.DPipe(this=exp.Literal.string('"'), expression=operand.text())
    case = case.when(exp.Literal.string("VARCHAR"), quoted, copy=False)
    part = exp.column("part")
    decimal = try_cast(call("round_even", try_cast(part, "DOUBLE"), exp.Literal.number(6)),
                       "DECIMAL(18, 6)")  # fmt: skip
    # What has too many digits to be a number of ours is compared digit by digit.
    plain = call("regexp_replace", part.copy(), exp.Literal.string(r"\.0$"), exp.Literal.string(""))
    number = call("coalesce", exp.cast(decimal, "VARCHAR"), plain)
    is_number = call("regexp_matches", part.copy(), exp.Literal.string(r"^-?\d"))
    alike = exp.Case().when(is_number, number).else_(part.copy())
    json = exp.cast(exp.cast(operand.read(), "JSON"), "VARCHAR")
    parts = call("regexp_extract_all", json, exp.Literal.string(_TOKENS))
    written = call(
        "array_to_string",
        call("list_transform", parts,
             exp.Lambda(this=alike, expressions=[exp.to_identifier("part")])),
        exp.Literal.string(""),
    )  # fmt: skip
    return call("coalesce", case.else_(written, copy=False), exp.Literal.string(""))
