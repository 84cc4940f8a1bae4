"""Bad input over HTTP: a clear error or a quarantine row, and nothing else is lost (S1.4, S1.5).

One test per kind. Whatever a bad item of a batch is, its neighbours are stored; and at every moment
accepted = stored + duplicate + quarantined.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from integration.harness import KEY, OTHER_KEY, LiveServer
from patron.spec.identifiers import DEFAULT_RULES

AUTH = (KEY, "")


def track(**members: Any) -> dict[str, Any]:
    """A good call with an id of its own, changed by the members."""
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": "u",
        "messageId": str(uuid4()),
        "properties": {},
        **members,
    }


def encoded(item: dict[str, Any]) -> bytes:
    return json.dumps(item).encode()


def result(stored: int = 0, duplicate: int = 0, quarantined: int = 0) -> str:
    return f"stored={stored}, duplicate={duplicate}, quarantined={quarantined}"


@pytest.fixture(autouse=True)
def counted(server: LiveServer) -> Iterator[None]:
    """Checks after each test that the counters add up and agree with the tables."""
    yield
    counters = server.counters()
    ((stored,),) = server.sql(
        "select count(*) from messages join data_sources using (source_id) where name = 'web'"
    )
    ((waiting,),) = server.sql(
        "select count(*) from quarantine join data_sources using (source_id) where name = 'web'"
    )
    assert (counters["stored"], counters["quarantined"]) == (stored, waiting)


# Items. %ID% becomes a message id of the test's own.

TRACK = '{"type":"track","event":"Order Completed","userId":"u","messageId":"%ID%"'
IN_PROPERTIES = TRACK + ',"properties":{"x":@}}'
TOTAL = TRACK + ',"properties":{"total":@}}'
TIMED = TRACK + ',"timestamp":"@"}'

BAD_ITEMS: dict[str, tuple[str | bytes, str, str | None, str]] = {
    "a number as event": (
        '{"type":"track","event":5,"userId":"u","messageId":"%ID%"}',
        "wrong_type", "event", "event: expected text, got a number.",
    ),
    "an object as user id": (
        '{"type":"track","event":"E","userId":{"id":1},"messageId":"%ID%"}',
        "wrong_type", "userId", "userId: expected text, got an object.",
    ),
    "a list as properties": (
        TRACK + ',"properties":[]}',
        "wrong_type", "properties", "properties: expected an object.",
    ),
    "text as traits": (
        '{"type":"identify","userId":"u","messageId":"%ID%","traits":"gold"}',
        "wrong_type", "traits", "traits: expected an object.",
    ),
    "text as context": (
        TRACK + ',"context":"web"}',
        "wrong_type", "context", "context: expected an object, got text.",
    ),
    "text as amount": (
        TOTAL.replace("@", '"much"'),
        "wrong_type", "properties.total",
        "properties.total: expected a number such as 12.5, got other text.",
    ),
    "a list as the price of a product": (
        TRACK + ',"properties":{"products":[{"price":1},{"price":[]}]}}',
        "wrong_type", "properties.products[1].price",
        "properties.products[1].price: expected a number, got a list.",
    ),
    "no object at all": (
        '"%ID%"', "wrong_type", "message", "message: expected an object, got text.",
    ),
    "no type": (
        '{"event":"E","userId":"u","messageId":"%ID%"}',
        "unknown_type", "type",
        "type: expected one of alias, group, identify, page, screen, track, got nothing.",
    ),
    "an unknown type": (
        '{"type":"rename","userId":"u","messageId":"%ID%"}',
        "unknown_type", "type",
        'type: expected one of alias, group, identify, page, screen, track, got "rename".',
    ),
    "no event": (
        '{"type":"track","userId":"u","messageId":"%ID%"}',
        "missing", "event", "event: expected the name of what happened.",
    ),
    "no group id": (
        '{"type":"group","userId":"u","messageId":"%ID%"}',
        "missing", "groupId", "groupId: expected the id of the group.",
    ),
    "no previous id": (
        '{"type":"alias","userId":"u","messageId":"%ID%"}',
        "missing", "previousId", "previousId: expected the former id.",
    ),
    "nobody": (
        '{"type":"track","event":"E","messageId":"%ID%"}',
        "no_identity", "userId",
        "userId: expected userId, anonymousId or another identifier; the message has none.",
    ),
    "an id that is too long": (
        '{"type":"track","event":"E","userId":"u","messageId":"%ID%' + "x" * 100 + '"}',
        "too_long", "messageId", "messageId: expected at most 100 characters, got 136.",
    ),
    "an event that is too long": (
        '{"type":"track","event":"' + "x" * 501 + '","userId":"u","messageId":"%ID%"}',
        "too_long", "event", "event: expected at most 500 characters, got 501.",
    ),
    "an oversize item": (
        IN_PROPERTIES.replace("@", '"' + "x" * 33_000 + '"'),
        "too_large", None, "The message has 33,128 bytes; at most 32,768 are taken.",
    ),
    "a year of 9999": (
        TIMED.replace("@", "9999-12-31T23:59:59Z"),
        "time_out_of_range", "timestamp", "timestamp: expected a time from 1900 to 2199.",
    ),
    "a year of 1899": (
        TIMED.replace("@", "1899-12-31T23:59:59Z"),
        "time_out_of_range", "timestamp", "timestamp: expected a time from 1900 to 2199.",
    ),
    "no time": (
        TIMED.replace("@", "yesterday"),
        "invalid_time", "timestamp",
        "timestamp: expected an ISO 8601 time such as 2026-01-31T12:00:00Z.",
    ),
    "NaN": (IN_PROPERTIES.replace("@", "NaN"), "invalid_json", None, "invalid character"),
    "Infinity": (IN_PROPERTIES.replace("@", "-Infinity"), "invalid_json", None, "invalid"),
    "NaN as text": (
        TOTAL.replace("@", '"NaN"'),
        "not_a_number", "properties.total", "properties.total: expected a number.",
    ),
    "1e400 as amount": (
        TOTAL.replace("@", "1e400"),
        "out_of_range", "properties.total",
        "properties.total: expected a number below 1,000,000,000,000.",
    ),
    "a huge whole number as amount": (
        TOTAL.replace("@", "9" * 400),
        "out_of_range", "properties.total",
        "properties.total: expected a number below 1,000,000,000,000.",
    ),
    "a huge whole number as user id": (
        '{"type":"track","event":"E","userId":' + "9" * 5000 + ',"messageId":"%ID%"}',
        "wrong_type", "userId", "userId: integer value out of range.",
    ),
    "deep nesting": (
        IN_PROPERTIES.replace("@", "[" * 70 + "]" * 70),
        "too_deep", None, "The message is nested deeper than 64 levels.",
    ),
    "very deep nesting": (
        IN_PROPERTIES.replace("@", "[" * 15_000 + "]" * 15_000),
        "too_deep", None, "The message is nested deeper than 64 levels.",
    ),
    "invalid UTF-8": (
        IN_PROPERTIES.replace("@", '"!"').encode().replace(b"!", b"\xff\xfe"),
        "invalid_utf8", None, "The message is not UTF-8 (byte ",
    ),
    "half of a surrogate pair": (
        IN_PROPERTIES.replace("@", '"\\ud83d"'),
        "invalid_utf8", None, "The message holds half of a surrogate pair (\\ud800 to \\udfff).",
    ),
    "broken JSON": (TRACK + ',"properties":{"a" 1}}', "invalid_json", None, "JSON is malformed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_ITEMS)
def test_a_bad_item_is_quarantined_and_its_neighbours_are_stored(
    server: LiveServer, kind: str
) -> None:
    item, code, field, reason = BAD_ITEMS[kind]
    found = str(uuid4())
    bad = (item.encode() if isinstance(item, str) else item).replace(b"%ID%", found.encode())
    first, last = track(), track()
    body = b'{"batch":[' + b",".join([encoded(first), bad, encoded(last)]) + b"]}"

    before = server.counters()
    answer = server.client.post("/v1/batch", content=body, auth=AUTH)

    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["patron-result"] == result(stored=2, quarantined=1)
    for good in (first, last):
        assert [f["fate"] for f in server.fates(good["messageId"])] == ["stored"]
    row = server.quarantined()[0]
    assert (row["source"], row["origin"], row["code"], row["field"]) == ("web", "http", code, field)
    assert row["reason"].startswith(reason) or reason in row["reason"]
    assert row["body"] == bad.decode(errors="replace")
    after = server.counters()
    assert after["quarantined"] - before["quarantined"] == 1
    assert after["stored"] - before["stored"] == 2

    # Sent again, nothing is kept twice, and it still adds up.
    again = server.client.post("/v1/batch", content=body, auth=AUTH)
    assert again.headers["patron-result"] == result(duplicate=3)
    assert server.quarantined()[0]["quarantine_id"] == row["quarantine_id"]


@pytest.mark.parametrize("kind", ["a number as event", "nobody", "deep nesting", "a year of 9999"])
def test_a_bad_single_message_is_quarantined_and_can_be_asked_for(
    server: LiveServer, kind: str
) -> None:
    item, code, field, _ = BAD_ITEMS[kind]
    assert isinstance(item, str)
    found = str(uuid4())
    body = item.replace("%ID%", found)
    answer = server.client.post("/v1/track", content=body, auth=AUTH)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["patron-result"] == result(quarantined=1)
    (fate,) = server.fates(found)
    assert (fate["fate"], fate["code"], fate["field"]) == ("quarantined", code, field)
    assert fate["reason"].endswith(".")
    assert fate["position"] is None


# Odd, and yet good

ODD_ITEMS: dict[str, tuple[str, Any]] = {
    "unknown fields": (TRACK + ',"unheard":{"of":[1,{}]},"properties":{"x":{"y":1}}}', {"y": 1}),
    "the future": (TRACK + ',"timestamp":"2150-01-01T00:00:00Z","properties":{"x":1}}', 1),
    "NUL characters": (IN_PROPERTIES.replace("@", '"a\\u0000b"'), "a\0b"),
    "both halves of a surrogate pair": (IN_PROPERTIES.replace("@", '"\\ud83d\\ude00"'), "😀"),
    "a backslash before ud800": (IN_PROPERTIES.replace("@", '"\\\\ud800"'), "\\ud800"),
    "names that differ only in case": (TRACK + ',"properties":{"X":1,"x":2}}', 2),
    "names inside that differ only in case": (IN_PROPERTIES.replace("@", '{"a":1,"A":2}'),
                                              {"a": 1, "A": 2}),
    "1e400": (IN_PROPERTIES.replace("@", "1e400"), None),
    "a whole number of 400 digits": (IN_PROPERTIES.replace("@", "9" * 400), None),
    "a name twice": (TRACK + ',"properties":{"x":1,"x":2}}', 2),
    "an empty name": (TRACK + ',"properties":{"":1,"x":2}}', 2),
    "a name with a dot and a quote": (TRACK + ',"properties":{"a.b\\"\'":1,"x":2}}', 2),
    "null": (IN_PROPERTIES.replace("@", "null"), None),
    "SQL": (IN_PROPERTIES.replace("@", "\"'; drop table messages; --\""),
            "'; drop table messages; --"),
    "the largest and smallest": (IN_PROPERTIES.replace("@", "[18446744073709551615,-1]"),
                                 [18446744073709551615, -1]),
    "64 levels": (IN_PROPERTIES.replace("@", "[" * 62 + "]" * 62), None),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD_ITEMS)
def test_an_odd_item_is_stored_as_it_was_sent(server: LiveServer, kind: str) -> None:
    item, expected = ODD_ITEMS[kind]
    found = str(uuid4())
    body = item.replace("%ID%", found).replace('"userId":"u"', f'"userId":"{found}"')
    answer = server.client.post("/v1/batch", content='{"batch":[' + body + "]}", auth=AUTH)
    assert answer.headers["patron-result"] == result(stored=1)
    (fate,) = server.fates(found)
    assert fate["fate"] == "stored"
    position = fate["position"]
    assert server.sql(f"select body from messages where position = {position}") == [(body,)]
    ((stored,),) = server.sql(
        f"select properties::json::varchar from customer_events where position = {position}"
    )
    if expected is not None:
        assert json.loads(stored)["x"] == expected
    timeline = server.get(f"profiles/user_id:{found}/timeline", as_of="2199-01-01T00:00:00Z")
    assert [event["name"] for event in timeline["data"]] == ["Order Completed"]


def test_odd_traits_are_shown_on_the_profile(server: LiveServer) -> None:
    user = str(uuid4())
    traits = (
        '{"a":{"b":1,"B":2},"c":1,"C":2,"huge":1e400,"nul":"\\u0000","":"nameless","d":1,"d":2}'
    )
    body = f'{{"userId":"{user}","messageId":"{user}","traits":{traits}}}'
    answer = server.client.post("/v1/identify", content=body, auth=AUTH)
    assert answer.headers["patron-result"] == result(stored=1)
    shown = server.get(f"profiles/user_id:{user}")["traits"]
    values = {name: trait["value"] for name, trait in shown.items()}
    assert sorted(values) == ["", "C", "a", "c", "d", "huge", "nul"]
    assert (values["a"], values["c"], values["C"]) == ({"b": 1, "B": 2}, 1, 2)
    assert (values["nul"], values[""], values["d"]) == ("\0", "nameless", 2)


def test_a_message_without_id_is_stored_under_one_of_its_own(server: LiveServer) -> None:
    user = str(uuid4())
    item = {"type": "track", "event": "E", "userId": user}
    for _ in range(2):
        assert server.client.post("/v1/track", json=item, auth=AUTH).status_code == 200
    item["timestamp"] = "2026-01-01T00:00:00Z"
    for _ in range(2):
        assert server.client.post("/v1/track", json=item, auth=AUTH).status_code == 200
    found = server.sql(f"select message_id from messages where body like '%{user}%'")
    assert len(found) == len(set(found)) == 3


def test_a_message_id_of_another_source_is_another_message(server: LiveServer) -> None:
    item = track()
    for key in (KEY, OTHER_KEY, KEY):
        assert server.client.post("/v1/track", json=item, auth=(key, "")).status_code == 200
    for source in ("web", "stores"):
        assert len(server.fates(item["messageId"], source)) == 1


# Bodies

BOMB = gzip.compress(b'{"batch":[],"x":"' + b"0" * 64_000_000 + b'"}', 9)
WHOLE = gzip.compress(b'{"batch":[]}')
TOO_LARGE = b'{"batch":[],"x":"' + b"0" * (4 * 1024 * 1024) + b'"}'

BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int, str, str]] = {
    "an empty body": (b"", {}, 400, "invalid_input", "The body is not JSON: "),
    "bad JSON": (b'{"batch":[', {}, 400, "invalid_input", "The body is not JSON: "),
    "brackets that do not match": (
        b'{"batch":[{]}]}', {}, 400, "invalid_input", "The body is not JSON: ",
    ),
    "a list": (b"[]", {}, 400, "invalid_input", "The body is not what the protocol sends: "),
    "no batch": (b"{}", {}, 400, "invalid_input", "batch"),
    "a batch that is no list": (b'{"batch":{}}', {}, 400, "invalid_input", "$.batch"),
    "a key that is no text": (
        b'{"batch":[],"writeKey":5}', {}, 400, "invalid_input", "$.writeKey",
    ),
    "a time of sending that is none": (
        b'{"batch":[],"sentAt":"soon"}', {}, 400, "invalid_input", "sentAt: expected an ISO 8601",
    ),
    "invalid UTF-8": (b'{"batch":[],"sentAt":"\xff"}', {}, 400, "invalid_input", "not JSON"),
    "deep nesting around the batch": (
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"batch":[]}', {},
        400, "invalid_input", "The body is not JSON: ",
    ),
    "an oversize body": (
        TOO_LARGE, {}, 413, "too_large", "The body is larger than 4,194,304 bytes.",
    ),
    "bad gzip": (
        b'{"batch":[]}', {"Content-Encoding": "gzip"},
        400, "invalid_input", "The body is not valid gzip.",
    ),
    "truncated gzip": (
        WHOLE[:-6], {"Content-Encoding": "gzip"},
        400, "invalid_input", "The body is not valid gzip: its end is missing.",
    ),
    "damaged gzip": (
        WHOLE[:-8] + b"\0" * 8, {"Content-Encoding": "gzip"},
        400, "invalid_input", "The body is not valid gzip.",
    ),
    "a zip bomb": (
        BOMB, {"Content-Encoding": "gzip"},
        413, "too_large", "The body unpacks to more than 4,194,304 bytes.",
    ),
    "a bomb in deflate": (
        zlib.compress(b"0" * 64_000_000, 9), {"Content-Encoding": "deflate"},
        413, "too_large", "The body unpacks to more than 4,194,304 bytes.",
    ),
    "an unknown encoding": (
        b"x", {"Content-Encoding": "br"},
        400, "invalid_input", "Content-Encoding: expected gzip, deflate or none, got br.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_bad_body_is_answered_with_what_is_wrong(server: LiveServer, kind: str) -> None:
    body, headers, status, code, message = BAD_BODIES[kind]
    before = server.counters()
    answer = server.client.post("/v1/batch", content=body, auth=AUTH, headers=headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}
    assert answer.json()["code"] == code
    assert message in answer.json()["message"]
    assert server.counters() == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"userId":NaN}', b"null"])
def test_a_bad_single_body_is_answered_with_what_is_wrong(server: LiveServer, body: bytes) -> None:
    answer = server.client.post("/v1/track", content=body, auth=AUTH)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("The body is not ")


def test_an_empty_batch_is_stored_as_nothing(server: LiveServer) -> None:
    answer = server.client.post("/v1/batch", json={"batch": []}, auth=AUTH)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["patron-result"] == result()


def test_a_batch_of_only_bad_items_is_kept_in_quarantine(server: LiveServer) -> None:
    items = [track(event=None), track(userId=None)]
    answer = server.client.post("/v1/batch", json={"batch": items}, auth=AUTH)
    assert answer.headers["patron-result"] == result(quarantined=2)


def test_the_same_message_twice_in_a_batch_counts_once(server: LiveServer) -> None:
    item = track()
    answer = server.client.post("/v1/batch", json={"batch": [item, item, item]}, auth=AUTH)
    assert answer.headers["patron-result"] == result(stored=1, duplicate=2)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate", "identity"])
def test_every_known_encoding_is_unpacked(server: LiveServer, encoding: str) -> None:
    item = track()
    body = json.dumps({"batch": [item]}).encode()
    if "gzip" in encoding.lower():
        body = gzip.compress(body)
    elif encoding == "deflate":
        body = zlib.compress(body)
    answer = server.client.post(
        "/v1/batch", content=body, auth=AUTH, headers={"Content-Encoding": encoding}
    )
    assert answer.headers["patron-result"] == result(stored=1)


# Keys, methods, types


@pytest.mark.parametrize("place", ["basic", "bearer", "body", "query"])
def test_the_key_is_found_in_each_of_its_places(server: LiveServer, place: str) -> None:
    item = track()
    body: dict[str, Any] = {"batch": [item]}
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    headers = {"basic": {"Authorization": f"Basic {basic}"},
               "bearer": {"Authorization": f"Bearer {KEY}"}}.get(place, {})  # fmt: skip
    if place == "body":
        body["writeKey"] = KEY
    params = {"writeKey": KEY} if place == "query" else {}
    answer = server.client.post("/v1/batch", json=body, headers=headers, params=params)
    assert answer.headers["patron-result"] == result(stored=1)


NO_KEY = "The write key is missing."
WRONG_KEY = "No active source has this write key."


@pytest.mark.parametrize(
    ("headers", "params", "in_body", "message"),
    [
        ({}, {}, {}, NO_KEY),
        ({}, {}, {"writeKey": ""}, NO_KEY),
        ({}, {}, {"writeKey": None}, NO_KEY),
        ({}, {"writeKey": ""}, {}, NO_KEY),
        ({}, {"writeKey": "wrong"}, {}, WRONG_KEY),
        ({}, {}, {"writeKey": "wrong"}, WRONG_KEY),
        ({"Authorization": "Basic " + base64.b64encode(b"wrong:").decode()}, {}, {}, WRONG_KEY),
        ({"Authorization": "Bearer wrong"}, {}, {"writeKey": KEY}, WRONG_KEY),
        ({"Authorization": "Basic %%%"}, {}, {}, "Authorization: expected Basic with base64"),
        ({"Authorization": "Basic /w=="}, {}, {}, "Authorization: expected Basic with base64"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_a_missing_or_wrong_key_is_refused(
    server: LiveServer,
    path: str,
    headers: dict[str, str],
    params: dict[str, str],
    in_body: dict[str, Any],
    message: str,
) -> None:
    body = {**(track() if path == "/v1/track" else {"batch": [track()]}), **in_body}
    before = server.counters()
    answer = server.client.post(path, json=body, headers=headers, params=params)
    assert answer.status_code == 401
    assert answer.json()["code"] == "access_denied"
    assert answer.json()["message"].startswith(message)
    assert server.counters() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/batch", "/beacon/v1/batch"])
def test_another_method_is_refused(server: LiveServer, method: str, path: str) -> None:
    answer = server.client.request(method, path, auth=AUTH)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_an_unknown_path_is_not_found(server: LiveServer) -> None:
    assert server.client.post("/v1/rename", json=track(), auth=AUTH).status_code == 404


@pytest.mark.parametrize("content_type", ["text/html", "multipart/form-data; boundary=x", "x"])
def test_a_wrong_content_type_costs_nothing(server: LiveServer, content_type: str) -> None:
    answer = server.client.post(
        "/v1/track", content=encoded(track()), auth=AUTH, headers={"Content-Type": content_type}
    )
    assert answer.headers["patron-result"] == result(stored=1)


# What became of it


def test_what_became_of_a_message_is_answered_by_its_id(server: LiveServer) -> None:
    item = track()
    answer = server.client.post("/v1/track", json=item, auth=AUTH)
    (fate,) = server.fates(item["messageId"])
    assert fate["fate"] == "stored"
    assert fate["position"] == int(answer.headers["patron-position"])
    assert fate["profile_id"] >= 1
    assert server.fates(str(uuid4())) == []
    assert server.fates(item["messageId"], "stores") == []


def test_ones_own_writes_can_be_read_at_once(server: LiveServer) -> None:
    answer = server.client.post("/v1/track", json=track(), auth=AUTH)
    position = int(answer.headers["patron-position"])
    assert server.get("counters", min_position=position)["position"] >= position


def test_refusals_are_paged_newest_first(server: LiveServer) -> None:
    items = [track(event=None) for _ in range(5)]
    server.client.post("/v1/batch", json={"batch": items}, auth=AUTH)
    seen: list[str] = []
    page = server.get("quarantine", limit=2, code="missing", source="web")
    seen += [row["message_id"] for row in page["data"]]
    for _ in range(2):
        page = server.get("quarantine", limit=2, code="missing", source="web", cursor=page["next"])
        seen += [row["message_id"] for row in page["data"]]
    assert seen[:5] == [item["messageId"] for item in reversed(items)]


@pytest.mark.parametrize("cursor", ["x", "-1", "²", "9" * 40, ""])
def test_a_cursor_that_was_never_given_out_is_an_error(server: LiveServer, cursor: str) -> None:
    answer = server.client.get(
        "/api/v1/quarantine",
        params={"cursor": cursor},
        headers={"Authorization": f"Bearer {server.token}"},
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "cursor"


def test_quarantine_is_replayed_under_the_rules_of_today(tmp_path: Path) -> None:
    item = track(userId=None, properties={"member_no": "M-7", "total": 5})
    bad = track(event=None)
    types = [
        *msgspec.to_builtins(DEFAULT_RULES.types),
        {"name": "member_no", "fields": ["properties.member_no"]},
    ]
    rules = {"kind": "identity", "name": "identity", "body": {"types": types}}
    with LiveServer(tmp_path / "workspace") as server:
        answer = server.client.post("/v1/batch", json={"batch": [item, bad]}, auth=AUTH)
        assert answer.headers["patron-result"] == result(quarantined=2)
        waiting = [row["quarantine_id"] for row in server.quarantined()]

        server.ask("POST", "definitions/apply", json={"documents": [rules]})
        replayed = server.ask("POST", "quarantine/replay", json=waiting)

        assert (replayed["stored"], replayed["quarantined"]) == (1, 1)
        (fate,) = server.fates(item["messageId"])
        assert (fate["fate"], fate["position"]) == ("stored", 1)
        assert [f["fate"] for f in server.fates(bad["messageId"])] == ["quarantined"]
        assert server.sql("select total, properties.member_no::varchar from customer_events") == [
            ("5.000000", "M-7")
        ]
        server.counters()

        # What was replayed does not wait any more; what still stands does.
        missing = server.client.post(
            "/api/v1/quarantine/replay",
            json=waiting,
            headers={"Authorization": f"Bearer {server.token}"},
        )
        assert missing.status_code == 404
        again = server.client.post("/v1/track", json=item, auth=AUTH)
        assert again.headers["patron-result"] == result(duplicate=1)
