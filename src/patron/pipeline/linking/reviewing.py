"""What people are asked about, and what follows from what they say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, cast

from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError
from patron.pipeline.ingest import Ingest
from patron.pipeline.linking.messages import delivery, internal_source, review_message
from patron.pipeline.linking.run import Found
from patron.spec.identifiers import Identifier, IdentityRules
from patron.warehouse import linking as tables

Verdict = Literal["same", "different"]
VERDICTS: tuple[Verdict, ...] = ("same", "different")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about a pair."""

    verdict: str
    by: str
    reason: str | None


def decide_review(
    ingest: Ingest, rules: IdentityRules, review_id: int, said: Said, now: datetime
) -> None:
    """Keep what a person said, in the tables and in the log; runs in the writer's thread.

    Raises:
        NotFoundError: There is no such review.
        ConflictError: What was said cannot be.
    """
    cursor = ingest.cursor
    found = tables.review(cursor, review_id)
    if found is None:
        raise NotFoundError(f"There is no review {review_id}.")
    if said.verdict == "same":
        _check_unique(cursor, rules, found)
    elif found.profile_a == found.profile_b:
        raise ConflictError(
            f"Both are profile {found.profile_a} by now.",
            hint="What joined them must be undone first.",
        )
    pair = (identifier(cursor, found.a), identifier(cursor, found.b))
    with cursor.transaction():
        source_id = internal_source(cursor)
        tables.decide(
            cursor,
            review_id,
            cast("Verdict", said.verdict),
            by=said.by,
            reason=said.reason,
            now=now,
        )
    message = review_message(review_id, pair, asdict(said), now)
    ingest.commit_group([delivery(source_id, [message], now)])
    with cursor.transaction():
        tables.settle_joined(cursor)


def new_proposals(cursor: Cursor, found: Found) -> list[tuple[object, ...]]:
    """The pairs of a run that nobody was asked about yet, as rows of `tables.REVIEWS`."""
    known = _by_profiles(tables.reviews(cursor))
    return [row for pair, row in found.proposals.items() if not _asked(known.get(pair, []))]


def take_proposals(cursor: Cursor, found: Found) -> list[tuple[object, ...]]:
    """As `new_proposals`; closes what was asked before and is no longer in doubt.

    Args:
        cursor: Inside a write transaction.
        found: What the run found.
    """
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


def _check_unique(cursor: Cursor, rules: IdentityRules, found: tables.StoredReview) -> None:
    """Refuse to join two profiles that hold two values of an identifier that a person has once."""
    if found.profile_a == found.profile_b:
        return
    cursor.execute(
        "select type from current_identifiers where profile_id in (?, ?) "
        "and type in (select unnest(?::varchar[])) group by type having count(*) > 1 order by type",
        [found.profile_a, found.profile_b, [kind.name for kind in rules.types if kind.unique]],
    )
    row = cursor.one()
    if row is not None:
        raise ConflictError(
            f"Profiles {found.profile_a} and {found.profile_b} each have a {row[0]}, "
            "and the rules of identity allow one."
        )
