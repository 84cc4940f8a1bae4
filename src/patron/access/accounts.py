"""People, tokens and sessions together: who asks now, and signing in and out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from patron.access import passwords
from patron.access.actors import Actor
from patron.access.attempts import Attempts, Key
from patron.access.audit import Audit
from patron.access.desk import Desk
from patron.access.oidc import Known
from patron.access.own_token import OwnToken
from patron.access.people import People, Person
from patron.access.secrets import derived, same
from patron.access.sessions import Sessions
from patron.access.tokens import Tokens
from patron.engines.duckdb import Cursor
from patron.errors import AccessError, told

_WRONG = "The e-mail address or the password is wrong."


class Accounts:
    """Who may ask.

    Args:
        cursor: To read what is kept.
        desk: To write with.
        folder: The workspace's, with the token of the command line.

    Attributes:
        people: Everybody who may sign in.
        tokens: What programs ask with.
        sessions: Who is signed in.
        audit: The record of who did what.
    """

    def __init__(self, cursor: Cursor, desk: Desk, folder: Path) -> None:
        self.people = People(cursor, desk)
        self.tokens = Tokens(cursor, desk, OwnToken(folder))
        self.sessions = Sessions(cursor, desk)
        self.audit = Audit(cursor, desk)
        self._attempts = Attempts(desk.clock)

    def with_token(self, secret: str) -> Actor | None:
        """Who asks with a token; None when it is not in force."""
        token = self.tokens.of(secret)
        return None if token is None else Actor("token", token.name, token.role, token.hash)

    def with_cookie(self, value: str) -> Actor | None:
        """Who asks with a session's cookie; None when the session has ended."""
        session = self.sessions.of(value)
        if session is None:
            return None
        person = self.people.get(session.person_id)
        return _actor(person, session.hash) if person.active else None

    def still(self, actor: Actor) -> bool:
        """Whether who asked before may still ask, in the same role."""
        if actor.person is None:
            return self.tokens.lives(actor.hash)
        person = self.people.get(actor.person.person_id)
        return person.active and person.role == actor.role and self.sessions.lives(actor.hash)

    def sign_in(self, email: str, password: str, address: str) -> str:
        """Sign somebody in. Takes tens of milliseconds, on purpose.

        Args:
            email: As typed.
            password: As typed.
            address: Where it comes from.

        Returns:
            The value of the session's cookie.

        Raises:
            AccessError: No such account with that password; it does not say which.
            LockedError: Too many failed before; says how long to wait.
        """
        account: Key = ("account", email.strip().casefold())
        keys: list[Key] = [account, ("address", address)]
        self._attempts.check(keys)
        person = self.people.by_email(email)
        kept = None if person is None or not person.active else person.password_hash
        if not passwords.fits(password, kept) or person is None or kept is None:
            self._failed(keys, person, address)
            raise AccessError(_WRONG, told=told("wrong_password"))
        self._attempts.forget(account)
        news = {"password_hash": passwords.renewed(password)} if passwords.outdated(kept) else {}
        return self._begin(self.people.signed_in(person.person_id, **news), address, "password")

    def sign_in_known(self, known: Known, address: str) -> str:
        """Sign in somebody whom the identity provider knows.

        Whoever came that way before is known by the provider's number for them; the first time, by
        the e-mail address.

        Returns:
            The value of the session's cookie.

        Raises:
            AccessError: Nobody with that address was invited, or they are deactivated.
        """
        person = self.people.by_subject(known.subject)
        if person is None and known.email is not None:
            person = self.people.by_email(known.email)
            if person is not None and person.oidc_subject is not None:
                person = None  # somebody else has the address at the provider by now
        if person is None or not person.active:
            raise AccessError(
                "Nobody whom the identity provider knows so may sign in here.",
                told=told("not_invited"),
            )
        person = self.people.signed_in(person.person_id, oidc_subject=known.subject)
        return self._begin(person, address, "oidc")

    def refused_known(self, reason: str, address: str) -> None:
        """Note that nobody could be signed in who came back from the identity provider."""
        named = {"with": "oidc", "reason": reason}
        self.audit.record("sign-in failed", by=None, named=named, status=401, address=address)

    def accept(self, code: str, password: str, address: str) -> str:
        """Choose a password with an invitation's code, and sign in; see `People.accept`."""
        person = self.people.accept(code, password)
        self.sessions.end_all(person.person_id)
        self._attempts.forget(("account", person.email))
        person = self.people.signed_in(person.person_id)
        return self._begin(person, address, "invitation")

    def change_password(self, actor: Actor, old: str, new: str, address: str) -> str:
        """Change one's own password. All sessions of the person end, and a new one begins.

        Returns:
            The value of the new session's cookie.

        Raises:
            AccessError: A token asks, or the old password is wrong.
            LockedError: Too many failed before.
            InputError: The new one is not taken.
        """
        person = actor.person
        if person is None:
            raise AccessError("Only people have passwords: sign in.")
        keys: list[Key] = [("account", person.email), ("address", address)]
        self._attempts.check(keys)
        if not passwords.fits(old, person.password_hash):
            self._failed(keys, person, address)
            raise AccessError("The old password is wrong.", told=told("wrong_old_password"))
        kept = passwords.hashed(new, email=person.email)
        self._attempts.forget(keys[0])
        person = self.people.set_password(person.person_id, kept)
        self.sessions.end_all(person.person_id)
        return self._begin(person, address, "new password")

    def change_person(self, person_id: int, **news: str | bool | None) -> Person:
        """Change what is known of somebody; see `People.change`. Deactivating signs them out."""
        person = self.people.change(person_id, **news)
        if not person.active:
            self.sessions.end_all(person_id)
        return person

    def seen_at(self, person: Person) -> datetime | None:
        """When somebody was last here, to within the sessions that they have; None for never."""
        moments = [person.signed_in_at, self.sessions.seen_at(person.person_id)]
        return max((moment for moment in moments if moment is not None), default=None)

    def locked_until(self, person: Person) -> datetime | None:
        """How long somebody has to wait after sign-ins that failed; None when they need not."""
        return self._attempts.waits_until(("account", person.email))

    def unlock(self, person_id: int) -> Person:
        """Let somebody try again at once whose sign-ins failed.

        Raises:
            NotFoundError: There is nobody with that number.
        """
        person = self.people.get(person_id)
        self._attempts.forget(("account", person.email))
        return person

    def sign_out(self, actor: Actor, address: str, *, everywhere: bool = False) -> None:
        """End a person's session, or all of them."""
        if actor.person is None:
            return
        if everywhere:
            self.sessions.end_all(actor.person.person_id)
        else:
            self.sessions.end(actor.hash)
        self.audit.record("signed out", by=actor, address=address)

    def _failed(self, keys: list[Key], person: Person | None, address: str) -> None:
        wait = self._attempts.failed(keys)
        # An address that is nobody's is not recorded: it may be a password in the wrong field.
        by = None if person is None else _actor(person, "")
        self.audit.record("sign-in failed", by=by, status=401, address=address, wait=False)
        if wait:
            named = {"seconds": str(int(wait.total_seconds()))}
            self.audit.record("locked out", by=by, named=named, address=address, wait=False)

    def _begin(self, person: Person, address: str, by_way_of: str) -> str:
        value = self.sessions.begin(person.person_id)
        actor = _actor(person, "")
        self.audit.record("signed in", by=actor, named={"with": by_way_of}, address=address)
        return value


def csrf_token(cookie: str) -> str:
    """What a write has to carry that comes with a session's cookie: other sites cannot know it."""
    return derived(cookie, "csrf")


def is_csrf_token(given: str, cookie: str) -> bool:
    """Whether it is the one of the session."""
    return same(given, csrf_token(cookie))


def _actor(person: Person, hash_: str) -> Actor:
    return Actor("person", person.email, person.role, hash_, person)
