"""What rules mean, in plain Python over lists and dicts, written from the semantics alone.

Nothing here uses the code under test. A rule is its JSON; a world is what one would write down
about each customer. Slow and obvious on purpose.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import partial
from typing import Any

COMPLEMENT = {
    "!=": "=",
    "not in": "in",
    "does not contain": "contains",
    "missing": "exists",
    "none of": "any of",
}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?")


def members(world: dict[str, Any], rule: dict[str, Any], as_of: datetime) -> set[int]:
    """The ids of everybody of whom the rule is true."""
    return {
        person["id"]
        for person in world["people"]
        if person["first_seen_at"] <= as_of and holds(world, person, rule, as_of)
    }


def holds(world: dict[str, Any], person: dict[str, Any], rule: dict, as_of: datetime) -> bool:
    if "all" in rule:
        return all(holds(world, person, part, as_of) for part in rule["all"])
    if "any" in rule:
        return any(holds(world, person, part, as_of) for part in rule["any"])
    if "not" in rule:
        return not holds(world, person, rule["not"], as_of)
    if "in_segment" in rule:
        return holds(world, person, world["segments"][rule["in_segment"]], as_of)
    if "in_list" in rule:
        return bool(person["identifiers"] & world["lists"][rule["in_list"]])
    if "trait" in rule:
        return fulfils(trait(world, person, rule, as_of), rule["op"], rule.get("value"))
    return measured(person, rule, as_of)


def trait(world: dict[str, Any], person: dict[str, Any], rule: dict, as_of: datetime) -> Any:
    name, *inner = steps(rule["trait"])
    brands = as_list(rule.get("on_brand", []))
    seen = [
        ((row["occurred_at"], row["source_id"], row["message_id"]), row["value"])
        for row in person["traits"]
        if row["name"] == name
        and row["occurred_at"] <= as_of
        and (not brands or world["sources"][row["source_id"]] in brands)
    ]
    value = max(seen, key=lambda one: one[0])[1] if seen else None
    return dig(value, inner)


def measured(person: dict[str, Any], rule: dict, as_of: datetime) -> bool:
    kind = next(key for key in ("count", "sum", "average", "min", "max") if key in rule)
    wanted = rule[kind]
    rows = [
        row
        for event in person["events"]
        if selected(event, wanted, as_of)
        for row in rows_of(event, lines=wanted.get("lines", False))
    ]
    if "where" in wanted:
        rows = [row for row in rows if row[1](wanted["where"])]
    op, value = rule["op"], rule["value"]
    if kind == "count":
        return compares(Decimal(len(rows)), op, value)
    found = [number(dig(row[0], steps(wanted["property"]))) for row in rows]
    found = [amount for amount in found if amount is not None]
    if kind == "sum":
        return compares(sum(found, Decimal(0)), op, value)
    if op == "!=":
        return not (found and compares(summary(kind, found), "=", value))
    return bool(found) and compares(summary(kind, found), op, value)


def rows_of(event: dict[str, Any], *, lines: bool) -> list[tuple[dict[str, Any], Any]]:
    """The event or its lines, each with what tells whether a condition holds of it."""
    if not lines:
        return [(event, lambda rule: event_holds(event, rule))]
    return [(line, partial(line_holds, event, line)) for line in event["lines"]]


def summary(kind: str, found: list[Decimal]) -> Any:
    if kind == "average":
        return Fraction(sum(found)) / len(found)
    return min(found) if kind == "min" else max(found)


def selected(event: dict[str, Any], wanted: dict, as_of: datetime) -> bool:
    at = event["occurred_at"]
    if at > as_of or wanted.get("event") not in (None, event["name"]):
        return False
    brands = as_list(wanted.get("on_brand", []))
    if brands and event["brand"] not in brands:
        return False
    if "currency" in wanted and event.get("currency") != wanted["currency"]:
        return False
    window = wanted.get("in", {})
    if "last" in window:
        amount, unit = re.fullmatch(r"(\d+)(\w+)", window["last"]).groups()
        hours = {"min": 1 / 60, "h": 1, "d": 24, "w": 168}[unit]
        return as_of - timedelta(hours=int(amount) * hours) < at
    if "from" in window and at < first_moment(window["from"]):
        return False
    return not ("to" in window and at > last_moment(window["to"]))


def event_holds(event: dict[str, Any], rule: dict) -> bool:
    if "any_line" in rule:
        return any(line_holds(event, line, rule["any_line"]) for line in event["lines"])
    return logic(rule, lambda part: event_holds(event, part), event)


def line_holds(event: dict[str, Any], line: dict[str, Any], rule: dict) -> bool:
    if "event" in rule:
        return event_holds(event, rule["event"])
    return logic(rule, lambda part: line_holds(event, line, part), line)


def logic(rule: dict, inner: Any, row: dict[str, Any]) -> bool:
    if "all" in rule:
        return all(inner(part) for part in rule["all"])
    if "any" in rule:
        return any(inner(part) for part in rule["any"])
    if "not" in rule:
        return not inner(rule["not"])
    value = dig(row, steps(rule["property"]))
    return fulfils(value, rule["op"], rule.get("value"))


def fulfils(found: Any, op: str, value: Any) -> bool:
    if op in COMPLEMENT:
        return not fulfils(found, COMPLEMENT[op], value)
    if op == "exists":
        return found is not None
    if op in ("=", "in"):
        return any(same(found, one) for one in as_list(value))
    if op == "any of":
        return isinstance(found, list) and any(same(item, one) for one in value for item in found)
    if op == "all of":
        return isinstance(found, list) and all(
            any(same(item, one) for item in found) for one in value
        )
    if op in ("contains", "starts with", "ends with"):
        if not isinstance(found, str):
            return False
        tests = {
            "contains": found.__contains__,
            "starts with": found.startswith,
            "ends with": found.endswith,
        }
        return bool(tests[op](value))
    if op in ("before", "after") or (op == "between" and isinstance(value[0], str)):
        at = moment(found)
        if at is None:
            return False
        if op == "between":
            return first_moment(value[0]) <= at <= last_moment(value[1])
        return at < first_moment(value) if op == "before" else at > last_moment(value)
    amount = number(found)
    return amount is not None and compares(amount, op, value)


def compares(amount: Any, op: str, value: Any) -> bool:
    if op == "between":
        return bool(exact(value[0]) <= amount <= exact(value[1]))
    limit = exact(value)
    return {
        "=": amount == limit,
        "!=": amount != limit,
        "<": amount < limit,
        "<=": amount <= limit,
        ">": amount > limit,
        ">=": amount >= limit,
    }[op]


def exact(value: Any) -> Decimal:
    return Decimal(str(value))


def same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, str) or isinstance(found, str):
        return isinstance(found, str) and found == wanted
    amount = number(found)
    return amount is not None and amount == exact(wanted)


def number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    rounded = Decimal(value).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return rounded if abs(rounded) < Decimal(10) ** 12 else None


def moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)


def first_moment(text: str) -> datetime:
    at = moment(text)
    assert at is not None
    return at


def last_moment(text: str) -> datetime:
    whole_day = timedelta(days=1, microseconds=-1) if len(text) == 10 else timedelta()
    return first_moment(text) + whole_day


def steps(path: str) -> list[str]:
    found = re.findall(r'"(?:\\.|[^"\\])*"|[^.]+', path, re.DOTALL)
    return [json.loads(step, strict=False) if step.startswith('"') else step for step in found]


def dig(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
