"""Looking into a condition: what has to be read for it, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments.algebra import Signed, Union
from patron.segments.explain_values import Detail
from patron.segments.frames import Asked, Rows
from patron.segments.questions import Question


class About(NamedTuple):
    """Whom an explanation is about, and as of when."""

    profile_id: int
    as_of: datetime


class Told(NamedTuple):
    """What was found for a condition: its value, None for nothing, and more about it."""

    value: Any
    detail: Detail


class Probe(Protocol):
    """Finds out what there is to say of a condition, with statements of its own."""

    def needs(self) -> frozenset[Rows]:
        """The tables that the customer's rows are read of."""

    def reads(self) -> Question | None:
        """What has to be gathered before, as of a question that asks nothing."""

    def look(self, cursor: Cursor, about: About) -> Told:
        """Look, after the customer was read and asked about."""


def reading(frame: Asked, parts: Iterable[exp.Expr]) -> Question:
    """What expressions of a frame read, as of a question that asks nothing."""
    columns = {found.name for part in parts for found in part.find_all(exp.Column)}
    return Question(
        plan=Signed(Union(())),
        leaves={},
        needs=frozenset(frame.needs),
        columns=frozenset(columns),
        derived=frozenset(),
        moments=frame.moments,
        rankings={},
    )
