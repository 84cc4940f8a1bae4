"""Values that random rules name: near those that rows hold, and at the edges of moments."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from patron.testing.differential.histories import TICK, TICKS
from patron.testing.differential.worlds import World

Rule = dict[str, Any]

ORDERINGS = ("<", "<=", ">", ">=")
METRIC_OPS = ("=", "!=", *ORDERINGS, *ORDERINGS, "between")


class DrawValues:
    """Draws values and comparisons that fit one world.

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

    def of_event(self, event: str | None) -> list[Rule]:
        """All events of a name, or all."""
        return [one for one in self.events if event in (None, one["name"])]

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
