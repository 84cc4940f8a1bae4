"""Where the values stand that were compared, and what stands there now.

A review keeps no values: only which message, or which identifier, gave each. So the values of the
moment of comparing can be shown as long as that message or identifier is there, and not longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from patron import structs
from patron.engines.duckdb import Cursor
from patron.identity.normal.fields import FIELDS
from patron.pipeline.linking.records import fields_of, identifier_fields, said_of
from patron.spec.identifiers import IdentityRules

Fields = Mapping[str, str]


class Places(msgspec.Struct, omit_defaults=True):
    """Where the values of one record stand.

    Attributes:
        messages: By field the position of a message that gave the value.
        identifiers: By field the number of the identifier that it is of.
    """

    messages: dict[str, int] = {}
    identifiers: dict[str, int] = {}

    @property
    def fields(self) -> set[str]:
        """All fields that have a place."""
        return {*self.messages, *self.identifiers}


def find_places(
    cursor: Cursor,
    rules: IdentityRules,
    extra: Sequence[str],
    compared: Mapping[int, Fields],
    *,
    traits: str = "current_traits",
    identifiers: str = "current_identifiers",
) -> dict[int, str]:
    """Where the values of some records stand, as JSON, by profile.

    Args:
        cursor: On a consistent view.
        rules: Of identity.
        extra: As for `read_records`, by which the records were made.
        compared: The records: profiles with their fields.
        traits: As for `read_records`.
        identifiers: As for `read_records`.
    """
    found = {profile_id: Places() for profile_id in compared}
    told = said_of(
        cursor, rules, extra, sorted(compared), traits=traits, identifiers=identifiers
    )  # fmt: skip
    for said in told:
        places = found[said.profile_id]
        if compared[said.profile_id].get(said.field) != said.value or said.field in places.fields:
            continue
        if said.position is not None:
            places.messages[said.field] = said.position
        elif said.identifier_id is not None:
            places.identifiers[said.field] = said.identifier_id
    return {profile_id: msgspec.json.encode(each).decode() for profile_id, each in found.items()}


def read_places(text: str | None) -> Places:
    """Places as they are kept; none where nothing was noted."""
    return Places() if text is None else structs.decode(text, Places)


def values_at(
    cursor: Cursor, rules: IdentityRules, places: Sequence[Places]
) -> list[dict[str, str]]:
    """The values that stand in some places; fields whose place is empty by now are left out.

    Args:
        cursor: On a consistent view.
        rules: Of identity.
        places: Of any number of records.
    """
    named = {field for each in places for field in each.messages}
    extra = sorted(named - set(FIELDS))
    told = _messages(cursor, rules, extra, {n for each in places for n in each.messages.values()})
    held = _identifiers(cursor, rules, {n for each in places for n in each.identifiers.values()})
    return [
        {
            field: values[number][field]
            for where, values in ((each.messages, told), (each.identifiers, held))
            for field, number in where.items()
            if field in values.get(number, {})
        }
        for each in places
    ]


def _messages(
    cursor: Cursor, rules: IdentityRules, extra: Sequence[str], positions: Iterable[int]
) -> dict[int, dict[str, str]]:
    cursor.execute(
        "select position, json_group_object(name, value::json)::varchar from traits "
        "where value is not null and position in (select unnest(?::bigint[])) group by position",
        [sorted(positions)],
    )
    return {
        position: fields_of(structs.decode(told), extra, rules) for position, told in cursor.all()
    }


def _identifiers(
    cursor: Cursor, rules: IdentityRules, numbers: Iterable[int]
) -> dict[int, dict[str, str]]:
    cursor.execute(
        "select identifier_id, type, value from identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [sorted(numbers)],
    )
    tell = identifier_fields(rules)
    return {number: dict(tell(kind, value)) for number, kind, value in cursor.all()}
