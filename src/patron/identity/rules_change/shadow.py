"""All messages identified anew under other rules, beside what the tables hold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.batch import Batch
from patron.identity.changes import Changes, Observed
from patron.identity.devices.rows import Carried, no_logins
from patron.identity.devices.types import DeviceTypes
from patron.identity.links import UNSEEN, pack, unpack
from patron.identity.memory import Memory
from patron.identity.normal import NormalForms, Refusal
from patron.identity.recognition import Recognition
from patron.identity.resolver import earliest, filed_under
from patron.spec.identifiers import IdentityRules
from patron.spec.keys import identifier_key_text, keys_of
from patron.spec.scopes import base_of

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]

OBSERVED = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("moment", pa.int64()),
        ("source_id", pa.int32()),
        ("message_id", pa.string()),
        ("rule", pa.string()),
    ]
)


class Names(NamedTuple):
    """What identifiers are called, by column."""

    type: pa.Array
    value: pa.Array
    original: pa.Array
    keys: UInts


class Shadow:
    """Identifiers, links, and what every message is filed under, by the rules alone.

    Identifiers have numbers of their own here, 1, 2, 3, … in the order in which they came.

    Args:
        rules: Under which messages are read.
    """

    def __init__(self, rules: IdentityRules) -> None:
        self.rules = rules
        self._forms = NormalForms(rules)
        self._recognition = Recognition(rules, self._forms)
        self._memory = Memory(rules)
        self._first_seen = np.full(1, UNSEEN, dtype=np.int64)
        self._names: list[Names] = []
        self._observed: list[pa.Table] = []
        self._filed: list[Ints] = []
        self._moments: list[Ints] = []
        self._types = DeviceTypes(rules)
        self._carried: list[Carried] = []
        self._size = 0

    def add(self, batch: Batch) -> Ints:
        """Identify a batch; returns what each message is filed under, 0 where by nothing."""
        memory = self._memory
        changes = Changes(batch, (memory.identifiers, 0))
        found, _ = self._recognition.identify(batch, memory, changes)
        self._recognition.commit()
        for new in changes.identifiers:
            kind, value, original = (pa.array(column, pa.string()) for column in new[:3])
            self._names.append(Names(kind, value, original, new.keys))
        held = found > 0
        ids, items = found[held], batch.item[held]
        moments = batch.occurred_at[items]
        more = np.full(memory.identifiers + 1 - len(self._first_seen), UNSEEN, dtype=np.int64)
        self._first_seen = np.concatenate([self._first_seen, more])
        np.minimum.at(self._first_seen, ids, moments)
        filed, strongest = filed_under(memory.rank[ids], ids, items, len(batch))
        others = ids != strongest
        keys = pack(strongest[others], ids[others])
        self._observe(batch, Observed(keys, moments[others], items[others]))
        self._filed.append(filed)
        login = self._types.logins(memory.rank[ids], memory.rank[strongest])
        self._carried.append(Carried(items[login] + self._size, ids[login], strongest[login]))
        self._moments.append(batch.occurred_at)
        self._size += len(batch)
        return filed

    def _observe(self, batch: Batch, observed: Observed) -> None:
        links = self._memory.links
        observed = observed.take(observed.moments <= links.find(observed.keys))
        if not len(observed.keys):
            return
        observed = earliest(observed, batch)
        new = links.find(observed.keys) == UNSEEN
        links.add(observed.keys[new], observed.moments[new])
        if not new.all():
            links.set_moments(observed.keys[~new], observed.moments[~new])
        a, b = unpack(observed.keys)
        rule = np.where(batch.alias[observed.items], "alias", "same_message").tolist()
        columns = (
            a, b, observed.moments, batch.source_id[observed.items].astype(np.int32),
            batch.messages(observed.items), rule,
        )  # fmt: skip
        self._observed.append(
            pa.Table.from_arrays(
                [
                    column if isinstance(column, pa.Array) else pa.array(column, kind)
                    for column, kind in zip(columns, OBSERVED.types, strict=True)
                ],
                schema=OBSERVED,
            )
        )

    @property
    def names(self) -> Names:
        """What the identifiers are called, from number 1 on."""
        if not self._names:
            none = pa.array([], pa.string())
            return Names(none, none, none, np.empty((0, 2), dtype=np.uint64))
        columns = list(zip(*self._names, strict=True))
        kind, value, original = (pa.concat_arrays(list(column)) for column in columns[:3])
        return Names(kind, value, original, np.concatenate([some.keys for some in self._names]))

    @property
    def first_seen(self) -> Ints:
        """When each identifier was first seen, from number 1 on."""
        return self._first_seen[1:]

    @property
    def filed(self) -> Ints:
        """What each message is filed under, in the order in which they were added."""
        return np.concatenate(self._filed) if self._filed else np.empty(0, dtype=np.int64)

    @property
    def moments(self) -> Ints:
        """When each message happened, in the order in which they were added."""
        return np.concatenate(self._moments) if self._moments else np.empty(0, dtype=np.int64)

    @property
    def carried(self) -> Carried:
        """The logins on devices; messages go by their place among all that were added."""
        return (
            Carried(*map(np.concatenate, zip(*self._carried, strict=True)))
            if (self._carried)
            else no_logins()
        )

    def links(self, cursor: Cursor) -> pa.Table:
        """Each link once, by the message that showed it first; the columns of `OBSERVED`.

        Args:
            cursor: Sorts them.
        """
        if not self._observed:
            return OBSERVED.empty_table()
        cursor.register("shadow_observed", pa.concat_tables(self._observed))
        found = cursor.arrow(
            "select a, b, first.moment, first.source_id, first.message_id, first.rule from ("
            "select a, b, arg_min({moment: moment, source_id: source_id, message_id: message_id, "
            "rule: rule}, row(moment, source_id, message_id)) as first "
            "from shadow_observed group by a, b) order by a, b"
        )
        cursor.unregister("shadow_observed")
        return found

    def find(self, kind: str, raws: list[str]) -> list[int]:
        """The number of the identifier that each raw value of a type is; 0 where it is none.

        Where the type is of other brands than before, or of all, or of one each: the number of the
        one of these identifiers that was seen first.
        """
        names = [kind] if self.rules.rank(kind) is not None else _kin(self.rules, kind)
        found = [self._find(name, raws) for name in names]
        seen = self._first_seen
        return [
            min((one for one in ones if one), key=lambda one: (seen[one], one), default=0)
            for ones in zip(*found, strict=True)
        ] or [0] * len(raws)

    def _find(self, kind: str, raws: list[str]) -> list[int]:
        normals = [self._forms.normal(kind, raw) for raw in raws]
        keys = keys_of(
            [identifier_key_text(kind, "" if isinstance(n, Refusal) else n) for n in normals]
        )
        if not len(keys):
            return []
        found = self._memory.keys.find(keys).tolist()
        return [
            0 if isinstance(normal, Refusal) else max(number, 0)
            for number, normal in zip(found, normals, strict=True)
        ]


def _kin(rules: IdentityRules, name: str) -> list[str]:
    """The types that come of the same declared one."""
    return [kind.name for kind in rules.types if kind.base == base_of(name)]
