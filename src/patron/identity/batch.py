"""What identity is asked: a batch of messages with their raw identifiers, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.columnwise import ReadValues
from patron.identity.links import LINKING, by_model
from patron.identity.normal.brands import Brands
from patron.identity.normal.context import Regions
from patron.spec.incoming import LINK

Ints = npt.NDArray[np.int64]
Strings: TypeAlias = Sequence[str]
"""A Python list for small batches, an Arrow array for large ones."""

SMALL = 4_096
"""Up to so many identifiers Python lists are quicker than Arrow arrays."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages by position (0, 1, 2, …), and their identifiers as (item, type, value) columns.

    Attributes:
        occurred_at: One a message: microseconds since 1970, UTC.
        source_id: One a message.
        message_id: One a message.
        alias: One a message: whether the message itself says that its identifiers are one person.
        item: One an identifier: the position of its message, ascending.
        type: One an identifier.
        value: One an identifier, as received.
        linked: One a message: whether a linking model says that its identifiers are one person.
            Its message id begins with the model and a colon. None: no message is.
        read: What `Resolver.prepared` found out about the identifiers. None: nothing yet.
    """

    occurred_at: Ints
    source_id: Ints
    message_id: Strings
    alias: npt.NDArray[np.bool_]
    item: Ints
    type: Strings
    value: Strings
    linked: npt.NDArray[np.bool_] | None = None
    read: ReadValues | None = None

    def __len__(self) -> int:
        return len(self.occurred_at)

    @classmethod
    def of(
        cls,
        occurred_at: Sequence[int],
        source_id: Sequence[int],
        message_id: Sequence[str],
        identifiers: Sequence[Sequence[tuple[str, str]]],
        alias: Sequence[bool] | None = None,
        linked: Sequence[bool] | None = None,
    ) -> Self:
        """A batch from Python values, one of each a message.

        Args:
            occurred_at: Microseconds since 1970, UTC.
            source_id: Where it came from.
            message_id: Its id there.
            identifiers: Its (type, raw value) pairs, in the order in which the message has them.
            alias: Whether it is an alias call; none is, unless said.
            linked: Whether a linking model made it; it made none, unless said.

        >>> batch = Batch.of([5], [1], ["m-1"], [[("user_id", "u1"), ("email", "ann@example.com")]])
        >>> len(batch), batch.item.tolist(), batch.type
        (1, [0, 0], ['user_id', 'email'])
        """
        flat = [pair for pairs in identifiers for pair in pairs]
        size = len(occurred_at)
        return cls(
            occurred_at=np.array(occurred_at, dtype=np.int64),
            source_id=np.array(source_id, dtype=np.int64),
            message_id=list(message_id),
            alias=np.zeros(size, np.bool_) if alias is None else np.array(alias, dtype=np.bool_),
            item=np.repeat(
                np.arange(size), np.array([len(pairs) for pairs in identifiers], dtype=np.int64)
            ),
            type=[kind for kind, _ in flat],
            value=[value for _, value in flat],
            linked=None if linked is None or not any(linked) else np.array(linked, dtype=np.bool_),
        )

    @classmethod
    def from_incoming(
        cls, table: pa.Table, regions: Regions | None = None, brands: Brands | None = None
    ) -> Self:
        """A batch from rows of the staging table *incoming* (docs/concepts/architecture.md).

        Args:
            table: With the columns source_id, message_id, type, occurred_at and identifiers.
                Messages are numbered by row.
            regions: Give national phone numbers the country of their message, from its body and
                brand.
            brands: Give identifiers of types that hold for one brand each the brand of theirs.
        """
        lists = _flat(table.column("identifiers"))
        parents = np.asarray(pc.list_parent_indices(lists), dtype=np.int64)
        pairs = pc.list_flatten(lists)
        kinds = pc.struct_field(pairs, "type").cast(pa.string())
        values = pc.struct_field(pairs, "value").cast(pa.string())
        moments = _flat(table.column("occurred_at")).cast(pa.timestamp("us")).cast(pa.int64())
        present = np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False))
        if not present.all():
            kinds, values, parents = kinds.filter(present), values.filter(present), parents[present]
        if brands is not None and "brand" in table.column_names:
            owners = _flat(table.column("brand")).take(pa.array(parents))
            kinds = brands.place_column(kinds, owners)
        if regions is not None and "body" in table.column_names:
            values = regions.place_column(
                kinds, values, parents, _flat(table.column("body")), _flat(table.column("brand"))
            )
        message_id = _flat(table.column("message_id"))
        small = len(values) <= SMALL
        return cls(
            occurred_at=moments.to_numpy(),
            source_id=_flat(table.column("source_id")).to_numpy().astype(np.int64),
            message_id=message_id.to_pylist() if small else message_id,
            alias=pc.equal(_flat(table.column("type")), "alias").to_numpy(zero_copy_only=False),
            item=parents,
            type=kinds.to_pylist() if small else kinds,
            value=values.to_pylist() if small else values,
            linked=_linked(_flat(table.column("type"))),
        )

    def link_moments(self, items: Ints) -> Ints:
        """When links of these messages were observed; those of a model come after all others."""
        moments = self.occurred_at[items]
        if self.linked is None:
            return moments
        return np.where(self.linked[items], by_model(moments), moments)

    def rules(self, items: Ints) -> pa.Array:
        """What says of the links of these messages that they are there."""
        said = self.alias[items]
        rules = pa.repeat("same_message", len(items))
        if said.any():
            rules = pc.if_else(pa.array(said), "alias", rules)
        if self.linked is not None and self.linked[items].any():
            models = pc.replace_substring_regex(
                pa.array(self.messages(items), pa.string()), pattern=":[^:]*$", replacement=""
            )
            made = pc.binary_join_element_wise(LINKING.rstrip(":"), models, ":")
            rules = pc.if_else(pa.array(self.linked[items]), made, rules)
        return rules

    def message(self, item: int) -> str:
        """The id of one message."""
        return str(self.message_id[item])

    def messages(self, items: Ints) -> Strings:
        """The ids of some messages."""
        if isinstance(self.message_id, list):
            return [self.message_id[item] for item in items.tolist()]
        taken: Strings = pa.array(self.message_id).take(pa.array(items))
        return taken


def _linked(types: pa.Array) -> npt.NDArray[np.bool_] | None:
    linked = pc.equal(types, LINK)
    return linked.to_numpy(zero_copy_only=False) if pc.any(linked).as_py() else None


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
