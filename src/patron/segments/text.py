"""From the text form of a rule to its tree, with errors that name the place.

The grammar is `grammar.lark`; `printer.print_rule` is the way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import lark
from lark.exceptions import UnexpectedInput, VisitError

from patron.errors import RuleError, told
from patron.segments import codec, complaints, tree
from patron.segments.builder import RESERVED, build, build_expression
from patron.segments.phrases import Place, Span
from patron.segments.tree import Expression, Rule
from patron.segments.values import told_by

__all__ = ["RESERVED", "Parsed", "Place", "parse", "parse_expression", "parse_with_places", "spans"]

MAX_LENGTH = 200_000
REMEMBERED = 256


class Parsed(NamedTuple):
    """A rule that came as text.

    Attributes:
        rule: The tree.
        places: Line and column (from 1) of every condition, by its JSON path.
    """

    rule: Rule
    places: Mapping[str, Place]


def parse(text: str) -> Rule:
    """Read the text form of a rule.

    Raises:
        RuleError: With line, column, what was expected, and the nearest known words.

    >>> parse('age >= 18 and city = "Bangkok"').all[0]
    Trait(trait='age', op='>=', value=18, on_brand=(), held=None)
    """
    return parse_with_places(text).rule


def parse_with_places(text: str) -> Parsed:
    """Like `parse`, and remembers where each condition stands, for the errors of `resolve`."""
    return _read(text)[0]


def spans(text: str) -> Mapping[str, Span]:
    """Where each condition of a rule begins and ends in its text, by its JSON path.

    Raises:
        RuleError: As `parse` does.

    >>> spans('age >= 18 and city = "Bangkok"')
    {'': (0, 30), 'all[0]': (0, 9), 'all[1]': (14, 30)}
    """
    return _read(text)[1]


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> tuple[Parsed, Mapping[str, Span]]:
    if len(text) > MAX_LENGTH:
        raise RuleError(f"The text of a rule has at most {MAX_LENGTH} characters", line=1, column=1)
    try:
        rule, places, ends = build(_parser().parse(text))
    except UnexpectedInput as error:
        raise complaints.syntax(error, text) from None
    except VisitError as error:
        raise _misused(error) from None
    except RecursionError:
        raise _too_deep() from None
    try:
        codec.check(rule)
    except RuleError as error:
        found = {path: places.get(id(node), (1, 1)) for path, node in tree.walk(rule)}
        line, column = found.get(error.field or "", (1, 1))
        raise RuleError(error.message, line=line, column=column, told=error.told) from None
    nodes = list(tree.walk(rule))
    return (
        Parsed(rule, {path: places[id(node)] for path, node in nodes}),
        {path: ends[id(node)] for path, node in nodes},
    )


@lru_cache(maxsize=REMEMBERED)
def parse_expression(text: str) -> Expression:
    """Read the text of what a computed trait is computed of.

    Raises:
        RuleError: As `parse` does.

    >>> parse_expression('sum(revenue of "Order Completed") / 2').both[1]
    Constant(number=2)
    """
    if len(text) > MAX_LENGTH:
        raise RuleError(f"The text of a rule has at most {MAX_LENGTH} characters", line=1, column=1)
    try:
        return build_expression(_parser("expression").parse(text))
    except UnexpectedInput as error:
        raise complaints.syntax(error, text) from None
    except VisitError as error:
        raise _misused(error) from None
    except RecursionError:
        raise _too_deep() from None


@cache
def _parser(start: str = "start") -> lark.Lark:
    grammar = resources.files("patron.segments").joinpath("grammar.lark").read_text("utf-8")
    return lark.Lark(
        grammar, start=start, parser="lalr", lexer="contextual", propagate_positions=True
    )


def _too_deep() -> RuleError:
    return RuleError(
        f"A rule is nested at most {tree.MAX_DEPTH} deep",
        line=1,
        column=1,
        told=told("rule_too_large", most=tree.MAX_NODES, deep=tree.MAX_DEPTH),
    )


def _misused(error: VisitError) -> RuleError:
    cause = error.orig_exc
    if isinstance(cause, RecursionError):
        return _too_deep()
    if not isinstance(cause, ValueError):
        raise cause
    meta = error.obj.meta if isinstance(error.obj, lark.Tree) else error.obj
    line, column = getattr(meta, "line", 1), getattr(meta, "column", 1)
    return RuleError(f"{cause}.", line=line, column=column, told=told_by(cause))
