"""Reads definitions: plain data (from YAML or JSON) into frozen values, with errors that help.

msgspec checks; when it objects, the data is walked once more to say exactly where, and to offer the
nearest known name for one that is not known.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from patron import structs
from patron.errors import DefinitionError

T = TypeVar("T")


def read_definition(raw: object, kind: type[T]) -> T:
    """Turn plain data into a definition.

    Args:
        raw: What a YAML or JSON file holds: dicts, lists, text, numbers, booleans.
        kind: A msgspec struct that forbids unknown fields.

    Returns:
        The definition.

    Raises:
        DefinitionError: An unknown, missing or wrong field; `field` is its path.

    >>> class Door(msgspec.Struct, forbid_unknown_fields=True):
    ...     colour: str
    >>> read_definition({"color": "red"}, Door)
    Traceback (most recent call last):
    patron.errors.DefinitionError: color is not known here; did you mean "colour"?
    """
    try:
        return structs.convert(raw, kind)
    except msgspec.ValidationError as error:
        _locate(raw, kind, "")
        raise DefinitionError(str(error)) from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the nearest known one, or all that there are.

    >>> did_you_mean("departmnt", ["department", "brand"])
    'did you mean "department"?'
    >>> did_you_mean("x", ["department", "brand"])
    'known are brand, department.'
    """
    names = sorted(set(known))
    lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    if close:
        return f'did you mean "{lower[close[0]]}"?'
    if not names:
        return "nothing is known there."
    shown = ", ".join(names[:30])
    return f"known are {shown}{', …' if len(names) > 30 else ''}."


def _locate(value: object, kind: Any, path: str) -> None:  # noqa: ANN401 - any type expression
    """Raise for the first place, in reading order, where the value does not fit."""
    kind = _member(value, kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        _locate_in_struct(value, kind, path)
    elif get_origin(kind) is dict and isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise DefinitionError(
                    f"{_shown(path)}: the name {key!r} is not text; write it in quotes.", field=path
                )
            _locate(inner, get_args(kind)[1], _join(path, key))
    elif get_origin(kind) in {tuple, list} and isinstance(value, list):
        for index, inner in enumerate(value):
            _locate(inner, get_args(kind)[0], f"{path}[{index}]")
    else:
        try:
            structs.convert(value, kind)
        except msgspec.ValidationError as error:
            if isinstance(value, str) and (words := _words(kind)):
                raise DefinitionError(
                    f"{_shown(path)}: expected {', '.join(words)}; got {value!r}.",
                    field=path or None,
                ) from None
            text = str(error).partition(" - at `")[0].replace("`", "")
            raise DefinitionError(
                f"{_shown(path)}: {text[:1].lower()}{text[1:]}.", field=path or None
            ) from None


def _locate_in_struct(value: object, kind: type[msgspec.Struct], path: str) -> None:
    if not isinstance(value, dict):
        raise DefinitionError(
            f"{_shown(path)}: expected names with values, got {_what(value)}.", field=path or None
        )
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in value:
        if key not in fields:
            where = _join(path, str(key))
            raise DefinitionError(
                f"{where} is not known here; {did_you_mean(str(key), fields)}", field=where
            )
    for name, field in fields.items():
        if name in value:
            _locate(value[name], field.type, _join(path, name))
        elif field.required:
            raise DefinitionError(f"{_join(path, name)} is missing.", field=_join(path, name))


def _member(value: object, kind: Any) -> Any:  # noqa: ANN401 - any type expression
    """The member of a union that a value of this shape must be meant for."""
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind
    for member in get_args(kind):
        origin = get_origin(member)
        if isinstance(value, dict) and (
            origin is dict or (isinstance(member, type) and issubclass(member, msgspec.Struct))
        ):
            return member
        if isinstance(value, list) and origin in {tuple, list}:
            return member
    return kind


def _words(kind: Any) -> list[str]:  # noqa: ANN401 - any type expression
    """The words of which a value has to be one; none where it may be something else."""
    if get_origin(kind) is Literal:
        return [str(word) for word in get_args(kind)]
    if get_origin(kind) in {Union, types.UnionType}:
        return [word for member in get_args(kind) for word in _words(member)]
    return []


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(path: str) -> str:
    return path or "The definition"


def _what(value: object) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else f"{value!r}"
