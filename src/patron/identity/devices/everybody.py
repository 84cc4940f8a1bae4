"""Who had which shared device when, for all devices at once: what other rules would make of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from patron.identity.devices.turns import Logins, Name, Turns
from patron.identity.devices.types import DeviceTypes
from patron.identity.partition.whole import held_among
from patron.identity.rules_change.people import Parted, People
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def shared_devices(people: People, parted: Parted, rules: IdentityRules) -> Ints:
    """The devices that are shared: a login's link to them is refused, and they are not held back.

    Args:
        people: All identifiers and links.
        parted: Who is who, and which links are kept.
        rules: Tell which types are devices.

    Returns:
        Identifier ids, ascending.
    """
    ranks = people.ranks(rules)
    types = DeviceTypes(rules)
    held = held_among(rules, ranks, people.links)
    refused = ~parted.kept
    a, b = people.links.a[refused], people.links.b[refused]
    near, far = np.concatenate([a, b]), np.concatenate([b, a])
    found = near[types.logins(ranks[near], ranks[far]) & ~held[near]]
    shared: Ints = people.ids[np.unique(found)]
    return shared


def all_turns(
    people: People, parted: Parted, logins: Logins, names: Callable[[Ints], list[Name]]
) -> dict[int, Turns]:
    """Who had some devices when; those on which nobody counts who logged in are left out.

    Args:
        people: All identifiers, and what people decided.
        parted: Who is who.
        logins: All logins on those devices.
        names: See `Logins.ordered`.
    """
    counts = ~_parted_from(people, parted, logins)
    return {device: turns for device, turns, _ in logins.take(counts).ordered(names).by_device()}


def owners_of(turns: dict[int, Turns], device: Ints, moment: Ints) -> Ints:
    """What messages are filed under that carry a device alone.

    Args:
        turns: Of shared devices; of all others the device itself.
        device: What each carries.
        moment: When each happened.
    """
    owner = device.copy()
    order = np.argsort(device, kind="stable")
    starts = np.flatnonzero(np.diff(device[order], prepend=-1))
    for some in np.split(order, starts[1:]) if len(order) else ():
        found = turns.get(int(device[some[0]]))
        if found is not None:
            owner[some] = found.owners_at(moment[some], int(device[some[0]]))
    return owner


def _parted_from(people: People, parted: Parted, logins: Logins) -> Bools:
    """Which logins are of somebody who is kept apart from the device by decision."""
    found = np.zeros(len(logins.device), dtype=np.bool_)
    for decision in people.decisions:
        if decision.kind != "apart":
            continue
        profiles = [_profiles(people, parted, group) for group in decision.groups]
        for number, group in enumerate(decision.groups):
            on = np.flatnonzero(np.isin(logins.device, np.array(group, dtype=np.int64)))
            if len(on):
                others = np.concatenate(
                    [some for place, some in enumerate(profiles) if place != number]
                )
                who = parted.profile[np.searchsorted(people.ids, logins.identifier[on])]
                found[on] |= np.isin(who, others)
    return found


def _profiles(people: People, parted: Parted, identifiers: tuple[int, ...]) -> Ints:
    """The profiles of some identifiers, as far as they are there."""
    there = np.intersect1d(people.ids, np.array(identifiers, dtype=np.int64))
    found: Ints = parted.profile[np.searchsorted(people.ids, there)]
    return found
