"""A small world for the pages on identity: a wrong merge, two who are alike, a kiosk."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from integration.harness import KEY
from patron.engines.duckdb import Database
from patron.warehouse import linking
from patron.warehouse.store import DATABASE
from patron.workspace import Workspace

PROPOSED = datetime(2026, 5, 4, 10)
ALIKE = [("eva", "ewa"), ("jan", "jon"), ("max", "maxi")]
"""Pairs that a model is in doubt about, the likeliest first."""

WRONG: dict[str, Any] = {
    "type": "track", "userId": "ann", "event": "Seen", "messageId": "w1",
    "timestamp": "2026-05-03T12:00:00Z", "context": {"traits": {"email": "bob@example.com"}},
}  # fmt: skip
"""What joined Ann and Bob: at the till somebody typed his address into her order."""


def make_world(folder: Path) -> None:
    """Fill a workspace."""
    with Workspace(folder) as workspace:
        for batch in (people(), [bob()], [WRONG]):
            workspace.collect_batch(json.dumps({"batch": batch}).encode(), KEY).result()
        workspace.put_segment("gold", {"rule": 'plan = "gold"'})
    propose(folder)
    with Workspace(folder) as workspace:
        workspace.collect_batch(json.dumps({"batch": [later()]}).encode(), KEY).result()


def people() -> list[dict[str, Any]]:
    """Ann, those who are alike, and a kiosk on which eleven signed up."""
    known = [("ann", {"name": "Ann Smith", "email": "ann@example.com", "plan": "gold"})]
    known += [(one, {"firstName": one, "email": f"{one}@example.com", "birthday": "1980-05-17",
                     "address": {"city": city}})
              for pair in ALIKE
              for one, city in zip(pair, ("Bremen", "Essen"), strict=True)]  # fmt: skip
    # Alike or not, a user id would keep two apart; these are known by their addresses.
    return [
        {"type": "identify", "messageId": f"i-{name}", "timestamp": "2026-05-03T10:00:00Z",
         "traits": traits, **({"userId": "ann"} if name == "ann" else {"anonymousId": f"b-{name}"})}
        for name, traits in known
    ] + [
        {"type": "identify", "messageId": f"k{number}", "anonymousId": "kiosk",
         "timestamp": f"2026-05-02T10:{number:02}:00Z",
         "traits": {"email": f"kiosk{number}@example.com"}}
        for number in range(11)
    ]  # fmt: skip


def later() -> dict[str, Any]:
    """What is heard of Eva after a model compared her with Ewa."""
    return {"type": "identify", "messageId": "later", "anonymousId": "b-eva",
            "timestamp": "2026-05-05T10:00:00Z",
            "traits": {"firstName": "Hannelore", "address": {"city": "Aachen"}}}  # fmt: skip


def bob() -> dict[str, Any]:
    """Bob, who is known before he and Ann are mixed up."""
    return {"type": "track", "event": "Seen", "messageId": "b1", "anonymousId": "bobs-phone",
            "timestamp": "2026-05-03T11:00:00Z",
            "context": {"traits": {"email": "bob@example.com"}}}  # fmt: skip


def propose(folder: Path) -> None:
    """What a model would ask about. Training one takes longer than all the journeys."""
    with Database(folder / DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "select value, identifier_id, (select min(position) from current_traits as t "
            "where t.profile_id = i.profile_id) from current_identifiers as i where type = 'email'"
        )
        found = {
            value.split("@")[0]: (number, position) for value, number, position in cursor.all()
        }
        rows = [
            (found[one][0], found[other][0], 4.0 - at, 0.94 - at / 10, json.dumps([
                {"field": None, "level": "before any field is looked at", "weight": -6.0},
                {"field": "given_name", "level": "one typing error", "weight": 6.5 - at},
                {"field": "birthday", "level": "same", "weight": 5.0},
                {"field": "city", "level": "different", "weight": -1.5},
            ]), *(places(found[side][1]) for side in (one, other)))
            for at, (one, other) in enumerate(ALIKE)
        ]  # fmt: skip
        with cursor.transaction():
            linking.propose(cursor, rows, "default", 1, PROPOSED)


def places(position: int) -> str:
    """Where the values stand that were compared: all in one message."""
    fields = ("given_name", "birthday", "city")
    return json.dumps({"messages": dict.fromkeys(fields, position)})
