"""Scores by recency, frequency and monetary value: by fifths, or by thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from patron.errors import DefinitionError
from patron.pipeline.classification_kinds import written
from patron.pipeline.classification_kinds.kind import Described, Expressions
from patron.segments import durations, tree
from patron.segments.tree import Amounts, Case, Cases, Events, RfmGroup, Rule

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


class RfmDefinition(Described, frozen=True, kw_only=True):
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
        amounts = written.amounts(self.of)
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


def _refreshed(word: str) -> tree.Refresh:
    from patron.segments.sets_builder import REFRESHED

    if word not in REFRESHED:
        raise DefinitionError(
            f"refreshed: expected one of {', '.join(REFRESHED)}.", field="refreshed"
        )
    return REFRESHED[word]


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
        "recency": [
            tree.Count(written.within(events, written.length(one)), ">=", 1)
            for one in limits.recency
        ],
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
    lengths = [durations.duration(written.length(one)) for one in limits.recency]
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
