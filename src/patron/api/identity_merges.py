"""The newest merges and splits of everybody."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import Cause, HoldsFor

router = APIRouter(prefix="/identity", tags=["identity"])

Kind = Literal["merge", "split"]


class MergedCustomer(BaseModel):
    """Whom a profile of a merge or split is today."""

    profile_id: int
    identifier: str | None = Field(
        description="The one that the rules trust most, as type:value; none if all are retired."
    )


class MergeEntry(BaseModel):
    """A merge or a split."""

    merge_id: int = Field(description="Its number; later ones have larger numbers.")
    kind: Kind
    recorded_at: str
    occurred_at: str = Field(description="The time of what brought it about.")
    reason: str = Field(description="One sentence, without values.")
    cause: Cause
    profiles: list[int] = Field(
        description="Of a merge who stayed and who went; of a split who lost and who got."
    )
    customers: list[MergedCustomer] = Field(
        description="Whom these two are today: one customer, or two."
    )
    link: list[str] | None = Field(description="The ends of the link that brought it about.")
    source: str | None = Field(
        description="Of the message that brought it about; none when that was a decision or other "
        "rules."
    )
    message_id: str | None
    decision_id: int | None = Field(
        description="The decision by hand that brought it about, where one did."
    )
    made_by: str | None = Field(description="Who decided.")


class Merges(HoldsFor):
    """Merges and splits, the newest first."""

    data: list[MergeEntry]
    next: int | None = Field(description="Give as `below` for the next page.")


@router.get("/merges", summary="The newest merges and splits", response_model=Merges)
def merges(
    here: Here,
    min_position: MinPosition,
    kind: Annotated[Kind | None, Query(description="Only these.")] = None,
    below: Annotated[
        int | None, Query(ge=1, description="Only those with a smaller number.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Of everybody, each with its reason and with whom it concerns today."""
    return here.merges(kind=kind, below=below, limit=limit, min_position=min_position)
