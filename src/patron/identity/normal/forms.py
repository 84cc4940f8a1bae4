"""Normal forms: how a raw identifier value becomes comparable, or why it is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.normal.email import PLAIN_EMAIL, PLAIN_LENGTH, email
from patron.identity.normal.phone import phone
from patron.identity.normal.text import Refusal, lower, tidy
from patron.spec.identifiers import IdentityRules, NormalForm

LONGEST = 512
"""Identifier values with more characters are refused."""


class _PlainColumn(NamedTuple):
    """Which values of a column need no closer look, in the syntax of RE2."""

    pattern: str
    longest: int
    keep_case: bool


_PLAIN_TEXT = "^[!-~](?:[ -~]*[!-~])?$"
_PLAIN_COLUMNS = {
    "text": _PlainColumn(_PLAIN_TEXT, LONGEST, keep_case=True),
    "lower": _PlainColumn(_PLAIN_TEXT, LONGEST, keep_case=False),
    "email": _PlainColumn(f"^{PLAIN_EMAIL.pattern}$", PLAIN_LENGTH, keep_case=False),
}


class NormalForms:
    """Turns raw values into normal forms by the rules of a workspace.

    Args:
        rules: The identifier types with their normal forms, the default region of phone numbers,
            and the blocked values.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> forms = NormalForms(DEFAULT_RULES)
    >>> forms.normal("email", " Ann.Lee@Example.COM ")
    'ann.lee@example.com'
    >>> forms.normal("phone", "+49 (151) 2345 6789")
    '+4915123456789'
    >>> forms.normal("user_id", "undefined").reason
    'This value is on the list of values that identify nobody.'
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._blocked = frozenset(tidy(value).lower() for value in rules.blocked)
        self._region = rules.default_region
        self._names = {kind.name: kind.normal_form for kind in rules.types}
        self._forms = {kind.name: self._form(kind.normal_form) for kind in rules.types}

    def normal(self, kind: str, raw: str) -> str | Refusal:
        """The normal form of one value, or why it is refused.

        Normal forms are stable: the normal form of a normal form is itself.

        Args:
            kind: Name of an identifier type.
            raw: The value as received.
        """
        form = self._forms.get(kind)
        if form is None:
            return Refusal(f"{kind!r} is not a declared identifier type.")
        if raw.isascii() and raw.isprintable():
            text = raw.strip()
        else:
            text = tidy(raw)
            if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
                return Refusal("This value holds control characters or is not valid Unicode.")
        if len(text) > LONGEST:
            return Refusal(f"This value is longer than {LONGEST} characters.")
        if text.lower() in self._blocked:
            return Refusal("This value is on the list of values that identify nobody.")
        value = form(text)
        if isinstance(value, str) and value.lower() in self._blocked:
            return Refusal("This value is on the list of values that identify nobody.")
        return value

    def normals(self, kind: str, raws: pa.Array) -> tuple[pa.Array, dict[str, Refusal]]:
        """The normal forms of many values, as `normal` gives them, but by whole columns.

        Args:
            kind: Name of an identifier type.
            raws: Values as received, none of them null.

        Returns:
            As many normal forms, null where the value is refused; and the refusals by raw value.
        """
        quick = _PLAIN_COLUMNS.get(self._names.get(kind, "phone"))
        if quick is None:
            values, plain = raws, np.zeros(len(raws), dtype=np.bool_)
        else:
            values = raws if quick.keep_case else pc.ascii_lower(raws)
            matches = pc.match_substring_regex(values, quick.pattern)
            short = pc.less_equal(pc.utf8_length(values), quick.longest)
            blocked = pc.is_in(pc.ascii_lower(raws), pa.array(sorted(self._blocked), pa.string()))
            plain = pc.and_(matches, pc.and_not(short, blocked)).to_numpy(zero_copy_only=False)
        closer = np.flatnonzero(~plain)
        looked = [self.normal(kind, raw) for raw in raws.take(pa.array(closer)).to_pylist()]
        refusals = {
            raws[place].as_py(): found
            for place, found in zip(closer.tolist(), looked, strict=True)
            if isinstance(found, Refusal)
        }
        found = pa.array([None if isinstance(one, Refusal) else one for one in looked], pa.string())
        return pc.replace_with_mask(values, pa.array(~plain), found), refusals

    def _form(self, name: NormalForm) -> Callable[[str], str | Refusal]:
        forms: dict[NormalForm, Callable[[str], str | Refusal]] = {
            "text": str,
            "lower": lower,
            "email": email,
            "phone": lambda text: phone(text, self._region),
        }
        return forms[name]
