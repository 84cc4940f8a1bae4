"""The parts that random rules are made of: filters, windows and selections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from patron.testing.differential.drawn_values import DrawValues, Rule, dig
from patron.testing.differential.histories import LENGTHS

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
    "Page Viewed": ("path", "seconds", "shelf.side"),
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
OPEN_OF_LINES = ("size", "size.depth", "name", "shelf.side", "shelf.height")
SHELF_KINDS = {"shelf.height": "number", "shelf.side": "text", "shelf.tags": "any"}
"""Attributes of what events and lines name."""


class Draw(DrawValues):
    """Draws parts of rules that fit one world."""

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
        kind = SHELF_KINDS.get(path, kind)
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
        path = self.pick(
            ("price", "quantity", "quantity", "shelf.height") if lines else _NUMBERS[event]
        )
        found["property"] = path
        column = path in (LINE_AMOUNTS if lines else AMOUNTS)
        if (column and path in MONEY) or self.maybe(0.05):
            found["currency"] = self.pick(("EUR", "EUR", "THB"))
        return found


_NUMBERS: dict[str, tuple[str, ...]] = {
    "Order Completed": ("revenue", "revenue", "total", "shelf.height"),
    "Order Refunded": ("total",),
    "Quiz Taken": ("score", "score", "detail.depth"),
    "Video Played": ("seconds",),
    "Page Viewed": ("seconds", "shelf.height"),
}
