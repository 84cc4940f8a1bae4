"""Places: within a radius, and in a box."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Any

EARTH_RADIUS_KM = 6371.0088


def place(value: object) -> tuple[float, float] | None:
    """Latitude and longitude of an object that holds both as numbers in range; else None.

    >>> place({"lat": 52.09, "lng": 5.12}), place({"lat": "52.09", "lng": 5.12})
    ((52.09, 5.12), None)
    """
    if not isinstance(value, dict):
        return None
    latitude, longitude = (
        degrees(value, "lat", "latitude"),
        degrees(value, "lon", "lng", "longitude"),
    )
    if latitude is None or longitude is None:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return latitude, longitude


def degrees(value: dict[str, Any], *names: str) -> float | None:
    """The number under the first of these names that has one."""
    for name in names:
        found = value.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
    return None


def within_radius(value: object, circle: dict[str, Any]) -> bool:
    """Whether a place lies at most so many kilometres from a point, along the great circle."""
    found = place(value)
    if found is None:
        return False
    distance = haversine_km(found[0], found[1], float(circle["lat"]), float(circle["lon"]))
    return distance <= float(circle["km"])


def haversine_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The distance between two points on a sphere of the earth's mean radius, in kilometres."""
    north, east = radians(lat2 - lat1), radians(lon2 - lon1)
    half = sin(north / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def in_box(value: object, box: dict[str, Any]) -> bool:
    """Whether a place lies in a box, edges included; west > east crosses the date line."""
    found = place(value)
    if found is None:
        return False
    latitude, longitude = found
    south, west, north, east = (float(box[side]) for side in ("south", "west", "north", "east"))
    if not south <= latitude <= north:
        return False
    if west <= east:
        return west <= longitude <= east
    return longitude >= west or longitude <= east
