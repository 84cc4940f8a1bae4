"""From scores to decisions: what is linked, what a person is asked about, and why the rest is not.

Links are taken from the most to the least certain. Each joins the groups of its two records, unless
that would put two records into one group that must stay apart:

* they have different values of a field of which one person has one value (`unique`);
* they are from one source that holds each person once (`one_record_a_person`);
* a person said that they are two.

And two groups are joined only if the records of one are, taken together, like those of the other:
the mean of the weights of all pairs between them is above zero. One record that is a little like
two people cannot chain them together. Such a pair goes to review.

What a person said that is one is joined first. The groups depend on the records and scores alone,
not on their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import pyarrow as pa

from patron import structs
from patron.linking.grouping import Cause, Groups
from patron.linking.labels import Reviews
from patron.linking.model import LinkingModel, bits

Verdict = Literal["link", "review", "apart"]


class Evidence(msgspec.Struct, frozen=True):
    """What one field said about a pair.

    Attributes:
        field: Its name.
        level: How alike the two values are, for people; None where the field tells nothing.
        weight: Bits for one person or, below zero, for two.
    """

    field: str
    level: str | None
    weight: float


class Decision(msgspec.Struct, frozen=True):
    """What follows from the score of one pair.

    Attributes:
        left: Number of a record.
        right: Number of the other, the higher one.
        verdict: ``link``; ``review``, where a person is asked; or ``apart``.
        weight: In bits.
        probability: That they are one person.
        cause: What decided in spite of the score; empty where the score decided.
        prior: Bits before any field is looked at.
        evidence: What each field said.
        held_back: Bits that were not counted, since people who live together share them.
    """

    left: int
    right: int
    verdict: Verdict
    weight: float
    probability: float
    cause: Cause
    prior: float
    evidence: tuple[Evidence, ...]
    held_back: float


class Decisions:
    """One decision for each scored pair.

    Attributes:
        table: The scores, with the columns ``verdict`` and ``cause``.
        groups: Numbers of the records that links join; groups of one are left out.
    """

    def __init__(self, table: pa.Table, groups: list[list[int]], model: LinkingModel) -> None:
        self.table = table
        self.groups = groups
        self._model = model

    def links(self) -> pa.Table:
        """The pairs that are linked."""
        return self._of("link")

    def reviews(self) -> pa.Table:
        """The pairs that a person is asked about, the likeliest first."""
        return self._of("review")

    def explained(self, verdict: Verdict | None = None) -> Iterator[Decision]:
        """Decisions with their evidence.

        Args:
            verdict: Only these; all by default.
        """
        for row in (self.table if verdict is None else self._of(verdict)).to_pylist():
            yield self._decision(row)

    def _of(self, verdict: Verdict) -> pa.Table:
        chosen = np.array(self.table["verdict"].to_pylist(), dtype=object) == verdict
        return self.table.filter(pa.array(chosen, pa.bool_()))

    def _decision(self, row: dict[str, object]) -> Decision:
        evidence = []
        total = self._model.prior_weight
        for each in self._model.comparisons:
            level, weight = row[f"level_{each.field}"], row[f"weight_{each.field}"]
            label = each.levels[level].label if isinstance(level, int) and level >= 0 else None
            evidence.append(Evidence(each.field, label, float(weight)))  # type: ignore[arg-type]
            total += evidence[-1].weight
        plain = {name: row[name] for name in ("left", "right", "weight", "probability")}
        return structs.convert(
            plain
            | {"verdict": row["verdict"], "cause": row["cause"], "evidence": evidence}
            | {"prior": self._model.prior_weight}
            | {"held_back": max(0.0, total - float(row["weight"]))},  # type: ignore[arg-type]
            Decision,
        )


def decide(
    scores: pa.Table, records: pa.Table, model: LinkingModel, reviews: Reviews | None = None
) -> Decisions:
    """Decide on all scored pairs.

    Args:
        scores: As `score` gives them.
        records: The records that were scored.
        model: The model that scored them.
        reviews: What people said.
    """
    reviews = reviews or Reviews()
    numbers, weights, likely = _columns(scores, model)
    groups = Groups(records, model.definition, reviews.different)
    for left, right in sorted(reviews.same):
        groups.join_surely(left, right)
    groups.see(numbers, weights)
    causes: list[Cause] = [""] * len(numbers)
    for row in np.flatnonzero(likely).tolist():
        causes[row] = groups.join(*numbers[row])
    verdicts: list[Verdict] = []
    for row, pair in enumerate(numbers):
        verdict: Verdict = "link" if likely[row] and not causes[row] else "review"
        if causes[row] in ("unique", "one_record_a_person"):
            verdict = "apart"
        if pair in reviews.same:
            verdict, causes[row] = "link", "reviewed"
        elif pair in reviews.different:
            verdict, causes[row] = "apart", "reviewed"
        elif verdict == "review" and groups.together(*pair):
            verdict, causes[row] = "link", "group"
        elif verdict == "review" and (cause := groups.forbidden(*pair)):
            verdict, causes[row] = "apart", cause
        verdicts.append(verdict)
    table = scores.append_column("verdict", pa.array(verdicts, pa.string()))
    table = table.append_column("cause", pa.array(causes, pa.string()))
    return Decisions(table, groups.several(), model)


def _columns(
    scores: pa.Table, model: LinkingModel
) -> tuple[list[tuple[int, int]], list[float], np.ndarray]:
    numbers = list(zip(scores["left"].to_pylist(), scores["right"].to_pylist(), strict=True))
    weights = scores["weight"].to_numpy()
    return numbers, weights.tolist(), weights >= bits(model.definition.link_at)
