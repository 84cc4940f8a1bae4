"""Files become messages: formats, values, relations, groups, ids (S2.9)."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from files_support import MESSAGE, RECEIVED, mapping, run
from patron.collect.consent import allowed
from patron.collect.files import read_mapping, read_messages
from patron.collect.messages import MessageReader
from patron.errors import DefinitionError, InputError
from patron.spec.identifiers import DEFAULT_RULES
from patron.spec.incoming import LINE, SCHEMA, Delivery
from patron.spec.keys import key_of, message_key_text

ROWS = [
    {"id": 1, "at": "2026-01-02T10:00:00Z", "card": "c1", "amount": 1.5, "note": 'say "hi", ok'},
    {"id": 2, "at": "2026-01-01T10:00:00+02:00", "card": "c2", "amount": 12, "note": None},
    {"id": 3, "at": "2026-01-03", "card": "c1", "amount": 0.1, "note": "żółw\nline"},
]


def write(folder: Path, form: str) -> Path:
    path = folder / f"visits.{form}"
    if form == "csv":
        import csv

        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["id", "at", "card", "amount", "note"])
            writer.writeheader()
            writer.writerows(ROWS)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def properties(row: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(row["properties"])
    return value


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_format_gives_the_same_messages(form: str, tmp_path: Path) -> None:
    path = write(tmp_path, form)
    definition = mapping(
        path.name,
        {"properties": {"amount": "amount", "note": "note", "kind": {"value": "walk-in"}}},
    )
    if form == "csv":
        definition["columns"] = {"amount": "number"}
    result = run(definition, tmp_path)
    assert result.ids == ["visit-2", "visit-1", "visit-3"]  # in the order of time
    assert [row["occurred_at"] for row in result.incoming] == [
        datetime(2026, 1, 1, 8), datetime(2026, 1, 2, 10), datetime(2026, 1, 3)
    ]  # fmt: skip
    two, one, three = result.incoming
    assert properties(one) == {"amount": 1.5, "note": 'say "hi", ok', "kind": "walk-in"}
    # What is missing is left out; the null of JSON was written on purpose and stays.
    missing = {"note": None} if form == "jsonl" else {}
    assert properties(two) == {"amount": 12, "kind": "walk-in", **missing}
    assert properties(three) == {"amount": 0.1, "note": "żółw\nline", "kind": "walk-in"}
    assert one["identifiers"] == [{"type": "loyalty_card", "value": "c1"}]
    assert (one["type"], one["name"], one["traits"]) == ("track", "Visited", None)
    assert (one["source_id"], one["brand"], one["channel"]) == (7, "shop", "store")
    assert one["received_at"] == RECEIVED
    assert (one["key_hi"], one["key_lo"]) == key_of(message_key_text(7, "visit-1"))


def test_incoming_has_the_columns_that_the_pipeline_expects(tmp_path: Path) -> None:
    from patron.collect.files import FileImport
    from patron.engines.duckdb import Database

    write(tmp_path, "csv")
    with Database() as database:
        cursor = database.cursor()
        job = FileImport(read_mapping(mapping("visits.csv")), tmp_path, source_id=1)
        job.prepare(cursor, RECEIVED)
        ((messages, _),) = job.chunks(cursor)
        found = messages.schema
        job.close(cursor)
    assert found.names == [*SCHEMA.names, "identifiers", "origin", "row_number"]
    for name in SCHEMA.names:
        if name != "lines":
            assert found.field(name).type == SCHEMA.field(name).type, name
    assert found.field("lines").type.value_type == LINE
    assert found.field("identifiers").type == pa.list_(
        pa.struct([("type", pa.string()), ("value", pa.string())])
    )


def test_the_body_read_as_a_message_gives_the_same_message(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "id,at,card,mail,order,total,sku\n"
        '1,2026-01-01T10:00:00Z,c1,a@example.com,o1,10.5,"x ""1"""\n'
        "2,2026-01-01T11:00:00Z,,b@example.com,o2,3,y\n"
    )
    definition = mapping(
        "orders.csv",
        {
            "event": "Order Completed",
            "identifiers": {"user_id": "card", "email": "mail"},
            "properties": {"order_id": "order", "total": "total", "currency": {"value": "EUR"}},
            "lines": {"sku": "sku", "quantity": {"value": 1}},
            "context": {"campaign": {"value": "spring"}},
        },
    )
    result = run(definition, tmp_path)
    reader = MessageReader(DEFAULT_RULES)
    delivery = Delivery(source_id=7, brand="shop", received_at=RECEIVED)
    for row in result.incoming:
        reader.read(delivery, row["body"].encode())
    assert delivery.refusals == []
    for row, message in zip(result.incoming, delivery.messages, strict=True):
        assert message.message_id == row["message_id"]
        assert message.occurred_at == row["occurred_at"]
        assert message.channel == row["channel"]
        assert message.properties == row["properties"]
        assert sorted(message.identifiers) == sorted(
            (i["type"], i["value"]) for i in row["identifiers"]
        )
        assert message.commerce is not None
        for name in ("order_id", "currency", "total", "revenue"):
            assert getattr(message.commerce, name) == row[name]
        assert message.commerce.lines == row["lines"]


def test_consent_stands_where_messages_have_it(tmp_path: Path) -> None:
    """S5.10"""
    (tmp_path / "visits.jsonl").write_text(
        '{"id": 1, "at": "2026-01-01T10:00:00Z", "card": "c1", "agreed": true, "mail": "yes"}\n'
        '{"id": 2, "at": "2026-01-01T11:00:00Z", "card": "c2", "agreed": "true"}\n'
        '{"id": 3, "at": "2026-01-01T12:00:00Z", "card": "c3"}\n'
    )
    consent = {"Ads & more": "agreed", "Mail": {"sql": "mail = 'yes'"}}
    result = run(mapping("visits.jsonl", {"consent": consent}), tmp_path)
    found = [json.loads(row["body"])["context"]["consent"] for row in result.incoming]
    assert [one["categoryPreferences"] for one in found] == [
        {"Ads & more": True, "Mail": True},
        {"Ads & more": "true"},
        {},
    ]
    assert [allowed(row["body"]) for row in result.incoming] == [
        {"Ads & more", "Mail"},
        set(),
        set(),
    ]


def test_identify_rows_carry_traits_and_no_event(tmp_path: Path) -> None:
    (tmp_path / "cards.csv").write_text("card,mail,kids\nc1,a@example.com,2\nc2,,0\n")
    definition = {
        "name": "cards", "source": "crm", "file": "cards.csv", "columns": {"kids": "number"},
        "message": {
            "type": "identify", "message_id": "card-{card}",
            "timestamp": {"value": "2026-01-01"},
            "identifiers": {"loyalty_card": "card", "email": "mail"},
            "traits": {
                "email": "mail", "kids": "kids",
                "family": {"column": "kids", "map": {"0": False}, "default": True},
            },
        },
    }  # fmt: skip
    first, second = run(definition, tmp_path).incoming
    assert (first["name"], first["properties"]) == (None, None)
    assert json.loads(first["traits"]) == {"email": "a@example.com", "kids": 2, "family": True}
    assert json.loads(second["traits"]) == {"kids": 0, "family": False}
    assert [i["type"] for i in first["identifiers"]] == ["loyalty_card", "email"]
    assert [i["type"] for i in second["identifiers"]] == ["loyalty_card"]


def relational(folder: Path) -> None:
    """Customers, cards, products, prices and receipts, each in a file of its own (S2.9)."""
    (folder / "customers.jsonl").write_text(
        '{"no": 10, "email": "ann@example.com"}\n{"no": 11, "email": "bo@example.com"}\n'
    )
    (folder / "cards.csv").write_text("card;customer\n0007;10\n0008;11\n0009;12\n")
    pq.write_table(
        pa.table({"product_id": [1, 2], "name": ["Tea", "Pot"], "department": ["Food", "Home"]}),
        folder / "products.parquet",
    )
    (folder / "prices.csv").write_text("product,store,price\n1,A,2.50\n2,A,19.99\n1,B,2.75\n")
    (folder / "receipts.csv").write_text(
        "receipt,store,card,product,qty,at\n"
        "r1,A,0007,1,2,2026-03-01 10:00:00\n"
        "r2,B,0008,1,1,2026-03-01 11:00:00\n"
        "r1,A,0007,2,1,2026-03-01 10:00:00\n"
        "r3,B,0099,3,1,2026-03-01 12:00:00\n"
    )


RECEIPTS: dict[str, Any] = {
    "name": "receipts", "source": "tills", "file": "receipts.csv",
    "columns": {"qty": "number"},
    "relations": {
        "card": {"file": "cards.csv", "key": {"card": "card"}, "csv": {"delimiter": ";"}},
        "customer": {"file": "customers.jsonl", "key": {"no": "card.customer"}},
        "product": {"file": "products.parquet", "key": {"product_id": "product"}},
        "price": {
            "file": "prices.csv", "key": {"product": "product", "store": "store"},
            "columns": {"price": "number"},
        },
    },
    "group_by": ["receipt"],
    "message": {
        "event": "Order Completed", "message_id": "receipt-{receipt}",
        "timestamp": {"column": "at", "time_zone": "Europe/Warsaw"},
        "identifiers": {"loyalty_card": "card", "email": "customer.email"},
        "properties": {
            "order_id": "receipt", "currency": {"value": "PLN"},
            "revenue": {"sum": {"sql": "qty * price.price"}},
            "products_count": {"count_distinct": "product"},
            "dearest": {"max": "price.price"}, "last_product": {"last": "product"},
        },
        "lines": {
            "product_id": "product", "name": "product.name", "department": "product.department",
            "price": "price.price", "quantity": "qty",
        },
    },
}  # fmt: skip


def test_relations_and_groups(tmp_path: Path) -> None:
    relational(tmp_path)
    r1, r2, r3 = run(RECEIPTS, tmp_path).incoming
    assert r1["occurred_at"] == datetime(2026, 3, 1, 9)
    assert [i["value"] for i in r1["identifiers"]] == ["0007", "ann@example.com"]
    assert (r1["order_id"], r1["revenue"]) == ("r1", Decimal("24.990000"))
    found = json.loads(r1["properties"])
    lines = found.pop("products")
    assert found == {"order_id": "r1", "currency": "PLN", "revenue": 24.99, "products_count": 2,
                     "dearest": 19.99, "last_product": "2"}  # fmt: skip
    assert lines == [
        {"product_id": "1", "name": "Tea", "department": "Food", "price": 2.5, "quantity": 2},
        {"product_id": "2", "name": "Pot", "department": "Home", "price": 19.99, "quantity": 1},
    ]
    assert [(x["product_name"], x["price"], x["quantity"]) for x in r1["lines"]] == [
        ("Tea", Decimal("2.500000"), Decimal("2.000000")),
        ("Pot", Decimal("19.990000"), Decimal("1.000000")),
    ]
    assert [json.loads(x["properties"]) for x in r1["lines"]] == lines
    assert r2["revenue"] == Decimal("2.750000")  # the price of its own store
    # What no relation knows is left out; the message stands all the same.
    assert [i["value"] for i in r3["identifiers"]] == ["0099"]
    assert r3["revenue"] is None
    assert [x["product_name"] for x in r3["lines"]] == [None]


def test_a_key_that_is_not_unique_is_an_error(tmp_path: Path) -> None:
    relational(tmp_path)
    with (tmp_path / "prices.csv").open("a") as file:
        file.write("1,A,3\n")
    with pytest.raises(InputError, match=r"prices\.csv: product 1, store A stands in 2 rows") as e:
        run(RECEIPTS, tmp_path)
    assert e.value.field == "relations.price.key"


def test_sums_are_exact_where_floats_are_not(tmp_path: Path) -> None:
    values = [0.1] * 10 + [1e11, 0.3, -1e11]
    pq.write_table(
        pa.table({"id": [1] * 13, "card": ["c"] * 13, "at": ["2026-01-01"] * 13, "x": values}),
        tmp_path / "rows.parquet",
    )
    definition = mapping("rows.parquet", {"properties": {"revenue": {"sum": "x"}}}, group_by=["id"])
    (row,) = run(definition, tmp_path).incoming
    assert sum(values) != 1.3
    assert row["revenue"] == Decimal("1.300000")
    assert properties(row) == {"revenue": 1.3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0000005", "0.000000"), ("0.0000015", "0.000002"), ("0.00000250", "0.000002"),
        ("-0.0000015", "-0.000002"), ("1e3", "1000.000000"), ("5E-7", "0.000000"),
        ("999999999999.999999", "999999999999.999999"), (" 7 ", "7.000000"), ("+3", "3.000000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_numbers_are_rounded_half_to_even(
    text: str, expected: str, form: str, tmp_path: Path
) -> None:
    if form == "csv":
        (tmp_path / "rows.csv").write_text(f"id,at,card,x\n1,2026-01-01,c,{text}\n")
    else:
        (tmp_path / "rows.jsonl").write_text(
            f'{{"id": 1, "at": "2026-01-01", "card": "c", "x": "{text}"}}\n'
        )
    definition = mapping(f"rows.{form}", {"event": "Order Completed", "properties": {"total": "x"}})
    (row,) = run(definition, tmp_path).incoming
    assert row["total"] == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("123456789012.123456", "123456789012.123456"), ("999999999.999999", "999999999.999999"),
     ("-1000000000.10", "-1000000000.1"), ("5000000000", "5000000000")],
)  # fmt: skip
def test_large_decimals_keep_all_their_digits_in_json(
    text: str, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(f"id,at,card,x\n1,2026-01-01,c,{text}\n")
    definition = mapping("rows.csv", {"properties": {"x": "x"}}, columns={"x": "number"})
    assert run(definition, tmp_path).incoming[0]["properties"] == f'{{"x":{shown}}}'


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.1, "0.100000"), (1e-7, "0.000000"), (2.5e-6, "0.000002"), (3.5e-6, "0.000004"),
     (123456789.123456, "123456789.123456"), (1e11 + 0.25, "100000000000.250000")],
)  # fmt: skip
def test_doubles_count_by_their_shortest_text(number: float, expected: str, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": [1], "at": ["2026-01-01"], "card": ["c"], "x": [number]}),
        tmp_path / "rows.parquet",
    )
    definition = mapping("rows.parquet", {"event": "Order Completed", "properties": {"total": "x"}})
    assert run(definition, tmp_path).incoming[0]["total"] == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("2026-07-01 12:00:00", {"time_zone": "Europe/Warsaw"}, datetime(2026, 7, 1, 10)),
        ("2026-01-01 12:00:00", {"time_zone": "Europe/Warsaw"}, datetime(2026, 1, 1, 11)),
        ("2026-07-01T12:00:00Z", {"time_zone": "Europe/Warsaw"}, datetime(2026, 7, 1, 12)),
        ("2026-07-01T12:00:00-0500", {"time_zone": "Europe/Warsaw"}, datetime(2026, 7, 1, 17)),
        ("2026-07-01", {"time_zone": "Europe/Warsaw"}, datetime(2026, 6, 30, 22)),
        ("2025-10-26 02:30:00", {"time_zone": "Europe/Warsaw"}, datetime(2025, 10, 26, 1, 30)),
        ("2025-03-30 02:30:00", {"time_zone": "Europe/Warsaw"}, datetime(2025, 3, 30, 1, 30)),
        ("2026-07-01T12:00:00+07:00", {}, datetime(2026, 7, 1, 5)),
        ("2026-07-01T12:00:00.123456Z", {}, datetime(2026, 7, 1, 12, 0, 0, 123456)),
        ("1767225600", {"format": "epoch_s"}, datetime(2026, 1, 1)),
        ("1767225600.25", {"format": "epoch_s"}, datetime(2026, 1, 1, 0, 0, 0, 250000)),
        ("1767225600123", {"format": "epoch_ms"}, datetime(2026, 1, 1, 0, 0, 0, 123000)),
        ("31/12/2025 23:30", {"format": "%d/%m/%Y %H:%M"}, datetime(2025, 12, 31, 23, 30)),
        ("31/12/2025 23:30 +0100", {"format": "%d/%m/%Y %H:%M %z"}, datetime(2025, 12, 31, 22, 30)),
    ],
)  # fmt: skip
def test_times(text: str, how: dict[str, str], expected: datetime, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"id,at,card\n1,{text},c\n")
    definition = mapping("rows.csv", {"timestamp": {"column": "at", **how}})
    assert run(definition, tmp_path).incoming[0]["occurred_at"] == expected


def test_typed_columns_of_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1.0]),  # as pandas writes whole numbers beside missing ones
            "at": pa.array([1767225600_000_000_000], pa.timestamp("ns")),
            "card": pa.array([900], pa.int16()),
            "zoned": pa.array([1767225600_000], pa.timestamp("ms", tz="Europe/Warsaw")),
            "day": pa.array([20454], pa.date32()),
            "single": pa.array([0.1], pa.float32()),
            "money": pa.array([Decimal("12.50")], pa.decimal128(10, 2)),
            "yes": pa.array([True]),
            "tags": pa.array([["a", "b"]]),
            "place": pa.array([{"city": "Łódź", "no": 3}]),
            "large": pa.array([2**60], pa.int64()),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    names = [n for n in table.column_names if n not in {"id", "at", "card"}]
    (row,) = run(mapping("rows.parquet", {"properties": {n: n for n in names}}), tmp_path).incoming
    assert row["message_id"] == "visit-1"
    assert row["occurred_at"] == datetime(2026, 1, 1)
    assert row["identifiers"][0]["value"] == "900"
    assert properties(row) == {
        "zoned": "2026-01-01T00:00:00Z", "day": "2026-01-01", "single": 0.1, "money": 12.5,
        "yes": True, "tags": ["a", "b"], "place": {"city": "Łódź", "no": 3}, "large": 2**60,
    }  # fmt: skip


def test_declared_types_of_text(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "id;at;card;price;member;born;zip\n1;2026-01-01;c;1234,5;yes;1990-05-01 10:00;007\n"
    )
    definition = mapping(
        "rows.csv",
        {"properties": {n: n for n in ("price", "member", "born", "zip")}},
        csv={"delimiter": ";", "decimal": ","},
        columns={"price": "number", "member": "boolean", "born": "time"},
    )
    (row,) = run(definition, tmp_path).incoming
    assert properties(row) == {
        "price": 1234.5, "member": True, "born": "1990-05-01T10:00:00Z", "zip": "007",
    }  # fmt: skip


def test_json_keeps_its_types_and_inner_members(tmp_path: Path) -> None:
    line = {
        "id": 5, "at": "2026-01-01", "user": {"card": "c", "tags": [1, "x"]}, "n": 1.50,
        "b": False, "none": None,
    }  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(json.dumps(line) + "\n")
    definition = mapping(
        "rows.jsonl",
        {
            "identifiers": {"loyalty_card": "user.card"},
            "properties": {
                "tags": "user.tags", "n": "n", "b": "b", "id": "id",
                "twice": {"sql": "number(n) * 2"},
            },
        },
    )  # fmt: skip
    (row,) = run(definition, tmp_path).incoming
    assert properties(row) == {"tags": [1, "x"], "n": 1.5, "b": False, "id": 5, "twice": 3}


def test_null_in_json_traits_clears_and_absence_does_not(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"card": "c1", "mail": null}\n{"card": "c2"}\n')
    definition = {
        "name": "cards", "source": "crm", "file": "rows.jsonl",
        "message": {
            "type": "identify", "message_id": "{card}", "timestamp": {"value": "2026-01-01"},
            "identifiers": {"loyalty_card": "card"}, "traits": {"email": "mail"},
        },
    }  # fmt: skip
    assert [row["traits"] for row in run(definition, tmp_path).incoming] == ['{"email":null}', "{}"]


def test_event_channel_and_brand_from_columns(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "id,at,card,what,banner\n1,2026-01-01,c,Returned,north\n2,2026-01-02,c,,south\n"
    )
    definition = mapping(
        "rows.csv",
        {"event": "Goods {what}", "brand": "{banner}", "channel": "till-{banner}"},
    )
    result = run(definition, tmp_path)
    (row,) = result.incoming
    assert (row["name"], row["brand"], row["channel"]) == ("Goods Returned", "north", "till-north")
    assert result.problem() == ("missing", "event", 2)


def test_events_about_one_product_have_one_line(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "id,at,card,sku,price\n1,2026-01-01,c,p1,9.99\n2,2026-01-02,c,,\n"
    )
    definition = mapping(
        "rows.csv",
        {"event": "Product Viewed", "properties": {"product_id": "sku", "price": "price"}},
    )
    with_product, without = run(definition, tmp_path).incoming
    (line,) = with_product["lines"]
    assert (line["product_id"], line["price"]) == ("p1", Decimal("9.990000"))
    assert line["properties"] == with_product["properties"] == '{"product_id":"p1","price":9.99}'
    assert without["lines"] is None
    told = {"event": "Product Returned", "properties": {"sku": "sku", "price": "price"}}
    with_sku, without = run(mapping("rows.csv", told), tmp_path).incoming
    assert [(one["product_id"], one["sku"]) for one in with_sku["lines"]] == [(None, "p1")]
    assert without["lines"] is None


def test_outside_commerce_a_property_named_total_may_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,at,card,total\n1,2026-01-01,c,many\n")
    definition = mapping("rows.csv", {"event": "Asked", "properties": {"total": "total"}})
    (row,) = run(definition, tmp_path).incoming
    assert row["total"] is None
    assert properties(row) == {"total": "many"}


def test_rows_for_which_where_is_not_true_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "csv")
    definition = mapping("visits.csv", where="amount > 1", columns={"amount": "number"})
    result = run(definition, tmp_path)
    assert result.ids == ["visit-2", "visit-1"]
    assert result.refused == []


@pytest.mark.parametrize("grouped", [False, True])
def test_chunks_cut_the_same_messages_at_other_places(grouped: bool, tmp_path: Path) -> None:
    lines = ["id,at,card,sku"]
    lines += [f"{n},2026-01-{1 + n * 7 % 28:02},c{n % 9},p{n}" for n in range(300)]
    lines += [f"{n},never,c,p" for n in range(300, 340)]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    definition = mapping("rows.csv", {"event": "Order Completed", "lines": {"sku": "sku"}})
    if grouped:
        definition["group_by"] = ["id"]
    whole = run(definition, tmp_path)
    parts = run(definition, tmp_path, rows=64)
    assert len(parts.chunks) == 5
    assert [{k: v for k, v in row.items() if k != "item"} for row in parts.incoming] == [
        {k: v for k, v in row.items() if k != "item"} for row in whole.incoming
    ]
    assert parts.refused == whole.refused
    assert len(whole.refused) == 40
    times = [row["occurred_at"] for row in whole.incoming]
    assert times == sorted(times)
    assert [row["lines"][0]["sku"] for row in whole.incoming] == [
        f"p{i.removeprefix('visit-')}" for i in whole.ids
    ]


def test_compressed_files_and_other_encodings(tmp_path: Path) -> None:
    text = "id;at;card;town\n1;2026-01-01;c;Łódź\n"
    for name, data, encoding in [
        ("a.csv.gz", gzip.compress(text.encode()), "utf-8"),
        ("b.csv", text.encode("windows-1250"), "windows-1250"),
        ("c.csv", text.encode("utf-16"), "utf-16"),
        ("d.csv", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "utf-8"),
        ("e.csv.gz", gzip.compress(text.encode("iso-8859-2")), "iso-8859-2"),
    ]:
        (tmp_path / name).write_bytes(data)
        definition = mapping(
            name, {"properties": {"town": "town"}}, csv={"delimiter": ";", "encoding": encoding}
        )
        assert properties(run(definition, tmp_path).incoming[0]) == {"town": "Łódź"}, name


def test_files_without_header(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("1,2026-01-01,c\n2,2026-01-02,d\n")
    definition = mapping("rows.csv", csv={"header": False, "names": ["id", "at", "card"]})
    assert run(definition, tmp_path).ids == ["visit-1", "visit-2"]


def test_names_with_quotes_and_sql_in_them(tmp_path: Path) -> None:
    name = "a\"; drop table x; --'"
    pq.write_table(
        pa.table({"id": [1], "at": ["2026-01-01"], "card": ["c'); --"], name: ["v'1"]}),
        tmp_path / "it's.parquet",
    )
    definition = mapping(
        "it's.parquet",
        {"event": "It's 100% {id}", "properties": {name: name, "k'": {"value": "x'y"}}},
    )
    (row,) = run(definition, tmp_path).incoming
    assert properties(row) == {name: "v'1", "k'": "x'y"}
    assert row["name"] == "It's 100% 1"
    assert row["identifiers"][0]["value"] == "c'); --"


def test_paths_with_pattern_characters(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*"
    folder.mkdir()
    for form in ("csv", "parquet", "jsonl"):
        path = write(folder, form)
        assert run(mapping("unused"), path).total == 3


def test_lines_that_are_messages_already(tmp_path: Path) -> None:
    good = b'{"type":"track","event":"X","userId":"u","messageId":"m1"}'
    (tmp_path / "a.jsonl").write_bytes(good + b"\n\nnot json\n\xff\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(good))
    definition = read_mapping(
        {"name": "log", "source": "s", "file": "*.jsonl*", "mode": "messages"}
    )
    lines = list(read_messages(definition, tmp_path))
    assert [(line.file, line.row, line.body) for line in lines] == [
        ("a.jsonl", 1, good), ("a.jsonl", 2, b"not json"), ("a.jsonl", 3, b"\xff"),
        ("b.jsonl.gz", 1, good),
    ]  # fmt: skip
    with pytest.raises(DefinitionError, match="messages already"):
        run({**mapping("a.jsonl"), "mode": "messages", "message": None}, tmp_path)
    with pytest.raises(DefinitionError, match="expected messages"):
        list(read_messages(read_mapping(mapping("a.jsonl")), tmp_path))


def test_the_message_of_the_support_module_is_complete() -> None:
    assert read_mapping(mapping("x.csv")).message is not None
    assert set(MESSAGE) == {"event", "message_id", "timestamp", "identifiers"}
