"""Reads whole request bodies of the tracking protocol into deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from patron import structs
from patron.collect.envelope import BatchBody, KeyOnly
from patron.collect.messages import MessageReader
from patron.collect.moments import read_moment
from patron.collect.salvage import salvage
from patron.collect.soundness import RefusedError
from patron.errors import InputError
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import Delivery

T = TypeVar("T")


class SourceLike(Protocol):
    """What a delivery must know of its source."""

    @property
    def source_id(self) -> int:
        """Its number."""
        ...

    @property
    def brand(self) -> str:
        """The brand that its messages count for."""
        ...

    @property
    def channel(self) -> str:
        """The channel of messages that name none."""
        ...


class RequestReader:
    """Request bodies to deliveries, under one set of identity rules."""

    def __init__(self, rules: IdentityRules) -> None:
        self.messages = MessageReader(rules)
        self._batch = structs.decoder(BatchBody)
        self._key = structs.decoder(KeyOnly)

    def key_in(self, body: bytes) -> str | None:
        """The write key in a body.

        Raises:
            InputError: The body is not a JSON object.
        """
        return _decoded(self._key, body).writeKey

    def decode_batch(self, body: bytes) -> BatchBody:
        """The envelope of a batch; its items stay bytes.

        Raises:
            InputError: The body is not JSON, or has no list ``batch``.
        """
        try:
            return _decoded(self._batch, body)
        except InputError:
            saved = salvage(body)
            if saved is None:
                raise
            return saved

    def one(self, body: bytes, kind: str, source: SourceLike, received_at: datetime) -> Delivery:
        """The delivery of a single message.

        Raises:
            InputError: The body is not a JSON object.
        """
        _decoded(self._key, body)
        delivery = Delivery(source.source_id, source.brand, received_at)
        self.messages.read(delivery, body, type_hint=kind, default_channel=source.channel)
        return delivery

    def batch(self, batch: BatchBody, source: SourceLike, received_at: datetime) -> Delivery:
        """The delivery of a batch, item by item in order.

        Raises:
            InputError: Its `sentAt` is no moment.
        """
        try:
            sent_at = read_moment(batch.sentAt, "sentAt") if batch.sentAt else None
        except RefusedError as error:
            raise InputError(error.reason, field="sentAt") from None
        delivery = Delivery(source.source_id, source.brand, received_at, sent_at)
        shared = bytes(batch.context)
        for raw in batch.batch:
            item = _with_context(bytes(raw), shared) if shared else memoryview(raw)
            self.messages.read(delivery, item, default_channel=source.channel)
        return delivery


def _with_context(item: bytes, context: bytes) -> bytes:
    """An item that has no context of its own takes the batch's."""
    try:
        members = structs.decode(item, dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return item
    if "context" in members:
        return item
    return msgspec.json.encode({**members, "context": msgspec.Raw(context)})


def _decoded(decoder: structs.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InputError(f"The body is not what the protocol sends: {error}.") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InputError(f"The body is not JSON: {error}.") from None
