"""What the browser clients of Segment and RudderStack ask and send, without a browser (S1.1)."""

from __future__ import annotations

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest

from integration.harness import KEY, LiveServer

SHOP = "https://shop.example"


def message(**members: Any) -> tuple[str, dict[str, Any]]:
    """A message id and a track call with it."""
    found = str(uuid4())
    return found, {"type": "track", "event": "E", "userId": "u", "messageId": found, **members}


def test_segments_settings_hold_the_key_that_was_asked_with(server: LiveServer) -> None:
    answer = server.client.get(f"/v1/projects/{KEY}/settings", headers={"Origin": SHOP})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.json()["integrations"] == {"Segment.io": {"apiKey": KEY}}


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
@pytest.mark.parametrize("auth", [True, False], ids=["basic", "query"])
def test_rudderstacks_source_config_is_enabled_and_names_the_key(
    server: LiveServer, path: str, auth: bool
) -> None:
    answer = server.client.get(
        path,
        params={"p": "npm", "v": "3.0.0", "build": "modern", **({} if auth else {"writeKey": KEY})},
        auth=(KEY, "") if auth else None,
        headers={"Origin": SHOP},
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    source = answer.json()["source"]
    assert (source["writeKey"], source["enabled"], source["destinations"]) == (KEY, True, [])


def test_a_source_config_for_a_wrong_key_is_refused(server: LiveServer) -> None:
    answer = server.client.get("/sourceConfig/", params={"writeKey": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "access_denied"


@pytest.mark.parametrize(
    "path", ["/v1/t", "/v1/batch", "/v1/b", "/beacon/v1/batch", "/v1/identify"]
)
@pytest.mark.parametrize("asked", ["authorization", "authorization,content-type,x-retry-count",
                                   "anonymousid,rsa-retry-attempt"])  # fmt: skip
def test_a_preflight_grants_what_it_asks_for(server: LiveServer, path: str, asked: str) -> None:
    answer = server.client.options(
        path,
        headers={
            "Origin": SHOP,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": asked,
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-allow-headers"] == asked
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Origin" in answer.headers["vary"]


def test_a_page_can_read_how_long_to_wait_and_what_became_of_a_request(server: LiveServer) -> None:
    """Browsers hide all headers of another origin but those that it names."""
    answer = server.client.post("/v1/batch", json={"batch": []}, auth=(KEY, ""),
                                headers={"Origin": SHOP})  # fmt: skip
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Retry-After", "Patron-Result", "Patron-Position"} <= set(exposed)


@pytest.mark.parametrize(
    ("short", "members", "kind"),
    [
        ("i", {"traits": {"a": 1}}, "identify"),
        ("t", {"event": "E"}, "track"),
        ("p", {"name": "Home"}, "page"),
        ("s", {"name": "Home"}, "screen"),
        ("g", {"groupId": "g"}, "group"),
        ("a", {"previousId": "p"}, "alias"),
    ],
)
def test_short_paths_take_text_with_the_key_in_it(
    server: LiveServer, short: str, members: dict[str, Any], kind: str
) -> None:
    found = str(uuid4())
    body = {"userId": f"user-{found}", "messageId": found, "writeKey": KEY, **members}
    answer = server.client.post(
        f"/v1/{short}",
        content=json.dumps(body),
        headers={"Content-Type": "text/plain", "Origin": SHOP},
    )
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert [fate["fate"] for fate in server.fates(found)] == ["stored"]
    assert server.sql(f"select type from messages where message_id = '{found}'") == [(kind,)]


@pytest.mark.parametrize("path", ["/v1/b", "/v1/batch", "/v1/import", "/beacon/v1/batch"])
def test_each_batch_path_takes_batches(server: LiveServer, path: str) -> None:
    first, one = message()
    second, other = message()
    answer = server.client.post(path, json={"batch": [one, other], "writeKey": KEY})
    assert (answer.status_code, answer.text) == (200, "OK")
    assert [f["fate"] for m in (first, second) for f in server.fates(m)] == ["stored"] * 2


def test_a_beacon_carries_its_key_in_the_query(server: LiveServer) -> None:
    found, item = message()
    answer = server.client.post(
        "/beacon/v1/batch",
        params={"writeKey": KEY},
        content=json.dumps({"batch": [item], "sentAt": "2026-01-01T00:00:00Z"}),
        headers={"Content-Type": "text/plain;charset=UTF-8", "Origin": SHOP},
    )
    assert (answer.status_code, answer.text) == (200, "OK")
    assert [fate["fate"] for fate in server.fates(found)] == ["stored"]


def test_a_retry_of_the_browser_counts_once(server: LiveServer) -> None:
    found, item = message()
    before = server.counters()
    for attempt in range(3):
        answer = server.client.post(
            "/v1/track",
            json=item,
            auth=(KEY, ""),
            headers={"rsa-retry-attempt": str(attempt), "x-retry-count": str(attempt)},
        )
        assert answer.status_code == 200
    after = server.counters()
    assert after["stored"] - before["stored"] == 1
    assert after["duplicate"] - before["duplicate"] == 2
    assert len(server.fates(found)) == 1


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]
)
def test_a_body_is_json_whatever_its_type_says(server: LiveServer, content_type: str) -> None:
    found, item = message()
    answer = server.client.post(
        "/v1/batch",
        content=gzip.compress(json.dumps({"batch": [item]}).encode()),
        auth=(KEY, ""),
        headers={"Content-Encoding": "gzip", "Content-Type": content_type},
    )
    assert answer.status_code == 200
    assert [fate["fate"] for fate in server.fates(found)] == ["stored"]
