"""What is defined, and changing it: one by one, and everything as files say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from patron import definitions
from patron.collect.requests import RequestReader
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError, in_use, unknown
from patron.pipeline import (
    changes,
    checks,
    computed_traits,
    declared_traits,
)
from patron.pipeline.book import read_book
from patron.pipeline.tracking import tracking_plan, watch
from patron.pipeline.versions import versions
from patron.segments.catalogue import read_catalogue
from patron.segments.surviving import traits_view
from patron.spec.tracking_plans import check_sources
from patron.warehouse.sources import Sources
from patron.workspace.opened import Opened

T = TypeVar("T")


class Definitions(Opened):
    """Says what is defined, and changes it."""

    def put_segment(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a segment; versions before it are kept.

        Raises:
            RuleError: A rule is wrong, or names what was never seen.
            ConflictError: Others use a value that it would lose.
        """
        self._book.check_own("segment", name)
        wanted = checks.checked([{"kind": "segment", "name": name, "body": body}])
        with self.reading() as reading:
            catalogue = read_catalogue(reading.cursor, self._book.catalogue)
            warnings = checks.check_segment(
                name, body, self._book, catalogue, allow_unknown=allow_unknown
            )
        self._record(wanted)
        return {**self._saved_version("segment", name), "warnings": warnings}

    def restore_segment(self, name: str, version: int) -> dict[str, Any]:
        """Bring a version of a segment back, as a new version; also of one that was removed.

        Raises:
            NotFoundError: There is no such version.
            RuleError: It rests on segments or lists that are no more.
        """
        body = self.insights.version(name, version)
        return self.put_segment(name, body, allow_unknown=True)

    def delete_segment(self, name: str) -> dict[str, Any]:
        """Remove a segment.

        Raises:
            ConflictError: Others use it; says which.
        """
        self._book.check_own("segment", name)
        self._book.definition(name)
        users = checks.users_of(name, self._book)
        if users:
            raise ConflictError(
                f"Segment {name} is used by {', '.join(users)}.",
                told=in_use("segment", name, users),
            )
        return {**self._removed("segment", name), "version": None}

    def put_computed_trait(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a computed trait; the rules that rest on it change with it.

        Raises:
            RuleError: The expression is wrong, or names what was never seen, or a rule that rests
                on it makes no sense of it any more.
        """
        self._book.check_own("computed_trait", name)
        return self._put_made("computed_trait", name, body, allow_unknown=allow_unknown)

    def delete_computed_trait(self, name: str) -> dict[str, Any]:
        """Remove a computed trait.

        Raises:
            ConflictError: Others use it; says which.
        """
        self._book.check_own("computed_trait", name)
        return self._delete_made("computed_trait", name)

    def put_score(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a score; the rules that rest on it change with it.

        Raises:
            DefinitionError: It is wrong.
            RuleError: It names what was never seen.
            ConflictError: A computed trait has its name, or that of its growth.
        """
        return self._put_made("score", name, body, allow_unknown=allow_unknown)

    def delete_score(self, name: str) -> dict[str, Any]:
        """Remove a score.

        Raises:
            ConflictError: Others use it; says which.
        """
        return self._delete_made("score", name)

    def put_preference(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a preference; raises as `put_score`."""
        return self._put_made("preference", name, body, allow_unknown=allow_unknown)

    def delete_preference(self, name: str) -> dict[str, Any]:
        """Remove a preference.

        Raises:
            ConflictError: Others use it; says which.
        """
        return self._delete_made("preference", name)

    def _put_made(
        self, kind: str, name: str, body: dict[str, Any], *, allow_unknown: bool
    ) -> dict[str, Any]:
        """Make or change a definition that makes computed traits."""
        wanted = checks.checked([{"kind": kind, "name": name, "body": body}])
        with self.reading() as reading:
            catalogue = read_catalogue(reading.cursor, self._book.catalogue)
            warnings = computed_traits.check(
                kind, name, body, self._book, catalogue, allow_unknown=allow_unknown
            )
        self._record(wanted)
        return {**self._saved_version(kind, name), "warnings": warnings}

    def _delete_made(self, kind: str, name: str) -> dict[str, Any]:
        computed_traits.check_unused(kind, name, self._book)
        return {**self._removed(kind, name), "version": None}

    def put_trait(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change what is declared of a trait; an edit of every segment that reads it.

        Raises:
            DefinitionError: It is wrong, or another definition is of the same trait.
        """
        wanted = checks.checked([{"kind": "trait", "name": name, "body": body}])
        with self.reading() as reading:
            declared_traits.check(reading.cursor, name, body, self._book)
        self._record(wanted)
        return self._saved_version("trait", name)

    def delete_trait(self, name: str) -> dict[str, Any]:
        """Remove what is declared of a trait; its values stay, and the latest holds.

        Raises:
            NotFoundError: There is none.
            ConflictError: Another value would hold, and others read it; says which.
        """
        declared_traits.check_unused(name, self._book)
        return {**self._removed("trait", name), "version": None}

    def put_tracking_plan(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change a tracking plan; it is about what comes in from now on.

        Raises:
            DefinitionError: It makes no sense, or another plan is about a source of it.
        """
        wanted = checks.checked([{"kind": "tracking_plan", "name": name, "body": body}])
        plans = {**self._book.tracking_plans, name: tracking_plan(name, body)}
        check_sources(plans, {one.name for one in self._sources.all if one.active})
        self._record(wanted)
        return self._saved(name)

    def delete_tracking_plan(self, name: str) -> dict[str, Any]:
        """Remove a tracking plan; what was counted under it stays.

        Raises:
            NotFoundError: There is none.
        """
        self._book.tracking_plan(name)
        return self._removed("tracking_plan", name)

    def put_enrichment(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change an enrichment; the next run goes by it.

        Raises:
            DefinitionError: It makes no sense, or there is no such connector.
        """
        self._put("enrichment", name, body)
        return self._saved(name)

    def delete_enrichment(self, name: str) -> dict[str, Any]:
        """Remove an enrichment; what it said stays.

        Raises:
            NotFoundError: There is none.
        """
        self._book.enrichment(name)
        return self._removed("enrichment", name)

    def put_recurring_date(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change a date that recurs.

        Raises:
            DefinitionError: It makes no sense.
        """
        self._put("recurring_date", name, body)
        return self._saved(name)

    def delete_recurring_date(self, name: str) -> dict[str, Any]:
        """Remove a date that recurs; the events that it wrote stay.

        Raises:
            NotFoundError: There is none.
        """
        self._book.recurring_date(name)
        return self._removed("recurring_date", name)

    def put_webhook(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make or change a webhook; one that is changed goes on from where it was.

        Raises:
            DefinitionError: A field is wrong, or its URL may not be sent to.
        """
        self._put("webhook", name, body)
        return {"position": self._ingest.position, **self.webhooks.state(name)}

    def delete_webhook(self, name: str) -> dict[str, Any]:
        """Remove a webhook, with how far it had come.

        Raises:
            NotFoundError: There is none.
        """
        self.webhooks.state(name)
        return self._removed("webhook", name)

    def definitions(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All definitions as files would hold them."""
        with self.reading(min_position=min_position) as reading:
            held = definitions.current(reading.cursor)
            found = [
                {"kind": kind, "name": name, "body": stored.body, "path": None}
                for (kind, name), stored in sorted(held.items())
            ]
            return {**reading.head, "data": found}

    def versions(self, kind: str, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """All versions of a definition, the newest first; of one that was removed too.

        Raises:
            DefinitionError: There is no such kind.
            NotFoundError: There never was one of this name.
        """
        with self.reading(min_position=min_position) as reading:
            found = versions(reading, kind, name)
            if not found:
                raise NotFoundError(
                    f"There never was a definition {kind} {name}.", told=unknown("definition", name)
                )
            return {**reading.head, "kind": kind, "name": name, "data": found}

    def plan(
        self,
        documents: list[dict[str, Any]],
        *,
        prune: bool = False,
        as_of: datetime | None = None,
        counts: bool = True,
    ) -> dict[str, Any]:
        """What a set of definitions would change. Changes nothing."""
        wanted = checks.checked(documents)
        with self.reading(as_of=as_of) as reading:
            made = changes.plan(
                reading.cursor, self._book, wanted,
                prune=prune, as_of=reading.as_of, counts=counts,
            )  # fmt: skip
            return {**reading.head, "applied": False, **changes.shown(made)}

    def apply(self, documents: list[dict[str, Any]], *, prune: bool = False) -> dict[str, Any]:
        """Make a set of definitions hold, in one transaction."""
        wanted = checks.checked(documents)
        now = self.clock.now()
        made = self._change(
            lambda cursor: changes.apply(cursor, self._book, wanted, prune=prune, now=now)
        )
        with self.reading() as reading:
            return {**reading.head, "applied": True, **changes.shown(made)}

    def _put(self, kind: str, name: str, body: dict[str, Any]) -> None:
        """Make or change a definition that needs no check but that of its fields."""
        self._record(checks.checked([{"kind": kind, "name": name, "body": body}]))

    def _removed(self, kind: str, name: str) -> dict[str, Any]:
        """Remove a definition that is there, and that nothing needs."""
        self._record({(kind, name): None})
        return self._saved(name)

    def _record(self, wanted: changes.Removable) -> None:
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))

    def _change(self, call: Callable[[Cursor], T], *, of_everybody: bool = False) -> T:
        """Run a change of definitions in the writer's thread, and take it into memory.

        Args:
            call: Is given the writer's cursor, in a transaction.
            of_everybody: Who is who may be another afterwards.
        """

        def change() -> T:
            # Until identity is read anew, it is not what the tables say.
            with self._ingest.resolver.aside():
                with self._ingest.cursor.transaction():
                    result = call(self._ingest.cursor)
                before = self._book.survivorships
                self._book = read_book(self._ingest.cursor, self.settings.time_zone)
                if self._book.survivorships != before:
                    self._ingest.cursor.execute(traits_view(self._book.survivorships))
                self._sources = Sources(self._ingest.cursor)
                self._ingest.watch = watch(
                    self._book.tracking_plans, self._book.traits, self._sources.all
                )
                if of_everybody or self._book.identity != self._ingest.rules:
                    self._ingest.use_rules(self._book.identity)
                    self._reader = RequestReader(self._book.identity)
            return result

        changed = self._writer.run(change)
        self.pulls.look_again()
        self.enrichments.look_again()
        self.recurring_dates.look_again()
        self.webhooks.look_again()
        if self._live.running:
            # What is collected after this answer counts as an entry, not as part of the first fill.
            self._live.step()
        return changed

    def _saved_version(self, kind: str, name: str) -> dict[str, Any]:
        with self.reading() as reading:
            held = definitions.get(reading.cursor, kind, name)
        return {**self._saved(name), "version": None if held is None else held.version}

    def _saved(self, name: str) -> dict[str, Any]:
        return {"position": self._ingest.position, "name": name}
