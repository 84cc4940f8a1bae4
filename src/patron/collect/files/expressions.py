"""Scalar SQL inside mappings: parsed, held to a list of what is allowed, and printed again.

What is not on the list is refused: subqueries, windows, aggregates, table, file and system
functions, parameters, and every function that is not a plain calculation on one row.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from patron.errors import DefinitionError
from patron.spec.reading import did_you_mean

MAX_LENGTH = 4_000

_NODES: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between, exp.Like, exp.ILike,
    exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Var, exp.Interval,
)  # fmt: skip

_FUNCTIONS: dict[str, type[exp.Expr] | None] = {
    "abs": exp.Abs, "ceil": exp.Ceil, "floor": exp.Floor, "round": exp.Round,
    "greatest": exp.Greatest, "least": exp.Least, "coalesce": exp.Coalesce, "nullif": exp.Nullif,
    "lower": exp.Lower, "upper": exp.Upper, "trim": exp.Trim, "length": exp.Length,
    "concat": exp.Concat, "concat_ws": exp.ConcatWs, "replace": exp.Replace,
    "substring": exp.Substring, "left": exp.Left, "right": exp.Right, "lpad": exp.Pad,
    "split_part": exp.SplitPart, "starts_with": exp.StartsWith, "contains": exp.Contains,
    "regexp_matches": exp.RegexpLike, "regexp_extract": exp.RegexpExtract,
    "regexp_replace": exp.RegexpReplace,
    "year": exp.Year, "month": exp.Month, "day": exp.Day, "extract": exp.Extract,
    "date_trunc": exp.TimestampTrunc, "date_trunc_day": exp.DateTrunc, "strptime": exp.StrToTime,
    "number": None, "ends_with": exp.EndsWith,
}  # fmt: skip

_TYPES = frozenset(
    {
        "VARCHAR", "TEXT", "BOOLEAN", "SMALLINT", "INT", "BIGINT", "DOUBLE", "DECIMAL", "DATE",
        "TIMESTAMP", "TIMESTAMPNTZ",
    }
)  # fmt: skip
_ALLOWED = (*_NODES, *(node for node in _FUNCTIONS.values() if node is not None))


def parse_scalar(text: str, field: str) -> exp.Expr:
    """Parse and check one scalar expression.

    Args:
        text: As it stands in the mapping.
        field: Its path there, for errors.

    Returns:
        The checked tree; its columns still bear the mapping's names.

    Raises:
        DefinitionError: It is no expression, or uses what is not allowed.

    >>> parse_scalar("upper(name) || '-' || product.size", "sql").sql("duckdb")
    "UPPER(name) || '-' || product.size"
    >>> parse_scalar("uper(name)", "sql")
    Traceback (most recent call last):
    patron.errors.DefinitionError: sql: uper is not allowed here; did you mean "upper"?
    """
    if len(text) > MAX_LENGTH:
        raise DefinitionError(f"{field}: is longer than {MAX_LENGTH} characters.", field=field)
    try:
        trees = sqlglot.parse(f"SELECT {text}", dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        reason = str(error).split("\n", 1)[0].partition(". Line")[0]
        raise DefinitionError(f"{field}: is not a SQL expression: {reason}.", field=field) from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or _extra_clauses(tree):
        raise DefinitionError(f"{field}: expected one scalar SQL expression.", field=field)
    expression: exp.Expr = tree.expressions[0]
    for node in expression.walk():
        _check(node, field)
    return expression


def column_name(column: exp.Column) -> str:
    """The name by which the mapping refers to a column: ``price`` or ``product.price``."""
    return ".".join(part.name for part in column.parts)


def print_scalar(tree: exp.Expr, resolve: Callable[[str], str]) -> str:
    """Print a checked expression over other columns.

    A failure on one row (a cast, an overflow) gives no value for that row.

    Args:
        tree: From `parse_scalar`.
        resolve: Gives the SQL for a name of the mapping.

    >>> print_scalar(parse_scalar("number(a) + 1", "sql"), lambda name: f"the_{name}")
    'TRY((TRY_CAST(the_a AS DECIMAL(18, 6)) + 1))'
    """

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return sqlglot.parse_one(resolve(column_name(node)), dialect="duckdb")
        if isinstance(node, exp.Anonymous):
            inner = node.expressions[0].transform(replace)
            return exp.TryCast(this=inner, to=exp.DataType.build("DECIMAL(18, 6)"))
        if type(node) is exp.Cast:
            return exp.TryCast(this=node.this.transform(replace), to=node.args["to"])
        return node

    return f"TRY(({tree.copy().transform(replace).sql(dialect='duckdb')}))"


def _extra_clauses(select: exp.Select) -> bool:
    return any(value for name, value in select.args.items() if name != "expressions")


def _check(node: exp.Expr, field: str) -> None:
    if isinstance(node, exp.Anonymous):
        if node.name.lower() != "number" or len(node.expressions) != 1:
            raise _refused(field, node.name.lower())
    elif isinstance(node, exp.Column):
        if len(node.parts) > 2 or any(isinstance(part, exp.Star) for part in node.parts):
            raise DefinitionError(
                f"{field}: {node.sql('duckdb')} is no column; write column or relation.column.",
                field=field,
            )
    elif isinstance(node, exp.DataType):
        if node.this.name not in _TYPES:
            raise DefinitionError(
                f"{field}: the type {node.sql('duckdb')} is not allowed here; known are "
                f"{', '.join(sorted(_TYPES))}.",
                field=field,
            )
    elif type(node) not in _ALLOWED:
        raise _refused(field, _called(node))


def _refused(field: str, name: str) -> DefinitionError:
    known = [n for n in _FUNCTIONS if n != "date_trunc_day"]
    return DefinitionError(
        f"{field}: {name} is not allowed here; {did_you_mean(name, known)}", field=field
    )


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}"
    return f"{type(node).__name__.lower()}"
