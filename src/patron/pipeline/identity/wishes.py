"""What somebody can say about who is who, and the decision that it comes to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from patron import profiles
from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError, NotFoundError, told, unknown
from patron.identity import Resolver, decision_rows
from patron.spec.decisions import MOST_TEXT, DecisionKind
from patron.spec.identifiers import Identifier

MessageType = Literal["unmerge", "merge", "withdraw"]
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Who decides, why, and when.

    Attributes:
        reason: Why.
        made_by: Who.
        on_behalf_of: For whom, in the words of that one; None: for nobody else.
        made_at: When, naive UTC.
        message_id: Of the message that says so: the same one does nothing a second time.

    Raises:
        InputError: A text is empty or too long.
    """

    reason: str
    made_by: str
    made_at: datetime
    message_id: str
    on_behalf_of: str | None = None

    def __post_init__(self) -> None:
        for name in ("reason", "made_by", "on_behalf_of", "message_id"):
            text: str | None = getattr(self, name)
            if text is not None and (not text.strip() or len(text) > MOST_TEXT):
                raise InputError(f"{name}: expected 1 to {MOST_TEXT:,} characters.", field=name)


class _Wish:
    """Base of what can be said.

    Attributes:
        type: Of the message that says it.
        kind: What the decision says; of one that is taken back nothing.
    """

    type: ClassVar[MessageType] = "unmerge"
    kind: ClassVar[DecisionKind] = "apart"

    @property
    def asked(self) -> dict[str, Any]:
        """As the message says it."""
        told: dict[str, Any] = asdict(self)  # type: ignore[call-overload]
        return {name: format_time(value) if isinstance(value, datetime) else value
                for name, value in told.items()}  # fmt: skip


@dataclass(frozen=True)
class _Pair(_Wish):
    """Base of what is said of two identifiers."""

    one: str
    other: str

    def groups(self, _cursor: Cursor, resolver: Resolver) -> Groups:
        """The identifiers that the decision is to name.

        Raises:
            InputError: They are one identifier.
            NotFoundError: One is not known; so for the others, too.
        """
        first, second = (_found(resolver, text)[0] for text in (self.one, self.other))
        if first == second:
            raise InputError(f"{self.one} and {self.other} are one identifier.")
        return (first,), (second,)


class Unlink(_Pair):
    """Two identifiers are two people."""


class Join(_Pair):
    """Two identifiers are one person."""

    type = "merge"
    kind = "same"


@dataclass(frozen=True)
class TakeOut(_Wish):
    """An identifier belongs to nobody of those that it shares a profile with."""

    identifier: str

    def groups(self, cursor: Cursor, resolver: Resolver) -> Groups:
        """The identifiers that the decision is to name.

        Raises:
            ConflictError: It shares its profile with none.
        """
        own, profile_id = _found(resolver, self.identifier)
        others = [one for one in decision_rows.members_of(cursor, profile_id) if one != own]
        if not others:
            raise ConflictError(
                f"{self.identifier} is the only identifier of its customer.",
                told=told("only_identifier", identifier=str(self.identifier)),
            )
        return (own,), tuple(others)


@dataclass(frozen=True)
class GoBack(_Wish):
    """Who were several customers before a moment are several people.

    Attributes:
        profile: An identifier of the customer who they are now, or the profile id.
        before: The moment, naive UTC.
    """

    profile: str
    before: datetime

    def groups(self, cursor: Cursor, resolver: Resolver) -> Groups:
        """The identifiers that the decision is to name.

        Raises:
            ConflictError: They were not several.
        """
        profile_id = self._profile_id(cursor, resolver)
        parts = decision_rows.parts_before(cursor, profile_id, self.before)
        if len(parts) < 2:
            was = "one customer already" if parts else "not known yet"
            raise ConflictError(
                f"Before {format_time(self.before)}, {self.profile} was {was}: "
                "there is nothing to go back to."
            )
        return tuple(parts)

    def _profile_id(self, cursor: Cursor, resolver: Resolver) -> int:
        if not (self.profile.isascii() and self.profile.isdigit()):
            return _found(resolver, self.profile)[1]
        found = profiles.standing(cursor, int(self.profile))
        if found is None:
            raise NotFoundError(
                f"No customer has {self.profile}.", told=unknown("customer", self.profile)
            )
        return found.profile_id


@dataclass(frozen=True)
class Withdraw(_Wish):
    """A decision does not hold any more."""

    decision_id: int
    type = "withdraw"

    def check(self, cursor: Cursor) -> None:
        """See that it does hold.

        Raises:
            NotFoundError: There is none of this number.
            ConflictError: It was taken back before.
        """
        cursor.execute(
            "select withdrawn_at from identity_decisions where decision_id = ?", [self.decision_id]
        )
        row = cursor.one()
        if row is None:
            raise NotFoundError(
                f"There is no decision {self.decision_id}.",
                told=unknown("decision", self.decision_id),
            )
        if row[0] is not None:
            raise ConflictError(
                f"Decision {self.decision_id} was taken back on {format_time(row[0])} already.",
                told=told("taken_back", decision=self.decision_id),
            )


Wish = Unlink | TakeOut | GoBack | Join | Withdraw


def _found(resolver: Resolver, text: str) -> tuple[int, int]:
    """The id of an identifier, and its profile."""
    found = resolver.find(Identifier.parse(text))
    if found is None:
        raise NotFoundError(f"No customer has {text}.", told=unknown("customer", text))
    return found
