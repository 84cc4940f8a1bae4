"""Changing the rules of identity: seeing what it comes to, doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from patron.definitions import Body
from patron.definitions.store import Origin
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, told
from patron.pipeline.book import read_book
from patron.pipeline.identity import apply, plan
from patron.pipeline.identity.messages import Rereading
from patron.pipeline.identity.plan import Wanted
from patron.pipeline.identity.rules_held import rules_held
from patron.pipeline.identity.work import Action, Progress
from patron.warehouse.reading import Reading
from patron.workspace.definitions import Definitions

Choose = Callable[[Cursor], Wanted]

WAIT = 2.0
"""Seconds to wait for work to be done before it is answered that it runs."""


class RulesOfIdentity(Definitions):
    """Tells the rules of identity, and changes them while customers are stored."""

    def identity_rules(
        self, version: int | None = None, *, min_position: int | None = None
    ) -> dict[str, Any]:
        """The rules of identity that hold, or those of one version; see `rules_held`.

        Args:
            version: Which one, 0 the default rules; those that hold when None.
            min_position: The answer must hold at least this log position.

        Raises:
            NotFoundError: There is no such version.
        """
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, **rules_held(reading.cursor, version)}

    def plan_identity(
        self,
        body: Body | None,
        *,
        name: str | None = None,
        as_of: datetime | None = None,
        segments: bool = True,
        wait: float = WAIT,
    ) -> dict[str, Any]:
        """What other rules would come to. Changes nothing.

        Args:
            body: The rules; None for the default rules.
            name: What the definition is called; as it is now when None.
            as_of: The moment that members of segments are counted for, naive UTC.
            segments: Whether to count members of segments.
            wait: Seconds to wait for the end; larger workspaces take longer.

        Returns:
            How the work stands (see `pipeline.identity.work`), with the plan once it is done.

        Raises:
            DefinitionError: The rules are wrong.
        """
        return self._plan(_given(name, body), as_of=as_of, segments=segments, wait=wait)

    def plan_identity_revert(
        self,
        version: int | None = None,
        *,
        as_of: datetime | None = None,
        segments: bool = True,
        wait: float = WAIT,
    ) -> dict[str, Any]:
        """What it would come to to bring an earlier version back; see `plan_identity`.

        Args:
            version: Which one; the one before that which holds when None.
            as_of: The moment that members of segments are counted for, naive UTC.
            segments: Whether to count members of segments.
            wait: Seconds to wait for the end.

        Raises:
            NotFoundError: There is no such version.
        """
        return self._plan(_earlier(version), as_of=as_of, segments=segments, wait=wait)

    def apply_identity(
        self,
        body: Body | None,
        *,
        fingerprint: str | None,
        name: str | None = None,
        origin: Origin = "api",
        wait: float = WAIT,
    ) -> dict[str, Any]:
        """Have other rules hold, and everybody be who they make them, in one transaction.

        Args:
            body: The rules; None for the default rules.
            fingerprint: Of the plan that this must come to; None for whatever it comes to.
            name: What the definition is called; as it is now when None.
            origin: Who gives the rules.
            wait: Seconds to wait for the end.

        Returns:
            How the work stands, with what was done once it is.

        Raises:
            ConflictError: It comes to something else than the plan did, or the rules forbid what
                people have decided by hand.
            DefinitionError: The rules are wrong.
        """
        return self._apply("apply", _given(name, body), fingerprint, origin, wait)

    def revert_identity(
        self,
        version: int | None = None,
        *,
        fingerprint: str | None,
        origin: Origin = "api",
        wait: float = WAIT,
    ) -> dict[str, Any]:
        """Bring an earlier version of the rules back, for all messages; see `apply_identity`.

        Args:
            version: Which one; the one before that which holds when None.
            fingerprint: Of the plan that this must come to; None for whatever it comes to.
            origin: Who asks for it.
            wait: Seconds to wait for the end.

        Raises:
            ConflictError: It comes to something else than the plan did.
            NotFoundError: There is no such version.
        """
        return self._apply("revert", _earlier(version), fingerprint, origin, wait)

    def identity_work(self, work_id: str) -> dict[str, Any]:
        """How a plan or a change of the rules stands.

        Raises:
            NotFoundError: There is none of this id.
        """
        return asdict(self._identity_work.state(work_id))

    def _plan(
        self, choose: Choose, *, as_of: datetime | None, segments: bool, wait: float
    ) -> dict[str, Any]:
        def call(tell: Progress) -> dict[str, Any]:
            with self.reading(as_of=as_of) as reading:
                book = read_book(reading.cursor, self.settings.time_zone)
                wanted = choose(reading.cursor)
                reckoning = plan.reckon(reading.cursor, book.identity, wanted, tell)
                return plan.report(reading, book, wanted, reckoning, tell, segments=segments)

        return asdict(self._identity_work.start("plan", call, wait))

    def _apply(
        self, action: Action, choose: Choose, fingerprint: str | None, origin: Origin, wait: float
    ) -> dict[str, Any]:
        def call(tell: Progress) -> dict[str, Any]:
            rereading = self._read_before(choose, tell)
            return self._change(
                lambda cursor: self._changed(cursor, choose, fingerprint, origin, tell, rereading),
                of_everybody=True,
            )

        return asdict(self._identity_work.start(action, call, wait))

    def _read_before(self, choose: Choose, tell: Progress) -> Rereading | None:
        """Read all messages that must be read while others are still stored beside it."""
        with self.reading() as reading:
            wanted = choose(reading.cursor)
            held = self._book.identity
            if plan.parts_only(held, wanted.rules):
                return None
            rereading = Rereading(wanted.rules, held)
            rereading.read(reading.cursor, tell)
            return rereading

    def _changed(
        self,
        cursor: Cursor,
        choose: Choose,
        fingerprint: str | None,
        origin: Origin,
        tell: Progress,
        rereading: Rereading | None,
    ) -> dict[str, Any]:
        """Reckon again, and write it down; inside the writer's transaction."""
        now = self.clock.now()
        wanted = choose(cursor)
        reckoning = plan.reckon(cursor, self._book.identity, wanted, tell, rereading)
        reading = Reading(cursor, self._ingest.position, now)
        done = plan.summary(reading, self._book, wanted, reckoning, applied=True)
        if fingerprint is not None and fingerprint != done["fingerprint"]:
            raise ConflictError(
                "The change would come to something else by now than the plan says: what is "
                "stored has changed, or the rules have.",
                hint="Plan again and look at the numbers.",
                told=told("plan_outdated"),
            )
        for one in done["contradicts"]:
            numbers = ", ".join(map(str, one["decisions"]))
            raise ConflictError(
                f"Under these rules a customer has one {one['type']}, and people have decided that "
                f"several are one person: decision {numbers}.",
                hint="Take back what no longer holds, then apply.",
                told=told("against_decisions", type=one["type"], decisions=numbers),
            )
        tell("Writing", 0, None)
        apply.apply(cursor, wanted, reckoning, now, origin)
        return done


def _given(name: str | None, body: Body | None) -> Choose:
    return lambda cursor: plan.wanted_rules(cursor, name, body)


def _earlier(version: int | None) -> Choose:
    return lambda cursor: plan.earlier_rules(cursor, version)
