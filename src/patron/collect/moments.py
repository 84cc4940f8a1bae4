"""Reads when messages happened, by the server's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from patron.clock import EARLIEST, LATEST
from patron.collect.soundness import RefusedError


def occurred_at(
    item: Any,  # noqa: ANN401 - a type made at run time
    batch_sent_at: datetime | None,
    received_at: datetime,
) -> datetime:
    """When it happened, by the server's clock.

    The client's clock may be wrong; what it says between two of its own readings is not:
    ``received_at - (sent_at - original)``.

    Args:
        item: The message, with what it says of ``timestamp``, ``originalTimestamp`` and ``sentAt``.
        batch_sent_at: When the batch was sent, by the client's clock.
        received_at: When it arrived, by the server's.

    Raises:
        RefusedError: A time cannot be read, or is outside 1900 to 2199.
    """
    # A client that sends both means by `timestamp` the time that its user gave, and by
    # `originalTimestamp` that of the call.
    where = "originalTimestamp" if item.timestamp is None else "timestamp"
    original = item.originalTimestamp if item.timestamp is None else item.timestamp
    if original is None:
        return received_at
    moment = read_moment(original, where)
    sent = read_moment(item.sentAt, "sentAt") if item.sentAt else batch_sent_at
    if sent is not None:
        try:
            moment = received_at - (sent - moment)
        except OverflowError:
            moment = LATEST
    if not EARLIEST <= moment < LATEST:
        raise RefusedError(
            "time_out_of_range", where, f"{where}: expected a time from 1900 to 2199."
        )
    return moment


def read_moment(text: str, where: str) -> datetime:
    """An ISO 8601 time as naive UTC; without a zone it is UTC.

    Raises:
        RefusedError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is UTC:
            return moment.replace(tzinfo=None)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise RefusedError(
            "invalid_time",
            where,
            f"{where}: expected an ISO 8601 time such as 2026-01-31T12:00:00Z.",
        ) from None
    return moment
