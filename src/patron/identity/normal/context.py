"""The country that a message comes from, carried by the values that are read in it.

A national phone number says nothing without a country. Where the rules name places of a message
that tell one, or a region of its brand, the raw value takes it along in the way of RFC 3966,
``030 1234567;phone-context=DE``, so that the normal form stays a function of the value alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron import structs
from patron.identity.normal.countries import COUNTRIES, region
from patron.spec.identifiers import IdentityRules

CONTEXT = ";phone-context="

Pairs = list[tuple[str, str]]


def number_and_region(text: str, default: str | None) -> tuple[str, str | None]:
    """A phone number apart from the country that it carries.

    >>> number_and_region("030 1234567;phone-context=DE", "PL")
    ('030 1234567', 'DE')
    >>> number_and_region("030 1234567", "PL")
    ('030 1234567', 'PL')
    """
    number, found, code = text.rpartition(CONTEXT)
    if not found or code not in COUNTRIES:
        return text, default
    # Two zeros lead abroad from most countries, and stand before a number at home in none.
    return (f"+{number[2:]}" if number.startswith("00") else number), code


class Regions:
    """Gives national phone numbers the country of their message.

    Args:
        rules: Say where messages name a country, and the regions of brands.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> regions = Regions(DEFAULT_RULES)
    >>> body = '{"userId":"u1","context":{"locale":"de-DE"}}'
    >>> regions.place([("phone", "030 1234567"), ("user_id", "u1")], body, "main")
    [('phone', '030 1234567;phone-context=DE'), ('user_id', 'u1')]
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._paths = [tuple(path.split(".")) for path in rules.region_fields]
        self._brands = rules.brand_regions
        self._kinds = {kind.name for kind in rules.types if kind.normal_form == "phone"}
        if not (self._paths or self._brands):
            self._kinds = set()
        self._decode = structs.decoder(_shape(self._paths)).decode

    def place(self, identifiers: Pairs, body: str, brand: str) -> Pairs:
        """The identifiers of one message, its national phone numbers with their country.

        Args:
            identifiers: (type, raw value) pairs.
            body: The message as received.
            brand: That it counts for.
        """
        kinds = self._kinds
        if not kinds or not any(kind in kinds and _national(raw) for kind, raw in identifiers):
            return identifiers
        code = self.of(body, brand)
        if code is None:
            return identifiers
        return [
            (kind, f"{raw}{CONTEXT}{code}" if kind in kinds and _national(raw) else raw)
            for kind, raw in identifiers
        ]

    def of(self, body: str, brand: str) -> str | None:
        """The country that a message comes from: as it says itself, else that of its brand."""
        return self._of_values(self._values(body), brand)

    def _of_values(self, values: Iterable[Any], brand: str) -> str | None:
        for value in values:
            if isinstance(value, str) and (code := region(value)) is not None:
                return code
        return self._brands.get(brand)

    def place_column(
        self, kinds: pa.Array, raws: pa.Array, items: np.ndarray, bodies: pa.Array, brands: pa.Array
    ) -> pa.Array:
        """The same for many messages.

        Args:
            kinds: Type of each identifier.
            raws: Its value.
            items: The number of its message.
            bodies: The message of each number.
            brands: Its brand.

        Returns:
            The values, one an identifier.
        """
        places = self._national_places(kinds, raws)
        if not len(places):
            return raws
        owners, owner_of = np.unique(items[places], return_inverse=True)
        taken = pa.array(owners)
        codes = [
            self.of(body, brand)
            for body, brand in zip(
                bodies.take(taken).to_pylist(), brands.take(taken).to_pylist(), strict=True
            )
        ]
        return _carried(raws, places, [codes[owner] for owner in owner_of.tolist()])

    def place_values(
        self, kinds: pa.Array, raws: pa.Array, told: pa.Array, brands: pa.Array
    ) -> pa.Array:
        """The same where each value has beside it what its message said of its country.

        Args:
            kinds: Type of each identifier.
            raws: Its value.
            told: The texts at the places that the rules name, in their order.
            brands: Its brand.
        """
        places = self._national_places(kinds, raws)
        if not len(places):
            return raws
        taken = pa.array(places)
        codes = [
            self._of_values(values or [], brand)
            for values, brand in zip(
                told.take(taken).to_pylist(), brands.take(taken).to_pylist(), strict=True
            )
        ]
        return _carried(raws, places, codes)

    def _national_places(self, kinds: pa.Array, raws: pa.Array) -> np.ndarray:  # of int64
        if not self._kinds:
            return np.empty(0, dtype=np.int64)
        called = pc.is_in(kinds, pa.array(sorted(self._kinds), pa.string()))
        national = pc.and_not(called, pc.match_substring_regex(raws, _ABROAD))
        return np.flatnonzero(national.to_numpy(zero_copy_only=False))

    def _values(self, body: str) -> Iterable[Any]:
        if not self._paths:
            return []
        try:
            found = self._decode(body)
        except msgspec.ValidationError:
            found = structs.decode(body)
        return [_at(found, path) for path in self._paths]


def _carried(raws: pa.Array, places: np.ndarray, codes: list[str | None]) -> pa.Array:
    """The values, those at some places with the country that was found for each."""
    carried = [
        raw if code is None else f"{raw}{CONTEXT}{code}"
        for raw, code in zip(raws.take(pa.array(places)).to_pylist(), codes, strict=True)
    ]
    mask = np.zeros(len(raws), dtype=np.bool_)
    mask[places] = True
    return pc.replace_with_mask(raws, pa.array(mask), pa.array(carried, pa.string()))


_ABROAD = "^[\t-\r ]*(?:tel:)?[\t-\r ]*[+\uff0b]"
"""How numbers begin that name their country; alike in Python and in RE2."""

_ABROAD_HERE = re.compile(_ABROAD)


def _national(raw: str) -> bool:
    return _ABROAD_HERE.match(raw) is None


def _at(found: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - any JSON value
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else getattr(found, step, None)
    return found


def _shape(paths: Sequence[tuple[str, ...]]) -> Any:  # noqa: ANN401 - a type
    """A type that decodes these paths and skips all else."""
    if any(not step.isidentifier() or iskeyword(step) for path in paths for step in path):
        return Any
    heads = dict.fromkeys(path[0] for path in paths)
    fields = []
    for head in heads:
        below = [path[1:] for path in paths if path[0] == head and len(path) > 1]
        kind = _shape(below) | None if below else Any
        fields.append((head, kind, None))
    return msgspec.defstruct("Shape", fields)
