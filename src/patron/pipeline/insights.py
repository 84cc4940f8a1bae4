"""What segments are worth and how they change: for whoever makes and refines them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from patron import definitions, profiles
from patron.clock import format_time
from patron.errors import InputError, NotFoundError, unknown
from patron.pipeline import performance
from patron.pipeline.audiences import plain_tree
from patron.pipeline.book import Book
from patron.pipeline.checks import check_rule, users_of
from patron.pipeline.periods import local_day, read_days, read_period
from patron.pipeline.versions import versions
from patron.segments import comparison, growth, query
from patron.segments import overlap as overlapping
from patron.segments.catalogue import read_catalogue
from patron.segments.printer import print_rule
from patron.warehouse.reading import Reading

RuleText = str | dict[str, Any]


class Opens(Protocol):
    """Opens a consistent view for questions; see `Workspace.reading`."""

    def __call__(
        self, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> AbstractContextManager[Reading]:
        """A view as of a moment, that holds at least a position."""
        ...


class Insights:
    """Questions about segments that lie over one another, in time, in money, and in versions.

    Args:
        reading: Opens a view.
        book: Gives what is defined.
    """

    def __init__(self, reading: Opens, book: Callable[[], Book]) -> None:
        self._reading = reading
        self._book = book

    def overlap(
        self,
        names: list[str],
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        regions: int = 1_000,
    ) -> dict[str, Any]:
        """How segments share their members.

        Args:
            names: 2 to 20 segments, each once.
            as_of: The moment asked for.
            min_position: The log position to hold at least.
            regions: How many regions to show at most, the largest first.

        Raises:
            InputError: Too few or too many segments, or one twice.
            NotFoundError: There is no such segment.
        """
        if not 2 <= len(names) <= overlapping.MOST or len(set(names)) < len(names):
            raise InputError(
                f"segments: expected 2 to {overlapping.MOST} names, each once.", field="segments"
            )
        book = self._book()
        rules = [book.segment(name).rule for name in names]
        with self._reading(as_of=as_of, min_position=min_position) as reading:
            found = overlapping.overlap(
                reading.cursor,
                [
                    query.members_sql(
                        reading.cursor, rule, as_of=reading.as_of, catalogue=book.catalogue
                    )
                    for rule in rules
                ],
            )
        shown = list(found.regions.items())[:regions]
        return {
            **reading.head,
            "segments": [
                {"name": name, "count": size} for name, size in zip(names, found.sizes, strict=True)
            ],
            "union": found.union,
            "pairs": found.pairs,
            "regions": [
                {
                    "mask": mask,
                    "segments": [name for i, name in enumerate(names) if mask >> i & 1],
                    "count": count,
                }
                for mask, count in shown
            ],
            "regions_in_all": len(found.regions),
        }

    def history(
        self, name: str, *, since: str | None = None, until: str | None = None
    ) -> dict[str, Any]:
        """A segment's size, entries and exits per day, as recorded.

        Args:
            name: The segment.
            since: The first day, in the workspace's time zone; 30 days when None.
            until: The last day; today when None.

        Raises:
            InputError: These are no days.
        """
        book = self._book()
        segment = book.segment(name)
        zone = book.time_zone
        with self._reading() as reading:
            edges = read_days(since, until, as_of=reading.as_of, zone=zone)
            recorded = growth.recorded_until(reading.cursor)
            spans = growth.spans(reading.cursor, segment.name, edges)
        days = [
            {
                "day": local_day(span.start, zone),
                "start": format_time(span.start),
                "size": span.size,
                "entered": span.entered,
                "left": span.left,
                "merged": span.merged,
                "filled": span.filled,
            }
            for span in spans
            if recorded is not None and span.start <= recorded
        ]
        return {
            **reading.head,
            "segment": name,
            "time_zone": zone,
            "recorded_until": None if recorded is None else format_time(recorded),
            "data": days,
        }

    def members_known(
        self,
        name: str,
        *,
        known_at: datetime,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """Who was in a segment, as it was known at a moment: by what was on record then.

        Args:
            name: Of the segment.
            known_at: The moment of the record.
            as_of: The moment that is asked about; now when None.
            min_position: Answer from at least this position of the log.
            cursor: Where the page before ended.
            limit: Customers on a page.

        Raises:
            InputError: The cursor is none that an earlier page gave.
        """
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
        self._book().segment(name)
        with self._reading(as_of=as_of, min_position=min_position) as reading:
            total, page = growth.known_page(
                reading.cursor, name, as_of=reading.as_of, known_at=known_at,
                after=int(cursor or 0), limit=limit + 1,
            )  # fmt: skip
            more = len(page) > limit
            return {
                **reading.head,
                "known_at": format_time(known_at),
                "count": total,
                "data": profiles.identified_since(reading.cursor, page[:limit]),
                "next": str(page[limit - 1]) if more else None,
            }

    def performance(
        self,
        name: str,
        *,
        since: str | None = None,
        until: str | None = None,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What a segment's members bought in a period; see `pipeline.performance`.

        Args:
            name: The segment.
            since: A day of the workspace's calendar, or a moment; 30 days before the end when None.
            until: A day, taken in whole, or a moment; as_of when None.
            as_of: The moment asked for: orders are in the state that they have then.
            min_position: The log position to hold at least.
        """
        book = self._book()
        with self._reading(as_of=as_of, min_position=min_position) as reading:
            period = read_period(since, until, as_of=reading.as_of, zone=book.time_zone)
            return performance.performance(reading, book, name, period)

    def backtest(
        self,
        rule: RuleText | None,
        *,
        name: str | None = None,
        months: int = 12,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What a rule, or a segment's rule, would have given at the end of the last months.

        Raises:
            InputError: Both a rule and a name are given, or neither.
            RuleError: The rule is wrong, or a name in it was never seen.
        """
        if (rule is None) == (name is None):
            raise InputError("Give a rule or the name of a segment, one of them.", field="rule")
        book = self._book()
        with self._reading(as_of=as_of, min_position=min_position) as reading:
            warnings: list[str] = []
            if rule is None:
                catalogue, parsed = book.catalogue, book.segment(name or "").rule
            else:
                catalogue = read_catalogue(reading.cursor, book.catalogue)
                parsed, warnings = check_rule(rule, catalogue, name=None, allow_unknown=False)
            found = performance.backtest(reading, book, parsed, catalogue, months=months)
            return {
                **reading.head, "text": print_rule(parsed), "data": found, "warnings": warnings,
            }  # fmt: skip

    def compare(
        self,
        name: str,
        rule: RuleText,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        sample: int = 10,
        allow_unknown: bool = False,
    ) -> dict[str, Any]:
        """Who would enter and leave a segment if its rule were another one. Changes nothing.

        Raises:
            RuleError: The rule is wrong, or a name in it was never seen.
        """
        book = self._book()
        segment = book.segment(name)
        with self._reading(as_of=as_of, min_position=min_position) as reading:
            catalogue = read_catalogue(reading.cursor, book.catalogue)
            wanted, warnings = check_rule(rule, catalogue, name=name, allow_unknown=allow_unknown)
            before, after = (
                query.members_sql(reading.cursor, one, as_of=reading.as_of, catalogue=catalogue)
                for one in (segment.rule, wanted)
            )
            found = comparison.compare(reading.cursor, before, after, sample=sample)
            groups = {
                "entering": (found.entering, found.entering_sample),
                "leaving": (found.leaving, found.leaving_sample),
                "staying": (found.staying, found.staying_sample),
            }
            return {
                **reading.head,
                "segment": name,
                "version": segment.version,
                "text": print_rule(wanted),
                "rule": plain_tree(wanted),
                **{
                    side: {
                        "count": count,
                        "sample": profiles.identified(reading.cursor, list(ids)),
                    }
                    for side, (count, ids) in groups.items()
                },
                "used_by": users_of(name, book),
                "warnings": warnings,
            }

    def versions(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """All versions of a segment, the newest first; of one that was removed too.

        Raises:
            NotFoundError: There never was one of this name.
        """
        with self._reading(min_position=min_position) as reading:
            found = versions(reading, "segment", name)
            if not found:
                self._book().segment(name)
            return {**reading.head, "segment": name, "data": found}

    def version(self, name: str, version: int) -> dict[str, Any]:
        """What a segment said in one of its versions.

        Raises:
            NotFoundError: There is no such version, or it says that the segment was removed.
        """
        with self._reading() as reading:
            for one in definitions.history(reading.cursor, "segment", name):
                if one.version == version and one.body is not None:
                    return one.body
        raise NotFoundError(
            f"Segment {name} has no version {version} that could be brought back.",
            hint=f"GET /api/v1/segments/{name}/versions shows what there is.",
            told=unknown("version", version),
        )
