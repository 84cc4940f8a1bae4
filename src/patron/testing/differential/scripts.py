"""What happens to a workspace while its memberships are live: drawn from a seed, kept as JSON.

A script sends a history in the order of its arrival, some messages a commit. In between the clock
moves on to moments just before, at and just after the edges of windows, memberships are brought to
the present, live membership is killed and starts again, definitions and lists are edited, and the
rows of merged customers are rewritten.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.histories import TICK, History, Sent
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import classes, draw_segments
from patron.testing.differential.worlds import World, world_of

Worth = Callable[[World, Rule, list[datetime]], bool]
"""Whether a rule divides the customers at one of some moments at least."""

SPAN = timedelta(days=60)
"""So long a script is followed at most: what the calendar turns costs a step each day. Messages
before that come in at once, and those after that at its end."""

AFTER = timedelta(days=20)
"""And so long after the last message, within that: time alone goes on."""

COMMITS = (1, 1, 1, 2, 3, 8, 20, 60)
"""So many messages come in at once."""

HOURLY = 0.05
"""Few rules that change by the hour are kept: months of hours take long to live through."""

TRIES = 8
"""So many rules are drawn for each one that is wanted."""


class Act(NamedTuple):
    """One thing that is done.

    Attributes:
        at: When, UTC; the clock never goes back.
        kind: ``send`` messages, ``step`` (bring memberships to the present), ``compare`` (step, and
            compare with the oracle), ``recompute`` (compare with a full recompute as well),
            ``restart`` live membership, ``reopen`` the workspace, ``define`` a segment, ``list``
            (fill a static list anew), ``compact``, ``rebuild`` (forget all that live membership
            keeps, make it anew, and compare).
        told: The messages; of ``define`` and ``list`` the name and the rule or entries.
    """

    at: datetime
    kind: str
    told: Any = None

    def as_json(self) -> list[Any]:
        """As a plain list; `from_json` reads it back."""
        told = [one.as_json() for one in self.told] if self.kind == "send" else self.told
        return [self.at.isoformat(), self.kind, told]

    @classmethod
    def from_json(cls, told: list[Any]) -> Self:
        """The act that `as_json` wrote."""
        at, kind, what = told
        if kind == "send":
            what = tuple(Sent.from_json(one) for one in what)
        elif kind == "define":
            what = tuple(what)
        elif kind == "list":
            what = (what[0], [(kind_, value) for kind_, value in what[1]])
        return cls(datetime.fromisoformat(at), kind, what)


@dataclass(frozen=True)
class Script:
    """What happens to a workspace.

    Attributes:
        history: Sources, lists and segments to begin with, and the time zone; no messages.
        rules: The rules that are compared, as segments of these names.
        acts: In order.
        drawn: For each rule the class that it was drawn from.
    """

    history: History
    rules: dict[str, Rule]
    acts: tuple[Act, ...]
    drawn: dict[str, str] = field(default_factory=dict, compare=False)

    def as_json(self) -> dict[str, Any]:
        """As plain dicts and lists; `from_json` reads them back."""
        acts = [act.as_json() for act in self.acts]
        return {"history": self.history.as_json(), "rules": self.rules, "acts": acts}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The script that `as_json` wrote."""
        history = History.from_json(told["history"])
        return cls(history, told["rules"], tuple(Act.from_json(act) for act in told["acts"]))


def draw_script(
    history: History,
    chance: random.Random,
    known: frozenset[str],
    worth: Worth,
    *,
    only: str | None = None,
    rules: int = 40,
    stops: int = 60,
) -> Script:
    """Draw what happens.

    Args:
        history: What is sent.
        chance: Where chance comes from.
        known: The classes of rules that the engine knows.
        worth: Which rules to keep.
        only: Draw rules of this class alone.
        rules: How many rules to keep live.
        stops: At how many moments to compare.
    """
    drawing = _Drawing(history, chance, known, worth)
    kept = drawing.rules([only] if only else sorted(classes(known)), rules)
    named = {f"r{number}": rule for number, (_, rule) in enumerate(kept)}
    acts = tuple(drawing.acts(named, stops))
    drawn = {f"r{number}": name for number, (name, _) in enumerate(kept)}
    return Script(replace(history, messages=(), changes=()), named, acts, drawn)


class _Drawing:
    def __init__(
        self, history: History, chance: random.Random, known: frozenset[str], worth: Worth
    ) -> None:
        self._history = history
        self._chance = chance
        self._world = world_of(history)
        self._drawers = classes(known)
        self._draw = Draw(chance, self._world, known)
        self._worth = worth

    def rules(self, names: list[str], number: int) -> list[tuple[str, Rule]]:
        """Rules of each class in turn, each of which divides the customers at some moment."""
        found: list[tuple[str, Rule]] = []
        names = self._chance.sample(names, len(names))
        for turn in range(number * TRIES):
            name = names[turn % len(names)]
            rule = self._drawers[name](self._draw)
            if _hourly(rule) and not self._draw.maybe(HOURLY):
                continue
            if self._worth(self._world, rule, self._instants(rule)):
                found.append((name, rule))
            if len(found) == number:
                break
        return found

    def _instants(self, rule: Rule) -> list[datetime]:
        return draw_instants(self._chance, self._world, rule, 3)

    def acts(self, rules: dict[str, Rule], stops: int) -> Iterator[Act]:
        """Messages as they arrive, and what is done between them."""
        messages = self._history.messages
        first = messages[int(len(messages) * self._chance.choice((0, 0.2, 0.4, 0.5)))].received_at
        last = min(first + SPAN, messages[-1].received_at + AFTER)
        waiting = self._stops(list(rules.values()), stops, first, last)
        commit: list[Sent] = []
        size = self._chance.choice(COMMITS)
        for sent in messages:
            arrives = min(max(sent.received_at, first), last)
            while waiting and waiting[0] < arrives:
                yield from self._send(commit)
                yield from self._stop(waiting.pop(0), rules)
            commit.append(sent._replace(received_at=arrives))
            if len(commit) >= size and first < arrives < last:
                yield from self._send(commit)
                size = self._chance.choice(COMMITS)
        yield from self._send(commit)
        for stop in waiting:
            yield from self._stop(stop, rules)
        yield Act(last, "compare")
        yield Act(last, "rebuild")

    def _stops(
        self, rules: list[Rule], number: int, first: datetime, last: datetime
    ) -> list[datetime]:
        """Moments at edges of the rules."""
        chance = self._chance
        found: set[datetime] = set()
        while len(found) < number:
            rule = chance.choice(rules) if rules else {}
            some = [at for at in self._instants(rule) if first - TICK <= at < last]
            some = some or [first + (last - first) * chance.random()]
            if chance.random() < 0.2:
                some += [some[0] - TICK, some[0] + TICK]
            found.update(some)
        return sorted(found)

    def _send(self, commit: list[Sent]) -> Iterator[Act]:
        if commit:
            at = commit[-1].received_at
            yield Act(at, "send", tuple(commit))
            commit.clear()
            if self._chance.random() < 0.4:
                yield Act(at, "step")

    def _stop(self, at: datetime, rules: dict[str, Rule]) -> Iterator[Act]:
        chance = self._chance
        drawn = chance.random()
        if drawn < 0.06:
            yield Act(at, "restart")
        elif drawn < 0.07:
            yield Act(at, "reopen")
        elif drawn < 0.11:
            yield Act(at, "compact")
        elif drawn < 0.15:
            yield Act(at, "define", self._edit(rules))
        elif drawn < 0.17:
            yield Act(at, "list", self._listed())
        yield Act(at, "recompute" if chance.random() < 0.15 else "compare")

    def _edit(self, rules: dict[str, Rule]) -> tuple[str, Rule]:
        """A segment with another rule: one of those that are compared, or one that they rest on."""
        chance = self._chance
        if rules and chance.random() < 0.6:
            name = chance.choice(sorted(rules))
            rule = self._drawers[chance.choice(sorted(self._drawers))](self._draw)
            if not _hourly(rule):
                return name, rule
        drawn = draw_segments(chance, self._world)
        return chance.choice(sorted(drawn.items()))

    def _listed(self) -> tuple[str, list[tuple[str, str]]]:
        chance = self._chance
        name = chance.choice(sorted(self._history.lists))
        people = self._world["people"]
        some = chance.sample(people, min(len(people), chance.randint(1, 12)))
        return name, [chance.choice(sorted(person["identifiers"])) for person in some]


def _hourly(rule: Any) -> bool:  # noqa: ANN401 - any part of a rule
    if isinstance(rule, dict):
        return rule.get("refreshed") == "hour" or any(map(_hourly, rule.values()))
    return isinstance(rule, list) and any(map(_hourly, rule))
