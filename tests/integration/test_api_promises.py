"""What every answer of the API promises: positions, reading one's own writes, idempotent writes."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from patron.api.app import create_app
from patron.workspace import Workspace


class Api:
    """Requests to the app in this process, with the admin token."""

    def __init__(self, workspace: Workspace, token: str, key: str) -> None:
        self._app = create_app(workspace)
        self._token = token
        self.key = key

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://patron") as client:
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(ask())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    token = Workspace.create(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        key = workspace.apply([source])["write_keys"]["web"]
        yield Api(workspace, token, key)


def collect(api: Api, **item: str) -> int:
    answer = api("POST", f"/v1/track?writeKey={api.key}", content=json.dumps(item),
                 headers={"Authorization": ""})  # fmt: skip
    assert answer.status_code == 200
    return int(answer.headers["Patron-Position"])


def test_one_reads_ones_own_writes(api: Api) -> None:
    position = collect(api, event="Signed Up", userId="ann", messageId="m1")
    answer = api("GET", f"/api/v1/profiles/user_id:ann?min_position={position}").json()
    assert answer["position"] >= position
    assert answer["as_of"].endswith("Z")
    fate = api("GET", f"/api/v1/messages/m1?min_position={position}").json()
    assert [row["fate"] for row in fate["data"]] == ["stored"]


def test_a_position_that_is_not_reached_is_an_error_that_a_retry_can_help(api: Api) -> None:
    answer = api("GET", "/api/v1/status?min_position=99")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:patron:problem:not_yet"


def test_a_write_sent_again_under_its_key_is_answered_and_not_done_again(api: Api) -> None:
    rule = {"rule": 'did "Signed Up"'}
    once = {"Idempotency-Key": "k-1"}
    path = "/api/v1/segments/new-ones?allow_unknown=true"
    first = api("PUT", path, json=rule, headers=once)
    assert first.status_code == 200
    assert api("PUT", path, json={"rule": 'did "Seen"'}).json()["version"] == 2
    again = api("PUT", path, json=rule, headers=once)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert api("GET", "/api/v1/segments/new-ones").json()["segment"]["text"] == 'did "Seen"'
    other = api("PUT", path, json={"rule": 'did "Left"'}, headers=once)
    assert other.status_code == 422


def test_nothing_is_told_without_the_token(api: Api) -> None:
    for path in ("status", "counters", "segments", "profiles/user_id:ann", "definitions"):
        answer = api("GET", f"/api/v1/{path}", headers={"Authorization": ""})
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_members_come_page_by_page_each_once(api: Api) -> None:
    for number in range(7):
        collect(api, event="Signed Up", userId=f"u{number}", messageId=f"m{number}")
    api("PUT", "/api/v1/segments/all-of-them", json={"rule": 'did "Signed Up"'})
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        suffix = f"&cursor={cursor}" if cursor else ""
        page = api("GET", f"/api/v1/segments/all-of-them/members?limit=3{suffix}").json()
        seen += [row["profile_id"] for row in page["data"]]
        cursor = page["next"]
        assert page["count"] == 7
    assert len(seen) == len(set(seen)) == 7
    for file_format, lines in (("csv", 8), ("jsonl", 7)):
        made = api("GET", f"/api/v1/segments/all-of-them/export?format={file_format}")
        assert made.headers["Patron-Count"] == "7"
        assert len(made.text.splitlines()) == lines


def test_why_a_customer_is_in_is_said_of_segments_and_of_rules(api: Api) -> None:
    position = collect(api, event="Signed Up", userId="ann", messageId="m1")
    rule = 'did "Signed Up" in the last 7 days'
    saved = api("PUT", "/api/v1/segments/fresh", json={"rule": rule})
    assert saved.status_code == 200, saved.text
    asked = {"profile": "user_id:ann", "min_position": position}
    told = api("GET", "/api/v1/segments/fresh/explain", params=asked).json()
    assert (told["segment"], told["text"], told["member"]) == ("fresh", rule, True)
    assert told["position"] >= position
    assert [row["message_id"] for row in told["condition"]["evidence"]["rows"]] == ["m1"]
    body = {"rule": f"not in segment fresh and {rule.replace('did', 'did not')}", "profile": "1"}
    of_rule = api("POST", "/api/v1/segments/explain", json=body).json()
    assert (of_rule["segment"], of_rule["member"]) == (None, False)
    assert of_rule["condition"]["changes_at"] == told["changes_at"]
    nobody = api("GET", "/api/v1/segments/fresh/explain", params={"profile": "user_id:bob"})
    assert nobody.status_code == 404
    wrong = api("POST", "/api/v1/segments/explain", json={**body, "rule": "age >"})
    assert (wrong.status_code, wrong.json()["line"]) == (422, 1)


def test_what_is_found_of_every_kind_of_condition_has_a_type(api: Api) -> None:
    for number, name in enumerate(["Signed Up", "Product Added", "Paid"]):
        collect(api, event=name, userId="ann", messageId=f"m{number}")
    api("PUT", "/api/v1/segments/payers", json={"rule": 'did "Paid"'})
    parts = {
        "compared": 'count("Paid") > count("Signed Up")',
        "steps": 'sequence ("Signed Up" then "Never" within 1 day)',
        "cart": "abandoned cart for at least 1 hour",
        "first": 'did "Paid" for the first time in the last 7 days',
        "periods": 'did "Paid" in at least 2 of the last 3 weeks',
        "pause": 'stopped "Paid" for 60 days',
        "frequent": 'most frequent(plan of "Paid") = "pro"',
        "groups": 'group.industry = "IT"',
        "drawn": "random 50 %",
        "rank": 'top 10 by count("Paid")',
        "recorded": "in segment payers",
        "parts": 'at least 2 of (did "Paid", did "Never", did "Signed Up")',
        "brands": 'on at least 2 brands (did "Paid")',
    }
    body = {"rule": " and ".join(parts.values()), "profile": "user_id:ann"}
    answer = api("POST", "/api/v1/segments/explain", json=body)
    assert answer.status_code == 200, answer.text
    found = [one["detail"]["type"] for one in answer.json()["condition"]["conditions"]]
    assert found == list(parts)
    whole = api("GET", "/api/v1/profiles/user_id:ann?include=segments").json()
    assert whole["segments"] == ["payers"]
    assert whole["segments_hold_for"]["position"] >= whole["position"]


def test_a_word_that_is_none_is_answered_with_all_that_are(api: Api) -> None:
    collect(api, event="Signed Up", userId="ann", messageId="m1")
    answer = api("GET", "/api/v1/profiles/user_id:ann/timeline?kind=messages").json()
    assert answer["field"] == "query.kind.0"
    assert answer["detail"].startswith("query.kind.0: expected event, note, segment, identity,")
    for word in ("message", "consent", "call"):
        assert f" {word}," in answer["detail"]
    assert answer["detail"].endswith("got 'messages'.")
