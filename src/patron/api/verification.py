"""Are the recorded memberships right? Recomputed from the tables, a share at a time."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/verification", tags=["operations"])

Shares = Annotated[int, Field(ge=1, le=65_536, description="In so many parts.")]


class Share(RequestBody):
    """Which customers to verify."""

    share: int | None = Field(
        None, ge=0, description="Which part, from 0; the one whose turn it is when left out."
    )
    shares: Shares = 64


class Difference(BaseModel):
    """A membership that is recorded wrongly."""

    segment: str
    profile_id: int
    recorded: bool = Field(description="In, by the log of changes.")
    held: bool = Field(description="In, by the memory of live membership.")
    recomputed: bool = Field(description="In, by the tables.")
    as_of: str


class Verified(HoldsFor):
    """What a share came to."""

    share: int
    shares: int
    customers: int
    segments: int
    differences: list[Difference]
    milliseconds: float


class Found(HoldsFor):
    """What verification did since the start."""

    shares: int = Field(description="Shares verified.")
    answers: int = Field(description="Memberships recomputed.")
    differences: int
    data: list[Difference] = Field(description="The last of them.")


@router.post("", summary="Verify a share of the customers", response_model=Verified)
def verify(here: Here, body: Share) -> dict[str, Any]:
    """Recompute all memberships of these customers, and say what is recorded wrongly."""
    return here.memberships.verify(body.share, body.shares)


@router.get("", summary="What verification found", response_model=Found)
def found(here: Here) -> dict[str, Any]:
    """While the server runs, it verifies one share after another by itself."""
    return here.memberships.verification()
