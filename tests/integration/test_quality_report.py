"""How good the data of each source is: the report counts what a person would (S1.3)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.cli_runs import answer, patron
from patron.clock import ManualClock
from patron.collect.messages import MessageReader
from patron.engines.duckdb import Database
from patron.errors import NotFoundError
from patron.identity.quality.identifiers import SEEN, gather
from patron.spec.identifiers import DEFAULT_RULES
from patron.spec.incoming import Delivery
from patron.warehouse import schema
from patron.workspace import Workspace

NOW = datetime(2026, 6, 1)
SOURCES = [{"kind": "source", "name": name, "body": {"type": name}} for name in ("crm", "web")]


def identify(user: str, at: str, traits: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "timestamp": at, "traits": traits, **more}


CRM = [
    identify("u1", "2024-01-01", {"email": "Ann@B.de", "birthday": "7.3.1985", "plan": "gold"},
             context={"locale": "de-DE", "traits": {"phone": "030 1234567"}}),
    identify("u1", "2024-02-01", {"email": "ann@b.de", "city": "Berlin"}),
    identify("u2", "2026-01-01", {"email": "ann@b.de", "birthday": "1900-01-01", "plan": "null"}),
    identify("u3", "2026-01-01", {"email": "c@b.de", "city": "Köln", "plan": "gold", "kids": 0}),
    identify("u3", "2026-02-01", {"email": "d@b.de", "city": "KOELN", "plan": None}),
    identify("u4", "2026-02-01", {"email": "none at all", "name": "n/a"}),
    identify("undefined", "2026-02-01", {"email": "test@test.com"}),
    identify("u9", "2026-07-01", {"email": "later@b.de"}),
]  # fmt: skip
WEB = [{"type": "page", "name": "Home", "anonymousId": "a1", "timestamp": "2026-05-01"}]
EXPECTED = {
    #                         filled valid distinct duplicate conflicting stale refused
    ("identifier", "user_id"): (4, 4, 4, 0, 0, 1, 0),
    ("identifier", "email"): (4, 3, 3, 1, 1, 1, 1),
    ("identifier", "phone"): (1, 1, 1, 0, 0, 1, 0),
    ("trait", "birthday"): (2, 1, 1, 0, 0, 1, 1),
    ("trait", "city"): (2, 2, 3, 0, 1, 1, 0),
    ("trait", "kids"): (1, 1, 1, 0, 0, 0, 0),
    ("trait", "plan"): (2, 1, 1, 0, 0, 1, 1),
    ("trait", "name"): (1, 0, 0, 0, 0, 0, 1),
}
COUNTS = ("filled", "valid", "distinct", "duplicate", "conflicting", "stale", "refused")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality") / "w"
    Workspace.create(folder)
    with Workspace(folder, clock=ManualClock(NOW)) as workspace:
        keys = workspace.apply(SOURCES)["write_keys"]
        for name, messages in (("crm", CRM), ("web", WEB)):
            workspace.collect_batch(json.dumps({"batch": messages}).encode(), keys[name]).result()
    return folder


def test_each_field_is_counted(folder: Path) -> None:
    with Workspace(folder, clock=ManualClock(NOW)) as workspace:
        told = workspace.quality()
        crm, web = told["sources"]
        found = {
            (one["kind"], one["field"]): tuple(one[name] for name in COUNTS)
            for one in crm["fields"]
        }
        assert found == EXPECTED
        assert (crm["messages"], crm["customers"], crm["unidentified"]) == (6, 4, 1)
        assert (web["messages"], web["customers"]) == (1, 1)
        assert [one["field"] for one in web["fields"]] == ["anonymous_id"]
        assert workspace.quality(source="web")["sources"] == [web]
        with pytest.raises(NotFoundError, match="no source shop"):
            workspace.quality(source="shop")


def test_a_report_as_of_a_moment_knows_nothing_later(folder: Path) -> None:
    with Workspace(folder, clock=ManualClock(NOW)) as workspace:
        then = workspace.quality(as_of=datetime(2024, 1, 15), source="crm", stale_after_days=30)
        fields = {one["field"]: one for one in then["sources"][0]["fields"]}
        assert then["sources"][0]["messages"] == 1
        assert then["sources"][0]["unidentified"] == 0
        assert set(fields) == {"user_id", "email", "phone", "birthday", "plan"}
        assert fields["email"]["distinct"] == 1
        assert all(one["stale"] == 0 for one in fields.values())
        after = workspace.quality(as_of=datetime(2026, 8, 1), source="crm")
        emails = next(one for one in after["sources"][0]["fields"] if one["field"] == "email")
        assert emails["distinct"] == 4


def test_a_report_tells_no_values_and_leaves_nothing_behind(folder: Path) -> None:
    with Workspace(folder, clock=ManualClock(NOW)) as workspace:
        told = json.dumps(workspace.quality(), ensure_ascii=False).lower()
        values = ["ann@", "b.de", "1234567", "1985", "berlin", "köln", "u1", "gold", "n/a"]
        assert [value for value in values if value in told] == []


def test_the_report_on_the_command_line(folder: Path) -> None:
    shown = patron("quality", "-w", folder, "--as-of", "2026-06-01", "--source", "crm")
    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.output.splitlines()]
    assert ["identifier", "email", "100.0%", "75.0%", "3", "1", "25.0%", "25.0%", "1", "0"] in lines
    told = answer("quality", "-w", folder, "--as-of", "2026-06-01")
    assert [one["source"] for one in told["sources"]] == ["crm", "web"]


def test_values_that_are_held_back_are_counted(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    with Workspace(tmp_path / "w", clock=ManualClock(NOW)) as workspace:
        keys = workspace.apply(SOURCES)["write_keys"]
        batch = [
            identify(f"u{number}", "2026-01-01", {"email": f"u{number}@b.de"}, anonymousId="kiosk")
            for number in range(11)
        ]
        workspace.collect_batch(json.dumps({"batch": batch}).encode(), keys["web"]).result()
        (web,) = workspace.quality(source="web")["sources"]
        held = {one["field"]: (one["distinct"], one["held_back"]) for one in web["fields"]}
        assert held == {"user_id": (11, 0), "email": (11, 0), "anonymous_id": (1, 1)}
        # Each customer is one, and the kiosk is nobody's.
        assert (
            workspace.profile("user_id:u0")["profile_id"]
            == workspace.profile("email:u0@b.de")["profile_id"]
        )
        assert len(workspace.profile("anonymous_id:kiosk")["identifiers"]) == 1


values = st.sampled_from(["v1", "", 5, -3, 5.0, True, None, [], {}, "ü", "x y"])
traits = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(["email", "phone", "loyalty_card", "plan"]), values)
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "device": st.fixed_dictionaries({}, optional={"id": values, "advertisingId": values}),
        "traits": traits,
        "externalIds": st.lists(
            st.fixed_dictionaries(
                {}, optional={"type": st.sampled_from(["email", "shoe_size"]), "id": values}
            ),
            max_size=2,
        ),
    },
)
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "track", "group", "alias"]), "event": st.just("e"),
     "groupId": st.just("g"), "previousId": st.sampled_from(["p", "q"])},
    optional={
        "userId": st.sampled_from(["u1", "", 7]), "anonymousId": st.sampled_from(["a", 8]),
        "properties": traits, "traits": traits, "context": contexts,
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(messages, max_size=5))
def test_the_log_is_read_as_messages_were(drawn: list[dict[str, Any]]) -> None:
    reader = MessageReader(DEFAULT_RULES)
    delivery = Delivery(source_id=1, brand="main", received_at=NOW)
    for message in drawn:
        reader.read(delivery, json.dumps(message, separators=(",", ":")).encode())
    with Database(threads=1) as database:
        cursor = database.cursor()
        schema.migrate(cursor)
        cursor.execute("insert into sources values (1, 'web', 'main', 'web', 'web', 1, true)")
        for position, message in enumerate(delivery.messages):
            cursor.execute(
                "insert into messages values (?, 1, ?, 0, 0, ?, ?, ?, ?, 'main')",
                [position, str(position), message.type, NOW, NOW, message.body],
            )
        gather(cursor, DEFAULT_RULES, NOW, None)
        cursor.execute(f"select type, raw, sum(times) from {SEEN} group by all")
        found = {(kind, raw): int(times) for kind, raw, times in cursor.all()}
    assert found == Counter(pair for message in delivery.messages for pair in message.identifiers)
