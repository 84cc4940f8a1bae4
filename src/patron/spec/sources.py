"""Sources as definitions: where data comes from, as files declare it."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from patron.errors import DefinitionError, told
from patron.spec.reading import read_definition

SourceKind = Literal[
    "web",
    "app",
    "store",
    "crm",
    "erp",
    "loyalty",
    "call-centre",
    "ads",
    "email",
    "file",
    "people",
    "internal",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
"""What definitions may be called: a letter or digit, then up to 62 of letters, digits, ``_.-``."""


class SourceDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """One place that data comes from.

    Attributes:
        name: Unique; messages are counted and deduplicated per source.
        brand: The brand that its messages count for.
        type: What kind of place it is. What a source of type ``people`` says of a trait was set by
            hand, and wins over what all others say.
        trust: Rank of trust, 1 first; between 1 and 1,000. Decides about traits that are declared
            with ``survivorship: trusted``.
        channel: The channel of messages that name none; the type unless given.
        description: For people.
    """

    kind: Literal["source"] = "source"
    name: str
    brand: str = "main"
    type: SourceKind = "file"
    trust: int = 100
    channel: str | None = None
    description: str | None = None

    @property
    def default_channel(self) -> str:
        """The channel of messages that name none."""
        return self.channel or self.type


def read_source(raw: object) -> SourceDefinition:
    """Read a source definition.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.

    >>> read_source({"kind": "source", "name": "tills", "type": "store"}).default_channel
    'store'
    """
    source = read_definition(raw, SourceDefinition)
    check_name(source.name)
    if not 1 <= source.trust <= 1000:
        raise DefinitionError("trust: expected a rank from 1 to 1000.", field="trust")
    if not source.brand.strip():
        raise DefinitionError("brand: expected the name of a brand.", field="brand")
    return source


def check_name(name: str, field: str = "name") -> None:
    """Refuse a name that could not stand in a path, a URL or a command.

    Raises:
        DefinitionError: It holds other characters than `NAME` allows.
    """
    if NAME.fullmatch(name) is None:
        raise DefinitionError(
            f"{field}: expected letters, digits, '_', '.' or '-', at most 63, got {name!r}.",
            field=field,
            told=told("name_of_letters", field=field),
        )
