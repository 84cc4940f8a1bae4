"""Live membership equals a full recompute on the way, and the oracle at the end,
with messages that come late, twice, out of order and dated in the future, and merges.
"""

from __future__ import annotations

from differential.bulk import BulkEngine
from differential.live import follow
from patron.testing.differential.harness import understood


def test_live_membership_follows_a_random_history() -> None:
    outcome = follow(2018, understood(BulkEngine()), rules=16, stops=12)
    assert outcome.wrong == []
    assert 1_000 < outcome.inside < outcome.cases
