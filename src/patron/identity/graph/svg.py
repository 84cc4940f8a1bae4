"""The marks that pictures are made of, as text of SVG."""

from __future__ import annotations

import math
import re
import unicodedata
from xml.sax.saxutils import escape, quoteattr

_UNPRINTABLE = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SHAPES = 8
"""How many shapes there are."""

_DOMAIN = 6
"""So many columns are kept for the domain of an address, with the @ and the sign of a cut."""

_TURN = math.tau
_CORNERS = {1: 4, 2: 3, 3: 6, 5: 3, 6: 5}
_TILT = {1: 0.125, 2: -0.25, 3: 0.0, 5: 0.25, 6: -0.25}


def text(value: str) -> str:
    """A value as text of XML: what XML cannot hold becomes a question mark in a box.

    >>> text("<ann & co>")
    '&lt;ann &amp; co&gt;'
    """
    return escape(_UNPRINTABLE.sub("\ufffd", value))


def tag(name: str, inside: str | None = None, **attributes: object) -> str:
    """An element. Underscores in names of attributes stand for hyphens, one at the end for none.

    >>> tag("rect", x=1.0, rx=2.25, class_="box"), tag("title", text("a"))
    ('<rect x="1" rx="2.2" class="box"/>', '<title>a</title>')
    """
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_plain(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{said}/>" if inside is None else f"<{name}{said}>{inside}</{name}>"


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)


def shape(number: int, x: float, y: float, size: float, class_: str) -> str:
    """One of a few shapes that can be told apart without colour.

    Args:
        number: Which; beyond the last they begin anew.
        x: Its middle.
        y: Its middle.
        size: Half its width.
        class_: Gives it its colour.
    """
    number %= SHAPES
    if number == 0:
        return tag("circle", cx=x, cy=y, r=size, class_=class_)
    if number == 4:
        tips = [(-1, 0), (0, -1), (1, 0), (0, 1)]
        return _polygon([(x + a * size * 1.15, y + b * size * 1.15) for a, b in tips], class_)
    if number == 7:
        arm = 0.38
        half = [(-arm, -1), (arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm)]
        points = [*half, *((-a, -b) for a, b in half)]
        return _polygon([(x + a * size, y + b * size) for a, b in points], class_)
    corners = _CORNERS[number]
    turns = [_TILT[number] + step / corners for step in range(corners)]
    wide = size * (1.2 if corners < 5 else 1.1)
    return _polygon(
        [(x + wide * math.cos(_TURN * t), y + wide * math.sin(_TURN * t)) for t in turns], class_
    )


def _polygon(points: list[tuple[float, float]], class_: str) -> str:
    said = " ".join(f"{_plain(float(x))},{_plain(float(y))}" for x, y in points)
    return tag("polygon", points=said, class_=class_)


def cells(value: str) -> int:
    """How many columns a value takes: those of East Asian width take two, marks none.

    >>> cells("ann"), cells("山本")
    (3, 4)
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in value
    )


def shortened(value: str, most: int) -> str:
    """A value of at most so many columns, cut in its middle: both ends tell values apart.

    Of an address what stands before the @ tells most, so the domain gives way first.

    >>> shortened("a-very-long-identifier", 11), shortened("short", 11)
    ('a-ver…ifier', 'short')
    >>> shortened("ann.long.name.1@example.com", 20)
    'ann.lon…name.1@exam…'
    """
    if cells(value) <= most:
        return value
    name, at, domain = value.rpartition("@")
    if at and name and most > 2 * _DOMAIN:
        name = shortened(name, most - _DOMAIN)
        return f"{name}@{_fitting(domain, most - cells(name) - 2)}…"
    room = most - 1
    head = _fitting(value, (room + 1) // 2)
    return f"{head}…{_fitting(value[::-1], room // 2)[::-1]}"


def _fitting(value: str, room: int) -> str:
    """As much of the beginning as fits into so many columns."""
    for place, sign in enumerate(value):
        room -= cells(sign)
        if room < 0:
            return value[:place]
    return value
