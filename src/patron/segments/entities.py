"""Conditions that reach through an id: ``product.material``, ``store.region``.

A property whose path begins with the name of a kind of entity is an attribute of the entity that
the event, or the line, names. What rows hold is only the id, so such a condition is one on the id:
that it is among those of the entities that fulfil the comparison. It means the same wherever
conditions on properties are printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from patron.segments import conditions, operators, paths, tree
from patron.segments.columns import ColumnType
from patron.segments.conditions import Operand, column
from patron.segments.expressions import call, every
from patron.segments.frames import table
from patron.segments.tree import Rule
from patron.segments.tree.reached import Reached
from patron.spec.entities import EntityKind

Kinds = Mapping[str, EntityKind]

_IDS = ("VARCHAR", "UINT64", "INT64")
"""What an id can be among properties: a text, or a whole number, which stands for its digits."""


def kind_of(path: str, kinds: Kinds) -> EntityKind | None:
    """The kind of entity that a property reaches through; None for a property of its own."""
    first, *inner = paths.split(path)
    return kinds.get(first) if inner else None


def column_type(kind: EntityKind, attribute: tuple[str, ...]) -> ColumnType | None:
    """What an attribute is declared to hold, where that is one type that conditions know."""
    if len(attribute) > 1:
        return None
    return _COLUMNS.get(kind.attributes.get(attribute[0], ""))


_COLUMNS: dict[str, ColumnType] = {"text": "text", "date": "text", "number": "number"}


def elsewhere(kind: EntityKind, *, lines: bool) -> tuple[str, str]:
    """What a condition is about that cannot name an entity, and what to write instead."""
    if lines:
        return "Lines", f"Reach it by way of the event: event ({kind.name}.… = …)."
    return "Events", f"Reach it by way of a line: any line ({kind.name}.… = …)."


def reaching(where: Rule, kinds: Kinds, *, lines: bool) -> Rule:
    """A filter of events, or of lines, with what its properties reach for."""
    match where:
        case tree.Property():
            kind = kind_of(where.property, kinds)
            return where if kind is None else _reached(where, kind, lines=lines)
        case tree.All(all=parts):
            return tree.All(tuple(reaching(part, kinds, lines=lines) for part in parts))
        case tree.AnyOf(any=parts):
            return tree.AnyOf(tuple(reaching(part, kinds, lines=lines) for part in parts))
        case tree.Not(negated=inner):
            return tree.Not(reaching(inner, kinds, lines=lines))
        case tree.AnyLine(any_line=inner):
            return tree.AnyLine(reaching(inner, kinds, lines=True))
        case tree.OfEvent(of_event=inner):
            return tree.OfEvent(reaching(inner, kinds, lines=False))
    return where


def _reached(where: tree.Property, kind: EntityKind, *, lines: bool) -> Reached:
    return Reached(
        kind.name,
        kind.state,
        tuple((way.property, way.key) for way in kind.ways(lines=lines)),
        paths.unite(paths.split(where.property)[1:]),
        where.op,
        where.value,
    )


def condition(node: Reached, *, lines: bool) -> exp.Expr:
    """Whether the entity that a row names fulfils a comparison; who names none fulfils no positive.

    Args:
        node: The comparison.
        lines: Whether the rows are order lines.
    """
    op = operators.NEGATIVE.get(node.op, node.op)
    found: exp.Expr | None = None
    for path, key in reversed(node.ways):
        named = _named(node, path, key, _holds(node, op), lines=lines)
        if found is not None:
            # A later way counts only where this one names no known entity.
            unknown = conditions.negation(_named(node, path, key, None, lines=lines))
            named = exp.or_(named, exp.and_(unknown, found))
        found = named
    found = exp.false() if found is None else found
    return conditions.negation(found) if op != node.op else found


def reached_value(
    path: str, kind: EntityKind, *, lines: bool
) -> tuple[Operand, Callable[[exp.Expr], exp.Expr]]:
    """An attribute where it lies, and what brings something read of it to the rows that reach it.

    Args:
        path: The property, such as ``product.material``.
        kind: Of entity.
        lines: Whether the rows are order lines.
    """
    inner = paths.split(path)[1:]
    node = _reached(tree.Property(path, "exists"), kind, lines=lines)
    attribute = Operand(conditions.inside(column("attributes"), inner), "variant")

    def brought(read: exp.Expr) -> exp.Expr:
        found: exp.Expr = exp.null()
        for way, key in reversed(node.ways):
            known = _named(node, way, key, None, lines=lines)
            value = _one(node, way, key, read, lines=lines)
            found = exp.Case().when(known, value, copy=False).else_(found, copy=False)
        return found

    return attribute, brought


def _one(node: Reached, path: str, key: str, read: exp.Expr, *, lines: bool) -> exp.Expr:
    """Something read of the entity that a row names; its columns have names that no row has."""
    known = exp.select(
        exp.alias_(column("brand"), "entity_brand"),
        exp.alias_(column(key), "entity_key"),
        exp.alias_(read.copy(), "entity_value"),
    ).from_(table("reachable_entities"))
    known = known.where(
        exp.EQ(this=column("kind"), expression=exp.Literal.string(node.entity)),
        exp.LTE(this=exp.Literal.number(0), expression=exp.Literal.number(node.state)),
    )
    # Several products may bear one sku: of truths that of any, of texts the last.
    one = exp.select(call("max", column("entity_value"))).from_(
        exp.Subquery(this=known, alias=exp.TableAlias(this=exp.to_identifier("entities_known")))
    )
    named = exp.Coalesce(this=_id(path, lines=lines), expressions=[exp.Literal.string("")])
    one = one.where(
        exp.EQ(this=column("entity_brand"), expression=column("brand")),
        exp.EQ(this=column("entity_key"), expression=named),
    )
    return exp.Subquery(this=one)


def _holds(node: Reached, op: str) -> exp.Expr:
    inside = conditions.inside(column("attributes"), paths.split(node.attribute))
    return conditions.condition(Operand(inside, "variant"), op, node.value)


def _named(node: Reached, path: str, key: str, holds: exp.Expr | None, *, lines: bool) -> exp.Expr:
    """Whether a row names an entity of which something holds, or any at all."""
    known = exp.select(column("brand"), column(key)).from_(table("reachable_entities"))
    known = known.where(
        exp.EQ(this=column("kind"), expression=exp.Literal.string(node.entity)),
        # Always true: says in the text of the query which state of the kind it is about.
        exp.LTE(this=exp.Literal.number(0), expression=exp.Literal.number(node.state)),
        *([] if holds is None else [holds]),
    )
    # No id is empty; and where one side can be NULL, the engine compares every row with every id.
    named = exp.Coalesce(this=_id(path, lines=lines), expressions=[exp.Literal.string("")])
    names = exp.Tuple(expressions=[column("brand"), named])
    return exp.In(this=names, query=exp.Subquery(this=known))


def _id(path: str, *, lines: bool) -> exp.Expr:
    """The id that a property holds, as text; NULL where it holds none."""
    operand = conditions.operand(paths.split(path), lines=lines)
    if operand.kind == "text":
        return operand.read()
    if operand.kind == "number":
        return exp.null()
    stored = exp.In(
        this=call("variant_typeof", operand.read()),
        expressions=[exp.Literal.string(one) for one in _IDS],
    )
    return exp.Case().when(every(stored), operand.text(), copy=False)
