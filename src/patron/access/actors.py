"""Who asks now: a person who is signed in, or a program with a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from patron.access.people import Person
from patron.access.roles import GRANTS, Permission, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks now.

    Attributes:
        kind: A person or a token.
        name: The person's e-mail address, or the token's name.
        role: What they may do.
        hash: Of the session or of the token.
        person: None for a token.
    """

    kind: Literal["person", "token"]
    name: str
    role: Role
    hash: str
    person: Person | None = None

    def may(self, permission: Permission) -> bool:
        """Whether they may do something."""
        return permission in GRANTS[self.role]
