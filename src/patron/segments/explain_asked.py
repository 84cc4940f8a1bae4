"""One customer's rows, read once, and then asked about as of many moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.segments.algebra import Signed
from patron.segments.asked import Asking
from patron.segments.concerns import GROUP_JOINED, Edge
from patron.segments.frames import BASE, COLUMNS, Relations, Rows
from patron.segments.horizon import read_edges
from patron.segments.memory.answers import Answers
from patron.segments.memory.batch import Bools, settled
from patron.segments.memory.columns import Table
from patron.segments.memory.histories import Memory
from patron.segments.memory.rows import Ints
from patron.segments.memory.tables import Landed
from patron.segments.questions import Question

Moments = npt.NDArray[np.datetime64]

OWN: tuple[Rows, ...] = ("events", "order_lines", "traits", "identifiers")
"""What each customer has rows of their own in."""

_ALWAYS = frozenset({"position", "line", "name", "occurred_at", "source_id", "message_id"})
_EVERY = 2**62
"""More than any position."""


class OneCustomer:
    """Answers rules about one customer: from memory, which what it cannot tell is asked of tables.

    Args:
        cursor: Inside the transaction that the rules are to be answered from.
        profile_id: A profile that stands.
        answers: Made ready for the rules.
    """

    def __init__(self, cursor: Cursor, profile_id: int, answers: Answers) -> None:
        self._cursor = cursor
        self._answers = answers
        self._memory = Memory(answers.columns, mark=_EVERY)
        self._own: dict[Rows, set[str]] = {}
        self._landed: dict[Table, Landed] = {}
        self._everybody = Relations.of(cursor)
        self.profile_id = profile_id
        self._stored = [profile_id]
        if self._everybody != BASE:
            cursor.execute("select profile_id from profile_map where survivor_id = ?", [profile_id])
            self._stored += [row[0] for row in cursor.all()]

    def first_seen_at(self) -> datetime | None:
        """When the customer was first seen; None when the profile does not stand."""
        found: datetime | None = self._cursor.execute(
            "select first_seen_at from profiles where profile_id = ? and merged_into is null",
            [self.profile_id],
        ).value()
        return found

    def read(self, needs: Iterable[Rows], columns: Iterable[str]) -> None:
        """Lay aside all rows of the customer, those that are dated in the future too.

        Args:
            needs: Of which tables.
            columns: What is read of events and their lines, which hold much; of others it is all.
        """
        wanted = _ALWAYS.union(columns)
        marks = ", ".join("?" * len(self._stored))
        for need in needs:
            known = self._own.get(need, set())
            if need not in OWN or wanted <= known:
                continue
            self._own[need] = known | wanted
            some = [name for name in COLUMNS.get(need, ()) if name in self._own[need]]
            read = ", ".join(some) if need in HOLD_MUCH else "* exclude (profile_id)"
            # Asked for by the ids that rows are stored under, blocks of others are skipped.
            self._cursor.execute(
                f"create or replace temp table own_{need} as "
                f"select cast(? as bigint) as profile_id, {read} from {need} "
                f"where profile_id in ({marks})",
                [self.profile_id, *self._stored],
            )

    def remember(self) -> int:
        """Take into memory what was laid aside; returns how many rows that are."""
        ids = np.array([self.profile_id])
        self._landed = self._memory.reread(self._cursor, self._relations(), ids)
        return int(self._memory.sizes(ids)[0]) if self._landed else 0

    def times(self, needs: Iterable[Rows]) -> dict[tuple[str, str], Moments]:
        """When rows happened, in order, by table and name; of their groups, beside group calls.

        Args:
            needs: Of which tables, beside those that are read for news.
        """
        found: dict[tuple[str, str], Moments] = {}
        for table in self._answers.columns.news:
            rows = self._landed[table]
            for name in np.unique(rows.name):
                found[table, name] = np.unique(rows.at[rows.name == name])
        for need in _TIMES.keys() & needs:
            self._cursor.execute(_TIMES[need], [self.profile_id])
            for kind, name, moments in self._cursor.all():
                also = np.array(moments, dtype="datetime64[us]")
                found[kind, name] = np.union1d(found.get((kind, name), also), also)
        return found

    def dates(self, edges: Iterable[Edge], after: datetime, until: datetime) -> dict[Edge, Moments]:
        """The edges of the dates that traits hold, later than one moment and up to another."""
        dated = [edge for edge in edges if edge.path is not None]
        if not dated:
            return {}
        due = read_edges(self._cursor, dated, after, until, relations=self._relations())
        return {edge: due.at[due.edge == number] for number, edge in enumerate(dated)}

    def gather(self, as_of: Moments, questions: Sequence[Question]) -> Asking:
        """Lay out questions of tables, with every row that they read."""
        needs = {need for question in questions for need in question.needs}
        self.read(needs, {name for question in questions for name in question.reads()})
        asking = Asking(self._cursor)
        ids = np.full(len(as_of), self.profile_id, dtype=np.int64)
        asking.gather(ids, as_of, questions, relations=self._relations())
        return asking

    def ask(
        self, as_of: Moments, plans: Sequence[Signed], question: Callable[[int], Question]
    ) -> Bools:
        """What rules are answered as of each moment: a row a rule.

        Args:
            as_of: The moments.
            plans: The rules.
            question: What to ask of the tables for one of them, by its number.
        """
        ids = np.full(len(as_of), self.profile_id, dtype=np.int64)
        batch = self._memory.batch(self._cursor, self._relations(), ids, as_of)

        def ask_tables(numbers: list[int], where: Ints) -> list[Bools]:
            questions = [question(number) for number in numbers]
            return self.gather(as_of[where], questions).answers(questions)

        verdicts = [self._answers.answer(plan, batch) for plan in plans]
        return np.array(settled(verdicts, ask_tables))

    def _relations(self) -> Relations:
        own = {name: f"own_{name}" for name in self._own}
        return msgspec.structs.replace(self._everybody, **own)


HOLD_MUCH: tuple[Rows, ...] = ("events", "order_lines")
"""Tables of which only some columns are laid aside."""

_TIMES: dict[Rows, str] = {
    "membership_changes": """
        select 'membership_changes', segment, list(occurred_at) from current_membership_changes
        where profile_id = ? group by segment
    """,
    "group_traits": f"""
        select 'events', '{GROUP_JOINED}', list(occurred_at) from group_traits
        where group_id in (select group_id from current_group_members where profile_id = ?)
        having count(*) > 0
    """,
}
