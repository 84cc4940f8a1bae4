"""Reads JSON by a type, and says what is wrong with it in words of the sender's."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from patron import structs
from patron.collect.soundness import RefusedError
from patron.errors import Told, told


def decode(decoder: structs.Decoder[Any], raw: Any, where: str) -> Any:  # noqa: ANN401
    """A part of a message by its type.

    Args:
        decoder: Of the type.
        raw: The JSON.
        where: The part's path in the message; empty for all of it.

    Raises:
        RefusedError: It is something else; the sentence says what, in words of the sender's.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        said, field = _located(str(error), where)
        reason = f"{field}: {_in_words(said)}."
        raise RefusedError("wrong_type", field, reason, _told(said, field)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError("invalid_json", where or None, f"{error}.") from None


def _located(message: str, where: str) -> tuple[str, str]:
    """Split msgspec's message into what is wrong and where, in the protocol's notation."""
    reason, _, path = message.partition(" - at `$")
    inner = path.rstrip("`").lstrip(".")
    inner = inner.replace("[...]", "[]")
    field = ".".join(part for part in (where, inner) if part)
    return reason, field or "message"


_EXPECTED = re.compile(r"Expected `(.+)`, got `(.+)`")
SHAPES = {
    "int | str": "text",
    "str": "text",
    "int": "number",
    "float": "number",
    "decimal": "number",
    "bool": "truth",
    "array": "list",
    "object": "object",
    "null": "nothing",
}
_WORDS = {"number": "a number", "truth": "true or false", "list": "a list", "object": "an object"}


def _in_words(reason: str) -> str:
    """What was expected, in words of the sender's and not of a decoder's."""
    if reason == "Invalid decimal string":
        return "expected a number such as 12.5, got other text"
    if types := _EXPECTED.fullmatch(reason):
        # That null is taken, too, helps nobody who sent something else.
        found = (types[1].removesuffix(" | null"), types[2])
        expected, got = (_WORDS.get(SHAPES.get(one, one), SHAPES.get(one, one)) for one in found)
        return f"expected {expected}, got {got}"
    return reason[:1].lower() + reason[1:].replace("`", "")


def _told(reason: str, field: str) -> Told | None:
    """The same by a code; None of what is too odd to have words."""
    types = _EXPECTED.fullmatch(reason)
    if reason == "Invalid decimal string":
        shapes: list[str | None] = ["number", "text"]
    elif types:
        shapes = [SHAPES.get(one) for one in (types[1].removesuffix(" | null"), types[2])]
    else:
        return None
    expected, got = shapes
    if expected is None or got is None:
        return None
    return told("wrong_type", field=field, expected=expected, got=got)
