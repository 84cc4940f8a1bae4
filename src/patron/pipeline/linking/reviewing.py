"""What people are asked about, and what follows from what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError, told, unknown
from patron.identity import decision_rows
from patron.pipeline.identity import decisions
from patron.pipeline.identity.wishes import Join, Said, Unlink
from patron.pipeline.ingest import Ingest
from patron.pipeline.linking.run import Found, Proposal
from patron.spec.identifiers import Identifier
from patron.warehouse import linking as tables
from patron.warehouse.sources import BY_HAND

Verdict = Literal["same", "different"]
VERDICTS: tuple[Verdict, ...] = ("same", "different")

Pair = tuple[int, int]


def decide_review(ingest: Ingest, review_id: int, verdict: str, said: Said) -> dict[str, Any]:
    """Decide about a pair as by hand, and keep what was decided; runs in the writer's thread.

    Args:
        ingest: The writer's.
        review_id: Which pair.
        verdict: One of `VERDICTS`.
        said: By whom, why and when; the same message does nothing a second time.

    Returns:
        As `decisions.decide`.

    Raises:
        NotFoundError: There is no such review.
        ConflictError: What was said cannot be, or was decided before.
    """
    cursor = ingest.cursor
    found = tables.review(cursor, review_id)
    if found is None:
        raise NotFoundError(f"There is no review {review_id}.", told=unknown("review", review_id))
    if found.decision_id is not None and not _said_before(cursor, found.decision_id, said):
        raise ConflictError(
            f"Review {review_id} was decided: {found.state}, by decision {found.decision_id}.",
            hint=f"To decide anew, take that back: patron identity withdraw {found.decision_id}",
            told=told("review_decided", decision=found.decision_id),
        )
    one, other = str(identifier(cursor, found.a)), str(identifier(cursor, found.b))
    wish = Join(one, other) if verdict == "same" else Unlink(one, other)
    known = {row[0]: row[1] for row in tables.records(cursor, [found.profile_a, found.profile_b])}
    sides = known.get(found.profile_a, "{}"), known.get(found.profile_b, "{}")

    def keep(decision_id: int) -> None:
        tables.decide(cursor, review_id, decision_id, sides)
        tables.settle_joined(cursor)

    return decisions.decide(ingest, wish, said, also=keep)


def _said_before(cursor: Cursor, decision_id: int, said: Said) -> bool:
    [found] = decision_rows.read_decisions(cursor, BY_HAND, only=[decision_id])
    return bool(found["message_id"] == said.message_id)


def new_proposals(cursor: Cursor, found: Found) -> list[Proposal]:
    """The pairs of a run that nobody was asked about yet, as rows of `tables.REVIEWS`."""
    known = _by_profiles(tables.reviews(cursor))
    return [row for pair, row in found.proposals.items() if not _asked(known.get(pair, []))]


def take_proposals(cursor: Cursor, found: Found) -> list[Proposal]:
    """As `new_proposals`, once links are made; closes what was asked before and is settled.

    Args:
        cursor: Inside a write transaction.
        found: What the run found.
    """
    tables.settle_joined(cursor)
    found = _today(cursor, found)
    pending = _by_profiles(tables.reviews(cursor, state="pending"))
    gone = [
        each.review_id
        for pair, asked in pending.items()
        for each in asked
        if pair not in found.proposals and found.rescored & set(pair)
    ]
    if gone:
        tables.settle(cursor, gone, "withdrawn")
    return new_proposals(cursor, found)


def _today(cursor: Cursor, found: Found) -> Found:
    """What a run found, under the profiles that stand by now."""
    ends = sorted({end for row in found.proposals.values() for end in row[:2]})
    cursor.execute(
        "select identifier_id, profile_id from current_identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [ends],
    )
    owner: dict[int, int] = dict(cursor.all())
    cursor.execute(
        "select distinct coalesce(merged_into, profile_id) from profiles "
        "where profile_id in (select unnest(?::bigint[]))",
        [sorted(found.rescored)],
    )
    rescored = {row[0] for row in cursor.all()}
    proposals: dict[Pair, Proposal] = {}
    for row in found.proposals.values():
        one, other = sorted(owner.get(end, 0) for end in row[:2])
        if 0 < one < other:
            proposals.setdefault((one, other), row)
    return replace(found, proposals=proposals, rescored=rescored)


def identifier(cursor: Cursor, identifier_id: int) -> Identifier:
    """An identifier by its number."""
    cursor.execute("select type, value from identifiers where identifier_id = ?", [identifier_id])
    kind, value = cursor.one() or ("", "")
    return Identifier(kind, value)


def _by_profiles(found: list[tables.StoredReview]) -> dict[Pair, list[tables.StoredReview]]:
    known: dict[Pair, list[tables.StoredReview]] = {}
    for each in found:
        pair = (min(each.profile_a, each.profile_b), max(each.profile_a, each.profile_b))
        known.setdefault(pair, []).append(each)
    return known


def _asked(before: list[tables.StoredReview]) -> bool:
    return any(each.state in ("pending", *VERDICTS) for each in before)
