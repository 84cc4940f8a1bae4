"""Mappings as definitions: how the rows of files become messages.

Two kinds of text occur in a mapping. Where a *value* is asked for, bare text is the name of a
column. Where a *name* is asked for (the event, the message id, channel and brand), bare text is a
template, in which ``{column}`` stands for a column's value.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from patron.errors import DefinitionError
from patron.spec.databases import DatabaseRows

Scalar = str | int | float | bool | None
Format = Literal["csv", "jsonl", "parquet"]
ColumnType = Literal["text", "number", "boolean", "time", "json"]
MessageType = Literal["identify", "track", "page", "screen"]

AGGREGATES = ("sum", "min", "max", "first", "last", "count", "count_distinct")
ENTITY_OBSERVED = "Entity Observed"
"""What the rows of a catalogue are called on their way; it is stored nowhere."""

EVENT_OF_TYPE = {"page": "Page Viewed", "screen": "Screen Viewed"}
"""What messages are called whose type says what happened."""


class Expression(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """How one value is made: exactly one of the following, `column` optionally with `map`.

    Attributes:
        value: A constant.
        column: A column, ``relation.column`` for one of a relation.
        map: With `column`: translates its values (as text); what is not listed becomes `default`.
        default: With `map`: the value for what is not listed. Without it such values are left out.
        template: Text with ``{column}`` in it; missing when one of its columns is.
        sql: One scalar SQL expression over the columns.
        sum: Total of a column over the rows of a group, exact to 6 places. Also `min`, `max`.
        first: The first value in the order of the rows. Also `last`.
        count: How many rows have a value; ``"*"`` counts all rows of the group.
        count_distinct: How many different values there are.
    """

    value: Scalar | UnsetType = UNSET
    column: str | None = None
    map: dict[str, Scalar] | None = None
    default: Scalar | UnsetType = UNSET
    template: str | None = None
    sql: str | None = None
    sum: str | Expression | None = None
    min: str | Expression | None = None
    max: str | Expression | None = None
    first: str | Expression | None = None
    last: str | Expression | None = None
    count: str | Expression | None = None
    count_distinct: str | Expression | None = None

    def aggregate(self) -> tuple[str, Value] | None:
        """The aggregate and its argument, when this is one."""
        for name in AGGREGATES:
            argument: Value | None = getattr(self, name)
            if argument is not None:
                return name, argument
        return None


Value = str | Expression
"""A column's name, or an expression."""


class Timestamp(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """When it happened.

    Attributes:
        column, value, sql: Where the moment stands; exactly one of them.
        format: ``iso`` (ISO 8601), ``epoch_s``, ``epoch_ms``, or a strftime pattern such as
            ``%d/%m/%Y %H:%M``. Columns that hold times already need none.
        time_zone: IANA name of the zone of times that state none; UTC unless given.
    """

    column: str | None = None
    value: str | None = None
    sql: str | None = None
    format: str = "iso"
    time_zone: str = "UTC"


class GeneratedId(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A message id made from the row's content, whatever file it stands in.

    Attributes:
        hash: The columns that make a row what it is; all columns of the file unless given.
        count_repeats: Rows of one file that are alike are different messages. Otherwise they are
            one message, and the second and later ones are counted as duplicates.
    """

    hash: tuple[str, ...] = ()
    count_repeats: bool = False


class CsvOptions(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    r"""How a delimited text file is written.

    Attributes:
        delimiter: One character; ``"\t"`` for tabs.
        quote: The character around fields that hold delimiters; doubled inside such a field.
        encoding: Any text encoding that Python knows: ``utf-8``, ``windows-1250``, ``utf-16``.
        header: Whether the first record holds the names.
        names: The names, when there is no header.
        nulls: Texts that mean "no value".
        decimal: The decimal separator of numbers.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    names: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ("",)
    decimal: Literal[".", ","] = "."


class Relation(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A further file whose rows are looked up by key.

    Attributes:
        file: Path or glob, relative to the folder of the import.
        key: Their column to ours; ours may be ``relation.column`` of a relation declared earlier.
        format, csv, columns: As in the mapping itself.
    """

    file: str
    key: dict[str, str]
    format: Format | None = None
    csv: CsvOptions = CsvOptions()
    columns: dict[str, ColumnType] = {}


class MessageMapping(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The message that a row, or a group of rows, becomes.

    Attributes:
        type: ``track`` for events, ``identify`` for what is known of a customer.
        event: Template of the event's name, or a column with `map`; only for ``track``.
        message_id: Template, or how to make one.
        timestamp: A column, or more exactly.
        identifiers: Identifier type to its value or values.
        properties: Of events. ``order_id``, ``revenue``, ``total``, ``tax``, ``shipping``,
            ``discount``, ``currency`` and ``coupon`` land in typed columns too.
        traits: Of ``identify``.
        lines: The products of an order, one from each row: ``product_id``, ``sku``, ``name``,
            ``category``, ``brand``, ``variant``, ``colour``, ``price``, ``quantity``, and others.
        context: Kept with the message.
        consent: Category to whether it is consented to; true is a yes. Stands in the context as
            ``consent.categoryPreferences``.
        channel, brand: Templates; those of the source unless given.
    """

    type: MessageType = "track"
    event: str | Expression | None = None
    message_id: str | GeneratedId = GeneratedId()
    timestamp: str | Timestamp
    identifiers: dict[str, str | Expression | tuple[str | Expression, ...]]
    properties: dict[str, Value] = {}
    traits: dict[str, Value] = {}
    lines: dict[str, Value] | None = None
    context: dict[str, Value] = {}
    consent: dict[str, Value] = {}
    channel: str | None = None
    brand: str | None = None


class EntityMapping(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The product, or the other entity, that a row is about.

    Attributes:
        kind: What it is: ``product``, or the name of a declared kind.
        id: Its id.
        attributes: What is known of it.
    """

    kind: str = "product"
    id: Value
    attributes: dict[str, Value] = {}


class Mapping(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """How the rows of some files become messages.

    Attributes:
        name: Unique among mappings.
        source: The source that the messages come from.
        file: Glob relative to the folder that is imported.
        database: In the place of `file`: the rows of a database.
        mode: ``rows`` are mapped by `message`; ``messages`` are protocol messages already, one
            JSON object a line.
        format: Guessed from the file's ending unless given.
        columns: Types of columns in formats that hold only text.
        relations: Further files, by the name under which their columns are referred to.
        group_by: Rows that agree in these columns make one message.
        where: A scalar SQL condition; rows for which it is not true are passed over.
        message: What the rows become.
        entity: What the rows are about, where they are no messages, but a catalogue.
        description: For people.
    """

    kind: Literal["mapping"] = "mapping"
    name: str
    source: str
    file: str = ""
    database: DatabaseRows | None = None
    mode: Literal["rows", "messages"] = "rows"
    format: Format | None = None
    csv: CsvOptions = CsvOptions()
    columns: dict[str, ColumnType] = {}
    relations: dict[str, Relation] = {}
    group_by: tuple[str, ...] = ()
    where: str | None = None
    message: MessageMapping | None = None
    entity: EntityMapping | None = None
    description: str | None = None


def rows_of_entities(mapping: Mapping) -> Mapping:
    """A mapping of entities as one of messages: the id as identifier, attributes as properties.

    Raises:
        DefinitionError: It maps no entities.
    """
    entity = mapping.entity
    if entity is None:
        raise DefinitionError("entity is missing.", field="entity")
    message = MessageMapping(
        event=ENTITY_OBSERVED,
        timestamp=Timestamp(value="2000-01-01"),  # never looked at
        identifiers={entity.kind: entity.id},
        properties=entity.attributes,
    )
    return msgspec.structs.replace(mapping, entity=None, message=message)
