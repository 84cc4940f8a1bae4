"""Runs a script through live membership, and compares with the oracle on the way.

At every stop the members that are held and those that the log of changes says are compared with
those that the oracle finds in what was sent until then; sometimes a full recompute is asked, too.
Where nothing but time went by since the stop before, the log is compared as of moments in between
as well: an exit that time causes is recorded for the moment of its edge.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.harness import FEWEST, MOST, Oracle, Reader, draw_world
from patron.testing.differential.histories import TICK, Sent
from patron.testing.differential.scripts import Act, Script, draw_script
from patron.testing.differential.worlds import World, world_of

BETWEEN = 2
"""The log is compared as of so many moments between two stops."""


class Change(NamedTuple):
    """One row of the log of changes.

    Attributes:
        segment: Its name.
        profile_id: Of whom, as it was recorded.
        stands_for: The profile that stands for that one now.
        kind: ``entered`` or ``left``.
        at: When it came to hold.
        counts: Neither a member that a segment began with, nor one that a merge took out.
    """

    segment: str
    profile_id: int
    stands_for: int
    kind: str
    at: datetime
    counts: bool


class Identities(NamedTuple):
    """Ids that an engine gave.

    Attributes:
        profiles: By identifier, such as ``user_id:u7``.
        sources: By name.
    """

    profiles: dict[str, int]
    sources: dict[str, int]


class LiveRun(Protocol):
    """A workspace whose clock stands still."""

    def act(self, act: Act) -> None:
        """Move the clock on to the moment of an act, and do it."""
        ...

    def members(self, name: str) -> set[int] | None:
        """Who is in a segment, as it is held; None when it is not kept."""
        ...

    def recomputed(self, name: str) -> set[int]:
        """Who is in a segment now, by the query over all customers."""
        ...

    def identities(self) -> Identities:
        """The ids that were given so far."""
        ...

    def changes(self) -> list[Change]:
        """The log of changes, in order."""
        ...

    @property
    def until(self) -> datetime | None:
        """Before this moment time alone changes nothing, it says; None when it does not know."""
        ...


class LiveEngine(Reader, Protocol):
    """What is tested."""

    def open(self, script: Script) -> AbstractContextManager[LiveRun]:
        """A new workspace with the sources, lists, segments and rules of a script."""
        ...


@dataclass(frozen=True)
class LiveDifference:
    """What live membership and the oracle say of one rule at one moment of a script.

    Attributes:
        script: It ends with what differs.
        name: The rule.
        way: What was compared.
        at: The moment that was compared as of.
        missing: Keys of customers that are left out.
        surplus: Keys of customers that only the engine takes in.
        error: What the engine raised instead.
    """

    script: Script
    name: str
    way: str
    at: datetime
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    error: str = ""

    @property
    def kind(self) -> str:
        """What was compared, and what sort of error was raised."""
        return f"{self.way}: {self.error.partition(':')[0] if self.error else 'answer'}"

    def text(self) -> str:
        """For a person: what differs, and the script as JSON to be kept."""
        said = self.error or f"missing {list(self.missing)}, surplus {list(self.surplus)}"
        where = f"{self.way}, {self.name} at {self.at.isoformat()}"
        return f"{where}: {said}\n{json.dumps(self.script.as_json(), ensure_ascii=False)}"


@dataclass
class Followed:
    """What came of a script.

    Attributes:
        cases: One rule, one customer, one moment each.
        inside: In how many of them the customer was in, says the oracle.
        by_class: The cases of each class of rules.
        did: How often each kind of act was done.
        differences: What differed; the script is not followed any further.
    """

    cases: int
    inside: int
    by_class: Counter[str]
    did: Counter[str]
    differences: list[LiveDifference]


def draw_live(
    seed: int,
    known: frozenset[str],
    oracle: Oracle,
    *,
    only: str | None = None,
    rules: int = 40,
    stops: int = 60,
) -> Script:
    """The script of a seed."""

    def divides(world: World, rule: Rule, moments: list[datetime]) -> bool:
        everybody = len(world["people"])
        return any(FEWEST <= len(oracle(world, rule, at)) / everybody <= MOST for at in moments)

    chance = random.Random(f"live {seed}")  # noqa: S311
    return draw_script(
        draw_world(seed), chance, known, divides, only=only, rules=rules, stops=stops
    )


def follow(script: Script, engine: LiveEngine, oracle: Oracle) -> Followed:
    """Follow a script as far as all agree."""
    with engine.open(script) as run:
        return _Following(script, run, oracle).follow()


class _Following:
    def __init__(self, script: Script, run: LiveRun, oracle: Oracle) -> None:
        self._script = script
        self._run = run
        self._oracle = oracle
        self._chance = random.Random(str(len(script.acts)))  # noqa: S311
        self._history = script.history
        self._sent: list[Sent] = []
        self._rules = dict(script.rules)
        self._outcome = Followed(0, 0, Counter(), Counter(), [])
        self._quiet_since: datetime | None = None
        self._recorded: int | None = None

    def follow(self) -> Followed:
        """Do one act after the other."""
        done = 0
        try:
            for done, act in enumerate(self._script.acts, 1):  # noqa: B007 - used where it raises
                self._outcome.did[act.kind] += 1
                self._do(act)
                if self._outcome.differences:
                    break
        except Exception as error:  # noqa: BLE001 - whatever it raises is a difference
            said = f"{type(error).__name__}: {error}"[:500]
            at = self._script.acts[done - 1].at
            self._outcome.differences.append(self._differing("", "error", at, error=said))
        cut = replace(self._script, acts=self._script.acts[:done])
        self._outcome.differences = [
            replace(found, script=cut) for found in self._outcome.differences
        ]
        return self._outcome

    def _do(self, act: Act) -> None:
        until = self._run.until
        self._run.act(act)
        match act.kind:
            case "step":
                self._quiet_since, self._recorded = act.at, None
            case "compare" | "recompute":
                self._compare(act, until)
            case "rebuild":
                self._rebuilt(act.at)
            case "send":
                self._sent += act.told
            case "define":
                self._define(*act.told)
            case "list":
                name, entries = act.told
                lists = {**self._history.lists, name: [(kind, value) for kind, value in entries]}
                self._history = replace(self._history, lists=lists)
        if act.kind in ("send", "define", "list"):
            self._quiet_since = None

    def _define(self, name: str, rule: Rule) -> None:
        if name in self._rules:
            self._rules[name] = rule
        else:
            segments = {**self._history.segments, name: rule}
            self._history = replace(self._history, segments=segments)

    def _compare(self, act: Act, until: datetime | None) -> None:
        changes = self._run.changes()
        world = self._world(changes, act.at)
        if world is None:
            return
        quiet, known = self._quiet_since, self._recorded
        self._quiet_since, self._recorded = act.at, len(changes)
        if quiet and known is not None and until and act.at < until:
            late = {one.stands_for for one in changes[known:]}
            self._note("until", "", act.at, world, set(), late)
        log = _by_segment(changes)
        for name, rule in self._rules.items():
            truth = self._oracle(world, rule, act.at)
            self._count(name, world, truth)
            self._note("memory", name, act.at, world, truth, self._run.members(name))
            self._note("log", name, act.at, world, truth, _as_of(log[name], act.at))
            if act.kind == "recompute":
                found = self._run.recomputed(name)
                self._note("full recompute", name, act.at, world, truth, found)
        if quiet is not None and quiet < act.at:
            self._compare_between(quiet, act.at, world, log)

    def _rebuilt(self, at: datetime) -> None:
        """All that live membership keeps was made anew from nothing: the members are the same."""
        world = self._world([], at)
        if world is None:
            return
        for name, rule in self._rules.items():
            # What was recorded is forgotten, too.
            truth = self._oracle(world, rule, at)
            self._count(name, world, truth)
            self._note("rebuilt", name, at, world, truth, self._run.members(name))

    def _compare_between(
        self, quiet: datetime, at: datetime, world: World, log: Mapping[str, list[Change]]
    ) -> None:
        """Compare the log as of moments between two stops, and around what it says of then."""
        moments = [quiet + (at - quiet) * self._chance.random() for _ in range(BETWEEN)]
        edges = [one.at for some in log.values() for one in some if quiet < one.at <= at]
        edges = self._chance.sample(edges, min(len(edges), BETWEEN))
        moments += [moment for edge in edges for moment in (edge - TICK, edge)]
        for name, rule in self._rules.items():
            if self._rests_on_record(rule):
                continue
            for moment in moments:
                truth = self._oracle(world, rule, moment)
                self._count(name, world, truth)
                self._note("log between", name, moment, world, truth, _as_of(log[name], moment))

    def _rests_on_record(self, rule: Any) -> bool:  # noqa: ANN401 - any part of a rule
        """Whether it asks what was recorded; what that causes holds from the step that sees it."""
        if isinstance(rule, list):
            return any(map(self._rests_on_record, rule))
        if not isinstance(rule, dict):
            return False
        if "entered" in rule or "left" in rule:
            return True
        return any(map(self._rests_on_record, rule.values()))

    def _world(self, changes: list[Change], at: datetime) -> World | None:
        """What was sent so far means, under the ids that were given; None when they are wrong."""
        given = self._run.identities()
        history = replace(self._history, messages=tuple(self._sent))
        plain = world_of(history)
        ids = {}
        for person in plain["people"]:
            found = {given.profiles.get(f"{kind}:{one}") for kind, one in person["identifiers"]}
            ids[person["key"]] = found.pop() if len(found) == 1 else None
        if None in ids.values() or len(set(ids.values())) != len(ids):
            wrong = self._differing("", "identity", at, error="identity: other customers")
            self._outcome.differences.append(wrong)
            return None
        world = world_of(history, ids=ids, source_ids=given.sources)  # type: ignore[arg-type]
        recorded: dict[str, list[tuple[int, str, datetime]]] = defaultdict(list)
        for one in changes:
            if one.counts:
                recorded[one.segment].append((one.stands_for, one.kind, one.at))
        return {**world, "changes": dict(recorded)}

    def _count(self, name: str, world: World, truth: set[int]) -> None:
        self._outcome.cases += len(world["people"])
        self._outcome.inside += len(truth)
        self._outcome.by_class[self._script.drawn.get(name, "")] += len(world["people"])

    def _note(
        self,
        way: str,
        name: str,
        at: datetime,
        world: World,
        truth: set[int],
        found: set[int] | None,
    ) -> None:
        if found == truth:
            return
        keys = {person["id"]: person["key"] for person in world["people"]}
        if found is None:
            wrong = self._differing(name, way, at, error="not kept")
        else:
            missing = tuple(sorted(keys[one] for one in truth - found))
            surplus = tuple(sorted(keys.get(one, f"profile {one}") for one in found - truth))
            wrong = self._differing(name, way, at, missing=missing, surplus=surplus)
        self._outcome.differences.append(wrong)

    def _differing(self, name: str, way: str, at: datetime, **said: Any) -> LiveDifference:  # noqa: ANN401
        return LiveDifference(self._script, name, way, at, **said)


def _by_segment(changes: list[Change]) -> defaultdict[str, list[Change]]:
    found = defaultdict(list)
    for one in changes:
        found[one.segment].append(one)
    return found


def _as_of(changes: list[Change], at: datetime) -> set[int]:
    """Who is in at a moment, by the log of one segment."""
    inside: dict[int, str] = {}
    for one in changes:
        if one.at <= at:
            inside[one.profile_id] = one.kind
    return {who for who, kind in inside.items() if kind == "entered"}
