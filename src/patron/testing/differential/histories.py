"""Random histories: what the sources of a workspace send, in the order in which it arrives.

A history is a stream of protocol messages that hold what goes wrong in real ones: late, repeated
and out of order, at equal times, anonymous first and linked later, with values missing or of the
wrong type, dated in the future, around changes of daylight saving, on devices that two people use,
and at and a microsecond around the edges of windows. All is drawn from one seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from patron.testing.differential import vocabulary

Body = dict[str, Any]

TICK = timedelta(microseconds=1)
TICKS = (timedelta(0), TICK, -TICK)
LENGTHS = ("30min", "2h", "24h", "36h", "3d", "7d", "2w", "30d", "60d")
"""Lengths of windows that rules are drawn with; rows lie that far from each other, or nearly."""

ZONES = ("Europe/Amsterdam", "Europe/Amsterdam", "UTC", "Asia/Bangkok", "America/New_York")
ANCHORS = (
    datetime(2025, 3, 30, 1),  # noqa: DTZ001 - clocks go forward in Amsterdam
    datetime(2025, 10, 26, 1),  # noqa: DTZ001 - and back
    datetime(2024, 12, 30),  # noqa: DTZ001 - the first day of ISO week 2025-W01
    datetime(2024, 2, 29, 12),  # noqa: DTZ001
    datetime(2025, 7, 1),  # noqa: DTZ001
)
CHANGES = (
    ("Europe/Amsterdam", datetime(2025, 3, 30, 1)),  # noqa: DTZ001
    ("Europe/Amsterdam", datetime(2025, 10, 26, 1)),  # noqa: DTZ001
    ("America/New_York", datetime(2025, 3, 9, 7)),  # noqa: DTZ001
    ("America/New_York", datetime(2025, 11, 2, 6)),  # noqa: DTZ001
    ("Africa/Cairo", datetime(2025, 4, 24, 22)),  # noqa: DTZ001 - this day has no midnight
    ("Africa/Cairo", datetime(2025, 10, 30, 21)),  # noqa: DTZ001 - and this one has its last hour twice
)
"""Zones, and a moment at which their clocks change."""
SOURCES = {"a-web": ("A", "web"), "b-web": ("B", "web"), "a-store": ("A", "store")}

_UNITS = {"min": 1, "h": 60, "d": 1440, "w": 10080}


class Sent(NamedTuple):
    """One message as it arrives.

    Attributes:
        source: The name of its source.
        received_at: When it arrives, UTC.
        body: In the shape of the tracking protocol.
    """

    source: str
    received_at: datetime
    body: Body

    def as_json(self) -> list[Any]:
        """As a plain list; `from_json` reads it back."""
        return [self.source, self.received_at.isoformat(), self.body]

    @classmethod
    def from_json(cls, told: list[Any]) -> Self:
        """The message that `as_json` wrote."""
        source, at, body = told
        return cls(source, datetime.fromisoformat(at), body)


class Recorded(NamedTuple):
    """An entry or exit on record.

    Attributes:
        segment: Its name.
        identifier: Of the customer, such as ``user_id:u7``.
        kind: ``entered`` or ``left``.
        at: When.
    """

    segment: str
    identifier: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class History:
    """What a workspace is told.

    Attributes:
        time_zone: The zone of the workspace.
        sources: Name to brand and channel; their ids are 1, 2, 3 in this order.
        messages: In the order of arrival; some twice.
        lists: Name to identifiers (type, value).
        segments: Name to the JSON of its rule.
        changes: Entries and exits on record.
        traits: What is declared of traits, by name.
        trust: The trust ranks of sources that have one of their own, by name.
        people: The names of sources of what people set by hand.
        computed: Computed traits: name to the JSON of the expression.
    """

    time_zone: str
    messages: tuple[Sent, ...]
    sources: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(SOURCES))
    lists: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    segments: dict[str, Any] = field(default_factory=dict)
    changes: tuple[Recorded, ...] = ()
    traits: dict[str, dict[str, Any]] = field(default_factory=dict)
    trust: dict[str, int] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    computed: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain dicts and lists; `from_json` reads them back."""
        return {
            "time_zone": self.time_zone,
            "sources": {name: list(pair) for name, pair in self.sources.items()},
            "messages": [one.as_json() for one in self.messages],
            "lists": {name: [list(one) for one in ids] for name, ids in self.lists.items()},
            "segments": self.segments,
            "computed": self.computed,
            "changes": [[*one[:3], one.at.isoformat()] for one in self.changes],
            "traits": self.traits,
            "trust": self.trust,
            "people": list(self.people),
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The history that `as_json` wrote."""
        return cls(
            time_zone=told["time_zone"],
            sources={name: (brand, channel) for name, (brand, channel) in told["sources"].items()},
            messages=tuple(Sent.from_json(one) for one in told["messages"]),
            lists={name: [(t, v) for t, v in ids] for name, ids in told["lists"].items()},
            segments=told["segments"],
            changes=tuple(
                Recorded(segment, who, kind, datetime.fromisoformat(at))
                for segment, who, kind, at in told.get("changes", ())
            ),
            traits=told.get("traits", {}),
            trust=told.get("trust", {}),
            people=tuple(told.get("people", ())),
            computed=told.get("computed", {}),
        )


def length(text: str) -> timedelta:
    """The length that ``36h``, ``3d`` and the like stand for.

    >>> length("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    digits = text.rstrip("minhdw")
    return timedelta(minutes=int(digits) * _UNITS[text[len(digits) :]])


def local_midnight(day: datetime, zone: str) -> datetime:
    """The first moment, in UTC, of the local day that a calendar date names."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def draw_history(seed: int, *, customers: tuple[int, int] = (20, 60)) -> History:
    """Draw a history; the same seed gives the same one.

    Args:
        seed: Any number.
        customers: The smallest and the largest number of people behind it. Some of them are known
            by several identifiers that nothing joins, so that there are a few more customers.

    >>> draw_history(1) == draw_history(1)
    True
    """
    return _Drawing(random.Random(f"history {seed}")).history(customers)  # noqa: S311


@dataclass(frozen=True)
class _Person:
    number: int
    user_id: str | None
    visitors: tuple[str, ...]
    linked: bool
    haunts: tuple[str, ...]
    likes: tuple[str, ...]
    groups: tuple[str, ...]


class _Drawing:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._anchor = chance.choice(ANCHORS)
        self._zone = chance.choice(ZONES)
        if chance.random() < 0.4:
            self._zone, self._anchor = chance.choice(CHANGES)
        self._sent: list[Sent] = []
        self._ids: set[str] = set()

    def history(self, customers: tuple[int, int]) -> History:
        people = [self._person(number) for number in range(self._chance.randint(*customers))]
        people = [self._sharing(person, people) for person in people]
        for person in people:
            self._live(person)
        self._sent.sort(key=lambda sent: (sent.received_at, sent.source, sent.body["messageId"]))
        return History(self._zone, tuple(self._sent), lists=self._lists(people))

    def _person(self, number: int) -> _Person:
        chance = self._chance
        known = chance.random() < 0.8
        visitors = chance.choice((0, 1, 1, 2)) if known else 1
        events = chance.sample(vocabulary.EVENTS, chance.randint(1, len(vocabulary.EVENTS)))
        return _Person(
            number,
            f"u{number}" if known else None,
            tuple(f"a{number}-{device}" for device in range(visitors)),
            chance.random() < 0.85,
            tuple(chance.sample(sorted(SOURCES), chance.randint(1, 3))),
            tuple(events),
            tuple(chance.sample(vocabulary.GROUPS, chance.choice((0, 0, 1, 1, 2)))),
        )

    def _sharing(self, person: _Person, people: list[_Person]) -> _Person:
        """Sometimes a person uses the device of another one, too."""
        other = self._chance.choice(people)
        if person.user_id is None or not other.visitors or self._chance.random() > 0.35:
            return person
        borrowed = tuple(v for v in other.visitors[:1] if v not in person.visitors)
        return replace(person, visitors=person.visitors + borrowed)

    def _live(self, person: _Person) -> None:
        chance = self._chance
        at = self._moment()
        for visitor in person.visitors if person.user_id and person.linked else ():
            self._link(person, visitor)
        for _ in range(1 + min(24, int(chance.expovariate(1 / 9)))):
            at = self._next(at)
            body = self._body(person)
            source = self._send(person, at, {**body, **self._identity(person)})
            while chance.random() < 0.12:
                # Only the message id tells which of the two came last.
                self._send(person, at, {**self._again(body), **self._identity(person)}, source)
        for group in person.groups:
            for _ in range(chance.randint(1, 2)):
                at = self._next(at)
                traits = vocabulary.group_traits(chance)
                body = {"type": "group", "groupId": group, **({"traits": traits} if traits else {})}
                self._send(person, at, {**body, **self._identity(person)})

    def _link(self, person: _Person, visitor: str) -> None:
        """A login, anywhere in the life of the customer: what came before was anonymous."""
        if self._chance.random() < 0.3:
            body: Body = {"type": "alias", "userId": person.user_id, "previousId": visitor}
        else:
            traits = vocabulary.traits(self._chance, person.number, self._anchor)
            ids = {"userId": person.user_id, "anonymousId": visitor}
            body = {"type": "identify", "traits": traits, **ids}
        self._send(person, self._moment(), body)

    def _identity(self, person: _Person) -> Body:
        chance = self._chance
        if person.user_id is None or (person.visitors and chance.random() < 0.4):
            return {"anonymousId": chance.choice(person.visitors)}
        if person.visitors and chance.random() < 0.05:
            return {"userId": person.user_id, "anonymousId": chance.choice(person.visitors)}
        return {"userId": person.user_id}

    def _body(self, person: _Person) -> Body:
        chance = self._chance
        if chance.random() < 0.35:
            return {
                "type": "identify",
                "traits": vocabulary.traits(chance, person.number, self._anchor),
            }
        name = chance.choice(person.likes)
        told = vocabulary.properties(chance, name, self._anchor)
        if name == "Page Viewed":
            return {"type": "page", "name": chance.choice(("Home", "Search")), "properties": told}
        return {"type": "track", "event": name, "properties": told}

    def _again(self, body: Body) -> Body:
        """The same message with other values in it."""
        chance = self._chance
        if body["type"] == "identify":
            names = [name for name in body["traits"] if name != "email"]
            told = vocabulary.traits_named(chance, names or ["plan"], self._anchor)
            return {**body, "traits": told}
        name = body.get("event", "Page Viewed")
        return {**body, "properties": vocabulary.properties(chance, name, self._anchor)}

    # ── time ──

    def _moment(self) -> datetime:
        """Around the anchor: on a landmark of the calendar, on the hour, or anywhere."""
        chance = self._chance
        drawn = chance.random()
        if drawn < 0.25:
            day = self._anchor + timedelta(days=chance.choice((-31, -7, -2, -1, 0, 1, 2, 6)))
            zone = chance.choice((self._zone, "UTC"))
            return local_midnight(day, zone) + chance.choice(TICKS)
        if drawn < 0.35:
            return self._anchor + timedelta(hours=chance.randint(-2, 2)) + chance.choice(TICKS)
        days = -100 * chance.random() ** 2 if chance.random() < 0.9 else 12 * chance.random()
        if drawn < 0.7:
            return self._anchor + timedelta(hours=int(days * 24))
        return self._anchor + timedelta(microseconds=int(days * 86_400_000_000))

    def _next(self, before: datetime) -> datetime:
        """At the same moment as the one before, a length of a window away, or anywhere."""
        drawn = self._chance.random()
        if drawn < 0.15:
            return before
        if drawn < 0.5:
            step = length(self._chance.choice(LENGTHS)) * self._chance.choice((1, 1, 1, -1))
            moved = before + step + self._chance.choice(TICKS)
            if abs(moved - self._anchor) < timedelta(days=200):
                return moved
        return self._moment()

    def _send(self, person: _Person, at: datetime, body: Body, source: str | None = None) -> str:
        chance = self._chance
        # Ids must not rise with time: ties are ordered by them and not by arrival.
        message_id = f"m{chance.randrange(16**6):06x}"
        while message_id in self._ids:
            message_id = f"m{chance.randrange(16**6):06x}"
        self._ids.add(message_id)
        body = {**body, "messageId": message_id, "timestamp": at.isoformat() + "Z"}
        if body["type"] == "track" and chance.random() < 0.1:
            body["channel"] = chance.choice(("store", "app"))
        late = chance.choice((0, 0, 0, 0, 0.1, 3, 40))
        arrival = at + timedelta(seconds=chance.randint(1, 90), days=late * chance.random())
        if chance.random() < 0.08:
            arrival = at - timedelta(days=5 * chance.random())
        sent = Sent(source or chance.choice(person.haunts), arrival, body)
        self._sent.append(sent)
        if chance.random() < 0.06:
            again = arrival + timedelta(seconds=chance.randint(0, 200_000))
            self._sent.append(sent._replace(received_at=again))
        return sent.source

    def _lists(self, people: list[_Person]) -> dict[str, list[tuple[str, str]]]:
        def some(share: float) -> list[tuple[str, str]]:
            listed: list[tuple[str, str]] = []
            for person in people:
                if self._chance.random() < share:
                    own = [("anonymous_id", visitor) for visitor in person.visitors]
                    own += [("email", vocabulary.email(person.number))]
                    own += [("user_id", person.user_id)] if person.user_id else []
                    listed.append(self._chance.choice(own))
            return listed

        return {"vip": some(0.5), "few": some(0.2), "strangers": [("email", "none@example.com")]}


def with_segments(
    history: History, segments: dict[str, Any], changes: Iterable[Recorded] = ()
) -> History:
    """The same history in a workspace with these segments, and these entries and exits."""
    return replace(history, segments=segments, changes=tuple(changes))


RULES: tuple[dict[str, Any], ...] = (
    {"survivorship": "trusted"}, {"survivorship": "first"}, {"survivorship": "most_frequent"},
    {"survivorship": "longest", "type": "text"}, {"survivorship": "union", "type": "list"}, {},
)  # fmt: skip
"""What definitions of traits say of which observation holds."""


def with_survivorship(history: History, chance: random.Random) -> History:
    """The same history in a workspace that declares which observations of traits hold."""
    traits: dict[str, dict[str, Any]] = {}
    for name in vocabulary.TRAITS:
        if chance.random() < 0.7:
            held = {"holds_for": chance.choice(LENGTHS)} if chance.random() < 0.35 else {}
            traits[name] = {**chance.choice(RULES), **held}
    if "tags" in traits and chance.random() < 0.6:
        traits["tags"] |= {"survivorship": "union", "type": "list"}
    trust = {name: chance.choice((1, 1, 50, 200)) for name in SOURCES if chance.random() < 0.6}
    people = tuple(name for name in SOURCES if chance.random() < 0.2)
    for told in traits.values():
        if told.get("survivorship") == "trusted" and chance.random() < 0.5:
            told["trust_order"] = chance.sample(tuple(SOURCES), 2)
    return replace(history, traits=traits, trust=trust, people=people)
