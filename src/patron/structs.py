"""From JSON or plain data to msgspec structs, in any number of threads at once.

msgspec looks at a struct's fields when it first reads one, and keeps what it finds with the type.
It puts it there before it is whole (a struct may hold itself), and runs Python code to resolve the
annotations: another thread that reads the same type at that moment follows a null pointer, and the
process is gone. So the first look at each type is taken under a lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, overload

import msgspec

Decoder: TypeAlias = msgspec.json.Decoder  # noqa: TID251 - this is the one place
Text: TypeAlias = bytes | memoryview | str
T = TypeVar("T")

_first_look = threading.RLock()
_decoders: dict[Any, Decoder[Any]] = {}


def convert(
    data: object,
    kind: type[T],
    *,
    strict: bool = True,
    dec_hook: Callable[[type, Any], Any] | None = None,
) -> T:
    """What `msgspec.convert` gives.

    Args:
        data: Dicts, lists, text, numbers, booleans, None.
        kind: A struct, or any type expression of such. It is remembered for good: types that are
            made at run time are for `decoder`.
        strict: False to read numbers and booleans out of text, too.
        dec_hook: Reads what msgspec does not know.

    Raises:
        msgspec.ValidationError: The data do not fit.

    >>> convert({"a": [1]}, dict[str, list[int]])
    {'a': [1]}
    """
    _known(kind)
    return msgspec.convert(data, kind, strict=strict, dec_hook=dec_hook)  # noqa: TID251


@overload
def decode(text: Text, kind: type[T]) -> T: ...
@overload
def decode(text: Text, kind: object = Any) -> Any: ...  # noqa: ANN401 - whatever there is
def decode(text: Text, kind: Any = Any) -> Any:
    """What `msgspec.json.decode` gives.

    Args:
        text: JSON.
        kind: As for `convert`; whatever there is when left out.

    Raises:
        msgspec.DecodeError: It is no JSON, or (`msgspec.ValidationError`) does not fit.

    >>> decode('{"a": [1]}')
    {'a': [1]}
    """
    return _known(kind).decode(text)


@overload
def decoder(*, float_hook: Callable[[str], Any] | None = None) -> Decoder[Any]: ...
@overload
def decoder(kind: type[T]) -> Decoder[T]: ...
def decoder(kind: Any = Any, *, float_hook: Callable[[str], Any] | None = None) -> Decoder[Any]:
    """A decoder to keep, for what is read all the time, or with numbers of another kind.

    >>> from decimal import Decimal
    >>> decoder(float_hook=Decimal).decode("[0.10]")
    [Decimal('0.10')]
    """
    with _first_look:
        return Decoder(kind, float_hook=float_hook)


def _known(kind: Any) -> Decoder[Any]:  # noqa: ANN401
    """The decoder of a type; once there is one, all that msgspec must know of the type is known."""
    found = _decoders.get(kind)
    if found is None:
        with _first_look:
            found = _decoders[kind] = Decoder(kind)
    return found
