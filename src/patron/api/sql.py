"""Questions in SQL, read-only, over the documented views."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/sql", tags=["sql"])


class Query(RequestBody):
    """One question."""

    query: str = Field(examples=["select name, count(*) from events group by name"])
    limit: Annotated[int, Field(ge=1, le=100_000)] = 1_000


class Rows(HoldsFor):
    """Its answer."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = Field(description="Whether there were more rows than the limit.")


@router.post("", summary="Ask in SQL", response_model=Rows)
def ask(here: Here, body: Query, min_position: MinPosition) -> dict[str, Any]:
    """One SELECT over the views of docs/reference/sql.md; nothing else is allowed."""
    return here.sql(body.query, limit=body.limit, min_position=min_position)
