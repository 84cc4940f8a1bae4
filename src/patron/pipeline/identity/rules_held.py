"""Which rules of identity hold, and which held before."""

from __future__ import annotations

from typing import Any

import msgspec

from patron import definitions, structs
from patron.clock import format_time
from patron.definitions import Body
from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError
from patron.pipeline.identity.plan import held_name
from patron.pipeline.readers import default_rules
from patron.spec.identifiers import IdentifierType, IdentityRules


def rules_held(cursor: Cursor, version: int | None = None) -> dict[str, Any]:
    """The rules of one version as a definition file has them, and all versions there were.

    Args:
        cursor: For reading.
        version: Which one, 0 the default rules; those that hold when None.

    Returns:
        `name`, `version` (0: the default rules), `holds`, `defaults` (the edition of the default
        rules that this workspace keeps), `rules`, and `versions`, the newest first.

    Raises:
        NotFoundError: There is no such version.
    """
    name = held_name(cursor)
    versions = definitions.history(cursor, "identity", name)
    newest = versions[0].version if versions and versions[0].body is not None else 0
    wanted = newest if version is None else version
    body: Body | None = None
    if wanted > 0:
        found = next((one for one in versions if one.version == wanted), None)
        if found is None:
            raise NotFoundError(f"There is no version {wanted} of the rules of identity.")
        body = found.body
    edition = cursor.execute("select value from meta where key = 'identity_defaults'").value()
    return {
        "name": name,
        "version": wanted,
        "holds": wanted == newest or (not newest and body is None),
        "defaults": int(edition),
        "is_default": body is None,
        "rules": written_out(default_rules(cursor)) if body is None else body,
        "versions": [
            {
                "version": one.version,
                "recorded_at": format_time(one.recorded_at),
                "origin": one.origin,
                "is_default": one.body is None,
            }
            for one in versions
        ],
    }


def written_out(rules: IdentityRules) -> Body:
    """Rules as a definition file has them: what a type leaves at its default is not said.

    >>> card = IdentifierType(name="card", limit=2, fields=("traits.card",))
    >>> written_out(IdentityRules(types=(card,), blocked=("null",)))
    {'types': [{'name': 'card', 'limit': 2, 'fields': ['traits.card']}], 'blocked': ['null']}
    """
    body: Body = structs.decode(msgspec.json.encode(rules))
    usual = structs.decode(msgspec.json.encode(IdentifierType(name="any")))
    del usual["name"]
    body["types"] = [
        {
            field: value
            for field, value in kind.items()
            if field not in usual or value != usual[field]
        }
        for kind in body["types"]
    ]
    return {field: value for field, value in body.items() if value or field == "blocked"}
