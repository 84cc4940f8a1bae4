"""Normal forms: how a raw identifier value becomes comparable, or why it is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.normal.blocking import LISTED, Blocking
from patron.identity.normal.card import card
from patron.identity.normal.characters import graphic
from patron.identity.normal.context import number_and_region
from patron.identity.normal.device import PLAIN_UUID, device
from patron.identity.normal.email import PLAIN_EMAIL, PLAIN_LENGTH, Mailboxes, email
from patron.identity.normal.phone import phone
from patron.identity.normal.text import Refusal, lower, tidy
from patron.spec.identifiers import DEFAULT_RULES, IdentifierType, IdentityRules, NormalForm
from patron.spec.scopes import brand_wanted

LONGEST = 512
"""Identifier values with more characters are refused."""

Form = Callable[[str], str | Refusal]


class _PlainColumn(NamedTuple):
    """Which values of a column need no closer look, in the syntax of RE2."""

    pattern: str
    longest: int
    keep_case: bool


_PLAIN_TEXT = "^[!-~](?:[ -~]*[!-~])?$"
_PLAIN_COLUMNS: dict[NormalForm, _PlainColumn] = {
    "text": _PlainColumn(_PLAIN_TEXT, LONGEST, keep_case=True),
    "lower": _PlainColumn(_PLAIN_TEXT, LONGEST, keep_case=False),
    "email": _PlainColumn(f"^{PLAIN_EMAIL.pattern}$", PLAIN_LENGTH, keep_case=False),
    "device": _PlainColumn(f"^{PLAIN_UUID}$", LONGEST, keep_case=False),
    "card": _PlainColumn("^[0-9A-Z]+$", LONGEST, keep_case=True),
}


class NormalForms:
    """Turns raw values into normal forms by the rules of a workspace.

    Args:
        rules: The identifier types with their normal forms and what they block, the regions of
            phone numbers, and the providers of e-mail.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> forms = NormalForms(DEFAULT_RULES)
    >>> forms.normal("email", " Ann.Lee@Example.COM "), forms.normal("email", "a.nn+x@gmail.com")
    ('ann.lee@example.com', 'ann@gmail.com')
    >>> forms.normal("phone", "+49 (151) 2345 6789")
    '+4915123456789'
    >>> forms.normal("user_id", "undefined").reason
    'This value is on the list of values that identify nobody.'
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._rules = rules
        self._region = rules.default_region
        # Only where messages are asked for their country can a value carry one.
        self._regions = bool(rules.region_fields or rules.brand_regions)
        self._mailboxes = Mailboxes(rules.providers)
        self._kinds = {kind.name: kind for kind in rules.types}
        self._forms = {kind.name: self._form(kind) for kind in rules.types}
        self._blocking = {
            kind.name: Blocking(kind, rules.blocked, self._listed(kind)) for kind in rules.types
        }

    @staticmethod
    def of(rules: IdentityRules) -> NormalForms:
        """Those of some rules, made once for as long as the same rules are asked for."""
        made_of, forms = _newest[0]
        if made_of is not rules:
            forms = NormalForms(rules)
            _newest[0] = rules, forms
        return forms

    def normal(self, kind: str, raw: str) -> str | Refusal:
        """The normal form of one value, or why it is refused.

        Normal forms are stable: the normal form of a normal form is itself.

        Args:
            kind: Name of an identifier type.
            raw: The value as received.
        """
        form = self._forms.get(kind)
        if form is None:
            wanted = brand_wanted(self._rules, kind)
            if wanted is not None:
                return Refusal(wanted, "brand_wanted")
            return Refusal(f"{kind!r} is not a declared identifier type.", "not_declared")
        if raw.isascii() and raw.isprintable():
            text = raw.strip()
        else:
            text = tidy(raw)
            if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
                return Refusal(
                    "This value holds control characters or is not valid Unicode.",
                    "control_characters",
                )
        if len(text) > LONGEST:
            return Refusal(f"This value is longer than {LONGEST} characters.", "too_long")
        blocking = self._blocking[kind]
        if text.lower() in blocking.before:
            return LISTED
        value = form(text)
        if isinstance(value, Refusal):
            return value
        return blocking.refusal(value) or value

    def normals(self, kind: str, raws: pa.Array) -> tuple[pa.Array, dict[str, Refusal]]:
        """The normal forms of many values, as `normal` gives them, but by whole columns.

        Args:
            kind: Name of an identifier type.
            raws: Values as received, none of them null.

        Returns:
            As many normal forms, null where the value is refused; and the refusals by raw value.
        """
        values, plain = self._plain(self._kinds.get(kind), raws)
        closer = np.flatnonzero(~plain)
        looked = [self.normal(kind, raw) for raw in raws.take(pa.array(closer)).to_pylist()]
        refusals = {
            raws[place].as_py(): found
            for place, found in zip(closer.tolist(), looked, strict=True)
            if isinstance(found, Refusal)
        }
        found = pa.array([None if isinstance(one, Refusal) else one for one in looked], pa.string())
        return pc.replace_with_mask(values, pa.array(~plain), found), refusals

    def _plain(
        self, kind: IdentifierType | None, raws: pa.Array
    ) -> tuple[pa.Array, np.ndarray]:  # of booleans
        """Normal forms of the values that need no closer look, and which ones these are."""
        quick = None if kind is None else _PLAIN_COLUMNS.get(kind.normal_form)
        if kind is None or quick is None or kind.check_digit is not None:
            return raws, np.zeros(len(raws), dtype=np.bool_)
        blocking = self._blocking[kind.name]
        values = raws if quick.keep_case else pc.ascii_lower(raws)
        if quick.pattern == _PLAIN_TEXT and graphic(values):
            matches = pc.greater(pc.binary_length(values), 0)
        else:
            matches = pc.match_substring_regex(values, quick.pattern)
        plain = pc.and_(matches, pc.less_equal(pc.utf8_length(values), quick.longest))
        if kind.normal_form == "email":
            plain = pc.and_not(plain, blocking.listed(values))
            values = self._mailboxes.mailboxes(values)
        plain = pc.and_not(plain, blocking.suspects(values))
        return values, plain.to_numpy(zero_copy_only=False)

    def _form(self, kind: IdentifierType) -> Form:
        forms: dict[NormalForm, Form] = {
            "text": str,
            "lower": lower,
            "email": self._email,
            "phone": self._phone,
            "device": device,
            "card": lambda text: card(text, kind.check_digit),
        }
        return forms[kind.normal_form]

    def _email(self, text: str) -> str | Refusal:
        address = email(text)
        return address if isinstance(address, Refusal) else self._mailboxes.mailbox(address)

    def _phone(self, text: str) -> str | Refusal:
        if self._regions:
            return phone(*number_and_region(text, self._region))
        return phone(text, self._region)

    def _listed(self, kind: IdentifierType) -> list[str]:
        """The normal forms of what a type blocks, where they have one."""
        found = (self._forms[kind.name](tidy(value)) for value in kind.blocked)
        return [value for value in found if isinstance(value, str)]


_newest = [(DEFAULT_RULES, NormalForms(DEFAULT_RULES))]
"""The forms asked for last. A pair is replaced as a whole, so that threads may do so at once."""
