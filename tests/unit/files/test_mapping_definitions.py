"""Mappings as definitions: what is refused, at which path, and with what suggestion."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from patron.collect.files import read_mapping
from patron.errors import DefinitionError
from patron.spec.mapping import Expression, GeneratedId, Timestamp
from patron.spec.sources import read_source

GOOD: dict[str, Any] = {
    "kind": "mapping",
    "name": "receipts",
    "source": "tills",
    "file": "receipts*.csv",
    "csv": {"delimiter": ";"},
    "relations": {"product": {"file": "products.csv", "key": {"id": "product_id"}}},
    "group_by": ["receipt"],
    "message": {
        "event": "Order Completed",
        "message_id": "receipt-{receipt}",
        "timestamp": {"column": "at", "time_zone": "Europe/Warsaw"},
        "identifiers": {"loyalty_card": "card", "email": ["mail", {"column": "mail2"}]},
        "properties": {"revenue": {"sum": {"sql": "qty * price"}}, "currency": {"value": "PLN"}},
        "lines": {"product_id": "product_id", "name": "product.name"},
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good mapping with one field set; ``...`` removes it."""
    body = copy.deepcopy(GOOD)
    place = body
    *steps, last = path.split("/")
    for step in steps:
        place = place.setdefault(step, {})
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


def test_a_mapping_is_read_into_frozen_values() -> None:
    mapping = read_mapping(GOOD)
    assert mapping.message is not None
    assert mapping.message.type == "track"
    assert mapping.message.timestamp == Timestamp(column="at", time_zone="Europe/Warsaw")
    assert mapping.message.identifiers["email"] == ("mail", Expression(column="mail2"))
    with pytest.raises(AttributeError):
        mapping.name = "other"  # type: ignore[misc]


def test_a_mapping_written_out_and_read_again_is_the_same() -> None:
    mapping = read_mapping(GOOD)
    plain = msgspec.to_builtins(mapping)
    assert read_mapping(plain) == mapping
    assert "context" not in plain["message"]  # what was not said is not written


def test_defaults() -> None:
    mapping = read_mapping(
        {
            "name": "m", "source": "s", "file": "x.csv",
            "message": {"event": "E", "timestamp": "at", "identifiers": {"user_id": "u"}},
        }
    )  # fmt: skip
    assert mapping.message is not None
    assert mapping.message.message_id == GeneratedId()
    assert (mapping.csv.delimiter, mapping.csv.nulls, mapping.mode) == (",", ("",), "rows")


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        ("group-by", ["a"], "group-by", 'did you mean "group_by"?'),
        ("message/identifers", {}, "message.identifers", 'did you mean "identifiers"?'),
        ("csv/delimter", ",", "csv.delimter", 'did you mean "delimiter"?'),
        ("message/properties/x", {"colum": "a"}, "message.properties.x.colum", '"column"?'),
        ("relations/product/keys", {}, "relations.product.keys", 'did you mean "key"?'),
        ("source", ..., "source", "is missing"),
        ("message", ..., "message", "is missing"),
        ("message/timestamp", ..., "message.timestamp", "is missing"),
        ("message/identifiers", {}, "message.identifiers", "at least one"),
        ("name", "no spaces", "name", "expected letters"),
        ("name", 7, "name", "expected str"),
        ("group_by", "receipt", "group_by", "expected array"),
        ("format", "xlsx", "format", "xlsx"),
        ("columns", {"a": "integer"}, "columns.a", "integer"),
        ("csv/delimiter", ";;", "csv.delimiter", "one ASCII character"),
        ("csv/delimiter", '"', "csv.quote", "delimiter too"),
        ("csv/header", False, "csv.names", "header is false"),
        ("relations/a b", {"file": "x", "key": {"a": "b"}}, "relations.a b", "letters"),
        ("relations/product/key", {}, "relations.product.key", "their column and ours"),
        ("message/event", ..., "message.event", "names its event"),
        ("message/event", " ", "message.event", "names its event"),
        ("message/traits", {"a": "b"}, "message.traits", "type track has none"),
        ("message/type", "group", "message.type", "group"),
        ("message/timestamp", {"column": "a", "sql": "b"}, "message.timestamp", "exactly one"),
        ("message/timestamp", {}, "message.timestamp", "exactly one"),
        ("message/timestamp/time_zone", "Warsaw", "message.timestamp.time_zone", "no IANA"),
        ("message/timestamp/time_zone", "../etc", "message.timestamp.time_zone", "no IANA"),
        ("message/message_id", {"hash": ["a"]}, "message.message_id", "group_by"),
        ("message/properties/x", {}, "message.properties.x", "got none"),
        ("message/properties/x", {"sum": "a", "sql": "b"}, "message.properties.x", "sql and sum"),
        ("message/properties/x", {"value": None}, "message.properties.x.value", "is empty"),
        ("message/properties/x", {"sql": "a", "map": {}}, "message.properties.x.map", "a column"),
        ("message/properties/x", {"column": "a", "default": 1}, "message.properties.x.default",
         "a map"),
        ("message/properties/x", {"sum": {"max": "a"}}, "message.properties.x.sum.max",
         "needs group_by"),
        ("message/properties/Currency", "a", "message.properties.Currency", "only in case"),
        ("message/properties/", "a", "message.properties", "a name is empty"),
        ("message/properties/products", "a", "message.properties.products", "made from lines"),
        ("message/consent/Ads", {"sql": "{'a': 1}"}, "message.consent.Ads.sql", "not allowed"),
        ("message/consent/Ads", {}, "message.consent.Ads", "got none"),
        ("message", {**GOOD["message"], "consent": {"Ads": "a"}, "context": {"consent": "b"}},
         "message.context.consent", "made from consent"),
        ("message/lines/x", {"sum": "a"}, "message.lines.x.sum", "made from one row"),
        ("message/properties/x", {"sql": "read_text('/etc/passwd')"}, "message.properties.x.sql",
         "not allowed"),
        ("message/properties/revenue/sum/sql", "(select 1)",
         "message.properties.revenue.sum.sql", "not allowed"),
        ("message/lines/x", {"sql": "a b c"}, "message.lines.x.sql", "not a SQL expression"),
        ("where", "a >", "where", "not a SQL expression"),
        ("mode", "messages", "message", "no meaning"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_path(path: str, value: Any, field: str, said: str) -> None:
    with pytest.raises(DefinitionError) as error:
        read_mapping(changed(path, value))
    assert error.value.field == field
    assert said in error.value.message


@pytest.mark.parametrize("raw", [None, [], "text", 7, {1: 2}])
def test_what_is_no_mapping_at_all(raw: Any) -> None:
    with pytest.raises(DefinitionError):
        read_mapping(raw)


@pytest.mark.parametrize(
    ("path", "value"), [("event", "X"), ("properties", {"a": "b"}), ("lines", {"a": "b"})]
)
def test_identify_has_traits_and_nothing_of_events(path: str, value: Any) -> None:
    body = {
        "name": "m", "source": "s", "file": "x",
        "message": {"type": "identify", "timestamp": "at", "identifiers": {"user_id": "u"},
                    "traits": {"age": "age"}, path: value},
    }  # fmt: skip
    with pytest.raises(DefinitionError, match="has none"):
        read_mapping(body)


def test_sources() -> None:
    source = read_source({"name": "mailings", "type": "ads", "channel": "mail", "trust": 3})
    assert (source.default_channel, source.brand, source.trust) == ("mail", "main", 3)
    for wrong, field in [
        ({"name": "x", "type": "shop"}, "type"), ({"name": "x", "trust": 0}, "trust"),
        ({"name": "x", "brand": " "}, "brand"), ({"name": "a/b"}, "name"), ({}, "name"),
    ]:  # fmt: skip
        with pytest.raises(DefinitionError) as error:
            read_source(wrong)
        assert error.value.field == field
