"""What the answer to "why is this customer in?" looks like."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from patron.api.answers import HoldsFor


class ConvertedAmount(BaseModel):
    """What an amount of another currency is taken for."""

    to: str = Field(description="The currency that is asked for.")
    currency: str | None = Field(description="That of the row.")
    amount: str | None = Field(description="In the one asked for; none before the first rate.")
    rate: str | None = Field(description="What one unit of the row's currency was worth.")
    since: str | None = Field(description="Since when the rate holds, in UTC.")
    definition: str = Field(description="The exchange rates that declare it.", examples=["eur"])


class EvidenceRow(BaseModel):
    """A row behind a verdict."""

    position: int | None = Field(description="Of its message, in the log.")
    message_id: str | None
    name: str = Field(description="Of the event or trait; the type of an identifier.")
    occurred_at: str | None
    line: int | None = Field(description="Which line of its order, from 0.")
    value: Any = Field(description="What the condition reads of the row, if anything.")
    converted: ConvertedAmount | None = Field(
        default=None, description="How an amount in another currency was converted."
    )


class Evidence(BaseModel):
    """The rows behind a verdict."""

    table: Literal["events", "order_lines", "orders", "traits", "identifiers"]
    total: int
    rows: list[EvidenceRow] = Field(description="The newest 20 of them, newest first.")


class Compared(BaseModel):
    """What the other measure came to, which the value is compared with."""

    type: Literal["compared"]
    value: Any
    evidence: Evidence


class FoundStep(BaseModel):
    """One step of a sequence."""

    asked: str = Field(description="Its text form.")
    reached: bool
    row: EvidenceRow | None = Field(
        description="The event that fulfilled it; none where one must not happen."
    )


class Steps(BaseModel):
    """How far a sequence came; the value is the number of steps."""

    type: Literal["steps"]
    steps: list[FoundStep] = Field(description="With the events of the newest run that came so far")
    stop: Literal["missing", "late", "between", "came", "waiting"] | None = Field(
        description="Why it went no further: no such event followed, or too late; another lay "
        "between that must not; one came that must not follow; the time for that is not over."
    )
    row: EvidenceRow | None = Field(
        description="The event that came too late, lay between, or must not have followed."
    )
    until: str | None = Field(description="When the time is over in which nothing must follow.")


class Cart(BaseModel):
    """The open cart; the value is its stage: cart, checkout or payment."""

    type: Literal["cart"]
    events: int = Field(description="How many it is made of.")
    touched: EvidenceRow | None = Field(description="The last of them.")
    ordered: EvidenceRow | None = Field(description="The last order, with which it began.")


class First(BaseModel):
    """The first of all such events; the value is its time."""

    type: Literal["first"]
    row: EvidenceRow | None
    inside: bool = Field(description="Whether it lies in the window.")


class HeldPeriod(BaseModel):
    """A unit of the calendar with such events in it."""

    first_day: str = Field(description="By the calendar that is meant: 2018-01-08.")
    start: str = Field(description="When it begins, in UTC.")
    end: str = Field(description="When the next one begins.")
    events: int


class Periods(BaseModel):
    """The units of the calendar with such events; the value is their number."""

    type: Literal["periods"]
    periods: list[HeldPeriod] = Field(description="Oldest first.")


class Pause(BaseModel):
    """A time without such events; the value is its length in seconds."""

    type: Literal["pause"]
    before: EvidenceRow | None = Field(description="The last event before it.")
    after: EvidenceRow | None = Field(description="The event that ended it; none while it lasts.")


class Frequent(BaseModel):
    """How often the value was found that counts."""

    type: Literal["frequent"]
    times: int
    of: int = Field(description="How many rows have a value.")


class GroupTrait(BaseModel):
    """What the trait of one of the customer's groups is."""

    group_id: str
    holds: bool = Field(description="Whether it fulfils the operator, or that which it negates.")
    row: EvidenceRow | None = Field(description="The group call that said so last.")


class Groups(BaseModel):
    """The customer's groups; the value is that of the first."""

    type: Literal["groups"]
    groups: list[GroupTrait] = Field(description="Those that decide first, 20 at most.")


class Drawn(BaseModel):
    """The limit of a random share; the value is the number that the customer drew for ever."""

    type: Literal["drawn"]
    limit: str = Field(description="Who drew a smaller number, of 0 up to 100, is in.")


class Rank(BaseModel):
    """A place in a ranking; the value is what the customer was ranked by."""

    type: Literal["rank"]
    made_for: str = Field(description="When the ranking was refreshed.")
    place: int | None = Field(description="From 1; none for a customer who is not ranked.")
    ranked: int = Field(description="How many customers are.")
    last_place: int = Field(description="The last place that is in; 0 when nobody is ranked.")
    last_value: Any = Field(description="What whoever has it was ranked by.")


class ScoresMade(BaseModel):
    """What scores are made of; the value is their three digits."""

    type: Literal["rfm"]
    made_for: str = Field(description="When they were refreshed.")
    last_at: str | None = Field(description="The last event by then; none without scores.")
    times: int = Field(description="How many events there were.")
    amount: str | None = Field(description="Their sum.")
    customers: int = Field(description="How many customers have scores.")


class RecordedChange(BaseModel):
    """An entry or exit on record."""

    change_id: int = Field(description="Its number in the feed of changes.")
    kind: Literal["entered", "left"]
    at: str = Field(description="When it came to hold.")
    recorded_at: str
    reason: str = Field(description="data, time, merged or definition.")
    first_fill: bool = Field(description="The segment began with the customer: no entry.")


class Recorded(BaseModel):
    """What is on record: the latest change of a membership, or the entries or exits that count.

    The value is since when the customer is a member, or how many entries or exits count.
    """

    type: Literal["recorded"]
    changes: list[RecordedChange] = Field(description="Newest first, 20 at most.")


class Parts(BaseModel):
    """Of how many conditions the value is the number that hold."""

    type: Literal["parts"]
    of: int


class BrandVerdict(BaseModel):
    """Whether a condition holds of one brand alone."""

    brand: str
    holds: bool


class Brands(BaseModel):
    """Each brand with its verdict; the value is the number of those for which it holds."""

    type: Literal["brands"]
    brands: list[BrandVerdict] = Field(description="In the order of the conditions.")


class Operand(BaseModel):
    """Something that is measured for a value, and what it came to."""

    text: str
    value: Any


class Computed(BaseModel):
    """What a computed value is made of."""

    type: Literal["computed"]
    of: str
    operands: list[Operand] = Field(description="Where it is more than one measure.")


Detail = Annotated[
    Compared | Steps | Cart | First | Periods | Pause | Frequent | Groups | Drawn | Rank | Recorded
    | Parts | Brands | Computed | ScoresMade,
    Field(discriminator="type"),
]  # fmt: skip


class Explained(BaseModel):
    """One condition, and its verdict."""

    field: str = Field(description="Its path in the rule, or in that of the segment around it.")
    kind: str = Field(description="Its key in the rule: all, not, trait, count …")
    asked: str = Field(description="Its text form.")
    holds: bool
    changes_at: str | None = Field(description="When the verdict changes if nothing more happens.")
    value: Any = Field(description="What was found; amounts as text.")
    evidence: Evidence | None
    detail: Detail | None = Field(description="What there is to say beyond that, by its type.")
    conditions: list[Explained] = Field(description="The conditions inside it.")


class Explanation(HoldsFor):
    """Why a customer is in, or is not."""

    segment: str | None
    text: str
    profile_id: int
    member: bool
    first_seen_at: str | None
    changes_at: str | None = Field(description="When that changes if nothing more happens.")
    looked_until: str = Field(description="How far ahead was looked.")
    condition: Explained
