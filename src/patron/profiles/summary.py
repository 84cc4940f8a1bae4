"""One customer at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError, unknown
from patron.profiles.groups import Membership, groups_of
from patron.profiles.lookup import KnownIdentifier, Profile, identifiers, marks, standing
from patron.profiles.orders import OrderSummary, order_summary
from patron.profiles.traits import UNDECLARED, Trait, traits
from patron.spec.traits import Survivorships
from patron.warehouse.standing import Standing

_MERGED = """
with recursive gone(into_id, profile_id) as (
    select merged_into as into_id, profile_id from profiles where merged_into in ({ids})
    union
    select gone.into_id, other.profile_id
    from profiles as other join gone on other.merged_into = gone.profile_id
)
select gone.into_id, gone.profile_id, merge.kept_profile_id, merge.occurred_at, merge.recorded_at,
    merge.reason
from gone left join (
    select *
    from merges
    where kind = 'merge'
    qualify row_number() over (partition by other_profile_id order by merge_id desc) = 1
) as merge on merge.other_profile_id = gone.profile_id
order by gone.profile_id
"""


class MergedProfile(msgspec.Struct, frozen=True):
    """A profile that is part of this one now.

    Attributes:
        profile_id: The id that it had, and that still leads here.
        into: The profile that it was merged into at first.
        occurred_at: When the message that joined them happened.
        recorded_at: When the merge was made.
        reason: One sentence.
    """

    profile_id: int
    into: int | None
    occurred_at: datetime | None
    recorded_at: datetime | None
    reason: str | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One customer, without the timeline."""

    profile_id: int
    first_seen_at: datetime
    identifiers: tuple[KnownIdentifier, ...]
    traits: tuple[Trait, ...]
    orders: OrderSummary
    groups: tuple[Membership, ...]
    merged_from: tuple[MergedProfile, ...]


def summary(
    cursor: Cursor, profile: Profile, as_of: datetime, rules: Survivorships = UNDECLARED
) -> Summary:
    """What is known of a customer as of a moment.

    Identifiers and merges follow today's knowledge of who is who; traits and orders are as of the
    moment. Several statements are run: inside a transaction they see the same state.

    Args:
        cursor: On the workspace.
        profile: One that stands, or any profile id; one that was merged away leads to the one that
            stands.
        as_of: What happened after it is not known yet.
        rules: Which observation of each trait holds.

    Raises:
        NotFoundError: There is no such profile.
    """
    own = profile if isinstance(profile, Standing) else standing(cursor, profile)
    if own is None:
        raise NotFoundError(
            f"There is no profile {profile}.",
            field="profile_id",
            told=unknown("customer", str(profile)),
        )
    known = identifiers(cursor, own)
    return Summary(
        profile_id=own.profile_id,
        first_seen_at=own.first_seen_at,
        identifiers=tuple(known),
        traits=tuple(traits(cursor, own, as_of, rules)),
        orders=order_summary(cursor, own, as_of),
        groups=tuple(groups_of(cursor, own, known, as_of)),
        merged_from=tuple(merged_from(cursor, own.profile_id)),
    )


def merged_from(cursor: Cursor, profile_id: int) -> list[MergedProfile]:
    """All profiles that were merged into one, also by way of others, with the reasons."""
    return merged_from_of(cursor, [profile_id]).get(profile_id, [])


def merged_from_of(cursor: Cursor, profile_ids: Sequence[int]) -> dict[int, list[MergedProfile]]:
    """As `merged_from`, of several that stand: by profile id."""
    ids = list(profile_ids)
    some = marks(ids)
    cursor.execute(f"select 1 from profiles where merged_into in ({some}) limit 1", ids)
    found: dict[int, list[MergedProfile]] = {}
    if cursor.one() is not None:
        for own, *rest in cursor.execute(_MERGED.format(ids=some), ids).all():
            found.setdefault(own, []).append(MergedProfile(*rest))
    return found
