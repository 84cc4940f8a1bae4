"""One customer's rows, read once, and then asked about as of many moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import get_args

import msgspec
import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.segments.asked import Asking
from patron.segments.concerns import GROUP_JOINED, Edge
from patron.segments.frames import COLUMNS, Relations, Rows
from patron.segments.horizon import read_edges
from patron.segments.questions import Question

Moments = npt.NDArray[np.datetime64]
Answers = npt.NDArray[np.bool_]

OWN: tuple[Rows, ...] = ("events", "order_lines", "traits", "identifiers")
"""What each customer has rows of their own in."""


def seen(rows: Rows) -> str:
    """The rows that the first moment sees, as a part of a statement."""
    by_then = "" if rows == "identifiers" else "and own.occurred_at <= asked.as_of"
    return (
        f"(select asked.*, own.* exclude (profile_id) from own_{rows} as own, asked "
        f"where asked.ask = 0 {by_then})"
    )


def _columns(need: Rows, questions: Sequence[Question]) -> str:
    """What is read of the rows of a table: of events that hold much, mostly little."""
    if need not in ("events", "order_lines"):
        return "* exclude (profile_id)"
    read = _ALWAYS.union(*(question.columns for question in questions))
    made = "".join(made.sql for question in questions for made in question.derived)
    return ", ".join(name for name in COLUMNS[need] if name in read or f'"{name}"' in made)


_ALWAYS = frozenset({"position", "line", "name", "occurred_at", "source_id", "message_id"})


class OneCustomer:
    """Asks questions about one customer.

    Args:
        cursor: Inside the transaction that the questions are to be answered from.
        profile_id: A profile that stands.

    Attributes:
        profile_id: Who it is.
        size: How many rows there are, as soon as `times` has read them.
    """

    def __init__(self, cursor: Cursor, profile_id: int) -> None:
        self._cursor = cursor
        self.profile_id = profile_id
        self._needs: set[Rows] = set()
        self._own: set[Rows] = set()
        self._kept = True
        self.size = 0

    def first_seen_at(self) -> datetime | None:
        """When the customer was first seen; None when the profile does not stand."""
        found: datetime | None = self._cursor.execute(
            "select first_seen_at from profiles where profile_id = ? and merged_into is null",
            [self.profile_id],
        ).value()
        return found

    def read(self, needs: Iterable[Rows], questions: Sequence[Question]) -> None:
        """Lay aside all rows of the customer, those that are dated in the future too.

        Args:
            needs: Of which tables.
            questions: What is going to be asked: only columns that they read are laid aside.
        """
        self._cursor.execute(
            "select profile_id from profile_map where survivor_id = ?", [self.profile_id]
        )
        ids = [self.profile_id, *(row[0] for row in self._cursor.all())]
        marks = ", ".join("?" * len(ids))
        self._needs = set(needs)
        self._own = {need for need in OWN if need in self._needs}
        for need in self._own:
            # Asked for by the ids that rows are stored under, blocks of others are skipped.
            self._cursor.execute(
                f"create or replace temp table own_{need} as "
                f"select cast(? as bigint) as profile_id, {_columns(need, questions)} from {need} "
                f"where profile_id in ({marks})",
                [self.profile_id, *ids],
            )

    def times(self) -> dict[tuple[str, str], Moments]:
        """When rows happened, in order, by table and name; of their groups, beside group calls."""
        parts = [
            f"select '{need}' as kind, name, occurred_at from own_{need}"
            for need in ("events", "traits")
            if need in self._own
        ]
        if "membership_changes" in self._needs:
            parts.append(
                "select 'membership_changes' as kind, segment as name, occurred_at "
                f"from current_membership_changes where profile_id = {self.profile_id}"
            )
        if "group_traits" in self._needs:
            parts.append(
                f"select 'events' as kind, '{GROUP_JOINED}' as name, occurred_at from group_traits "
                "where group_id in (select group_id from current_group_members "
                f"where profile_id = {self.profile_id})"
            )
        if not parts:
            return {}
        self._cursor.execute(
            f"select kind, name, list(occurred_at) from ({' union all '.join(parts)}) "
            "group by kind, name"
        )
        found = {
            (kind, name): np.array(moments, dtype="datetime64[us]")
            for kind, name, moments in self._cursor.all()
        }
        self.size = sum(map(len, found.values()))
        return {which: np.unique(moments) for which, moments in found.items()}

    def dates(self, edges: Iterable[Edge], after: datetime, until: datetime) -> dict[Edge, Moments]:
        """The edges of the dates that traits hold, later than one moment and up to another."""
        dated = [edge for edge in edges if edge.path is not None]
        if not dated:
            return {}
        due = read_edges(self._cursor, dated, after, until, relations=self._relations())
        return {edge: due.at[due.edge == number] for number, edge in enumerate(dated)}

    def _relations(self) -> Relations:
        own = {name: f"own_{name}" for name in self._own}
        return msgspec.structs.replace(Relations.of(self._cursor), **own)

    def ask(
        self,
        as_of: Moments,
        questions: Sequence[Question],
        *,
        others: Sequence[Question] = (),
        kept: bool = True,
    ) -> Answers:
        """What the questions are answered as of each moment: a row a question.

        Args:
            as_of: The moments.
            questions: What is asked.
            others: What is not asked, but has its rows gathered.
            kept: Copy the rows that each moment sees; for many moments that costs too much.
        """
        if kept is not self._kept:
            self._drop()
            self._kept = kept
        asking = Asking(self._cursor)
        ids = np.full(len(as_of), self.profile_id, dtype=np.int64)
        asking.gather(ids, as_of, [*questions, *others], relations=self._relations(), kept=kept)
        return np.array(asking.answers(questions))

    def close(self) -> None:
        """Leave no view behind, whose names others need for tables."""
        if not self._kept:
            self._drop()
            self._kept = True

    def _drop(self) -> None:
        what = "table" if self._kept else "view"
        for name in get_args(Rows):
            self._cursor.execute(f"drop {what} if exists asked_{name}")
