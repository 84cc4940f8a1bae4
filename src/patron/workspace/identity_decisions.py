"""Undoing merges and making them, by hand."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from patron.errors import InputError
from patron.identity import decision_rows
from patron.pipeline.identity import decisions, history
from patron.pipeline.identity.wishes import GoBack, Join, Said, TakeOut, Unlink, Wish, Withdraw
from patron.warehouse.sources import BY_HAND, Sources
from patron.workspace.opened import Opened

ADMIN = "admin"
"""Who decided, where nobody is named."""


class IdentityDecisions(Opened):
    """Decides who is who by hand, and says what was decided."""

    def unmerge(
        self,
        *,
        reason: str,
        link: tuple[str, str] | None = None,
        identifier: str | None = None,
        profile: str | None = None,
        before: datetime | None = None,
        made_by: str = ADMIN,
        message_id: str | None = None,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Part what was merged; it stays apart until the decision is taken back.

        Give one of `link`, `identifier`, or `profile` with `before`.

        Args:
            reason: Why; kept with the decision.
            link: Two identifiers, such as ``email:ann@example.com``, that are two people.
            identifier: One that leaves its profile.
            profile: An identifier or profile id of a customer who was several ones…
            before: …before this moment, naive UTC, and is to be them again.
            made_by: Who decides.
            message_id: The same one does nothing a second time.
            preview: Change nothing, only tell what would part.

        Returns:
            The decision and the customers that it is about, as they are afterwards.

        Raises:
            InputError: Not exactly one way to part was named.
            NotFoundError: An identifier or profile is not known.
            ConflictError: Another decision says otherwise, or there is nothing to part.
        """
        wish = _parted(link, identifier, profile, before)
        return self._decide(wish, reason, made_by, message_id, preview=preview)

    def merge(
        self,
        one: str,
        other: str,
        *,
        reason: str,
        made_by: str = ADMIN,
        message_id: str | None = None,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Say that two identifiers are one person, whatever links there are; see `unmerge`.

        Raises:
            ConflictError: Another decision says otherwise, or a profile would hold two values of
                a unique type.
        """
        return self._decide(Join(one, other), reason, made_by, message_id, preview=preview)

    def withdraw(
        self,
        decision_id: int,
        *,
        reason: str,
        made_by: str = ADMIN,
        message_id: str | None = None,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Take a decision back: who is who is then as if it had never been made; see `unmerge`.

        Raises:
            NotFoundError: There is no such decision.
            ConflictError: It was taken back before.
        """
        return self._decide(Withdraw(decision_id), reason, made_by, message_id, preview=preview)

    def decisions(
        self, *, standing: bool = False, min_position: int | None = None
    ) -> dict[str, Any]:
        """What was decided by hand, newest first; with `standing` only what still holds."""
        with self.reading(min_position=min_position) as reading:
            found = decision_rows.read_decisions(reading.cursor, BY_HAND, standing=standing)
            return {**reading.head, "data": found}

    def identity_history(
        self, identifier: str, *, min_position: int | None = None
    ) -> dict[str, Any]:
        """Merges, splits and decisions that made a customer who they are, newest first."""
        with self.reading(min_position=min_position) as reading:
            return history.history(reading, self._book.identity, identifier)

    def _decide(
        self, wish: Wish, reason: str, made_by: str, message_id: str | None, *, preview: bool
    ) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            # The clock is read in the writer's thread, so decisions are dated in their order.
            said = Said(reason, made_by, self.clock.now(), message_id or secrets.token_hex(16))
            answer = decisions.decide(self._ingest, wish, said, preview=preview)
            if answer["applied"] and BY_HAND not in self._sources.by_name:
                self._sources = Sources(self._ingest.cursor)
            return answer

        answer = self._writer.run(call)
        return {"position": self._ingest.position, **answer}


def _parted(
    link: tuple[str, str] | None,
    identifier: str | None,
    profile: str | None,
    before: datetime | None,
) -> Wish:
    ways: list[Wish] = []
    if link is not None:
        ways.append(Unlink(*link))
    if identifier is not None:
        ways.append(TakeOut(identifier))
    if profile is not None and before is not None:
        ways.append(GoBack(profile, before))
    if len(ways) != 1 or (profile is None) != (before is None):
        raise InputError("Give one of link, identifier, or profile together with before.")
    return ways[0]
