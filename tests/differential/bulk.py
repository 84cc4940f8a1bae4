"""The engine of SQL: tables filled by hand, rules compiled to queries."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from typing import Any

import numpy as np

from patron.engines.duckdb import Cursor, Database
from patron.errors import RuleError
from patron.segments.asked import Asking
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode, decode_expression
from patron.segments.frames import Relations
from patron.segments.memberships import Log
from patron.segments.memory.answers import Answers
from patron.segments.memory.histories import Memory
from patron.segments.plan import Planner
from patron.segments.query import members_sql
from patron.segments.questions import Questions, compile_question
from patron.segments.resolve import resolve
from patron.spec.entities import read_entity
from patron.spec.rates import read_rates
from patron.spec.traits import TraitDefinition, survivorships
from patron.testing.differential.histories import History
from patron.testing.differential.vocabulary import RATES, SHELF, SHELVES
from patron.testing.differential.worlds import World, world_of
from patron.warehouse.schema import migrate

EVENT = {
    "name": "VARCHAR", "type": "VARCHAR", "occurred_at": "TIMESTAMP", "received_at": "TIMESTAMP",
    "source_id": "INTEGER", "brand": "VARCHAR", "channel": "VARCHAR", "order_id": "VARCHAR",
    "currency": "VARCHAR", "revenue": "DECIMAL(18, 6)", "total": "DECIMAL(18, 6)",
    "discount": "DECIMAL(18, 6)", "coupon": "VARCHAR", "message_id": "VARCHAR",
}  # fmt: skip
LINE = {
    "name": "VARCHAR", "occurred_at": "TIMESTAMP", "brand": "VARCHAR", "currency": "VARCHAR",
    "product_id": "VARCHAR", "sku": "VARCHAR", "product_name": "VARCHAR", "category": "VARCHAR",
    "product_brand": "VARCHAR", "colour": "VARCHAR", "price": "DECIMAL(18, 6)",
    "quantity": "DECIMAL(18, 6)",
}  # fmt: skip
KEY = {"position": "BIGINT", "profile_id": "BIGINT", "identifier_id": "BIGINT"}
TABLES = {
    "sources": {
        "source_id": "INTEGER", "name": "VARCHAR", "brand": "VARCHAR", "kind": "VARCHAR",
        "channel": "VARCHAR", "trust": "INTEGER", "active": "BOOLEAN",
    },
    "messages": {
        "position": "BIGINT", "source_id": "INTEGER", "message_id": "VARCHAR", "key_hi": "UBIGINT",
        "key_lo": "UBIGINT", "type": "VARCHAR", "occurred_at": "TIMESTAMP",
        "received_at": "TIMESTAMP", "body": "VARCHAR",
    },
    "events": {**KEY, **EVENT, "properties": "VARIANT"},
    "order_lines": {**KEY, "line": "INTEGER", **LINE, "properties": "VARIANT"},
    "traits": {
        **KEY, "name": "VARCHAR", "value": "VARIANT", "occurred_at": "TIMESTAMP",
        "source_id": "INTEGER", "message_id": "VARCHAR",
    },
    "group_members": {
        **KEY, "group_id": "VARCHAR", "occurred_at": "TIMESTAMP", "source_id": "INTEGER",
        "message_id": "VARCHAR",
    },
    "group_traits": {
        "position": "BIGINT", "group_id": "VARCHAR", "name": "VARCHAR", "value": "VARIANT",
        "occurred_at": "TIMESTAMP", "source_id": "INTEGER", "message_id": "VARCHAR",
    },
    "profiles": {
        "profile_id": "BIGINT", "first_seen_at": "TIMESTAMP", "created_at": "TIMESTAMP",
        "merged_into": "BIGINT",
    },
    "profile_map": {"profile_id": "BIGINT", "survivor_id": "BIGINT"},
    "identifiers": {
        "identifier_id": "BIGINT", "type": "VARCHAR", "value": "VARCHAR", "original": "VARCHAR",
        "key_hi": "UBIGINT", "key_lo": "UBIGINT", "profile_id": "BIGINT",
        "birth_profile_id": "BIGINT", "first_seen_at": "TIMESTAMP",
    },
    "device_turns": {"device_id": "BIGINT", "since": "TIMESTAMP", "identifier_id": "BIGINT"},
    "membership_changes": {
        "change_id": "BIGINT", "segment": "VARCHAR", "version": "INTEGER", "profile_id": "BIGINT",
        "kind": "VARCHAR", "changed_at": "TIMESTAMP", "recorded_at": "TIMESTAMP",
        "reason": "VARCHAR", "first_fill": "BOOLEAN",
    },
    "list_members": {
        "list": "VARCHAR", "type": "VARCHAR", "value": "VARCHAR", "added_at": "TIMESTAMP",
    },
}  # fmt: skip

Row = dict[str, Any]


class BulkEngine:
    """Asks each rule of all customers, of given ones, and of what live membership remembers."""

    def __init__(self) -> None:
        self._cursor = Database(threads=1).cursor()
        migrate(self._cursor)
        _put_shelves(self._cursor)
        self._catalogue = Catalogue()
        self.asked = self.unsure = 0
        self._loaded: tuple[History, World] | None = None
        self.ways = {
            "all customers": self.of_all,
            "given customers": self.of_given,
            "from memory": self.of_memory,
        }

    def understands(self, rule: Row) -> bool:
        try:
            decode(rule)
        except RuleError:
            return False
        return True

    def load(self, history: History) -> World:
        if self._loaded is not None and self._loaded[0] is history:
            return self._loaded[1]
        world = world_of(history)
        fill(self._cursor, world)
        segments = {name: decode(rule) for name, rule in world["segments"].items()}
        self._catalogue = Catalogue(
            segments=segments,
            lists=frozenset(world["lists"]),
            brands=frozenset(world["sources"].values()),
            time_zone=world["time_zone"],
            survivorships=survivorships(
                [TraitDefinition(name=name, **told) for name, told in history.traits.items()],
                world["trust"],
                world["by_hand"],
                world["source_ids"],
            ),
            rates={name.upper(): read_rates(name, {"rates": told}) for name, told in RATES.items()},
            computed={name: decode_expression(one) for name, one in world["computed"].items()},
            entities={**Catalogue().entities, "shelf": read_entity("shelf", SHELF)},
        )
        self._loaded = (history, world)
        return world

    def of_all(self, rule: Row, moments: list[datetime]) -> list[set[int]]:
        """One query a moment over everybody."""
        return [self._members(rule, as_of) for as_of in moments]

    def of_given(self, rule: Row, moments: list[datetime]) -> list[set[int]]:
        """One query in which each question has a customer and a moment of its own."""
        assert self._loaded is not None
        asked = self._asked(moments)
        question = compile_question(decode(rule), self._catalogue)
        with self._cursor.transaction():
            asking = Asking(self._cursor)
            times = np.array([moments[at] for at, _ in asked], dtype="datetime64[us]")
            asking.gather(np.array([one for _, one in asked]), times, [question])
            inside = asking.answer(question)
        return _sets(asked, inside, len(moments))

    def of_memory(self, rule: Row, moments: list[datetime]) -> list[set[int]]:
        """Arrays over remembered rows; what they cannot tell is asked of the tables."""
        tree = decode(rule)
        resolve(tree, self._catalogue, unknown="warn")
        plan = Planner(self._catalogue, largest=0).plan(tree)
        answers = Answers()
        answers.add(plan)
        asked = self._asked(moments)
        ids = np.array([one for _, one in asked])
        times = np.array([moments[at] for at, _ in asked], dtype="datetime64[us]")
        with self._cursor.transaction():
            relations = Relations.of(self._cursor)
            memory = self._remembered(answers, relations)
            batch = memory.batch(self._cursor, relations, ids, times)
            inside, unsure = answers.answer(plan, batch)
            self.asked += len(ids)
            if unsure is not None and unsure.any():
                self.unsure += int(unsure.sum())
                question = Questions().question(plan)
                asking = Asking(self._cursor)
                asking.gather(ids[unsure], times[unsure], [question])
                inside = inside.copy()
                inside[unsure] = asking.answer(question)
        return _sets(asked, inside, len(moments))

    def _remembered(self, answers: Answers, relations: Relations) -> Memory:
        """The rows, read in two parts: rows of one customer then lie in several runs."""
        memory = Memory(answers.columns)
        last = self._cursor.execute(_LAST_POSITION).value() or 0
        for upto in (last // 3, last):
            memory.read(self._cursor, relations, known=0, upto=upto)
        memory.read_changes(self._cursor, relations, Log(self._cursor))
        return memory

    def _asked(self, moments: list[datetime]) -> list[tuple[int, int]]:
        """Every customer at every moment."""
        assert self._loaded is not None
        ids = [person["id"] for person in self._loaded[1]["people"]]
        return list(itertools.product(range(len(moments)), ids))

    def _members(self, rule: Row, as_of: datetime) -> set[int]:
        tree = decode(rule)
        sql = members_sql(self._cursor, tree, as_of=as_of, catalogue=self._catalogue)
        found = [row[0] for row in self._cursor.execute(sql).all()]
        assert len(set(found)) == len(found), "a member is listed once"
        return set(found)


def _sets(asked: list[tuple[int, int]], inside: np.ndarray, number: int) -> list[set[int]]:
    """Who is in it, for each of some moments."""
    found: list[set[int]] = [set() for _ in range(number)]
    for (at, one), is_in in zip(asked, inside.tolist(), strict=True):
        if is_in:
            found[at].add(one)
    return found


_LAST_POSITION = """
select max(position) from (
    select position from events union all select position from traits
    union all select position from group_members)
"""


def fill(cursor: Cursor, world: World) -> None:
    """Put a world into the emptied tables; rows of merged profiles lie under their old ids."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for number, brand in world["sources"].items():
        own = {"source_id": number, "name": f"s{number}", "brand": brand, "kind": "web"}
        rows["sources"].append({**own, "channel": "web", "trust": 1, "active": True})
    for name, entries in world["lists"].items():
        rows["list_members"] += [
            {"list": name, "type": kind, "value": value, "added_at": "2024-01-01"}
            for kind, value in sorted(entries)
        ]
    for person in world["people"]:
        _person_rows(rows, person)
        told = (*person["events"], *person["traits"], *person["groups"])
        if any(one["occurred_at"] < person["first_seen_at"] for one in told):
            # So it is when people share a device; which one, nothing here asks.
            rows["device_turns"] = [{"device_id": 0, "identifier_id": 0}]
    _change_rows(rows, world)
    rows["messages"].sort(key=lambda row: row["position"])
    for table, columns in TABLES.items():
        cursor.execute(f"delete from {table}")
        if rows[table]:
            cursor.execute(_insert(table, columns), [json.dumps(rows[table], default=str)])


def _put_shelves(cursor: Cursor) -> None:
    """What events and lines name; it is the same in all worlds."""
    cursor.execute("insert into brands values ('A'), ('B')")
    for (brand, ident), known in SHELVES.items():
        cursor.execute(
            "insert into entities values ('shelf', ?, ?, ?, ?::JSON::VARIANT, '', '2025-01-01')",
            [brand, ident, ident, json.dumps(known)],
        )


def _insert(table: str, columns: dict[str, str]) -> str:
    def read(column: str, kind: str) -> str:
        path = f"row->'$.{column}'"
        return f"({path})::JSON::VARIANT" if kind == "VARIANT" else f"(row->>'$.{column}')::{kind}"

    picks = ", ".join(read(column, kind) for column, kind in columns.items())
    given = "select unnest(cast(? as JSON[])) as row"
    return f"insert into {table} ({', '.join(columns)}) select {picks} from ({given})"


def _person_rows(rows: dict[str, list[Row]], person: Row) -> None:
    own, seen = person["id"], person["first_seen_at"]
    ids = [*person["old_ids"], own]
    blank = {"first_seen_at": seen, "created_at": seen}
    rows["profiles"].append({"profile_id": own, **blank})
    for old in person["old_ids"]:
        rows["profiles"].append({"profile_id": old, "merged_into": own, **blank})
        rows["profile_map"].append({"profile_id": old, "survivor_id": own})
    for number, (kind, value) in enumerate(sorted(person["identifiers"])):
        keys = {"identifier_id": 1, "key_hi": 0, "key_lo": 0, "birth_profile_id": own}
        under = {"profile_id": ids[number % len(ids)], "first_seen_at": seen, "original": value}
        rows["identifiers"].append({"type": kind, "value": value, **keys, **under})
    told: set[int] = set()
    for seen_trait in person["traits"]:
        key = _key(seen_trait, ids)
        value = {} if seen_trait["value"] is None else {"value": seen_trait["value"]}
        plain = {name: seen_trait[name] for name in ("name", "occurred_at", "source_id")}
        rows["traits"].append({**key, **plain, **value, "message_id": seen_trait["message_id"]})
        if key["position"] not in told:
            told.add(key["position"])
            rows["messages"].append(_message(seen_trait, "identify"))
    for call in person["groups"]:
        _group_rows(rows, call, _key(call, ids))
    for event in person["events"]:
        key = _key(event, ids)
        typed = {column: event.get(column) for column in EVENT}
        hidden = (*EVENT, "position", "lines", "shelf")
        rest = {name: value for name, value in event.items() if name not in hidden}
        rows["events"].append({**key, **typed, "properties": rest})
        rows["messages"].append(_message(event, event["type"]))
        for number, line in enumerate(event["lines"]):
            columns = {column: line.get(column) for column in LINE}
            said = {name: value for name, value in line.items() if name != "shelf"}
            columns |= {name: event.get(name) for name in ("name", "occurred_at", "brand",
                                                          "currency")}  # fmt: skip
            rows["order_lines"].append({**key, "line": number, **columns, "properties": said})


def _group_rows(rows: dict[str, list[Row]], call: Row, key: Row) -> None:
    said = {name: call[name] for name in ("group_id", "occurred_at", "source_id", "message_id")}
    rows["group_members"].append({**key, **said})
    for name, value in call["traits"].items():
        told = {} if value is None else {"value": value}
        rows["group_traits"].append({"position": key["position"], "name": name, **said, **told})


def _change_rows(rows: dict[str, list[Row]], world: World) -> None:
    """Some under old ids, and beside each one that counts some that do not."""
    ids = {person["id"]: [*person["old_ids"], person["id"]] for person in world["people"]}
    for segment, changes in world["changes"].items():
        for number, (one, kind, at) in enumerate(changes):
            under = ids[one][number % len(ids[one])]
            plain = {"segment": segment, "version": 1, "profile_id": under}
            plain |= {"changed_at": at, "recorded_at": at}
            found = {**plain, "kind": kind, "reason": "data", "first_fill": False}
            first = {**found, "kind": "entered", "first_fill": True}
            gone = {**found, "kind": "left", "reason": "merged"}
            for change in (found, *((first, gone) if number % 3 == 0 else ())):
                numbered = {**change, "change_id": len(rows["membership_changes"]) + 1}
                rows["membership_changes"].append(numbered)


def _key(row: Row, ids: list[int]) -> Row:
    position = row["position"]
    return {"position": position, "profile_id": ids[position % len(ids)], "identifier_id": 1}


def _message(row: Row, kind: str) -> Row:
    plain = {name: row[name] for name in ("position", "source_id", "message_id", "occurred_at")}
    arrived = row.get("received_at", row["occurred_at"])
    return {**plain, "key_hi": 0, "key_lo": 0, "type": kind, "received_at": arrived, "body": "{}"}
