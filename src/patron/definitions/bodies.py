"""What every definition is: a kind, a name, and a body of JSON values."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Any

import msgspec

from patron.errors import DefinitionError

Body = dict[str, Any]
Key = tuple[str, str]
"""Kind and name: what a definition is known by."""

FOLDERS = {
    "source": "sources",
    "trait": "traits",
    "tracking_plan": "tracking-plans",
    "identity": "identity",
    "linking": "linking",
    "mapping": "mappings",
    "enrichment": "enrichments",
    "entity": "entities",
    "list": "lists",
    "exchange_rates": "exchange-rates",
    "score": "scores",
    "preference": "preferences",
    "computed_trait": "computed-traits",
    "rfm": "rfm",
    "lifecycle": "lifecycles",
    "activity": "activities",
    "loyalty": "loyalty",
    "segment": "segments",
    "recurring_date": "recurring-dates",
    "webhook": "webhooks",
}
"""Kinds, in the order in which they may build on each other, with the folder of their files."""

KINDS = tuple(FOLDERS)
MAX_DEPTH = 64
MAX_NAME = 100

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def check_kind(kind: object) -> str:
    """A known kind.

    Raises:
        DefinitionError: There is no such kind; offers the nearest one.

    >>> check_kind("segment")
    'segment'
    """
    if isinstance(kind, str) and kind in FOLDERS:
        return kind
    known = f"kind: expected one of {', '.join(KINDS)}, got {_shown(kind)}."
    near = get_close_matches(str(kind).lower(), [*KINDS, *FOLDERS.values()], n=1)
    singular = {folder: name for name, folder in FOLDERS.items()}
    hint = f"Did you mean {singular.get(near[0], near[0])!r}?" if near else None
    raise DefinitionError(f"{known} {hint}" if hint else known, field="kind", hint=hint)


def check_name(name: object) -> str:
    """A name that can stand in a file name on every system.

    Raises:
        DefinitionError: It cannot.

    >>> check_name("big-spenders_2")
    'big-spenders_2'
    """
    if isinstance(name, str) and len(name) <= MAX_NAME and _NAME.fullmatch(name):
        return name
    raise DefinitionError(
        f"name: expected lower-case letters, digits, - and _, starting with a letter or digit, "
        f"at most {MAX_NAME}; got {_shown(name)}.",
        field="name",
        hint="A title may hold any text; the name is what other definitions refer to.",
    )


def canonical(body: Body) -> str:
    """The one JSON text that stands for a body: keys sorted, no spaces.

    Two bodies are the same definition when these texts are equal.

    Args:
        body: JSON values: text, numbers, true, false, null, lists, and objects with text keys.

    Raises:
        DefinitionError: It holds something that JSON cannot.

    >>> canonical({"rule": "a", "brand": None})
    '{"brand":null,"rule":"a"}'
    """
    if not isinstance(body, dict):
        raise DefinitionError("The body of a definition is expected to be an object.")
    _check(body, "", 0)
    return msgspec.json.encode(body, order="sorted").decode()


def _check(value: Any, where: str, depth: int) -> None:  # noqa: ANN401 - any value is checked
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        raise DefinitionError(f"{where}: nested deeper than {MAX_DEPTH} levels.", field=where)
    if isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str):
                raise DefinitionError(f"{where or 'body'}: the key {name!r} is not text.")
            _check_text(name, where)
            _check(item, f"{where}.{name}" if where else name, depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _check(item, f"{where}[{number}]", depth + 1)
    elif isinstance(value, str):
        _check_text(value, where)
    elif value is not None and not isinstance(value, bool):
        _check_number(value, where)


def _check_number(value: object, where: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise DefinitionError(f"{where}: {value} is not a number in JSON.", field=where)
    elif not isinstance(value, int):
        raise DefinitionError(f"{where}: {type(value).__name__} is no JSON value.", field=where)
    elif not _SMALLEST <= value <= _LARGEST:
        raise DefinitionError(
            f"{where}: the number has more than 64 bits; put it in quotes.", field=where
        )


def _check_text(text: str, where: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise DefinitionError(
                f"{where}: the text holds half of a surrogate pair.", field=where
            ) from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
