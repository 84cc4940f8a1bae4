"""Group calls become members and traits of groups: by request, by file, and from older folders."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration.harness.waiting import until
from patron.engines.duckdb import Cursor, Database
from patron.warehouse import schema
from patron.workspace import Workspace

DEFINITIONS = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {
        "kind": "mapping",
        "name": "calls",
        "body": {"source": "web", "file": "*.jsonl", "mode": "messages"},
    },
]
ODD = {
    "text": "5", "whole": 5, "negative": -3, "real": 5.0, "large": 1e300, "none": None,
    "list": [1, None, {"x": True}], "nested": {"city": "Kyiv"}, "truth": False, "": 7,
    "a.b \"c'": "ก",
}  # fmt: skip
CALLS: list[dict[str, Any]] = [
    {"userId": "ann", "groupId": "acme", "traits": {"industry": "IT", "size": 5}},
    {"userId": "bob", "groupId": "acme", "traits": {"size": None}},
    {"userId": "ann", "groupId": 17, "traits": ODD},
    {"userId": "cleo", "groupId": "acme"},
    {"userId": "cleo", "groupId": "odd", "properties": {"traits": "gold", "group_id": "no"}},
    {"userId": "cleo", "groupId": "two", "properties": {"traits": {"x": 1}}, "traits": {"x": 2}},
    {"anonymousId": "tablet", "groupId": "home", "traits": {"rooms": 3}},
    {"userId": "ann", "anonymousId": "tablet", "groupId": "home"},
]
MESSAGES = [
    {"type": "group", "messageId": f"m{number}", "timestamp": f"2026-01-0{number + 1}", **call}
    for number, call in enumerate(CALLS)
]
TWICE = b'{"type":"group","messageId":"t","userId":"dan","groupId":"g","traits":{"a":1,"a":2}}'


def rows(cursor: Cursor, members: str = "group_members") -> list[Any]:
    """What the two tables hold."""
    return [
        cursor.execute(
            "select position, profile_id, group_id, occurred_at, source_id, message_id "
            f"from {members} order by position"
        ).all(),
        cursor.execute(
            "select position, group_id, name, value::JSON, variant_typeof(value), occurred_at, "
            "source_id, message_id from group_traits order by position, name"
        ).all(),
    ]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    Workspace.create(tmp_path / "data")
    return Workspace(tmp_path / "data")


def test_calls_land_alike_by_request_and_by_file(workspace: Workspace, tmp_path: Path) -> None:
    with workspace:
        key = workspace.apply(DEFINITIONS)["write_keys"]["web"]
        workspace.collect_batch(json.dumps({"batch": MESSAGES}).encode(), key).result()
        workspace.collect_batch(b'{"batch":[' + TWICE + b"]}", key).result()
        with workspace.reading() as reading:
            streamed = rows(reading.cursor)
    Workspace.create(tmp_path / "bulk")
    with Workspace(tmp_path / "bulk") as bulk:
        bulk.apply(DEFINITIONS)
        file = tmp_path / "calls.jsonl"
        lines = [json.dumps(message) for message in MESSAGES] + [TWICE.decode()]
        file.write_text("\n".join(lines), encoding="utf-8")
        import_id = bulk.start_import("calls", str(file))["import_id"]
        until(lambda: bulk.import_state(import_id)["state"] != "running")
        with bulk.reading() as reading:
            imported = rows(reading.cursor)
    # The last message names no time.
    assert [row[:2] + row[4:] for row in imported[1][:-1]] == [
        row[:2] + row[4:] for row in streamed[1][:-1]
    ]
    assert imported[0][:-1] == streamed[0][:-1]
    members, traits = streamed
    assert [(row[1], row[2]) for row in members] == [
        (1, "acme"), (2, "acme"), (1, "17"), (3, "acme"), (3, "odd"), (3, "two"), (1, "home"),
        (1, "home"), (4, "g"),
    ]  # fmt: skip
    told = {(row[0], row[2]): json.loads(row[3]) if row[3] else None for row in traits}
    assert told == {
        (1, "industry"): "IT", (1, "size"): 5, (2, "size"): None,
        **{(3, name): value for name, value in ODD.items()},
        (6, "x"): 2, (7, "rooms"): 3, (9, "a"): 2,
    }  # fmt: skip


def test_members_follow_merges_before_and_after_compaction(workspace: Workspace) -> None:
    with workspace:
        key = workspace.apply(DEFINITIONS)["write_keys"]["web"]
        for message in (MESSAGES[0], *MESSAGES[-2:]):
            workspace.collect_batch(json.dumps({"batch": [message]}).encode(), key).result()
        rule = "group.rooms = 3 and group.size = 5"
        assert workspace.preview(rule)["count"] == 1
        with workspace.reading() as reading:
            assert [row[1] for row in rows(reading.cursor)[0]] == [1, 2, 1]
            current = rows(reading.cursor, "current_group_members")[0]
            assert [row[1] for row in current] == [1, 1, 1]
        assert workspace.compact() == 1
        with workspace.reading() as reading:
            assert [row[1] for row in rows(reading.cursor)[0]] == [1, 1, 1]
        asked = "select profile_id, group_id, joined_at::varchar from customer_groups order by 2"
        assert workspace.sql(asked)["rows"] == [
            [1, "acme", "2026-01-01 00:00:00"], [1, "home", "2026-01-07 00:00:00"],
        ]  # fmt: skip
        asked = (
            "select group_id, name, value::varchar, source from customer_group_traits order by 2"
        )
        assert workspace.sql(asked)["rows"] == [
            ["acme", "industry", "IT", "web"], ["home", "rooms", "3", "web"],
            ["acme", "size", "5", "web"],
        ]  # fmt: skip
        assert workspace.preview(rule)["count"] == 1


def test_a_folder_of_the_first_schema_gets_its_groups(workspace: Workspace) -> None:
    with workspace:
        key = workspace.apply(DEFINITIONS)["write_keys"]["web"]
        workspace.collect_batch(json.dumps({"batch": MESSAGES}).encode(), key).result()
        with workspace.reading() as reading:
            landed = rows(reading.cursor)
            messages = reading.cursor.arrow("select * exclude (brand) from messages")
            events = reading.cursor.arrow(
                "select * exclude (message_id) replace (properties::JSON::VARCHAR as properties) "
                "from events"
            )
    with Database(threads=1) as database:
        cursor = database.cursor()
        (_, first), *_, (newest, _) = schema.migrations()
        cursor.execute(first)
        cursor.execute("insert into meta values ('schema_version', '1')")
        cursor.over(messages, "insert into messages from {rows}")
        cursor.over(
            events,
            "insert into events select * replace (properties::JSON::VARIANT as properties) "
            "from {rows}",
        )
        assert schema.migrate(cursor) == newest
        assert rows(cursor) == landed
        ids = cursor.execute("select message_id from events order by position").all()
        assert ids == [(message["messageId"],) for message in MESSAGES]
