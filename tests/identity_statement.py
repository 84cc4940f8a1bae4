"""What identity means, in plain Python that shares nothing with the product but the rules as data.

People start as single identifiers. Those that are one by decision are joined, then links are taken
from the strongest to the weakest, of equal ones the earliest first, then those that only a model
made, and those at fingerprints last of all. Each joins the people at its ends unless something
stands against it.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from patron.identity import Batch
from patron.spec.identifiers import IdentifierType, IdentityRules

Pair = tuple[str, str]
People = set[frozenset[Pair]]
Kept = dict[frozenset[Pair], bool]

MODEL = "customers@1"
DEVICES = ("anonymous_id", "device_id")
FINGERPRINT = "fingerprint"
LENGTHS: dict[str | None, float] = {None: float("inf"), "1 hour": 3.6e9, "2 hours": 7.2e9}
"""Lengths of time that the rules of tests name, in microseconds."""


@dataclass(frozen=True)
class Sent:
    """One message of a test; or what a linking model made."""

    moment: int
    source: int
    name: str
    identifiers: tuple[Pair, ...]
    by_model: bool = False


@dataclass(frozen=True)
class Said:
    """One decision of a test, by values."""

    kind: str
    groups: tuple[tuple[Pair, ...], ...]


def tie(pair: Pair) -> int:
    """The number that orders links of one strength and one moment."""
    return int.from_bytes(hashlib.md5("\x1f".join(pair).encode()).digest()[:8], "little")


@dataclass
class Statement:
    """Who is who, from the rules, all messages and the decisions that stand."""

    rules: IdentityRules
    messages: Sequence[Sent]
    decisions: Sequence[Said] = ()
    people: People = field(default_factory=set)
    kept: Kept = field(default_factory=dict)
    links: dict[frozenset[Pair], tuple[int, int, str]] = field(default_factory=dict)
    by_model: dict[frozenset[Pair], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._types = {kind.name: kind for kind in self.rules.types}
        self._ranks = {kind.name: rank for rank, kind in enumerate(self.rules.types)}
        self._first: dict[Pair, int] = {}
        for message in self.messages:
            self._observe(message)
        self.held = {pair for pair in self._first if self._came_with_too_many(pair)}
        self._part()

    def normal(self, pair: Pair) -> Pair:
        """An identifier in normal form."""
        lower = self._types[pair[0]].normal_form == "lower"
        return (pair[0], pair[1].lower() if lower else pair[1])

    def strongest(self, message: Sent) -> Pair:
        """The identifier that a message is filed under."""
        return min(map(self.normal, message.identifiers), key=lambda pair: self._ranks[pair[0]])

    def owner(self, message: Sent) -> Pair:
        """An identifier of whom a message belongs to: on a device, of whoever was logged in."""
        device = self.strongest(message)
        if device[0] not in DEVICES or device in self.held:
            return device
        logins = sorted(
            (login.moment, login.source, login.name, self.strongest(login))
            for login in self.messages
            if device in map(self.normal, login.identifiers)
            and self.strongest(login)[0] not in DEVICES
            and not self._parted(device, self.strongest(login))
        )
        before = [login for login in logins if login[0] <= message.moment]
        return (before[-1:] or logins[:1] or [(0, 0, "", device)])[0][3]

    def _parted(self, device: Pair, person: Pair) -> bool:
        """Whether a decision keeps a device apart from somebody."""
        whole = next(people for people in self.people if person in people)
        return any(parts_them(said, {device}, set(whole)) for said in self.decisions)

    def _observe(self, message: Sent) -> None:
        strongest = self.strongest(message)
        for pair in map(self.normal, message.identifiers):
            self._first[pair] = min(self._first.get(pair, message.moment), message.moment)
            if pair != strongest:
                seen = (message.by_model, message.moment, message.source, message.name)
                link = frozenset([strongest, pair])
                if link in self.links:
                    seen = min(seen, (self.by_model[link], *self.links[link]))
                self.by_model[link], self.links[link] = seen[0], seen[1:]

    def _part(self) -> None:
        people = [{pair} for pair in self._first]

        def of(pair: Pair) -> set[Pair]:
            return next(person for person in people if pair in person)

        def unite(mine: set[Pair], theirs: set[Pair]) -> None:
            if mine is not theirs:
                people.remove(theirs)
                mine |= theirs

        for said in self.decisions:
            if said.kind == "same":
                first, *others = itertools.chain(*said.groups)
                for other in others:
                    unite(of(first), of(other))
        for link in sorted(self.links, key=self._order):
            one, other = link
            mine, theirs = of(one), of(other)
            stands = self.held & link or self._stand_against(mine, theirs)
            if self._is_weak(link) and mine is not theirs:
                stands = stands or (self._are_people(mine) and self._are_people(theirs))
            self.kept[link] = not stands
            if self.kept[link]:
                unite(mine, theirs)
        self.people = {frozenset(person) for person in people}

    def _order(self, link: frozenset[Pair]) -> tuple[object, ...]:
        strong, weak = sorted(link, key=lambda pair: (self._ranks[pair[0]], tie(pair)))
        moment = self.links[link][0]
        strength = (self._ranks[weak[0]], self._ranks[strong[0]])
        made = self.by_model[link]
        return (self._is_weak(link), made, *strength, made, moment, tie(strong), tie(weak))

    def _is_weak(self, link: frozenset[Pair]) -> bool:
        """Whether one end of a link is a fingerprint."""
        return any(name.startswith(FINGERPRINT) for name, _ in link)

    def _are_people(self, person: set[Pair]) -> bool:
        """Whether some identifiers tell more than a device."""
        return any(
            name.partition("@")[0] not in DEVICES and not name.startswith(FINGERPRINT)
            for name, _ in person
        )

    def _stand_against(self, mine: set[Pair], theirs: set[Pair]) -> bool:
        if mine is theirs:
            return False
        return any(self._too_many(kind, mine, theirs) for kind in self.rules.types) or any(
            parts_them(said, mine, theirs) for said in self.decisions
        )

    def _too_many(self, kind: IdentifierType, mine: set[Pair], theirs: set[Pair]) -> bool:
        left = [self._first[pair] for pair in mine if pair[0] == kind.name]
        right = [self._first[pair] for pair in theirs if pair[0] == kind.name]
        if not left or not right:
            return False
        if kind.unique:
            return True
        if kind.limit is None:
            return False
        length = LENGTHS[kind.limit_window]
        for start in left + right:
            mine_then = [moment for moment in left if start <= moment < start + length]
            theirs_then = [moment for moment in right if start <= moment < start + length]
            if mine_then and theirs_then and len(mine_then + theirs_then) > kind.limit:
                return True
        return False

    def _came_with_too_many(self, pair: Pair) -> bool:
        """Whether an identifier is held back."""
        kind = self._types[pair[0]]
        far = [other for link in self.links if pair in link for other in link - {pair}]
        for other in self.rules.types:
            device = other.name.partition("@")[0] in DEVICES
            if device and not kind.name.startswith(FINGERPRINT):
                continue
            if other.name.startswith(FINGERPRINT) or other == kind:
                continue
            number = len({value for name, value in far if name == other.name})
            one_each = other.unique or (other.limit == 1 and other.limit_window is None)
            if kind.identifies == "household" and one_each and number > 1:
                return True
            if kind.held_back_above is not None and number > kind.held_back_above:
                return True
        return False


def parts_them(said: Said, mine: set[Pair], theirs: set[Pair]) -> bool:
    """Whether a decision keeps some of these apart from some of those."""
    return said.kind == "apart" and any(
        mine & set(one) and theirs & set(other)
        for one, other in itertools.permutations(said.groups, 2)
    )


# Strategies: few values and few moments, so that ties and conflicts are common.


def identifiers(rules: IdentityRules, values: str = "abcDd") -> st.SearchStrategy[Pair]:
    """One identifier."""
    names = [kind.name for kind in rules.types]
    return st.tuples(st.sampled_from(names), st.sampled_from(list(values)))


@st.composite
def histories(
    draw: st.DrawFn,
    rules: IdentityRules,
    most: int = 14,
    step: int = 1,
    values: str = "abcDd",
    models: bool = False,
) -> list[Sent]:
    """Messages, at moments that are multiples of a step; some a model's, if there may be any."""
    bodies = draw(
        st.lists(
            st.tuples(
                st.integers(0, 6),
                st.integers(1, 2),
                st.lists(identifiers(rules, values), min_size=1, max_size=4).map(tuple),
            ),
            min_size=1,
            max_size=most,
        )
    )
    history = [Sent(t * step, s, f"m{n}", ids) for n, (t, s, ids) in enumerate(bodies)]
    made = draw(st.sets(st.integers(0, len(history) - 1))) if models else ()
    for n in made:
        sent = history[n]
        history[n] = replace(sent, name=f"{MODEL}:{n}", identifiers=sent.identifiers[:2],
                             by_model=True)  # fmt: skip
    return history


def cut(draw: st.DrawFn, history: list[Sent], most: int = 6) -> list[list[Sent]]:
    """The same messages in another order, cut into batches."""
    order = draw(st.permutations(history))
    cuts = draw(st.sets(st.integers(1, len(order)), max_size=most))
    edges = [0, *sorted(cuts), len(order)]
    return [order[a:b] for a, b in itertools.pairwise(edges) if a < b]


def batch_of(messages: Iterable[Sent]) -> Batch:
    """What a resolver is asked."""
    chosen = list(messages)
    return Batch.of(
        [m.moment for m in chosen],
        [m.source for m in chosen],
        [m.name for m in chosen],
        [m.identifiers for m in chosen],
        linked=[m.by_model for m in chosen],
    )
