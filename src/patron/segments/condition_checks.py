"""Whether the conditions of a rule make sense: their names, properties and amounts."""

from __future__ import annotations

from patron.errors import RuleError, told, unknown
from patron.segments import entities, paths, tree
from patron.segments.computed import expanded, named
from patron.segments.computed_comparisons import classes
from patron.segments.currency_checks import (
    OF_NUMBERS,
    check_converted,
    check_same,
    column_type,
    currencies_of,
    is_money,
)
from patron.segments.known_names import Names
from patron.segments.property_checks import PropertyChecks
from patron.segments.tree import Rule


class ConditionChecks:
    """One pass over the conditions of one rule.

    Args:
        names: Its names, and what is known.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._properties = PropertyChecks(names)

    def condition(self, path: str, node: Rule) -> None:
        """Check one condition; those inside it come on their own, but for filters of events."""
        known = self._names.catalogue
        if self._computed(path, node):
            return
        match node:
            case tree.Trait(trait=trait) | tree.Changed(changed=trait):
                self._trait(trait, path)
                self._names.brands(node.on_brand, path)
                self._window(path, getattr(node, "within", None))
            case (
                tree.InSegment(in_segment=segment)
                | tree.WasIn(was_in=segment)
                | tree.Entered(entered=segment)
                | tree.Left(left=segment)
            ):
                self._names.known("segment", segment, known.segments, path, always=True)
                self._window(path, getattr(node, "within", None))
            case tree.Group():
                first = paths.split(node.group)[0]
                self._names.known("group_trait", first, known.group_traits, path)
                self._names.brands(node.on_brand, path)
            case tree.OnBrands():
                self._names.brands(node.of, path)
            case tree.Rfm():
                self._measured(path, "rfm", node.rfm)
            case tree.Top():
                self._measured(tree.join(path, "by"), *node.by.measure())
            case tree.InList(in_list=listed):
                self._names.known("list", listed, known.lists, path, always=True)
            case tree.Selecting():
                self._about_events(path, node)
            case tree.Sequence():
                self._sequence(path, node)
            case tree.Abandoned():
                self._abandoned(path, node)

    def _computed(self, path: str, node: Rule) -> bool:
        """Check a condition on a computed trait, if it is one, and what it stands for."""
        names = named(node) & self._names.catalogue.computed.keys()
        try:
            stands_for = expanded(node, self._names.catalogue.computed)
        except RuleError as error:
            self._names.fail(error.message, path, hint=error.hint, told=error.told)
        if stands_for is None:
            return False
        self._names.brands(getattr(node, "on_brand", ()), path)
        if isinstance(node, tree.Trait):
            self._classes(path, node)
        # It was right when it was saved, as segments that are rested on were.
        again = ConditionChecks(Names(self._names.catalogue))
        for inside, part in tree.walk(stands_for):
            try:
                again.condition(inside, part)
            except RuleError as error:
                said = ", ".join(repr(name) for name in sorted(names))
                self._names.fail(
                    f"In computed trait {said}: {error.message}", path, hint=error.hint
                )
        return True

    def _classes(self, path: str, node: tree.Trait) -> None:
        """Doubt values that a trait of named classes never has."""
        known = classes(self._names.catalogue.computed[node.trait])
        if node.op not in ("=", "!=", "in", "not in") or not known:
            return
        for value in node.value if isinstance(node.value, tuple) else (node.value,):
            if isinstance(value, str) and value not in known:
                names = list(dict.fromkeys(one for one in known if isinstance(one, str)))
                self._names.never(node.trait, value, names, path)

    def _about_events(self, path: str, node: tree.Selecting) -> None:
        if isinstance(node, tree.Favourite):
            self._preferred(path, node)
            return
        there = isinstance(node, tree.Picking) and node.op in ("exists", "missing")
        for step, events in node.selections():
            self._measured(path, step, events, compared=not there)
        if isinstance(node, tree.Picking):
            _, amounts = tree.picked(node)
            column = column_type(self._names, amounts)
            self._properties.types(path, amounts.property, node.op, node.value, column)
        if isinstance(node, tree.Calculate):
            currencies_of(self._names, path, node.calculate)
        if isinstance(node, tree.Measuring) and isinstance(node.value, tree.Metric):
            check_same(self._names, path, tree.measure(node), tree.measure(node.value))

    def _preferred(self, path: str, node: tree.Favourite) -> None:
        for one, (step, events) in zip(node.favourite.preferred, node.selections(), strict=True):
            self._selection(path, step, events)
            if one.property is not None:
                # What is named is looked up where filters look.
                named = tree.Property(one.property, "exists")
                self._properties.filter(tree.join(path, step), named, events, lines=events.lines)

    def _measured(
        self, path: str, step: str, events: tree.Events, *, compared: bool = True
    ) -> None:
        self._selection(path, step, events)
        if isinstance(events, tree.Amounts):
            self._amounts(path, step, events, compared=compared)
        elif events.convert is not None:
            self._names.fail("A count is no amount: nothing is converted.", path)

    def _selection(self, path: str, step: str, events: tree.Events) -> None:
        known = self._names.catalogue
        if events.names and not known.events.keys() & set(events.names):
            self._names.known("event", events.names[0], known.events, path)
        self._names.brands(events.on_brand, path)
        if events.currency is not None:
            self._names.known("currency", events.currency, known.currencies, path)
        if events.where is not None:
            self._properties.filter(
                f"{tree.join(path, step)}.where", events.where, events, lines=events.lines
            )
        self._window(tree.join(path, step), events.within)

    def _trait(self, trait: str, path: str) -> None:
        """Doubt the name of no trait; where it is that of an entity, say how that is asked."""
        known = self._names.catalogue
        names = known.traits | known.computed.keys()
        first = paths.split(trait)[0]
        if first not in known.entities or first == trait or first in names:
            self._names.known("trait", first, names, path)
            return
        self._names.doubt(
            f"No trait is called {first!r}. What is known of a {first} is asked of the events that "
            f'name one, in brackets: did "…" where ({trait} …).',
            path,
            told=unknown("trait", first),
        )

    def _window(self, path: str, window: tree.Window | None) -> None:
        """Check the event that a window begins with."""
        if isinstance(window, tree.SinceEvent):
            anchor = window.since_event
            events = tree.Events(anchor.event, where=anchor.where)
            self._selection(path, "in.since_event", events)

    def _sequence(self, path: str, node: tree.Sequence) -> None:
        self._names.brands(node.on_brand, path)
        self._window(path, node.within)
        for step, _, occurrence in node.occurrences():
            at = tree.join(path, step)
            if occurrence.event is not None:
                self._names.known("event", occurrence.event, self._names.catalogue.events, at)
            if occurrence.where is not None:
                events = node.events(occurrence)
                self._properties.filter(f"{at}.where", occurrence.where, events, lines=False)

    def _abandoned(self, path: str, node: tree.Abandoned) -> None:
        self._names.brands(node.on_brand, path)
        self._window(path, node.within)
        stages = tree.STAGES if node.stage is None else {node.stage: tree.STAGES[node.stage]}
        if not self._names.catalogue.events.keys() & set(stages.values()):
            self._names.known(
                "event", next(iter(stages.values())), self._names.catalogue.events, path
            )

    def _amounts(
        self, path: str, step: str, events: tree.Amounts, *, compared: bool = True
    ) -> None:
        parts = paths.split(events.property)
        name = step.rpartition(".")[2].replace("rfm", "sum")
        kind = entities.kind_of(events.property, self._names.catalogue.entities)
        if kind is not None:
            self._properties.attribute(path, kind, parts, lines=events.lines)
            self._properties.named(kind, events, path)
        else:
            self._properties.property(parts, events, path, lines=events.lines)
        column = column_type(self._names, events)
        if column == "text" and name in OF_NUMBERS:
            said = told("text_has_no", property=events.property, measure=name)
            self._names.fail(f"{events.property} is a text: it has no {name}.", path, told=said)
        if events.convert is not None:
            check_converted(self._names, path, name, events, events.convert)
        if not compared or events.convert is not None:
            return
        currencies = sorted(self._names.catalogue.currencies)
        if is_money(self._names, events) and events.currency is None and len(currencies) > 1:
            function = name.replace("_", " ")
            what = f"no {function}" if name in OF_NUMBERS else f"no {function} that compares"
            self._names.fail(
                f"{events.property} occurs in {', '.join(currencies)}; "
                f"amounts of different currencies have {what}.",
                path,
                hint=f'Name one: {function}({events.property} of "…" in {currencies[0]}).',
                told=told("several_currencies", property=events.property, known=currencies),
            )
