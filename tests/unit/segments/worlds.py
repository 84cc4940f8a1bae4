"""Small made-up worlds: plain dicts for the naive evaluation, and the same in the tables."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from patron.engines.duckdb import Cursor, Database
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.warehouse.schema import migrate

NOW = datetime(2018, 1, 1)

EVENT_COLUMNS = (
    "order_id", "currency", "revenue", "total", "tax", "shipping", "discount", "coupon",
)  # fmt: skip
LINE_COLUMNS = (
    "product_id", "sku", "product_name", "category", "product_brand", "variant", "colour",
    "price", "quantity",
)  # fmt: skip


def open_cursor() -> Cursor:
    cursor = Database(threads=2).cursor()
    migrate(cursor)
    return cursor


def person(number: int, **parts: Any) -> dict[str, Any]:
    """One customer; what is not said is empty."""
    blank = {"id": number, "events": [], "traits": [], "identifiers": set(), "old_ids": []}
    return {**blank, "first_seen_at": NOW - timedelta(days=1000), **parts}


def event(name: str, at: datetime, *, lines: Any = (), brand: str = "A", **properties: Any) -> dict:
    """One event: typed columns and other properties alike by name."""
    channel = properties.pop("channel", "web")
    said = {"name": name, "occurred_at": at, "brand": brand, "channel": channel, **properties}
    return {**said, "lines": [dict(line) for line in lines]}


def observed(name: str, value: Any, at: datetime, source: int = 1, message: str = "m") -> dict:
    """One observation of a trait."""
    return {
        "name": name,
        "value": value,
        "occurred_at": at,
        "source_id": source,
        "message_id": message,
    }


def world(*people: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Customers, sources with their brands, lists of identifiers and segments."""
    blank: dict[str, Any] = {"sources": {1: "A", 2: "B"}, "lists": {}, "segments": {}}
    return {**blank, "people": list(people), **parts}


def store(cursor: Cursor, made: dict[str, Any]) -> None:
    """Put a world into empty tables; rows of merged profiles stay under their old ids."""
    for table in ("events", "order_lines", "traits", "profiles", "profile_map", "identifiers",
                  "list_members", "sources"):  # fmt: skip
        cursor.execute(f"delete from {table}")
    for number, brand in made["sources"].items():
        cursor.execute(
            "insert into sources (source_id, name, brand, kind, channel, trust, active)"
            " values (?, ?, ?, 'web', 'web', 1, true)",
            [number, f"s{number}", brand],
        )
    rows: dict[str, list[Any]] = {"events": [], "order_lines": [], "traits": [], "profiles": []}
    identifiers: list[Any] = []
    position = 0
    for one in made["people"]:
        ids = [*one["old_ids"], one["id"]]
        for old in one["old_ids"]:
            rows["profiles"].append([old, str(one["first_seen_at"]), one["id"]])
            cursor.execute(
                "insert into profile_map (profile_id, survivor_id) values (?, ?)", [old, one["id"]]
            )
        rows["profiles"].append([one["id"], str(one["first_seen_at"]), None])
        for kind, value in sorted(one["identifiers"]):
            identifiers.append([ids[0], kind, value])
        for happened in one["events"]:
            position += 1
            under = ids[position % len(ids)]
            rows["events"].append([position, under, *event_row(happened)])
            for number, line in enumerate(happened["lines"]):
                rows["order_lines"].append([position, number, under, *line_row(happened, line)])
        for seen in one["traits"]:
            position += 1
            value = None if seen["value"] is None else json.dumps(seen["value"])
            at = str(seen["occurred_at"])
            under = ids[position % len(ids)]
            rows["traits"].append(
                [position, under, seen["name"], value, at, seen["source_id"], seen["message_id"]]
            )
    for table, sql in INSERTS.items():
        if rows[table]:
            cursor.execute(sql, [json.dumps(rows[table], default=str)])
    for profile, kind, value in identifiers:
        cursor.execute(
            "insert into identifiers (identifier_id, type, value, original, key_hi, key_lo, profile_id,"
            " birth_profile_id, first_seen_at) values (1, ?, ?, ?, 0, 0, ?, ?, ?)",
            [kind, value, value, profile, profile, NOW],
        )
    for name, entries in made["lists"].items():
        for kind, value in entries:
            cursor.execute(
                "insert into list_members (list, type, value, added_at) values (?, ?, ?, ?)",
                [name, kind, value, NOW],
            )


def event_row(happened: dict[str, Any]) -> list[Any]:
    columns = ("name", "occurred_at", "brand", "channel", *EVENT_COLUMNS, "lines")
    rest = {key: value for key, value in happened.items() if key not in columns}
    return [
        happened["name"],
        str(happened["occurred_at"]),
        happened["brand"],
        happened["channel"],
        *(happened.get(column) for column in EVENT_COLUMNS),
        json.dumps(rest),
    ]


def line_row(happened: dict[str, Any], line: dict[str, Any]) -> list[Any]:
    head = [happened["name"], str(happened["occurred_at"]), happened["brand"]]
    typed = [line.get(column) for column in LINE_COLUMNS]
    return [*head, happened.get("currency"), *typed, json.dumps(line, default=str)]


def _insert(table: str, columns: str, picks: list[str]) -> str:
    picked = ", ".join(pick.replace("$", "row->>") for pick in picks)
    rows = "select unnest(cast(? as JSON[])) as row"
    return f"insert into {table} ({columns}) select {picked} from ({rows})"


INSERTS = {
    "events": _insert(
        "events",
        "position, profile_id, identifier_id, type, name, occurred_at, received_at, source_id, brand,"
        " channel, order_id, currency, revenue, total, tax, shipping, discount, coupon, properties",
        ["$0", "$1", "1", "'track'", "$2", "$3", "$3", "1", "$4", "$5", "$6", "$7", "$8", "$9", "$10",
         "$11", "$12", "$13", "($14)::JSON::VARIANT"],
    ),
    "order_lines": _insert(
        "order_lines",
        "position, line, profile_id, identifier_id, name, occurred_at, brand, currency, product_id,"
        " sku, product_name, category, product_brand, variant, colour, price, quantity, properties",
        ["$0", "$1", "$2", "1", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13",
         "$14", "$15", "($16)::JSON::VARIANT"],
    ),
    "traits": _insert(
        "traits",
        "position, profile_id, identifier_id, name, value, occurred_at, source_id, message_id",
        ["$0", "$1", "1", "$2", "($3)::JSON::VARIANT", "$4", "$5", "$6"],
    ),
    "profiles": _insert(
        "profiles",
        "profile_id, first_seen_at, created_at, merged_into",
        ["$0", "$1", "now()::timestamp", "$2"],
    ),
}  # fmt: skip


def catalogue_of(made: dict[str, Any]) -> Catalogue:
    """Its segments and lists; the names of everything else are not checked by the compiler."""
    segments = {name: decode(rule) for name, rule in made["segments"].items()}
    return Catalogue(segments=segments, lists=frozenset(made["lists"]))
