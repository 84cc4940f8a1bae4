"""Ask rules of given customers, each as of a moment of its own.

One statement a rule answers any number of questions from the rows of just those customers: live
membership, explanations and verification all ask this way. The meaning is that of the query over
all customers, for both are printed from one plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.segments.frames import Relations, Rows
from patron.segments.moments import Moment
from patron.segments.sql import Question


class Asking:
    """Some questions, and the rows that answer them, gathered in temporary tables.

    Args:
        cursor: Inside the transaction that the questions are to be answered from.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._size = 0

    def gather(
        self, profile_ids: np.ndarray, as_of: np.ndarray, questions: Iterable[Question]
    ) -> None:
        """Lay out the questions and every row that rules about them read.

        Args:
            profile_ids: The customer of each question (int64). One that does not stand, or was not
                seen by then, fulfils no rule, negative ones included.
            as_of: The moment of each (datetime64[us], UTC).
            questions: The rules that are going to be asked.
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
        relations = Relations.of(self._cursor)
        needs = {need for question in questions for need in question.needs}
        for need in sorted(needs):
            self._cursor.execute(_ROWS[need].format(rows=getattr(relations, need)))

    def stands(self) -> np.ndarray:
        """Per question whether its customer stands and was seen by then (bool)."""
        return self._found("select ask from asked")

    def answer(self, question: Question) -> np.ndarray:
        """Per question whether the rule is true of it (bool)."""
        return self._found(question.sql)

    def _found(self, sql: str) -> np.ndarray:
        found = np.zeros(self._size, dtype=bool)
        self._cursor.execute(sql)
        found[np.asarray(self._cursor.numpy()["ask"], dtype=np.int64)] = True
        return found


_ASKED = """
create or replace temp table asked as
select asked.*, profiles.first_seen_at
from patron_asked as asked
join profiles on profiles.profile_id = asked.profile_id
    and profiles.merged_into is null and profiles.first_seen_at <= asked.as_of
"""

_BY_THEN = """
create or replace temp table asked_{{name}} as
select asked.*, found.* exclude (profile_id)
from {{rows}} as found join asked using (profile_id)
where found.occurred_at <= asked.as_of
"""

_ROWS: dict[Rows, str] = {
    **{
        name: _BY_THEN.format().replace("{name}", name)
        for name in ("events", "order_lines", "traits")
    },
    "identifiers": """
create or replace temp table asked_identifiers as
select asked.*, found.type, found.value
from {rows} as found join asked using (profile_id)
""",
}


def _values(moment: Moment, as_of: np.ndarray) -> np.ndarray:
    """A moment for each question; questions as of the same one share the work."""
    distinct, places = np.unique(as_of, return_inverse=True)
    moments: list[datetime] = [moment.at(at) for at in distinct.astype(object)]
    return np.array(moments, dtype="datetime64[us]")[places]
