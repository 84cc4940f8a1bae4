"""A history that is sent to a workspace ends as what the test says that it means."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from differential.oracle import members
from patron.clock import ManualClock
from patron.segments.catalogue import read_catalogue
from patron.segments.codec import decode
from patron.segments.query import members_sql
from patron.testing.differential.drawing import Draw
from patron.testing.differential.harness import draw_world
from patron.testing.differential.histories import History
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import CLASSES
from patron.testing.differential.worlds import World, world_of
from patron.workspace import Workspace

HISTORY = replace(draw_world(5), traits={}, trust={}, people=())
"""What is declared of traits is no message; `test_live_follows` declares it."""
BATCH = 150


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("sent") / "workspace"
    Workspace.create(folder)
    with Workspace(folder, clock=ManualClock(HISTORY.messages[-1].received_at)) as opened:
        send(opened, HISTORY)
        yield opened


def send(workspace: Workspace, history: History) -> None:
    """Send it source by source, a batch of each in turn."""
    sources = [
        {"kind": "source", "name": name, "body": {"type": "web", "brand": brand, "channel": where}}
        for name, (brand, where) in history.sources.items()
    ]
    keys = workspace.apply(sources)["write_keys"]
    for start in range(0, len(history.messages), BATCH):
        for source, key in keys.items():
            part = history.messages[start : start + BATCH]
            bodies = [sent.body for sent in part if sent.source == source]
            receipt = workspace.collect_batch(json.dumps({"batch": bodies}).encode(), key).result()
            assert receipt.quarantined == 0


def meant(workspace: Workspace, history: History) -> World:
    """The world under the ids that the workspace gave."""
    with workspace.reading() as reading:
        cursor = reading.cursor
        found = cursor.execute("select type, value, profile_id from current_identifiers").all()
        ids = {f"{kind}:{value}": profile for kind, value, profile in found}
        sources = dict(cursor.execute("select name, source_id from sources").all())
    return world_of(history, ids=ids, source_ids=sources)


EVENTS = """
select event.profile_id, message.message_id, event.name, event.type, event.occurred_at,
    event.source_id, event.brand, event.channel, event.order_id, event.currency, event.revenue,
    event.total, event.coupon, (
        select count(*) from order_lines as line where line.position = event.position
    )
from current_events as event join messages as message using (position)
"""
COLUMNS = ("message_id", "name", "type", "occurred_at", "source_id", "brand", "channel",
           "order_id", "currency", "revenue", "total", "coupon")  # fmt: skip


def test_customers_have_what_the_world_says(workspace: Workspace) -> None:
    world = meant(workspace, HISTORY)
    with workspace.reading() as reading:
        cursor = reading.cursor
        seen = "select profile_id, first_seen_at from profiles where merged_into is null"
        assert set(cursor.execute(seen).all()) == {
            (one["id"], one["first_seen_at"]) for one in world["people"]
        }
        assert set(cursor.execute(EVENTS).all()) == {
            (one["id"], *(event.get(column) for column in COLUMNS), len(event["lines"]))
            for one in world["people"]
            for event in one["events"]
        }
        traits = "select profile_id, name, message_id, value::JSON from current_traits"
        assert {
            (*row[:3], json.dumps(json.loads(row[3] or "null"), sort_keys=True))
            for row in cursor.execute(traits).all()
        } == {
            (one["id"], row["name"], row["message_id"], json.dumps(row["value"], sort_keys=True))
            for one in world["people"]
            for row in one["traits"]
        }


def test_rules_have_the_members_that_the_world_says(workspace: Workspace) -> None:
    world = {**meant(workspace, HISTORY), "segments": {}}
    chance = random.Random(5)
    draw = Draw(chance, world, frozenset())
    asked = 0
    with workspace.reading() as reading:
        catalogue = read_catalogue(reading.cursor)
        for name in ("traits", "counts", "amounts") * 12:
            rule = CLASSES[name](draw)
            for as_of in draw_instants(chance, world, rule, 2):
                sql = members_sql(reading.cursor, decode(rule), as_of=as_of, catalogue=catalogue)
                found = {row[0] for row in reading.cursor.execute(sql).all()}
                assert found == members(world, rule, as_of), (rule, as_of)
                asked += 0 < len(found) < len(world["people"])
    assert asked > 15, "most of these rules divide the customers"
