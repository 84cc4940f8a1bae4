"""A customer merged from several profiles is what one is whose messages all came in under one
profile from the start (M6): live, whatever arrived in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from differential.live import LiveWorkspace
from differential.oracle import members
from patron.testing.differential.following import draw_live
from patron.testing.differential.harness import understood
from patron.testing.differential.histories import History, Sent
from patron.testing.differential.scripts import Act, Script
from patron.testing.differential.worlds import World, world_of

OF_IDS = {"share", "top", "lists", "recorded"}
"""These look at profile ids, at identifiers, or at what was recorded before a merge."""

engine = LiveWorkspace()
known = understood(engine) - OF_IDS


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.deep) for n in range(1, 9))]
)
def test_merged_profiles_are_in_what_one_profile_from_the_start_is_in(seed: int) -> None:
    script = draw_live(seed, known, members, rules=8, stops=2)
    messages = [sent for act in script.acts if act.kind == "send" for sent in act.told]
    world = world_of(_with_messages(script, messages))
    last = script.acts[-1].at
    as_sent = [act for act in script.acts if act.kind in ("send", "step", "compact")]
    at_once = [Act(act.at, act.kind, tuple(_as_one(act.told, world))) for act in script.acts
               if act.kind == "send"]  # fmt: skip
    merged = outcome(script, [*as_sent, Act(last, "step")])
    one = outcome(script, [*at_once, Act(last, "step")])
    assert sum(len(person["identifiers"]) > 1 for person in world["people"]) > 5
    assert merged == one
    assert any(0 < len(inside) < len(world["people"]) for inside in merged.values())


def outcome(script: Script, acts: list[Act]) -> dict[str, set[str]]:
    """Who is in what in the end, by the customer's key."""
    with engine.open(script) as run:
        for act in acts:
            run.act(act)
        messages = [sent for act in acts if act.kind == "send" for sent in act.told]
        world = world_of(_with_messages(script, messages))
        ids = run.identities().profiles
        keys = {ids[person["key"]]: person["key"] for person in world["people"]}
        found = {}
        for name in script.rules:
            inside = run.members(name)
            assert inside is not None, name
            found[name] = {keys[one] for one in inside}
        return found


def _as_one(messages: tuple[Sent, ...], world: World) -> Iterator[Sent]:
    """The same messages, each under the one identifier that its customer is known by."""
    key = {
        row["message_id"]: person["key"]
        for person in world["people"]
        for row in (*person["events"], *person["traits"])
    }
    for sent in messages:
        kind, _, value = key[sent.body["messageId"]].partition(":")
        body = {name: part for name, part in sent.body.items() if name != "anonymousId"}
        own = {"userId" if kind == "user_id" else "anonymousId": value}
        yield sent._replace(body={**body, **own})


def _with_messages(script: Script, messages: list[Sent]) -> History:

    return replace(script.history, messages=tuple(messages))
