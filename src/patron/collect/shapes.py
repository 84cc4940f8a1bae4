"""What is expected of an object: a type to decode it into, and sentences about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from pydantic_core import SchemaError, SchemaValidator, core_schema

from patron import structs
from patron.errors import DefinitionError
from patron.spec.tracking_plans import Expectation, FaultKind, of_type

Test = Callable[[Any], bool]

MOST_IN_ONE = 50
"""So many faults of one message are told at most."""

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NO_RAW = msgspec.Raw(b"")


class Fault(NamedTuple):
    """Something of a message that is not as planned.

    Attributes:
        kind: What is wrong.
        field: Where: ``properties.total``, ``traits.age``, ``event``.
        told: What was expected and what came instead, without any value of the message.
    """

    kind: FaultKind
    field: str
    told: str


class Shape:
    """What is expected of an object.

    Args:
        expected: Of each of its members.
        is_open: Whether further ones are fine.
        unknown: What a further one is otherwise.
    """

    def __init__(
        self, expected: Mapping[str, Expectation], is_open: bool, unknown: FaultKind
    ) -> None:
        self._open = is_open
        self._unknown: FaultKind = unknown
        self._members = {name: _Member(one, unknown) for name, one in expected.items()}
        self._required = [name for name, one in expected.items() if one.required]
        self._tests = [
            (f"f{number}", test)
            for number, member in enumerate(self._members.values())
            for test in member.tests
        ]
        self.type = msgspec.defstruct(
            "Expected",
            [
                (f"f{number}", *member.field(name))
                for number, (name, member) in enumerate(self._members.items())
            ],
            forbid_unknown_fields=not is_open,
            kw_only=True,
            gc=False,
        )
        self._decode = structs.decoder(self.type).decode

    @property
    def by_type_alone(self) -> bool:
        """Whether whatever can be decoded is as expected."""
        return not self._tests

    def faults(self, text: str, where: str) -> list[Fault]:
        """What is wrong with an object, given as JSON."""
        try:
            found = self._decode(text)
        except msgspec.DecodeError:
            pass
        else:
            for name, test in self._tests:
                if not test(getattr(found, name)):
                    break
            else:
                return []
        faults = self.faults_in(structs.decode(text), where)
        return list(dict.fromkeys(islice(faults, MOST_IN_ONE)))

    def faults_in(self, values: Mapping[str, Any], where: str) -> Iterator[Fault]:
        """What is wrong with an object."""
        for name in self._required:
            if values.get(name) is None:
                yield Fault("missing", f"{where}.{name}", "is missing")
        for name, value in values.items():
            member = self._members.get(name)
            if member is None:
                if not self._open:
                    yield Fault(self._unknown, f"{where}.{name}", "is not in the plan")
            elif value is not None:
                yield from member.faults_in(value, f"{where}.{name}")


class _Member:
    """What is expected of one member of an object.

    Attributes:
        tests: What must hold of its value, decoded by `field`, beyond its type.
    """

    def __init__(self, one: Expectation, unknown: FaultKind) -> None:
        self._one = one
        self._shape = None
        if one.properties is not None:
            self._shape = Shape(one.inner, one.open, unknown)
        self._matches = None if one.pattern is None else matcher(one.pattern)
        self._quick = _is_date if one.type == "date" else self._matches
        if one.allowed is not None:
            self._quick = None
        self._type, known = self._decoded_type()
        self.tests: list[Test] = [] if known else [self._is_fine]

    def field(self, name: str) -> tuple[Any, Any]:
        """Its type and default in a struct; null is the same as nothing."""
        if self._type is msgspec.Raw:
            return self._type, msgspec.field(name=name, default=_NO_RAW)
        if self._one.required:
            return self._type, msgspec.field(name=name)
        return self._type | None, msgspec.field(name=name, default=None)

    def faults_in(self, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401 - any JSON value
        """What is wrong with a value that is there."""
        one = self._one
        if not self._of_type(value):
            got = "a fraction" if isinstance(value, float) else _named(value)
            told = f"expected {_NAMES[one.type]}, got {got}"
            yield Fault("wrong_type", where, told)
            return
        if one.allowed is not None and not any(_same(value, other) for other in one.allowed):
            yield Fault("wrong_value", where, f"expected one of {_listed(one.allowed)}")
        if self._matches is not None and not self._matches(value):
            yield Fault("wrong_value", where, f"expected a text that matches {one.pattern}")
        if one.min is not None and value < one.min:
            yield Fault("wrong_value", where, f"expected {one.min} or more")
        if one.max is not None and value > one.max:
            yield Fault("wrong_value", where, f"expected {one.max} or less")
        if self._shape is not None:
            yield from self._faults_inside(self._shape, value, where)

    def _faults_inside(self, shape: Shape, value: Any, where: str) -> Iterator[Fault]:  # noqa: ANN401
        if isinstance(value, dict):
            yield from shape.faults_in(value, where)
            return
        for item in value:
            if isinstance(item, dict):
                yield from shape.faults_in(item, f"{where}[]")
            else:
                told = f"expected an object, got {_named(item)}"
                yield Fault("wrong_type", f"{where}[]", told)

    def _of_type(self, value: Any) -> bool:  # noqa: ANN401
        if not of_type(value, self._one.type):
            return False
        match self._one.type:
            case "date":
                return _is_date(value)
            case "place":
                return _is_place(value)
        return True

    def _is_fine(self, value: Any) -> bool:  # noqa: ANN401
        """Whether a value that was decoded as `_type` is as expected; None: it is not there."""
        if value is None:
            return True
        if type(value) is msgspec.Raw:
            return bytes(value) not in (b"", b"null")
        if self._quick is not None:
            return self._quick(value)
        return next(self.faults_in(value, ""), None) is None

    def _decoded_type(self) -> tuple[Any, bool]:
        """The type to decode a value into, and whether all values of it are as expected."""
        one, shape = self._one, self._shape
        if shape is not None and not shape.by_type_alone:
            return (dict[str, Any] if one.type == "object" else list[Any]), False
        match one.type:
            case "any":
                return (msgspec.Raw, not one.required) if one.allowed is None else (object, False)
            case "text":
                if one.allowed is not None and one.pattern is None:
                    return Literal[tuple(one.allowed)], True
                return str, one.allowed is None and one.pattern is None
            case "number" | "whole":
                whole = _bounded(int, one)
                kind = whole if one.type == "whole" else whole | _bounded(float, one)
                return kind, one.allowed is None
            case "truth":
                return bool, one.allowed is None
            case "list":
                return (list[msgspec.Raw] if shape is None else list[shape.type]), True  # type: ignore[name-defined]
            case "object":
                return (dict[str, msgspec.Raw] if shape is None else shape.type), True
        return (str if one.type == "date" else dict[str, Any]), False


def _bounded(kind: type, one: Expectation) -> Any:  # noqa: ANN401 - a type expression
    # Bounds that are no 64-bit integers are left to the slower way.
    bounds = {
        name: bound
        for name, bound in (("ge", one.min), ("le", one.max))
        if bound is not None and abs(bound) < 2**53 and (kind is float or bound == int(bound))
    }
    if not bounds:
        return kind
    whole = {name: kind(bound) for name, bound in bounds.items()}
    return Annotated[kind, msgspec.Meta(**whole)]


def matcher(pattern: str) -> Test:
    """A test whether a regular expression is found in a text, in time linear in the text.

    Raises:
        DefinitionError: It is none.

    >>> matcher("^[A-Z]{3}$")("EUR")
    True
    """
    try:
        schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")
        return SchemaValidator(schema).isinstance_python
    except SchemaError as error:
        reason = " ".join(str(error).split())
        raise DefinitionError(
            f"pattern: {pattern} is no regular expression: {reason.rpartition('error: ')[2]}.",
            field="pattern",
        ) from None


def _is_date(value: str) -> bool:
    if _ISO_DAY.match(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_place(value: Mapping[str, Any]) -> bool:
    return all(
        any(of_type(value.get(name), "number") for name in names)
        for names in (("lat", "latitude"), ("lon", "lng", "longitude"))
    )


def _same(value: object, other: object) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


_NAMES = {
    "text": "a text", "number": "a number", "whole": "a whole number", "truth": "true or false",
    "date": "an ISO 8601 date", "list": "a list", "object": "an object",
    "place": "an object with lat and lon", "any": "anything",
}  # fmt: skip


def _named(value: object) -> str:
    """What a value is, without saying which."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return (
        "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"
    )


def _listed(allowed: tuple[object, ...]) -> str:
    shown = ", ".join(msgspec.json.encode(one).decode() for one in allowed[:8])
    return shown if len(allowed) <= 8 else f"{shown}, …"
