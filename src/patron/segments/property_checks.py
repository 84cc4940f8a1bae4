"""Whether properties in a rule are known, and hold what they are compared with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from patron.errors import told
from patron.segments import columns, entities, paths, tree
from patron.segments.clock_values import OCCURRED, PARTS
from patron.segments.known_names import Names
from patron.segments.tree import Rule
from patron.spec.commerce import ORDER_STATES
from patron.spec.entities import EntityKind

_ON_TEXT = ("contains", "does not contain", "starts with", "ends with", "matches",
            "does not match", "before", "after")  # fmt: skip


class PropertyChecks:
    """Checks of the properties that one rule names."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def filter(self, path: str, node: Rule, events: tree.Events, *, lines: bool) -> None:
        """Check a filter of events or lines, with all conditions inside it."""
        if isinstance(node, tree.Property):
            kind = entities.kind_of(node.property, self._names.catalogue.entities)
            parts = paths.split(node.property)
            if kind is None:
                self.property(parts, events, path, lines=lines)
                column = columns.column_type(parts, lines=lines, orders=events.orders)
            else:
                column = self.attribute(path, kind, parts, lines=lines)
            self.types(path, node.property, node.op, node.value, column)
        within = isinstance(node, tree.AnyLine) or (lines and not isinstance(node, tree.OfEvent))
        for step, child, _ in node.inner():
            self.filter(tree.join(path, step), child, events, lines=within)

    def property(
        self, parts: tuple[str, ...], events: tree.Events, path: str, *, lines: bool
    ) -> None:
        """Check the name of a property of some events, or of their lines."""
        known = self._names.catalogue
        if parts[0] == OCCURRED and len(parts) > 1:
            self._names.known(
                "part_of_time", parts[1], PARTS, path, always=True,
                said="part of the time of an event",
            )  # fmt: skip
            return
        if lines:
            names = known.line_properties | columns.LINE_COLUMNS.keys()
        else:
            names = frozenset(columns.EVENT_COLUMNS).union(*self._told_by(events))
        self._names.known("property", parts[0], names, path)

    def types(
        self,
        path: str,
        name: str,
        op: str,
        value: Any,  # noqa: ANN401 - what the operator takes
        column: columns.ColumnType | None,
    ) -> None:
        """Check that a comparison fits a column; `column` is None where there is any JSON."""
        if column is None:
            return
        listed = value if isinstance(value, tuple) else (value,)
        if op in ("any of", "all of", "none of"):
            said = told("no_list", property=name, type=column)
            self._names.fail(f"{name} is a {column}, no list: say in (…).", path, told=said)
        if op in ("within radius", "in box"):
            said = told("no_place", property=name, type=column)
            self._names.fail(f"{name} is a {column}, no place.", path, told=said)
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
            said = told("other_type", property=name, type=column)
            self._names.fail(message, path, hint=hint, told=said)

    def attribute(
        self, path: str, kind: EntityKind, parts: tuple[str, ...], *, lines: bool
    ) -> columns.ColumnType | None:
        """Check what a property reaches for; returns what it is declared to hold."""
        if not kind.ways(lines=lines):
            where, hint = entities.elsewhere(kind, lines=lines)
            self._names.fail(f"{where} name no {kind.name}.", path, hint=hint)
        self._names.known("attribute", parts[1], kind.known, path, said=f"attribute of {kind.name}")
        return entities.column_type(kind, parts[1:])

    def named(self, kind: EntityKind, events: tree.Events, path: str) -> None:
        """Doubt that some events ever name an entity whose attribute is measured."""
        event = events.event
        if events.lines or (event is not None and event not in self._names.catalogue.events):
            return
        told = frozenset(columns.EVENT_COLUMNS).union(*self._told_by(events))
        ways = [way.property for way in kind.events]
        if told.isdisjoint(paths.split(way)[0] for way in ways):
            what = "No event" if event is None else f"No {event!r}"
            told_of = f'lines of "{event}"' if kind.lines and event else "other events"
            self._names.doubt(f"{what} has {' or '.join(ways)}. Measure {told_of}.", path)

    def _told_by(self, events: tree.Events) -> Collection[Collection[str]]:
        """The names of the properties that some events can have."""
        known = self._names.catalogue.events
        if events.orders:
            return [columns.ORDER_COLUMNS, *(known.get(name, ()) for name in ORDER_STATES)]
        return [known.get(name, ()) for name in events.names] or known.values()
