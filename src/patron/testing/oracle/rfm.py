"""Scores by recency, frequency and monetary value, by looking at everybody."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from patron.testing.oracle.measures import measured
from patron.testing.oracle.selections import rows_of
from patron.testing.oracle.sets import last_refresh
from patron.testing.oracle.shapes import Question, Rule


def among(question: Question, rule: Rule) -> bool:
    """Whether the customer's three scores are among some, as of the last refresh."""
    own = cell(question, rule["rfm"], rule.get("refreshed", "day"))
    return own is not None and any(
        all(wanted in ("*", digit) for digit, wanted in zip(own, pattern, strict=True))
        for pattern in rule["in"]
    )


def scored(question: Question, expression: Rule) -> Any:  # noqa: ANN401 - a number or a text
    """One of the scores, or the first group that all three fit."""
    own = cell(question, expression["rfm"], expression.get("refreshed", "day"))
    if own is None:
        return None
    recency, frequency, monetary = map(int, own)
    scores = {"recency": recency, "frequency": frequency, "monetary": monetary}
    if expression["take"] != "group":
        return scores[expression["take"]]
    scores["value"] = (frequency + monetary) // 2
    for group in expression["groups"]:
        ranges = {name: group.get(name, [1, 5]) for name in scores}
        if all(low <= scores[name] <= high for name, (low, high) in ranges.items()):
            return group["group"]
    return None


def cell(question: Question, selection: Rule, refreshed: str) -> str | None:
    """The digits of the three scores; None: nothing is there to be scored."""
    then = last_refresh(question, refreshed)
    everybody = {}
    for person in question.world["people"]:
        asked = Question(question.world, person, then)
        rows = rows_of(asked, selection) if asked.seen else []
        if rows:
            amount = measured(asked, {"sum": selection})
            everybody[person["id"]] = (max(row.at for row in rows), len(rows), amount)
    own = everybody.get(question.person["id"])
    if own is None:
        return None
    return "".join(
        str(_fifth(mine, [measures[place] for measures in everybody.values()]))
        for place, mine in enumerate(own)
    )


def _fifth(mine: Any, every: list[Any]) -> int:  # noqa: ANN401 - a moment or a number
    """Which fifth the middle of all equal values lies in."""
    below = sum(value < mine for value in every)
    equal = sum(value == mine for value in every)
    return int((below + Fraction(equal, 2)) / len(every) * 5) + 1
