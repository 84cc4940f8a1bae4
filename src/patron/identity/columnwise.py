"""Raw identifier values by whole columns: each distinct one once, on as many threads as help.

What is done here changes nothing, and nearly all of it runs outside of Python's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.normal import NormalForms, Refusal
from patron.spec.digests import digests
from patron.spec.keys import identifier_key_text
from patron.warehouse.keys import KeyIndex

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]

THREADS = 2
"""More would wait for memory."""

AT_ONCE = 131_072
"""So many distinct values are one task."""


class Distinct(NamedTuple):
    """The distinct raw values of one type, by first occurrence.

    Attributes:
        kind: Name of the type.
        rows: Which rows have it.
        codes: For each of these rows the place of its value.
        raws: The values.
    """

    kind: str
    rows: Ints
    codes: Ints
    raws: pa.Array


class Keyed(NamedTuple):
    """What stands for raw values.

    Attributes:
        normals: Their normal forms; null where refused.
        keys: The key of each; of no meaning where refused.
        found: The identifier of each, 0 where refused, -1 where there is none yet.
        refusals: By raw value.
    """

    normals: pa.Array
    keys: UInts
    found: Ints
    refusals: dict[str, Refusal]


def distinct_values(
    forms: NormalForms, known: KeyIndex, kinds: pa.Array, values: pa.Array
) -> list[tuple[Distinct, Keyed]]:
    """The distinct raw values of each type, with what stands for them.

    Args:
        forms: Give values their normal form.
        known: The identifiers that there are.
        kinds: The type of each value.
        values: As received.

    Returns:
        One for each type, by first occurrence.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> kinds, values = pa.array(["email"] * 3), pa.array(["A@x.org", "a@x.org", "A@x.org"])
    >>> [(found, keyed)] = distinct_values(NormalForms(DEFAULT_RULES), KeyIndex(), kinds, values)
    >>> found.codes.tolist(), keyed.normals.to_pylist(), keyed.found.tolist()
    ([0, 1, 0], ['a@x.org', 'a@x.org'], [-1, -1])
    """
    with ThreadPoolExecutor(THREADS) as pool:
        names = pc.unique(kinds).to_pylist()
        found = list(pool.map(lambda kind: _distinct(kind, kinds, values), names))
        tasks = [task for one in found for task in _tasks(one)]
        keyed = iter(list(pool.map(lambda task: _keyed(forms, known, *task), tasks)))
        return [(one, _together([next(keyed) for _ in _tasks(one)])) for one in found]


def _distinct(kind: str, kinds: pa.Array, values: pa.Array) -> Distinct:
    where = pc.equal(kinds, kind)
    encoded = values.filter(where).dictionary_encode()
    rows = np.flatnonzero(where.to_numpy(zero_copy_only=False))
    return Distinct(kind, rows, encoded.indices.to_numpy(), encoded.dictionary)


def _tasks(one: Distinct) -> Iterator[tuple[str, pa.Array]]:
    """A type's values, some at a time."""
    for start in range(0, len(one.raws), AT_ONCE):
        yield one.kind, one.raws.slice(start, AT_ONCE)


def _keyed(forms: NormalForms, known: KeyIndex, kind: str, raws: pa.Array) -> Keyed:
    normals, refusals = forms.normals(kind, raws)
    texts = pc.fill_null(normals, "") if normals.null_count else normals
    keys = digests(identifier_key_text(kind, ""), texts)
    found = known.find(keys)
    if normals.null_count:
        found[normals.is_null().to_numpy(zero_copy_only=False)] = 0
    return Keyed(normals, keys, found, refusals)


def _together(some: list[Keyed]) -> Keyed:
    if len(some) == 1:
        return some[0]
    return Keyed(
        pa.concat_arrays([one.normals for one in some]),
        np.concatenate([one.keys for one in some]),
        np.concatenate([one.found for one in some]),
        {raw: why for one in some for raw, why in one.refusals.items()},
    )
