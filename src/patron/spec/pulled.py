"""What a mapping must say, and may not say, when its rows are those of a database."""

from __future__ import annotations

from patron.errors import DefinitionError
from patron.spec.databases import DatabaseRows, check_database
from patron.spec.mapping import CsvOptions, GeneratedId, Mapping, MessageMapping, Timestamp


def check_pulled(mapping: Mapping, database: DatabaseRows) -> None:
    """Check the rest of a mapping that reads a database.

    Raises:
        DefinitionError: `field` is the path of what is wrong.
    """
    check_database(database)
    for name in ("file", "format", "relations"):
        if getattr(mapping, name):
            raise DefinitionError(
                f"{name}: has no meaning with database; "
                + ("join tables in database.query." if name == "relations" else "leave it out."),
                field=name,
            )
    if mapping.csv != CsvOptions():
        raise DefinitionError("csv: has no meaning with database; leave it out.", field="csv")
    if mapping.group_by and database.cursor not in mapping.group_by:
        raise DefinitionError(
            f"group_by: name {database.cursor}, too, the cursor of the database: rows of one "
            "message must come with one pull.",
            field="group_by",
        )
    if mapping.message is not None:
        _check_message(mapping, mapping.message, database)


def _check_message(mapping: Mapping, message: MessageMapping, database: DatabaseRows) -> None:
    made = message.message_id
    if isinstance(made, GeneratedId) and not mapping.group_by:
        if made.count_repeats:
            raise DefinitionError(
                "message.message_id.count_repeats: a row of a database comes with more than one "
                "pull; name columns that tell rows apart.",
                field="message.message_id.count_repeats",
            )
        if not made.hash:
            raise DefinitionError(
                'message.message_id: expected a template such as "order-{id}", or the columns to '
                "hash: a row of a database comes with more than one pull, and counts once.",
                field="message.message_id",
            )
    moment = message.timestamp
    if database.time_zone and isinstance(moment, Timestamp) and moment.time_zone != "UTC":
        raise DefinitionError(
            "message.timestamp.time_zone: database.time_zone says it already.",
            field="message.timestamp.time_zone",
        )
