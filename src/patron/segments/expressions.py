"""Small pieces of SQL that conditions are made of."""

from __future__ import annotations

import re

from sqlglot import exp

DIALECT = "duckdb"


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the engine."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def try_cast(value: exp.Expr, to: str) -> exp.Expr:
    """The value as another type, NULL where that cannot be."""
    return exp.TryCast(this=value, to=exp.DataType.build(to, dialect=DIALECT))


def every(*parts: exp.Expr) -> exp.Expr:
    """True when all parts are; they are taken over, not copied, which costs most of the time."""
    return exp.and_(*parts, copy=False)


def either(*parts: exp.Expr) -> exp.Expr:
    """True when at least one of the parts is; they are taken over, not copied."""
    return exp.or_(*parts, copy=False)


def between(value: exp.Expr, low: exp.Expr, high: exp.Expr) -> exp.Expr:
    """Whether a value lies between two others, both included."""
    return exp.Between(this=value, low=low, high=high)


def quoted(sql: str) -> set[str]:
    """The columns that printed SQL names, and maybe more.

    >>> quoted('"revenue" > 1')
    {'revenue'}
    """
    return set(re.findall(r'"(\w+)"', sql))
