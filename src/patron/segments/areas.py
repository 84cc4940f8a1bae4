"""Whether a place lies in an area, as SQL."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from patron.segments.expressions import DIALECT, between, call, either, every, try_cast
from patron.segments.places import Box, Circle

EARTH_RADIUS = Decimal("6371.0088")
"""Kilometres: the mean radius."""

_LATITUDE = ("lat", "latitude")
_LONGITUDE = ("lon", "lng", "longitude")
_FIELDS = (*_LATITUDE, *_LONGITUDE)


def lies_in(value: exp.Expr, area: Circle | Box) -> exp.Expr:
    """Whether an object's latitude and longitude lie in an area, the edge included.

    The fields are read once, and all at once: of a VARIANT each one that most objects do not have
    costs as much as reading the whole.

    Args:
        value: A VARIANT.
        area: The area.
    """
    json = exp.cast(value, "JSON", copy=False)
    paths = exp.Array(expressions=[exp.Literal.string(f"$.{name}") for name in _FIELDS])
    fields = exp.Array(expressions=[call("json_extract", json, paths)])
    test = exp.Lambda(this=_inside(area), expressions=[exp.to_identifier("place")])
    return _item(call("list_transform", fields, test), 1)


def _inside(area: Circle | Box) -> exp.Expr:
    lat, lon = _degrees(_LATITUDE), _degrees(_LONGITUDE)
    if isinstance(area, Circle):
        near = exp.LTE(this=_distance(lat, lon, area), expression=_double(area.km))
        anywhere = (_within(lat.copy(), -90, 90), _within(lon.copy(), -180, 180))
        return every(*anywhere, near)
    along = _within(lon, area.west, area.east)
    if area.west > area.east:
        along = either(_within(lon.copy(), area.west, 180), _within(lon.copy(), -180, area.east))
    return every(_within(lat, area.south, area.north), along)


def _degrees(names: tuple[str, ...]) -> exp.Expr:
    """The first of these fields that is a number: JSON of nothing else can be cast to one."""
    found = []
    for name in names:
        field = _item(exp.column("place"), _FIELDS.index(name) + 1)
        found.append(try_cast(exp.cast(field, "VARCHAR", copy=False), "DOUBLE"))
    return call("coalesce", *found)


def _distance(lat: exp.Expr, lon: exp.Expr, to: Circle) -> exp.Expr:
    """Kilometres along a great circle, by the haversine of the angle between."""

    def cosine(degrees: exp.Expr) -> exp.Expr:
        return call("cos", call("radians", degrees))

    def squared_sine(one: exp.Expr, other: exp.Expr) -> exp.Expr:
        angle = call("radians", exp.Sub(this=other, expression=one))
        half = exp.Div(this=angle, expression=exp.Literal.number(2))
        return call("pow", call("sin", half), exp.Literal.number(2))

    cosines = exp.Mul(this=cosine(lat.copy()), expression=cosine(_double(to.lat)))
    across = squared_sine(lon, _double(to.lon))
    haversine = exp.Add(
        this=squared_sine(lat, _double(to.lat)), expression=exp.Mul(this=cosines, expression=across)
    )
    root = call("sqrt", haversine)
    angle = call("asin", call("least", exp.Literal.number(1), root))
    return exp.Mul(this=_double(2 * EARTH_RADIUS), expression=angle)


def _within(value: exp.Expr, low: int | Decimal, high: int | Decimal) -> exp.Expr:
    return between(value, _double(low), _double(high))


def _double(value: int | Decimal) -> exp.Expr:
    return exp.cast(exp.Literal.string(f"{value:f}"), "DOUBLE", copy=False, dialect=DIALECT)


def _item(value: exp.Expr, number: int) -> exp.Expr:
    """One of a list, counted from 1."""
    return call("list_extract", value, exp.Literal.number(number))
