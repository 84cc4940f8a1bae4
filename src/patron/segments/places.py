"""Areas on the earth that a rule can ask for."""

from __future__ import annotations

from typing import Any

import msgspec

from patron.segments.values import LIMIT, Number, decimal, describe, plain


class Circle(msgspec.Struct, frozen=True):
    """Everywhere within so many kilometres of a point, the edge included.

    Attributes:
        lat: Degrees north, from -90 to 90.
        lon: Degrees east, from -180 to 180.
        km: How far, along a great circle.
    """

    lat: Number
    lon: Number
    km: Number


class Box(msgspec.Struct, frozen=True):
    """Everywhere between two latitudes and two longitudes, the edges included.

    Attributes:
        south: Degrees north, from -90 to 90; at most `north`.
        west: Degrees east, from -180 to 180; larger than `east` where the area crosses the date
            line.
        north: As `south`.
        east: As `west`.
    """

    south: Number
    west: Number
    north: Number
    east: Number


def circle(value: Any) -> Circle:  # noqa: ANN401
    """Everywhere within so many kilometres of a point; made of ``lat``, ``lon`` and ``km``."""
    if isinstance(value, Circle):
        return value
    found = Circle(**_coordinates(value, "lat", "lon", "km"))
    if found.km < 0:
        raise ValueError(f"A radius is not less than nothing, as {found.km} km is")
    return found


def box(value: Any) -> Box:  # noqa: ANN401
    """An area between two latitudes and two longitudes, the edges included.

    A `west` that lies east of `east` makes an area across the date line.
    """
    if isinstance(value, Box):
        return value
    found = Box(**_coordinates(value, "south", "west", "north", "east"))
    if found.south > found.north:
        raise ValueError(f"The south edge comes first: {found.south} lies north of {found.north}")
    return found


_REACH: dict[str, int] = {"lat": 90, "south": 90, "north": 90, "lon": 180, "west": 180, "east": 180}


def _coordinates(value: Any, *names: str) -> dict[str, Number]:  # noqa: ANN401
    if not isinstance(value, dict) or value.keys() != set(names):
        raise ValueError(f"Expected an object with {', '.join(names)}, got {describe(value)}")
    found = {name: _exact(value[name]) for name in names}
    for name, degrees in found.items():
        reach = _REACH.get(name)
        if reach is not None and not -reach <= degrees <= reach:
            raise ValueError(f"{name} is a number from -{reach} to {reach}, not {degrees}")
    return found


def _exact(value: Any) -> Number:  # noqa: ANN401
    """A number with as many places as it was written with, up to those of a double."""
    exact = decimal(value)
    if not exact.is_finite() or abs(exact) >= LIMIT or exact.normalize().as_tuple().exponent < -17:  # type: ignore[operator]
        raise ValueError(f"{value} has too many digits")
    return plain(exact)
