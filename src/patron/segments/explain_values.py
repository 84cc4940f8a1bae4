"""What an explanation says of a condition, beside its verdict."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from patron.segments.frames import Rows


class Converted(msgspec.Struct, frozen=True):
    """What an amount of another currency is taken for.

    Attributes:
        to: The currency that is asked for.
        currency: That of the row; None where it names none.
        amount: In the currency that is asked for; None where there was no rate yet.
        rate: What one unit of the row's currency was worth.
        since: The first moment, in UTC, that the rate holds for.
        definition: The exchange rates that declare it.
    """

    to: str
    currency: str | None
    amount: Decimal | None
    rate: Decimal | None
    since: datetime | None
    definition: str


class Row(msgspec.Struct, frozen=True):
    """A row behind a verdict.

    Attributes:
        position: Of its message, in the log; None for an identifier.
        message_id: Given by the sender.
        name: Of the event or trait; the type of an identifier.
        occurred_at: When, in UTC.
        line: Which line of its order, from 0.
        value: What the condition reads of it: the property that is summed, the trait's value, the
            identifier.
        converted: How an amount in another currency than the one asked for was converted.
    """

    position: int | None
    message_id: str | None
    name: str
    occurred_at: datetime | None
    line: int | None = None
    value: Any = None
    converted: Converted | None = None


class Evidence(msgspec.Struct, frozen=True):
    """The rows behind a verdict.

    Attributes:
        table: Where they lie.
        total: How many there are.
        rows: The newest of them, newest first.
    """

    table: Rows
    total: int
    rows: tuple[Row, ...]


class Compared(msgspec.Struct, frozen=True, tag="compared"):
    """What another measure came to, which the value is compared with.

    Attributes:
        value: The other number; None when it is missing.
        evidence: The rows that it is taken of.
    """

    value: Any
    evidence: Evidence


class FoundStep(msgspec.Struct, frozen=True):
    """One step of a sequence.

    Attributes:
        asked: Its text form.
        reached: Whether the sequence came so far.
        row: The event that fulfilled it; None for a step that was not reached, or that no event
            fulfils because it must not happen.
    """

    asked: str
    reached: bool
    row: Row | None


Stop = Literal["missing", "late", "between", "came", "waiting"]
"""Why a sequence went no further: no such event followed; it came too late; another lay between
that must not; one came that must not follow; the time in which it must not follow is not over."""


class Steps(msgspec.Struct, frozen=True, tag="steps"):
    """How far a sequence came; the value is the number of steps.

    Attributes:
        steps: All of them, with the events of the newest run that came so far.
        stop: Why it went no further; None when it is complete.
        row: The event that came too late, lay between, or must not have followed.
        until: When the time is over in which nothing must follow.
    """

    steps: tuple[FoundStep, ...]
    stop: Stop | None = None
    row: Row | None = None
    until: datetime | None = None


class Cart(msgspec.Struct, frozen=True, tag="cart"):
    """The open cart; the value is its stage, None for an empty one.

    Attributes:
        events: How many events it is made of.
        touched: The last of them.
        ordered: The last order, with which it began.
    """

    events: int
    touched: Row | None
    ordered: Row | None


class First(msgspec.Struct, frozen=True, tag="first"):
    """The first of all such events; the value is its time.

    Attributes:
        row: The event; None when there is none.
        inside: Whether it lies in the window.
    """

    row: Row | None
    inside: bool


class Period(msgspec.Struct, frozen=True):
    """A unit of the calendar with such events in it.

    Attributes:
        first_day: By the calendar that is meant: ``2018-01-08``.
        start: When it begins, in UTC.
        end: When the next one begins.
        events: How many there are.
    """

    first_day: str
    start: datetime
    end: datetime
    events: int


class Periods(msgspec.Struct, frozen=True, tag="periods"):
    """The units of the calendar with such events, oldest first; the value is their number."""

    periods: tuple[Period, ...]


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """A time without such events; the value is its length in seconds.

    Attributes:
        before: The last event before it.
        after: The event that ended it; None for one that lasts.
    """

    before: Row | None
    after: Row | None


class Frequent(msgspec.Struct, frozen=True, tag="frequent"):
    """How often the most frequent value was found, and in how many rows there was one at all."""

    times: int
    of: int


class GroupTrait(msgspec.Struct, frozen=True):
    """What a trait of one of the customer's groups is.

    Attributes:
        group_id: The group.
        holds: Whether its value fulfils the operator (of a negative one: its positive).
        row: The group call that said so last, with the value; None when none did.
    """

    group_id: str
    holds: bool
    row: Row | None


class Groups(msgspec.Struct, frozen=True, tag="groups"):
    """The customer's groups, those that decide first; the value is that of the first."""

    groups: tuple[GroupTrait, ...]


class Drawn(msgspec.Struct, frozen=True, tag="drawn"):
    """The limit of a random share; the value is the customer's own number, from 0 up to 100.

    Attributes:
        limit: Smaller numbers are in.
    """

    limit: Decimal


class Rank(msgspec.Struct, frozen=True, tag="rank"):
    """A place in a ranking; the value is what the customer was ranked by.

    Attributes:
        made_for: When it was refreshed.
        place: From 1; None for a customer who is not ranked.
        ranked: How many customers are.
        last_place: The last place that is in; 0 when nobody is ranked.
        last_value: What whoever has it was ranked by.
    """

    made_for: datetime
    place: int | None
    ranked: int
    last_place: int
    last_value: Any


class ScoresMade(msgspec.Struct, frozen=True, tag="rfm"):
    """What scores are made of; the value is their three digits.

    Attributes:
        made_for: When they were refreshed.
        last_at: The last event by then; None for a customer without scores.
        times: How many events there were.
        amount: Their sum.
        customers: How many customers have scores.
    """

    made_for: datetime
    last_at: datetime | None = None
    times: int = 0
    amount: Decimal | None = None
    customers: int = 0


class Change(msgspec.Struct, frozen=True):
    """An entry or exit on record.

    Attributes:
        change_id: Its number in the feed of changes.
        kind: entered or left.
        at: When it came to hold.
        recorded_at: When that was recorded.
        reason: data, time, merged or definition.
        first_fill: The segment began with the customer, which is no entry.
    """

    change_id: int
    kind: Literal["entered", "left"]
    at: datetime
    recorded_at: datetime
    reason: str
    first_fill: bool


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """What is on record about a segment.

    Of a membership it is the latest entry or exit, and the value is since when the customer is a
    member; of entries and exits it is those that count, newest first, and the value their number.
    """

    changes: tuple[Change, ...]


class Parts(msgspec.Struct, frozen=True, tag="parts"):
    """Of how many conditions the value is the number that hold."""

    of: int


class BrandVerdict(msgspec.Struct, frozen=True):
    """Whether a condition holds of one brand alone."""

    brand: str
    holds: bool


class Brands(msgspec.Struct, frozen=True, tag="brands"):
    """Each brand with its verdict; the value is the number of those for which it holds."""

    brands: tuple[BrandVerdict, ...]


class Operand(msgspec.Struct, frozen=True):
    """Something that is measured for a value.

    Attributes:
        text: What, as text.
        value: What it came to; None when it is missing.
    """

    text: str
    value: Any


class Computed(msgspec.Struct, frozen=True, tag="computed"):
    """What a computed value is made of.

    Attributes:
        of: What is computed, as text.
        operands: What is measured for it, where it is more than one measure.
    """

    of: str
    operands: tuple[Operand, ...]


Detail = (
    Compared | Steps | Cart | First | Periods | Pause | Frequent | Groups | Drawn | Rank | Recorded
    | Parts | Brands | Computed | ScoresMade
)  # fmt: skip
"""What is said of a condition beyond its value and rows; the JSON key ``type`` says which."""
