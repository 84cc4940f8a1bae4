"""Values that identify nobody: by list, by pattern, and by being one digit repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.normal.characters import alike_ends
from patron.identity.normal.text import Refusal, tidy
from patron.spec.identifiers import IdentifierType

LISTED = Refusal("This value is on the list of values that identify nobody.", "listed")
PATTERN = Refusal("This value is like those that identify nobody.", "like_listed")
REPEATED = Refusal("This value is one character repeated.", "repeated")
NOTHING = Refusal("This value holds no letter and no digit.", "nothing_in_it")

_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SUSPECT = f"(?i)^(?:{'|'.join(f'(?:[^a-z0-9]*{c})+[^a-z0-9]*' for c in _CHARACTERS)}|[^a-z0-9]*)$"


class Blocking:
    """Says which values of one identifier type are refused though they have a normal form.

    Args:
        kind: The type, with its lists.
        everywhere: What is blocked for all types.
        listed: Normal forms of what the type itself blocks.
    """

    def __init__(
        self, kind: IdentifierType, everywhere: Iterable[str], listed: Iterable[str]
    ) -> None:
        self.before = frozenset(tidy(value).lower() for value in (*everywhere, *kind.blocked))
        self._after = self.before | {value.lower() for value in listed}
        self._repeats = kind.blocked_repeats
        # A dialling code is no part of what is repeated.
        self._dialled = kind.normal_form == "phone"
        patterns = [_expression(pattern) for pattern in kind.blocked_patterns]
        self._expression = f"(?is)^(?:{'|'.join(patterns)})$" if patterns else None
        self._pattern = re.compile(self._expression) if self._expression else None

    @cached_property
    def _column(self) -> pa.Array:
        # When it is wanted: pyarrow's first array imports pandas where that is installed.
        return pa.array(sorted(self._after), pa.string())

    def refusal(self, value: str) -> Refusal | None:
        """Why a normal form is refused, or None."""
        if value.lower() in self._after:
            return LISTED
        if self._pattern is not None and self._pattern.match(value):
            return PATTERN
        if self._repeats is None:
            return None
        if self._dialled:
            if len(set(value[-self._repeats :])) > 1:
                return None
            value = _national(value)
        return self._repeated(value, self._repeats)

    def _repeated(self, value: str, repeats: int) -> Refusal | None:
        first, last = value[0], value[-1]
        if first != last and first.isalnum() and last.isalnum() and first.lower() != last.lower():
            return None
        bare = [character for character in value.lower() if character.isalnum()]
        if not bare:
            return NOTHING
        if len(set(bare)) > 1 or (bare[0] != "0" and len(bare) < repeats):
            return None
        return REPEATED

    def listed(self, values: pa.Array) -> pa.Array:
        """Which of many values stand on the list, in lower case."""
        return pc.is_in(values, self._column)

    def suspects(self, values: pa.Array) -> pa.Array:
        """Which of many values `refusal` may refuse; of the others it refuses none.

        Args:
            values: In printable ASCII, and of no type that is dialled.
        """
        found = pc.is_in(pc.ascii_lower(values), self._column)
        if self._expression is not None:
            found = pc.or_(found, pc.match_substring_regex(values, self._expression))
        if self._repeats is not None:
            # Hardly any value is looked at closely, for its first character tells from its last.
            alike = pa.array(alike_ends(values))
            closer = pc.match_substring_regex(values.filter(alike), _SUSPECT)
            found = pc.or_(found, pc.replace_with_mask(alike, alike, closer))
        return found


def _expression(pattern: str) -> str:
    """A pattern with ``*`` as a regular expression, alike in Python and in RE2."""
    return ".*".join(re.escape(part) for part in tidy(pattern).lower().split("*"))


def _national(number: str) -> str:
    """The part of a number in E.164 behind the country's code."""
    import phonenumbers

    try:
        return str(phonenumbers.parse(number).national_number)
    except phonenumbers.NumberParseException:
        return number
