"""What is known of each profile, in the forms that compare: what linking reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from patron import structs
from patron.engines.duckdb import Cursor
from patron.identity.normal.fields import FIELDS, normal_fields, tells
from patron.identity.normal.text import matching
from patron.linking import Labels, LinkingDefinition
from patron.spec.identifiers import IdentityRules

Known = dict[str, Counter[str]]

UNIQUE = "unique_"
"""Begins the columns that hold identifiers of which a profile has one."""

_TOLD = """
select profile_id, told::varchar, count(*), min(position) from (
    select profile_id, position, json_group_object(name, value::json) as told
    from {traits}
    where value is not null and name in (select unnest($names::varchar[])) {chosen}
    group by profile_id, position
) group by all order by profile_id
"""
_HELD = """
select profile_id, type, value, identifier_id from {identifiers}
where type in (select unnest($types::varchar[])) {chosen} order by profile_id, type, value
"""


FORMS = "2"
"""Of the forms that records are kept in: another one has all of them read anew."""


class Told(NamedTuple):
    """One value that is known of a profile.

    Attributes:
        profile_id: Of whom.
        field: Of the normal forms, or another trait, or an identifier of which a profile has one.
        value: In the form that compares.
        times: How many messages gave it.
        position: The first message that did; None for an identifier.
        identifier_id: Its number, of an identifier.
    """

    profile_id: int
    field: str
    value: str
    times: int
    position: int | None
    identifier_id: int | None


def extra_fields(definitions: Iterable[LinkingDefinition]) -> list[str]:
    """Traits that definitions compare beside the fields of the normal forms."""
    named = {name for each in definitions for name in each.names}
    return sorted(named - set(FIELDS))


def read_records(
    cursor: Cursor,
    rules: IdentityRules,
    extra: Sequence[str],
    of: Sequence[int] | None,
    *,
    traits: str = "current_traits",
    identifiers: str = "current_identifiers",
) -> Iterator[tuple[int, str]]:
    """Profiles with what is known of them, as JSON; those of whom nothing is known are left out.

    Of each field the value counts that most messages gave, of several the lowest.

    Args:
        cursor: On a consistent view.
        rules: Of identity; types in the form of e-mail addresses and phone numbers are known too.
        extra: Traits to take as they are, beside the fields of the normal forms.
        of: Only these profiles; None for all.
        traits: The relation that has them.
        identifiers: The relation that has them.
    """
    known: dict[int, Known] = {}
    for said in said_of(cursor, rules, extra, of, traits=traits, identifiers=identifiers):
        values = known.setdefault(said.profile_id, {}).setdefault(said.field, Counter())
        values[said.value] += said.times
    for profile_id in sorted(known):
        fields = {name: _chosen(values) for name, values in known[profile_id].items()}
        yield profile_id, msgspec.json.encode(fields, order="sorted").decode()


def said_of(
    cursor: Cursor,
    rules: IdentityRules,
    extra: Sequence[str],
    of: Sequence[int] | None,
    *,
    traits: str,
    identifiers: str,
) -> Iterator[Told]:
    """Every value that is known of profiles, with what it is known from; see `read_records`."""
    for profile_id, told, times, position in _told(cursor, traits, extra, of):
        for name, value in fields_of(structs.decode(told), extra, rules).items():
            yield Told(profile_id, name, value, times, position, None)
    tell = identifier_fields(rules)
    for profile_id, kind, value, identifier_id in _held(cursor, identifiers, rules, of):
        for name, read in tell(kind, value):
            yield Told(profile_id, name, read, 1, None, identifier_id)


def fields_of(
    said: Mapping[str, Any], extra: Iterable[str], rules: IdentityRules
) -> dict[str, str]:
    """What the traits of one message tell, in the forms that compare.

    Args:
        said: Its traits.
        extra: Traits to take as they are, beside the fields of the normal forms.
        rules: Of identity.
    """
    fields = normal_fields(said, rules.default_region)
    for name in extra:
        value = matching(str(said.get(name, "")))
        if value:
            fields[name] = value
    return fields


def identifier_fields(rules: IdentityRules) -> Callable[[str, str], list[tuple[str, str]]]:
    """Tells what an identifier, by type and value, says: a field, and what a profile has one of.

    Args:
        rules: Of identity.
    """
    forms, unique = _as_fields(rules), set(unique_columns(rules))

    def tell(kind: str, value: str) -> list[tuple[str, str]]:
        fields = []
        form = forms.get(kind)
        read = None if form is None else normal_fields({form: value}).get(form)
        if form is not None and read:
            fields.append((form, read))
        if UNIQUE + kind in unique:
            fields.append((UNIQUE + kind, value))
        return fields

    return tell


def as_table(rows: Sequence[tuple[int, str]], columns: Sequence[str]) -> pa.Table:
    """Records as linking takes them: ``record`` is the profile.

    Args:
        rows: Profiles with their fields, as JSON.
        columns: Which fields to take; a record that lacks one has none.
    """
    made: dict[str, list[str | None]] = {name: [] for name in columns}
    for _, text in rows:
        fields = structs.decode(text, dict[str, str])
        for name, values in made.items():
            values.append(fields.get(name))
    arrays = {name: pa.array(values, pa.string()) for name, values in made.items()}
    return pa.table({"record": pa.array([row[0] for row in rows], pa.int64()), **arrays})


def as_labels(pairs: Sequence[tuple[str, str]], columns: Sequence[str]) -> Labels | None:
    """Pairs that people called one person, as training takes them; None without any.

    Args:
        pairs: What was known of both sides, as JSON.
        columns: Which fields to take.
    """
    if not pairs:
        return None
    sides = [side for pair in pairs for side in pair]
    same = tuple((2 * number, 2 * number + 1) for number in range(len(pairs)))
    return Labels(as_table(list(enumerate(sides)), columns), same)


def unique_columns(rules: IdentityRules) -> list[str]:
    """The columns of identifiers of which a profile has one."""
    return [UNIQUE + kind.name for kind in rules.types if kind.unique]


def _chosen(values: Counter[str]) -> str:
    most = max(values.values())
    return min(value for value, times in values.items() if times == most)


def _told(
    cursor: Cursor, traits: str, extra: Sequence[str], of: Sequence[int] | None
) -> list[tuple[int, str, int, int]]:
    names = [row[0] for row in cursor.execute("select distinct name from traits").all()]
    chosen, values = _only(of)
    cursor.execute(
        _TOLD.format(traits=traits, chosen=chosen),
        {"names": [name for name in names if tells(name) or name in extra], **values},
    )
    return cursor.all()


def _held(
    cursor: Cursor, identifiers: str, rules: IdentityRules, of: Sequence[int] | None
) -> list[tuple[int, str, str, int]]:
    """Identifiers that are fields too, and those of which a profile has one."""
    unique = {kind.name for kind in rules.types if kind.unique}
    chosen, values = _only(of)
    cursor.execute(
        _HELD.format(identifiers=identifiers, chosen=chosen),
        {"types": sorted({*_as_fields(rules), *unique}), **values},
    )
    return cursor.all()


def _as_fields(rules: IdentityRules) -> dict[str, str]:
    """Types of identifiers that are fields too, with the field."""
    return {kind.name: kind.normal_form for kind in rules.types
            if kind.normal_form in ("email", "phone")}  # fmt: skip


def _only(of: Sequence[int] | None) -> tuple[str, dict[str, list[int]]]:
    if of is None:
        return "", {}
    return "and profile_id in (select unnest($of::bigint[]))", {"of": list(of)}
