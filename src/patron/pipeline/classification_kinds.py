"""Ways to sort customers into classes that are declared in a few words: what each stands for.

Each makes computed traits, and one segment with values for every trait that sorts, of the same
name. So a class is a value of the profile, live and true of any moment, and who enters or leaves it
is recorded as of any segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from patron.errors import DefinitionError, RuleError
from patron.segments import durations, tree
from patron.segments.codec import decode_expression
from patron.segments.text import parse, parse_expression
from patron.segments.tree import Amounts, Case, Cases, Events, Expression, Last, RfmGroup, Rule

Expressions = dict[str, Expression]

GROUPS = (
    RfmGroup("champions", recency=(5, 5), value=(4, 5)),
    RfmGroup("champions", recency=(4, 4), value=(5, 5)),
    RfmGroup("loyal", recency=(3, 4), value=(4, 5)),
    RfmGroup("potential_loyalists", recency=(4, 5), value=(2, 3)),
    RfmGroup("new_customers", recency=(5, 5), value=(1, 1)),
    RfmGroup("promising", recency=(4, 4), value=(1, 1)),
    RfmGroup("needs_attention", recency=(3, 3), value=(2, 3)),
    RfmGroup("about_to_sleep", recency=(3, 3), value=(1, 1)),
    RfmGroup("about_to_sleep", recency=(2, 2), value=(1, 2)),
    RfmGroup("cannot_lose", recency=(1, 2), value=(5, 5)),
    RfmGroup("at_risk", recency=(2, 2), value=(3, 4)),
    RfmGroup("at_risk", recency=(1, 1), value=(3, 4)),
    RfmGroup("hibernating", recency=(1, 1), value=(2, 2)),
    RfmGroup("lost", recency=(1, 1), value=(1, 1)),
)
"""The eleven groups, by recency and by the mean of the two other scores, half down."""


class Classifying(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all kinds have in common.

    Attributes:
        description: For people.
        per_brand: Brands that get a segment of their own, such as ``lifecycle on Orchid``.
    """

    description: str | None = None
    per_brand: tuple[str, ...] = ()

    def expressions(self, name: str) -> Expressions:
        """The computed traits that it makes, by name."""
        raise NotImplementedError

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The traits that sort customers, with their classes."""
        raise NotImplementedError


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the scores 5, 4, 3 and 2 take at least; whoever has less has 1.

    Attributes:
        recency: The last event lies within so long: rising lengths such as ``30d``.
        frequency: So many events: falling numbers.
        monetary: So large a sum: falling numbers.
    """

    recency: tuple[str, str, str, str]
    frequency: tuple[int, int, int, int]
    monetary: tuple[int | float, int | float, int | float, int | float]


class RfmDefinition(Classifying, frozen=True, kw_only=True):
    """Scores by recency, frequency and monetary value, and eleven groups of them.

    Attributes:
        of: The property that is summed, and the events, as inside ``sum(…)``.
        refreshed: When scores by fifths are made: ``hourly``, ``daily``, ``weekly``, ``monthly``.
        thresholds: Instead of fifths; these hold at every moment.
        groups: Instead of the eleven.
    """

    of: str = 'revenue of "Order Completed"'
    refreshed: str | None = None
    thresholds: Thresholds | None = None
    groups: tuple[RfmGroup, ...] = GROUPS

    def expressions(self, name: str) -> Expressions:
        """Three scores, and the group."""
        amounts = _amounts(self.of)
        if self.thresholds is not None:
            if self.refreshed is not None:
                raise DefinitionError(
                    "refreshed: thresholds hold at every moment.", field="refreshed"
                )
            return _by_thresholds(name, amounts, self.thresholds, self.groups)
        unit = _refreshed(self.refreshed or "daily")
        made: Expressions = {
            f"{name}_{take}": tree.RfmScore(amounts, take, refreshed=unit)
            for take in ("recency", "frequency", "monetary")
        }
        return {**made, f"{name}_group": tree.RfmScore(amounts, "group", self.groups, unit)}

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The groups."""
        return {f"{name}_group": tuple(dict.fromkeys(one.group for one in self.groups))}


class LifecycleDefinition(Classifying, frozen=True, kw_only=True):
    """Where customers are on their way, by their last orders.

    Attributes:
        of: The orders, as inside ``count(…)``, without a time.
        active_for: So long after an order a customer is active; then defecting.
        inactive_after: So long after the last order a customer is inactive; and who comes back
            after so long a pause is won back.
        won_back_for: For so long after coming back; as long as ``active_for`` unless said.
    """

    STAGES: ClassVar = ("lead", "first_time", "active", "defecting", "inactive", "won_back")

    of: str = '"Order Completed"'
    active_for: str = "90d"
    inactive_after: str = "365d"
    won_back_for: str | None = None

    def expressions(self, name: str) -> Expressions:
        """The stage."""
        events = _timeless(self.of)
        active, inactive = map(_length, (self.active_for, self.inactive_after))
        won_back = _length(self.won_back_for or self.active_for)
        if not durations.duration(active) < durations.duration(inactive):
            raise DefinitionError(
                "inactive_after: expected a longer time than active_for.", field="inactive_after"
            )
        again = _within(events, won_back)
        stages: dict[str, Rule] = {
            "lead": tree.Count(events, "=", 0),
            "inactive": tree.Stopped(events, inactive),
            "defecting": tree.Stopped(events, active),
            "won_back": tree.Resumed(again, inactive),
            "first_time": tree.Count(events, "=", 1),
            "active": tree.Count(events, ">=", 1),
        }
        return {name: Cases(tuple(Case(stage, when) for stage, when in stages.items()))}

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The stages."""
        return {name: self.STAGES}


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many events each class of activity takes at least."""

    very_active: int = 20
    active: int = 5
    low: int = 1


class ActivityDefinition(Classifying, frozen=True, kw_only=True):
    """How active customers are: on a brand, and across brands.

    Attributes:
        of: The events, as inside ``count(…)``.
        levels: How many make each class.
        brands: Those that are looked at across brands; all unless said.
    """

    CLASSES: ClassVar = ("very_active", "active", "low", "none")
    ACROSS: ClassVar = ("on_several", "on_one", "on_none")

    of: str = "any event in the last 30 days"
    levels: Levels = Levels()
    brands: tuple[str, ...] = ()

    def expressions(self, name: str) -> Expressions:
        """The class, and on how many brands it is the highest."""
        limits = (self.levels.very_active, self.levels.active, self.levels.low)
        if not limits[0] > limits[1] > limits[2] > 0:
            raise DefinitionError("levels: expected falling numbers.", field="levels")
        bounds = [tree.Category(one, at_least=limit)
                  for one, limit in zip(self.CLASSES, limits, strict=False)]  # fmt: skip
        own = tree.Categories(tree.Taken(count=_events(self.of)), (*bounds, tree.Category("none")))
        very = tree.Trait(name, "=", "very_active")
        across = Cases(
            (
                Case("on_several", tree.OnBrands(very, ">=", 2, self.brands)),
                Case("on_one", tree.OnBrands(very, "=", 1, self.brands)),
                Case("on_none", tree.OnBrands(very, "=", 0, self.brands)),
            )
        )
        return {name: own, f"{name}_across_brands": across}

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The classes of one brand or all together, and those across brands."""
        return {name: self.CLASSES, f"{name}_across_brands": self.ACROSS}


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
        found = _parsed(f"points({', '.join(said)})", "points")
        assert isinstance(found, tree.Balance)  # noqa: S101 - what begins so is one
        if self.expire_after is None:
            return found.points
        return msgspec.structs.replace(found.points, expire_after=_length(self.expire_after))


def _earned(one: Earning) -> str:
    if (one.per is None) == (one.events is None):
        raise DefinitionError("points.earning: say per, or for.", field="points.earning")
    return f"per {one.per}" if one.per is not None else f"for {one.events}"


class LoyaltyDefinition(Classifying, frozen=True, kw_only=True):
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


KINDS: dict[str, type[Classifying]] = {
    "rfm": RfmDefinition,
    "lifecycle": LifecycleDefinition,
    "activity": ActivityDefinition,
    "loyalty": LoyaltyDefinition,
}
"""The kinds of definitions that sort customers."""


# ── what is written ──


def _amounts(text: str) -> Amounts:
    expression = _parsed(f"sum({text})")
    if not (isinstance(expression, tree.Taken) and expression.sum is not None):
        raise DefinitionError('of: expected such as revenue of "Order Completed".', field="of")
    return expression.sum


def _events(text: str) -> Events:
    expression = _parsed(f"count({text})")
    if not (isinstance(expression, tree.Taken) and expression.count is not None):
        raise DefinitionError('of: expected such as "Order Completed".', field="of")
    return expression.count


def _timeless(text: str) -> Events:
    events = _events(text)
    if events.within is not None:
        raise DefinitionError("of: the times are declared by themselves.", field="of")
    return events


def _parsed(text: str, field: str = "of") -> Expression:
    try:
        return parse_expression(text)
    except RuleError as error:
        error.field = field
        raise


def _length(text: str) -> str:
    try:
        return durations.span(text)
    except ValueError as error:
        raise DefinitionError(f"{error}.") from None


def _refreshed(word: str) -> tree.Refresh:
    from patron.segments.sets_builder import REFRESHED

    if word not in REFRESHED:
        raise DefinitionError(
            f"refreshed: expected one of {', '.join(REFRESHED)}.", field="refreshed"
        )
    return REFRESHED[word]


def _within(events: Events, length: str) -> Any:  # noqa: ANN401 - events of the same kind
    return msgspec.structs.replace(events, within=Last(length))


# ── scores by thresholds ──


def _by_thresholds(
    name: str, amounts: Amounts, limits: Thresholds, groups: Sequence[RfmGroup]
) -> Expressions:
    """The same four traits as by fifths, live."""
    there: dict[str, Any] = msgspec.structs.asdict(amounts)
    del there["property"]
    # Events count whatever their currency; only what is summed is converted.
    events = Events(**there | {"convert": None})
    _check_order(limits)
    least: dict[str, list[Rule]] = {
        "recency": [tree.Count(_within(events, _length(one)), ">=", 1) for one in limits.recency],
        "frequency": [tree.Count(events, ">=", one) for one in limits.frequency],
        "monetary": [tree.Sum(amounts, ">=", one) for one in limits.monetary],
    }
    some = tree.Count(events, ">=", 1)
    made: Expressions = {}
    for measure, rules in least.items():
        cases = [Case(5 - place, when) for place, when in enumerate(rules)]
        made[f"{name}_{measure}"] = Cases((*cases, Case(1, some)))
    rising = {measure: [some, *reversed(rules)] for measure, rules in least.items()}
    cases = [Case(one.group, _in_ranges(one, rising, some)) for one in groups]
    return {**made, f"{name}_group": Cases(tuple(cases))}


def _check_order(limits: Thresholds) -> None:
    lengths = [durations.duration(_length(one)) for one in limits.recency]
    if lengths != sorted(set(lengths)):
        raise DefinitionError("recency: expected rising lengths.", field="thresholds.recency")
    for field in ("frequency", "monetary"):
        numbers = list(getattr(limits, field))
        if len(numbers) != 4 or numbers != sorted(set(numbers), reverse=True):
            raise DefinitionError(
                f"{field}: expected four falling numbers.", field=f"thresholds.{field}"
            )


def _in_ranges(group: RfmGroup, rising: dict[str, list[Rule]], some: Rule) -> Rule:
    """That the scores lie in the ranges of a group.

    Args:
        group: The group.
        rising: Of each measure the conditions that its score is at least 1, 2, 3, 4, 5.
        some: That there is anything to score.
    """
    parts = [some]
    for measure, steps in rising.items():
        parts += _between(getattr(group, measure), lambda score, steps=steps: steps[score - 1])
    parts += _between(group.value, lambda score: _value_at_least(score, rising))
    return tree.All(tuple(parts))


def _between(limits: tuple[int, int], at_least: Any) -> list[Rule]:  # noqa: ANN401 - makes a rule
    low, high = limits
    parts = [] if low == 1 else [at_least(low)]
    return parts if high == 5 else [*parts, tree.Not(at_least(high + 1))]


def _value_at_least(score: int, rising: dict[str, list[Rule]]) -> Rule:
    """That the mean of the two other scores, half down, is so much: one of their sum."""
    wanted = 2 * score
    return tree.AnyOf(
        tuple(
            tree.All((rising["frequency"][one - 1], rising["monetary"][max(wanted - one, 1) - 1]))
            for one in range(max(1, wanted - 5), 6)
        )
    )
