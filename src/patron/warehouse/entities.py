"""Entities as rows: what each source said, when, and what is known of each now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from patron import structs
from patron.engines.duckdb import Cursor
from patron.spec.entities import EntityKind
from patron.spec.entity_items import Item, merged, words


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something of entities.

    Attributes:
        kind: Of what.
        brand: For rows of this brand; empty for those of every brand.
        source: Who; what it says of an entity takes the place of what it said before.
        observed_at: When it was so, naive UTC.
        recorded_at: When it came in, naive UTC.
    """

    kind: EntityKind
    brand: str
    source: str
    observed_at: datetime
    recorded_at: datetime

    @property
    def scope(self) -> list[str]:
        """Kind and brand."""
        return [self.kind.name, self.brand]


def stand(cursor: Cursor, kinds: Mapping[str, EntityKind]) -> dict[str, EntityKind]:
    """Kinds with the state of what is stored of each."""
    rows = cursor.execute("select kind, state, attributes from entity_kinds").all()
    stored = {kind: (state, frozenset(seen)) for kind, state, seen in rows}
    found = {}
    for name, kind in kinds.items():
        state, seen = stored.get(name, (0, frozenset()))
        found[name] = msgspec.structs.replace(kind, state=state, seen=seen)
    return found


def put_entities(cursor: Cursor, said: Said, items: Sequence[Item]) -> int:
    """Take in what a source says; what it said already is no news.

    Args:
        cursor: In a write transaction.
        said: Who says it, of what, and when.
        items: Each id once.

    Returns:
        How many observations are new.
    """
    texts = {item.entity_id: item.canonical for item in items}
    held = _latest(cursor, said, list(texts))
    repeated = _at_that_moment(cursor, said, list(texts))
    number = cursor.execute("select max(observation_id) from entity_observations").value() or 0
    news: list[tuple[int, str, str | None]] = []
    for entity_id, text in texts.items():
        before = held.get(entity_id, {}).get(said.source)
        if (before.attributes if before else None) == text or (entity_id, text) in repeated:
            continue
        number += 1
        news.append((number, entity_id, text))
        if before is None or before.observed_at <= said.observed_at:
            mine = _Observation(text, said.observed_at, number)
            held.setdefault(entity_id, {})[said.source] = mine
    if news:
        _append(cursor, said, news)
        _replace(cursor, said, {entity_id: held[entity_id] for _, entity_id, _ in news})
    return len(news)


def ids_said(cursor: Cursor, said: Said) -> set[str]:
    """The ids that a source says are there, within the kind and the brand."""
    cursor.execute(
        "select entity_id from entity_observations where kind = ? and brand = ? and source = ? "
        "qualify row_number() over (partition by entity_id order by observed_at desc, "
        "observation_id desc) = 1 and attributes is not null",
        [*said.scope, said.source],
    )
    return {row[0] for row in cursor.all()}


# ── reading ──


def find_entity(
    cursor: Cursor, kind: str, entity_id: str, brand: str | None
) -> list[dict[str, Any]]:
    """What is known of an entity, in each catalogue that holds it.

    Args:
        cursor: On the warehouse.
        kind: What it is.
        entity_id: Its id.
        brand: Only in this brand's catalogue, else in that of every brand; None for all.
    """
    cursor.execute(
        f"{_SELECT} where kind = ? and entity_id = ? and (? is null or brand in ('', ?)) "
        "order by brand desc",
        [kind, entity_id, brand, brand],
    )
    return [_shown(row) for row in cursor.records()]


def said_of(cursor: Cursor, kind: str, entity_id: str, brand: str) -> list[dict[str, Any]]:
    """Everything that was ever said of an entity, newest first."""
    cursor.execute(
        "select source, observed_at, recorded_at, attributes from entity_observations "
        "where kind = ? and entity_id = ? and brand = ? "
        "order by observed_at desc, observation_id desc",
        [kind, entity_id, brand],
    )
    return [
        {**row, "attributes": row["attributes"] and structs.decode(row["attributes"])}
        for row in cursor.records()
    ]


def page_of_entities(
    cursor: Cursor,
    kind: str,
    *,
    brand: str | None,
    search: str | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Entities by id.

    Args:
        cursor: On the warehouse.
        kind: What they are.
        brand: Only what this brand's rows mean by an id; None for all.
        search: Words, each of which occurs in the id or in a text.
        after: Id and brand that the page before ended with.
        limit: How many at most.
    """
    conditions = ["kind = ?"]
    values: list[Any] = [kind]
    for word in (search or "").casefold().split():
        conditions.append("contains(words, ?)")
        values.append(word)
    if brand is not None:
        conditions.append(
            "(brand = ? or (brand = '' and entity_id not in "
            "(select entity_id from entities where kind = ? and brand = ?)))"
        )
        values += [brand, kind, brand]
    if after is not None:
        conditions.append("(entity_id, brand) > (?, ?)")
        values += after
    cursor.execute(
        f"{_SELECT} where {' and '.join(conditions)} order by entity_id, brand limit ?",
        [*values, limit],
    )
    return [_shown(row) for row in cursor.records()]


def count_entities(cursor: Cursor) -> dict[str, int]:
    """How many there are of each kind."""
    return dict(cursor.execute("select kind, count(*) from entities group by kind").all())


_SELECT = (
    "select entity_id, brand, observed_at, cast(cast(attributes as json) as varchar) as attributes "
    "from entities"
)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "attributes": structs.decode(row["attributes"])}


# ── writing ──


@dataclass(frozen=True, slots=True)
class _Observation:
    attributes: str | None
    observed_at: datetime
    number: int


def _latest(cursor: Cursor, said: Said, ids: list[str]) -> dict[str, dict[str, _Observation]]:
    """The newest observation of each source, by id."""
    cursor.execute(
        "select entity_id, source, attributes, observed_at, observation_id "
        "from entity_observations where kind = ? and brand = ? "
        "and entity_id in (select unnest(?::varchar[])) "
        "qualify row_number() over (partition by entity_id, source "
        "order by observed_at desc, observation_id desc) = 1",
        [*said.scope, ids],
    )
    held: dict[str, dict[str, _Observation]] = {}
    for entity_id, source, attributes, at, number in cursor.all():
        held.setdefault(entity_id, {})[source] = _Observation(attributes, at, number)
    return held


def _at_that_moment(cursor: Cursor, said: Said, ids: list[str]) -> set[tuple[str, str | None]]:
    """What the source said last of that same moment, as id and text."""
    cursor.execute(
        "select entity_id, attributes from entity_observations where kind = ? and brand = ? "
        "and source = ? and observed_at = ? and entity_id in (select unnest(?::varchar[])) "
        "qualify row_number() over (partition by entity_id order by observation_id desc) = 1",
        [*said.scope, said.source, said.observed_at, ids],
    )
    return {(entity_id, attributes) for entity_id, attributes in cursor.all()}


def _append(cursor: Cursor, said: Said, news: list[tuple[int, str, str | None]]) -> None:
    numbers, ids, texts = zip(*news, strict=True)
    columns = {"number": numbers, "entity_id": ids, "attributes": texts}
    _write(
        cursor, columns,
        "insert into entity_observations select number, ?, ?, entity_id, ?, attributes, ?, ? "
        "from written_entities",
        [*said.scope, said.source, said.observed_at, said.recorded_at],
    )  # fmt: skip


def _replace(cursor: Cursor, said: Said, held: dict[str, dict[str, _Observation]]) -> None:
    """Make `entities` hold what follows from the observations of some ids."""
    rows: dict[str, list[Any]] = {
        name: [] for name in ("entity_id", "alias", "attributes", "words", "at")
    }
    seen: set[str] = set()
    for entity_id, by_source in held.items():
        ordered = sorted(by_source.values(), key=lambda one: (one.observed_at, one.number))
        there = [one for one in reversed(ordered) if one.attributes is not None]
        known = merged(said.kind.name, [structs.decode(one.attributes or "") for one in there])
        seen |= known.keys()
        rows["entity_id"].append(entity_id)
        rows["alias"].append(known.get("sku") or entity_id)
        rows["attributes"].append(msgspec.json.encode(known).decode() if there else None)
        rows["words"].append(words(entity_id, known))
        rows["at"].append(there[0].observed_at if there else None)
    _write(
        cursor, {"entity_id": rows["entity_id"]},
        "delete from entities where kind = ? and brand = ? "
        "and entity_id in (select entity_id from written_entities)",
        said.scope,
    )  # fmt: skip
    _write(
        cursor, rows,
        "insert into entities select ?, ?, entity_id, alias, cast(cast(attributes as json) as "
        "variant), words, \"at\" from written_entities where attributes is not null",
        said.scope,
    )  # fmt: skip
    _advance(cursor, said.kind.name, seen)


def _advance(cursor: Cursor, kind: str, seen: Iterable[str]) -> None:
    cursor.execute("select state, attributes from entity_kinds where kind = ?", [kind])
    state, known = cursor.one() or (0, [])
    cursor.execute(
        "insert or replace into entity_kinds values (?, ?, ?)",
        [kind, state + 1, sorted({*known, *seen})],
    )


def _write(
    cursor: Cursor, columns: Mapping[str, Sequence[Any]], sql: str, params: list[Any]
) -> None:
    types = {"number": pa.int64(), "at": pa.timestamp("us")}
    table = pa.table(
        {
            name: pa.array(list(values), types.get(name, pa.string()))
            for name, values in columns.items()
        }
    )
    cursor.register("written_entities", table)
    try:
        cursor.execute(sql, params)
    finally:
        cursor.unregister("written_entities")
