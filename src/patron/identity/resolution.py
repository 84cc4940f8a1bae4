"""What identity answers: who each message belongs to, and the rows that changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.errors import told
from patron.identity.devices.rows import DeviceRows
from patron.identity.normal.text import Code
from patron.spec.incoming import Why

Ints = npt.NDArray[np.int64]

MOMENT = pa.timestamp("us")

IDENTIFIERS = pa.schema(
    [
        ("identifier_id", pa.int64()),
        ("type", pa.string()),
        ("value", pa.string()),
        ("original", pa.string()),
        ("key_hi", pa.uint64()),
        ("key_lo", pa.uint64()),
        ("profile_id", pa.int64()),
        ("birth_profile_id", pa.int64()),
        ("first_seen_at", MOMENT),
    ]
)
LINKS = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("first_observed_at", MOMENT),
        ("source_id", pa.int32()),
        ("message_id", pa.string()),
        ("rule", pa.string()),
        ("kept", pa.bool_()),
    ]
)
KEPT = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("kept", pa.bool_())])
PROFILES = pa.schema([("profile_id", pa.int64()), ("first_seen_at", MOMENT)])
SEEN = pa.schema([("identifier_id", pa.int64()), ("first_seen_at", MOMENT)])
STANDING = pa.schema([("profile_id", pa.int64()), ("survivor_id", pa.int64())])
MOVED = pa.schema([("identifier_id", pa.int64()), ("profile_id", pa.int64())])
MERGES = pa.schema(
    [
        ("merge_id", pa.int64()),
        ("kind", pa.string()),
        ("kept_profile_id", pa.int64()),
        ("other_profile_id", pa.int64()),
        ("occurred_at", MOMENT),
        ("reason", pa.string()),
        ("cause", pa.string()),
        ("link_a", pa.int64()),
        ("link_b", pa.int64()),
        ("source_id", pa.int32()),
        ("message_id", pa.string()),
    ]
)


class Refused(NamedTuple):
    """An identifier value that was left out of its message, with the reason.

    A message without any identifier has one with an empty type and value.
    """

    item: int
    type: str
    value: str
    reason: str
    code: Code


@dataclass(slots=True)
class Resolution:
    """The answer to one batch. Tables are None where nothing changed.

    Attributes:
        identifier_id: One a message: the identity that it is filed under; 0 when it has none left.
        profile_id: One a message: the profile that stands for it now; 0 when it has none.
        refused: Identifier values that were left out, with reasons.
        identifiers: New rows.
        links: New rows.
        links_earlier: Links now known from an earlier message (or from one of the same moment that
            comes first by source and message id): the same columns, without regard to `kept`.
        links_kept: Older links that are kept from now on, or no longer.
        profiles: New rows.
        profiles_seen: Profiles first seen earlier than recorded, or later, after a split.
        identifiers_seen: Identifiers first seen earlier than recorded.
        births: Identifiers that a profile was made for when they were split off.
        merges: New rows: merges and splits.
        survivors: Profiles that another stands for from now on, or that stand again themselves.
        moved: Identifiers whose stored rows go to another profile.
        households: Identifiers of households that links came in at.
        devices: Who used which device, and what belongs to somebody else for that.
    """

    identifier_id: Ints
    profile_id: Ints
    refused: list[Refused] = field(default_factory=list)
    identifiers: pa.Table | None = None
    links: pa.Table | None = None
    links_earlier: pa.Table | None = None
    links_kept: pa.Table | None = None
    profiles: pa.Table | None = None
    profiles_seen: pa.Table | None = None
    identifiers_seen: pa.Table | None = None
    births: pa.Table | None = None
    merges: pa.Table | None = None
    survivors: pa.Table | None = None
    moved: pa.Table | None = None
    households: Ints | None = None
    devices: DeviceRows | None = None

    def nobody(self) -> dict[int, Why]:
        """Why messages identify nobody: the type that was refused first, and all reasons.

        >>> first = Refused(1, "email", "x", "Listed.", "listed")
        >>> second = Refused(1, "phone", "0", "No number.", "no_phone")
        >>> why = Resolution(np.array([7, 0]), np.array([3, 0]), [first, second]).nobody()[1]
        >>> why.field, why.reason
        ('email', 'email: Listed. phone: No number.')
        >>> why.told.values
        {'why': ['email:listed', 'phone:no_phone']}
        """
        found: dict[int, tuple[str, list[str], list[str]]] = {}
        for refused in self.refused:
            if self.profile_id[refused.item]:
                continue
            said = f"{refused.type}: {refused.reason}" if refused.type else refused.reason
            named = refused.type or "identifiers"
            _, reasons, codes = found.setdefault(refused.item, (named, [], []))
            if said not in reasons:
                reasons.append(said)
                codes.append(f"{refused.type}:{refused.code}")
        return {
            item: Why(named, " ".join(reasons), told("nobody", why=codes))
            for item, (named, reasons, codes) in found.items()
        }
