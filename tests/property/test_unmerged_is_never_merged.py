"""Issue 4, section 4: merge then unmerge equals never merged, merge equals one from the start.

Two people come in by random messages, and some messages carry identifiers of both. Whatever parts
them again, all that can be read of them is then what it is in a workspace where no message ever
carried identifiers of both: who is who, events, traits, orders, groups, and live memberships.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

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
    "berlin": "city = 'Berlin'",
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
person = st.sampled_from([0, 1])
kinds = st.sampled_from(["seen", "order", "traits", "group"])


@st.composite
def messages(draw: st.DrawFn) -> list[tuple[int, list[str], str, int, int]]:
    """Messages that each come from one person: (person, identifiers, kind, minute, number)."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        who = draw(person)
        named = draw(st.lists(st.sampled_from(PEOPLE[who]), min_size=1, unique=True))
        found.append((who, named, draw(kinds), draw(st.integers(0, 9)), number))
    return found


def body(key: str, identifiers: list[str], kind: str, minute: int, number: int = 0) -> Sent:
    """A message as a client sends it."""
    sent: Sent = {"messageId": key, "timestamp": format_time(START + minute * MINUTE)}
    carried = {}
    for identifier in identifiers:
        name, _, value = identifier.partition(":")
        if name in FIELDS:
            sent[FIELDS[name]] = value
        else:
            carried[name] = value
    sent["context"] = {"traits": carried}
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
            parts["timeline"] = self.workspace.timeline(asked, limit=100)["data"]
            parts["history"] = self.workspace.orders(asked)["data"]
            found[name] = _without(parts, {"position", "original", "profile_id"})
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
    """A message that carries two people's identifiers, as if it carried only the stronger one.

    The other one was seen, and nothing came in under it.
    """
    stronger, weaker = sorted(pair, key=lambda one: ("user_id", "email", "anonymous_id").index(
        one.partition(":")[0]))  # fmt: skip
    kind = sent["type"] if "event" not in sent else "seen"
    kept = body(sent["messageId"], [stronger], kind, 0)
    alone = body(f"{sent['messageId']}-seen", [weaker], "sighting", 0)
    kept = {**sent, **{name: kept.get(name) for name in (*FIELDS.values(), "context")}}
    return [
        {name: value for name, value in one.items() if value is not None}
        for one in (kept, {**alone, "timestamp": sent["timestamp"]})
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    earlier=messages(),
    between=messages(),
    later=messages(),
    pairs=st.lists(
        st.tuples(st.sampled_from(PEOPLE[0][:1] + PEOPLE[0][2:]), st.sampled_from(PEOPLE[1])),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    kind=kinds,
    minute=st.integers(0, 12),
    step=st.booleans(),
    compact=st.booleans(),
    restart=st.booleans(),
)
@pytest.mark.parametrize("way", ["link", "identifier", "before", "withdrawn", "by hand"])
def test_what_was_merged_and_parted_was_never_merged(
    way: Way,
    earlier: list[Any],
    between: list[Any],
    later: list[Any],
    pairs: list[tuple[str, str]],
    kind: str,
    minute: int,
    step: bool,
    compact: bool,
    restart: bool,
) -> None:
    if way != "before":
        pairs = pairs[:1]  # one link alone holds them together
    if way == "identifier":
        pairs = [("user_id:ann", "anonymous_id:b")]
    first = [body(f"first{who}", list(PEOPLE[who]), "seen", 5) for who in (0, 1)]
    if way == "identifier":
        first = [first[0]]
        earlier, between, later = (
            [(who, ["anonymous_id:b"] if who else named, *rest) for who, named, *rest in part]
            for part in (earlier, between, later)
        )
    told = [
        [body(f"{phase}{number}", named, what, at, number) for _, named, what, at, number in part]
        for phase, part in (("e", earlier), ("b", between), ("l", later))
    ]
    joining = [body(f"j{n}", list(pair), kind, minute, n) for n, pair in enumerate(pairs)]
    again = [body(f"k{n}", list(pair), kind, minute, n) for n, pair in enumerate(pairs)]
    with TemporaryDirectory() as name:
        merged = World(Path(name) / "merged")
        merged.send(*first)
        for part in told[:1]:
            merged.send(*part)
        moment = merged.clock.now()
        if way != "by hand":
            merged.send(*joining)
        if step:
            merged.workspace.advance()
        merged.send(*told[1])
        if compact:
            merged.workspace.compact()
        _part(merged, way, pairs[0], moment)
        if restart:
            merged.restart()
        merged.send(*told[2])
        if way != "by hand":
            merged.send(*again)

        never = World(Path(name) / "never")
        never.send(*first)
        never.send(*told[0])
        if way == "withdrawn":
            never.send(*joining)
        elif way != "by hand":
            for sent, pair in zip(joining, pairs, strict=True):
                never.send(*apart(sent, pair))
        else:
            never.send(body("same", list(pairs[0]), "sighting", 5))
        never.send(*told[1])
        never.send(*told[2])
        if way == "withdrawn":
            never.send(*again)
        elif way != "by hand":
            for sent, pair in zip(again, pairs, strict=True):
                never.send(*apart(sent, pair))
        now = max(merged.clock.now(), never.clock.now())
        for world in (merged, never):
            world.clock.advance(now - world.clock.now())
        try:
            assert merged.outcome() == never.outcome()
        finally:
            merged.workspace.close()
            never.workspace.close()


def _part(world: World, way: Way, pair: tuple[str, str], moment: Any) -> None:
    workspace = world.workspace
    if way == "by hand":
        workspace.merge(*pair, reason="They said so.")
    elif way == "identifier":
        workspace.unmerge(identifier=pair[1], reason="Not hers.")
    elif way == "before":
        workspace.unmerge(profile=pair[0], before=moment, reason="A mistake.")
    else:
        made = workspace.unmerge(link=pair, reason="Two people.")
        if way == "withdrawn":
            workspace.withdraw(made["decision"]["decision_id"], reason="One after all.")
