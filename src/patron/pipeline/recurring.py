"""Writes the events of dates that recur, at the beginning of the day on which they fall due."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from patron import definitions, profiles
from patron.clock import Clock, format_time
from patron.collect.messages import MessageReader
from patron.engines.duckdb import Cursor
from patron.pipeline.book import Book
from patron.pipeline.pulls import Desk
from patron.pipeline.schedule import Schedule
from patron.segments import durations, query, tree
from patron.spec.incoming import Delivery
from patron.spec.recurring import RecurringDate, beginning, days_after, local_day
from patron.warehouse.sources import NO_BRAND, internal_source

MESSAGES = 5_000
"""Messages a transaction."""

# A first day on 29 February comes back on the 28th in years without one, as in M30: the engine's
# sum of a date and years says so.
_FIRST_DAYS = """
select profile_id
from (
    select profile_id, timezone($zone, timezone('UTC', min(occurred_at)))::DATE as day
    from current_events
    where $event in (name, 'any event') and occurred_at <= $as_of
    group by profile_id
)
where day < $due and month(day) = month($due)
    and (day + to_years((year($due) - year(day))::INTEGER))::DATE = $due
order by profile_id
"""


class RecurringDates:
    """The dates of one workspace that recur.

    Args:
        desk: Where to read and store.
        book: Gives what is defined.
        clock: Where now comes from.
    """

    def __init__(self, desk: Desk, book: Callable[[], Book], clock: Clock) -> None:
        self._desk = desk
        self._book = book
        self._clock = clock
        self._schedule = Schedule(self.run_what_is_due, "patron-recurring-dates")

    def run_what_is_due(self) -> datetime | None:
        """Write what fell due up to today, day by day; returns when the next day begins."""
        return self._desk.writer.run(self._run)

    def states(self) -> list[dict[str, Any]]:
        """All dates that recur, with the day until which their events are written."""
        with self._desk.store.cursor() as cursor:
            cursor.execute("select name, written_until from recurring_dates")
            until: dict[str, date] = dict(cursor.all())
        return [
            {
                "name": name,
                "trait": one.trait,
                "first": one.first,
                "days_before": one.days_before,
                "event": one.event,
                "description": one.description,
                "written_until": until[name].isoformat() if name in until else None,
            }
            for name, one in sorted(self._book().recurring_dates.items())
        ]

    def start_schedule(self) -> None:
        """From now on, write each day's events when it begins."""
        self._schedule.start(self._clock)

    def look_again(self) -> None:
        """Take up definitions that changed."""
        self._schedule.look_again()

    def close(self) -> None:
        """End the schedule."""
        self._schedule.close()

    # ── in the writer's thread ──

    def _run(self) -> datetime | None:
        book = self._book()
        if not book.recurring_dates:
            return None
        today = local_day(self._clock.now(), book.time_zone)
        for name, one in sorted(book.recurring_dates.items()):
            for day in days_after(self._written_until(name, book.time_zone), today):
                self._write(book, one, day)
                self._keep(name, day)
        return beginning(today + timedelta(days=1), book.time_zone)

    def _write(self, book: Book, one: RecurringDate, day: date) -> None:
        ingest = self._desk.ingest
        cursor, at = ingest.cursor, beginning(day, book.time_zone)
        due = day + timedelta(days=one.days_before)
        whom = self._due(cursor, book, one, at, due)
        for first in range(0, len(whom), MESSAGES):
            names = profiles.representatives(cursor, ingest.rules, whom[first : first + MESSAGES])
            with cursor.transaction():
                source_id = internal_source(cursor, one.source)
            delivery = Delivery(source_id, NO_BRAND, self._clock.now())
            reader = MessageReader(ingest.rules)
            for profile_id, (_, identifier) in sorted(names.items()):
                said = {
                    "type": "track",
                    "event": one.event,
                    # Once for a customer and a day, however often this is run.
                    "messageId": f"due-{profile_id}-{day.isoformat()}",
                    "timestamp": format_time(at),
                    "context": {"externalIds": [{"type": identifier.type, "id": identifier.value}]},
                    "properties": {"date": due.isoformat(), "days_before": one.days_before},
                }
                reader.read(delivery, msgspec.json.encode(said), default_channel="internal")
            ingest.commit_group([delivery])

    def _due(
        self, cursor: Cursor, book: Book, one: RecurringDate, at: datetime, due: date
    ) -> list[int]:
        """The customers whose date it is."""
        if one.trait is None:
            asked = {"zone": book.time_zone, "event": one.first, "as_of": at, "due": due}
            return [row[0] for row in cursor.execute(_FIRST_DAYS, asked).all()]
        when = f"{durations.IN}{one.days_before}d" if one.days_before else "today"
        rule = tree.Trait(one.trait, "anniversary", when)
        sql = query.members_sql(cursor, rule, as_of=at, catalogue=book.catalogue)
        return sorted(row[0] for row in cursor.execute(sql).all())

    def _written_until(self, name: str, time_zone: str) -> date:
        """The last day that needs nothing more, which may lie before the definition."""
        cursor = self._desk.ingest.cursor
        cursor.execute("select written_until from recurring_dates where name = ?", [name])
        found: date | None = cursor.value()
        # A definition may be days old when a server first runs, or have been removed and made
        # again since the last one did.
        versions = definitions.history(cursor, "recurring_date", name)
        life = itertools.takewhile(lambda version: version.body is not None, versions)
        made = min(version.recorded_at for version in life)
        before = local_day(made, time_zone) - timedelta(days=1)
        return before if found is None else max(found, before)

    def _keep(self, name: str, day: date) -> None:
        self._desk.ingest.cursor.execute(
            "insert or replace into recurring_dates values (?, ?)", [name, day]
        )
