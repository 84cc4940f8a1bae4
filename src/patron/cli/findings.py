"""What was found of each kind of condition, in lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from patron.cli.terminal import moment, plural, printable, shown_cell

ROWS = 3
"""So many rows of evidence are printed; ``--json`` has more."""

PERIODS = 6
"""So many units of the calendar are named."""

_ROW_WORDS = {
    "events": "event", "order_lines": "line", "orders": "order", "traits": "observation",
    "identifiers": "identifier",
}  # fmt: skip

Told = dict[str, Any]


def lines_of(condition: Told) -> Iterator[str]:
    """All that was found of a condition, line by line.

    >>> evidence = {"table": "traits", "total": 0, "rows": []}
    >>> list(lines_of({"value": None, "detail": None, "evidence": evidence}))
    ['found: nothing']
    """
    detail, evidence = condition["detail"], condition["evidence"]
    if detail is not None:
        yield from _KINDS[detail["type"]](condition, detail)
        # Of these the events stand in the lines above already.
        if detail["type"] in _WITHOUT_ROWS:
            return
    elif evidence is not None:
        yield f"found: {_found(condition['value'], evidence)}"
    if evidence is not None:
        yield from _rows(evidence)


def _rows(evidence: Told) -> Iterator[str]:
    for row in evidence["rows"][:ROWS]:
        yield _row(row)
    if evidence["total"] > ROWS:
        yield f"and {evidence['total'] - ROWS:,} more"


def _found(value: object, evidence: Told) -> str:
    if evidence["table"] in ("traits", "identifiers") and evidence["total"] <= 1:
        return "nothing" if value is None else shown_cell(value)
    total = plural(evidence["total"], _ROW_WORDS[evidence["table"]])
    if value is None or value == evidence["total"]:
        return total
    return f"{shown_cell(value)}, from {total}"


def _converted(told: Told) -> str:
    """An amount in the currency that is asked for, and by which rate.

    >>> _converted({"to": "EUR", "currency": "USD", "amount": "8.5", "rate": "0.85",
    ...             "since": "2026-01-01T00:00:00Z", "definition": "eur"})
    'USD = 8.5 EUR, at 0.85 since 2026-01-01 by exchange rates eur'
    >>> _converted({"to": "EUR", "currency": "USD", "amount": None, "rate": None,
    ...             "since": None, "definition": "eur"})
    'USD, which exchange rates eur tell no rate of for then'
    """
    currency = told["currency"] or "no currency"
    if told["rate"] is None:
        return f"{currency}, which exchange rates {told['definition']} tell no rate of for then"
    return (
        f"{currency} = {told['amount']} {told['to']}, at {told['rate']} "
        f"since {told['since'][:10]} by exchange rates {told['definition']}"
    )


def _row(row: Told) -> str:
    parts = [moment(row["occurred_at"]), printable(row["name"])]
    if row["line"] is not None:
        parts.append(f"line {row['line']}")
    if row["value"] is not None:
        parts.append(shown_cell(row["value"]))
    if row.get("converted") is not None:
        parts.append(_converted(row["converted"]))
    if row["message_id"] is not None:
        parts.append(f"(message {printable(row['message_id'])})")
    return "  ".join(part for part in parts if part)


# ── by kind ──


def _compared(condition: Told, detail: Told) -> Iterator[str]:
    yield f"found: {_found(condition['value'], condition['evidence'])}"
    yield from _rows(condition["evidence"])
    yield f"compared with: {_found(detail['value'], detail['evidence'])}"
    yield from _rows(detail["evidence"])


def _steps(condition: Told, detail: Told) -> Iterator[str]:
    yield f"found: {condition['value']} of {plural(len(detail['steps']), 'step')}"
    for number, step in enumerate(detail["steps"], 1):
        mark = "✓" if step["reached"] else "✗"
        happened = "" if step["row"] is None else f": {_row(step['row'])}"
        yield f"{mark} step {number}, {printable(step['asked'])}{happened}"
    if detail["stop"] is not None:
        row = "" if detail["row"] is None else f": {_row(detail['row'])}"
        until = "" if detail["until"] is None else f" until {moment(detail['until'])}"
        yield f"stopped there because {_STOPS[detail['stop']]}{until}{row}"


_STOPS = {
    "missing": "no such event followed",
    "late": "it came too late",
    "between": "this lay between",
    "came": "this followed",
    "waiting": "it can still follow",
}


def _cart(condition: Told, detail: Told) -> Iterator[str]:
    if detail["touched"] is None:
        yield "found: an empty cart"
    else:
        of = plural(detail["events"], "event")
        yield f"found: a cart at {condition['value']}, of {of}, last touched by"
        yield _row(detail["touched"])
    if detail["ordered"] is not None:
        yield f"begun after the order of {_row(detail['ordered'])}"


def _first(_: Told, detail: Told) -> Iterator[str]:
    if detail["row"] is None:
        yield "found: it never happened"
        return
    where = "in" if detail["inside"] else "outside"
    yield f"found: for the first time {where} the window"
    yield _row(detail["row"])


def _periods(condition: Told, detail: Told) -> Iterator[str]:
    held = detail["periods"]
    days = [f"{each['first_day']} ({plural(each['events'], 'event')})" for each in held[-PERIODS:]]
    more = f" {len(held) - PERIODS} more and" if len(held) > PERIODS else ""
    yield f"found: {condition['value']}" + (f",{more} from {', '.join(days)}" if days else "")


def _pause(condition: Told, detail: Told) -> Iterator[str]:
    if detail["before"] is None:
        yield "found: no such event" if condition["kind"] == "stopped" else "found: no pause"
        return
    so_far = " so far" if detail["after"] is None else ""
    yield f"found: a pause of {_length(condition['value'])}{so_far}, after"
    yield _row(detail["before"])
    if detail["after"] is not None:
        yield f"and up to {_row(detail['after'])}"


def _length(seconds: float) -> str:
    """A length of time in its two largest units.

    >>> _length(93_784.5), _length(86_400), _length(12)
    ('1 day 2 hours', '1 day', '12 seconds')
    """
    left = int(seconds)
    parts: list[str] = []
    for word, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, size)
        if number or (word == "second" and not parts):
            parts.append(plural(number, word))
    return " ".join(parts[:2])


def _frequent(condition: Told, detail: Told) -> Iterator[str]:
    if not detail["of"]:
        yield "found: nothing"
        return
    times = "" if condition["kind"] != "most_frequent" else f", {plural(detail['times'], 'time')}"
    yield f"found: {shown_cell(condition['value'])}{times}, of {plural(detail['of'], 'value')}"


def _groups(_: Told, detail: Told) -> Iterator[str]:
    if not detail["groups"]:
        yield "found: no group"
    for group in detail["groups"][:ROWS]:
        row = group["row"]
        value = None if row is None else row["value"]
        said = "nothing" if value is None else shown_cell(value)
        yield f"found: {said}, of group {printable(group['group_id'])}"
        if row is not None:
            yield _row(row)
    if len(detail["groups"]) > ROWS:
        yield f"and of {len(detail['groups']) - ROWS:,} more"


def _drawn(condition: Told, detail: Told) -> Iterator[str]:
    verdict = "below" if Decimal(condition["value"]) < Decimal(detail["limit"]) else "not below"
    yield f"found: drew {condition['value']} of 100, {verdict} {detail['limit']}"


def _rank(condition: Told, detail: Told) -> Iterator[str]:
    if detail["place"] is None:
        yield f"found: no place among {detail['ranked']:,}"
    else:
        value = shown_cell(condition["value"])
        yield f"found: place {detail['place']:,} of {detail['ranked']:,}, with {value}"
    if detail["ranked"]:
        yield f"place {detail['last_place']:,}, the last one in, has " + shown_cell(
            detail["last_value"]
        )
    yield f"as ranked on {moment(detail['made_for'])}"


def _rfm(condition: Told, detail: Told) -> Iterator[str]:
    if condition["value"] is None:
        yield "found: no scores, for there is nothing to score"
    else:
        recency, frequency, monetary = condition["value"]
        yield (
            f"found: recency {recency}, last on {moment(detail['last_at'])}; frequency "
            f"{frequency}, {plural(detail['times'], 'time')}; monetary value {monetary}, "
            f"{shown_cell(detail['amount'])}; among {plural(detail['customers'], 'customer')}"
        )
    yield f"as scored on {moment(detail['made_for'])}"


def _recorded(condition: Told, detail: Told) -> Iterator[str]:
    one = condition["kind"] in ("in_segment", "was_in")
    if not one:
        yield f"found: {plural(condition['value'], 'change')} on record"
    elif not detail["changes"]:
        yield "nothing is on record of it"
    for change in detail["changes"][:ROWS]:
        began = ", as the segment began" if change["first_fill"] else ""
        yield (
            f"on record: {change['kind']} {moment(change['at'])}, because of {change['reason']}"
            f"{began} (change {change['change_id']})"
        )


def _parts(condition: Told, detail: Told) -> Iterator[str]:
    yield f"found: {condition['value']} of {detail['of']} hold"


def _brands(condition: Told, detail: Told) -> Iterator[str]:
    said = [f"{'✓' if one['holds'] else '✗'} {printable(one['brand'])}" for one in detail["brands"]]
    yield f"found: {plural(condition['value'], 'brand')}: {', '.join(said)}"


def _computed(condition: Told, detail: Told) -> Iterator[str]:
    yield f"found: {_said(condition['value'])}, of {printable(detail['of'])}"
    for one in detail["operands"]:
        yield f"{printable(one['text'])}: {_said(one['value'])}"


def _said(value: object) -> str:
    return "nothing" if value is None else shown_cell(value)


_KINDS: dict[str, Callable[[Told, Told], Iterator[str]]] = {
    "compared": _compared,
    "steps": _steps,
    "cart": _cart,
    "first": _first,
    "periods": _periods,
    "pause": _pause,
    "frequent": _frequent,
    "groups": _groups,
    "drawn": _drawn,
    "rank": _rank,
    "rfm": _rfm,
    "recorded": _recorded,
    "parts": _parts,
    "brands": _brands,
    "computed": _computed,
}
_WITHOUT_ROWS = {"compared", "steps", "cart", "first", "pause", "groups", "rank", "rfm"}
