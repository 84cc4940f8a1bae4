"""Reads the identifiers of messages that are stored, under other rules than they came in under."""

from __future__ import annotations

from typing import Any

import msgspec

from patron import structs
from patron.collect.consent import Consents
from patron.collect.envelope import TRAITS_IN_CONTEXT, Decoders
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import declared_types

Pairs = list[tuple[str, str]]

_IN_ROWS = {"user_id": "userId", "anonymous_id": "anonymousId"}
"""Where the messages that are made of rows carry identifiers at their root; see `files`."""


class StoredReader:
    """Finds identifiers in stored messages, as `MessageReader` does in those that come in.

    Nothing is refused here: what was stored stays, and a value that stands where rules do not
    expect one, or that needs consent and has none, identifies nobody.

    Args:
        rules: Say where identifiers stand.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> reader = StoredReader(DEFAULT_RULES)
    >>> body = '{"type":"identify","userId":"u1","traits":{"email":"ann@example.com"}}'
    >>> reader.identifiers(body, "identify")
    [('user_id', 'u1'), ('email', 'ann@example.com')]
    >>> reader.identifiers(body, "identify", mapped=True)
    [('user_id', 'u1')]
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._rules = rules
        self._decoders = Decoders(rules)
        self._consents = Consents(rules)
        self._types = {name for kind in rules.types for name in (kind.name, kind.base)}

    def identifiers(self, body: str, kind: str, *, mapped: bool = False) -> Pairs:
        """The (type, raw value) pairs of one message, in the order in which it has them.

        Args:
            body: The message as received.
            kind: Its type, such as ``track``.
            mapped: It was made of the row of a file, whose mapping said what identifies.
        """
        try:
            found = self._of_row(body) if mapped else self._of_message(body, kind)
        except msgspec.ValidationError:
            found = self._anywhere(structs.decode(body), kind)
        values = [
            (name, value if type(value) is str else str(value))
            for name, value in found
            if value != "" and type(value) in (str, int)
        ]
        return self._consents.counting(values, body)

    def _of_message(self, body: str, kind: str) -> list[tuple[str, Any]]:
        decoders = self._decoders
        item = decoders.item.decode(body)
        properties, traits = _object(item.properties), _object(item.traits)
        if kind == "identify" and traits in {None, b"{}"}:
            inner = TRAITS_IN_CONTEXT.decode(body).context
            traits = None if inner is None else _object(inner.traits)
        found = decoders.item_part.find(item)
        if properties is not None:
            found += decoders.properties_part.find(decoders.properties.decode(properties))
        if traits is not None and kind != "group":
            found += decoders.traits_part.find(decoders.traits.decode(traits))
        if item.context is not None:
            found += decoders.context_part.find(item.context)
            found += self._external(item.context)
        return found

    def _of_row(self, body: str) -> list[tuple[str, Any]]:
        item = self._decoders.item.decode(body)
        found = [
            (name, getattr(item, field)) for name, field in _IN_ROWS.items() if name in self._types
        ]
        return found if item.context is None else found + self._external(item.context)

    def _external(self, context: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - made at run time
        return [(e.type, e.id) for e in context.externalIds or () if e.type in self._types]

    def _anywhere(self, item: Any, kind: str) -> list[tuple[str, Any]]:  # noqa: ANN401
        """The same for a message in which something has another form than these rules expect."""
        found: list[tuple[str, Any]] = []
        for named in declared_types(self._rules):
            for path in named.fields:
                if kind == "group" and path.startswith("traits."):
                    continue
                value = item
                for step in path.split("."):
                    value = value.get(step) if isinstance(value, dict) else None
                found.append((named.name, value))
        return found


def _object(raw: msgspec.Raw) -> bytes | None:
    data = bytes(raw)
    return data if data[:1] == b"{" else None
