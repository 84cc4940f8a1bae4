"""Going through a rule, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from patron.segments.tree.base import Rule


def walk(rule: Rule, path: str = "") -> Iterator[tuple[str, Rule]]:
    """Every condition of a rule with its JSON path, outermost first."""
    waiting = [(path, rule)]
    while waiting:
        here, node = waiting.pop()
        yield here, node
        inner = [(join(here, step), child) for step, child, _ in node.inner()]
        waiting.extend(reversed(inner))


def join(path: str, step: str) -> str:
    """A JSON path, one step longer."""
    return f"{path}.{step}" if path else step


def encode(rule: object) -> bytes:
    """The JSON of a rule or an expression; numbers keep their exact digits.

    >>> from patron.segments.tree import Trait
    >>> encode(Trait("age", "between", [30, 40]))
    b'{"trait":"age","op":"between","value":[30,40]}'
    """
    return msgspec.json.Encoder(decimal_format="number").encode(rule)


def as_object(rule: object) -> dict[str, Any]:
    """The rule as plain dicts and lists, for JSON and YAML; numbers as int or Decimal."""
    built: dict[str, Any] = msgspec.to_builtins(rule, builtin_types=(Decimal,))
    return built
