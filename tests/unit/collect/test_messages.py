"""What one item of the protocol becomes: a message, or a refusal that names the field (S1.4)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.collect.messages import MessageReader
from patron.spec.identifiers import DEFAULT_RULES
from patron.spec.incoming import Delivery, Message, Refusal

NOON = datetime(2026, 1, 1, 12)
READER = MessageReader(DEFAULT_RULES)


def read(item: dict[str, Any] | bytes, **options: Any) -> Delivery:
    sent_at = options.pop("sent_at", None)
    delivery = Delivery(source_id=1, brand="main", received_at=NOON, sent_at=sent_at)
    raw = item if isinstance(item, bytes) else json.dumps(item).encode()
    READER.read(delivery, raw, **options)
    assert len(delivery.fates) == 1
    return delivery


def accepted(item: dict[str, Any] | bytes, **options: Any) -> Message:
    delivery = read(item, **options)
    assert delivery.refusals == []
    return delivery.messages[0]


def refused(item: dict[str, Any] | bytes, **options: Any) -> Refusal:
    delivery = read(item, **options)
    assert delivery.messages == []
    return delivery.refusals[0]


def track(**members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "m1", **members}


def bought(**properties: Any) -> dict[str, Any]:
    return track(event="Order Completed", properties=properties)


def test_a_message_keeps_its_body_as_received() -> None:
    raw = b'{ "type":"track" , "event":"Signed Up","userId":"u1","unheard":{"of":[1]} }'
    assert accepted(raw).body == raw.decode()


@pytest.mark.parametrize(
    ("kind", "members", "name"),
    [
        ("page", {"name": "Home"}, "Page Viewed"),
        ("screen", {"name": "Home"}, "Screen Viewed"),
        ("group", {"groupId": "g1"}, "Group Joined"),
        ("alias", {"previousId": "old"}, "Identity Aliased"),
    ],
)
def test_each_call_that_is_no_track_has_an_event_name(
    kind: str, members: dict[str, Any], name: str
) -> None:
    assert accepted({"type": kind, "userId": "u1", **members}).name == name


def test_an_identify_has_traits_and_no_event() -> None:
    message = accepted({"type": "identify", "userId": "u1", "traits": {"plan": "gold"}})
    assert message.name is None
    assert message.traits == '{"plan":"gold"}'


@pytest.mark.parametrize("own", [{}, {"traits": None}, {"traits": {}}])
def test_an_identify_may_carry_its_traits_in_the_context(own: dict[str, Any]) -> None:
    item = {"type": "identify", "userId": "u1", "context": {"traits": {"plan": "gold"}}, **own}
    assert accepted(item).traits == '{"plan":"gold"}'


def test_traits_of_its_own_win_over_those_of_the_context() -> None:
    item = {
        "type": "identify",
        "userId": "u1",
        "traits": {"plan": "gold"},
        "context": {"traits": {"plan": "iron"}},
    }
    assert accepted(item).traits == '{"plan":"gold"}'


def test_of_a_trait_named_twice_the_last_value_stands() -> None:
    raw = b'{"type":"identify","userId":"u1","traits":{"a":1,"b":2,"a":3}}'
    assert json.loads(accepted(raw).traits or "") == {"a": 3, "b": 2}


def test_pages_carry_their_name_and_category_as_properties() -> None:
    message = accepted(
        {"type": "page", "userId": "u1", "name": "Home", "category": "Shop", "properties": {"n": 1}}
    )
    assert json.loads(message.properties or "") == {"n": 1, "name": "Home", "category": "Shop"}


def test_groups_carry_their_id_and_traits_as_properties_and_identify_nobody_by_them() -> None:
    message = accepted(
        {"type": "group", "userId": "u1", "groupId": "g", "traits": {"email": "info@shop.example"}}
    )
    assert json.loads(message.properties or "") == {
        "group_id": "g",
        "traits": {"email": "info@shop.example"},
    }
    assert message.identifiers == [("user_id", "u1")]


def test_the_path_of_the_request_wins_over_the_type_in_the_body() -> None:
    message = accepted({"type": "track", "userId": "u1"}, type_hint="page")
    assert message.type == "page"


def test_identifiers_are_found_wherever_the_rules_say() -> None:
    message = accepted(
        track(
            anonymousId="a1",
            properties={"email": "p@shop.example"},
            context={
                "traits": {"phone": "+49 30 1234567"},
                "device": {"id": "D1", "advertisingId": "AD1"},
                "externalIds": [
                    {"type": "loyalty_card", "id": "L1"},
                    {"type": "shoe_size", "id": "42"},
                ],
            },
        )
    )
    assert sorted(message.identifiers) == [
        ("advertising_id", "AD1"),
        ("anonymous_id", "a1"),
        ("device_id", "D1"),
        ("email", "p@shop.example"),
        ("loyalty_card", "L1"),
        ("phone", "+49 30 1234567"),
        ("user_id", "u1"),
    ]


def test_whole_numbers_identify_and_other_values_do_not() -> None:
    message = accepted(track(userId=17, traits={"email": True, "phone": 4.5}))
    assert message.identifiers == [("user_id", "17")]


def test_the_channel_is_the_messages_own_else_the_contexts_else_the_sources() -> None:
    assert accepted(track(channel="app")).channel == "app"
    assert accepted(track(context={"channel": "mail"})).channel == "mail"
    assert accepted(track(), default_channel="store").channel == "store"


# When it happened (S1.6)


def test_without_a_time_it_happened_when_it_came() -> None:
    assert accepted(track()).occurred_at == NOON


def test_a_wrong_clock_of_the_client_is_corrected() -> None:
    item = track(originalTimestamp="2031-05-05T10:00:00Z", sentAt="2031-05-05T10:00:30Z")
    assert accepted(item).occurred_at == NOON - timedelta(seconds=30)


def test_the_batchs_time_of_sending_counts_for_items_without_their_own() -> None:
    item = track(timestamp="2026-01-01T13:00:00+02:00")
    sent_at = datetime(2026, 1, 1, 11, 0, 5)
    assert accepted(item, sent_at=sent_at).occurred_at == NOON - timedelta(seconds=5)


def test_a_time_that_the_user_gave_wins_over_that_of_the_call() -> None:
    item = track(timestamp="2020-01-01T00:00:00Z", originalTimestamp="2026-01-01T11:59:59Z")
    assert accepted(item).occurred_at == datetime(2020, 1, 1)


def test_without_a_time_of_sending_the_clients_clock_is_believed() -> None:
    item = track(timestamp="2020-02-29T23:59:59.123456Z")
    assert accepted(item).occurred_at == datetime(2020, 2, 29, 23, 59, 59, 123456)


def test_the_future_is_taken() -> None:
    assert accepted(track(timestamp="2030-01-01T00:00:00Z")).occurred_at.year == 2030


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("9999-12-31T23:59:59Z", "time_out_of_range"),
        ("9999-12-31T23:59:59-05:00", "invalid_time"),
        ("1899-12-31T23:59:59Z", "time_out_of_range"),
        ("0001-01-01T00:00:00Z", "time_out_of_range"),
        ("yesterday", "invalid_time"),
        ("2026-02-30T00:00:00Z", "invalid_time"),
        ("", "invalid_time"),
    ],
)
def test_times_that_cannot_be_are_refused(time: str, code: str) -> None:
    found = refused(track(timestamp=time))
    assert (found.code, found.field) == (code, "timestamp")


# Message ids


def test_a_message_without_id_but_with_a_time_is_known_again_when_it_is_sent_again() -> None:
    item = {k: v for k, v in track(timestamp="2026-01-01T00:00:00Z").items() if k != "messageId"}
    first, second = accepted(item), accepted(item)
    assert first.message_id == second.message_id
    assert accepted({**item, "event": "Other"}).message_id != first.message_id


def test_two_equal_messages_without_id_and_time_are_two() -> None:
    item = {k: v for k, v in track().items() if k != "messageId"}
    assert accepted(item).message_id != accepted(item).message_id


def test_numeric_message_ids_are_taken_as_text() -> None:
    assert accepted(track(messageId=12)).message_id == "12"


# Commerce


def test_amounts_are_decimals_of_six_places_rounded_half_to_even() -> None:
    raw = json.dumps(bought(order_id=7, currency="EUR", total="@")).replace('"@"', "10.0000005")
    commerce = accepted(raw.encode()).commerce
    assert commerce is not None
    assert (commerce.order_id, commerce.currency) == ("7", "EUR")
    assert commerce.total == Decimal("10.000000")


def test_products_become_lines() -> None:
    product = {"product_id": 1, "sku": "s", "color": "red", "price": 2.5, "quantity": 3, "extra": 1}
    commerce = accepted(bought(products=[product])).commerce
    assert commerce is not None
    assert commerce.lines is not None
    (line,) = commerce.lines
    assert (line["product_id"], line["colour"]) == ("1", "red")
    assert (line["price"], line["quantity"]) == (Decimal("2.5"), Decimal(3))
    assert json.loads(line["properties"]) == product


def test_an_event_about_one_product_has_one_line() -> None:
    commerce = accepted(
        track(event="Product Viewed", properties={"product_id": "p", "price": 1})
    ).commerce
    assert commerce is not None
    assert [line["product_id"] for line in commerce.lines or []] == ["p"]


@pytest.mark.parametrize(
    ("properties", "line"),
    [({"sku": 7}, (None, "7")), ({"product_id": "p", "sku": "k"}, ("p", "k"))],
)
def test_a_product_is_named_by_its_sku_too(properties: Any, line: Any) -> None:
    commerce = accepted(track(event="Product Returned", properties=properties)).commerce
    assert commerce is not None
    assert [(one["product_id"], one["sku"]) for one in commerce.lines or []] == [line]


def test_an_event_that_names_no_product_has_no_line() -> None:
    for properties in ({"price": 1}, {"sku": None, "price": 1}):
        commerce = accepted(track(event="Product Viewed", properties=properties)).commerce
        assert commerce is None or commerce.lines is None
    other = accepted(track(event="Quiz Taken", properties={"sku": ["k"], "total": 2})).commerce
    assert other is not None
    assert (other.total, other.lines) == (2, None)


def test_outside_the_vocabulary_a_field_may_hold_anything() -> None:
    message = accepted(
        track(properties={"total": "many", "products": "all", "email": "a@b.example"})
    )
    assert message.commerce is None
    assert ("email", "a@b.example") in message.identifiers


# Refusals: the code, the field, and the bytes as received


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        (track(type="rename"), "unknown_type", "type"),
        ({"userId": "u1", "event": "E"}, "unknown_type", "type"),
        (track(event=None), "missing", "event"),
        (track(event="  "), "missing", "event"),
        (track(event=5), "wrong_type", "event"),
        (track(event="x" * 501), "too_long", "event"),
        ({"type": "group", "userId": "u1"}, "missing", "groupId"),
        ({"type": "alias", "userId": "u1"}, "missing", "previousId"),
        (track(userId=None), "no_identity", "userId"),
        (track(userId=""), "no_identity", "userId"),
        (track(userId={"id": 1}), "wrong_type", "userId"),
        (track(messageId="x" * 101), "too_long", "messageId"),
        (track(messageId=True), "wrong_type", "messageId"),
        (track(properties=[]), "wrong_type", "properties"),
        (track(properties="none"), "wrong_type", "properties"),
        ({"type": "identify", "userId": "u", "traits": 5}, "wrong_type", "traits"),
        ({"type": "identify", "userId": "u", "context": {"traits": 5}}, "wrong_type",
         "context.traits"),
        (track(context="web"), "wrong_type", "context"),
        (track(context={"device": 5}), "wrong_type", "context.device"),
        (track(sentAt="late", timestamp="2026-01-01T00:00:00Z"), "invalid_time", "sentAt"),
        (bought(revenue="much"), "wrong_type", "properties.revenue"),
        (bought(total=True), "wrong_type", "properties.total"),
        (bought(total="NaN"), "not_a_number", "properties.total"),
        (bought(tax=10**12), "out_of_range", "properties.tax"),
        (bought(products={}), "wrong_type", "properties.products"),
        (bought(products=[{}, {"price": []}]), "wrong_type", "properties.products[1].price"),
        (bought(products=[{}, 5]), "wrong_type", "properties.products[1]"),
        (bought(products=[{"price": -(10**12)}]), "out_of_range", "properties.products[0].price"),
        (b'{"type":"track","userId":"u1","event":"E"', "invalid_json", None),
        (b'{"type":"track","userId":"u","event":"E","properties":{"x":NaN}}', "invalid_json", None),
        (b"[]", "wrong_type", "message"),
        (b'"track"', "wrong_type", "message"),
        (b"", "invalid_json", None),
        (b'{"type":"track","userId":"u1","event":"\xff"}', "invalid_utf8", None),
        (b'{"type":"track","userId":"u1","event":"\\ud800"}', "invalid_utf8", None),
        (b'{"type":"track","userId":"u1","event":"E","properties":' + b'{"a":' * 80 + b"1"
         + b"}" * 81, "too_deep", None),
        (track(properties={"text": "x" * 33_000}), "too_large", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_field_and_kept(
    item: dict[str, Any] | bytes, code: str, field: str | None
) -> None:
    found = refused(item)
    assert (found.code, found.field) == (code, field)
    assert field is None or found.reason.startswith(f"{field}: ")
    assert found.reason.endswith(".")
    assert found.body == (item if isinstance(item, bytes) else json.dumps(item).encode())


def test_a_refusal_knows_the_message_id_where_it_can_be_read() -> None:
    assert refused(track(event=None)).message_id == "m1"
    assert refused(b'{"messageId":"m1"').message_id is None


def test_a_number_in_a_commerce_field_that_no_decimal_holds_is_refused() -> None:
    for number in (b"1e400", b"1e99999999999999999999", b"9" * 5000):
        raw = b'{"type":"track","event":"Order Completed","userId":"u","properties":{"total":%s}}'
        assert refused(raw % number).field == "properties.total"


def test_brackets_inside_text_are_no_depth() -> None:
    assert accepted(track(properties={"text": "[{" * 200 + '"'})).type == "track"
