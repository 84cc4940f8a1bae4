"""Courses of messages and decisions, and a desk that carries them out and keeps book."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from hypothesis import strategies as st

from identity_seen import NOW, Names, kept_of, people_of, picture, store
from identity_statement import Kept, Pair, People, Said, Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError
from patron.identity import Decision, Resolution, Resolver, write
from patron.identity.links import unpack
from patron.identity.partition.parting import Links, partition
from patron.identity.partition.whole import constraints_for
from patron.spec.identifiers import IdentityRules


class Step(NamedTuple):
    """A batch of messages, or something decided; identifiers go by number among those known."""

    batch: tuple[Sent, ...] = ()
    kind: Literal["send", "apart", "same", "withdraw"] = "send"
    numbers: tuple[tuple[int, ...], ...] = ()


number = st.integers(0, 19)
decisions = st.one_of(
    st.builds(
        lambda groups: Step(kind="apart", numbers=groups),
        st.lists(st.lists(number, min_size=1, max_size=3).map(tuple), min_size=2, max_size=3).map(
            tuple
        ),
    ),
    st.builds(lambda a, b: Step(kind="same", numbers=((a,), (b,))), number, number),
    st.builds(lambda a: Step(kind="withdraw", numbers=((a,),)), number),
)


@st.composite
def courses(
    draw: st.DrawFn, rules: IdentityRules, most: int = 12, step: int = 1, models: bool = False
) -> list[Step]:
    """Batches of messages with decisions between them."""
    steps = []
    for batch in cut(draw, draw(histories(rules, most, step, "abc", models))):
        steps.append(Step(tuple(batch)))
        steps += draw(st.lists(decisions, max_size=3))
    return steps


class Desk:
    """Carries out a course, and keeps book of what stands."""

    def __init__(self, rules: IdentityRules, cursor: Cursor | None = None) -> None:
        self.rules = rules
        self.resolver = Resolver(rules) if cursor is None else Resolver.load(cursor, rules)
        self.names = Names()
        self.sent: list[Sent] = []
        self.standing: dict[int, tuple[Decision, Said]] = {}
        self.cursor = cursor
        self.made = 0

    @property
    def statement(self) -> Statement:
        return Statement(self.rules, self.sent, [said for _, said in self.standing.values()])

    def take(self, step: Step) -> None:
        """One step; what contradicts something is not done."""
        if step.kind == "send":
            self.send(list(step.batch))
        elif step.kind == "withdraw":
            if self.standing:
                self.withdraw(sorted(self.standing)[step.numbers[0][0] % len(self.standing)])
        else:
            known = sorted(self.names.pairs)
            groups = [[known[one % len(known)] for one in group] for group in step.numbers]
            self.decide(step.kind, groups)

    def send(self, batch: list[Sent]) -> None:
        if self.cursor is not None:
            store(self.cursor, self.resolver, batch, position=len(self.sent))
            self.cursor.execute("select identifier_id, type, value from identifiers")
            self.names.pairs = {row[0]: row[1:] for row in self.cursor.all()}
        else:
            self.names.learn(self.resolver.resolve(batch_of(batch)))
            self.resolver.commit()
        self.sent += batch

    def decide(self, kind: Any, groups: list[list[int]]) -> bool:
        self.made += 1
        members = tuple(tuple(dict.fromkeys(group)) for group in groups)
        decision = Decision(self.made, kind, members, NOW, "They called.")
        before = picture(self.resolver)
        try:
            answer = self.resolver.decide(decision, occurred_at=NOW)
        except (ConflictError, InputError):
            self.resolver.rollback()
            assert picture(self.resolver) == before
            return False
        pairs = tuple(tuple(self.names.pairs[one] for one in group) for group in members)
        self.standing[self.made] = (decision, Said(kind, pairs))
        self._keep(answer)
        return True

    def withdraw(self, decision_id: int) -> None:
        answer = self.resolver.withdraw(decision_id)
        del self.standing[decision_id]
        self._keep(answer)

    def _keep(self, answer: Resolution) -> None:
        if self.cursor is not None:
            with self.cursor.transaction():
                write(self.cursor, answer, recorded_at=NOW)
                record(self.cursor, [decision for decision, _ in self.standing.values()])
        self.resolver.commit()


def record(cursor: Cursor, standing: list[Decision]) -> None:
    """The tables of decisions, as whoever makes decisions writes them."""
    cursor.execute("delete from identity_decisions")
    cursor.execute("delete from identity_decision_groups")
    for one in standing:
        cursor.execute(
            "insert into identity_decisions values (?, ?, ?, 'test', ?, 1, 'm', null)",
            [one.decision_id, one.kind, one.reason, one.made_at],
        )
        for place, group in enumerate(one.groups):
            for identifier in group:
                cursor.execute(
                    "insert into identity_decision_groups values (?, ?, ?)",
                    [one.decision_id, place, identifier],
                )


def parted_at_once(desk: Desk) -> tuple[People, Kept]:
    """People and links by the one function over everything that a desk's resolver remembers."""
    memory, names = desk.resolver._memory, desk.names.pairs
    ids = np.arange(memory.identifiers + 1)
    keys, moments = memory.links.starting_at(ids)
    links = Links(*unpack(keys), moments)
    ranks = memory.rank[ids]
    ranks[0] = len(desk.rules.types)  # no identifier
    made = [decision for decision, _ in desk.standing.values()]
    rules = constraints_for(desk.rules, ranks, links, memory.first_seen[ids], made)
    part, kept = partition(ranks, memory.keys_of(ids), rules, links)
    people: dict[int, set[Pair]] = {}
    for one in names:
        people.setdefault(int(part[one]), set()).add(names[one])
    ends = zip(links.a.tolist(), links.b.tolist(), kept.tolist(), strict=True)
    return (
        {frozenset(person) for person in people.values()},
        {frozenset([names[a], names[b]]): held for a, b, held in ends},
    )


def assert_agrees(desk: Desk) -> None:
    statement = desk.statement
    assert people_of(desk.resolver, desk.names) == statement.people
    assert kept_of(desk.resolver, desk.names) == statement.kept
    assert parted_at_once(desk) == (statement.people, statement.kept)
