"""Issue 4, section 4: merge then unmerge equals never merged, merge equals one from the start.

Two people come in by random messages, and some messages carry identifiers of both. Whatever parts
them again, all that can be read of them is then what it is in a workspace where no message ever
carried identifiers of both: who is who, events, traits, orders, groups, and live memberships.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.clock import ManualClock, format_time, parse_time
from patron.workspace import Workspace

START = parse_time("2026-01-01T00:00:00Z")
MINUTE = timedelta(minutes=1)

PEOPLE = (
    ("user_id:ann", "email:ann@example.com", "anonymous_id:a"),
    ("email:bob@example.com", "anonymous_id:b"),
)
FIELDS = {"user_id": "userId", "anonymous_id": "anonymousId"}
RULES = {
    "often": 'count("Seen") >= 3',
    "buyers": 'sum(revenue of "Order Completed" in EUR) > 10',
    "idle": 'did not "Order Completed"',
    "berlin": 'city = "Berlin"',
    "listed": "in list vip",
    "homely": "group.rooms >= 2",
    "both": 'did "Seen" and did "Order Completed"',
}
DEFINITIONS = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {"kind": "list", "name": "vip", "body": {"members": ["email:bob@example.com"]}},
    *({"kind": "segment", "name": name, "body": {"rule": rule}} for name, rule in RULES.items()),
]

Way = Literal["link", "identifier", "before", "withdrawn", "by hand"]

Sent = dict[str, Any]
kinds = st.sampled_from(["seen", "order", "traits", "group"])


def body(key: str, identifiers: list[str], kind: str, minute: int, number: int = 0) -> Sent:
    """A message as a client sends it."""
    sent: Sent = {"messageId": key, "timestamp": format_time(START + minute * MINUTE)}
    carried = []  # places that are for identifiers alone, so that they leave no trait
    for identifier in identifiers:
        name, _, value = identifier.partition(":")
        if name in FIELDS:
            sent[FIELDS[name]] = value
        else:
            carried.append({"type": name, "id": value})
    sent["context"] = {"externalIds": carried}
    if kind == "order":
        products = [{"product_id": f"p{number}", "quantity": 1}]
        sent |= {
            "type": "track",
            "event": "Order Completed",
            "properties": {
                "order_id": f"o{number}", "revenue": 4 + number, "currency": "EUR",
                "products": products,
            },
        }  # fmt: skip
    elif kind == "seen":
        sent |= {"type": "track", "event": "Seen", "properties": {"page": number}}
    elif kind == "group":
        sent |= {"type": "group", "groupId": f"home{number % 2}", "traits": {"rooms": number}}
    elif kind == "traits":
        cities = ["Berlin", "Kyiv"]
        sent |= {"type": "identify", "traits": {"city": cities[number % 2], "n": number}}
    else:
        sent |= {"type": "identify"}
    return sent


class World:
    """A workspace that is sent messages."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START + timedelta(days=1))
        self.folder = folder
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        self.key = self.workspace.apply(DEFINITIONS)["write_keys"]["web"]
        self.workspace.advance()

    def send(self, *sent: Sent) -> None:
        if not sent:
            return
        text = json.dumps({"batch": sent}).encode()
        assert self.workspace.collect_batch(text, self.key).result().stored == len(sent)
        self.clock.advance(MINUTE)

    def restart(self) -> None:
        self.workspace.close()
        self.workspace = Workspace(self.folder, clock=self.clock)

    def outcome(self) -> dict[str, Any]:
        """All that can be read of everybody, without profile ids and log positions."""
        self.workspace.advance()
        assert self.workspace.memberships.verify(share=0, shares=1)["differences"] == []
        found = self._people()
        for name in RULES:
            live = self.workspace.live_members(name)
            asked = self.workspace.members(name)["data"]
            assert live is not None
            held = sorted(person for person, ids in found["ids"].items() if ids in live)
            assert held == sorted(self._named(row) for row in asked)
            found[name] = held
        del found["ids"]
        return found

    def _people(self) -> dict[str, Any]:
        with self.workspace.reading() as reading:
            reading.cursor.execute(
                "select profile_id, list(type || ':' || value order by type, value) "
                "from current_identifiers group by profile_id"
            )
            people = {" ".join(names): profile_id for profile_id, names in reading.cursor.all()}
        found: dict[str, Any] = {"ids": people}
        for name, profile_id in people.items():
            asked = str(profile_id)
            profile = self.workspace.profile(asked, include=("segments", "observations"))
            parts = {part: profile[part] for part in
                     ("first_seen_at", "identifiers", "traits", "orders", "segments",
                      "observations")}  # fmt: skip
            parts["timeline"] = self.workspace.timeline(asked, kinds=["event"], limit=100)["data"]
            parts["history"] = self.workspace.orders(asked)["data"]
            found[name] = _without(parts, {"position", "original", "profile_id", "received_at"})
            with self.workspace.reading() as reading:
                for view in ("current_group_members", "current_order_lines"):
                    reading.cursor.execute(
                        f"select * exclude (position, profile_id, identifier_id) from {view} "
                        "where profile_id = ? order by all", [profile_id],
                    )  # fmt: skip
                    found[f"{name} {view}"] = repr(reading.cursor.all())
        return found

    @staticmethod
    def _named(row: dict[str, Any]) -> str:
        pairs = sorted((kind, one) for kind, values in row["identifiers"].items() for one in values)
        return " ".join(f"{kind}:{one}" for kind, one in pairs)


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, names) for name, part in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(part, names) for part in value]
    return value


def apart(sent: Sent, pair: tuple[str, str]) -> list[Sent]:
    """A message that carries identifiers of two people, as if it carried only the stronger one.

    The other one was seen, and nothing came in under it.
    """
    strength = ("user_id", "email", "anonymous_id")
    stronger, weaker = sorted(pair, key=lambda one: strength.index(one.partition(":")[0]))
    kept = body("", [stronger], "sighting", 0)
    carried = {name: kept[name] for name in ("context", *FIELDS.values()) if name in kept}
    rest = {name: part for name, part in sent.items() if name not in FIELDS.values()}
    alone = body(f"{sent['messageId']}-seen", [weaker], "sighting", 0)
    return [{**rest, **carried}, {**alone, "timestamp": sent["timestamp"]}]


class Story(NamedTuple):
    """What happens.

    Attributes:
        way: How two people who were merged are parted again, or the like.
        first: Two messages that make them known, or one where the second has one identifier.
        told: Messages of each alone: before they are merged, after it, and after they are parted.
        pairs: Identifiers of both that come in one message.
        kind: What those messages say.
        minute: When they happened.
    """

    way: Way
    first: list[Sent]
    told: tuple[list[Sent], list[Sent], list[Sent]]
    pairs: list[tuple[str, str]]
    kind: str
    minute: int

    def joining(self, phase: str) -> list[Sent]:
        """The messages that carry identifiers of both."""
        return [
            body(f"{phase}{number}", list(pair), self.kind, self.minute, number)
            for number, pair in enumerate(self.pairs)
        ]

    def never(self, phase: str) -> list[Sent]:
        """What comes in instead where the two are never merged, or merged from the start."""
        if self.way == "withdrawn":
            return self.joining(phase)
        if self.way == "by hand":
            return [body(f"{phase}same", list(self.pairs[0]), "sighting", 5)]
        return [
            one
            for sent, pair in zip(self.joining(phase), self.pairs, strict=True)
            for one in apart(sent, pair)
        ]


@st.composite
def stories(draw: st.DrawFn, way: Way) -> Story:
    """A story in which one link alone holds the two together, unless a moment is gone back to."""
    people = PEOPLE if way != "identifier" else (PEOPLE[0], PEOPLE[1][1:])
    ends = st.tuples(st.sampled_from(people[0]), st.sampled_from(people[1]))
    # One message has one place for each type.
    ends = ends.filter(lambda pair: pair[0].partition(":")[0] != pair[1].partition(":")[0])
    pairs = draw(st.lists(ends, min_size=1, max_size=3 if way == "before" else 1, unique=True))
    first = [body(f"first{who}", list(named), "seen", 5) for who, named in enumerate(people)]
    told = [
        [
            body(f"{phase}{number}", named, kind, minute, number)
            for number, (named, kind, minute) in enumerate(
                draw(st.lists(messages_of(people), max_size=6))
            )
        ]
        for phase in "xyz"
    ]
    return Story(
        way, first, (told[0], told[1], told[2]), pairs, draw(kinds), draw(st.integers(0, 12))
    )


def messages_of(people: tuple[tuple[str, ...], ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Messages that each come from one person: identifiers, kind, minute."""
    named = st.sampled_from(people).flatmap(
        lambda own: st.lists(st.sampled_from(own), min_size=1, unique=True)
    )
    return st.tuples(named, kinds, st.integers(0, 9))


flags = st.fixed_dictionaries(dict.fromkeys(("step", "compact", "restart"), st.booleans()))


@pytest.mark.parametrize("examples", [2, pytest.param(40, marks=pytest.mark.deep)])
@pytest.mark.parametrize("way", ["link", "identifier", "before", "withdrawn", "by hand"])
def test_what_was_merged_and_parted_was_never_merged(way: Way, examples: int) -> None:
    slow = [HealthCheck.too_slow]

    @settings(max_examples=examples, deadline=None, suppress_health_check=slow)
    @given(story=stories(way), flag=flags)
    def tell(story: Story, flag: dict[str, bool]) -> None:
        with TemporaryDirectory() as name:
            merged, never = World(Path(name) / "merged"), World(Path(name) / "never")
            try:
                _tell_merged(merged, story, flag)
                _tell_never(never, story)
                now = max(merged.clock.now(), never.clock.now())
                for world in (merged, never):
                    world.clock.advance(now - world.clock.now())
                assert merged.outcome() == never.outcome()
            finally:
                merged.workspace.close()
                never.workspace.close()

    tell()


def _tell_never(world: World, story: Story) -> None:
    world.send(*story.first, *story.told[0], *story.never("j"))
    world.send(*story.told[1], *story.told[2], *story.never("k"))


def _tell_merged(world: World, story: Story, flag: dict[str, bool]) -> None:
    world.send(*story.first, *story.told[0])
    moment = world.clock.now()
    if story.way != "by hand":
        world.send(*story.joining("j"))
    if flag["step"]:
        world.workspace.advance()
    world.send(*story.told[1])
    if flag["compact"]:
        world.workspace.compact()
    _decide(world.workspace, story, moment)
    if flag["restart"]:
        world.restart()
    world.send(*story.told[2])
    if story.way != "by hand":
        world.send(*story.joining("k"))


def _decide(workspace: Workspace, story: Story, moment: datetime) -> None:
    pair = story.pairs[0]
    if story.way == "by hand":
        workspace.merge(*pair, reason="They said so.")
    elif story.way == "identifier":
        workspace.unmerge(identifier=pair[1], reason="Not hers.")
    elif story.way == "before":
        workspace.unmerge(profile=pair[0], before=moment, reason="A mistake.")
    else:
        made = workspace.unmerge(link=pair, reason="Two people.")
        if story.way == "withdrawn":
            workspace.withdraw(made["decision"]["decision_id"], reason="One after all.")
