"""Areas on the earth that a rule can ask for."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Circle(msgspec.Struct, frozen=True):
    """Everywhere within so many kilometres of a point, the edge included.

    Attributes:
        lat: Degrees north, from -90 to 90.
        lon: Degrees east, from -180 to 180.
        km: How far, along a great circle.
    """

    lat: int | Decimal
    lon: int | Decimal
    km: int | Decimal


class Box(msgspec.Struct, frozen=True):
    """Everywhere between two latitudes and two longitudes, the edges included.

    Attributes:
        south: Degrees north, from -90 to 90; at most `north`.
        west: Degrees east, from -180 to 180; larger than `east` where the area crosses the date
            line.
        north: As `south`.
        east: As `west`.
    """

    south: int | Decimal
    west: int | Decimal
    north: int | Decimal
    east: int | Decimal
