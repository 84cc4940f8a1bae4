"""Deliveries that are committed together, side by side: their messages, and what became of each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from patron.identity import Batch, Brands, Regions
from patron.spec.incoming import LINK, SCHEMA, Commerce, Delivery, Message, Refusal, Why
from patron.spec.keys import keys_of, message_key_text

Fate = Literal["stored", "duplicate", "quarantined"]

_COMMERCE = [one.name for one in dataclasses.fields(Commerce)]
_FIELDS = attrgetter(*_COMMERCE)
_NO_COMMERCE = (None,) * len(_COMMERCE)


@dataclass(slots=True)
class Receipt:
    """What became of one delivery, after the commit.

    Attributes:
        position: The log position that holds for it: all of it is visible from there on.
        refusals: Why items were refused, those that are in quarantine already included.
        fates: Per item as it was sent.
    """

    position: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)


class Group:
    """Several deliveries side by side: their messages, flat, with where each came from."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self.deliveries = deliveries
        self.received_at: datetime = deliveries[0].received_at
        self.messages: list[Message] = []
        self.owners: list[Delivery] = []
        self.starts: list[int] = []
        for delivery in deliveries:
            self.starts.append(len(self.messages))
            self.messages += delivery.messages
            self.owners += [delivery] * len(delivery.messages)
        texts = [
            message_key_text(owner.source_id, message.message_id)
            for owner, message in zip(self.owners, self.messages, strict=True)
        ]
        self.keys = keys_of(texts)
        self._texts = texts
        self._late_refusals: dict[int, Refusal] = {}
        self.newly_refused: dict[int, bool] = {}

    def fresh(self, found: np.ndarray) -> list[int]:
        """The messages not stored before, each of several copies in this group once."""
        seen: set[str] = set()
        fresh = []
        for item, (position, text) in enumerate(zip(found.tolist(), self._texts, strict=True)):
            if position < 0 and text not in seen:
                seen.add(text)
                fresh.append(item)
        return fresh

    def batch(self, fresh: list[int], regions: Regions, brands: Brands) -> Batch:
        """The fresh messages as identity wants them."""
        messages = [self.messages[item] for item in fresh]
        owned = [self.owners[item].brand for item in fresh]
        return Batch.of(
            _microseconds([m.occurred_at for m in messages]),
            [self.owners[item].source_id for item in fresh],
            [m.message_id for m in messages],
            [
                regions.place(brands.place(m.identifiers, brand), m.body, brand)
                for brand, m in zip(owned, messages, strict=True)
            ],
            [m.type == "alias" for m in messages],
            [m.type == LINK for m in messages],
        )

    def table(self, placed: list[int], messages: list[Message]) -> pa.Table:
        """The placed messages as the columns of *incoming*."""
        owners = [self.owners[item] for item in placed]
        keys = self.keys[np.asarray(placed)]
        commerce = [m.commerce for m in messages]
        columns: dict[str, Any] = {
            "item": np.asarray(placed, dtype=np.int64),
            "source_id": [o.source_id for o in owners],
            "brand": [o.brand for o in owners],
            "channel": [m.channel for m in messages],
            "message_id": [m.message_id for m in messages],
            "key_hi": keys[:, 0],
            "key_lo": keys[:, 1],
            "type": [m.type for m in messages],
            "name": [m.name for m in messages],
            "occurred_at": [m.occurred_at for m in messages],
            "received_at": [o.received_at for o in owners],
            "body": [m.body for m in messages],
            "properties": [m.properties for m in messages],
            "traits": [m.traits for m in messages],
        }
        rows = [_NO_COMMERCE if c is None else _FIELDS(c) for c in commerce]
        columns |= {name: [row[at] for row in rows] for at, name in enumerate(_COMMERCE)}
        arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA]
        return pa.Table.from_arrays(arrays, schema=SCHEMA)

    def refuse(self, item: int, why: Why, *, code: str) -> None:
        """Refuse a message that passed validation, but identifies nobody or is not as planned."""
        message = self.messages[item]
        self._late_refusals[item] = Refusal(
            code=code,
            reason=why.reason,
            body=message.body.encode(),
            field=why.field,
            message_id=message.message_id,
            type=message.type,
            sent_at=self.owners[item].sent_at,
            told=why.told,
        )

    def not_refused(self, items: list[int]) -> list[int]:
        """Those of some messages that were not refused so far."""
        late = self._late_refusals
        return [item for item in items if item not in late] if late else items

    def refusal(self, item: int) -> Refusal | None:
        """Why a message that passed validation was refused; None when it was not."""
        return self._late_refusals.get(item)

    def refused(self) -> list[tuple[Delivery, Refusal]]:
        """All refusals, those of validation first."""
        early = [(d, r) for d in self.deliveries for r in d.refusals]
        late = [(self.owners[item], r) for item, r in sorted(self._late_refusals.items())]
        return early + late

    def receipts(self, placed: list[int], new_refusals: list[bool]) -> list[Receipt]:
        """What became of each item of each delivery."""
        stored = set(placed)
        flags = iter(new_refusals)
        early = [[next(flags) for _ in d.refusals] for d in self.deliveries]
        late = self.newly_refused = dict(zip(sorted(self._late_refusals), flags, strict=True))
        receipts = []
        for delivery, start, new in zip(self.deliveries, self.starts, early, strict=True):
            fates: list[Fate] = []
            for fate in delivery.fates:
                if fate < 0:
                    fates.append("quarantined" if new[-1 - fate] else "duplicate")
                elif start + fate in stored:
                    fates.append("stored")
                elif late.get(start + fate, False):
                    fates.append("quarantined")
                else:
                    fates.append("duplicate")
            receipts.append(
                Receipt(
                    stored=fates.count("stored"),
                    duplicate=fates.count("duplicate"),
                    quarantined=fates.count("quarantined"),
                    refusals=[
                        *delivery.refusals,
                        *(
                            self._late_refusals[start + fate]
                            for fate in delivery.fates
                            if fate >= 0 and start + fate in late
                        ),
                    ],
                    fates=fates,
                )
            )
        return receipts

    def totals(self, receipts: list[Receipt]) -> dict[int, tuple[int, int, int]]:
        """Stored, duplicate and quarantined per source."""
        totals: dict[int, tuple[int, int, int]] = {}
        for delivery, receipt in zip(self.deliveries, receipts, strict=True):
            stored, duplicate, quarantined = totals.get(delivery.source_id, (0, 0, 0))
            totals[delivery.source_id] = (
                stored + receipt.stored,
                duplicate + receipt.duplicate,
                quarantined + receipt.quarantined,
            )
        return totals


def _microseconds(moments: list[datetime]) -> list[int]:
    # To read them takes numpy eight times as long.
    microseconds: list[int] = pa.array(moments, pa.timestamp("us")).cast(pa.int64()).to_pylist()
    return microseconds
