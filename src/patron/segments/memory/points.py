"""The points of customers, by remembered rows: see `segments.points` for how they are counted."""

from __future__ import annotations

from math import gcd

import numpy as np

from patron.segments.memory.batch import NOTHING, Bools, Seen, Verdict, span
from patron.segments.memory.columns import MICRO, Column, Columns
from patron.segments.memory.histories import Batch
from patron.segments.memory.lives import Found
from patron.segments.memory.measures import FITS, Value, against
from patron.segments.memory.rows import Ints, begins
from patron.segments.memory.spans import kept
from patron.segments.points import Balanced, Source

_OWES, _ADDS = np.array([1, 0, -1]), np.array([0, 1, -1])
"""What an entry does to what is due to expire, and to the balance: it expires, earns, or burns."""


def balanced(found: Balanced, columns: Columns) -> Found:
    """Whose points compare with a number; those whose amounts are beyond 64 bits are unsure."""
    ledger = found.ledger
    sources = [*ledger.earning, *([ledger.burning] if ledger.burning else [])]
    read = [(one, kept(one.scan, columns), _number(one, columns)) for one in sources]

    def find(batch: Batch) -> Verdict:
        unsure = np.zeros(len(batch), dtype=bool)
        parts: list[tuple[Ints, Ints, Ints, Ints]] = []
        for source, rows, number in read:
            seen = batch.find(rows)
            points = _points(seen, source, number, unsure)
            turn = 2 if source is ledger.burning else 1
            parts.append((seen.ask, seen.at, np.full(len(seen), turn), points))
            if ledger.holds is not None and turn == 1:
                due = seen.at + span(ledger.holds)
                gone = np.flatnonzero(due <= batch.moment(ledger.upto)[seen.ask])
                parts.append((seen.ask[gone], due[gone], np.zeros(len(gone), int), points[gone]))
        ask, due, turns, worth = (np.concatenate(several) for several in zip(*parts, strict=True))
        size = np.bincount(ask, weights=np.abs(worth).astype(float), minlength=len(batch))
        unsure |= size >= FITS / MICRO
        some = np.flatnonzero(worth > 0)
        order = some[np.lexsort((turns[some], due[some], ask[some]))]
        balance, there = _balances(ask[order], turns[order], worth[order], len(batch))
        true, _ = against(Value(balance * MICRO), found.op, found.value)
        return Verdict(true & there, unsure if unsure.any() else None)

    return find


def _number(source: Source, columns: Columns) -> Column | None:
    if source.path is None:
        return None
    return columns.number(source.scan.table, source.scan.number(source.path), source.scan.reach)


def _points(seen: Seen, source: Source, number: Column | None, unsure: Bools) -> Ints:
    """The points of each row; marks the questions that have one beyond 64 bits."""
    if number is None:
        return np.full(len(seen), source.millionths // MICRO)
    amounts = seen.column(number)
    amounts = np.where(amounts == NOTHING, 0, amounts)
    shared = gcd(source.millionths, MICRO * MICRO)
    times, parts = source.millionths // shared, MICRO * MICRO // shared
    beyond = np.abs(amounts).astype(float) * times >= FITS
    unsure[seen.ask[beyond]] = True
    return np.where(beyond, 0, amounts) * times // parts


def _balances(ask: Ints, turn: Ints, points: Ints, questions: int) -> tuple[Ints, Bools]:
    """What is left of entries in their order, and which questions have any."""
    balance = np.zeros(questions, dtype=np.int64)
    there = np.zeros(questions, dtype=bool)
    if len(ask):
        first = np.flatnonzero(begins(ask))
        of = ask[first]
        owes = points * _OWES[turn]
        owed = np.cumsum(owes)
        before = (owed - owes)[first]
        expired = np.maximum(np.maximum.reduceat(owed, first) - before, 0)
        change = points * _ADDS[turn]
        balance[of] = np.add.reduceat(change, first) - expired
        there[of] = True
    return balance, there
