"""Every error that Patron raises on purpose, in one tree.

    PatronError
    ├── InputError            what was given is wrong; the same call fails again
    │   ├── DefinitionError   a definition file or body is wrong
    │   ├── RuleError         a segment rule is wrong; knows the place in its text
    │   ├── QueryError        a question in SQL was refused or failed
    │   └── TooLargeError     more bytes than are taken
    ├── NotFoundError         no such profile, segment, source, …
    ├── ConflictError         it exists, or is in use, or changed meanwhile
    ├── AccessError           nobody known asks: the key, token or session is missing or wrong
    │   ├── ForbiddenError    who asks is known, and may not do this
    │   └── LockedError       too many sign-ins failed                            (waiting helps)
    ├── BusyError             another process holds the folder, or the queue is full  (retry helps)
    ├── NotYetError           the asked-for log position is not reached yet          (retry helps)
    ├── AbandonedError        who asked does not wait for the answer any more
    └── StorageError          the folder cannot be read or written

`retryable` says whether the same call can succeed later without a change by the caller.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Value = str | int | list[str]


class Told(NamedTuple):
    """What a sentence says, for whoever puts it into another language.

    Attributes:
        code: Stands for the sentence, and stays when its words change.
        values: What differs from one time to the next, by name. ``near`` are names that may have
            been meant.
    """

    code: str
    values: dict[str, Value]


def told(code: str, **values: Value) -> Told:
    """A sentence by its code and its values; every code has its words in the console.

    >>> told("last_admin", email="ann@example.com").values
    {'email': 'ann@example.com'}
    """
    return Told(code, values)


Kind = Literal[
    "attribute", "brand", "classification", "computed_trait", "currency", "customer",
    "decision", "definition", "enrichment", "entity", "event", "exchange_rates", "group_trait",
    "identifier_type", "identity_rules", "import", "list", "mapping", "part_of_time", "person",
    "preference", "property", "recurring_date", "review", "score", "segment", "source", "token",
    "tracking_plan", "trait", "upload", "version",
]  # fmt: skip
"""What can have a name, or a number, that is unknown, taken or in use."""


def unknown(kind: Kind, name: str | int, near: tuple[str, ...] = ()) -> Told:
    """That there is nothing of a kind under a name; `near` are known names that are like it."""
    return told("unknown", kind=kind, name=str(name), near=list(near))


def taken(kind: Kind, name: str) -> Told:
    """That there is something of a kind under a name already."""
    return told("taken", kind=kind, name=name)


def in_use(kind: Kind, name: str, users: list[str]) -> Told:
    """That others rest on something; `users` are their names."""
    return told("in_use", kind=kind, name=name, users=users)


class PatronError(Exception):
    """Base of all errors of this package.

    Args:
        message: One sentence that says what is wrong, and what would be right.
        field: The path of the offending field, such as ``properties.revenue``.
        hint: What to do about it, when the message alone does not say.
        told: The same by a code, for those who read it in another language.
    """

    retryable = False
    code = "error"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        hint: str | None = None,
        told: Told | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint
        self.told = told


class InputError(PatronError):
    """What was given is wrong; the same call would fail again."""

    code = "invalid_input"


class DefinitionError(InputError):
    """A definition (source, mapping, identity rules, segment) is wrong."""

    code = "invalid_definition"


class RuleError(InputError):
    """A segment rule is wrong.

    Args:
        message: What is wrong.
        line: Line in the rule's text, from 1, when the rule came as text.
        column: Column in that line, from 1.
        field: JSON path in the tree, when the rule came as JSON.
        suggestions: Nearest known names, best first.
        hint: What to do about it.
        told: The same by a code.
    """

    code = "invalid_rule"

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        field: str | None = None,
        suggestions: tuple[str, ...] = (),
        hint: str | None = None,
        told: Told | None = None,
    ) -> None:
        super().__init__(message, field=field, hint=hint, told=told)
        self.line = line
        self.column = column
        self.suggestions = suggestions


class QueryError(InputError):
    """A question in SQL was refused or failed."""

    code = "invalid_query"


class TooLargeError(InputError):
    """What was sent is larger than is taken."""

    code = "too_large"


class NotFoundError(PatronError):
    """No such profile, segment, source, list or import."""

    code = "not_found"


class ConflictError(PatronError):
    """It exists already, is still in use, or was changed meanwhile."""

    code = "conflict"


class AccessError(PatronError):
    """Nobody known asks: the key, token or session is missing or wrong."""

    code = "access_denied"


class ForbiddenError(AccessError):
    """Who asks is known, and may not do this."""

    code = "forbidden"


class LockedError(AccessError):
    """Too many sign-ins failed; none is looked at for a while.

    Args:
        message: What happened, and for how long it stays so.
        seconds: How long it stays so, rounded up.
    """

    code = "locked"

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message, told=told("locked", minutes=-(-seconds // 60)))
        self.seconds = seconds


class BusyError(PatronError):
    """Another process holds the folder, or the queue is full; trying again later helps."""

    retryable = True
    code = "busy"


class NotYetError(PatronError):
    """The log position asked for has not been reached; trying again helps."""

    retryable = True
    code = "not_yet"


class AbandonedError(PatronError):
    """Who asked does not wait for the answer any more, or the workspace is being closed."""

    code = "abandoned"


class StorageError(PatronError):
    """The workspace folder cannot be read or written."""

    code = "storage"
