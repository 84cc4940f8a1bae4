"""What customers prefer, by remembered rows."""

from __future__ import annotations

import numpy as np

from patron.segments.memory.batch import Verdict
from patron.segments.memory.columns import Columns
from patron.segments.memory.histories import Batch
from patron.segments.memory.lives import Found
from patron.segments.memory.measures import worths
from patron.segments.memory.rows import begins
from patron.segments.memory.spans import kept
from patron.segments.preferring import Favoured, least_millionths


def favoured(found: Favoured, columns: Columns) -> Found:
    """Whose most preferred value fulfils the operator; ties of the same moment are unsure."""
    terms = [
        (
            kept(term.scan, columns),
            columns.code(term.scan.table, term.value.text(), term.scan.reach),
            columns.flag(
                term.scan.table, term.value.fulfils(found.op, found.value), reach=term.scan.reach
            ),
            term,
        )
        for term in found.terms
    ]
    least = least_millionths(found.least)

    def find(batch: Batch) -> Verdict:
        parts = []
        for rows, identity, verdict, term in terms:
            seen = batch.find(rows)
            seen = seen.where(seen.column(identity) != 0)
            weighs = term.weight * worths(seen, term.worth)
            parts.append((seen.ask, seen.column(identity), weighs, seen.at, seen.column(verdict)))
        ask, code, weight, at, fits = (
            np.concatenate(several) for several in zip(*parts, strict=True)
        )
        order = np.lexsort((code, ask))
        first = np.flatnonzero(begins(ask[order], code[order]))
        true = np.zeros(len(batch), dtype=bool)
        unsure = np.zeros(len(batch), dtype=bool)
        if not len(first):
            return Verdict(true)
        total = np.add.reduceat(weight[order], first)
        latest = np.maximum.reduceat(at[order], first)
        of, says = ask[order][first], fits[order][first]
        enough = np.flatnonzero(total >= least)
        # The best of each question stands last.
        ranked = enough[np.lexsort((latest[enough], total[enough], of[enough]))]
        of, says, total, latest = of[ranked], says[ranked], total[ranked], latest[ranked]
        best = np.flatnonzero(begins(of[::-1])[::-1])
        true[of[best]] = says[best]
        place = np.full(len(batch), -1)
        place[of[best]] = best
        mine = place[of]
        tied = (total == total[mine]) & (latest == latest[mine]) & (says != says[mine])
        unsure[of[tied]] = True
        return Verdict(true, unsure if unsure.any() else None)

    return find
