"""Conditions that reach through an id: ``product.material``, ``store.region``.

A property whose path begins with the name of a kind of entity is an attribute of the entity that
the event, or the line, names. What rows hold is only the id, so such a condition is one on the id:
that it is among those of the entities that fulfil the comparison. It means the same wherever
conditions on properties are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from patron.segments import conditions, operators, paths, tree
from patron.segments.columns import ColumnType
from patron.segments.conditions import DIALECT, Operand, column
from patron.segments.expressions import call, every
from patron.segments.frames import named, table
from patron.segments.tree import Rule
from patron.segments.tree.reached import Reached
from patron.spec.entities import PRODUCT, EntityKind

Kinds = Mapping[str, EntityKind]

_IDS = ("VARCHAR", "UINT64", "INT64")
"""What an id can be among properties: a text, or a whole number, which stands for its digits."""


_CURRENCIES = {
    "price": ("currency",),
    "sale_price": ("currency",),
    "margin": ("currency",),
    "cost": ("cost_currency", "currency"),
}
"""Amounts of money among the attributes of products, and where their currency stands."""


@dataclass(frozen=True)
class Reach:
    """An attribute of the entities that rows name; see `tree.reached.Reached` for the others.

    Attributes:
        attribute: The path of it.
        money: Leave out amounts in another currency than the row's.
    """

    entity: str
    state: int
    ways: tuple[tuple[str, str], ...]
    attribute: tuple[str, ...]
    money: bool = False

    @property
    def column(self) -> str:
        """The column that `reached_rows` gives it; another one for another state."""
        said = paths.unite((self.entity, *self.attribute))
        return f"reached {said} {self.state}{' in its currency' if self.money else ''}"

    def reads(self, *, lines: bool) -> frozenset[str]:
        """The columns of rows that it is found by."""
        found = {
            one.name for way, _ in self.ways for one in _id(way, lines=lines).find_all(exp.Column)
        }
        return frozenset({"brand", "currency", *found})


def kind_of(path: str, kinds: Kinds) -> EntityKind | None:
    """The kind of entity that a property reaches through; None for a property of its own."""
    first, *inner = paths.split(path)
    return kinds.get(first) if inner else None


def reach(path: str, kinds: Kinds, *, lines: bool, money: bool = False) -> Reach | None:
    """The attribute that a property of rows is; None for a property of their own."""
    kind = kind_of(path, kinds)
    if kind is None:
        return None
    ways = tuple((way.property, way.key) for way in kind.ways(lines=lines))
    attribute = paths.split(path)[1:]
    amount = money and bool(_currencies(kind.name, attribute))
    return Reach(kind.name, kind.state, ways, attribute, amount)


def is_money(path: str, kinds: Kinds) -> bool:
    """Whether a property reaches for an amount of money."""
    kind = kind_of(path, kinds)
    return kind is not None and bool(_currencies(kind.name, paths.split(path)[1:]))


def _currencies(entity: str, attribute: tuple[str, ...]) -> tuple[str, ...]:
    return _CURRENCIES.get(attribute[0], ()) if entity == PRODUCT and len(attribute) == 1 else ()


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


def reached_rows(rows: exp.Expr, reaches: Iterable[Reach], *, lines: bool) -> exp.Select:
    """Rows with attributes of the entities that they name, each in a column of its own.

    Args:
        rows: A table, or a query in brackets.
        reaches: The attributes.
        lines: Whether the rows are order lines.
    """
    query = exp.select("own.*").from_(exp.alias_(rows, "own"))
    for number, one in enumerate(reaches):
        found: exp.Expr = exp.null()
        for place, (way, key) in reversed(list(enumerate(one.ways))):
            at = f"{number}_{place}"
            query = query.join(
                named(_known(one, key, at), f"reached_{at}"),
                on=exp.and_(
                    exp.EQ(this=column(f"entity_brand_{at}"), expression=column("brand")),
                    exp.EQ(this=column(f"entity_key_{at}"), expression=_some_id(way, lines=lines)),
                ),
                join_type="left",
                copy=False,
            )
            known = exp.Not(this=exp.Is(this=column(f"entity_key_{at}"), expression=exp.null()))
            found = exp.Case().when(known, _in_currency(one, at)).else_(found)
        query = query.select(exp.alias_(found, one.column, quoted=True), copy=False)
    return query


def _known(reach: Reach, key: str, at: str) -> exp.Select:
    """What is known of entities, one row for each key; its columns have names that no row has."""
    value = conditions.inside(column("attributes"), reach.attribute)
    currency: exp.Expr = exp.null()
    if reach.money:
        read = [
            Operand(conditions.inside(column("attributes"), (name,)), "variant").text()
            for name in _CURRENCIES[reach.attribute[0]]
        ]
        currency = exp.Coalesce(this=read[0], expressions=read[1:])
    by = [column("brand"), column(key)]
    if key != "entity_id":
        # Several may bear one sku: what they do not agree on is not known.
        said = exp.DPipe(
            this=json(Operand(value.copy(), "variant")),
            expression=exp.Coalesce(this=currency.copy(), expressions=[exp.Literal.string("")]),
        )
        agreed = exp.EQ(this=call("min", said), expression=call("max", said.copy()))
        value, currency = (
            exp.Case().when(agreed.copy(), call("any_value", one)) for one in (value, currency)
        )
    query = exp.select(
        exp.alias_(by[0], f"entity_brand_{at}"),
        exp.alias_(by[1], f"entity_key_{at}"),
        exp.alias_(value, f"entity_value_{at}"),
        exp.alias_(currency, f"entity_currency_{at}"),
    )
    query = query.from_(table("reachable_entities")).where(*_of_kind(reach))
    return query if key == "entity_id" else query.group_by(*(one.copy() for one in by))


def _in_currency(reach: Reach, at: str) -> exp.Expr:
    """The value; of money, where it is in the currency of the row, if both say one."""
    value = column(f"entity_value_{at}")
    if not reach.money:
        return value
    said, own = column(f"entity_currency_{at}"), column("currency")
    other = exp.NEQ(this=said, expression=own)
    return exp.Case().when(conditions.negation(other), value)


def json(operand: Operand) -> exp.Expr:
    """A value as JSON text; NULL for none."""
    shown = exp.Anonymous(this="to_json", expressions=[operand.read()])
    return exp.cast(shown, "VARCHAR", dialect=DIALECT)


def _holds(node: Reached, op: str) -> exp.Expr:
    inside = conditions.inside(column("attributes"), paths.split(node.attribute))
    return conditions.condition(Operand(inside, "variant"), op, node.value)


def _of_kind(reach: Reach | Reached) -> list[exp.Expr]:
    return [
        exp.EQ(this=column("kind"), expression=exp.Literal.string(reach.entity)),
        # Always true: says in the text of the query which state of the kind it is about.
        exp.LTE(this=exp.Literal.number(0), expression=exp.Literal.number(reach.state)),
    ]


def _named(
    reach: Reach | Reached, path: str, key: str, holds: exp.Expr | None, *, lines: bool
) -> exp.Expr:
    """Whether a row names an entity of which something holds, or any at all."""
    known = exp.select(column("brand"), column(key)).from_(table("reachable_entities"))
    known = known.where(*_of_kind(reach), *([] if holds is None else [holds]))
    names = exp.Tuple(expressions=[column("brand"), _some_id(path, lines=lines)])
    return exp.In(this=names, query=exp.Subquery(this=known))


def _some_id(path: str, *, lines: bool) -> exp.Expr:
    """The id that a property holds, or an empty text, which is none.

    Where one side can be NULL, the engine compares every row with every id.
    """
    return exp.Coalesce(this=_id(path, lines=lines), expressions=[exp.Literal.string("")])


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
