"""Takes up the definitions of segments: after a start, and whenever they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.identity import households
from patron.pipeline.book import Book
from patron.pipeline.live.asker import Asker
from patron.pipeline.live.rules import Live
from patron.pipeline.live.state import State
from patron.segments.concerns import concerns
from patron.segments.frames import Relations
from patron.segments.memberships import Members
from patron.segments.memory.answers import Answers
from patron.segments.plan import Planner
from patron.segments.questions import Questions
from patron.segments.resolve import resolve


def take_up(state: State, cursor: Cursor, book: Book) -> None:
    """After a start: go on with the segments whose rules mean what the record was found by."""
    for live in _compiled(state, cursor, book):
        if state.found_by.get(live.name) == (live.version, live.fingerprint):
            live.members = state.held.pop(live.name, live.members)
            state.live[live.name] = live
    _remember_for(state, state.live.values())


def define(
    state: State,
    cursor: Cursor,
    relations: Relations,
    book: Book,
    asker: Asker,
    *,
    position: int,
    now: datetime,
) -> None:
    """Take over definitions that are new, changed or gone.

    Args:
        state: Goes on with them.
        cursor: Inside the transaction of the step.
        relations: The tables to read.
        book: The definitions.
        asker: Fills the segments.
        position: The log position that the step reaches.
        now: As of when.
    """
    if not state.live:
        state.see(cursor, now)
    state.errors.clear()
    state.horizon = state.ahead = None
    kept: dict[str, Live] = {}
    changed = []
    for live in _compiled(state, cursor, book):
        before = state.live.get(live.name)
        live.members = before.members if before else state.held.pop(live.name, Members())
        kept[live.name] = live
        if before is None or before.fingerprint != live.fingerprint or live.concerns.lists:
            changed.append(live)
    gone = {name: live.members for name, live in state.live.items() if name not in kept}
    for name, members in {**state.held, **gone}.items():
        asker.dissolve(name, state.found_by.get(name, (0, ""))[0], members)
    state.live, state.book, state.held = kept, book, {}
    _remember_for(state, kept.values())
    reached = max(position, state.position)
    state.memory.read(cursor, relations, known=reached, upto=reached)
    state.memory.read_changes(cursor, relations, state.log)
    new = frozenset(kept.keys() - state.found_by.keys())
    asker.everybody(changed, now, "definition", filled=new)
    state.found_by = {name: (live.version, live.fingerprint) for name, live in kept.items()}
    cursor.execute("delete from live_segments")
    for name, (version, fingerprint) in state.found_by.items():
        cursor.execute("insert into live_segments values (?, ?, ?)", [name, version, fingerprint])


def _remember_for(state: State, lives: Iterable[Live]) -> None:
    """Have memory hold what these rules read."""
    state.answers = Answers(state.brands, state.households)
    for live in lives:
        state.answers.add(live.plan)
    state.memory.adopt(state.answers.columns)


def _compiled(state: State, cursor: Cursor, book: Book) -> list[Live]:
    """The segments of the book, with no members yet; those that are wrong are noted."""
    found = []
    catalogue = book.catalogue
    rows = cursor.execute("select source_id, brand from sources order by source_id").all()
    state.brands = repr(rows)
    state.households = households.meaning(book.identity)
    # What several rules rest on is found once; joined tests would be shared by fewer.
    planner, questions = Planner(catalogue, largest=0), Questions()
    for name, segment in sorted(book.segments.items()):
        rule = segment.rule
        try:
            resolve(rule, catalogue, unknown="warn")
        except RuleError as error:
            state.errors[name] = error.message
            continue
        found.append(
            Live(
                name=name,
                version=segment.version,
                rule=rule,
                catalogue=catalogue,
                plan=planner.plan(rule),
                concerns=concerns(rule, catalogue),
                members=Members(),
                questions=questions,
                brands=state.brands,
                households=state.households,
            )
        )
    return found
