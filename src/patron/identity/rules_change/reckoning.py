"""What other rules come to: everybody before, everybody afterwards, and the numbers in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.identity.devices.rows import Lone
from patron.identity.links import pack
from patron.identity.partition.constraints import fingerprint_types
from patron.identity.partition.parting import Links, strength_order
from patron.identity.rules_change.people import Parted, People, contradicted
from patron.identity.rules_change.regrouping import Groups, Turn, group, turns
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Filed:
    """What every message is filed under, when all were read anew.

    Attributes:
        position: Of each message in the log, ascending.
        identifier: The identifier (its id) that each is filed under from then on.
        shared: Pairs of a profile of before and one of afterwards that share a message.
        anew: How many messages are filed under another identifier than before.
        uses: Who used which device when: all rows of that table.
    """

    position: Ints
    identifier: Ints
    shared: tuple[Ints, Ints]
    anew: int
    uses: pa.Table


@dataclass(frozen=True)
class Fresh:
    """What the tables of identity get, when all messages were read anew.

    Attributes:
        identifiers: New ones: identifier_id, type, value, original, key_hi, key_lo.
        returning: Retired ones that are back.
        links: All of them, in the order of `after.links`: a, b, moment, source_id, message_id
            and rule.
        follows: For profiles without a founder the profile that they go with.
    """

    identifiers: pa.Table
    returning: Ints
    links: pa.Table
    follows: dict[int, int]


@dataclass(frozen=True)
class Reckoning:
    """What a change of the rules comes to.

    Attributes:
        rules: Those that would hold.
        before: Everybody as the tables hold them.
        after: The identifiers and links that there would be; `profile` and `birth` are those of
            before, 0 for identifiers that are new.
        parted: Who would be who among these.
        filed: What messages would be filed under; None where that stays as it is.
        fresh: Identifiers and links that there would be; None where these stay as they are.
        lone: Where those stay: what was done on shared devices, and whose it would be.
    """

    rules: IdentityRules
    before: People
    after: People
    parted: Parted
    filed: Filed | None = None
    fresh: Fresh | None = None
    lone: Lone | None = None

    @cached_property
    def groups(self) -> Groups:
        """Which profiles of before and afterwards hang together, by what they share."""
        held = self.after.profile > 0
        before, after = self.after.profile[held], self.parted.profile[held]
        if self.filed is not None:
            before = np.r_[before, self.filed.shared[0]]
            after = np.r_[after, self.filed.shared[1]]
        return group(before, after)

    @cached_property
    def moved(self) -> Bools:
        """For each identifier whether it goes from one profile to another."""
        found: Bools = (self.after.profile > 0) & (self.after.profile != self.parted.profile)
        return found

    @cached_property
    def gained(self) -> Ints:
        """The links (their places in `after`) that are kept from then on, the strongest first."""
        before, after = self.before, self.after
        known = _keys(before, before.links)[before.kept]
        gained = self.parted.kept & ~np.isin(_keys(after, after.links), known)
        return self._strongest(after, np.flatnonzero(gained))

    @cached_property
    def lost(self) -> Ints:
        """The links (their places in `before`) that are not kept any more, the strongest first."""
        before, after = self.before, self.after
        known = _keys(after, after.links)[self.parted.kept]
        lost = before.kept & ~np.isin(_keys(before, before.links), known)
        return self._strongest(before, np.flatnonzero(lost))

    def contradicted(self, held: IdentityRules) -> dict[str, list[int]]:
        """By unique type the decisions by hand that these rules forbid, and those that hold do not.

        Args:
            held: The rules that hold.
        """
        known = contradicted(self.before, held)
        return {
            name: decisions
            for name, decisions in contradicted(self.after, self.rules).items()
            if decisions != known.get(name)
        }

    @cached_property
    def homes(self) -> dict[int, int]:
        """For profiles that stood and do not any more, which stands for them."""
        places = np.searchsorted(self.parted.founded, self.groups.before)
        standing = self.parted.standing[np.minimum(places, len(self.parted.founded) - 1)]
        gone = standing != self.groups.before
        return dict(zip(self.groups.before[gone].tolist(), standing[gone].tolist(), strict=True))

    @property
    def turns(self) -> list[Turn]:
        """The merges and splits that it takes."""
        return turns(self.groups, self.homes)

    def numbers(self) -> dict[str, int]:
        """What it comes to, in numbers."""
        groups = self.groups
        # A profile of new identifiers alone shares nothing with any of before.
        numbers = {
            "profiles_before": len(np.unique(self.before.profile)),
            "profiles_after": len(np.unique(self.parted.profile)),
        }
        for name, those in (
            ("merging", groups.merging),
            ("splitting", groups.splitting),
            ("moving", groups.moving),
        ):
            numbers[name] = int(groups.counts_before[those].sum())
            numbers[f"{name}_into"] = int(groups.counts_after[those].sum())
        numbers["identifiers_moved"] = int(self.moved.sum())
        numbers["identifiers_new"] = int((~np.isin(self.after.ids, self.before.ids)).sum())
        numbers["identifiers_gone"] = int((~np.isin(self.before.ids, self.after.ids)).sum())
        numbers["links_kept"] = len(self.gained)
        numbers["links_lost"] = len(self.lost)
        if self.filed is not None:
            numbers["messages_filed_anew"] = self.filed.anew
        return numbers

    def _strongest(self, people: People, places: Ints) -> Ints:
        links = Links(*(column[places] for column in people.links))
        last = fingerprint_types(self.rules)
        found: Ints = places[strength_order(people.ranks(self.rules), people.keys, links, last)]
        return found


def _keys(people: People, links: Links) -> UInts:
    """Pairs by the ids of identifiers."""
    return pack(people.ids[links.a], people.ids[links.b])
