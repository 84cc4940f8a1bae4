"""What linking and its reviewers say, as messages of an internal source: the log has it all."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.pipeline.ingest import Ingest
from patron.spec.identifiers import Identifier
from patron.spec.incoming import LINK, Delivery, Message
from patron.spec.keys import keys_of, message_key_text
from patron.warehouse.landing import count
from patron.warehouse.sources import LINKING_MODELS, internal_source

Keys: TypeAlias = npt.NDArray[np.uint64]

MODEL = "model"
"""The type of messages that say which version of a model stands."""

A_GROUP = 5_000
"""Messages of one transaction, so that the writer is never busy for long."""


def link_message(
    model: str, pair: tuple[Identifier, Identifier], says: dict[str, Any], now: datetime
) -> Message:
    """A model says that two identifiers are of one person.

    Args:
        model: Name and version, such as ``customers@3``. The message id begins with it.
        pair: One identifier of either profile.
        says: The weight and the evidence.
        now: When.
    """
    one, other = sorted(pair)
    digest = hashlib.sha256(f"{one}\x1f{other}".encode()).hexdigest()[:24]
    body = {"type": LINK, "model": model, "identifiers": [str(one), str(other)], **says}
    return _message(f"{model}:{digest}", LINK, body, [one, other], now)


def delivery(source_id: int, messages: list[Message], now: datetime) -> Delivery:
    """Messages as the writer takes them."""
    return Delivery(source_id, "", now, messages=messages, fates=list(range(len(messages))))


def _message(
    message_id: str, kind: str, body: dict[str, Any], pair: list[Identifier], now: datetime
) -> Message:
    return Message(
        message_id=message_id,
        type=kind,
        name=None,
        channel="internal",
        occurred_at=now,
        body=msgspec.json.encode(body).decode(),
        properties=None,
        traits=None,
        identifiers=[(each.type, each.value) for each in pair],
    )


def model_message(model: str, version: int, now: datetime) -> Message:
    """Says that the links of a model are those of a version from then on; 0 for none."""
    body = {"type": MODEL, "model": model, "version": version}
    return _message(f"{model}:{secrets.token_hex(12)}", MODEL, body, [], now)


def put_messages(ingest: Ingest, messages: Sequence[Message], now: datetime) -> Keys:
    """Write messages into the log whose effect the caller writes; those that it has are left out.

    Args:
        ingest: The writer's; in a transaction.
        messages: The last of them is new.
        now: When they are received.

    Returns:
        Their keys, to be given to `Ingest.advance` after the commit.
    """
    source_id = internal_source(ingest.cursor, LINKING_MODELS)
    keys = keys_of([message_key_text(source_id, one.message_id) for one in messages])
    fresh = np.flatnonzero(ingest.keys.find(keys) < 0)
    new = [messages[place] for place in fresh.tolist()]
    first = ingest.position + 1
    rows = pa.table(
        {
            "position": pa.array(np.arange(first, first + len(new)), pa.int64()),
            "source_id": pa.array([source_id] * len(new), pa.int32()),
            "message_id": pa.array([one.message_id for one in new], pa.string()),
            "key_hi": keys[fresh, 0],
            "key_lo": keys[fresh, 1],
            "type": pa.array([one.type for one in new], pa.string()),
            "occurred_at": pa.array([one.occurred_at for one in new], pa.timestamp("us")),
            "received_at": pa.array([now] * len(new), pa.timestamp("us")),
            "body": pa.array([one.body for one in new], pa.string()),
        }
    )
    ingest.cursor.over(rows, "insert into messages by name select * from {rows}")
    count(ingest.cursor, source_id, stored=len(new), duplicate=0, quarantined=0)
    return keys[fresh]
