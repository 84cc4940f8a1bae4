"""Normal forms from end to end: what comes in by request and by file, and what rules may change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integration.harness.waiting import until
from patron.engines.duckdb import Database
from patron.errors import DefinitionError
from patron.pipeline.readers import default_rules
from patron.spec.identifiers import DEFAULT_RULES, FIRST_RULES, SECOND_RULES, IdentityRules
from patron.warehouse import schema
from patron.workspace import Workspace

MAPPING = {
    "source": "web",
    "file": "*.jsonl",
    "columns": dict.fromkeys(("id", "mail", "phone", "locale", "at"), "text"),
    "message": {
        "type": "identify",
        "message_id": "{id}",
        "timestamp": "at",
        "identifiers": {"email": "mail", "phone": "phone"},
        "context": {"locale": "locale"},
        "traits": {"plan": {"value": "gold"}},
    },
}
ROWS = [
    {"id": "1", "mail": "a.nn@gmail.com", "phone": "030 1234567", "locale": "de-DE"},
    {"id": "2", "mail": "bob@example.com", "phone": "12 345 67 89", "locale": "pl-PL"},
    {"id": "3", "mail": "Ann+x@googlemail.com", "phone": "222222222", "locale": "pl"},
    {"id": "4", "mail": "noreply@shop.example", "phone": "+49 30 1234567", "locale": "en"},
]  # fmt: skip
STANDING = "select type, value, original from customer_identifiers order by type, value"


def identity(**changed: Any) -> dict[str, Any]:
    types = [
        {"name": kind.name, "normal_form": kind.normal_form, "unique": kind.unique,
         "fields": list(kind.fields)}
        for kind in FIRST_RULES.types
    ]  # fmt: skip
    return {"kind": "identity", "name": "rules", "body": {"types": types, **changed}}


def test_a_message_that_identifies_nobody_says_of_each_value_why(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "data")
    message = {"messageId": "1", "anonymousId": "undefined", "traits": {"phone": "0"}}
    with Workspace(tmp_path / "data") as workspace:
        definition = {"kind": "source", "name": "web", "body": {"type": "web"}}
        key = workspace.apply([definition])["write_keys"]["web"]
        batch = {"batch": [{"type": "identify", **message}]}
        workspace.collect_batch(json.dumps(batch).encode(), key).result()
        [refused] = workspace.quarantined()["data"]
    assert (refused["code"], refused["field"]) == ("no_identity", "anonymous_id")
    assert refused["reason"] == (
        "anonymous_id: This value is on the list of values that identify nobody. "
        "phone: This value is on the list of values that identify nobody."
    )


def test_requests_and_files_end_in_the_same_identifiers(tmp_path: Path) -> None:
    definitions = [
        {"kind": "source", "name": "web", "body": {"type": "web"}},
        {"kind": "mapping", "name": "rows", "body": MAPPING},
    ]
    found = []
    for way in ("requests", "file"):
        folder = tmp_path / way
        Workspace.create(folder)
        with Workspace(folder) as workspace:
            key = workspace.apply(definitions)["write_keys"]["web"]
            rows = [{**row, "at": "2026-01-01T00:00:00Z"} for row in ROWS]
            if way == "file":
                (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
                import_id = workspace.start_import("rows", str(tmp_path))["import_id"]
                until(lambda: workspace.import_state(import_id)["state"] != "running")  # noqa: B023
                assert workspace.import_state(import_id)["state"] == "done"
            else:
                batch = [
                    {"type": "identify", "messageId": row["id"], "timestamp": row["at"],
                     "context": {"locale": row["locale"]},
                     "traits": {"email": row["mail"], "phone": row["phone"], "plan": "gold"}}
                    for row in rows
                ]  # fmt: skip
                workspace.collect_batch(json.dumps({"batch": batch}).encode(), key).result()
            found.append(workspace.sql(STANDING)["rows"])
    assert found[0] == found[1]
    assert [row[:2] for row in found[0]] == [
        ["email", "ann@gmail.com"],
        ["email", "bob@example.com"],
        ["phone", "+48123456789"],
        ["phone", "+49301234567"],
    ]
    assert ["phone", "+49301234567", "030 1234567;phone-context=DE"] in found[0]


@pytest.mark.parametrize(
    ("version", "filled", "rules"),
    [
        (2, True, FIRST_RULES),
        (2, False, DEFAULT_RULES),
        (3, True, SECOND_RULES),
        (3, False, DEFAULT_RULES),
    ],
)
def test_a_workspace_keeps_the_defaults_that_it_was_filled_under(
    version: int, filled: bool, rules: IdentityRules
) -> None:
    with Database(threads=1) as database:
        cursor = database.cursor()
        for number, sql in schema.migrations()[:version]:
            cursor.execute(sql)
            cursor.execute(
                "insert or replace into meta values ('schema_version', ?)", [str(number)]
            )
        if filled:
            cursor.execute(
                "insert into identifiers values "
                "(1, 'email', 'a.nn@gmail.com', 'a.nn@gmail.com', 1, 1, 1, 1, now()::TIMESTAMP)"
            )
        schema.migrate(cursor)
        assert default_rules(cursor) == rules


def test_what_normal_forms_follow_from_stays_once_customers_are_stored(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    Workspace.create(folder)
    first = identity()
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    with Workspace(folder) as workspace:
        key = workspace.apply([source, first])["write_keys"]["web"]
        message = {"userId": "u1", "type": "identify", "traits": {"email": "a.nn@gmail.com"}}
        workspace.collect_batch(json.dumps({"batch": [message]}).encode(), key).result()
        refused: list[dict[str, Any]] = [
            {"email_providers": "standard"},
            {"email_providers": [{"domains": ["gmail.com"], "ignored": "."}]},
            {"region_fields": ["context.locale"]},
            {"brand_regions": {"main": "DE"}},
            {"types": [{**kind, "check_digit": "luhn", "normal_form": "card"}
                       if kind["name"] == "loyalty_card" else kind
                       for kind in first["body"]["types"]]},
            *({"types": [{**kind, **more} if kind["name"] == "email" else kind
                         for kind in first["body"]["types"]]}
              for more in ({"limit": 3}, {"held_back_above": 4}, {"identifies": "household"})),
        ]  # fmt: skip
        for changed in refused:
            with pytest.raises(DefinitionError, match="while customers are stored"):
                workspace.apply([source, identity(**changed)])
        # The defaults are other rules; and these are not what the stored values were made under.
        with pytest.raises(DefinitionError, match="while customers are stored"):
            workspace.apply([source], prune=True)
        types = [{**kind, "blocked": ["x"]} for kind in first["body"]["types"]]
        workspace.apply([source, identity(types=types, email_providers=[])])
