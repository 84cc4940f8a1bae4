"""The same messages by request and by file, in any cut, end in the same customers."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.harness import LiveServer
from integration.harness.waiting import until
from patron.engines.duckdb import Database
from patron.workspace import Workspace

START = datetime(2026, 1, 1)
DEFINITIONS = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {
        "kind": "mapping",
        "name": "rows",
        "body": {
            "source": "web",
            "file": "*.jsonl",
            "columns": dict.fromkeys(("id", "user", "visitor", "email", "at"), "text"),
            "message": {
                "event": "Seen",
                "message_id": "{id}",
                "timestamp": "at",
                "identifiers": {"user_id": "user", "anonymous_id": "visitor", "email": "email"},
            },
        },
    },
]
ids = st.one_of(st.none(), st.integers(0, 3))
people = st.fixed_dictionaries(
    {"user": ids, "visitor": ids, "email": ids, "minute": st.integers(0, 5)}
).filter(lambda one: any(one[name] is not None for name in ("user", "visitor", "email")))


def rows_of(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"m{number}",
            "user": None if one["user"] is None else f"u{one['user']}",
            "visitor": None if one["visitor"] is None else f"a{one['visitor']}",
            "email": None if one["email"] is None else f"e{one['email']}@example.com",
            "at": (START + timedelta(minutes=one["minute"])).isoformat() + "Z",
        }
        for number, one in enumerate(drawn)
    ]


def message_of(row: dict[str, Any]) -> dict[str, Any]:
    message = {
        "type": "track",
        "event": "Seen",
        "messageId": row["id"],
        "userId": row["user"],
        "anonymousId": row["visitor"],
        "timestamp": row["at"],
        "properties": {} if row["email"] is None else {"email": row["email"]},
    }
    return {name: value for name, value in message.items() if value is not None}


def outcome(workspace: Workspace) -> tuple[Any, ...]:
    """Who is who, whose events are whose, and which links were kept, without profile ids."""
    with workspace.reading() as reading:
        cursor = reading.cursor
        cursor.execute("select profile_id, type, value from current_identifiers")
        members: dict[int, set[tuple[str, str]]] = {}
        for profile_id, kind, value in cursor.all():
            members.setdefault(profile_id, set()).add((kind, value))
        partition = {profile: frozenset(found) for profile, found in members.items()}
        cursor.execute(
            "select m.message_id, e.profile_id, e.occurred_at from current_events as e "
            "join messages as m using (position)"
        )
        events = {(key, partition[profile], at) for key, profile, at in cursor.all()}
        cursor.execute(
            "select a.value, b.value, kept from links join identifiers as a on a.identifier_id = "
            "links.a join identifiers as b on b.identifier_id = links.b"
        )
        links = {(frozenset((one, other)), kept) for one, other, kept in cursor.all()}
    return set(partition.values()), events, links


def import_and_wait(workspace: Workspace, path: Path) -> dict[str, Any]:
    import_id = workspace.start_import("rows", str(path))["import_id"]
    until(lambda: workspace.import_state(import_id)["state"] != "running", seconds=120)
    state = workspace.import_state(import_id)
    assert state["state"] == "done", state["error"]
    return state


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(people, min_size=1, max_size=12), cut=st.integers(1, 5), turned=st.booleans())
def test_requests_and_files_end_in_the_same_customers(
    drawn: list[dict[str, Any]], cut: int, turned: bool
) -> None:
    rows = rows_of(drawn)
    with TemporaryDirectory() as name:
        folder = Path(name)
        Workspace.create(folder / "stream")
        Workspace.create(folder / "bulk")
        with Workspace(folder / "stream") as stream:
            key = stream.apply(DEFINITIONS)["write_keys"]["web"]
            sent = [message_of(row) for row in (reversed(rows) if turned else rows)]
            for start in range(0, len(sent), cut):
                body = json.dumps({"batch": sent[start : start + cut]}).encode()
                stream.collect_batch(body, key).result()
            streamed = outcome(stream)
        with Workspace(folder / "bulk") as bulk:
            bulk.apply(DEFINITIONS)
            file = folder / "rows.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            assert import_and_wait(bulk, file)["stored"] == len(rows)
            assert outcome(bulk) == streamed
            again = import_and_wait(bulk, file)
            assert (again["stored"], again["duplicate"]) == (0, len(rows))
            assert outcome(bulk) == streamed


ROWS = 400_000


@pytest.fixture(scope="module")
def many_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    Database().cursor().execute(
        "copy (select 'm' || i as id, 'u' || i % 1000 as user, 'a' || i % 3000 as visitor, "
        "timestamp '2026-01-01' + to_seconds(i) as at "
        f"from range({ROWS}) as r(i)) to '{path}' (format parquet)"
    )
    return path


def test_an_import_that_is_killed_starts_again_without_duplicates(
    many_rows: Path, tmp_path: Path
) -> None:
    """Killed before, between and after its commits, then let through: every row once."""
    mapping = {
        "kind": "mapping",
        "name": "rows",
        "body": {
            "source": "web",
            "file": "*.parquet",
            "message": {
                "event": "Seen",
                "message_id": "{id}",
                "timestamp": "at",
                "identifiers": {"user_id": "user", "anonymous_id": "visitor"},
            },
        },
    }
    started = {"mapping": "rows", "path": str(many_rows)}
    with LiveServer(tmp_path / "data") as server:
        server.ask("POST", "definitions/apply", json={"documents": [DEFINITIONS[0], mapping]})
        held = []
        for wanted in (0, 1, ROWS // 2):
            state = server.ask("POST", "imports", json=started)
            while state["state"] == "running" and state["stored"] < wanted:
                time.sleep(0.005)
                state = server.get(f"imports/{state['import_id']}")
            server.kill()
            server.restart()
            held.append(server.counters()["stored"])
        print("stored at each kill:", held)
        assert held == sorted(held)
        assert any(0 < stored < ROWS for stored in held)
        state = server.ask("POST", "imports", json=started)
        while state["state"] == "running":
            time.sleep(0.02)
            state = server.get(f"imports/{state['import_id']}")
        assert (state["state"], state["accepted"]) == ("done", ROWS)
        total = server.counters()
        assert total["stored"] == ROWS
        assert total["accepted"] == total["stored"] + total["duplicate"]
        [counts] = server.sql(
            "select (select count(*) from messages), (select count(distinct message_id) from "
            "messages), (select count(*) from customer_events), (select count(*) from customers)"
        )
        assert tuple(counts) == (ROWS, ROWS, ROWS, 1000)


def test_a_row_that_identifies_nobody_is_quarantined_with_its_file_and_row(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "data")
    rows = rows_of([{"user": 1, "visitor": None, "email": None, "minute": 0}] * 3)
    rows[1]["user"] = "undefined"
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Workspace(tmp_path / "data") as workspace:
        workspace.apply(DEFINITIONS)
        state = import_and_wait(workspace, file)
        assert (state["stored"], state["quarantined"]) == (2, 1)
        [refused] = workspace.quarantined()["data"]
        assert (refused["code"], refused["origin"]) == ("no_identity", "rows.jsonl")
        assert refused["row_number"] == 2
        assert refused["field"] == "user_id"
        assert refused["reason"].startswith("user_id: This value is on the list")
