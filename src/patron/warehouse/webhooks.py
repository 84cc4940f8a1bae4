"""What is kept of webhooks: how far each has come, and how its deliveries go."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from patron.engines.duckdb import Cursor


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How a webhook stands.

    Attributes:
        webhook: Its name.
        cursor: Everything up to this cursor of the feed was taken.
        until: The cursor that the delivery under way ends with; None when none is.
        failures: How many attempts failed in a row.
        next_at: No attempt before this moment, naive UTC.
        paused_at: Since when nothing is sent; None when it is not paused.
        error: What went wrong the last time; None when nothing did.
        delivered: How many deliveries were taken.
        delivered_at: When the last one was.
    """

    webhook: str
    cursor: str
    until: str | None = None
    failures: int = 0
    next_at: datetime | None = None
    paused_at: datetime | None = None
    error: str | None = None
    delivered: int = 0
    delivered_at: datetime | None = None


def states(cursor: Cursor) -> dict[str, WebhookState]:
    """How every webhook stands that was ever looked at, by name."""
    cursor.execute(
        "select webhook, cursor, until, failures, next_at, paused_at, error, delivered, "
        "delivered_at from webhook_states"
    )
    return {row[0]: WebhookState(*row) for row in cursor.all()}


def keep(cursor: Cursor, state: WebhookState) -> None:
    """Note how a webhook stands; durable afterwards."""
    with cursor.transaction():
        cursor.execute(
            "insert or replace into webhook_states values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(astuple(state)),
        )


def forget(cursor: Cursor, webhook: str) -> None:
    """Forget a webhook that is no more."""
    with cursor.transaction():
        cursor.execute("delete from webhook_states where webhook = ?", [webhook])
