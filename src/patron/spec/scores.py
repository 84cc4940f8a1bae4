"""Scores and preferences as they are declared: what interactions are worth, and how that ages."""

from __future__ import annotations

from typing import Any

import msgspec


class Age(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What something is worth from an age on.

    Attributes:
        after: The age, such as ``30d``.
        worth: What is left of the points, in percent.
    """

    after: str
    worth: int


class HalfLife(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What something is worth halves each time so much time has passed.

    Attributes:
        half_life: The time, such as ``30d``.
    """

    half_life: str


class Interaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of interaction.

    Attributes:
        event: Its name.
        where: Of these only: a filter, as text or as JSON.
        lines: Count order lines, each by itself; `where` is then about lines.
        currency: Of amounts in this currency only.
        on_brand: Of these brands only.
    """

    event: str
    where: str | dict[str, Any] | None = None
    lines: bool = False
    currency: str | None = None
    on_brand: str | tuple[str, ...] = ()


class AtMostEach(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many points each unit of the calendar brings at most; of one kind of unit.

    Attributes:
        day: Of each day.
        week: Of each week, from Monday.
        month: Of each month.
        quarter: Of each quarter.
        year: Of each year.
    """

    day: Any = None
    week: Any = None
    month: Any = None
    quarter: Any = None
    year: Any = None


class Scored(Interaction, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one kind of interaction adds to a score.

    Attributes:
        points: For each; less than 0 takes away.
        per: Count not events but units of this property, such as `revenue`.
        at_most: So many points in all.
        at_most_each: So many points of each day, or another unit of the calendar.
    """

    points: Any
    per: str | None = None
    at_most: Any = None
    at_most_each: AtMostEach | None = None


class ScoreDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A score as files and the API write it.

    Attributes:
        interactions: What it is made of.
        decay: How points age; for ever the same when empty.
        at_most: The score is never more.
        at_least: And never less.
        description: For people.
    """

    interactions: tuple[Scored, ...]
    decay: tuple[Age, ...] | HalfLife = ()
    at_most: Any = None
    at_least: Any = None
    description: str | None = None


class Preferring(Interaction, frozen=True, forbid_unknown_fields=True, kw_only=True,
                 rename={"constant": "is", "property": "of"}):  # fmt: skip
    """What one kind of interaction says of the value that it names.

    Attributes:
        weight: For each; less than 0 where it speaks against the value.
        property: JSON key ``of``. What names the value; that of the preference unless said.
        constant: JSON key ``is``. The value itself, where each of them names the same.
    """

    weight: Any
    property: str | None = None
    constant: str | None = None


class PreferenceDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True,
    rename={"property": "of"},
):  # fmt: skip
    """A preference as files and the API write it.

    Attributes:
        interactions: What it follows from.
        property: JSON key ``of``. What names the value: a property of the events, or of the lines.
        bands: Names for numbers within bounds; the first that fits is the value.
        decay: How weights age; for ever the same when empty.
        at_least: Values of less weight are neither liked nor disliked, and no favourite.
        description: For people.
    """

    interactions: tuple[Preferring, ...]
    property: str | None = None
    bands: tuple[dict[str, Any], ...] = ()
    decay: tuple[Age, ...] | HalfLife = ()
    at_least: Any = 0
    description: str | None = None
