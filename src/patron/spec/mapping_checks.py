"""Reads mappings, and says what is wrong with them as far as that shows without their files."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from patron.errors import DefinitionError
from patron.spec.mapping import (
    AGGREGATES,
    CsvOptions,
    Expression,
    GeneratedId,
    Mapping,
    MessageMapping,
    Timestamp,
    Value,
    rows_of_entities,
)
from patron.spec.reading import read_definition
from patron.spec.sources import check_name


def decode_mapping(raw: object) -> Mapping:
    """Read a mapping and check what can be checked without its files.

    SQL inside it, and what a database asks of it, are checked by
    `patron.collect.files.read_mapping`, which calls this first.

    Args:
        raw: What the YAML or JSON file holds.

    Raises:
        DefinitionError: `field` is the path of what is wrong.
    """
    mapping = read_definition(raw, Mapping)
    check_name(mapping.name)
    if mapping.database is None and not mapping.file:
        raise DefinitionError("file is missing.", field="file")
    if mapping.mode == "messages":
        _check_messages_mode(mapping)
        return mapping
    if mapping.entity is not None:
        if mapping.message is not None:
            raise DefinitionError("entity: its rows are no messages.", field="entity")
        mapping_of_rows = rows_of_entities(mapping)
        decode_mapping(msgspec.to_builtins(mapping_of_rows))
        return mapping
    if mapping.message is None:
        raise DefinitionError("message is missing.", field="message")
    for where, options in [("csv", mapping.csv)] + [
        (f"relations.{name}.csv", relation.csv) for name, relation in mapping.relations.items()
    ]:
        _check_csv(options, where)
    _check_relations(mapping)
    _check_message(mapping, mapping.message)
    return mapping


def _check_messages_mode(mapping: Mapping) -> None:
    if mapping.format not in {None, "jsonl"}:
        raise DefinitionError("format: messages stand in JSON lines.", field="format")
    names = ("database", "message", "entity", "relations", "group_by", "where", "columns")
    for name in names:
        if getattr(mapping, name):
            raise DefinitionError(
                f"{name}: has no meaning with mode: messages, whose lines are messages already.",
                field=name,
            )


def _check_csv(options: CsvOptions, where: str) -> None:
    for name in ("delimiter", "quote"):
        if len(getattr(options, name).encode()) != 1 or getattr(options, name) in "\r\n\0":
            raise DefinitionError(
                f'{where}.{name}: expected one ASCII character, such as "," or "\\t".',
                field=f"{where}.{name}",
            )
    if options.delimiter == options.quote:
        raise DefinitionError(f"{where}.quote: is the delimiter too.", field=f"{where}.quote")
    if options.header == bool(options.names):
        raise DefinitionError(
            f"{where}.names: give the names of the columns exactly when header is false.",
            field=f"{where}.names",
        )


def _check_relations(mapping: Mapping) -> None:
    for name, relation in mapping.relations.items():
        if not name.isidentifier():
            raise DefinitionError(
                f"relations.{name}: expected a name of letters, digits and '_'.",
                field=f"relations.{name}",
            )
        if not relation.key:
            raise DefinitionError(
                f"relations.{name}.key: expected their column and ours, as in "
                "{product_id: product_id}.",
                field=f"relations.{name}.key",
            )


def _check_message(mapping: Mapping, message: MessageMapping) -> None:
    grouped = bool(mapping.group_by)
    _check_event(message, grouped=grouped)
    identify = message.type == "identify"
    for part, wrong in (
        ("traits", not identify),
        ("event", message.type != "track"),
        ("properties", identify),
        ("lines", message.type != "track"),
    ):
        if wrong and getattr(message, part):
            raise DefinitionError(
                f"message.{part}: a message of type {message.type} has none.",
                field=f"message.{part}",
            )
    if not message.identifiers:
        raise DefinitionError(
            "message.identifiers: expected at least one, as in {loyalty_card: card_number}.",
            field="message.identifiers",
        )
    if (
        isinstance(message.message_id, GeneratedId)
        and grouped
        and (message.message_id.hash or message.message_id.count_repeats)
    ):
        raise DefinitionError(
            "message.message_id: a group is known by the columns of group_by; leave hash and "
            "count_repeats out, or write a template.",
            field="message.message_id",
        )
    _check_timestamp(message)
    for kind, given in message.identifiers.items():
        for value in given if isinstance(given, tuple) else (given,):
            _check_value(value, f"message.identifiers.{kind}", grouped=grouped)
    if message.consent and "consent" in message.context:
        raise DefinitionError(
            "message.context.consent: is made from consent.", field="message.context.consent"
        )
    for part in ("properties", "traits", "context", "consent"):
        _check_values(getattr(message, part), f"message.{part}", grouped=grouped)
    _check_values(message.lines or {}, "message.lines", grouped=False, line=True)
    if message.lines is not None and "products" in message.properties:
        raise DefinitionError(
            "message.properties.products: is made from lines.", field="message.properties.products"
        )


def _check_event(message: MessageMapping, *, grouped: bool) -> None:
    named = message.event
    if isinstance(named, Expression):
        if (
            named.column is None
            or named.map is None
            or not all(isinstance(name, str) for name in named.map.values())
        ):
            raise DefinitionError(
                "message.event: expected a template, or a column with the map of its values to "
                "names of events.",
                field="message.event",
            )
        _check_value(named, "message.event", grouped=grouped)
    elif message.type == "track" and not (named or "").strip():
        raise DefinitionError(
            "message.event: a track message names its event.", field="message.event"
        )


def _check_timestamp(message: MessageMapping) -> None:
    moment = message.timestamp
    if isinstance(moment, Timestamp):
        given = [n for n in ("column", "value", "sql") if getattr(moment, n) is not None]
        if len(given) != 1:
            raise DefinitionError(
                "message.timestamp: expected exactly one of column, value and sql.",
                field="message.timestamp",
            )
        if not moment.format:
            raise DefinitionError(
                "message.timestamp.format is empty.", field="message.timestamp.format"
            )


def _check_values(
    values: dict[str, Value], where: str, *, grouped: bool, line: bool = False
) -> None:
    seen: dict[str, str] = {}
    for name, value in values.items():
        path = f"{where}.{name}"
        if not name:
            raise DefinitionError(f"{where}: a name is empty.", field=where)
        if seen.setdefault(name.lower(), name) != name:
            raise DefinitionError(
                f"{path}: differs from {seen[name.lower()]} only in case.", field=path
            )
        _check_value(value, path, grouped=grouped, line=line)


def _check_value(value: Value, path: str, *, grouped: bool, line: bool = False) -> None:
    if isinstance(value, str):
        return
    given = [n for n in ("column", "template", "sql") if getattr(value, n) is not None]
    given += [] if value.value is UNSET else ["value"]
    given += [n for n in AGGREGATES if getattr(value, n) is not None]
    if len(given) != 1:
        raise DefinitionError(
            f"{path}: expected exactly one of value, column, template, sql or an aggregate, got "
            f"{' and '.join(given) or 'none'}.",
            field=path,
        )
    if value.map is not None and value.column is None:
        raise DefinitionError(f"{path}.map: belongs to a column.", field=f"{path}.map")
    if value.default is not UNSET and value.map is None:
        raise DefinitionError(f"{path}.default: belongs to a map.", field=f"{path}.default")
    if "value" in given and value.value is None:
        raise DefinitionError(f"{path}.value: is empty.", field=f"{path}.value")
    aggregate = value.aggregate()
    if aggregate is not None:
        name, argument = aggregate
        if not grouped:
            reason = "a line is made from one row" if line else "needs group_by"
            raise DefinitionError(f"{path}.{name}: {reason}.", field=f"{path}.{name}")
        _check_value(argument, f"{path}.{name}", grouped=False)
