"""Small made-up worlds: plain dicts for the oracle, and the same in the tables."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from patron.clock import parse_time
from patron.engines.duckdb import Cursor, Database
from patron.segments import query
from patron.segments.asked import Asking
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.questions import compile_question
from patron.segments.tree import Rule
from patron.warehouse.schema import migrate

NOW = parse_time("2018-01-01")
MESSAGES = itertools.count()

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
    blank = {"id": number, "events": [], "traits": [], "groups": [], "identifiers": set()}
    return {**blank, "old_ids": [], "first_seen_at": NOW - timedelta(days=1000), **parts}


def event(name: str, at: datetime, *, lines: Any = (), brand: str = "A", **properties: Any) -> dict:
    """One event: typed columns and other properties alike by name."""
    said = {
        "name": name,
        "occurred_at": at,
        "source_id": 1,
        "message_id": f"e{next(MESSAGES):06}",
        "brand": brand,
        "channel": "web",
        **properties,
    }
    return {**said, "lines": [dict(line) for line in lines]}


def group_call(
    group: str, at: datetime, source: int = 1, message: str = "g", **traits: Any
) -> dict:
    """A group call: that the customer belongs to a group, and what the group's traits are."""
    return {
        "group_id": group,
        "occurred_at": at,
        "source_id": source,
        "message_id": message,
        "traits": traits,
    }


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
    """Customers, sources with their brands, lists, segments and their recorded changes."""
    blank: dict[str, Any] = {"sources": {1: "A", 2: "B"}, "lists": {}, "segments": {}}
    return {**blank, "time_zone": "UTC", "changes": {}, "people": list(people), **parts}


TABLES = ("events", "order_lines", "traits", "profiles", "profile_map", "identifiers",
          "list_members", "sources", "group_members", "group_traits",
          "membership_changes")  # fmt: skip


def store(cursor: Cursor, made: dict[str, Any]) -> None:
    """Put a world into the emptied tables; rows of merged profiles stay under their old ids."""
    rows: dict[str, list[list[Any]]] = {table: [] for table in TABLES}
    for number, brand in made["sources"].items():
        rows["sources"].append([number, f"s{number}", brand])
    for name, entries in made["lists"].items():
        rows["list_members"] += [[name, kind, value] for kind, value in sorted(entries)]
    for one in made["people"]:
        _person_rows(rows, one)
    for name, changes in made.get("changes", {}).items():
        for number, kind, at in changes:
            change = [len(rows["membership_changes"]), name, number, kind, str(at)]
            rows["membership_changes"].append(change)
    for table in TABLES:
        cursor.execute(f"delete from {table}")
        if rows[table]:
            cursor.execute(INSERTS[table], [json.dumps(rows[table], default=str)])


def _person_rows(rows: dict[str, list[list[Any]]], one: dict[str, Any]) -> None:
    ids = [*one["old_ids"], one["id"]]
    first_seen = str(one["first_seen_at"])
    rows["profiles"].append([one["id"], first_seen, None])
    for old in one["old_ids"]:
        rows["profiles"].append([old, first_seen, one["id"]])
        rows["profile_map"].append([old, one["id"]])
    rows["identifiers"] += [[ids[0], kind, value] for kind, value in sorted(one["identifiers"])]
    first = one["id"] * 1000
    for position, happened in enumerate(one["events"], first):
        under = ids[position % len(ids)]
        rows["events"].append([position, under, *event_row(happened)])
        for number, line in enumerate(happened["lines"]):
            rows["order_lines"].append([position, number, under, *line_row(happened, line)])
    for serial, seen in enumerate(one["traits"], first + len(one["events"])):
        value = None if seen["value"] is None else json.dumps(seen["value"])
        at, said = str(seen["occurred_at"]), [seen["source_id"], seen["message_id"]]
        rows["traits"].append([serial, ids[serial % len(ids)], seen["name"], value, at, *said])
    for serial, call in enumerate(one.get("groups", []), first + 500):
        at, said = str(call["occurred_at"]), [call["source_id"], call["message_id"]]
        rows["group_members"].append([serial, ids[serial % len(ids)], call["group_id"], at, *said])
        for name, told in call["traits"].items():
            value = None if told is None else json.dumps(told)
            rows["group_traits"].append([serial, call["group_id"], name, value, at, *said])


def event_row(happened: dict[str, Any]) -> list[Any]:
    head = ("name", "occurred_at", "source_id", "brand", "channel")
    no_properties = (*head, "message_id", *EVENT_COLUMNS, "lines")
    rest = {key: value for key, value in happened.items() if key not in no_properties}
    return [
        happened["name"],
        str(happened["occurred_at"]),
        happened["source_id"],
        happened["brand"],
        happened["channel"],
        *(happened.get(column) for column in EVENT_COLUMNS),
        json.dumps(rest),
        happened["message_id"],
    ]


def line_row(happened: dict[str, Any], line: dict[str, Any]) -> list[Any]:
    head = [happened["name"], str(happened["occurred_at"]), happened["brand"]]
    typed = [line.get(column) for column in LINE_COLUMNS]
    return [*head, happened.get("currency"), *typed, json.dumps(line, default=str)]


def _insert(table: str, given: str, fixed: str = "") -> str:
    """An insert from a JSON array of rows; `fixed` are columns with the same value in every row."""
    columns = given.split()
    picks = [
        f"(row->>{n})::JSON::VARIANT" if name in ("properties", "value_") else f"row->>{n}"
        for n, name in enumerate(columns)
    ]
    names = [name.rstrip("_") for name in columns]
    for pair in fixed.split():
        name, _, value = pair.partition("=")
        names.append(name)
        picks.append(value)
    rows = "select unnest(cast(? as JSON[])) as row"
    return f"insert into {table} ({', '.join(names)}) select {', '.join(picks)} from ({rows})"


AT = "timestamp'2018-01-01'"
INSERTS = {
    "events": _insert(
        "events",
        "position profile_id name occurred_at source_id brand channel"
        f" {' '.join(EVENT_COLUMNS)} properties message_id",
        f"identifier_id=1 type='track' received_at={AT}",
    ),
    "order_lines": _insert(
        "order_lines",
        "position line profile_id name occurred_at brand currency"
        f" {' '.join(LINE_COLUMNS)} properties",
        "identifier_id=1",
    ),
    "traits": _insert(
        "traits",
        "position profile_id name value_ occurred_at source_id message_id",
        "identifier_id=1",
    ),
    "group_members": _insert(
        "group_members",
        "position profile_id group_id occurred_at source_id message_id",
        "identifier_id=1",
    ),
    "group_traits": _insert(
        "group_traits", "position group_id name value_ occurred_at source_id message_id"
    ),
    "membership_changes": _insert(
        "membership_changes",
        "change_id segment profile_id kind changed_at",
        f"version=1 recorded_at={AT} reason='data' first_fill=false",
    ),
    "profiles": _insert("profiles", "profile_id first_seen_at merged_into", f"created_at={AT}"),
    "profile_map": _insert("profile_map", "profile_id survivor_id"),
    "identifiers": _insert(
        "identifiers",
        "profile_id type value",
        f"identifier_id=1 original='' key_hi=0 key_lo=0 birth_profile_id=1 first_seen_at={AT}",
    ),
    "list_members": _insert("list_members", "list type value", f"added_at={AT}"),
    "sources": _insert(
        "sources", "source_id name brand", "kind='web' channel='web' trust=1 active=true"
    ),
}


def catalogue_of(made: dict[str, Any]) -> Catalogue:
    """Its segments and lists; the names of everything else are not checked by the compiler."""
    segments = {name: decode(rule) for name, rule in made["segments"].items()}
    brands = frozenset(made["sources"].values())
    return Catalogue(segments=segments, lists=frozenset(made["lists"]), brands=brands,
                     time_zone=made["time_zone"])  # fmt: skip


def members_both_ways(
    cursor: Cursor, rule: Rule, *, as_of: datetime, catalogue: Catalogue
) -> list[int]:
    """The members by the query over all customers, which asking each of them has to give too."""
    found = query.members(cursor, rule, as_of=as_of, catalogue=catalogue, limit=100_000)
    everybody = cursor.execute("select profile_id from profiles order by profile_id").all()
    ids = np.array([row[0] for row in everybody], dtype=np.int64)
    question = compile_question(rule, catalogue)
    asking = Asking(cursor)
    asking.gather(ids, np.full(len(ids), np.datetime64(as_of, "us")), [question])
    asked = ids[asking.answer(question)].tolist()
    assert asked == found
    return found
