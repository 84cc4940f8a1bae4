"""Live membership equals the oracle on the way: with messages that come late, twice, out of order
and dated in the future, merges and splits, restarts, and definitions that are edited.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from differential.live import LiveWorkspace
from differential.oracle import members
from patron.testing.differential.following import draw_live, follow
from patron.testing.differential.harness import understood
from patron.testing.differential.rules import CLASSES
from patron.testing.differential.scripts import Script
from patron.testing.differential.shrink_scripts import reduced_live

engine = LiveWorkspace()
known = understood(engine)


@pytest.fixture(scope="module")
def script() -> Script:
    return draw_live(2019, known, members, rules=12, stops=10)


def test_live_membership_follows_a_random_history(script: Script) -> None:
    outcome = follow(script, engine, members)
    assert not outcome.differences, outcome.differences[0].text()
    assert 1_000 < outcome.inside < outcome.cases


class Lazy(LiveWorkspace):
    """Looks at what came in only when it is started anew."""

    @contextmanager
    def open(self, script: Script) -> Iterator[Any]:
        with super().open(script) as run:
            run.workspace.advance = lambda: None
            yield run


def test_a_wrong_engine_is_caught_and_its_script_is_made_small() -> None:
    script = draw_live(3, known, members, rules=2, stops=2)
    found = follow(script, Lazy(), members).differences[0]
    small = reduced_live(found, Lazy(), members, attempts=8)
    assert small.kind == found.kind
    assert len(small.script.rules) == 1
    assert len(small.script.acts) < len(found.script.acts)


def test_scripts_hold_all_that_can_happen_and_each_class_takes_part() -> None:
    done: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for seed in range(12):
        script = draw_live(seed, known, members, rules=40, stops=50)
        assert Script.from_json(json.loads(json.dumps(script.as_json()))) == script
        done.update(act.kind for act in script.acts)
        drawn.update(script.drawn.values())
    assert done.keys() == {"send", "step", "compare", "recompute", "restart", "reopen", "define",
                           "list", "compact", "rebuild"}  # fmt: skip
    assert drawn.keys() == CLASSES.keys()
