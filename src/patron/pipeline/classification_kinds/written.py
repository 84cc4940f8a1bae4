"""Texts in definitions that sort customers: amounts, events and lengths of time."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from patron.errors import DefinitionError, RuleError
from patron.segments import durations, tree
from patron.segments.text import parse_expression
from patron.segments.tree import Amounts, Events, Expression, Last

E = TypeVar("E", bound=Events)


def amounts(text: str) -> Amounts:
    """What is summed, as inside ``sum(…)``.

    Raises:
        DefinitionError: It is no sum.

    >>> amounts('revenue of "Order Completed"').property
    'revenue'
    """
    found = expression(f"sum({text})")
    if not (isinstance(found, tree.Taken) and found.sum is not None):
        raise DefinitionError('of: expected such as revenue of "Order Completed".', field="of")
    return found.sum


def events(text: str) -> Events:
    """What is counted, as inside ``count(…)``.

    Raises:
        DefinitionError: It is no count.

    >>> events('"Order Completed"').event
    'Order Completed'
    """
    found = expression(f"count({text})")
    if not (isinstance(found, tree.Taken) and found.count is not None):
        raise DefinitionError('of: expected such as "Order Completed".', field="of")
    return found.count


def timeless(text: str) -> Events:
    """What is counted, of any time.

    Raises:
        DefinitionError: It is no count of events, or names a time.
    """
    found = events(text)
    if found.within is not None:
        raise DefinitionError("of: the times are declared by themselves.", field="of")
    if found.orders or found.returns:
        raise DefinitionError(
            'of: expected events by their name, such as "Order Completed": orders as they stand, '
            "and returns, do not say when they came.",
            field="of",
        )
    return found


def expression(text: str, field: str = "of") -> Expression:
    """An expression in the language of segments.

    Args:
        text: The expression.
        field: Of the definition, to name it in errors.

    Raises:
        RuleError: It is wrong.
    """
    try:
        return parse_expression(text)
    except RuleError as error:
        error.field = field
        raise


def length(text: str) -> str:
    """A length of time such as ``30d``.

    Raises:
        DefinitionError: It is none.
    """
    try:
        return durations.span(text)
    except ValueError as error:
        raise DefinitionError(f"{error}.") from None


def within(selected: E, last: str) -> E:
    """The same events, of the last so long."""
    return msgspec.structs.replace(selected, within=Last(last))
