"""Decisions by hand among changes of the rules: one partition, wherever it is read (issue 4)."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.clock import ManualClock, parse_time
from patron.errors import ConflictError, DefinitionError, InputError, NotFoundError
from patron.identity import Resolver
from patron.identity.rules_change.people import part_everybody, read_people
from patron.identity.rules_change.succession import with_followers
from patron.workspace import Workspace

START = parse_time("2026-01-01T00:00:00Z")
MINUTE = timedelta(minutes=1)
REFUSALS = (ConflictError, DefinitionError, InputError, NotFoundError)

USER: dict[str, Any] = {"name": "user_id", "fields": ["userId"]}
MAIL: dict[str, Any] = {"name": "email", "normal_form": "email", "fields": ["traits.email"]}
ANON: dict[str, Any] = {"name": "anonymous_id", "fields": ["anonymousId"]}
RULES: list[list[dict[str, Any]]] = [
    [USER | {"unique": True}, MAIL, ANON],
    [USER, MAIL, ANON | {"held_back_above": 2}],
    [USER | {"unique": True}, MAIL | {"normal_form": "text"}, ANON | {"limit": 1}],
    [MAIL, USER | {"limit": 2}, ANON],
    [USER, MAIL | {"blocked": ["m1@x.org"]}, ANON | {"blocked": ["a1"]}],
    [USER | {"unique": True}, MAIL | {"identifies": "household"}, ANON],
]
MAILS = ("m0@x.org", "M0@X.org", "m1@x.org", "m2@x.org")
NAMES = [f"{kind}:{value}" for kind, values in (
    ("user_id", ("u0", "u1", "u2")), ("email", MAILS), ("anonymous_id", ("a0", "a1", "a2"))
) for value in values]  # fmt: skip

pairs = st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True).map(tuple)
messages = st.fixed_dictionaries(
    {"minute": st.integers(0, 9), "event": st.booleans()},
    optional={
        "userId": st.sampled_from(["u0", "u1", "u2"]),
        "anonymousId": st.sampled_from(["a0", "a1", "a2"]),
        "email": st.sampled_from(MAILS),
    },
).filter(lambda sent: len(sent) > 2)
steps = st.one_of(
    st.tuples(st.just("send"), st.lists(messages, min_size=1, max_size=4)),
    st.tuples(st.just("unlink"), pairs),
    st.tuples(st.just("part"), st.sampled_from(NAMES)),
    st.tuples(st.just("back"), st.tuples(st.sampled_from(NAMES), st.integers(1, 9))),
    st.tuples(st.just("join"), pairs),
    st.tuples(st.just("withdraw"), st.integers(1, 4)),
    st.tuples(st.just("rules"), st.sampled_from(RULES)),
    st.tuples(st.just("revert"), st.none()),
)


class Shop:
    """A workspace whose identity is changed in every way there is."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        rules = {"kind": "identity", "name": "rules", "body": {"types": RULES[0]}}
        self.key = self.workspace.apply([source, rules])["write_keys"]["web"]
        self.sent = 0

    def take(self, kind: str, what: Any) -> None:
        """One step; what is refused changes nothing."""
        with contextlib.suppress(REFUSALS):
            getattr(self, f"_{kind}")(what)
        self.clock.advance(MINUTE)

    def _send(self, drawn: list[dict[str, Any]]) -> None:
        batch = []
        for one in drawn:
            self.sent += 1
            told = {"type": "identify", "messageId": f"m{self.sent}", "traits": {"n": self.sent}}
            if one["event"]:
                told = {"type": "track", "event": "Seen", "messageId": f"m{self.sent}"}
            told["timestamp"] = f"2026-01-01T00:{one['minute']:02}:00Z"
            told |= {name: one[name] for name in ("userId", "anonymousId") if name in one}
            if "email" in one:
                told["context"] = {"externalIds": [{"type": "email", "id": one["email"]}]}
            batch.append(told)
        text = json.dumps({"batch": batch}).encode()
        self.workspace.collect_batch(text, self.key).result()

    def _decide(self, **wanted: Any) -> None:
        told = self.workspace.unmerge(reason="?", preview=True, **wanted)
        self.agrees()
        made = self.workspace.unmerge(reason="?", fingerprint=told["fingerprint"], **wanted)
        assert made["customers"] == told["customers"]

    def _unlink(self, pair: tuple[str, str]) -> None:
        self._decide(link=pair)

    def _part(self, name: str) -> None:
        self._decide(identifier=name)

    def _back(self, asked: tuple[str, int]) -> None:
        self._decide(profile=asked[0], before=START + asked[1] * MINUTE)

    def _join(self, pair: tuple[str, str]) -> None:
        self.workspace.merge(*pair, reason="?")

    def _withdraw(self, number: int) -> None:
        self.workspace.withdraw(number, reason="?")

    def _rules(self, types: list[dict[str, Any]]) -> None:
        body = {"types": types}
        plan = _done(self.workspace.plan_identity(body, wait=60))
        done = self.workspace.apply_identity(body, fingerprint=plan["fingerprint"], wait=60)
        assert _done(done)["numbers"] == plan["numbers"]

    def _revert(self, _: None) -> None:
        _done(self.workspace.revert_identity(fingerprint=None, wait=60))

    def agrees(self) -> None:
        """Memory, tables, memory read from tables, and all parted at once say the same."""
        workspace = self.workspace
        with workspace.reading() as reading:
            people = read_people(reading.cursor)
            ids, owner = people.ids.tolist(), people.profile.tolist()
            rules = workspace.book.identity
            assert Resolver.load(reading.cursor, rules).profiles_of(ids) == owner
            parted, _ = with_followers(part_everybody(people, rules), dict(people.follows))
            assert parted.profile.tolist() == owner
            assert np.array_equal(parted.kept, people.kept)
            for rows in ("current_events", "current_traits"):
                astray = (
                    f"select count(*) from {rows} as r left join current_identifiers as i "
                    "using (identifier_id) where i.profile_id is distinct from r.profile_id"
                )
                assert reading.cursor.execute(astray).value() == 0
            assert self.live(ids) == owner

    def live(self, ids: list[int]) -> list[int]:
        return self.workspace._ingest.resolver.profiles_of(ids)


def _done(state: dict[str, Any]) -> dict[str, Any]:
    assert state["state"] == "done", state
    return dict(state["plan"])


@settings(max_examples=6, deadline=None)
@given(st.lists(steps, min_size=4, max_size=9), st.lists(messages, min_size=4, max_size=8))
def test_decisions_and_rules_end_in_one_partition(
    course: list[tuple[str, Any]], first: list[dict[str, Any]]
) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "data")
        try:
            for kind, what in [("send", first), *course]:
                shop.take(kind, what)
                shop.agrees()
        finally:
            shop.workspace.close()
