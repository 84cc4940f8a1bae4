"""What goes wrong when people and clerks write a person's data down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


def leave_out(
    traits: dict[str, str], fields: Sequence[str], share: float, rng: np.random.Generator
) -> dict[str, str]:
    """Traits without some: each of the fields is missing with this probability."""
    return {
        name: value for name, value in traits.items() if name not in fields or rng.random() >= share
    }


def mistype(
    traits: dict[str, str], fields: Sequence[str], rng: np.random.Generator
) -> dict[str, str]:
    """Traits with one mistake in one of the fields that are there."""
    present = [name for name in fields if traits.get(name)]
    if not present:
        return traits
    field = present[int(rng.integers(len(present)))]
    if field in ("given_name", "family_name") and rng.random() < 0.1 and len(present) > 1:
        names = {"given_name": traits.get("family_name"), "family_name": traits.get("given_name")}
        if all(names.values()):
            return traits | {name: value for name, value in names.items() if value}
    if field == "birthday" and rng.random() < 0.25:
        year, month, day = traits[field].split("-")
        if int(day) <= 12:
            return traits | {field: f"{year}-{day}-{month}"}
    return traits | {field: slip(traits[field], rng)}


def slip(value: str, rng: np.random.Generator) -> str:
    """One letter or digit wrong, missing, too many, or swapped with the next.

    >>> slip("anna", np.random.default_rng(0)) != "anna"
    True
    """
    places = [place for place, letter in enumerate(value) if letter.isalnum()]
    if len(places) < 2:
        return value
    while True:
        place = places[int(rng.integers(len(places)))]
        pool = DIGITS if value[place].isdigit() else LETTERS
        new = pool[int(rng.integers(len(pool)))]
        kind = int(rng.integers(4))
        if kind == 0:
            written = value[:place] + new + value[place + 1 :]
        elif kind == 1:
            written = value[:place] + value[place + 1 :]
        elif kind == 2:
            written = value[:place] + new + value[place:]
        else:
            end = min(place, len(value) - 2)
            written = value[:end] + value[end + 1] + value[end] + value[end + 2 :]
        if written != value:
            return written
