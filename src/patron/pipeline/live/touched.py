"""Whom what happened in a step can concern, rule by rule.

All rules that a step concerns are asked of everybody in it, which costs next to nothing. What
memory cannot tell is asked of the tables, and only about those for whom the answer can be another
one: of the others that of the last step stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.pipeline.live.news import News
from patron.pipeline.live.rules import Live
from patron.segments.horizon import Due, Horizon
from patron.segments.memberships import Bools, Ints, Members

EVERY_RULE = -1
"""Stands for an edge that concerns every rule: a customer is seen for the first time."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What happened in a step.

    Attributes:
        due: What came due.
        news: What came in.
        horizon: Says what the edges are that came due; None where nothing did.
        seen: Who was seen before.
    """

    due: Due
    news: News
    horizon: Horizon | None
    seen: Members

    def among(self, live: Live, ids: Ints) -> Bools:
        """About which customers of the step the answer can have changed.

        Args:
            live: The rule.
            ids: Of the customers.
        """
        concerns = live.concerns
        if concerns.shared or concerns.recorded or (self.news.identified and concerns.lists):
            return np.ones(len(ids), dtype=bool)
        edges = self.horizon.edges if self.horizon is not None else []
        # The last place is that of EVERY_RULE.
        mine = np.array([*(edge in concerns.edges for edge in edges), True])
        due = self.due.profile_id[mine[self.due.edge]]
        touched = np.concatenate([due, self.news.concerned(live)])
        found: Bools = np.isin(ids, touched) | ~self.seen.of(ids)
        return found
