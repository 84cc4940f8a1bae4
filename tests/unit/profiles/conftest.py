"""A workspace in memory whose rows are put in one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from patron.engines.duckdb import Cursor, Database
from patron.spec.keys import identifier_key_text, key_of
from patron.warehouse.schema import migrate

START = datetime(2018, 1, 1)


class World:
    """Puts rows into the tables. Times are minutes after the start of 2018."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.position = 0
        self.merges = 0
        for number, name in ((1, "web"), (2, "store")):
            self.insert(
                "sources",
                source_id=number,
                name=name,
                brand="north",
                kind="web",
                channel="web",
                trust=1,
                active=True,
            )

    def at(self, minute: float) -> datetime:
        return START + timedelta(minutes=minute)

    def insert(self, table: str, /, **values: Any) -> None:
        """One row; values named `…_json` go into VARIANT columns."""
        columns = ", ".join(name.removesuffix("_json") for name in values)
        marks = ", ".join("?::JSON::VARIANT" if n.endswith("_json") else "?" for n in values)
        self.cursor.execute(
            f"insert into {table} ({columns}) values ({marks})", list(values.values())
        )

    def profile(self, profile_id: int, minute: float = 0, merged_into: int | None = None) -> None:
        self.insert(
            "profiles",
            profile_id=profile_id,
            first_seen_at=self.at(minute),
            created_at=self.at(minute),
            merged_into=merged_into,
        )

    def merge(self, other: int, into: int, reason: str, minute: float = 0) -> None:
        """Merge as identity does: rows keep the old id until compaction."""
        run = self.cursor.execute
        self.merges += 1
        run("update profiles set merged_into = ? where profile_id = ?", [into, other])
        run("update profile_map set survivor_id = ? where survivor_id = ?", [into, other])
        self.insert("profile_map", profile_id=other, survivor_id=into)
        self.insert(
            "merges",
            merge_id=self.merges,
            kind="merge",
            kept_profile_id=into,
            other_profile_id=other,
            occurred_at=self.at(minute),
            recorded_at=self.at(minute + 1),
            reason=reason,
        )

    def identifier(self, profile_id: int, kind: str, value: str, original: str = "") -> None:
        number = self.cursor.execute("select count(*) from identifiers").value() + 1
        high, low = key_of(identifier_key_text(kind, value))
        self.insert(
            "identifiers",
            identifier_id=number,
            type=kind,
            value=value,
            original=original or value,
            key_hi=high,
            key_lo=low,
            profile_id=profile_id,
            birth_profile_id=profile_id,
            first_seen_at=self.at(number),
        )

    def trait(
        self, profile_id: int, name: str, json: str, minute: float, source: int = 1, id_: str = ""
    ) -> None:
        self.position += 1
        self.insert(
            "traits",
            position=self.position,
            profile_id=profile_id,
            identifier_id=1,
            name=name,
            value_json=json,
            occurred_at=self.at(minute),
            source_id=source,
            message_id=id_ or f"t{self.position}",
        )

    def event(
        self,
        profile_id: int,
        name: str,
        minute: float,
        *,
        source: int = 1,
        id_: str = "",
        brand: str = "north",
        channel: str = "web",
        properties: str = "{}",
        lines: list[dict[str, Any]] | None = None,
        **fields: Any,
    ) -> None:
        self.position += 1
        own = {"position": self.position, "occurred_at": self.at(minute)}
        of = {"profile_id": profile_id, "identifier_id": 1, "name": name, "brand": brand}
        self.insert(
            "messages",
            **own,
            source_id=source,
            message_id=id_ or f"e{self.position}",
            key_hi=0,
            key_lo=0,
            type="track",
            received_at=self.at(minute),
            body="{}",
        )
        self.insert(
            "events",
            **own,
            **of,
            type="track",
            received_at=self.at(minute + 5),
            source_id=source,
            message_id=id_ or f"e{self.position}",
            channel=channel,
            properties_json=properties,
            **fields,
        )
        for number, line in enumerate(lines or []):
            self.insert(
                "order_lines",
                **own,
                **of,
                line=number,
                product_id=line.get("product_id"),
                sku=line.get("sku"),
                currency=fields.get("currency"),
                price=line.get("price"),
                quantity=line.get("quantity"),
                properties_json=msgspec.json.encode(line).decode(),
            )


@pytest.fixture
def world() -> Iterator[World]:
    with Database(threads=1) as database:
        cursor = database.cursor()
        migrate(cursor)
        yield World(cursor)
