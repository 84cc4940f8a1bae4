"""Households follow each batch that lands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from patron.identity import Resolution, households
from patron.spec.keys import keys_of, message_key_text
from patron.warehouse.keys import KeyIndex

if TYPE_CHECKING:
    from patron.pipeline.ingest import Ingest


def follow_households(ingest: Ingest, resolution: Resolution, keys: npt.NDArray[np.uint64]) -> None:
    """Bring households up to date with a batch that landed, in its transaction.

    Args:
        ingest: The writer's.
        resolution: Of the batch.
        keys: Those of its messages, in the order of their positions.
    """
    if resolution.households is None:
        return
    last = ingest.position + len(keys)
    landed = KeyIndex()
    landed.add(keys, np.arange(ingest.position + 1, last + 1))

    def locate(messages: Sequence[tuple[int, str]]) -> list[int]:
        wanted = keys_of([message_key_text(*message) for message in messages])
        here = landed.find(wanted)
        found: list[int] = np.where(here < 0, ingest.keys.find(wanted), here).tolist()
        return found

    households.follow(ingest.cursor, ingest.rules, resolution, last, locate)
