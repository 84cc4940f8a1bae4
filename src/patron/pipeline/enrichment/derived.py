"""What an enrichment has to say of what came in, and what it said before.

It speaks when what follows from a customer's inputs changes. To be as if everything had come in on
time, whoever something came in late for is derived anew from all of their inputs; what was said
before is known by its message id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.pipeline.enrichment.inputs import Input
from patron.spec.enrichment import Connector, EnrichmentDefinition

Derived = Mapping[str, Any]

_SAID = """
select identifier_id, name, arg_max({'value': value::JSON::VARCHAR}, (occurred_at, message_id)),
    max(occurred_at)
from traits where source_id = ? and identifier_id in (select unnest(?))
group by identifier_id, name
"""


class Said(NamedTuple):
    """What an enrichment said of an identifier last."""

    at: datetime
    traits: Derived


class Speaking:
    """An enrichment with its connector, ready to derive.

    Args:
        definition: The enrichment.
        connector: Its connector.
    """

    def __init__(self, definition: EnrichmentDefinition, connector: Connector) -> None:
        self.definition = definition
        self.connector = connector
        self._called = {name: definition.traits.get(name, name) for name in connector.gives}

    @property
    def reads(self) -> str:
        """Equal only while it would say the same of the same inputs."""
        connector = self.connector
        told = [self.definition.use, connector.version, connector.reads.kind,
                connector.reads.names, self._called]  # fmt: skip
        return json.dumps(told, sort_keys=True)

    def derive(self, found: Sequence[Input]) -> list[Derived]:
        """The traits that follow from each input, all of them, under their names here."""
        answers = self.connector.derive([one.said for one in found])
        return [
            {called: answer.get(name) for name, called in self._called.items()}
            for answer in answers
        ]

    def last_said(
        self, cursor: Cursor, source_id: int, identifier_ids: Collection[int]
    ) -> dict[int, Said]:
        """What it said last of some identifiers."""
        rows = cursor.execute(_SAID, [source_id, list(identifier_ids)]).all()
        found: dict[int, Said] = {}
        for identifier_id, name, held, at in rows:
            before = found.get(identifier_id, Said(at, {}))
            value = held["value"]
            traits = {**before.traits, name: None if value is None else json.loads(value)}
            found[identifier_id] = Said(max(at, before.at), traits)
        return found

    def news(
        self,
        found: Sequence[Input],
        said: Mapping[int, Said],
        all_of: Callable[[Collection[int]], Sequence[Input]],
    ) -> list[tuple[Input, Derived]]:
        """The inputs from which on something else follows, with what follows.

        Args:
            found: What came in.
            said: What was said of those identifiers last.
            all_of: All inputs of some identifiers, those that came in before too.
        """
        derived = list(zip(found, self.derive(found), strict=True))
        again = {
            one.identifier_id
            for one, follows in derived
            if (last := said.get(one.identifier_id)) is not None
            and (one.occurred_at <= last.at or not _same(last.traits, follows))
        }
        derived = [pair for pair in derived if pair[0].identifier_id not in said]
        if again:
            whole = all_of(again)
            derived += zip(whole, self.derive(whole), strict=True)
        return _changes(derived)

    def message(self, one: Input, traits: Derived, who: tuple[str, str]) -> dict[str, Any]:
        """The message that says what follows from an input: the same input, the same message."""
        connector = self.connector
        origin = [self.reads, *who, one.source_id, one.message_id]
        digest = hashlib.sha256(json.dumps(origin).encode()).hexdigest()
        return {
            "type": "identify",
            # Of two versions that speak of one moment, the newer one is the later (M13).
            "messageId": f"enrich-{connector.version:06}-{digest[:40]}",
            "timestamp": format_time(one.occurred_at),
            "context": {
                "externalIds": [{"type": who[0], "id": who[1]}],
                "enrichment": {
                    "name": self.definition.name,
                    "connector": self.definition.use,
                    "version": connector.version,
                    "provenance": connector.provenance,
                    "basis": connector.basis,
                    "from_message": one.message_id or None,
                },
            },
            "traits": dict(traits),
        }


def _changes(derived: list[tuple[Input, Derived]]) -> list[tuple[Input, Derived]]:
    found = []
    ordered = sorted(derived, key=lambda pair: (pair[0].identifier_id, pair[0].order))
    for _, pairs in groupby(ordered, key=lambda pair: pair[0].identifier_id):
        before: Derived = {}
        for one, follows in pairs:
            if not _same(before, follows):
                found.append((one, follows))
            before = follows
    return found


def _same(one: Derived, other: Derived) -> bool:
    return all(one.get(name) == other.get(name) for name in {*one, *other})
