"""The graph of one profile: why its identifiers are one person, and what could part them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from patron.identity.links import LINKING


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier.

    Attributes:
        id: Its number; links name their ends by it.
        type: Such as ``email``.
        value: Its normal form.
        original: As it was first received.
        first_seen_at: Smallest time of a message that carried it.
        strength: The place of its type in the rules, 1 the strongest.
        events: How many events are filed under it.
    """

    id: int
    type: str
    value: str
    original: str
    first_seen_at: datetime
    strength: int
    events: int


class RulesVersion(msgspec.Struct, frozen=True):
    """Which rules of identity held.

    Attributes:
        name: Of the definition; None for the default rules.
        version: Of the definition, or the edition of the default rules.
    """

    name: str | None
    version: int


class FieldWeight(msgspec.Struct, frozen=True):
    """What a linking model found in one field.

    Attributes:
        field: Its name; None for what is said before any field is looked at, or of several.
        level: How alike the two are in it.
        weight: Bits for one person.
    """

    field: str | None
    level: str
    weight: float


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What showed that two identifiers belong together.

    Attributes:
        strength: The place of the weaker type of the two in the rules, 1 the strongest; 0 where
            somebody decided by hand; behind all types where a linking model says so.
        rule: ``same_message``, ``alias``, ``decision``, or ``linking:`` with model and version.
        weight: Bits for one person, where a linking model says so.
        evidence: What that model found, field by field; together they are the weight.
        rules: The rules of identity that held when the link was recorded.
        source: The name of the source that sent the message.
        message_id: Of the first message that showed it, by time, source and message id.
        first_observed_at: The time of that message.
        recorded_at: When the link was first recorded.
        reason: One sentence, without values.
    """

    strength: int
    rule: str
    weight: float | None = None
    evidence: tuple[FieldWeight, ...] = ()
    rules: RulesVersion
    source: str | None
    message_id: str
    first_observed_at: datetime
    recorded_at: datetime
    reason: str


class Side(msgspec.Struct, frozen=True):
    """What lies on one side of a link."""

    identifiers: int
    events: int


class Bridge(msgspec.Struct, frozen=True):
    """The two sides that a link alone holds together.

    Attributes:
        a: The side of the end called a.
        b: The side of the end called b.
    """

    a: Side
    b: Side


class KeptLink(Observation, frozen=True, kw_only=True):
    """A link that holds the profile together.

    Attributes:
        a: One end.
        b: The other end.
        joined: Taken by strength and time, the link joined two parts; the others confirm what
            was joined already.
        bridge: What would be parted if the link were cut; None where others hold it together.
    """

    a: int
    b: int
    joined: bool
    bridge: Bridge | None


class Other(msgspec.Struct, frozen=True):
    """An identifier of another profile.

    Attributes:
        id: Its number.
        type: Such as ``email``.
        value: Its normal form.
        strength: The place of its type in the rules, 1 the strongest.
        profile_id: The profile.
    """

    id: int
    type: str
    value: str
    strength: int
    profile_id: int


class Conflict(msgspec.Struct, frozen=True):
    """A type of which a profile holds one value, and of which two would have met.

    Attributes:
        type: The type.
        own: The value that the profile holds.
        other: The value that the other profile holds.
    """

    type: str
    own: str
    other: str


class RefusedLink(Observation, frozen=True, kw_only=True):
    """A link to another profile, which the rules forbid.

    Attributes:
        a: The end in this profile.
        other: The end in the other one.
        conflicts: What would be held twice.
        decisions: The decisions that say that the two profiles are not one person.
        refusal: Why it is refused, without values.
    """

    a: int
    other: Other
    conflicts: tuple[Conflict, ...]
    decisions: tuple[int, ...]
    refusal: str


class Change(msgspec.Struct, frozen=True):
    """A merge, a split or a move on the way to the profile as it is.

    Attributes:
        change_id: Merges and splits are numbered as they were recorded.
        kind: ``merge``, ``split``, or ``move``: of what was done on a shared device.
        kept_profile_id: The profile that stood on, or that lost a part.
        other_profile_id: The profile that was merged away, or that got the part.
        occurred_at: When the message that brought it about happened.
        recorded_at: When it was recorded.
        reason: One sentence, without values.
        cause: The same by a code (see `causes`); None for older ones.
        source: The name of the source of that message.
        message_id: Its id.
    """

    change_id: int
    kind: str
    kept_profile_id: int
    other_profile_id: int
    occurred_at: datetime
    recorded_at: datetime
    reason: str
    cause: str | None
    source: str | None
    message_id: str | None


class Turn(msgspec.Struct, frozen=True):
    """That somebody had a shared device.

    Attributes:
        since: From when on, until the next turn; None: from ever on.
        type: Of the identifier that logged in.
        value: Its normal form.
        profile_id: The profile that it belongs to.
    """

    since: datetime | None
    type: str
    value: str
    profile_id: int


class SharedDevice(msgspec.Struct, frozen=True):
    """A device of the profile on which others log in, too.

    Attributes:
        id: Of the identifier.
        turns: Who had it, the latest ones, in order of time.
        count: How many there are in all.
    """

    id: int
    turns: tuple[Turn, ...]
    count: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is in all, whatever is listed."""

    identifiers: int
    links: int
    refused: int
    bridges: int
    changes: int
    events: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """How much of it is not listed."""

    identifiers: int
    links: int
    refused: int
    bridges: int
    changes: int


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Why some identifiers are one person.

    Attributes:
        profile_id: The profile.
        counts: How much there is in all.
        left_out: How much of it is not listed.
        identifiers: The strongest first, then what hangs on it, level by level.
        links: Kept ones among the identifiers that are listed, the strongest first.
        refused: Links to other profiles, the strongest first.
        changes: Merges, splits, and what moved with a shared device, oldest first.
        shared_devices: Those of the identifiers on which others log in, too, and who had them.
    """

    profile_id: int
    counts: Counts
    left_out: LeftOut
    identifiers: tuple[Node, ...]
    links: tuple[KeptLink, ...]
    refused: tuple[RefusedLink, ...]
    changes: tuple[Change, ...]
    shared_devices: tuple[SharedDevice, ...] = ()


def observed_reason(
    rule: str,
    one: str,
    other: str,
    message_id: str,
    source: str | None,
    weight: float | None = None,
) -> str:
    """Why two identifiers are linked, in one sentence without values.

    Args:
        rule: By which it was found.
        one: The type of one of them.
        other: The type of the other.
        message_id: Of the message that showed it.
        source: That sent it.
        weight: Bits for one person, where a linking model says so.

    >>> observed_reason("same_message", "email", "user_id", "m1", "web")
    'Message m1 of source web carried the email and the user_id.'
    >>> observed_reason("linking:people@2", "email", "user_id", "m1", None, 9.04)
    "The linking model people@2 takes the email and the user_id for one person's, by 9.0 bits."
    """
    both = f"two values of {one}" if one == other else f"the {one} and the {other}"
    message = f"essage {message_id}" + ("" if source is None else f" of source {source}")
    if rule.startswith(LINKING):
        bits = "" if weight is None else f", by {weight:.1f} bits"
        return (
            f"The linking model {rule.removeprefix(LINKING)} takes {both} for one person's{bits}."
        )
    if rule == "same_message":
        return f"M{message} carried {both}."
    if rule == "decision":
        return f"Somebody decided that {both} are one person's, in m{message}."
    if rule == "alias":
        return f"M{message} said that {both} are one person's."
    return f"{both[0].upper()}{both[1:]} were linked by the rule {rule}, in m{message}."


def refused_reason(own: int, other: int, conflicts: tuple[Conflict, ...] = ()) -> str:
    """Why a link is refused, in one sentence without values.

    >>> refused_reason(1, 2, (Conflict("user_id", "ann", "bob"),))
    'Profiles 1 and 2 each have their own user_id, and one person holds only one.'
    """
    if own == other:
        return "The rules of identity forbid this link by itself."
    if not conflicts:
        return f"The rules of identity forbid joining profiles {own} and {other}."
    types = " and their own ".join(conflict.type for conflict in conflicts)
    return f"Profiles {own} and {other} each have their own {types}, and one person holds only one."


def shown(kind: str, value: str, length: int = 60) -> str:
    """An identifier on one line, long values cut in their middle.

    >>> shown("email", "ann@example.com"), shown("anonymous_id", "0123456789", length=5)
    ('email:ann@example.com', 'anonymous_id:01…89')
    """
    if len(value) > length:
        half = (length - 1) // 2
        value = f"{value[: length - 1 - half]}…{value[len(value) - half :]}"
    return f"{kind}:{value}"
