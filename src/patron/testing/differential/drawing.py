"""The parts that random rules are made of: comparisons, filters, windows and selections."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from patron.testing.differential.histories import LENGTHS, TICK, TICKS
from patron.testing.differential.worlds import World

Rule = dict[str, Any]

ORDERINGS = ("<", "<=", ">", ">=")
METRIC_OPS = ("=", "!=", *ORDERINGS, *ORDERINGS, "between")
UNITS = ("day", "week", "month", "quarter", "year")

TEXT_COLUMNS = {"order_id", "currency", "coupon", "channel", "brand"}
LINE_TEXTS = {"product_id", "sku", "product_name", "category", "product_brand", "colour"}
AMOUNTS = {"revenue", "total"}
LINE_AMOUNTS = {"price", "quantity"}
MONEY = AMOUNTS | {"price"}
ORDERS = (
    "Order Completed",
    "Order Updated",
    "Order Refunded",
    "Order Exchanged",
    "Order Cancelled",
)
OPEN = {
    "Order Completed": ("payment_method",),
    "Order Completed ": ("note", "note.depth"),
    "Page Viewed": ("path", "seconds"),
    "Product Added": ("category", "price", "size"),
    "Checkout Started": ("step",),
    "Shipping Info Entered": ("shipping_method",),
    "Payment Info Entered": ("payment_method",),
    "Quiz Taken": ("score", "level", "answers", "detail.depth", "due", "detail.place"),
    "Video Played": ("seconds", "title"),
    "Group Joined": ("group_id", "traits.industry"),
    "Identity Aliased": ("previous_id",),
}
"""Open properties by event; those of the vocabulary of commerce have columns of their own."""
OPEN_OF_LINES = ("size", "size.depth", "name")


class Draw:
    """Draws parts of rules that fit one world.

    Args:
        chance: Where chance comes from.
        world: Whom the rules are to divide.
        known: Names of the operator classes that may be mixed in wherever they fit.
    """

    def __init__(self, chance: random.Random, world: World, known: frozenset[str]) -> None:
        self.chance = chance
        self.world = world
        self.known = known
        self.people = world["people"]
        self.events = [event for person in self.people for event in person["events"]]
        self.moments = sorted(
            row["occurred_at"]
            for person in self.people
            for row in (*person["events"], *person["traits"])
        )
        self._midnights = [at for at in self.moments if (at + TICK).time() <= time(0, 0, 0, 2)]

    def maybe(self, share: float) -> bool:
        """True in this share of cases."""
        return self.chance.random() < share

    def pick(self, options: Sequence[Any]) -> Any:  # noqa: ANN401
        """One of these."""
        return self.chance.choice(options)

    def either(self, *options: Callable[[], Any]) -> Any:  # noqa: ANN401
        """What one of these draws."""
        return self.pick(options)()

    # ── values ──

    def date(self) -> str:
        """A date, or a moment at or beside that of a row."""
        at: datetime = self.pick(self.moments)
        if self.maybe(0.5):
            return self.day()
        return str((at + self.pick(TICKS)).isoformat(timespec="microseconds")) + "Z"

    def day(self) -> str:
        """A date, mostly one beside whose edges something happened."""
        moments = self._midnights if self._midnights and self.maybe(0.6) else self.moments
        return str((self.pick(moments) + self.pick(TICKS)).date())

    def dates(self, event: str | None = None) -> list[str]:
        """Two dates, the earlier first; mostly at the edges of where such events happened."""
        rows = [row["occurred_at"] for row in self.of_event(event)] or self.moments
        if self.maybe(0.5):
            early = [at for at in rows if at.time() <= _JUST_AFTER] or rows
            late = [at for at in rows if at.time() == time.max] or rows
            first, last = self.pick(early) + self.pick(TICKS), self.pick(late)
            return sorted((str(first.date()), str(last.date())))
        first, last = sorted((self.pick(rows), self.pick(rows)))
        # Equal ones may not be turned round by their microseconds.
        ends = (first + self.pick(TICKS[::2]), last + self.pick(TICKS[:2]))
        return [at.isoformat(timespec="microseconds") + "Z" for at in ends]

    def comparison(self, seen: list[Any], *, kind: str = "any") -> Rule:
        """An operator and a value, near a value that was seen.

        Args:
            seen: Values that rows have there.
            kind: ``text`` or ``number`` for a column of that type, else ``any``.
        """
        if self.maybe(0.12):
            return {"op": self.pick(("exists", "missing"))}
        scalars = [_plain(value) for value in seen if _writable(value, kind)]
        if not scalars or (kind == "any" and self.maybe(0.05)):
            scalars = list(_SOME[kind])
        value = self.pick(scalars)
        forms: list[Callable[[], Rule]] = [lambda: self._equal(value, scalars)]
        if kind != "text" and (_is_number(value) or self.maybe(0.1)):
            number = value if _is_number(value) else self.pick((0, 5, 5.5))
            forms.append(lambda: self.ordered(number))
        if kind != "number" and (isinstance(value, str) or self.maybe(0.1)):
            text = value if isinstance(value, str) else str(value)
            forms += [lambda: self._like(text)] * 2
        if kind == "any" and any(isinstance(one, list) for one in seen):
            listed = [item for one in seen if isinstance(one, list) for item in one]
            listed = [item for item in listed if _writable(item, kind)]
            forms += [lambda: self._listed(listed)] * 2
        days = [one[:10] for one in seen if isinstance(one, str) and _is_day(one[:10])]
        if kind == "any" and days:
            forms += [lambda: self._dated(days)] * 2
        found: Rule = self.pick(forms)()
        return found

    def _equal(self, value: Any, scalars: list[Any]) -> Rule:  # noqa: ANN401
        if self.maybe(0.6):
            return {"op": self.pick(("=", "!=")), "value": value}
        some = [value, *(self.pick(scalars) for _ in range(self.chance.randint(0, 2)))]
        return {"op": self.pick(("in", "not in")), "value": some}

    def ordered(self, number: Any) -> Rule:  # noqa: ANN401
        """A comparison with a number, or with two."""
        if self.maybe(0.25):
            other = _round(float(number) + self.pick((-5, 0, 1, 10)))
            return {"op": "between", "value": sorted((number, other))}
        return {"op": self.pick(ORDERINGS), "value": number}

    def _like(self, text: str) -> Rule:
        start = self.chance.randrange(len(text)) if text else 0
        part = text[start : start + self.chance.randint(1, 4)] or "a"
        if self.maybe(0.2):
            part = self.pick(("%", "_", "e", "1", "]", ".", "a"))
        op = self.pick(("contains", "does not contain", "starts with", "ends with"))
        if "matches" in self.known and self.maybe(0.3):
            pattern = self.pick((text.replace("[", ".") or ".", "^.a", "[0-9]", "(?i)pro", "d$"))
            return {"op": self.pick(("matches", "does not match")), "value": pattern}
        return {"op": op, "value": part}

    def _listed(self, items: list[Any]) -> Rule:
        some = [self.pick(items or ["a", 5]) for _ in range(self.chance.randint(1, 2))]
        return {"op": self.pick(("any of", "all of", "none of")), "value": some}

    def _dated(self, days: list[str]) -> Rule:
        if self.maybe(0.3):
            return {"op": "between", "value": self.dates()}
        value = self.pick((self.pick(days), self.date(), "2025-03-30T01:00:00Z"))
        return {"op": self.pick(("before", "after")), "value": value}

    # ── filters of events ──

    def event_filter(self, event: str | None, depth: int = 2) -> Rule:
        """A condition on an event."""
        if depth and self.maybe(0.25):
            return self.logic(lambda: self.event_filter(event, depth - 1))
        if event in (None, "Order Completed", "Product Added") and self.maybe(0.5):
            return {"any_line": self.line_filter(depth=1)}
        columns = ["channel", "brand"]
        if event is None or event in ORDERS:
            columns += ["currency", "revenue", "total", "coupon"]
        names = [event] if event else sorted(OPEN)
        paths = columns + [path for name in names for path in OPEN.get(name, ())] * 3
        return self._property(self.pick(paths), self.of_event(event))

    def line_filter(self, *, depth: int = 2, event: bool = False) -> Rule:
        """A condition on a line."""
        if depth and self.maybe(0.25):
            return self.logic(lambda: self.line_filter(depth=depth - 1, event=event))
        if event and self.maybe(0.2):
            path = self.pick(("coupon", "revenue", "payment_method", "channel"))
            return {"event": self._property(path, self.of_event("Order Completed"))}
        path = self.pick([*sorted(LINE_TEXTS | LINE_AMOUNTS), *OPEN_OF_LINES])
        lines = [line for event_ in self.events for line in event_["lines"]]
        return self._property(path, lines, lines=True)

    def _property(self, path: str, rows: list[Rule], *, lines: bool = False) -> Rule:
        texts, numbers = (LINE_TEXTS, LINE_AMOUNTS) if lines else (TEXT_COLUMNS, AMOUNTS)
        kind = "text" if path in texts else "number" if path in numbers else "any"
        place = path.endswith("place")
        if place and "places" in self.known:
            return {"property": path, **self.place()}
        seen = [dig(row, path) for row in rows]
        return {"property": path, **self.comparison(seen, kind=kind)}

    def logic(self, inner: Callable[[], Rule]) -> Rule:
        """Not, all or any of what is drawn."""
        if self.maybe(0.3):
            return {"not": inner()}
        return {self.pick(("all", "any")): [inner() for _ in range(self.chance.randint(1, 3))]}

    def place(self) -> Rule:
        """Within a radius or in a box."""
        lat, lon = self.pick(((52.09, 5.12), (52.2, 5.0), (-17.5, 179.95), (13.7, 100.6), (0, 0)))
        if self.maybe(0.5):
            radius = self.pick((0, 1, 5, 10, 12.5, 35.5, 40, 1200, 9000, 20016))
            return {"op": "within radius", "value": {"lat": lat, "lon": lon, "km": radius}}
        size = self.pick((0, 0.5, 10, 60))
        box = {"south": round(max(lat - size, -90), 6), "north": round(min(lat + size, 90), 6)}
        edges = {"west": _longitude(lon - size), "east": _longitude(lon + size)}
        return {"op": "in box", "value": {**box, **edges}}

    # ── selections ──

    def of_event(self, event: str | None) -> list[Rule]:
        """All events of a name, or all."""
        return [one for one in self.events if event in (None, one["name"])]

    def event_name(self) -> str | None:
        """The name of an event that happened, or None for any."""
        return None if self.maybe(0.15) else str(self.pick(self.events)["name"])

    def length(self) -> str:
        """The length of a rolling window; longer ones more often."""
        return str(self.pick((*LENGTHS, *LENGTHS[3:], "90d")))

    def window(self, event: str | None = None) -> Rule:
        """Any window that is known."""
        forms: list[Callable[[], Rule]] = [lambda: {"last": self.length()}] * 4
        forms += [lambda: self.between(event)] * 2
        if "calendar windows" in self.known:
            forms += [self.calendar] * 2
        if "since event" in self.known:
            forms += [self.since]
        return self.either(*forms)  # type: ignore[no-any-return]

    def between(self, event: str | None = None) -> Rule:
        """From a date, to a date, or both."""
        low, high = self.dates(event)
        return self.pick(({"from": low}, {"to": high}, {"from": low, "to": high}))  # type: ignore[no-any-return]

    def calendar(self) -> Rule:
        """This unit of the calendar, or the last full ones; sometimes in another zone."""
        unit = self.pick(UNITS)
        number = self.chance.randint(1, 3)
        window = {"last_full": f"{number} {unit}{'s' if number > 1 else ''}"}
        if self.maybe(0.5):
            window = {"this": unit}
        return {**window, **({"zone": self.other_zone()} if self.maybe(0.4) else {})}

    def other_zone(self) -> str:
        """A time zone by name."""
        return str(self.pick(("Europe/Amsterdam", "UTC", "Asia/Kathmandu", "America/New_York")))

    def since(self) -> Rule:
        """Since the first or the last event of another name."""
        event: Rule = {"event": self.pick(self.events)["name"]}
        if self.maybe(0.3):
            event["where"] = self.event_filter(event["event"], 0)
        return {"since_event": event, "which": self.pick(("first", "last"))}

    def scope(self) -> Rule:
        """Sometimes brands."""
        if not self.maybe(0.15):
            return {}
        return {"on_brand": self.pick((["A"], ["B"], ["A", "B"], ["C", "A"]))}

    def selection(
        self, *, window: bool | None = None, lines: bool | None = None, event: str | None = "any"
    ) -> Rule:
        """Some events or lines.

        Args:
            window: Whether in a window; by chance when None.
            lines: Whether their lines; rarely, by chance, when None.
            event: Their name; drawn when it is ``any``.
        """
        if lines is None:
            lines = self.maybe(0.12)
        if event == "any":
            event = self.pick(("Order Completed", "Product Added")) if lines else self.event_name()
        found: Rule = {} if event is None else {"event": event}
        if lines:
            found["lines"] = True
        if self.maybe(0.4):
            drawn = self.line_filter(event=True) if lines else self.event_filter(event)
            found["where"] = drawn
        if self.maybe(0.6) if window is None else window:
            found["in"] = self.window(event)
        return {**found, **self.scope()}

    def amounts(self, **asked: Any) -> Rule:  # noqa: ANN401
        """Some events or lines, and a property of theirs with numbers; money in one currency."""
        lines = self.maybe(0.25)
        events = ("Order Completed", "Product Added") if lines else sorted(_NUMBERS)
        event = self.pick([*events, "Order Completed"])
        found = self.selection(lines=lines, event=event, **asked)
        path = self.pick(("price", "quantity", "quantity") if lines else _NUMBERS[event])
        found["property"] = path
        column = path in (LINE_AMOUNTS if lines else AMOUNTS)
        if (column and path in MONEY) or self.maybe(0.05):
            found["currency"] = self.pick(("EUR", "EUR", "THB"))
        return found

    def limit(self, path: str) -> int | float:
        """A number as a property or trait holds it."""
        rows = [*self.events, *(line for one in self.events for line in one["lines"])]
        numbers: list[float] = [float(v) for v in (dig(row, path) for row in rows) if _is_number(v)]
        return _round(self.pick(numbers or [5.0]))

    def threshold(self, numbers: Sequence[int | float]) -> Rule:
        """A comparison of a number with one of these."""
        op = self.pick(METRIC_OPS)
        if op != "between":
            return {"op": op, "value": self.pick(numbers)}
        return {"op": op, "value": sorted((self.pick(numbers), self.pick(numbers)))}

    def counted(self) -> Rule:
        """A comparison of a count with a small number."""
        return self.threshold((0, 1, 1, 1, 2, 2, 3, 4))

    def totalled(self, path: str) -> Rule:
        """A comparison of a sum with what one, two or three rows come to."""
        some = [_round(sum(self.limit(path) for _ in range(n))) for n in (1, 1, 1, 2, 3)]
        return self.threshold([*some, 0])


_SOME: dict[str, tuple[Any, ...]] = {
    "any": ("a", 5, True, "5"), "text": ("a", "EUR"), "number": (0, 5),
}  # fmt: skip
"""What is compared with where nothing was seen."""

_NUMBERS: dict[str, tuple[str, ...]] = {
    "Order Completed": ("revenue", "revenue", "total"),
    "Order Refunded": ("total",),
    "Quiz Taken": ("score", "score", "detail.depth"),
    "Video Played": ("seconds",),
    "Page Viewed": ("seconds",),
}


_JUST_AFTER = time(0, 0, 0, 1)


def dig(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """What lies at a path of plain names; None where there is nothing.

    >>> dig({"a": {"b": 5}}, "a.b")
    5
    """
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_number(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return bool(-(10**12) < value < 10**12)


def _writable(value: Any, kind: str) -> bool:  # noqa: ANN401
    """Whether a rule may name the value, beside a column of this kind."""
    if isinstance(value, str):
        return kind != "number"
    if isinstance(value, bool):
        return kind == "any"
    return kind != "text" and _is_number(value)


def _longitude(degrees: float) -> float:
    """From -180 to 180, across the date line if need be."""
    return _round((degrees + 180) % 360 - 180)


def _round(number: float) -> int | float:
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and datetime.fromisoformat(text).year > 1900
    except ValueError:
        return False


def _plain(value: Any) -> Any:  # noqa: ANN401
    return _round(float(value)) if isinstance(value, Decimal) else value
