"""Webhooks: what changes of customers is sent to other systems, in order and at least once.

A webhook is a reader of the feed of profiles. Before a delivery is sent, the cursor that it ends
with is committed; when it was taken, so is that it was. Killed in between, the same delivery goes
out again under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from patron.activation.sending import DeliveryError, Sender
from patron.activation.signing import headers, key_of_secret
from patron.clock import Clock, format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError, NotFoundError, PatronError
from patron.pipeline.profile_feed import (
    BEGINNING,
    Changes,
    ProfileFeed,
    newest,
    read_changes,
    read_place,
)
from patron.pipeline.schedule import Schedule
from patron.spec.webhooks import WebhookDefinition
from patron.warehouse import webhooks as kept
from patron.warehouse.reading import Reading
from patron.warehouse.webhooks import WebhookState

AT_ONCE = 200
"""So many changes of each kind go into one delivery at most."""

MOST_FAILURES = 20
"""After so many failures in a row a webhook is paused."""

LONGEST_WAIT = timedelta(hours=1)
"""Between two attempts."""

PASSED = 10_000
"""So many log positions without anything to send are passed over before that is noted."""

GONE = 410
"""A receiver that answers so wants nothing any more."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC by convention

_log = structlog.get_logger("patron.webhooks")

Store = Callable[[Callable[[Cursor], None]], None]
"""Runs a change in the writer's thread."""


class Webhooks:
    """The webhooks of one workspace.

    Args:
        reading: Opens a view of the tables.
        store: Makes a change durable.
        definitions: Gives those that are declared, by name.
        secret_of: Gives a secret by its name.
        clock: Where now comes from.
        feed: Says when something may have changed.
        sender: Sends.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Reading]],
        store: Store,
        definitions: Callable[[], Mapping[str, WebhookDefinition]],
        secret_of: Callable[[str], str],
        clock: Clock,
        feed: ProfileFeed,
        sender: Sender | None = None,
    ) -> None:
        self._reading = reading
        self._store = store
        self._definitions = definitions
        self._secret_of = secret_of
        self._clock = clock
        self._feed = feed
        self._sender = sender or Sender()
        self._schedule = Schedule(self.deliver_what_is_due, "patron-webhooks")
        self._hearing = ExitStack()
        self._passed: dict[str, str] = {}
        self._closed = False

    def deliver_what_is_due(self) -> datetime | None:
        """Send to each webhook what it has not taken, one delivery each.

        Returns:
            When to look again; None when nothing waits.
        """
        definitions = dict(self._definitions())
        with self._reading() as reading:
            states = kept.states(reading.cursor)
        for name in states.keys() - definitions.keys():
            self._passed.pop(name, None)
            self._store(partial(kept.forget, webhook=name))
        due = []
        for name, one in sorted(definitions.items()):
            try:
                at = self._advance(one, states.get(name)) if one.active else None
            except PatronError as error:  # it must not keep the others waiting
                _log.error("a webhook cannot go on", webhook=name, error=error.message)
                at = self._clock.now() + LONGEST_WAIT
            if at is not None:
                due.append(at)
        return min(due, default=None)

    def states(self) -> list[dict[str, Any]]:
        """How all webhooks stand, by name."""
        with self._reading() as reading:
            states, end = kept.states(reading.cursor), newest(reading)
        return [
            _shown(one, states.get(name), end.position)
            for name, one in sorted(self._definitions().items())
        ]

    def state(self, name: str) -> dict[str, Any]:
        """How one webhook stands.

        Raises:
            NotFoundError: There is no such webhook.
        """
        found = next((one for one in self.states() if one["name"] == name), None)
        if found is None:
            raise NotFoundError(f"There is no webhook {name}.")
        return found

    def resume(self, name: str) -> dict[str, Any]:
        """Try again at once, also when it is paused; what waited is sent in order.

        Raises:
            NotFoundError: There is no such webhook.
        """
        self.state(name)
        with self._reading() as reading:
            held = kept.states(reading.cursor).get(name)
        if held is not None:
            self._keep(replace(held, failures=0, next_at=None, paused_at=None, error=None))
        self._schedule.look_again()
        return self.state(name)

    def start_schedule(self) -> None:
        """From now on, send what comes, in a thread of its own."""
        self._hearing.enter_context(self._feed.listening(self._something_came))
        self._schedule.start(self._clock)

    def look_again(self) -> None:
        """Definitions may have changed."""
        self._schedule.look_again()

    def _something_came(self) -> None:
        """This is said many times a second, and most workspaces send to nobody."""
        if self._definitions():
            self._schedule.look_again()

    def close(self) -> None:
        """Send nothing more; a delivery under way is given up, and made again after the start."""
        self._closed = True
        self._hearing.close()
        self._sender.close()
        self._schedule.close()

    def _advance(self, one: WebhookDefinition, state: WebhookState | None) -> datetime | None:
        """Make one delivery if there is anything to send; says when to look again."""
        with self._reading() as reading:
            if state is None:
                end = BEGINNING if one.begin == "beginning" else newest(reading)
                state = WebhookState(one.name, str(end))
                self._keep(state)
            if state.paused_at is not None:
                return None
            now = self._clock.now()
            if state.next_at is not None and now < state.next_at:
                return state.next_at
            found = self._waiting(reading, one, state)
        # What came in since is looked at after a delivery that was made again.
        again = now if found.more or state.until is not None else None
        if not found.data:
            self._pass_over(state, found)
            return again
        after = self._deliver(one, replace(state, until=str(found.end)), found)
        if after.failures and self._closed:
            return None  # that was our doing
        self._keep(after)
        self._passed.pop(one.name, None)
        if after.failures:
            return after.next_at
        return again

    def _waiting(self, reading: Reading, one: WebhookDefinition, state: WebhookState) -> Changes:
        """What is to be sent next: the delivery under way as it was, or what came since."""
        end = newest(reading)
        start = self._passed.get(one.name, state.cursor) if state.until is None else state.cursor
        until = None if state.until is None else read_place(state.until, end)
        return read_changes(
            reading,
            read_place(start, end),
            limit=AT_ONCE,
            what=one.kinds,
            segments=one.segments,
            until=until,
        )

    def _pass_over(self, state: WebhookState, found: Changes) -> None:
        """Go on behind what is not wanted; noted now and then, for it can be looked at again."""
        end = str(found.end)
        if end != state.cursor:
            self._passed[state.webhook] = end
        passed = found.end.position - read_place(state.cursor, found.end).position
        if passed >= PASSED or state.until is not None:
            self._keep(replace(state, cursor=end, until=None))

    def _deliver(self, one: WebhookDefinition, state: WebhookState, found: Changes) -> WebhookState:
        """Make a delivery; gives how the webhook stands after it."""
        self._keep(state)
        delivery_id = f"{one.name}_{state.cursor}_{state.until}"
        now = self._clock.now()
        body = msgspec.json.encode(
            {
                "type": "profiles.changed",
                "timestamp": format_time(now),
                "data": {"webhook": one.name, "cursor": state.until, "profiles": found.data},
            }
        )
        error, gone = self._sent(one, delivery_id, body, now)
        if error is None:
            return WebhookState(
                one.name, str(found.end), delivered=state.delivered + 1, delivered_at=now
            )
        _log.warning("a delivery failed", webhook=one.name, delivery=delivery_id, error=error)
        failures = state.failures + 1
        paused = gone or failures >= MOST_FAILURES
        return replace(
            state,
            failures=failures,
            error=error,
            next_at=None if paused else now + wait_after(failures),
            paused_at=now if paused else None,
        )

    def _sent(
        self, one: WebhookDefinition, delivery_id: str, body: bytes, now: datetime
    ) -> tuple[str | None, bool]:
        """What went wrong, if anything; and whether the receiver wants nothing any more."""
        try:
            key = key_of_secret(self._secret_of(one.secret))
            timestamp = (now - _EPOCH) // timedelta(seconds=1)
            status = self._sender.post(one.url, body, headers(key, delivery_id, timestamp, body))
        except (DeliveryError, InputError) as error:
            return error.message, False
        if 200 <= status < 300:
            return None, False
        return f"It answered {status}.", status == GONE

    def _keep(self, state: WebhookState) -> None:
        self._store(partial(kept.keep, state=state))


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: twice as long each time, up to an hour.

    >>> [wait_after(failures).total_seconds() for failures in (1, 2, 3, 12, 13, 40)]
    [1.0, 2.0, 4.0, 2048.0, 3600.0, 3600.0]
    """
    return min(timedelta(seconds=2 ** min(failures - 1, 20)), LONGEST_WAIT)


def _shown(one: WebhookDefinition, state: WebhookState | None, position: int) -> dict[str, Any]:
    held = state or WebhookState(one.name, "")
    reached = int(held.cursor.partition("-")[0]) if held.cursor else position
    if held.paused_at is not None:
        stands = "paused"
    elif not one.active:
        stands = "off"
    else:
        stands = "failing" if held.failures else "working"

    def time(moment: datetime | None) -> str | None:
        return None if moment is None else format_time(moment)

    return {
        "name": one.name,
        "url": one.url,
        "what": list(one.kinds),
        "segments": list(one.segments),
        "state": stands,
        "cursor": held.cursor or None,
        "behind": max(position - reached, 0),
        "failures": held.failures,
        "error": held.error,
        "next_at": time(held.next_at),
        "paused_at": time(held.paused_at),
        "delivered": held.delivered,
        "delivered_at": time(held.delivered_at),
    }
