"""People who work with Patron. All of them are kept in memory; the table is the truth."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from patron.access import passwords
from patron.access.desk import Desk
from patron.access.roles import ROLES, Role
from patron.access.secrets import hashed_secret, new_secret
from patron.engines.duckdb import Cursor
from patron.errors import (
    AccessError,
    ConflictError,
    InputError,
    NotFoundError,
    taken,
    told,
    unknown,
)

Language = Literal["en", "pl", "th"]
Theme = Literal["auto", "light", "dark"]

INVITATION_DAYS = 7
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        person_id: 1, 2, 3, …
        email: In lower case; nobody else has it.
        name: As others see it.
        role: What they may do.
        language: What the console speaks to them.
        theme: How it looks.
        active: Whether they may sign in.
        password_hash: None before they chose one.
        invitation_hash: Of the code with which they may choose one; None when there is none.
        invited_until: How long that code holds.
        oidc_subject: Whom the identity provider says they are; None before they came that way.
        created_at: Naive UTC.
        signed_in_at: The last time; None before the first.
    """

    person_id: int
    email: str
    name: str
    role: Role
    language: Language
    theme: Theme
    active: bool
    password_hash: str | None
    invitation_hash: str | None
    invited_until: datetime | None
    oidc_subject: str | None
    created_at: datetime
    signed_in_at: datetime | None


_COLUMNS = [field.name for field in fields(Person)]


class People:
    """Everybody who may sign in.

    Args:
        cursor: To read who there is.
        desk: To write with.
    """

    def __init__(self, cursor: Cursor, desk: Desk) -> None:
        self._desk = desk
        cursor.execute(f"select {', '.join(_COLUMNS)} from people")
        found = [Person(**dict(zip(_COLUMNS, row, strict=True))) for row in cursor.all()]
        self._people = {person.person_id: person for person in found}

    def all(self) -> list[Person]:
        """Everybody, in the order in which they came."""
        return sorted(self._people.values(), key=lambda person: person.person_id)

    def get(self, person_id: int) -> Person:
        """One of them.

        Raises:
            NotFoundError: There is nobody with that number.
        """
        found = self._people.get(person_id)
        if found is None:
            raise NotFoundError(
                f"There is no person {person_id}.", told=unknown("person", person_id)
            )
        return found

    def by_email(self, email: str) -> Person | None:
        """Who has an address, however it is written."""
        wanted = email.strip().casefold()
        return next((one for one in self._people.values() if one.email == wanted), None)

    def by_subject(self, subject: str) -> Person | None:
        """Whom the identity provider knows by a number."""
        return next((one for one in self._people.values() if one.oidc_subject == subject), None)

    def add(self, email: str, name: str, role: str, language: str = "en") -> tuple[Person, str]:
        """Invite somebody new.

        Returns:
            The person, and the code of the invitation, which is shown this once.

        Raises:
            InputError: The address, name, role or language is none.
            ConflictError: Somebody has the address.
        """
        address = _address(email)
        code = new_secret()

        def change(cursor: Cursor) -> Person:
            if self.by_email(address) is not None:
                raise ConflictError(
                    f"{address} is somebody's here already.",
                    field="email",
                    hint="Change that person, or send them a new invitation.",
                    told=taken("person", address),
                )
            now = self._desk.clock.now()
            person = Person(
                person_id=max(self._people, default=0) + 1,
                email=address,
                name=_name(name),
                role=role_named(role),
                language=_one_of(language, get_args(Language), "language"),
                theme="auto",
                active=True,
                password_hash=None,
                invitation_hash=hashed_secret(code),
                invited_until=now + timedelta(days=INVITATION_DAYS),
                oidc_subject=None,
                created_at=now,
                signed_in_at=None,
            )
            return self._keep(cursor, person)

        return self._desk.write(change), code

    def invite(self, person_id: int) -> tuple[Person, str]:
        """Let somebody choose a password anew; earlier codes of theirs hold no more.

        Returns:
            The person, and the code, which is shown this once.

        Raises:
            ConflictError: They are deactivated.
        """
        code = new_secret()

        def change(cursor: Cursor) -> Person:
            person = self.get(person_id)
            if not person.active:
                raise ConflictError(
                    f"{person.email} is deactivated.",
                    hint="Activate them first.",
                    told=told("deactivated", email=person.email),
                )
            until = self._desk.clock.now() + timedelta(days=INVITATION_DAYS)
            return self._keep(
                cursor, replace(person, invitation_hash=hashed_secret(code), invited_until=until)
            )

        return self._desk.write(change), code

    def accept(self, code: str, password: str) -> Person:
        """Choose a password with the code of an invitation, which holds no more then.

        Raises:
            AccessError: The code is unknown, was used, or has expired.
            InputError: The password is not taken.
        """
        kept = passwords.hashed(password, email=self._invited(code).email)

        def change(cursor: Cursor) -> Person:
            person = self._invited(code)  # again: somebody else may have used it meanwhile
            return self._keep(
                cursor,
                replace(person, password_hash=kept, invitation_hash=None, invited_until=None),
            )

        return self._desk.write(change)

    def change(self, person_id: int, **news: Any) -> Person:  # noqa: ANN401 - checked by name
        """Change what is known of somebody.

        Args:
            person_id: Who.
            news: `name`, `role`, `language`, `theme`, `active`; what is None stays.

        Raises:
            InputError: A value is none of those that can be.
            ConflictError: Nobody would be left who is an admin.
        """
        checked: dict[str, Any] = {
            field: _CHECKS[field](value) for field, value in news.items() if value is not None
        }

        def change(cursor: Cursor) -> Person:
            person = replace(self.get(person_id), **checked)
            others = (one for one in self._people.values() if one.person_id != person_id)
            if not any(_governs(one) for one in (*others, person)) and _governs(
                self.get(person_id)
            ):
                raise ConflictError(
                    f"{person.email} is the last admin.",
                    hint="Make somebody else admin first.",
                    told=told("last_admin", email=person.email),
                )
            if not person.active:
                person = replace(person, invitation_hash=None, invited_until=None)
            return self._keep(cursor, person)

        return self._desk.write(change)

    def set_password(self, person_id: int, kept: str) -> Person:
        """Keep the hash of a password."""
        return self._renew(person_id, password_hash=kept)

    def signed_in(self, person_id: int, **news: str) -> Person:
        """Note that somebody signed in now, with what became known of them by it.

        Args:
            person_id: Who.
            news: `password_hash` or `oidc_subject`.
        """
        return self._renew(person_id, signed_in_at=self._desk.clock.now(), **news)

    def _renew(self, person_id: int, **news: Any) -> Person:  # noqa: ANN401
        return self._desk.write(
            lambda cursor: self._keep(cursor, replace(self.get(person_id), **news))
        )

    def _invited(self, code: str) -> Person:
        wanted, now = hashed_secret(code), self._desk.clock.now()
        for person in self._people.values():
            until = person.invited_until
            if person.invitation_hash == wanted and person.active and until and now < until:
                return person
        raise AccessError(
            "The invitation is unknown, was used, or has expired.",
            hint="Ask an admin for a new one.",
            told=told("invitation_over"),
        )

    def _keep(self, cursor: Cursor, person: Person) -> Person:
        with cursor.transaction():
            cursor.execute(
                f"insert or replace into people ({', '.join(_COLUMNS)}) "
                f"values ({', '.join('?' * len(_COLUMNS))})",
                list(astuple(person)),
            )
        self._people[person.person_id] = person
        return person


def _governs(person: Person) -> bool:
    return person.active and person.role == "admin"


def role_named(role: str) -> Role:
    """A role by its name.

    Raises:
        InputError: There is none of that name.
    """
    found: Role = _one_of(role, ROLES, "role")
    return found


def _address(email: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise InputError(f"email: {error}", field="email", told=told("no_email_address")) from None
    return found.normalized.casefold()


def _name(name: str) -> str:
    shown = " ".join(name.split())
    if not 0 < len(shown) <= _LONGEST_NAME or not shown.isprintable():
        raise InputError(
            f"name: expected 1 to {_LONGEST_NAME} characters.",
            field="name",
            told=told("length", field="name", least=1, most=_LONGEST_NAME),
        )
    return shown


def _one_of(value: str, known: tuple[Any, ...], field: str) -> Any:  # noqa: ANN401
    if value not in known:
        raise InputError(
            f"{field}: expected one of {', '.join(known)}.",
            field=field,
            told=told("one_of", field=field, known=list(known)),
        )
    return value


_CHECKS: dict[str, Any] = {
    "name": _name,
    "role": role_named,
    "language": lambda value: _one_of(value, get_args(Language), "language"),
    "theme": lambda value: _one_of(value, get_args(Theme), "theme"),
    "active": bool,
}
