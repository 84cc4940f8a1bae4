"""Names of traits and properties, and paths into nested ones: ``address.city``.

A path is parts joined by dots. A part that itself holds a dot or a quotation mark stands in double
quotes, in which a backslash escapes: ``address."post.code"``.
"""

from __future__ import annotations

import json
import re

from patron.segments import values

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[^."]+', re.DOTALL)


def split(path: str) -> tuple[str, ...]:
    """The parts of a path.

    Raises:
        ValueError: It is empty, or a part is, or a quotation mark stands alone.

    >>> split('address."post.code"')
    ('address', 'post.code')
    """
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(path, at)
        if match is None:
            raise ValueError(f"{path!r} is no name: expected parts joined by single dots")
        parts.append(_unquote(match[0]))
        at = match.end()
        if at == len(path):
            return tuple(parts)
        if path[at] != ".":
            raise ValueError(f"{path!r} is no name: expected a dot after {match[0]}")
        at += 1


def unite(parts: tuple[str, ...]) -> str:
    """The path of these parts.

    >>> unite(("address", "post.code"))
    'address."post.code"'
    """
    return ".".join(
        json.dumps(part, ensure_ascii=False) if "." in part or '"' in part else part
        for part in parts
    )


def canonical(path: str) -> str:
    """The one way to write a path."""
    return unite(split(values.name(path)))


def _unquote(part: str) -> str:
    if not part.startswith('"'):
        return values.name(part)
    try:
        return values.name(json.loads(part, strict=False))
    except json.JSONDecodeError:
        raise ValueError(f"{part} is no quoted name") from None
