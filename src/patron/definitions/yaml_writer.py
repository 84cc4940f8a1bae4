"""Writes a definition as a YAML text that a person would have written, and reads back the same."""

from __future__ import annotations

from typing import Any

import yaml

from patron.definitions.bodies import Body
from patron.definitions.yaml_reader import BOOL, FLOAT, INT, NULL

_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_FIRST = ("title", "description")


# PyYAML's own emitter: libyaml's would write emoji as escapes.
class _Dumper(yaml.SafeDumper):
    """Quotes what either our reader or one of YAML 1.1 would not take for text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML asks
        """Write every value out, however often the same object occurs."""
        return True


_Dumper.add_implicit_resolver("tag:yaml.org,2002:null", NULL, ["~", "n", "N", ""])
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", BOOL, list("tTfF"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", INT, list("-0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-0123456789"))


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if any(character in _BREAKS for character in text):
        style = "|" if _is_literal(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _is_literal(text: str) -> bool:
    """Whether a literal block gives the text back unchanged."""
    lines = text.removesuffix("\n").split("\n")
    return (
        bool(lines[0])
        and not lines[0][0].isspace()
        and bool(lines[-1])
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )


def render(kind: str, name: str, body: Body) -> str:
    r"""One definition as a YAML document.

    Kind and name come first, then title and description, then the rest by name: single values
    before lists and objects. Text of several lines is a literal block.

    Args:
        kind: Such as ``segment``.
        name: Its name.
        body: JSON values, without the keys ``kind`` and ``name``.

    >>> print(render("segment", "adults", {"rule": "age >= 18\nand brand = 'a'", "title": "18"}))
    kind: segment
    name: adults
    title: '18'
    rule: |-
      age >= 18
      and brand = 'a'
    <BLANKLINE>
    """
    document = {"kind": kind, "name": name}
    for first in _FIRST:
        if first in body:
            document[first] = _ordered(body[first])
    rest: Body = _ordered({key: value for key, value in body.items() if key not in _FIRST})
    document.update(rest)
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    )
    return text


def _ordered(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        ranked = sorted(value, key=lambda key: (_rank(value[key]), key))
        return {key: _ordered(value[key]) for key in ranked}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


def _rank(value: object) -> int:
    if isinstance(value, dict | list):
        return 2
    return 1 if isinstance(value, str) and "\n" in value else 0
