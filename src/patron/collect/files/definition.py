"""Mappings as people write them, checked as far as that goes without the files."""

from __future__ import annotations

from collections.abc import Iterator

from patron.collect.files.expressions import parse_scalar
from patron.collect.files.values import check_zone
from patron.errors import DefinitionError
from patron.spec.mapping import (
    Expression,
    Mapping,
    Timestamp,
    Value,
    rows_of_entities,
)
from patron.spec.mapping_checks import decode_mapping
from patron.spec.pulled import check_pulled


def read_mapping(raw: object) -> Mapping:
    """Read a mapping: its fields, and the SQL in it.

    Args:
        raw: What the YAML or JSON file holds.

    Raises:
        DefinitionError: `field` is the path of what is wrong.

    >>> mapping = read_mapping({
    ...     "kind": "mapping", "name": "visits", "source": "tills", "file": "visits*.csv",
    ...     "message": {"event": "Store Visited", "timestamp": "at",
    ...                 "identifiers": {"loyalty_card": "card"}}})
    >>> mapping.message.message_id
    GeneratedId(hash=(), count_repeats=False)
    """
    mapping = decode_mapping(raw)
    if mapping.database is not None:
        if mapping.entity is not None:
            raise DefinitionError(
                "entity: catalogues are read from files and feeds; a database brings messages.",
                field="entity",
            )
        check_pulled(mapping, mapping.database)
    if mapping.entity is not None:
        for path, sql in _expressions(rows_of_entities(mapping)):
            parse_scalar(sql, path.replace("message.properties", "entity.attributes"))
        return mapping
    for path, sql in _expressions(mapping):
        parse_scalar(sql, path)
    if mapping.message is not None and isinstance(mapping.message.timestamp, Timestamp):
        check_zone(mapping.message.timestamp.time_zone, "message.timestamp.time_zone")
    return mapping


def _expressions(mapping: Mapping) -> Iterator[tuple[str, str]]:
    if mapping.where is not None:
        yield "where", mapping.where
    message = mapping.message
    if message is None:
        return
    if isinstance(message.timestamp, Timestamp) and message.timestamp.sql is not None:
        yield "message.timestamp.sql", message.timestamp.sql
    for kind, given in message.identifiers.items():
        for value in given if isinstance(given, tuple) else (given,):
            yield from _in_value(value, f"message.identifiers.{kind}")
    for part in ("properties", "traits", "lines", "context", "consent"):
        for name, value in (getattr(message, part) or {}).items():
            yield from _in_value(value, f"message.{part}.{name}")


def _in_value(value: Value, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Expression):
        if value.sql is not None:
            yield f"{path}.sql", value.sql
        aggregate = value.aggregate()
        if aggregate is not None:
            yield from _in_value(aggregate[1], f"{path}.{aggregate[0]}")
