"""Undoing merges and making them, by hand."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from patron.errors import InputError
from patron.identity import decision_rows
from patron.identity.held_back_page import held_back_page
from patron.pipeline.identity import decisions, history
from patron.pipeline.identity.merges import newest_merges
from patron.pipeline.identity.wishes import GoBack, Join, Said, TakeOut, Unlink, Wish, Withdraw
from patron.warehouse.sources import BY_HAND, Sources
from patron.workspace.opened import Opened

ADMIN = "admin"
"""Who decided, where nobody is named."""


class Words(TypedDict, total=False):
    """Who decides and why, and how the decision is made.

    Attributes:
        reason: Why; kept with the decision.
        made_by: Who decides.
        on_behalf_of: For whom, in words.
        message_id: The same one does nothing a second time.
        preview: Change nothing, only tell what would.
        fingerprint: Of the preview that it must still come to.
    """

    reason: Required[str]
    made_by: str
    on_behalf_of: str | None
    message_id: str | None
    preview: bool
    fingerprint: str | None


class IdentityDecisions(Opened):
    """Decides who is who by hand, and says what was decided."""

    def unmerge(
        self,
        *,
        link: tuple[str, str] | None = None,
        identifier: str | None = None,
        profile: str | None = None,
        before: datetime | None = None,
        **words: Unpack[Words],
    ) -> dict[str, Any]:
        """Part what was merged; it stays apart until the decision is taken back.

        Give one of `link`, `identifier`, or `profile` with `before`.

        Args:
            link: Two identifiers, such as ``email:ann@example.com``, that are two people.
            identifier: One that leaves its profile.
            profile: An identifier or profile id of a customer who was several ones…
            before: …before this moment, naive UTC, and is to be them again.
            **words: Who decides and why; see `Words`.

        Returns:
            The decision and the customers that it is about, as they are afterwards.

        Raises:
            InputError: Not exactly one way to part was named.
            NotFoundError: An identifier or profile is not known.
            ConflictError: Another decision says otherwise, there is nothing to part, or it comes to
                something else than the preview.
        """
        return self._decide(_parted(link, identifier, profile, before), **words)

    def merge(self, one: str, other: str, **words: Unpack[Words]) -> dict[str, Any]:
        """Say that two identifiers are one person, whatever links there are; see `unmerge`.

        Raises:
            ConflictError: Another decision says otherwise, or a profile would hold two values of
                a unique type.
        """
        return self._decide(Join(one, other), **words)

    def withdraw(self, decision_id: int, **words: Unpack[Words]) -> dict[str, Any]:
        """Take a decision back: who is who is then as if it had never been made; see `unmerge`.

        Raises:
            NotFoundError: There is no such decision.
            ConflictError: It was taken back before.
        """
        return self._decide(Withdraw(decision_id), **words)

    def decisions(
        self,
        *,
        standing: bool = False,
        below: int | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What was decided by hand, newest first.

        Args:
            standing: Only what still holds.
            below: Where the page before ended: decisions with smaller numbers.
            limit: How many at most.
            min_position: The answer must hold at least this log position.
        """
        with self.reading(min_position=min_position) as reading:
            found = decision_rows.read_decisions(
                reading.cursor, BY_HAND, standing=standing, below=below, most=limit + 1
            )
            end = found[limit - 1]["decision_id"] if len(found) > limit else None
            return {**reading.head, "data": found[:limit], "next": end}

    def held_back(
        self,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Identifiers that came with too many people and join nobody, those with the most first.

        Args:
            kind: Only of this type; None for all.
            cursor: Where the page before ended.
            limit: How many at most.
            min_position: The answer must hold at least this log position.

        Raises:
            InputError: There is no such type, or no such place.
        """
        rules = self._book.identity
        if kind is not None and rules.rank(kind) is None:
            raise InputError(f"The rules of identity name no type {kind}.", field="type")
        with self.reading(min_position=min_position) as reading:
            found = held_back_page(reading.cursor, rules, kind=kind, after=cursor, limit=limit)
            return {**reading.head, **found}

    def merges(
        self,
        *,
        kind: str | None = None,
        below: int | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Merges and splits of everybody, the newest first; see `newest_merges`.

        Args:
            kind: Only these, ``merge`` or ``split``; both when None.
            below: Where the page before ended: those with smaller numbers.
            limit: How many at most.
            min_position: The answer must hold at least this log position.
        """
        with self.reading(min_position=min_position) as reading:
            return newest_merges(reading, self._book.identity, kind=kind, below=below, limit=limit)

    def identity_history(
        self, identifier: str, *, min_position: int | None = None
    ) -> dict[str, Any]:
        """Merges, splits and decisions that made a customer who they are, newest first."""
        with self.reading(min_position=min_position) as reading:
            return history.history(reading, self._book.identity, identifier)

    def _decide(self, wish: Wish, **words: Unpack[Words]) -> dict[str, Any]:
        message_id = words.get("message_id") or secrets.token_hex(16)

        def call() -> dict[str, Any]:
            said = Said(
                reason=words["reason"],
                made_by=words.get("made_by", ADMIN),
                # The clock is read in the writer's thread, so decisions are dated in their order.
                made_at=self.clock.now(),
                message_id=message_id,
                on_behalf_of=words.get("on_behalf_of"),
            )
            answer = decisions.decide(
                self._ingest, wish, said,
                preview=words.get("preview", False), fingerprint=words.get("fingerprint"),
            )  # fmt: skip
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
