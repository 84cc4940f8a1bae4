"""Ask rules of given customers, each as of a moment of its own.

Any number of questions is answered from the rows of just those customers: live membership,
explanations and verification all ask this way. Tests on the same rows are made in one pass, and
what the rules make of them (and, or, not) is done here. The meaning is that of the query over all
customers, for both are printed from one plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.segments import order_scans
from patron.segments.algebra import Compound, Profiles
from patron.segments.conditions import DIALECT
from patron.segments.frames import COLUMNS, Relations, Rows
from patron.segments.moments import Moment
from patron.segments.questions import Leaf, Question
from patron.segments.rankings import ranked_query

Bools = npt.NDArray[np.bool_]


class Asking:
    """Some questions, and the rows that answer them, gathered in temporary tables.

    Args:
        cursor: Inside the transaction that the questions are to be answered from.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._size = 0
        self._stands: Bools = np.zeros(0, dtype=bool)

    def gather(
        self,
        profile_ids: np.ndarray,
        as_of: np.ndarray,
        questions: Iterable[Question],
        *,
        relations: Relations | None = None,
    ) -> None:
        """Lay out the questions and every row that rules about them read.

        Args:
            profile_ids: The customer of each question (int64). One that does not stand, or was not
                seen by then, fulfils no rule, negative ones included.
            as_of: The moment of each (datetime64[us], UTC).
            questions: The rules that are going to be asked.
            relations: The tables to read, when they are not those of all customers.
        """
        questions = list(questions)
        moments = {name: moment for q in questions for name, moment in q.moments.items()}
        table = pa.table(
            {
                "ask": np.arange(len(profile_ids), dtype=np.int64),
                "profile_id": profile_ids,
                "as_of": as_of,
                **{name: _values(moment, as_of) for name, moment in moments.items()},
            }
        )
        self._size = len(profile_ids)
        self._cursor.register("patron_asked", table)
        try:
            self._cursor.execute(_ASKED)
        finally:
            self._cursor.unregister("patron_asked")
        self._stands = self._asks("select ask from asked")
        everybody = Relations.of(self._cursor)
        relations = relations or everybody
        needs = {need for question in questions for need in question.needs}
        for need in IN_ORDER:
            if need in needs:
                self._cursor.execute(_gathering(need, getattr(relations, need, ""), questions))
        self._rank(as_of, questions, everybody)

    def _rank(self, as_of: np.ndarray, questions: list[Question], relations: Relations) -> None:
        """Rank everybody, once for each moment that a ranking is made for."""
        rankings = {key: ranking for q in questions for key, ranking in q.rankings.items()}
        if rankings:
            self._cursor.execute(_RANKED)
        filled = set()
        for (key, made_for), ranking in rankings.items():
            for at in np.unique(_values(made_for, as_of)).astype(object):
                if (key, at) not in filled:
                    filled.add((key, at))
                    first = ranked_query(ranking, at, relations).sql(DIALECT)
                    self._cursor.execute(_FIRST.format(first=first), [key, at])

    def stands(self) -> Bools:
        """Per question whether its customer stands and was seen by then."""
        return self._stands

    def answer(self, question: Question) -> Bools:
        """Per question whether the rule is true of it."""
        return self.answers([question])[0]

    def answers(self, questions: Sequence[Question]) -> list[Bools]:
        """The answers to several rules: what they share is looked up once."""
        leaves = {leaf: None for question in questions for leaf in question.leaves.values()}
        found = self._look_up(list(leaves))
        return [self._truth(question, found) for question in questions]

    def _truth(self, question: Question, found: dict[Leaf, Bools]) -> Bools:
        known: dict[int, Bools] = {}

        def inside(profiles: Profiles) -> Bools:
            if id(profiles) not in known:
                known[id(profiles)] = combined(profiles)
            return known[id(profiles)]

        def combined(profiles: Profiles) -> Bools:
            if isinstance(profiles, Compound) and profiles.inner():
                return profiles.holds([inside(part) for part in profiles.inner()])
            return found[question.leaves[id(profiles)]]

        true = inside(question.plan.profiles)
        return self._stands & ~true if question.plan.complement else true

    def _look_up(self, leaves: Sequence[Leaf]) -> dict[Leaf, Bools]:
        found = {leaf: self._asks(leaf.sql) for leaf in leaves if leaf.rows is None}
        tests: dict[Rows, list[Leaf]] = {}
        for leaf in leaves:
            if leaf.rows is not None:
                tests.setdefault(leaf.rows, []).append(leaf)
        for rows, tested in tests.items():
            for start in range(0, len(tested), TOGETHER):
                some = tested[start : start + TOGETHER]
                columns = ", ".join(f"{leaf.sql} as t{at}" for at, leaf in enumerate(some))
                self._cursor.execute(f"select ask, {columns} from asked_{rows} group by ask")
                answers = self._cursor.numpy()
                asks = np.asarray(answers["ask"], dtype=np.int64)
                for at, leaf in enumerate(some):
                    found[leaf] = np.zeros(self._size, dtype=bool)
                    found[leaf][asks] = answers[f"t{at}"]
        return found

    def _asks(self, sql: str) -> Bools:
        found = np.zeros(self._size, dtype=bool)
        self._cursor.execute(sql)
        found[np.asarray(self._cursor.numpy()["ask"], dtype=np.int64)] = True
        return found


IN_ORDER = get_args(Rows)
"""Rows that are found by way of others stand behind those."""

TOGETHER = 100
"""So many tests are made in one pass over the rows."""

_ASKED = """
create or replace temp table asked as
select asked.*, profiles.first_seen_at
from patron_asked as asked
join profiles on profiles.profile_id = asked.profile_id
    and profiles.merged_into is null and profiles.first_seen_at <= asked.as_of
"""

_IDENTIFIERS = """
create or replace temp table asked_identifiers as
select asked.*, found.type, found.value
from {rows} as found join asked using (profile_id)
"""

_GROUP_TRAITS = """
create or replace temp table asked_group_traits as
select asked.*, found.*
from {rows} as found
join (select distinct ask, group_id from asked_group_members) using (group_id)
join asked using (ask)
where found.occurred_at <= asked.as_of
"""

_RANKED = """
create or replace temp table ranked (rank_key varchar, made_for timestamp, profile_id bigint)
"""

_FIRST = """
insert into ranked
select ?, ?, profile_id from ({first}) semi join asked using (profile_id)
"""


def _gathering(need: Rows, source: str, questions: Iterable[Question]) -> str:
    """The statement that gathers rows of one table, with the columns that are read of them."""
    if need == "identifiers":
        return _IDENTIFIERS.format(rows=source)
    if need == "group_traits":
        return _GROUP_TRAITS.format(rows=source)
    read = {"occurred_at", "position"}.union(*(question.columns for question in questions))
    columns = [f"found.{name}" for name in COLUMNS[need] if name in read]
    derived = {made for question in questions for made in question.derived if made.rows == need}
    columns += [f'{made.sql} as "{made.name}"' for made in sorted(derived)]
    by = "profile_id"
    if need == "orders":
        source, by = order_scans.asked_orders(), "ask"
    return (
        f"create or replace temp table asked_{need} as select asked.*, {', '.join(columns)} "
        f"from {source} as found join asked using ({by}) "
        "where found.occurred_at <= asked.as_of"
    )


def _values(moment: Moment, as_of: np.ndarray) -> np.ndarray:
    """A moment for each question; questions as of the same one share the work."""
    distinct, places = np.unique(as_of, return_inverse=True)
    moments: list[datetime] = [moment.at(at) for at in distinct.astype(object)]
    return np.array(moments, dtype="datetime64[us]")[places]
