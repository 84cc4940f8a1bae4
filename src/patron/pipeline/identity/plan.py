"""What a change of the rules of identity would come to; nothing of the tables changes."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from patron import definitions
from patron.definitions import Body
from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError, unknown
from patron.identity.rules_change.people import part_everybody, read_people
from patron.identity.rules_change.reckoning import Reckoning
from patron.identity.rules_change.succession import with_followers
from patron.pipeline.book import Book
from patron.pipeline.checks import checked
from patron.pipeline.identity.devices import lone_after
from patron.pipeline.identity.effects import segment_effects
from patron.pipeline.identity.examples import examples
from patron.pipeline.identity.messages import Rereading
from patron.pipeline.identity.suspicion import largest, suspicious
from patron.pipeline.identity.work import Progress
from patron.pipeline.list_changes import normal_members
from patron.pipeline.readers import default_rules, list_members, read_identity
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import declared
from patron.warehouse.reading import Reading
from patron.warehouse.sources import known_brands

PARTING = frozenset({"unique", "limit", "limit_window", "held_back_above", "identifies"})
"""The fields of an identifier type that say nothing but how links part people."""

NAME = "rules"
"""What the rules are called where nobody has given them a name."""


class Wanted(msgspec.Struct, frozen=True):
    """The rules that are wanted.

    Attributes:
        name: Of the definition.
        body: As it is to be kept; None for the default rules.
        rules: What it means.
        version: The version that it comes back from, if it does.
    """

    name: str
    body: Body | None
    rules: IdentityRules
    version: int | None = None


def wanted_rules(cursor: Cursor, name: str | None, body: Body | None) -> Wanted:
    """Rules as somebody gave them.

    Args:
        cursor: For reading.
        name: Of the definition; that of the one that holds when None.
        body: What it says; None for the default rules.

    Raises:
        DefinitionError: They are wrong.
    """
    name = name or held_name(cursor)
    if body is None:
        return Wanted(name, None, default_rules(cursor))
    kept = checked([{"kind": "identity", "name": name, "body": body}])["identity", name]
    return Wanted(name, kept, read_identity(kept, known_brands(cursor)))


def earlier_rules(cursor: Cursor, version: int | None) -> Wanted:
    """The rules of an earlier version, or of the one before those that hold.

    Raises:
        NotFoundError: There is no such version.
    """
    name = held_name(cursor)
    versions = definitions.history(cursor, "identity", name)
    if version is None:
        if not versions:
            raise NotFoundError("The rules of identity have never been changed.")
        version = versions[0].version - 1
    body: Body | None = None
    if version > 0:
        found = next((one for one in versions if one.version == version), None)
        if found is None:
            raise NotFoundError(
                f"There is no version {version} of the rules of identity.",
                told=unknown("version", version),
            )
        body = found.body
    brands = known_brands(cursor)
    rules = default_rules(cursor) if body is None else read_identity(body, brands)
    return Wanted(name, body, rules, version)


def held_name(cursor: Cursor) -> str:
    """The name of the rules: of those that hold, else of those that last did."""
    names = [name for kind, name in definitions.current(cursor) if kind == "identity"]
    if names:
        return names[-1]
    cursor.execute(
        "select name from definitions where kind = 'identity' order by recorded_at desc, version "
        "desc limit 1"
    )
    return str(cursor.value() or NAME)


def version_after(cursor: Cursor, wanted: Wanted) -> int:
    """The number of the version that the rules get when they are applied."""
    versions = definitions.history(cursor, "identity", wanted.name)
    return versions[0].version + 1 if versions else 1


def parts_only(rules: IdentityRules, wanted: IdentityRules) -> bool:
    """Whether two sets of rules differ in nothing but how links part people.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> freer = tuple(msgspec.structs.replace(kind, unique=False) for kind in DEFAULT_RULES.types)
    >>> parts_only(DEFAULT_RULES, msgspec.structs.replace(DEFAULT_RULES, types=freer))
    True
    >>> parts_only(DEFAULT_RULES, msgspec.structs.replace(DEFAULT_RULES, blocked=()))
    False
    """
    return _without_parting(rules) == _without_parting(wanted)


def _without_parting(rules: IdentityRules) -> dict[str, Any]:
    """All that a set of rules says, but for what only parts people."""
    said: dict[str, Any] = msgspec.to_builtins(rules)
    said["types"] = [
        {name: value for name, value in kind.items() if name not in PARTING}
        for kind in said["types"]
    ]
    return said


def reckon(
    cursor: Cursor,
    rules: IdentityRules,
    wanted: Wanted,
    tell: Progress,
    rereading: Rereading | None = None,
) -> Reckoning:
    """Work out who would be who.

    Where only what parts people differs, identifiers and links stay, and are parted anew. Otherwise
    all messages are read again.

    Args:
        cursor: In a transaction.
        rules: Those that hold.
        wanted: Those that would.
        tell: Told how far it is.
        rereading: Has read some of the messages under the wanted rules already.

    Raises:
        DefinitionError: Something that is stored would identify nobody.
    """
    if not parts_only(rules, wanted.rules):
        wanted_lists(cursor, wanted.rules)
        if rereading is None or rereading.rules != wanted.rules:
            rereading = Rereading(wanted.rules, rules)
        rereading.read(cursor, tell)
        return rereading.reckon(cursor, tell)
    tell("Reading identifiers and links", 0, None)
    people = read_people(cursor)
    tell("Parting people", 0, None)
    parted, _ = with_followers(part_everybody(people, wanted.rules), dict(people.follows))
    lone = lone_after(cursor, people, parted, wanted.rules)
    return Reckoning(wanted.rules, people, people, parted, lone=lone)


def wanted_lists(cursor: Cursor, rules: IdentityRules) -> dict[str, list[tuple[str, str]]]:
    """The members of every static list in the normal forms of some rules.

    Raises:
        DefinitionError: One of them would identify nobody.
    """
    return {
        name: normal_members(list_members(stored.body), rules, f"list {name}")
        for (kind, name), stored in definitions.current(cursor).items()
        if kind == "list"
    }


def fingerprint(reckoning: Reckoning, wanted: Wanted) -> str:
    """Names what a plan came to: rules, numbers and who moves, whatever the log position."""
    after, moved = reckoning.after, reckoning.moved
    # Ids of new profiles and identifiers are not told: what else comes in shifts them.
    moves = hashlib.sha256(after.ids[moved].tobytes() + after.profile[moved].tobytes()).hexdigest()
    told = {
        "name": wanted.name,
        "rules": declared(wanted.rules),
        "numbers": reckoning.numbers(),
        "moves": moves,
    }
    text = msgspec.json.encode(told, order="sorted")
    return hashlib.sha256(text).hexdigest()[:16]


def summary(
    reading: Reading, book: Book, wanted: Wanted, reckoning: Reckoning, *, applied: bool
) -> dict[str, Any]:
    """What a plan comes to in numbers.

    Args:
        reading: The view that was reckoned in.
        book: What is defined.
        wanted: The rules.
        reckoning: What they come to.
        applied: Whether it is done, and not planned only.
    """
    return {
        **reading.head,
        "applied": applied,
        "fingerprint": fingerprint(reckoning, wanted),
        "name": wanted.name,
        "version": version_after(reading.cursor, wanted),
        "brings_back": wanted.version,
        "read_messages": reckoning.filed is not None,
        "rules_differ": wanted.rules != book.identity,
        "numbers": reckoning.numbers(),
        "contradicts": [
            {"type": name, "decisions": decisions}
            for name, decisions in reckoning.contradicted(book.identity).items()
        ],
    }


def report(
    reading: Reading,
    book: Book,
    wanted: Wanted,
    reckoning: Reckoning,
    tell: Progress,
    *,
    segments: bool,
) -> dict[str, Any]:
    """What a plan says: the numbers, what to look at, and what it does to segments.

    Args:
        reading: The view that was reckoned in.
        book: What is defined.
        wanted: The rules.
        reckoning: What they come to.
        tell: Told how far it is.
        segments: Whether to count the members of segments.
    """
    cursor = reading.cursor
    tell("Looking at what merges", 0, None)
    changed = reckoning.filed is not None or bool(reckoning.turns)
    effects = []
    if segments:
        effects = segment_effects(reading, book, reckoning, tell, changed=changed)
    return {
        **summary(reading, book, wanted, reckoning, applied=False),
        "largest": largest(cursor, reckoning),
        "suspicious": suspicious(cursor, reckoning, book.identity),
        "examples": examples(cursor, reckoning),
        "segments": effects,
    }
