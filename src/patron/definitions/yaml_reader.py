"""Reads YAML the way a person means it, with the line of everything, and nothing that runs.

A plain word is a number, true, false or null only where JSON (or the core schema of YAML 1.2) says
so: `no`, `on`, `2017-01-01`, `12:30`, `007` and `0x1f` are text. Keys are always text. Anchors,
aliases, merge keys and tags are refused: a file of a few lines could otherwise stand for gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from patron.definitions.bodies import MAX_DEPTH
from patron.errors import DefinitionError

MAX_BYTES = 16 * 1024 * 1024

NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")

# libyaml's parser keeps its own stack; only building a tree with it would recurse in C.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_NUMBER = 40


@dataclass(slots=True)
class YamlDocument:
    """One document of a file. Lines count from 0 here.

    Attributes:
        value: What it holds.
        start: Line where it starts, its ``---`` included.
        line: Line of its first content.
        end: Line after its last.
        inline: Whether its content starts on the line of the ``---``.
        key_lines: Lines of its top-level keys.
    """

    value: Any
    start: int
    line: int
    end: int
    inline: bool
    key_lines: dict[str, int]


class YamlError(Exception):
    """A file cannot be read; knows the line, from 0."""

    def __init__(self, message: str, line: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.hint = hint


def parse(data: bytes) -> Iterator[YamlDocument]:
    """Read the documents of a file; empty ones are left out.

    Args:
        data: The file's bytes, in UTF-8.

    Raises:
        YamlError: With what is wrong and the line.
    """
    if len(data) > MAX_BYTES:
        raise YamlError(f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.", 0)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError("The file is not UTF-8.", data.count(b"\n", 0, error.start)) from None
    try:
        yield from _documents(yaml.parse(text, _LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"{error.problem or error.context}.", mark.line if mark else 0) from None
    except yaml.reader.ReaderError as error:
        refused = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, refused.start()) if refused else 0
        raise YamlError("The file holds a control character.", line) from error


@dataclass(slots=True)
class _Open:
    """A list or object that is being read."""

    items: list[Any] | dict[str, Any]
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)

    def add(self, value: Any, line: int) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(self.items, list):
            self.items.append(value)
        elif self.key is None:
            if not isinstance(value, str):
                raise YamlError("A key is expected to be text.", line)
            if value in self.items:
                raise YamlError(f"The key {value!r} is there twice.", line)
            self.key = value
            self.key_lines[value] = line
        else:
            self.items[self.key] = value
            self.key = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.items, dict) and self.key is None


def _documents(events: Iterator[yaml.Event]) -> Iterator[YamlDocument]:
    start = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            start = _line(event)
            explicit = event.explicit
            first = next(events)
            value, key_lines = _read(first, events)
            end = next(events)
            if value is None and _is_empty(first):
                continue
            yield YamlDocument(
                value=value,
                start=start if explicit else _line(first),
                line=_line(first),
                end=_line_after(end),
                inline=bool(explicit) and _line(first) == start,
                key_lines=key_lines,
            )


def _line_after(end: yaml.Event) -> int:
    """The line after a document; the end of a file without a last line break counts as one."""
    return _line(end) + (1 if _start(end).column else 0)


def _is_empty(event: yaml.Event) -> bool:
    end: Any = event.end_mark
    return bool(_start(event).index == end.index)


def _line(event: yaml.Event) -> int:
    return int(_start(event).line)


def _start(event: yaml.Event) -> Any:  # noqa: ANN401 - the two parsers' marks share no base
    """Where an event starts; the parsers always set it, whatever the stubs say."""
    return event.start_mark


def _read(event: yaml.Event, events: Iterator[yaml.Event]) -> tuple[Any, dict[str, int]]:
    """One value, with all that is inside, and the lines of its keys.

    A loop, so that depth costs no stack.
    """
    found: list[Any] = []
    key_lines: dict[str, int] = {}
    root = _Open(found)
    stack = [root]
    while True:
        line = _line(event)
        _refuse_references(event, line)
        if isinstance(event, yaml.ScalarEvent):
            stack[-1].add(_scalar(event, line, is_key=stack[-1].wants_key), line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if stack[-1].wants_key:
                raise YamlError("A key is expected to be text.", line)
            if len(stack) > MAX_DEPTH:
                raise YamlError(f"Nested deeper than {MAX_DEPTH} levels.", line)
            stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else []))
        else:
            closed = stack.pop()
            stack[-1].add(closed.items, line)
            if len(stack) == 1:
                key_lines = closed.key_lines
        if len(stack) == 1:
            return found[0], key_lines
        event = next(events)


def _refuse_references(event: yaml.Event, line: int) -> None:
    if getattr(event, "anchor", None) is not None:
        raise YamlError("Anchors and aliases (& and *) are not read.", line, "Write the value out.")
    tag = getattr(event, "tag", None)
    if tag not in {None, "!", "tag:yaml.org,2002:str"}:
        raise YamlError(f"Tags are not read: {tag}.", line, "Quotes make any value text.")


def _scalar(event: yaml.ScalarEvent, line: int, *, is_key: bool) -> Any:  # noqa: ANN401
    text: str = event.value
    plain = event.implicit[0] and event.tag is None
    if is_key:
        if plain and text == "<<":
            raise YamlError("Merge keys (<<) are not read.", line, "Write the keys out.")
        return text
    if not plain:
        return text
    if NULL.match(text):
        return None
    if BOOL.match(text):
        return text[0] in "tT"
    if INT.match(text):
        return _whole(text, line)
    if FLOAT.match(text):
        return _float(text, line)
    return text


def _whole(text: str, line: int) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise YamlError("The number has more than 64 bits; put it in quotes.", line)
    return int(text)


def _float(text: str, line: int) -> float:
    number = float(text)
    try:
        same = len(text) <= _LONGEST_NUMBER and Decimal(text) == Decimal(repr(number))
    except ArithmeticError:
        same = False
    if not same:
        raise YamlError(
            f"{text[:_LONGEST_NUMBER]} has more digits than a number keeps; put it in quotes.", line
        )
    return number


def located(error: YamlError, path: object) -> DefinitionError:
    """The error that a caller sees, with file and line."""
    return DefinitionError(f"{path}:{error.line + 1}: {error.message}", hint=error.hint)
