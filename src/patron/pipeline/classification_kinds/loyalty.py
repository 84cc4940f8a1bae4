"""Loyalty programmes: tiers by spend, and points."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec

from patron.errors import DefinitionError
from patron.pipeline.classification_kinds import written
from patron.pipeline.classification_kinds.kind import Described, Expressions
from patron.segments import tree
from patron.segments.codec import decode_expression
from patron.segments.text import parse
from patron.segments.tree import Case, Cases, Rule


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tier of a loyalty programme.

    Attributes:
        tier: Its name.
        at_least: From how much spent.
    """

    tier: str
    at_least: Any = None


class Earning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"events": "for"}):
    """What earns points.

    Attributes:
        earn: How many points.
        per: For each unit of a property, as inside ``sum(…)``.
        events: Or for each of some events, as inside ``count(…)``.
    """

    earn: int | float
    per: str | None = None
    events: str | None = None


class PointsDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How points of a loyalty programme come and go.

    Attributes:
        earning: What earns them.
        burning: The property that says how many an event burns, as inside ``sum(…)``.
        expire_after: So long after they were earned, points that are left expire.
    """

    earning: tuple[Earning, ...]
    burning: str | None = 'points of "Points Redeemed"'
    expire_after: str | None = None

    def programme(self) -> tree.Programme:
        """The programme that a rule can ask about."""
        said = [f"earn {one.earn} {_earned(one)}" for one in self.earning]
        said += [f"burn {self.burning}"] if self.burning is not None else []
        found = written.expression(f"points({', '.join(said)})", "points")
        assert isinstance(found, tree.Balance)  # noqa: S101 - what begins so is one
        if self.expire_after is None:
            return found.points
        return msgspec.structs.replace(found.points, expire_after=written.length(self.expire_after))


def _check_order(tiers: tuple[Tier, ...]) -> None:
    """See that customers can be in every tier: the first one that they reach is theirs.

    Raises:
        DefinitionError: One comes behind another that takes its customers.
    """
    if not tiers:
        raise DefinitionError("tiers: expected one or more.", field="tiers")
    needed = [one.at_least for one in tiers]
    limits = [one for one in needed if isinstance(one, int | float)]
    if None in needed[:-1] or any(low >= high for high, low in pairwise(limits)):
        raise DefinitionError(
            "tiers: expected the highest first, and at_least in all but the last.", field="tiers"
        )


def _earned(one: Earning) -> str:
    if (one.per is None) == (one.events is None):
        raise DefinitionError("points.earning: say per, or for.", field="points.earning")
    return f"per {one.per}" if one.per is not None else f"for {one.events}"


class LoyaltyDefinition(Described, frozen=True, kw_only=True):
    """Tiers by spend, and points.

    Attributes:
        spend: What tiers go by, as the value of a computed trait.
        tiers: The highest first. The last one may be of everybody else.
        members: The rule of who takes part; everybody unless said.
        points: How points come and go; there are none unless said.
    """

    spend: str | dict[str, Any] = "revenue(in the last 365 days)"
    tiers: tuple[Tier, ...] = (Tier("high", 1000), Tier("middle", 250), Tier("low"))
    members: str | None = None
    points: PointsDefinition | None = None

    def expressions(self, name: str) -> Expressions:
        """The spend, the tier, and the points."""
        _check_order(self.tiers)
        spent = f"{name}_spend"
        cases = [Case(one.tier, self._inside(spent, one.at_least)) for one in self.tiers]
        points: Expressions = {}
        if self.points is not None:
            points[f"{name}_points"] = tree.Balance(self.points.programme())
        return {
            spent: decode_expression(self.spend),
            f"{name}_tier": Cases(tuple(cases)),
            **points,
        }

    def _inside(self, spent: str, at_least: Any) -> Rule:  # noqa: ANN401 - any number
        inside = tree.Trait(spent, "exists" if at_least is None else ">=", at_least)
        return inside if self.members is None else tree.All((parse(self.members), inside))

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The tiers."""
        return {f"{name}_tier": tuple(dict.fromkeys(one.tier for one in self.tiers))}
