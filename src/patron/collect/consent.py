"""Consent: which identifiers of a message count, by what the message says that its sender allows.

Consent stands where Segment's clients put it, ``context.consent.categoryPreferences``: a category's
name with true or false. Only true is a yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron import structs
from patron.errors import told
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import Why

Value = TypeVar("Value")


class _Context(msgspec.Struct, gc=False):
    consent: Any = None


class _Message(msgspec.Struct, gc=False):
    context: _Context | None = None


_DECODER = structs.decoder(_Message)


class Consents:
    """Leaves out identifiers that need consent where a message has none.

    Args:
        rules: Say which types need it, and to what.

    >>> from patron.spec.identifiers import IdentifierType
    >>> kind = IdentifierType(name="fingerprint", consent="Advertising", held_back_above=9)
    >>> consents = Consents(IdentityRules(types=(kind,)))
    >>> consents.counting([("fingerprint", "f1")], b'{}')
    []
    >>> yes = b'{"context": {"consent": {"categoryPreferences": {"Advertising": true}}}}'
    >>> consents.counting([("fingerprint", "f1")], yes)
    [('fingerprint', 'f1')]
    """

    def __init__(self, rules: IdentityRules) -> None:
        self.needed = {
            name: kind.consent
            for kind in rules.types
            if kind.consent is not None
            for name in (kind.name, kind.base)
        }

    def counting(
        self, found: list[tuple[str, Value]], body: bytes | memoryview | str
    ) -> list[tuple[str, Value]]:
        """The identifiers of a message that count.

        Args:
            found: Type and value of each.
            body: The message.
        """
        if not self.needed or not any(kind in self.needed for kind, _ in found):
            return found
        given = allowed(body)
        return [one for one in found if self.needed.get(one[0]) in {None, *given}]

    def counting_in(self, table: pa.Table) -> tuple[pa.Table, dict[int, Why]]:
        """The same for many messages at once.

        Args:
            table: With the columns ``identifiers`` (lists of type and value) and ``body``.

        Returns:
            The table with the identifiers that count; and for each row that has none left why,
            see `missing`.
        """
        if not self.needed:
            return table, {}
        lists = table.column("identifiers").combine_chunks()
        pairs, rows = pc.list_flatten(lists), pc.list_parent_indices(lists).to_numpy()
        kinds = pc.struct_field(pairs, "type").cast(pa.string())
        needing = pa.array(list(self.needed), pa.string())
        asking = np.flatnonzero(pc.is_in(kinds, needing).to_numpy(zero_copy_only=False))
        if not len(asking):
            return table, {}
        bodies = table.column("body")
        given = {row: allowed(bodies[row].as_py()) for row in np.unique(rows[asking]).tolist()}
        kept = np.ones(len(pairs), dtype=np.bool_)
        asked: dict[int, list[tuple[str, None]]] = {}
        for place in asking.tolist():
            row, kind = int(rows[place]), kinds[place].as_py()
            asked.setdefault(row, []).append((kind, None))
            kept[place] = self.needed[kind] in given[row]
        sizes = np.bincount(rows[kept], minlength=len(table))
        offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
        counting = pa.ListArray.from_arrays(offsets, pairs.filter(pa.array(kept)))
        at = table.column_names.index("identifiers")
        reasons = {row: self.missing(found) for row, found in asked.items() if not sizes[row]}
        return table.set_column(at, "identifiers", counting), reasons

    def missing(self, found: Sequence[tuple[str, object]]) -> Why:
        """Why a message is refused none of whose identifiers counts.

        Args:
            found: What it has.

        >>> from patron.spec.identifiers import IdentifierType
        >>> kind = IdentifierType(name="fingerprint", consent="Ads", held_back_above=9)
        >>> Consents(IdentityRules(types=(kind,))).missing([("fingerprint", "f1")]).reason
        'fingerprint counts only with consent to Ads, and the message has no other identifier.'
        """
        asked = {kind: self.needed[kind] for kind, _ in found if kind in self.needed}
        names = " and ".join(asked)
        wanted = " and ".join(dict.fromkeys(asked.values()))
        count = "counts" if len(asked) == 1 else "count"
        rest = "and the message has no other identifier."
        return Why(
            "context.consent",
            f"{names} {count} only with consent to {wanted}, {rest}",
            told("no_consent", identifiers=list(asked), categories=sorted({*asked.values()})),
        )


def allowed(body: bytes | memoryview | str) -> set[str]:
    """The categories that a message says yes to; none where that is not said as it should be.

    >>> allowed('{"context": {"consent": {"categoryPreferences": {"Ads": true, "Mail": "yes"}}}}')
    {'Ads'}
    """
    try:
        context = _DECODER.decode(body).context
    except msgspec.DecodeError:
        return set()
    consent = None if context is None else context.consent
    said = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(said, dict):
        return set()
    return {name for name, answer in said.items() if answer is True}
