"""Whether the names in a rule are known, and what is said of those that are not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Literal, NoReturn

import msgspec

from patron.errors import Kind, RuleError, Told, told, unknown
from patron.segments.catalogue import Catalogue

Unknown = Literal["error", "warn"]

_SENT = ("event", "trait", "property", "currency", "group trait")
"""Names of these are known from what was sent; all others are declared."""

_NEVER_SENT = re.compile(f"(?:^|: )(No (?:{'|'.join(_SENT)}) is called .*)", re.DOTALL)


class Doubt(msgspec.Struct, frozen=True):
    """Something that is allowed and yet probably a mistake."""

    message: str
    field: str | None = None
    line: int | None = None
    column: int | None = None
    suggestions: tuple[str, ...] = ()
    told: Told | None = None


class Names:
    """The names of one rule.

    Args:
        catalogue: What is known.
        unknown: Whether unknown names are errors or warnings.
        places: Line and column by the path of a condition, as far as they are known.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        unknown: Unknown = "warn",
        places: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self._unknown = unknown
        self._places = places or {}
        self.warnings: list[Doubt] = []

    def fail(
        self, message: str, path: str, *, hint: str | None = None, told: Told | None = None
    ) -> NoReturn:
        """Refuse the rule."""
        line, column = self._place(path)
        raise RuleError(message, line=line, column=column, field=path or None, hint=hint, told=told)

    def known(
        self,
        kind: Kind,
        name: str,
        known: Collection[str],
        path: str,
        *,
        always: bool = False,
        said: str | None = None,
    ) -> None:
        """Refuse or doubt a name that is not among those of its kind.

        Args:
            kind: What it is the name of.
            name: The name.
            known: The names of this kind.
            path: Of the condition that names it.
            always: Refuse it, whatever is wanted of unknown names.
            said: What the kind is called, where that is more than its name.
        """
        if name in known:
            return
        near = nearest(name, known)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        self.doubt(
            f"No {said or kind.replace('_', ' ')} is called {name!r}.{hint}",
            path,
            near,
            always=always,
            told=unknown(kind, name, near),
        )

    def never(self, trait: str, value: str, values: Collection[str], path: str) -> None:
        """Doubt a value that a trait never has; say which it has."""
        near = nearest(value, values)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"It is {', '.join(values)}."
        said = told("never", trait=trait, value=value, near=list(near or values))
        self.doubt(f"{trait} is never {value!r}. {hint}", path, near, told=said)

    def brands(self, brands: str | tuple[str, ...], path: str) -> None:
        """Refuse or doubt brands that no source has."""
        for brand in brands:
            self.known("brand", brand, self.catalogue.brands, path)

    def doubt(
        self,
        message: str,
        path: str,
        near: tuple[str, ...] = (),
        *,
        always: bool = False,
        told: Told | None = None,
    ) -> None:
        """Refuse what may become right, or warn of it."""
        line, column = self._place(path)
        field = path or None
        if always or self._unknown == "error":
            raise RuleError(
                message, line=line, column=column, field=field, suggestions=near, told=told
            )
        self.warnings.append(Doubt(message, field, line, column, near, told))

    def _place(self, path: str) -> tuple[int | None, int | None]:
        while path not in self._places:
            if not path:
                return None, None
            path = path.rpartition(".")[0]
        return self._places[path]


def never_sent(warning: str) -> str | None:
    """Of a warning that nobody sent a name so far, what it says of the name; None of others.

    >>> never_sent("segment buyers: No event is called 'Bought'.")
    "No event is called 'Bought'."
    >>> never_sent("segment buyers: No brand is called 'Orchid'.")
    """
    found = _NEVER_SENT.search(warning)
    return found and found[1]


def nearest(name: str, known: Collection[str]) -> tuple[str, ...]:
    """The three known names most like this one, letter case aside.

    >>> nearest("order complete", ["Order Completed", "Page Viewed"])
    ('Order Completed',)
    """
    by_small = {other.casefold(): other for other in sorted(known)}
    close = difflib.get_close_matches(name.casefold(), by_small, n=3, cutoff=0.6)
    return tuple(by_small[small] for small in close)
