"""Reads over HTTP and on the command line: parts, batches, visitors, who changed (point 13)."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.cli_runs import answer
from integration.harness import KEY, LiveServer
from integration.harness.waiting import until


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("reads") / "workspace") as server:
        batch = [
            {"type": "identify", "userId": "ann", "messageId": "r1", "traits": {"city": "Utrecht"}},
            {"type": "track", "userId": "ann", "event": "Seen", "messageId": "r2"},
            {"type": "track", "anonymousId": "browser-1", "event": "Seen", "messageId": "r3"},
        ]
        assert server.client.post("/v1/batch", json={"batch": batch}, auth=(KEY, "")).is_success
        yield server


def asked(live: LiveServer, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {live.token}"}
    return live.client.request(method, f"/api/v1/{path}", headers=headers, **more)


def test_parts_are_named_one_by_one_or_with_commas(live: LiveServer) -> None:
    one = live.get("profiles/user_id:ann", include="segments,events", only=True)
    other = live.get("profiles/user_id:ann", include=["segments", "events"], only=True)
    for found in (one, other):
        assert {"segments", "events"} < set(found)
        assert "traits" not in found
    wrong = asked(live, "GET", "profiles/user_id:ann", params={"include": "event"})
    assert wrong.status_code == 422
    assert (wrong.json()["field"], "events" in wrong.json()["detail"]) == ("include", True)


def test_a_batch_answers_in_order_and_refuses_too_many(live: LiveServer) -> None:
    body = {"ids": ["user_id:nobody", "user_id:ann"], "include": ["traits"], "only": True}
    found = asked(live, "POST", "profiles/batch", json=body).json()
    assert [one["error"] is None for one in found["data"]] == [False, True]
    assert found["data"][1]["profile"]["traits"]["city"]["value"] == "Utrecht"
    many = {"ids": ["1"] * 501}
    assert asked(live, "POST", "profiles/batch", json=many).status_code == 422
    assert live.client.post("/api/v1/profiles/batch", json=body).status_code == 401


def test_a_batch_refuses_a_moment_where_it_would_not_be_looked_for(live: LiveServer) -> None:
    """The moment is a parameter. In the body it would be passed over, and now be told instead."""
    body = {"ids": ["user_id:ann"], "as_of": "2018-01-01"}
    refused = asked(live, "POST", "profiles/batch", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "body.as_of")


@pytest.mark.parametrize(
    ("path", "name", "meant"),
    [
        ("profiles/user_id:ann", "asof", "as_of"),
        ("profiles/user_id:ann/timeline", "kinds", "kind"),
        ("segments", "limits", None),
        ("audit", "actors", "actor"),
    ],
)
def test_a_parameter_that_a_route_does_not_have_is_refused(
    live: LiveServer, path: str, name: str, meant: str | None
) -> None:
    """A filter that is misspelt and passed over would be the answer to another question."""
    refused = asked(live, "GET", path, params={name: "x"})
    assert (refused.status_code, refused.json()["field"]) == (422, f"query.{name}")
    assert meant is None or f'did you mean "{meant}"?' in refused.json()["detail"]


def test_a_type_that_is_not_declared_is_answered_with_those_that_are(live: LiveServer) -> None:
    refused = asked(live, "GET", "profiles/shoe_size:42")
    assert refused.status_code == 422
    assert {"email", "user_id"} <= set(re.findall(r"\w+", refused.json()["hint"]))


def test_many_readers_at_once_get_what_each_would_get_alone(live: LiveServer) -> None:
    asked_for = [
        ("user_id:ann", ["traits"]),
        ("anonymous_id:browser-1", ["traits"]),
        ("user_id:nobody", ["traits"]),
        ("user_id:ann", ["segments", "events"]),
        ("user_id:ann", ["shoes"]),
    ]

    def read(one: tuple[str, list[str]]) -> tuple[int, dict[str, Any]]:
        params = {"include": one[1], "only": True}
        found = asked(live, "GET", f"profiles/{one[0]}", params=params)
        return found.status_code, {
            name: value for name, value in found.json().items()
            if name not in ("as_of", "segments_hold_for")
        }  # fmt: skip

    alone = [read(one) for one in asked_for]
    assert [status for status, _ in alone] == [200, 200, 404, 200, 422]
    with ThreadPoolExecutor(16) as readers:
        assert list(readers.map(read, asked_for * 20)) == alone * 20


PLAIN = ["", "?include=traits", "?only=true&include=events,traits", "?brand=main&only=false"]


@pytest.mark.parametrize("query", PLAIN)
def test_what_is_answered_before_the_framework_is_answered_as_by_it(
    live: LiveServer, query: str
) -> None:
    path = f"profiles/user_id:ann{query}"
    by_it = asked(live, "GET", f"{path}{'&' if query else '?'}min_position=1").json()
    plain = asked(live, "GET", path).json()
    assert {**plain, "as_of": by_it["as_of"]} == by_it
    by_id = asked(live, "GET", f"profiles/{plain['profile_id']}{query}").json()
    assert {**by_id, "as_of": by_it["as_of"]} == by_it


def test_what_is_answered_before_the_framework_is_refused_as_by_it(live: LiveServer) -> None:
    for query in ("", "?min_position=1"):
        path = f"/api/v1/profiles/user_id:ann{query}"
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            refused = live.client.get(path, headers=headers)
            assert (refused.status_code, refused.json()["status"]) == (401, 401)
        assert asked(live, "HEAD", path.removeprefix("/api/v1/")).status_code == 405
    wrong = [asked(live, "GET", f"profiles/user_id:ann?{one}") for one in ("only=x", "brand=x")]
    assert [(one.status_code, one.json()["field"]) for one in wrong] == [
        (422, "query.only"), (422, "brand")]  # fmt: skip


def test_visitors_are_listed_apart(live: LiveServer) -> None:
    visitors = live.get("profiles", known=False)["data"]
    assert [one["identifiers"] for one in visitors] == [{"anonymous_id": ["browser-1"]}]
    assert asked(live, "GET", "profiles", params={"cursor": "x"}).status_code == 422
    [shown] = answer("profiles", "list", "--anonymous", "--workspace", live.folder)["data"]
    assert shown["known"] is False


def test_the_command_line_reads_many_and_lists_who_changed(live: LiveServer) -> None:
    found = answer("profiles", "read", "user_id:ann", "user_id:x", "--include", "events", "--only",
                   "--workspace", live.folder)  # fmt: skip
    assert [one["error"] is None for one in found["data"]] == [True, False]
    assert [event["name"] for event in found["data"][0]["profile"]["events"]] == ["Seen"]
    page = answer("profiles", "changes", "--what", "traits", "--workspace", live.folder)
    assert [one["changes"] for one in page["data"]] == [{"traits": ["city"]}]


def test_a_stream_tells_who_changes_and_goes_on_from_a_cursor(live: LiveServer) -> None:
    start = live.get("profiles/changes", after="latest")["next"]
    told: list[tuple[str, list[dict[str, Any]]]] = []

    def listen(after: str, most: int) -> None:
        with httpx.stream(
            "GET", f"{live.url}/api/v1/profiles/changes/stream", params={"after": after},
            headers={"Authorization": f"Bearer {live.token}"}, timeout=60, trust_env=False,
        ) as response:  # fmt: skip
            cursor = after
            for line in response.iter_lines():
                if line.startswith("id: "):
                    cursor = line.removeprefix("id: ")
                if line.startswith("data: "):
                    told.append((cursor, json.loads(line.removeprefix("data: "))))
                    if sum(len(people) for _, people in told) >= most:
                        return

    def see(user: str) -> None:
        body = {"userId": user, "event": "Seen", "messageId": f"s-{user}"}
        assert live.client.post("/v1/track", json=body, auth=(KEY, "")).is_success

    for number in (1, 2):
        reader = threading.Thread(
            target=listen, args=(told[-1][0] if told else start, number), daemon=True
        )
        reader.start()
        see(f"user-{number}")
        until(lambda reader=reader: not reader.is_alive())
    seen = [one["identifiers"]["user_id"][0] for _, people in told for one in people]
    assert seen == ["user-1", "user-2"]
    wrong = asked(live, "GET", "profiles/changes/stream", params={"after": "9-9"})
    assert wrong.status_code == 422


def test_webhooks_over_the_api_and_the_command_line(live: LiveServer, tmp_path: Path) -> None:
    body = {"url": "https://crm.example/hook", "secret": "crm", "active": False}
    made = asked(live, "PUT", "webhooks/crm", json=body).json()
    assert (made["state"], made["name"]) == ("off", "crm")
    [listed] = answer("webhook", "list", "--workspace", live.folder)["data"]
    assert listed == answer("webhook", "show", "crm", "--workspace", live.folder)
    assert answer("webhook", "resume", "crm", "--workspace", live.folder)["failures"] == 0
    assert live.get("status")["webhooks"] == {"crm": "off"}
    wrong = asked(live, "PUT", "webhooks/crm", json={**body, "url": "http://crm.example"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "url")
    assert asked(live, "DELETE", "webhooks/crm").status_code == 200
    assert asked(live, "GET", "webhooks/crm").status_code == 404
