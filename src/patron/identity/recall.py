"""Who is who for questions, from memory: without a look at the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from patron.clock import EPOCH
from patron.identity.devices.shared import SharedDevices
from patron.identity.memory import Memory
from patron.spec.keys import identifier_key_text, keys_of
from patron.warehouse.standing import Standing

MOST = 64
"""Who has more identifiers is looked up in the tables: to walk through them takes longer."""

UNDER_OUR_HANDS = (IndexError, KeyError, OverflowError, RuntimeError, ValueError)
"""What may happen to whoever looks at memory while the writer changes it."""

Asked = tuple[str, str] | int
"""Type and value in normal form of an identifier, or a profile id."""


def numbers_of(memory: Memory, identifiers: Sequence[tuple[str, str]]) -> list[int]:
    """See `Resolver.numbers_of`."""
    try:
        return [number for number in _numbers(memory, identifiers) if number > 0]
    except UNDER_OUR_HANDS:
        return []


def recall(
    memory: Memory, devices: SharedDevices | None, asked: Sequence[Asked]
) -> dict[Asked, Standing]:
    """See `Resolver.recall`."""
    named = [one for one in asked if not isinstance(one, int)]
    found: dict[Asked, Standing] = {}
    try:
        numbers = dict(zip(named, _numbers(memory, named), strict=True))
        for one in asked:
            if isinstance(one, int):
                number = memory.founder.item(one) if 0 < one <= memory.profiles else 0
            else:
                number = numbers[one]
                if number > 0 and (devices is None or devices.has_turns(number)):
                    continue
            recalled = _owner(memory, number) if number > 0 else None
            if recalled is not None:
                found[one] = recalled
    except UNDER_OUR_HANDS:
        return {}
    return found


def _numbers(memory: Memory, identifiers: Sequence[tuple[str, str]]) -> list[int]:
    keys = keys_of(identifier_key_text(kind, value) for kind, value in identifiers)
    found: list[int] = memory.keys.find(keys).tolist()
    return found


def _owner(memory: Memory, identifier: int) -> Standing | None:
    """The profile that an identifier belongs to; None where memory alone cannot tell."""
    profile = memory.profile.item(identifier)
    members = list(_members(memory, profile))
    if not profile or len(members) > MOST:
        return None
    founded = {memory.founded.item(member) for member in members}
    seen = EPOCH + timedelta(microseconds=memory.profile_seen.item(profile))
    return Standing(profile, seen, [profile, *sorted(founded - {0, profile})])


def _members(memory: Memory, profile: int) -> Iterator[int]:
    """The identifiers of a profile, and no more than one beyond `MOST`.

    The ring may change under our hands, and never come back to where it began.
    """
    founder = member = memory.founder.item(profile)
    for _ in range(MOST + 1):
        yield member
        member = memory.next.item(member)
        if member == founder:
            return
