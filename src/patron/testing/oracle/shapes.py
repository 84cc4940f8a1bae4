"""Names for the plain dicts that the oracle reads, and small things about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

World = dict[str, Any]
Person = dict[str, Any]
Rule = dict[str, Any]
Observation = dict[str, Any]
Event = dict[str, Any]

Record = TypeVar("Record", bound=dict[str, Any])


def as_list(value: object) -> list[Any]:
    """A list as it is; anything else as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def brands_of(rule: Rule) -> list[str] | None:
    """The brands that a condition is limited to; None: all brands count."""
    return as_list(rule["on_brand"]) if "on_brand" in rule else None


def tie_order(record: dict[str, Any]) -> tuple[datetime, int, str]:
    """What orders the records of a customer, whatever order they arrived in (M13)."""
    return (record["occurred_at"], record["source_id"], record["message_id"])


def known_by(records: Iterable[Record], as_of: datetime) -> list[Record]:
    """The records that had occurred by `as_of`, in tie order. Nothing later is ever seen (M14)."""
    return sorted((one for one in records if one["occurred_at"] <= as_of), key=tie_order)


@dataclass(frozen=True)
class Question:
    """Of whom a condition is asked, and as of when.

    Attributes:
        world: Everybody, and what is defined.
        person: The customer.
        as_of: The moment of the question, naive, in UTC.
    """

    world: World
    person: Person
    as_of: datetime

    def as_of_then(self, moment: datetime) -> Question:
        """The same customer, asked about at another moment."""
        return Question(self.world, self.person, moment)

    def about(self, person: Person) -> Question:
        """The same moment, another customer."""
        return Question(self.world, person, self.as_of)

    @property
    def seen(self) -> bool:
        """Whether the customer had been seen by the moment asked for (M11)."""
        first_seen: datetime = self.person["first_seen_at"]
        return first_seen <= self.as_of

    @property
    def zone(self) -> str:
        """The time zone of the workspace."""
        return str(self.world.get("time_zone", "UTC"))
