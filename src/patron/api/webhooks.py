"""Webhooks: where changes of customers are sent, and how that goes."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import Recorded
from patron.api.bodies import RequestBody
from patron.spec.webhooks import What

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class WebhookBody(RequestBody):
    """Where to send what."""

    url: str = Field(
        description="https, or http to this machine.", examples=["https://crm.example/patron"]
    )
    secret: str = Field(description="The name of the secret, never the secret.", examples=["crm"])
    what: list[What] | None = Field(None, description="Only changes of these kinds; else all.")
    segments: list[str] | None = Field(None, description="Memberships in these only; else all.")
    begin: Literal["now", "beginning"] = "now"
    active: bool = True
    description: str | None = None


class Webhook(BaseModel):
    """How a webhook stands."""

    name: str
    url: str
    what: list[What]
    segments: list[str]
    state: Literal["working", "failing", "paused", "off"]
    cursor: str | None = Field(description="Of the feed of profiles; up to here all was taken.")
    behind: int = Field(description="Positions of the log between that and the newest.")
    failures: int = Field(description="In a row.")
    error: str | None = Field(description="Of the last attempt.")
    next_at: str | None = Field(description="When it is tried again.")
    paused_at: str | None = Field(description="Since when nothing is sent.")
    delivered: int
    delivered_at: str | None


class WebhookSaved(Webhook):
    """A change that is durable."""

    position: int


class WebhookRemoved(Recorded):
    """A change that is durable."""


class WebhookList(BaseModel):
    """All webhooks."""

    data: list[Webhook]


@router.get("", summary="All webhooks", response_model=WebhookList)
def every(here: Here) -> dict[str, Any]:
    """Where each goes, and how its deliveries go."""
    return {"data": here.webhooks.states()}


@router.get("/{name}", summary="One webhook", response_model=Webhook)
def one(here: Here, name: str) -> dict[str, Any]:
    """Where it goes, how far it has come, and what went wrong last."""
    return here.webhooks.state(name)


@router.put("/{name}", summary="Make or change a webhook", response_model=WebhookSaved)
def put(here: Here, name: str, body: WebhookBody) -> dict[str, Any]:
    """One that is changed goes on from where it was."""
    return here.put_webhook(name, body.model_dump(exclude_none=True, exclude_unset=True))


@router.delete("/{name}", summary="Remove a webhook", response_model=WebhookRemoved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Nothing more is sent; how far it had come is forgotten."""
    return here.delete_webhook(name)


@router.post("/{name}/resume", summary="Send again", response_model=Webhook)
def resume(here: Here, name: str) -> dict[str, Any]:
    """One that is paused, or waits after a failure, tries again at once; nothing was lost."""
    return here.webhooks.resume(name)
