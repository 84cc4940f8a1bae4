"""The meaning of a rule's names and values: everything that can be wrong with a well-formed rule.

`resolve` finds unknown names, membership cycles, comparisons of values of different types, and sums
over several currencies. What it lets through, the planner can turn into a question.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Literal, NoReturn

import msgspec

from patron.errors import RuleError
from patron.segments import columns, paths, tree
from patron.segments.catalogue import Catalogue
from patron.segments.tree import Rule

Unknown = Literal["error", "warn"]

MAX_NESTED = 50

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
    """

    warnings: tuple[Warning, ...] = ()
    segments: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


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
    for used in order:
        _check_again(used, catalogue)
    lists = {node.in_list for _, node in tree.walk(rule) if isinstance(node, tree.InList)}
    return Resolution(tuple(checks.warnings), order, tuple(sorted(lists)))


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
        match node:
            case tree.Trait(trait=trait) | tree.Changed(changed=trait):
                self._known("trait", paths.split(trait)[0], known.traits, path)
                self._brands(node.on_brand, path)
            case (
                tree.InSegment(in_segment=segment)
                | tree.WasIn(was_in=segment)
                | tree.Entered(entered=segment)
                | tree.Left(left=segment)
            ):
                self._known("segment", segment, known.segments, path, always=True)
            case tree.Group():
                first = paths.split(node.group)[0]
                self._known("group trait", first, known.group_traits, path)
            case tree.OnBrands():
                self._brands(node.of, path)
            case tree.Top():
                name, events = node.by.measure()
                self._measure(tree.join(path, "by"), name, events)
            case tree.InList(in_list=listed):
                self._known("list", listed, known.lists, path, always=True)
            case tree.Count() | tree.Sum() | tree.Average() | tree.Min() | tree.Max():
                self._measure(path, *tree.measure(node))
            case tree.Sequence():
                self._sequence(path, node)
            case tree.Abandoned():
                self._abandoned(path, node)

    def fail(self, message: str, path: str, *, hint: str | None = None) -> NoReturn:
        """Refuse the rule."""
        line, column = self._place(path)
        raise RuleError(message, line=line, column=column, field=path or None, hint=hint)

    def _measure(self, path: str, name: str, events: tree.Events) -> None:
        known = self._catalogue
        if events.event is not None:
            self._known("event", events.event, known.events, path)
        self._brands(events.on_brand, path)
        if events.currency is not None:
            self._known("currency", events.currency, known.currencies, path)
        if isinstance(events, tree.Amounts):
            self._amounts(path, name, events)
        if events.where is not None:
            self._filter(f"{tree.join(path, name)}.where", events.where, events, lines=events.lines)

    def _sequence(self, path: str, node: tree.Sequence) -> None:
        self._brands(node.on_brand, path)
        for step, _, occurrence in node.occurrences():
            at = tree.join(path, step)
            if occurrence.event is not None:
                self._known("event", occurrence.event, self._catalogue.events, at)
            if occurrence.where is not None:
                events = node.events(occurrence)
                self._filter(f"{at}.where", occurrence.where, events, lines=False)

    def _abandoned(self, path: str, node: tree.Abandoned) -> None:
        self._brands(node.on_brand, path)
        stages = tree.STAGES if node.stage is None else {node.stage: tree.STAGES[node.stage]}
        if not self._catalogue.events.keys() & set(stages.values()):
            self._known("event", next(iter(stages.values())), self._catalogue.events, path)

    def _amounts(self, path: str, name: str, events: tree.Amounts) -> None:
        parts = paths.split(events.property)
        self._property(parts, events, path, lines=events.lines)
        column = columns.column_type(parts, lines=events.lines)
        if column == "text":
            self.fail(f"{events.property} is a text: it has no {name}.", path)
        money = column == "number" and parts[0] in columns.MONEY
        currencies = sorted(self._catalogue.currencies)
        if money and events.currency is None and len(currencies) > 1:
            self.fail(
                f"{events.property} occurs in {', '.join(currencies)}; "
                f"amounts of different currencies have no {name}.",
                path,
                hint=f'Name one: {name}({events.property} of "…" in {currencies[0]}).',
            )

    def _filter(self, path: str, node: Rule, events: tree.Events, *, lines: bool) -> None:
        if isinstance(node, tree.Property):
            parts = paths.split(node.property)
            self._property(parts, events, path, lines=lines)
            self._types(path, node, columns.column_type(parts, lines=lines))
        within = isinstance(node, tree.AnyLine) or (lines and not isinstance(node, tree.OfEvent))
        for step, child, _ in node.inner():
            self._filter(tree.join(path, step), child, events, lines=within)

    def _types(self, path: str, node: tree.Property, column: columns.ColumnType | None) -> None:
        if column is None:
            return
        listed = node.value if isinstance(node.value, tuple) else (node.value,)
        if node.op in ("any of", "all of", "none of"):
            self.fail(f"{node.property} is a {column}, no list: say in (…).", path)
        if node.op in ("within radius", "in box"):
            self.fail(f"{node.property} is a {column}, no place.", path)
        if node.op in _ON_TEXT:
            fits = column == "text"
        elif node.op in ("exists", "missing"):
            return
        else:
            text = column == "text"
            fits = all(isinstance(value, str) == text for value in listed)
            fits = fits and not any(isinstance(value, bool) for value in listed)
        if not fits:
            hint = 'Text stands in double quotes: "5" is a text, 5 is a number.'
            message = (
                f"{node.property} is a {column}, and {node.op} compares it with something else."
            )
            self.fail(message, path, hint=hint)

    def _property(
        self, parts: tuple[str, ...], events: tree.Events, path: str, *, lines: bool
    ) -> None:
        known = self._catalogue
        if lines:
            names = known.line_properties | columns.LINE_COLUMNS.keys()
        else:
            of = known.events.values() if events.event is None else ()
            own = known.events.get(events.event or "", frozenset())
            names = own.union(columns.EVENT_COLUMNS, *of)
        self._known("property", parts[0], names, path)

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
        message = f"No {kind} is called {name!r}.{hint}"
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
        for path, used in _used(current):
            place = path if current is rule else at
            if used in trail:
                cycle = " → ".join([*trail[trail.index(used) :], used])
                checks.fail(f"Segments may not rest on each other in a circle: {cycle}.", place)
            if used in done:
                continue
            if used not in segments:
                checks.fail(f"Segment {trail[-1]!r} rests on {used!r}, which is unknown.", place)
            if len(trail) >= MAX_NESTED:
                checks.fail(f"Segments rest on each other at most {MAX_NESTED} deep.", place)
            visit(segments[used], (*trail, used), place)
            done[used] = None

    visit(rule, () if name is None else (name,), "")
    return tuple(done)


def rests_on(rule: Rule) -> frozenset[str]:
    """The segments that a rule names, whatever it asks about them."""
    return frozenset(name for _, name in _used(rule))


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
