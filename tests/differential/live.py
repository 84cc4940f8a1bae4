"""Sends a history through a workspace message by message, and compares live membership with a full
recompute at many moments on the way, and with the oracle at the end.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from differential.oracle import members
from patron.clock import ManualClock
from patron.segments.memberships import read_members
from patron.segments.query import members_sql
from patron.settings import Settings
from patron.testing.differential.drawing import Draw, Rule
from patron.testing.differential.harness import draw_world
from patron.testing.differential.histories import History
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import classes
from patron.testing.differential.worlds import World, world_of
from patron.workspace import Workspace

AFTER = timedelta(days=40)
"""Live membership is followed for so long after the last message: time alone goes on."""


class Wrong(NamedTuple):
    """A segment whose members are not what they should be."""

    at: datetime
    way: str
    rule: Rule
    missing: list[int]
    surplus: list[int]


class Outcome(NamedTuple):
    """What came of one history: a case is one rule, one customer, one moment."""

    cases: int
    inside: int
    wrong: list[Wrong]


def follow(
    seed: int, known: frozenset[str], *, only: str | None = None, rules: int = 40, stops: int = 60
) -> Outcome:
    """Follow one history.

    Args:
        seed: The same seed draws the same history, rules and moments.
        known: The classes of rules that the engine knows.
        only: Draw rules of this class alone.
        rules: How many rules to keep live.
        stops: At how many moments to compare.
    """
    history = draw_world(seed)
    chance = random.Random(f"live {seed}")
    world = world_of(history)
    drawn = _draw_rules(chance, world, known, only, rules)
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(history.messages[0].received_at - timedelta(seconds=1))
        Workspace.create(Path(folder) / "data", clock=clock)
        settings = Settings(time_zone=history.time_zone, threads=1)
        with Workspace(Path(folder) / "data", clock=clock, settings=settings) as workspace:
            return _Run(workspace, clock, history, drawn, chance).run(world, stops)


def _draw_rules(
    chance: random.Random, world: World, known: frozenset[str], only: str | None, number: int
) -> dict[str, Rule]:
    drawers = classes(known)
    names = [only] if only else sorted(drawers)
    draw = Draw(chance, world, known)
    rules: dict[str, Rule] = {}
    for turn in range(number * 10):
        rule = drawers[names[turn % len(names)]](draw)
        everybody = len(world["people"])
        sizes = [len(members(world, rule, at)) for at in draw_instants(chance, world, rule, 3)]
        if any(0.05 <= size / everybody <= 0.95 for size in sizes):
            rules[f"r{len(rules)}"] = rule
        if len(rules) == number:
            break
    return rules


class _Run:
    def __init__(
        self,
        workspace: Workspace,
        clock: ManualClock,
        history: History,
        rules: dict[str, Rule],
        chance: random.Random,
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._history = history
        self._rules = rules
        self._chance = chance
        self._keys = self._define()
        self._outcome = Outcome(0, 0, [])

    def _define(self) -> dict[str, str]:
        sources = [
            {"kind": "source", "name": name, "body": {"type": "web", "brand": brand, "channel": on}}
            for name, (brand, on) in self._history.sources.items()
        ]
        lists = [
            {
                "kind": "list",
                "name": name,
                "body": {"members": [f"{kind}:{value}" for kind, value in entries]},
            }
            for name, entries in self._history.lists.items()
        ]
        segments = [
            {"kind": "segment", "name": name, "body": {"rule": rule}}
            for name, rule in {**self._history.segments, **self._rules}.items()
        ]
        keys: dict[str, str] = self._workspace.apply([*sources, *lists, *segments])["write_keys"]
        return keys

    def run(self, world: World, stops: int) -> Outcome:
        """Let time pass from message to message and stop to stop."""
        self._workspace.advance()
        for stop in self._timeline(world, stops):
            self._clock.advance(stop - self._clock.now())
            self._workspace.advance()
            self._compare(stop, "full recompute")
        ended = {**self._meant(), "time_zone": self._history.time_zone}
        for _ in range(5):
            self._clock.advance(AFTER / 5)
            self._workspace.advance()
            self._compare(self._clock.now(), "oracle", ended)
        self._compare_log()
        return self._outcome

    def _timeline(self, world: World, stops: int) -> Iterator[datetime]:
        """Sends the messages on the way, and gives the moments to compare at."""
        first, last = (self._history.messages[n].received_at for n in (0, -1))
        moments: list[datetime] = []
        rules = list(self._rules.values())
        while rules and len(moments) < stops:
            rule = self._chance.choice(rules)
            moments += [
                at for at in draw_instants(self._chance, world, rule, 3) if first < at < last
            ] or [first + (last - first) * self._chance.random()]
        waiting = sorted(moments)
        for sent in self._history.messages:
            while waiting and waiting[0] < sent.received_at:
                yield waiting.pop(0)
            self._clock.advance(sent.received_at - self._clock.now())
            body = json.dumps({"batch": [sent.body]}).encode()
            assert (
                not self._workspace.collect_batch(body, self._keys[sent.source])
                .result()
                .quarantined
            )
            if self._chance.random() < 0.3:
                self._workspace.advance()
        yield from waiting

    def _compare(self, at: datetime, way: str, world: World | None = None) -> None:
        book = self._workspace.book
        with self._workspace.reading(as_of=at) as reading:
            for name, rule in self._rules.items():
                live = self._workspace.live_members(name)
                assert live is not None, name
                if world is not None:
                    wanted = members(world, rule, at)
                else:
                    sql = members_sql(
                        reading.cursor, book.segments[name].rule, as_of=at, catalogue=book.catalogue
                    )
                    wanted = {row[0] for row in reading.cursor.execute(sql).all()}
                found = set(live.ids().tolist())
                if found != wanted:
                    self._outcome.wrong.append(
                        Wrong(at, way, rule, sorted(wanted - found), sorted(found - wanted))
                    )
                people = len(world["people"]) if world else len(wanted | found)
                self._outcome = self._outcome._replace(
                    cases=self._outcome.cases + people, inside=self._outcome.inside + len(wanted)
                )

    def _compare_log(self) -> None:
        """What the log of changes says is what is held in memory, and nobody enters twice."""
        with self._workspace.reading() as reading:
            held = read_members(reading.cursor)
            for name, rule in self._rules.items():
                live = self._workspace.live_members(name)
                found = set(live.ids().tolist()) if live else set()
                logged = set(held[name].ids().tolist()) if name in held else set()
                if found != logged:
                    self._outcome.wrong.append(
                        Wrong(self._clock.now(), "log", rule, list(found - logged),
                              list(logged - found))
                    )  # fmt: skip
            twice = reading.cursor.execute(
                "select segment, profile_id, kind from (select *, lag(kind) over ("
                "partition by segment, profile_id order by change_id) as before "
                "from membership_changes) where kind = coalesce(before, 'left')"
            ).all()
            assert twice == []

    def _meant(self) -> World:
        with self._workspace.reading() as reading:
            cursor = reading.cursor
            found = cursor.execute("select type, value, profile_id from current_identifiers").all()
            ids = {f"{kind}:{value}": profile for kind, value, profile in found}
            sources = dict(cursor.execute("select name, source_id from sources").all())
        return world_of(self._history, ids=ids, source_ids=sources)
