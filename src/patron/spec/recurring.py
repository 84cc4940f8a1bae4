"""Dates that recur, as definitions: each year they write an event when they fall due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import read_definition


class RecurringDate(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A date of each customer that comes back every year.

    Attributes:
        trait: The trait that holds it; a path. Or:
        first: The event whose first day it is; ``any event`` for the first of all.
        days_before: So many days before it the event is written.
        event: The name of the event.
        description: For people.
    """

    kind: Literal["recurring_date"] = "recurring_date"
    name: str
    trait: str | None = None
    first: str | None = None
    days_before: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    event: str
    description: str | None = None

    @property
    def source(self) -> str:
        """The name of the internal source of its events."""
        return f"recurring date {self.name}"


def read_recurring_date(raw: object) -> RecurringDate:
    """Read a definition of a date that recurs.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.
    """
    found = read_definition(raw, RecurringDate)
    if (found.trait is None) == (found.first is None):
        raise DefinitionError(
            "trait: name either the trait that holds the date, or the first event.", field="trait"
        )
    for field in ("trait", "first", "event"):
        text = getattr(found, field)
        if text is not None and not text.strip():
            raise DefinitionError(f"{field}: expected a name.", field=field)
    return found


def local_day(moment: datetime, zone: str) -> date:
    """The day of a moment in a time zone.

    Args:
        moment: Naive UTC.
        zone: An IANA zone.
    """
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def beginning(day: date, zone: str) -> datetime:
    """The first moment of a day in a time zone, naive UTC.

    >>> beginning(date(2026, 7, 1), "Europe/Amsterdam")
    datetime.datetime(2026, 6, 30, 22, 0)
    """
    local = datetime.combine(day, time(), ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def days_after(day: date, until: date) -> list[date]:
    """The days after one, up to another.

    >>> len(days_after(date(2026, 2, 27), date(2026, 3, 1)))
    2
    """
    return [day + timedelta(days=number + 1) for number in range((until - day).days)]
