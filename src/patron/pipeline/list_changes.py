"""Static lists as definitions: their members in normal form, and recording them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from patron.definitions import Body
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.identity import NormalForms
from patron.pipeline.readers import list_members
from patron.spec.identifiers import Identifier, IdentityRules
from patron.warehouse.lists import put_list, remove_list


def record_list(
    cursor: Cursor, name: str, body: Body | None, rules: IdentityRules, now: datetime
) -> None:
    """Put a list that is a definition, or remove it when there is no body any more."""
    if body is None:
        remove_list(cursor, name)
        return
    put_list(cursor, name, normal_members(list_members(body), rules, f"list {name}"), now)


def normal_members(
    identifiers: Iterable[Identifier], rules: IdentityRules, where: str
) -> list[tuple[str, str]]:
    """Identifiers in normal form, as (type, value).

    Raises:
        DefinitionError: One of them can identify nobody.
    """
    forms = NormalForms(rules)
    members = []
    for identifier in identifiers:
        normal = forms.normal(identifier.type, identifier.value)
        if not isinstance(normal, str):
            raise DefinitionError(f"{where}: {identifier}: {normal.reason}")
        members.append((identifier.type, normal))
    return members
