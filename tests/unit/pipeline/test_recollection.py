"""Who is who by memory is who is who by the tables, whatever is being written (point 13)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from patron.identity import Batch, Resolver
from patron.identity.links import UNSEEN
from patron.pipeline import ingest
from patron.pipeline.customers import profiles_of
from patron.pipeline.ingest import Ingest
from patron.profiles import Standing
from patron.spec.identifiers import DEFAULT_RULES
from patron.workspace import Workspace
from unit.pipeline.happenings import act
from unit.pipeline.shop import Shop

EVERYBODY = [
    *(str(number) for number in range(1, 14)),
    *(f"user_id:u{number}" for number in range(5)),
    *(f"anonymous_id:b{number}" for number in range(6)),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def stands(workspace: Workspace, *, by_memory: bool) -> dict[str, Any]:
    with workspace.reading() as reading:
        asked = reading if by_memory else replace(reading, memory=None)
        found = profiles_of(asked, workspace.book.identity, EVERYBODY)
    return {
        one: (said.profile_id, said.first_seen_at) if isinstance(said, Standing) else said.message
        for one, said in zip(EVERYBODY, found, strict=True)
    }


def agrees(workspace: Workspace) -> None:
    assert stands(workspace, by_memory=True) == stands(workspace, by_memory=False)


def recalled(workspace: Workspace) -> dict[Any, Standing]:
    with workspace.reading() as reading:
        assert reading.memory is not None
        pairs = [tuple(one.split(":")) for one in EVERYBODY if ":" in one]
        numbers = [int(one) for one in EVERYBODY if ":" not in one]
        return dict(reading.memory.standings(reading.cursor, [*numbers, *pairs]))  # type: ignore[list-item]


def stored_under(workspace: Workspace) -> dict[int, set[int]]:
    """Per profile that stands, the ids under which the tables hold rows of it."""
    every: dict[int, set[int]] = {}
    with workspace.reading() as reading:
        for table in ("events", "traits", "identifiers"):
            rows = reading.cursor.execute(
                f"select distinct coalesce(m.survivor_id, t.profile_id), t.profile_id "
                f"from {table} as t left join profile_map as m using (profile_id)"
            ).all()
            for own, stored in rows:
                every.setdefault(own, set()).add(stored)
    return every


@pytest.mark.parametrize("seed", range(2))
def test_memory_says_what_the_tables_say(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    merged = 0
    for _ in range(8):
        act(shop, chance)
        agrees(shop.workspace)
        known = {one.profile_id: one for one in recalled(shop.workspace).values()}
        assert len(known) > 2
        stored = stored_under(shop.workspace)
        for own, standing in known.items():
            assert stored.get(own, set()) <= set(standing.stored_ids)
        merged += any(len(stored.get(own, ())) > 1 for own in known)
    assert merged
    shop.restart()
    agrees(shop.workspace)
    assert recalled(shop.workspace)


def test_what_is_being_written_is_not_said_yet(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.send("track", event="Seen", userId="u1", anonymousId="b1")
    shop.send("track", event="Seen", anonymousId="b2")
    before = stands(shop.workspace, by_memory=False)
    meanwhile: list[dict[str, Any]] = []
    land = ingest.land

    def look(*given: Any) -> None:
        land(*given)
        meanwhile.append(stands(shop.workspace, by_memory=True))

    monkeypatch.setattr(ingest, "land", look)
    shop.send("track", event="Seen", userId="u1", anonymousId="b2")
    assert meanwhile == [before]
    assert stands(shop.workspace, by_memory=True) != before
    agrees(shop.workspace)


def test_a_view_that_is_older_than_memory_is_answered_from_the_tables(shop: Shop) -> None:
    shop.send("track", event="Seen", userId="u1", anonymousId="b1")
    shop.send("track", event="Seen", anonymousId="b2")
    with shop.workspace.reading() as reading:
        assert reading.memory is not None
        reading.cursor.execute("select count(*) from events").value()  # the view is taken
        shop.send("track", event="Seen", userId="u1", anonymousId="b2")
        assert not reading.memory.standings(reading.cursor, [1, 2])


def test_what_changes_while_memory_is_looked_at_is_not_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.send("track", event="Seen", userId="u1", anonymousId="b1")
    shop.send("track", event="Seen", anonymousId="b2")
    recall = Resolver.recall

    def meanwhile(own: Resolver, asked: Any) -> Any:
        shop.send("track", event="Seen", userId="u1", anonymousId="b2")
        return recall(own, asked)

    with shop.workspace.reading() as reading:
        assert reading.memory is not None
        monkeypatch.setattr(Resolver, "recall", meanwhile)
        assert not reading.memory.standings(reading.cursor, [1, 2])


def test_a_profile_that_is_half_made_is_left_to_the_tables() -> None:
    resolver = Resolver(DEFAULT_RULES)
    resolver.resolve(Batch.of([10], [1], ["m1"], [[("user_id", "ann")]]))
    assert resolver.recall([1])[1].stored_ids == [1]
    resolver._memory.profile_seen.set(np.array([1]), np.array([UNSEEN]))
    assert resolver.recall([1]) == {}


def test_a_preview_by_hand_is_not_said(shop: Shop) -> None:
    shop.send("track", event="Seen", userId="u1")
    shop.send("track", event="Seen", anonymousId="b2")
    before = stands(shop.workspace, by_memory=True)
    preview = shop.workspace.merge(
        "user_id:u1", "anonymous_id:b2", made_by="test", reason="same", preview=True
    )
    assert not preview["applied"]
    assert stands(shop.workspace, by_memory=True) == before
    assert recalled(shop.workspace)


def test_until_other_rules_are_in_memory_the_tables_are_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for device in ("b1", "b2"):
        shop.send("track", event="Seen", userId="u1", anonymousId=device)
        shop.send("track", event="Seen", userId="u2", anonymousId=device)
    meanwhile: list[tuple[dict[str, Any], ...]] = []
    use = Ingest.use_rules

    def look(own: Ingest, rules: Any) -> None:
        both = [stands(shop.workspace, by_memory=by_memory) for by_memory in (True, False)]
        meanwhile.append(tuple(both))
        use(own, rules)

    monkeypatch.setattr(Ingest, "use_rules", look)
    before = stands(shop.workspace, by_memory=True)
    body = json.loads(msgspec.json.encode(DEFAULT_RULES))
    for kind in body["types"]:
        kind["unique"] = False  # so that all of them are one
    shop.workspace.apply_identity(body, fingerprint=None)
    assert [by_memory == by_tables != before for by_memory, by_tables in meanwhile] == [True]
    agrees(shop.workspace)
