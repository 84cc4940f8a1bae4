"""Raw identifier values by whole columns: each distinct one once, on as many threads as help.

What is done here changes nothing, and nearly all of it runs outside of Python's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

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
Part = TypeVar("Part", pa.Array, UInts)

THREADS = 2
"""More would wait for memory."""

AT_ONCE = 131_072
"""So many distinct values are one task."""


class Distinct(NamedTuple):
    """The distinct raw values of one type, by first occurrence, with what stands for them.

    Attributes:
        kind: Name of the type.
        rows: Which rows have it.
        codes: For each of these rows the place of its value.
        raws: The values.
        normals: Their normal forms; null where refused.
        keys: The key of each; of no meaning where refused.
        refusals: By raw value.
    """

    kind: str
    rows: Ints
    codes: Ints
    raws: pa.Array
    normals: pa.Array
    keys: UInts
    refusals: dict[str, Refusal]


class ReadValues(NamedTuple):
    """The raw values of a batch as they are read by certain normal forms.

    Attributes:
        forms: The normal forms.
        columns: The distinct values, one for each type, by first occurrence.
    """

    forms: NormalForms
    columns: list[Distinct]


def read_values(
    forms: NormalForms, kinds: pa.Array, values: pa.Array, threads: int = THREADS
) -> ReadValues:
    """The distinct raw values of each type, with normal forms and keys.

    Args:
        forms: Give values their normal form.
        kinds: The type of each value.
        values: As received.
        threads: How many work.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> kinds, values = pa.array(["email"] * 3), pa.array(["A@x.org", "a@x.org", "A@x.org"])
    >>> [found] = read_values(NormalForms(DEFAULT_RULES), kinds, values).columns
    >>> found.codes.tolist(), found.normals.to_pylist()
    ([0, 1, 0], ['a@x.org', 'a@x.org'])
    """
    with ThreadPoolExecutor(threads) as pool:
        names = pc.unique(kinds).to_pylist()
        found = list(pool.map(lambda kind: _distinct(kind, kinds, values), names))
        tasks = [(one[0], some) for one in found for some in _parts(one[3])]
        keyed = iter(list(pool.map(lambda task: _keyed(forms, *task), tasks)))
        columns = [
            Distinct(*one, *_together([next(keyed) for _ in _parts(one[3])])) for one in found
        ]
    return ReadValues(forms, columns)


def find_values(known: KeyIndex, columns: list[Distinct]) -> list[Ints]:
    """The identifiers of distinct values: 0 where they are refused, -1 where there is none yet.

    Args:
        known: The identifiers that there are.
        columns: The values.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        tasks = [some for column in columns for some in _parts(column.keys)]
        parts = iter(list(pool.map(known.find, tasks)))
        found = [np.concatenate([next(parts) for _ in _parts(one.keys)]) for one in columns]
    for column, numbers in zip(columns, found, strict=True):
        if column.normals.null_count:
            numbers[column.normals.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


def _distinct(kind: str, kinds: pa.Array, values: pa.Array) -> tuple[str, Ints, Ints, pa.Array]:
    where = pc.equal(kinds, kind)
    encoded = values.filter(where).dictionary_encode()
    rows = np.flatnonzero(where.to_numpy(zero_copy_only=False))
    return kind, rows, encoded.indices.to_numpy(), encoded.dictionary


def _parts(column: Part) -> Iterator[Part]:
    """Some of a column at a time; an empty one as it is."""
    for start in range(0, max(1, len(column)), AT_ONCE):
        yield column[start : start + AT_ONCE]


def _keyed(
    forms: NormalForms, kind: str, raws: pa.Array
) -> tuple[pa.Array, UInts, dict[str, Refusal]]:
    normals, refusals = forms.normals(kind, raws)
    texts = pc.fill_null(normals, "") if normals.null_count else normals
    return normals, digests(identifier_key_text(kind, ""), texts), refusals


def _together(
    some: list[tuple[pa.Array, UInts, dict[str, Refusal]]],
) -> tuple[pa.Array, UInts, dict[str, Refusal]]:
    if len(some) == 1:
        return some[0]
    normals, keys, refusals = zip(*some, strict=True)
    return (
        pa.concat_arrays(normals),
        np.concatenate(keys),
        {raw: why for one in refusals for raw, why in one.items()},
    )
