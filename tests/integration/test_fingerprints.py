"""Fingerprints of devices, through the whole of a workspace (S5.10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.harness.waiting import until
from patron.clock import ManualClock, parse_time
from patron.workspace import Workspace

NOW = parse_time("2026-01-01T12:00:00Z")
PRINT = {
    "name": "fingerprint",
    "consent": "Advertising",
    "held_back_above": 3,
    "fields": ["context.device.fingerprint"],
}
MAPPING = {
    "source": "web",
    "file": "visits*.csv",
    "message": {
        "event": "Visited",
        "message_id": "{id}",
        "timestamp": "at",
        "identifiers": {"anonymous_id": "browser", "fingerprint": "looks"},
        "consent": {"Advertising": {"sql": "agreed = 'yes'"}},
    },
}


def rules(**changed: Any) -> dict[str, Any]:
    kinds = [
        {"name": "user_id", "unique": True, "fields": ["userId"]},
        {"name": "email", "normal_form": "email", "fields": ["traits.email"]},
        {"name": "anonymous_id", "fields": ["anonymousId"]},
        {**PRINT, **changed},
    ]
    return {"types": kinds}


class Shop:
    """A workspace whose clock stands still."""

    def __init__(self, folder: Path, body: dict[str, Any]) -> None:
        Workspace.create(folder, clock=ManualClock(NOW))
        self.workspace = Workspace(folder, clock=ManualClock(NOW))
        self.sent = 0
        self.key = self.workspace.apply(
            [
                {"kind": "source", "name": "web", "body": {"type": "web"}},
                {"kind": "identity", "name": "rules", "body": body},
                {"kind": "mapping", "name": "visits", "body": MAPPING},
            ]
        )["write_keys"]["web"]

    def send(self, looks: str | None = "f1", agreed: bool | None = True, **more: Any) -> Any:
        self.sent += 1
        context: dict[str, Any] = {"device": {"fingerprint": looks}}
        if agreed is not None:
            context["consent"] = {"categoryPreferences": {"Advertising": agreed}}
        body = {"type": "identify", "messageId": f"m{self.sent}", "context": context,
                "timestamp": f"2025-12-31T00:00:{self.sent:02}Z", **more}  # fmt: skip
        envelope = json.dumps({"batch": [body]}).encode()
        return self.workspace.collect_batch(envelope, self.key).result()

    def people(self) -> set[frozenset[str]]:
        rows = self.workspace.sql(
            "select list(type || ':' || value) from customer_identifiers group by profile_id"
        )["rows"]
        return {frozenset(row[0]) for row in rows}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data", rules())
    yield opened
    opened.workspace.close()


def test_a_customer_is_recognised_after_the_cookies_are_gone(shop: Shop) -> None:
    shop.send(userId="ann", anonymousId="a1")
    shop.send(anonymousId="a2")
    assert shop.people() == {
        frozenset({"user_id:ann", "anonymous_id:a1", "anonymous_id:a2", "fingerprint:f1"})
    }
    # Bob uses the same machine: from his login on the browser is his, the fingerprint hers.
    shop.send(anonymousId="a2", traits={"email": "bob@example.com"})
    assert shop.people() == {
        frozenset({"user_id:ann", "anonymous_id:a1", "fingerprint:f1"}),
        frozenset({"email:bob@example.com", "anonymous_id:a2"}),
    }
    graph = shop.workspace.identity_of("email:bob@example.com")
    assert "a fingerprint alone never joins two of these." in json.dumps(graph)
    # A link by something else joins them, and the fingerprint follows.
    shop.send(None, None, userId="ann", traits={"email": "bob@example.com"})
    assert len(shop.people()) == 1


def test_without_consent_it_counts_for_nothing(shop: Shop) -> None:
    shop.send(userId="ann", anonymousId="a1")
    assert shop.send(anonymousId="a2", agreed=False).stored == 1
    assert shop.send(anonymousId="a3", agreed=None).stored == 1
    assert frozenset({"anonymous_id:a2"}) in shop.people()
    assert frozenset({"anonymous_id:a3"}) in shop.people()
    assert shop.send(agreed=False).quarantined == 1
    (waiting,) = shop.workspace.sql("select code, reason from quarantine")["rows"]
    assert waiting[0] == "no_consent"
    assert "counts only with consent to Advertising" in waiting[1]
    fields = [
        field
        for source in shop.workspace.quality()["sources"]
        for field in source["fields"]
        if field["field"] == "fingerprint"
    ]
    assert [field["filled"] for field in fields] == [1]


def test_one_that_came_with_too_many_browsers_is_held_back(shop: Shop) -> None:
    for number in range(3):
        shop.send(anonymousId=f"a{number}")
    assert len(shop.people()) == 1
    shop.send(anonymousId="a3")
    assert shop.people() == {
        frozenset({one}) for one in ("fingerprint:f1", *(f"anonymous_id:a{n}" for n in range(4)))
    }


def test_imports_and_other_rules_heed_consent(tmp_path: Path) -> None:
    """Rows and messages are told by the rules that hold, live and read anew."""
    people = []
    for name, first, then in (
        ("changed", rules(consent="Other"), rules()),
        ("never", rules(), None),
    ):
        shop = Shop(tmp_path / name, first)
        shop.send(userId="ann", anonymousId="a1")
        shop.send(anonymousId="a2")
        shop.send(anonymousId="a3", agreed=False)
        folder = tmp_path / f"{name}-files"
        folder.mkdir()
        (folder / "visits.csv").write_text(
            "id,at,browser,looks,agreed\n"
            "r1,2025-12-30T00:00:00Z,b1,f1,yes\n"
            "r2,2025-12-30T00:00:01Z,b2,f1,no\n"
            "r3,2025-12-30T00:00:02Z,b3,f1,\n"
            "r4,2025-12-30T00:00:03Z,,f1,no\n",
            encoding="utf-8",
        )
        started = shop.workspace.start_import("visits", str(folder))["import_id"]
        until(lambda: shop.workspace.import_state(started)["state"] != "running")  # noqa: B023
        state = shop.workspace.import_state(started)
        assert (state["stored"], state["quarantined"]) == (3, 1), state
        if then is not None:
            assert len(shop.people()) == 6
            planned = shop.workspace.plan_identity(then, wait=60)
            assert planned["state"] == "done", planned
            done = shop.workspace.apply_identity(
                then, fingerprint=planned["plan"]["fingerprint"], wait=60
            )
            assert done["state"] == "done", done
        people.append(shop.people())
        shop.workspace.close()
    ann = {"user_id:ann", "anonymous_id:a1", "anonymous_id:a2", "anonymous_id:b1", "fingerprint:f1"}
    alone = [frozenset({f"anonymous_id:{one}"}) for one in ("a3", "b2", "b3")]
    assert people == [{frozenset(ann), *alone}] * 2
