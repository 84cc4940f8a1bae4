"""Decisions by hand about who is who: from what somebody says to the rows that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, told
from patron.identity import Decision, Resolution, decision_rows, write
from patron.pipeline.identity.affected import Outcome, customers_after
from patron.pipeline.identity.wishes import Said, Wish, Withdraw
from patron.pipeline.ingest import Ingest
from patron.spec.decisions import Decided, DecisionBody
from patron.spec.keys import keys_of, message_key_text
from patron.warehouse.landing import count
from patron.warehouse.sources import BY_HAND, internal_source, number_of_source

_MESSAGE = """
insert into messages by name
select ? as position, ? as source_id, ? as message_id, ? as key_hi, ? as key_lo, ? as type,
    ? as occurred_at, ? as received_at, ? as body
"""


Also = Callable[[int], None]
"""Writes what goes with a decision, in its transaction; is given its number."""


def decide(
    ingest: Ingest,
    wish: Wish,
    said: Said,
    *,
    preview: bool = False,
    fingerprint: str | None = None,
    also: Also | None = None,
) -> dict[str, Any]:
    """Decide something about who is who, in one transaction, or tell what that would do.

    Runs in the writer's thread.

    Args:
        ingest: The writer's.
        wish: What is to hold.
        said: By whom, why and when.
        preview: Change nothing.
        fingerprint: Of the preview that this must come to; None for whatever it comes to.
        also: Writes more in the same transaction; not when the message came before.

    Returns:
        `decision`, `customers` as they are afterwards and their `fingerprint` (see `Outcome`);
        whether it was `applied`, and whether the message had come before and was `repeated`.

    Raises:
        InputError: It cannot be said so.
        NotFoundError: An identifier, profile or decision is not known.
        ConflictError: It contradicts other decisions or the rules, there is nothing to decide, it
            comes to something else than the preview, or the message id was used for something else.
    """
    if not preview:
        repeated = _repeated(ingest, wish, said)
        if repeated is not None:
            return repeated
    with _taken_back(ingest) if preview else ingest.transaction():
        made = _made(ingest, wish, said)
        resolution = made.resolve(ingest)
        outcome = customers_after(ingest.cursor, ingest.resolver, made.identifiers, resolution)
        if fingerprint not in (None, outcome.fingerprint):
            raise ConflictError(
                "It would come to something else by now than the preview says: other messages or "
                "decisions came in between.",
                hint="Look at a new preview.",
                told=told("preview_outdated"),
            )
        if not preview:
            key = _store(ingest, made, resolution)
            if also is not None:
                also(made.decision_id)
    if preview:
        return _answer(made.shown(), outcome)
    ingest.advance(key, resolution)
    return _answer(shown(ingest.cursor, made.decision_id), outcome, applied=True)


def shown(cursor: Cursor, decision_id: int) -> dict[str, Any]:
    """A decision as the API shows it."""
    [found] = decision_rows.read_decisions(cursor, BY_HAND, only=[decision_id])
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision that is made or taken back, with the names of what it is about.

    Attributes:
        wish: What somebody wants.
        said: By whom, why and when.
        decision_id: Its number.
        identifiers: All that it names.
        decision: The new one; None when one is taken back.
        groups: The new one's, as ``type:value``.
        before: The one that is taken back, as the API shows it.
    """

    wish: Wish
    said: Said
    decision_id: int
    identifiers: list[int]
    decision: Decision | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    before: dict[str, Any] | None = None

    def resolve(self, ingest: Ingest) -> Resolution:
        """Let identity follow; its memory is ahead of the tables then."""
        if self.decision is None:
            return ingest.resolver.withdraw(self.decision_id, occurred_at=self.said.made_at)
        return ingest.resolver.decide(self.decision, occurred_at=self.said.made_at)

    def shown(self) -> dict[str, Any]:
        """As the API shows what is not made yet."""
        if self.decision is None:
            return dict(self.before or {})
        return {
            "decision_id": None,
            "kind": self.decision.kind,
            "groups": [list(group) for group in self.groups],
            "reason": self.said.reason,
            "made_by": self.said.made_by,
            "on_behalf_of": self.said.on_behalf_of,
            "made_at": format_time(self.said.made_at),
            "source": BY_HAND,
            "message_id": self.said.message_id,
            "withdrawn": None,
        }

    def body(self) -> DecisionBody:
        """The message that says so."""
        decided = Decided(
            asked=self.wish.asked,
            decision_id=self.decision_id,
            reason=self.said.reason,
            made_by=self.said.made_by,
            on_behalf_of=self.said.on_behalf_of,
            decided=None if self.decision is None else self.decision.kind,
            groups=self.groups,
        )
        return DecisionBody(
            type=self.wish.type,
            message_id=self.said.message_id,
            timestamp=format_time(self.said.made_at),
            decision=decided,
        )


def _made(ingest: Ingest, wish: Wish, said: Said) -> _Made:
    cursor = ingest.cursor
    if isinstance(wish, Withdraw):
        wish.check(cursor)
        return _Made(
            wish, said, wish.decision_id, decision_rows.identifiers_in(cursor, wish.decision_id),
            before=shown(cursor, wish.decision_id),
        )  # fmt: skip
    decision = Decision(
        decision_id=decision_rows.next_decision(cursor),
        kind=wish.kind,
        groups=wish.groups(cursor, ingest.resolver),
        made_at=said.made_at,
        reason=said.reason,
    )
    names = decision_rows.named(cursor, decision.identifiers)
    return _Made(
        wish, said, decision.decision_id, list(decision.identifiers), decision,
        tuple(tuple(names[one] for one in group) for group in decision.groups),
    )  # fmt: skip


def _store(ingest: Ingest, made: _Made, resolution: Resolution) -> np.ndarray:
    """Write all of it; returns the key of the message."""
    cursor, said = ingest.cursor, made.said
    source_id = internal_source(cursor, BY_HAND)
    key = keys_of([message_key_text(source_id, said.message_id)])
    cursor.execute(
        _MESSAGE,
        [
            ingest.position + 1, source_id, said.message_id, int(key[0, 0]), int(key[0, 1]),
            made.wish.type, said.made_at, said.made_at, made.body().text(),
        ],
    )  # fmt: skip
    count(cursor, source_id, stored=1, duplicate=0, quarantined=0)
    write(cursor, resolution, recorded_at=said.made_at)
    if made.decision is None:
        decision_rows.withdraw_decision(cursor, made.decision_id, said.made_at)
    else:
        decision_rows.put_decision(
            cursor, made.decision,
            made_by=said.made_by, source_id=source_id, message_id=said.message_id,
        )  # fmt: skip
    return key


def _repeated(ingest: Ingest, wish: Wish, said: Said) -> dict[str, Any] | None:
    """The answer to a message that came before; None to a new one."""
    cursor = ingest.cursor
    source_id = number_of_source(cursor, BY_HAND)
    if source_id is None:
        return None
    key = keys_of([message_key_text(source_id, said.message_id)])
    position = int(ingest.keys.find(key)[0])
    if position < 0:
        return None
    body = cursor.execute("select body from messages where position = ?", [position]).value()
    known = DecisionBody.read(body)
    if (known.type, known.decision.asked) != (wish.type, wish.asked):
        raise ConflictError(
            f"Message {said.message_id} said something else already.",
            field="message_id",
            hint="Give each decision a message id of its own, or none.",
        )
    return _answer(shown(cursor, known.decision.decision_id), None, applied=True, repeated=True)


def _answer(
    decision: dict[str, Any],
    outcome: Outcome | None,
    *,
    applied: bool = False,
    repeated: bool = False,
) -> dict[str, Any]:
    return {
        "applied": applied,
        "repeated": repeated,
        "decision": decision,
        "customers": [] if outcome is None else outcome.customers,
        "fingerprint": None if outcome is None else outcome.fingerprint,
    }


@contextmanager
def _taken_back(ingest: Ingest) -> Iterator[None]:
    """Identity's memory as it was, whatever is tried in between."""
    try:
        yield
    finally:
        ingest.resolver.rollback()
