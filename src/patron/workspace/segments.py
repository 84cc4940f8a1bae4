"""Questions about segments."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from patron.pipeline import audiences, explanations, rule_text
from patron.pipeline.audiences import Counting, Exported
from patron.pipeline.known import known_sizes
from patron.pipeline.live import Advance
from patron.segments.export import Format
from patron.segments.memberships import Members
from patron.warehouse.reading import Reading
from patron.workspace.opened import Opened


class Segments(Opened):
    """Answers questions about segments and rules."""

    def segments(
        self,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        counts: bool = False,
        trends: bool = False,
    ) -> dict[str, Any]:
        """All segments, counted and with how they moved in 30 days if asked for."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            sizes = self._sizes(reading, as_of) if counts else None
            return audiences.listing(reading, self._book, sizes=sizes, trends=trends)

    def _sizes(self, reading: Reading, as_of: datetime | None) -> Counting:
        """Of the present, what live membership knows need not be counted."""
        book = self._book
        known = known_sizes(self._live, reading, book) if as_of is None else None
        return audiences.counting(reading, book, known)

    def segment(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        counts: bool = True,
    ) -> dict[str, Any]:
        """One segment, with its count unless that is not asked for."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            sizes = self._sizes(reading, as_of) if counts else None
            return audiences.one(reading, self._book, name, sizes=sizes)

    def preview(
        self,
        rule: str | dict[str, Any],
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        sample: int = 10,
        every: bool = False,
    ) -> dict[str, Any]:
        """What a rule would give: exact count, a sample, and each condition by itself.

        With `every`, the conditions inside others are counted, too.

        Raises:
            RuleError: It is wrong, or a name in it was never seen.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            known = self._names.known(reading, self._book)
            return audiences.preview(
                reading, self._book, rule, sample=sample, every=every, known=known
            )

    def parse(self, rule: str | dict[str, Any], *, name: str | None = None) -> dict[str, Any]:
        """A rule as text and as a tree, and what is wrong with it; see `pipeline.rule_text`."""
        with self.reading() as reading:
            known = self._names.known(reading, self._book)
            return {**reading.head, **rule_text.faces(rule, known, name=name)}

    def explain(
        self,
        profile: str,
        *,
        segment: str = "",
        rule: str | dict[str, Any] = "",
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Why a customer is in a segment or fulfils a rule (name one of them), or does not."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            if segment:
                return explanations.of_segment(reading, self._book, segment, profile)
            return explanations.of_rule(reading, self._book, rule, profile)

    def members(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """Who is in a segment, with identifiers, page by page."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.members(reading, self._book, name, after=cursor, limit=limit)

    def export(
        self,
        name: str,
        file_format: Format,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        path: Path | None = None,
    ) -> Exported:
        """Write all members of a segment to a file; to a temporary one when no path is given."""
        target = path or self._store.scratch / f"{secrets.token_hex(16)}.{file_format}"
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.export(reading, self._book, name, file_format, target)

    def advance(self) -> Advance:
        """Bring the recorded memberships of all segments to the present.

        A workspace that is open with `live` does so by itself.
        """
        return self._live.step()

    def live_members(self, name: str) -> Members | None:
        """Who is in a segment as of the last step of live membership; None when it is not kept."""
        return self._live.memberships.members(name)
