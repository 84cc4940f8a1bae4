"""The meaning of a rule's names and values: everything that can be wrong with a well-formed rule.

`resolve` finds unknown names, membership cycles, comparisons of values of different types, and sums
over several currencies. What it lets through, the planner can turn into a question.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, Literal, NoReturn

import msgspec

from patron.errors import RuleError
from patron.segments import columns, entities, paths, tree
from patron.segments.catalogue import Catalogue
from patron.segments.clock_values import OCCURRED, PARTS
from patron.segments.computed import expanded, named, used
from patron.segments.tree import Rule
from patron.spec.commerce import ORDER_STATES
from patron.spec.entities import EntityKind

Unknown = Literal["error", "warn"]

MAX_NESTED = 50

_ADDING = tree.Add | tree.Subtract
_OF_NUMBERS = ("sum", "average", "min", "max")
"""Measures of numbers only."""

_ON_TEXT = ("contains", "does not contain", "starts with", "ends with", "matches",
            "does not match", "before", "after")  # fmt: skip


class Warning(msgspec.Struct, frozen=True):  # noqa: A001 - the word for it
    """Something that is allowed and yet probably a mistake."""

    message: str
    field: str | None = None
    line: int | None = None
    column: int | None = None
    suggestions: tuple[str, ...] = ()


class Resolution(msgspec.Struct, frozen=True):
    """What `resolve` found.

    Attributes:
        warnings: Unknown names, when they were not to be errors.
        segments: Names of the segments that the rule rests on, those that others rest on first.
        lists: Names of the static lists that the rule itself uses.
        computed: Names of the computed traits that the rule and those segments rest on.
    """

    warnings: tuple[Warning, ...] = ()
    segments: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()


def resolve(
    rule: Rule,
    catalogue: Catalogue,
    *,
    unknown: Unknown = "error",
    places: Mapping[str, tuple[int, int]] | None = None,
    name: str | None = None,
) -> Resolution:
    """Check a rule against what is known.

    Args:
        rule: Well-formed, as `codec.decode` and `text.parse` give it.
        catalogue: What is known.
        unknown: Whether unknown events, traits, properties, brands and currencies are errors or
            warnings. Unknown segments and lists are always errors.
        places: From `text.parse_with_places`: errors then name line and column.
        name: The segment that the rule defines, so that a cycle through itself is found.

    Raises:
        RuleError: With the place, and the nearest known names.
    """
    checks = _Checks(catalogue, unknown, places or {})
    for path, node in tree.walk(rule):
        checks.condition(path, node)
    order = _order(rule, catalogue, name, checks)
    for below in order:
        _check_again(below, catalogue)
    lists = {node.in_list for _, node in tree.walk(rule) if isinstance(node, tree.InList)}
    rules = (rule, *(catalogue.segments[below] for below in order))
    computed = {name for one in rules for name in used(one, catalogue.computed)}
    return Resolution(tuple(checks.warnings), order, tuple(sorted(lists)), tuple(sorted(computed)))


class _Checks:
    """One pass over one rule."""

    def __init__(
        self, catalogue: Catalogue, unknown: Unknown, places: Mapping[str, tuple[int, int]]
    ) -> None:
        self._catalogue = catalogue
        self._unknown = unknown
        self._places = places
        self.warnings: list[Warning] = []

    def condition(self, path: str, node: Rule) -> None:
        """Check one condition; those inside it come on their own, but for filters of events."""
        known = self._catalogue
        if self._computed(path, node):
            return
        match node:
            case tree.Trait(trait=trait) | tree.Changed(changed=trait):
                names = known.traits | known.computed.keys()
                self._known("trait", paths.split(trait)[0], names, path)
                self._brands(node.on_brand, path)
                self._window(path, getattr(node, "within", None))
            case (
                tree.InSegment(in_segment=segment)
                | tree.WasIn(was_in=segment)
                | tree.Entered(entered=segment)
                | tree.Left(left=segment)
            ):
                self._known("segment", segment, known.segments, path, always=True)
                self._window(path, getattr(node, "within", None))
            case tree.Group():
                first = paths.split(node.group)[0]
                self._known("group trait", first, known.group_traits, path)
                self._brands(node.on_brand, path)
            case tree.OnBrands():
                self._brands(node.of, path)
            case tree.Rfm():
                self._measured(path, "rfm", node.rfm)
            case tree.Top():
                self._measured(tree.join(path, "by"), *node.by.measure())
            case tree.InList(in_list=listed):
                self._known("list", listed, known.lists, path, always=True)
            case tree.Selecting():
                self._about_events(path, node)
            case tree.Sequence():
                self._sequence(path, node)
            case tree.Abandoned():
                self._abandoned(path, node)

    def fail(self, message: str, path: str, *, hint: str | None = None) -> NoReturn:
        """Refuse the rule."""
        line, column = self._place(path)
        raise RuleError(message, line=line, column=column, field=path or None, hint=hint)

    def _computed(self, path: str, node: Rule) -> bool:
        """Check a condition on a computed trait, if it is one, and what it stands for."""
        names = named(node) & self._catalogue.computed.keys()
        try:
            stands_for = expanded(node, self._catalogue.computed)
        except RuleError as error:
            self.fail(error.message, path, hint=error.hint)
        if stands_for is None:
            return False
        self._brands(getattr(node, "on_brand", ()), path)
        # It was right when it was saved, as segments that are rested on were.
        again = _Checks(self._catalogue, "warn", {})
        for inside, part in tree.walk(stands_for):
            try:
                again.condition(inside, part)
            except RuleError as error:
                said = ", ".join(repr(name) for name in sorted(names))
                self.fail(f"In computed trait {said}: {error.message}", path, hint=error.hint)
        return True

    def _about_events(self, path: str, node: tree.Selecting) -> None:
        if isinstance(node, tree.Favourite):
            self._preferred(path, node)
            return
        there = isinstance(node, tree.Picking) and node.op in ("exists", "missing")
        for step, events in node.selections():
            self._measured(path, step, events, compared=not there)
        if isinstance(node, tree.Picking):
            _, amounts = tree.picked(node)
            column = _column_type(amounts)
            self._types(path, amounts.property, node.op, node.value, column)
        if isinstance(node, tree.Calculate):
            self._money_of(path, node.calculate)
        if isinstance(node, tree.Measuring) and isinstance(node.value, tree.Metric):
            self._same_money(path, tree.measure(node), tree.measure(node.value))

    def _preferred(self, path: str, node: tree.Favourite) -> None:
        for one, (step, events) in zip(node.favourite.preferred, node.selections(), strict=True):
            self._selection(path, step, events)
            if one.property is not None:
                # What is named is looked up where filters look.
                named = tree.Property(one.property, "exists")
                self._filter(tree.join(path, step), named, events, lines=events.lines)

    def _measured(
        self, path: str, step: str, events: tree.Events, *, compared: bool = True
    ) -> None:
        self._selection(path, step, events)
        if isinstance(events, tree.Amounts):
            self._amounts(path, step, events, compared=compared)
        elif events.convert is not None:
            self.fail("A count is no amount: nothing is converted.", path)

    def _selection(self, path: str, step: str, events: tree.Events) -> None:
        known = self._catalogue
        if events.event is not None:
            self._known("event", events.event, known.events, path)
        self._brands(events.on_brand, path)
        if events.currency is not None:
            self._known("currency", events.currency, known.currencies, path)
        if events.where is not None:
            self._filter(f"{tree.join(path, step)}.where", events.where, events, lines=events.lines)
        self._window(tree.join(path, step), events.within)

    def _window(self, path: str, window: tree.Window | None) -> None:
        """Check the event that a window begins with."""
        if isinstance(window, tree.SinceEvent):
            anchor = window.since_event
            events = tree.Events(anchor.event, where=anchor.where)
            self._selection(path, "in.since_event", events)

    def _sequence(self, path: str, node: tree.Sequence) -> None:
        self._brands(node.on_brand, path)
        self._window(path, node.within)
        for step, _, occurrence in node.occurrences():
            at = tree.join(path, step)
            if occurrence.event is not None:
                self._known("event", occurrence.event, self._catalogue.events, at)
            if occurrence.where is not None:
                events = node.events(occurrence)
                self._filter(f"{at}.where", occurrence.where, events, lines=False)

    def _abandoned(self, path: str, node: tree.Abandoned) -> None:
        self._brands(node.on_brand, path)
        self._window(path, node.within)
        stages = tree.STAGES if node.stage is None else {node.stage: tree.STAGES[node.stage]}
        if not self._catalogue.events.keys() & set(stages.values()):
            self._known("event", next(iter(stages.values())), self._catalogue.events, path)

    def _amounts(
        self, path: str, step: str, events: tree.Amounts, *, compared: bool = True
    ) -> None:
        parts = paths.split(events.property)
        name = step.rpartition(".")[2].replace("rfm", "sum")
        kind = entities.kind_of(events.property, self._catalogue.entities)
        if kind is not None:
            self.fail(
                f"{events.property} belongs to a {kind.name}: conditions read it, measures do not.",
                path,
                hint=f"Say it in the filter: … where {events.property} exists.",
            )
        self._property(parts, events, path, lines=events.lines)
        column = _column_type(events)
        if column == "text" and name in _OF_NUMBERS:
            self.fail(f"{events.property} is a text: it has no {name}.", path)
        if events.convert is not None:
            self._converted(path, name, events, events.convert)
        if not compared or events.convert is not None:
            return
        currencies = sorted(self._catalogue.currencies)
        if _is_money(events) and events.currency is None and len(currencies) > 1:
            function = name.replace("_", " ")
            what = f"no {function}" if name in _OF_NUMBERS else f"no {function} that compares"
            self.fail(
                f"{events.property} occurs in {', '.join(currencies)}; "
                f"amounts of different currencies have {what}.",
                path,
                hint=f'Name one: {function}({events.property} of "…" in {currencies[0]}).',
            )

    def _converted(self, path: str, name: str, events: tree.Amounts, to: str) -> None:
        """Check that amounts of each known currency can be converted."""
        if name not in _OF_NUMBERS or not _is_money(events):
            self.fail(f"{name} of {events.property} is no amount: nothing is converted.", path)
        rates = self._catalogue.rates.get(to, ())
        for currency in sorted(self._catalogue.currencies - {to}):
            if events.currency in (None, currency) and not any(
                one.currency == currency for one in rates
            ):
                self._doubt(f"There is no exchange rate from {currency} to {to}.", path)

    def _same_money(
        self,
        path: str,
        one: tuple[tree.MeasureName, tree.Events],
        other: tuple[tree.MeasureName, tree.Events],
    ) -> None:
        currencies = [
            said
            for name, events in (one, other)
            if name in _OF_NUMBERS
            and _is_money(events)
            and (said := events.convert or events.currency) is not None
        ]
        if len(set(currencies)) > 1:
            message = f"An amount in {currencies[0]} compares with none in {currencies[1]}."
            self.fail(message, path, hint="Name the same currency on both sides.")

    def _money_of(self, path: str, expression: tree.Expression) -> frozenset[str]:
        """The currencies that an expression is in; refuses sums of several."""
        if isinstance(expression, tree.Taken):
            name, events = expression.taken()
            money = name in _OF_NUMBERS and _is_money(events)
            said = events.convert or events.currency
            return frozenset([said] if money and said else ())
        if not isinstance(expression, tree.Operation):
            inside = [self._money_of(path, part) for _, part in expression.parts()]
            return frozenset().union(*inside)
        left, right = (self._money_of(path, part) for part in expression.both)
        if isinstance(expression, tree.Divide) and right:
            return frozenset()  # a rate or a ratio
        both = sorted(left | right)
        if isinstance(expression, _ADDING | tree.Least | tree.Greatest) and len(both) > 1:
            done = "added to" if isinstance(expression, _ADDING) else "compared with"
            message = f"An amount in {both[0]} is not {done} one in {both[1]}."
            self.fail(message, path, hint="Name the same currency on both sides.")
        return left | right

    def _filter(self, path: str, node: Rule, events: tree.Events, *, lines: bool) -> None:
        if isinstance(node, tree.Property):
            kind = entities.kind_of(node.property, self._catalogue.entities)
            parts = paths.split(node.property)
            if kind is None:
                self._property(parts, events, path, lines=lines)
                column = columns.column_type(parts, lines=lines, orders=events.orders)
            else:
                column = self._attribute(path, kind, parts, lines=lines)
            self._types(path, node.property, node.op, node.value, column)
        within = isinstance(node, tree.AnyLine) or (lines and not isinstance(node, tree.OfEvent))
        for step, child, _ in node.inner():
            self._filter(tree.join(path, step), child, events, lines=within)

    def _attribute(
        self, path: str, kind: EntityKind, parts: tuple[str, ...], *, lines: bool
    ) -> columns.ColumnType | None:
        """Check what a property reaches for; returns what it is declared to hold."""
        if not kind.ways(lines=lines):
            where, hint = entities.elsewhere(kind, lines=lines)
            self.fail(f"{where} name no {kind.name}.", path, hint=hint)
        self._known(f"attribute of {kind.name}", parts[1], kind.known, path)
        return entities.column_type(kind, parts[1:])

    def _types(
        self,
        path: str,
        name: str,
        op: str,
        value: Any,  # noqa: ANN401 - what the operator takes
        column: columns.ColumnType | None,
    ) -> None:
        if column is None:
            return
        listed = value if isinstance(value, tuple) else (value,)
        if op in ("any of", "all of", "none of"):
            self.fail(f"{name} is a {column}, no list: say in (…).", path)
        if op in ("within radius", "in box"):
            self.fail(f"{name} is a {column}, no place.", path)
        if op in _ON_TEXT:
            fits = column == "text"
        elif op in ("exists", "missing"):
            return
        else:
            text = column == "text"
            fits = all(isinstance(one, str) == text for one in listed)
            fits = fits and not any(isinstance(one, bool) for one in listed)
        if not fits:
            hint = 'Text stands in double quotes: "5" is a text, 5 is a number.'
            message = f"{name} is a {column}, and {op} compares it with something else."
            self.fail(message, path, hint=hint)

    def _property(
        self, parts: tuple[str, ...], events: tree.Events, path: str, *, lines: bool
    ) -> None:
        known = self._catalogue
        if parts[0] == OCCURRED and len(parts) > 1:
            self._known("part of the time of an event", parts[1], PARTS, path, always=True)
            return
        if lines:
            names = known.line_properties | columns.LINE_COLUMNS.keys()
        else:
            names = frozenset(columns.EVENT_COLUMNS).union(*self._told_by(events))
        self._known("property", parts[0], names, path)

    def _told_by(self, events: tree.Events) -> Collection[Collection[str]]:
        """The names of the properties that some events can have."""
        known = self._catalogue.events
        if events.orders:
            return [columns.ORDER_COLUMNS, *(known.get(name, ()) for name in ORDER_STATES)]
        return known.values() if events.event is None else [known.get(events.event, ())]

    def _brands(self, brands: str | tuple[str, ...], path: str) -> None:
        for brand in brands:
            self._known("brand", brand, self._catalogue.brands, path)

    def _known(
        self, kind: str, name: str, known: Collection[str], path: str, *, always: bool = False
    ) -> None:
        if name in known:
            return
        near = nearest(name, known)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        self._doubt(f"No {kind} is called {name!r}.{hint}", path, near, always=always)

    def _doubt(
        self, message: str, path: str, near: tuple[str, ...] = (), *, always: bool = False
    ) -> None:
        """Refuse what may become right, or warn of it."""
        line, column = self._place(path)
        field = path or None
        if always or self._unknown == "error":
            raise RuleError(message, line=line, column=column, field=field, suggestions=near)
        self.warnings.append(Warning(message, field, line, column, near))

    def _place(self, path: str) -> tuple[int | None, int | None]:
        while path not in self._places:
            if not path:
                return None, None
            path = path.rpartition(".")[0]
        return self._places[path]


def _column_type(events: tree.Amounts) -> columns.ColumnType | None:
    parts = paths.split(events.property)
    return columns.column_type(parts, lines=events.lines, orders=events.orders)


def _is_money(events: tree.Events) -> bool:
    if not isinstance(events, tree.Amounts):
        return False
    return _column_type(events) == "number" and events.property in columns.MONEY


def nearest(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The three known names most like this one, letter case aside.

    >>> nearest("order complete", ["Order Completed", "Page Viewed"])
    ('Order Completed',)
    """
    by_small = {other.casefold(): other for other in sorted(known)}
    close = difflib.get_close_matches(name.casefold(), by_small, n=3, cutoff=0.6)
    return tuple(by_small[small] for small in close)


def _check_again(name: str, catalogue: Catalogue) -> None:
    """A segment was right when it was saved; a second currency since then makes its sum wrong."""
    checks = _Checks(catalogue, "warn", {})
    for path, node in tree.walk(catalogue.segments[name]):
        try:
            checks.condition(path, node)
        except RuleError as error:
            raise RuleError(f"In segment {name!r}: {error.message}", hint=error.hint) from None


def _order(rule: Rule, catalogue: Catalogue, name: str | None, checks: _Checks) -> tuple[str, ...]:
    """The segments that a rule rests on, deepest first; refuses cycles, with the path."""
    done: dict[str, None] = {}
    segments = {**catalogue.segments, **({} if name is None else {name: rule})}

    def visit(current: Rule, trail: tuple[str, ...], at: str) -> None:
        for path, other in _used(current):
            place = path if current is rule else at
            if other in trail:
                cycle = " → ".join([*trail[trail.index(other) :], other])
                checks.fail(f"Segments may not rest on each other in a circle: {cycle}.", place)
            if other in done:
                continue
            if other not in segments:
                checks.fail(f"Segment {trail[-1]!r} rests on {other!r}, which is unknown.", place)
            if len(trail) >= MAX_NESTED:
                checks.fail(f"Segments rest on each other at most {MAX_NESTED} deep.", place)
            visit(segments[other], (*trail, other), place)
            done[other] = None

    visit(rule, () if name is None else (name,), "")
    return tuple(done)


def rests_on(rule: Rule) -> frozenset[str]:
    """The segments that a rule names, whatever it asks about them."""
    return frozenset(name for _, name in _used(rule))


def traits_read(rule: Rule) -> frozenset[str]:
    """The traits that a rule reads, by itself."""
    return frozenset(
        paths.split(node.trait if isinstance(node, tree.Trait) else node.changed)[0]
        for _, node in tree.walk(rule)
        if isinstance(node, tree.Trait | tree.Changed)
    )


def converted_to(rule: Rule) -> frozenset[str]:
    """The currencies that a rule converts amounts to, by itself."""
    return frozenset(
        events.convert
        for _, node in tree.walk(rule)
        if isinstance(node, tree.Selecting)
        for _, events in node.selections()
        if events.convert is not None
    )


def _used(rule: Rule) -> list[tuple[str, str]]:
    found = []
    for path, node in tree.walk(rule):
        match node:
            case (
                tree.InSegment(in_segment=name)
                | tree.WasIn(was_in=name)
                | tree.Entered(entered=name)
                | tree.Left(left=name)
            ):
                found.append((path, name))
    return found
