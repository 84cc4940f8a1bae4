"""What commands show: JSON for programs, and tables and sentences for people.

Colour and lines are drawn on terminals only; elsewhere a table is aligned text. What comes from
customers' data is shown without control characters, so that it cannot steer the terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import typer

Cell = str | int | float | bool | None

_AMOUNT = re.compile(r"-?[\d,]*\d\.\d{2,}|")


def show_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str = "", *, strong: bool = False) -> None:
    """Print a line."""
    typer.echo(typer.style(text, bold=True) if strong and sys.stdout.isatty() else text)


def note(text: str) -> None:
    """Print a line on standard error: for people, also where standard output is a program's."""
    typer.echo(text, err=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], title: str | None = None) -> None:
    """Print a table. Columns that hold only numbers or amounts are set to the right.

    Args:
        columns: Their names.
        rows: One cell per column.
        title: A line above it.
    """
    cells = [list(row) for row in rows]
    right = [_is_numeric([row[i] for row in cells]) for i in range(len(columns))]
    shown = [[shown_cell(cell) for cell in row] for row in cells]
    if title is not None:
        say(title, strong=True)
    if sys.stdout.isatty():
        _draw(columns, shown, right)
    else:
        for line in aligned([list(columns), *shown], right):
            say(line)


def facts(pairs: Iterable[tuple[str, Cell]]) -> None:
    """Print names and their values, one pair a line."""
    known = [(name, shown_cell(value)) for name, value in pairs]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        say(f"  {name:<{width}}  {value}")


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Lines of text with the cells of each column under one another.

    >>> aligned([["name", "count"], ["a", "12"]], [False, True])
    ['name  count', 'a        12']
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(right))]
    return [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]


def shown_cell(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A value as people read it.

    >>> shown_cell(1234567), shown_cell(1234.5), shown_cell(True), shown_cell(None)
    ('1,234,567', '1,234.50', 'yes', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, str):
        return printable(value)
    return printable(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    r"""Text in which what would steer the terminal is written as an escape.

    >>> print(printable("a\x1b[2Jb\nc"))
    a\x1b[2Jb\nc
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def amount(text: str | None) -> str:
    """Money of the API as people read it: with separators, and at least two places.

    >>> amount("1234567.5"), amount("0.000001"), amount(None)
    ('1,234,567.50', '0.000001', '')
    """
    if text is None:
        return ""
    whole, _, places = f"{Decimal(text):,f}".partition(".")
    return f"{whole}.{places:<02}"


def moment(text: str | None) -> str:
    """A time of the API as people read it; it stays UTC.

    >>> moment("2018-01-01T10:20:30.123456Z")
    '2018-01-01 10:20:30 UTC'
    """
    if not text:
        return ""
    return f"{text[:19].replace('T', ' ')} UTC"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A number and its noun.

    >>> plural(1, "row"), plural(2000, "row"), plural(2, "entry", "entries")
    ('1 row', '2,000 rows', '2 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def holds_for(answer: dict[str, Any]) -> str:
    """The log position and the moment that an answer holds for."""
    return f"As of {moment(answer['as_of'])}, log position {answer['position']:,}."


def bar(value: float, of: float, width: int = 20) -> str:
    """A bar as long as a value's share of the largest one, in eighths of a character.

    >>> bar(5, 10, 4), bar(1, 16, 4), bar(0, 10, 4)
    ('██', '▎', '')
    """
    eighths = round(8 * width * value / of) if of > 0 else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def curve(values: Sequence[float]) -> str:
    """A line of blocks, each as high as a value's share of the largest one.

    >>> curve([0, 1, 2, 4, 8]), curve([0, 0]), curve([])
    ('▁▂▃▅█', '▁▁', '')
    """
    most = max(values, default=0)
    steps = "▁▂▃▄▅▆▇█"
    return "".join(steps[round(7 * max(one, 0) / most) if most > 0 else 0] for one in values)


def signed(number: str | None) -> str:
    """By how much something changed, with its sign.

    >>> signed("3.5"), signed("-2"), signed("0"), signed(None)
    ('+3.5', '-2', '0', '')
    """
    return "" if number is None else number if number.startswith(("-", "0")) else f"+{number}"


def _is_numeric(cells: Sequence[Cell]) -> bool:
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(
        _AMOUNT.fullmatch(cell) if isinstance(cell, str) else not isinstance(cell, bool)
        for cell in present
    )


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, to_right in zip(columns, right, strict=True):
        drawn.add_column(name, justify="right" if to_right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*[Text(cell) for cell in row])  # Text: brackets in data are no markup
    Console().print(drawn)
