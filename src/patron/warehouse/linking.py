"""Tables of linking: trained models, records of profiles, runs, and what reviewers are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

from patron.engines.duckdb import Cursor

State = Literal["pending", "same", "different", "settled", "withdrawn"]
"""What became of a review: decided by a person, and that stands; settled, as both are one profile
by now; or withdrawn, as they are not that much alike any more."""

RECORDS = pa.schema([("profile_id", pa.int64()), ("fields", pa.string())])
REVIEWS = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("evidence", pa.string()),
        ("left_places", pa.string()),
        ("right_places", pa.string()),
    ]
)

_REVIEWS = """
select review_id, a, b, model, version, weight, probability, evidence, state, proposed_at,
    decision_id, decided_at, decided_by, reason, profile_a, profile_b, left_places, right_places
from (
    select r.* replace (
            case when d.kind = 'same' then 'same' when d.kind = 'apart' then 'different'
                when r.state = 'decided' then 'pending' else r.state end as state,
            d.decision_id as decision_id
        ),
        d.made_at as decided_at, d.made_by as decided_by, d.reason,
        one.profile_id as profile_a, other.profile_id as profile_b
    from linking_reviews as r
    join current_identifiers as one on one.identifier_id = r.a
    join current_identifiers as other on other.identifier_id = r.b
    left join identity_decisions as d
        on d.decision_id = r.decision_id and d.withdrawn_at is null
)
"""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A trained model, and when it was made of what."""

    name: str
    version: int
    body: str
    records: int
    labels: int
    trained_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the records of profiles go.

    Attributes:
        stamp: Number of the refresh.
        position: Messages up to here are in them.
        merge_id: Merges up to here.
        identifier_id: Identifiers up to here.
        fields: Which fields they have, as JSON.
    """

    stamp: int
    position: int
    merge_id: int
    identifier_id: int
    fields: str


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did."""

    model: str
    version: int
    stamp: int
    scored: int
    records: int
    linked: int
    refused: int
    reviews: int


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A pair that a person is, or was, asked about.

    Attributes:
        a: Identifier of one profile.
        b: Identifier of the other.
        decision_id: What was decided, and stands.
        profile_a: The profile that has `a` now.
        profile_b: The profile that has `b` now.
        left_places: Where the values stand that were compared of one side; None: not noted.
        right_places: And of the other.
    """

    review_id: int
    a: int
    b: int
    model: str
    version: int
    weight: float
    probability: float
    evidence: str
    state: State
    proposed_at: datetime
    decision_id: int | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    profile_a: int
    profile_b: int
    left_places: str | None
    right_places: str | None


# Models


def put_model(
    cursor: Cursor, name: str, body: str, *, records: int, labels: int, now: datetime
) -> StoredModel:
    """Keep a newly trained model as the next version of its name."""
    newest = cursor.execute(
        "select coalesce(max(version), 0) from linking_models where name = ?", [name]
    ).value()
    model = StoredModel(name, int(newest) + 1, body, records, labels, now)
    cursor.execute(
        "insert into linking_models values (?, ?, ?, ?, ?, ?)",
        [name, model.version, body, records, labels, now],
    )
    return model


def models(cursor: Cursor, name: str | None = None) -> list[StoredModel]:
    """All models, or those of one name: by name, the newest version first."""
    cursor.execute(
        "select name, version, body, records, labels, trained_at from linking_models "
        "where $name is null or name = $name order by name, version desc",
        {"name": name},
    )
    return [StoredModel(*row) for row in cursor.all()]


# Records of profiles


def progress(cursor: Cursor) -> Progress | None:
    """How far the records go; None before the first refresh."""
    cursor.execute("select stamp, position, merge_id, identifier_id, fields from linking_progress")
    row = cursor.one()
    return None if row is None else Progress(*row)


def reached(cursor: Cursor, before: Progress | None, fields: str) -> Progress:
    """How far records go that are read in this view, as the refresh after another."""
    cursor.execute(
        "select (select coalesce(max(position), 0) from messages), "
        "(select coalesce(max(merge_id), 0) from merges), "
        "(select coalesce(max(identifier_id), 0) from identifiers)"
    )
    position, merge_id, identifier_id = cursor.one() or (0, 0, 0)
    stamp = 1 if before is None else before.stamp + 1
    return Progress(stamp, position, merge_id, identifier_id, fields)


def changed(cursor: Cursor, since: Progress) -> list[int]:
    """The standing profiles whose traits or identifiers changed."""
    cursor.execute(
        "select profile_id from current_traits where position > $position union "
        "select profile_id from current_identifiers where identifier_id > $identifier_id union "
        "select coalesce(p.merged_into, p.profile_id) from merges as m join profiles as p "
        "on p.profile_id = m.kept_profile_id or p.profile_id = m.other_profile_id "
        "where m.merge_id > $merge_id order by 1",
        {
            "position": since.position,
            "identifier_id": since.identifier_id,
            "merge_id": since.merge_id,
        },
    )
    return [row[0] for row in cursor.all()]


def put_records(
    cursor: Cursor, rows: Iterable[tuple[int, str]], upto: Progress, *, of: Sequence[int] | None
) -> None:
    """Replace the records of some profiles, or of all, and drop those that stand no more.

    Args:
        cursor: Inside a write transaction.
        rows: Profiles with their fields, as JSON.
        upto: How far they go.
        of: The profiles that were read again; None for all.
    """
    if of is None:
        cursor.execute("delete from linking_records")
    else:
        cursor.over(
            pa.table({"profile_id": pa.array(of, pa.int64())}),
            "delete from linking_records where profile_id in (select profile_id from {rows})",
        )
        cursor.execute(
            "delete from linking_records where profile_id in "
            "(select profile_id from profiles where merged_into is not null)"
        )
    ids, fields = [], []
    for profile_id, text in rows:
        ids.append(profile_id)
        fields.append(text)
    table = pa.table([ids, fields], schema=RECORDS)
    table = table.append_column("stamp", pa.array([upto.stamp] * len(ids), pa.int64()))
    cursor.over(table, "insert into linking_records by name select * from {rows}")
    cursor.execute("delete from linking_progress")
    cursor.execute(
        "insert into linking_progress values (?, ?, ?, ?, ?)",
        [upto.stamp, upto.position, upto.merge_id, upto.identifier_id, upto.fields],
    )


def records(cursor: Cursor, of: Sequence[int] | None = None) -> list[tuple[int, str, int]]:
    """Profile, fields as JSON, and stamp of all records, or of some profiles, by profile."""
    chosen = "" if of is None else "where profile_id in (select unnest(?::bigint[])) "
    cursor.execute(
        f"select profile_id, fields, stamp from linking_records {chosen}order by profile_id",
        None if of is None else [list(of)],
    )
    return cursor.all()


# Runs


def last_run(cursor: Cursor, model: str, version: int) -> Run | None:
    """The last run of a version of a model."""
    cursor.execute(
        "select model, version, stamp, scored, records, linked, refused, reviews "
        "from linking_runs where model = ? and version = ? order by run_id desc limit 1",
        [model, version],
    )
    row = cursor.one()
    return None if row is None else Run(*row)


def put_run(cursor: Cursor, run: Run, now: datetime) -> None:
    """Note what a run did."""
    cursor.execute(
        "insert into linking_runs select coalesce(max(run_id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? "
        "from linking_runs",
        [run.model, run.version, run.stamp, run.scored, run.records, run.linked, run.refused,
         run.reviews, now],
    )  # fmt: skip


def fate_of_links(cursor: Cursor, message_ids: Sequence[str], source_id: int) -> tuple[int, int]:
    """How many links of some messages the rules of identity kept, and how many they refused."""
    cursor.execute(
        "select count(*) filter (kept), count(*) filter (not kept) from links "
        "where source_id = ? and message_id in (select unnest(?::varchar[]))",
        [source_id, list(message_ids)],
    )
    kept, refused = cursor.one() or (0, 0)
    return kept, refused


# Reviews


def reviews(cursor: Cursor, *, state: State | None = None) -> list[StoredReview]:
    """Reviews with the profiles of today, the likeliest to be one person first."""
    cursor.execute(
        _REVIEWS + "where $state is null or state = $state order by weight desc, review_id",
        {"state": state},
    )
    return [StoredReview(*row) for row in cursor.all()]


def review(cursor: Cursor, review_id: int) -> StoredReview | None:
    """One review; None when there is none."""
    cursor.execute(_REVIEWS + "where review_id = ?", [review_id])
    row = cursor.one()
    return None if row is None else StoredReview(*row)


def propose(
    cursor: Cursor, rows: Sequence[tuple[object, ...]], model: str, version: int, now: datetime
) -> None:
    """Ask about new pairs.

    Args:
        cursor: Inside a write transaction.
        rows: The columns of `REVIEWS`.
        model: Which model proposes.
        version: Its version.
        now: When.
    """
    if not rows:
        return
    table = pa.table([list(column) for column in zip(*rows, strict=True)], schema=REVIEWS)
    first = int(
        cursor.execute("select coalesce(max(review_id), 0) + 1 from linking_reviews").value()
    )
    for name, values, kind in (
        ("review_id", range(first, first + len(rows)), pa.int64()),
        ("model", [model] * len(rows), pa.string()),
        ("version", [version] * len(rows), pa.int32()),
        ("state", ["pending"] * len(rows), pa.string()),
        ("proposed_at", [now] * len(rows), pa.timestamp("us")),
    ):
        table = table.append_column(name, pa.array(values, kind))
    cursor.over(table, "insert into linking_reviews by name select * from {rows}")


def settle(cursor: Cursor, review_ids: Sequence[int], state: State) -> None:
    """Close pending reviews that need no person any more."""
    cursor.execute(
        "update linking_reviews set state = ? where review_id in (select unnest(?::bigint[]))",
        [state, list(review_ids)],
    )


def settle_joined(cursor: Cursor) -> None:
    """Close pending reviews of pairs that are one profile by now."""
    joined = [each.review_id for each in reviews(cursor, state="pending")
              if each.profile_a == each.profile_b]  # fmt: skip
    if joined:
        settle(cursor, joined, "settled")


def decide(cursor: Cursor, review_id: int, decision_id: int, sides: tuple[str, str]) -> None:
    """Keep which decision a person came to, and what was known of both sides then, as JSON."""
    cursor.execute(
        "update linking_reviews set state = 'decided', decision_id = ?, left_fields = ?, "
        "right_fields = ? where review_id = ?",
        [decision_id, *sides, review_id],
    )


def labels(cursor: Cursor) -> list[tuple[str, str]]:
    """What was known of both sides of each pair that a person called one, as JSON."""
    cursor.execute(
        "select left_fields, right_fields from linking_reviews as r "
        "join identity_decisions as d using (decision_id) "
        "where d.kind = 'same' and d.withdrawn_at is null order by review_id"
    )
    return [(left, right) for left, right in cursor.all()]
