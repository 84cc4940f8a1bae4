"""Where a pull ended and the next one begins: the text of a cursor, and what may be one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from patron.collect.databases.reading import Cell, SourceColumn
from patron.errors import DefinitionError
from patron.spec.databases import DatabaseRows
from patron.spec.spans import span

_TIMES = frozenset({"date", "time without a zone", "moment"})
_ALLOWED = _TIMES | {
    "integer", "large integer", "decimal", "number", "text", "value of any type",
}  # fmt: skip


def check_cursor(column: SourceColumn, rows: DatabaseRows) -> None:
    """Refuse a column that cannot order rows, or an overlap that does not fit it.

    Raises:
        DefinitionError: With the reason.
    """
    if column.kind not in _ALLOWED:
        raise DefinitionError(
            f"database.cursor: {column.name} is a {column.kind}; expected a column of whole "
            "numbers, decimals, dates, times or text, which grows with each row.",
            field="database.cursor",
        )
    timely = column.kind in _TIMES
    numeric = column.kind in {"integer", "large integer", "decimal", "number"}
    if (isinstance(rows.overlap, str) and (numeric or column.kind == "text")) or (
        isinstance(rows.overlap, int) and (timely or column.kind == "text")
    ):
        expected = {True: "a length of time, as in 10 min"}.get(timely, "a whole number")
        if column.kind == "text":
            expected = "none, for a cursor that is text"
        raise DefinitionError(f"database.overlap: expected {expected}.", field="database.overlap")


def start_of(position: str | None, column: SourceColumn, rows: DatabaseRows) -> str | None:
    """From where the next pull asks: the position less the overlap.

    >>> rows = DatabaseRows(connection="shop", table="t", cursor="at", overlap="10 min")
    >>> start_of("2026-03-01 00:05:00.25+00", SourceColumn("at", "moment"), rows)
    '2026-02-28 23:55:00.25+00'
    """
    if position is None or not rows.overlap:
        return position
    if column.kind != "value of any type":
        return _less(position, rows.overlap)
    value = json.loads(position)
    if isinstance(value, str) and isinstance(rows.overlap, str):
        return json.dumps(_less(value, rows.overlap), ensure_ascii=False)
    if isinstance(value, int | float) and isinstance(rows.overlap, int):
        return json.dumps(value - rows.overlap)
    return position


def last_passed(
    values: list[Cell], column: SourceColumn, rows: DatabaseRows, now: datetime
) -> str | None:
    """The last cursor of a batch that does not lie in the future; None when there is none.

    A row that is dated in the future must not keep those from being seen that come in until then.
    """
    zone = ZoneInfo(rows.time_zone or "UTC")
    for value in reversed(values):
        if isinstance(value, str) and not _is_ahead(value, column, zone, now):
            return value
    return None


def _is_ahead(value: str, column: SourceColumn, zone: ZoneInfo, now: datetime) -> bool:
    if column.kind == "value of any type":
        inner = json.loads(value)
        moment = _read(inner) if isinstance(inner, str) else None
        return moment is not None and _in_utc(moment, zone) > now
    if column.kind not in _TIMES:
        return False
    moment = _read(value)
    # Infinity, and years that no calendar of ours has, are ahead of everything or before it.
    return moment is None or _in_utc(moment, zone) > now


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return datetime.max  # noqa: DTZ901 - naive UTC by convention


def _less(value: str, overlap: str | int) -> str:
    """A position so much earlier, written as the database writes it."""
    if isinstance(overlap, int):
        return str(int(value.partition(".")[0]) - overlap)
    width = 19 if len(value) > 10 else 10
    moment = _read(value[:width])
    if moment is None:
        return value
    earlier = moment - timedelta(microseconds=span(overlap))
    return earlier.isoformat(sep=value[10:11] or " ")[:width] + value[width:]
