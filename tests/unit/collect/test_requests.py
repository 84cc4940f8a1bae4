"""Whole bodies: a batch is judged item by item, and one bad item costs only itself (S1.5)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.collect.requests import RequestReader
from patron.collect.salvage import salvage
from patron.errors import InputError
from patron.spec.identifiers import DEFAULT_RULES
from patron.spec.incoming import Delivery

NOON = datetime(2026, 1, 1, 12)
READER = RequestReader(DEFAULT_RULES)


@dataclass(frozen=True)
class Source:
    source_id: int = 3
    brand: str = "main"
    kind: str = "web"
    channel: str = "web"


def item(number: int, **members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "E", "userId": "u", "messageId": f"m{number}", **members}


def batch(body: bytes) -> Delivery:
    return READER.batch(READER.decode_batch(body), Source(), NOON)


def test_items_keep_their_order_and_fate() -> None:
    items = [item(1), item(2, event=None), item(3), 5]
    delivery = batch(json.dumps({"batch": items}).encode())
    assert [m.message_id for m in delivery.messages] == ["m1", "m3"]
    assert [r.code for r in delivery.refusals] == ["missing", "wrong_type"]
    assert delivery.fates == [0, -1, 1, -2]
    assert delivery.accepted == 4


def test_items_without_a_context_take_the_batchs() -> None:
    shared = {"device": {"id": "d1"}}
    own = {"device": {"id": "d2"}}
    body = {"batch": [item(1), item(2, context=own)], "context": shared}
    first, second = batch(json.dumps(body).encode()).messages
    assert ("device_id", "d1") in first.identifiers
    assert ("device_id", "d2") in second.identifiers


def test_an_item_that_cannot_be_read_is_not_given_the_batchs_context() -> None:
    body = b'{"batch":[{"\xff":1},{"type":"track","event":"E","userId":"u"}],"context":{}}'
    delivery = batch(body)
    assert [r.code for r in delivery.refusals] == ["invalid_utf8"]
    assert len(delivery.messages) == 1


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"price":NaN}', "invalid_json"),
        (b'{"price":-Infinity}', "invalid_json"),
        (b'{"text":"\\ud83d"}', "invalid_utf8"),
        (b'{"text":"\xff\xfe"}', "invalid_utf8"),
        (b'{"a":01}', "invalid_json"),
        (b'{"a" 1}', "invalid_json"),
        (b'{"a":"\x01"}', "invalid_json"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "too_deep"),
        (b"[" * 9000 + b"]" * 9000, "too_deep"),
        (b"", "invalid_json"),
    ],
)
def test_an_item_that_is_not_json_costs_only_itself(bad: bytes, code: str) -> None:
    good = json.dumps(item(1)).encode()
    other = json.dumps(item(2, properties={"text": 'a "]}, \\'})).encode()
    delivery = batch(b'{"writeKey":"k", "batch": [' + b" , ".join([good, bad, other]) + b"]}")
    assert [m.message_id for m in delivery.messages] == ["m1", "m2"]
    assert [(r.code, r.body) for r in delivery.refusals] == [(code, bad)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'{"batch":5}',
        b'{"batch":[{}',
        b'{"batch":[{]}]}',
        b'{"batch":[{"a":"]}',
        b'{"batch":[NaN],"writeKey":5}',
        b'{"batch":[NaN]}}',
        b'{"batch":[NaN]} {}',
        b'{"batch":[NaN],"sentAt"}',
        b"\x1f\x8b",
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_batch_is_an_error(body: bytes) -> None:
    with pytest.raises(InputError):
        READER.decode_batch(body)


def test_a_batch_of_nothing_is_nothing() -> None:
    assert batch(b'{"batch":[]}').accepted == 0


def test_a_time_of_sending_that_is_none_is_an_error() -> None:
    with pytest.raises(InputError, match="sentAt"):
        batch(b'{"batch":[],"sentAt":"soon"}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=6), st.dictionaries(st.text(min_size=1), JSON, max_size=3))
def test_salvage_finds_the_items_that_were_put_in(items: list[Any], others: dict[str, Any]) -> None:
    for name in ("sentAt", "writeKey", "context", "batch"):
        others.pop(name, None)
    others = json.loads(json.dumps(others).replace("NaN", "0").replace("Infinity", "0"))
    texts = [json.dumps(each).encode() for each in items]
    body = json.dumps({**others, "batch": 0})[:-2].encode() + b"[" + b", ".join(texts) + b"]}"
    found = salvage(body)
    assert found is not None
    assert [bytes(raw) for raw in found.batch] == texts
