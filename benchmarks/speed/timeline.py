"""How long a page of the timeline takes at both ends of one very long history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed.questions import AS_OF
from benchmarks.speed.report import medians_in_turn, report
from benchmarks.speed.world import kept_world
from patron.workspace import Workspace

EVENTS = 100_000
"""Of one customer (issue 5, point 9)."""

PAGE = 50


def run_timeline(worlds: Path, scale: str) -> None:
    """Read the first and the last page of a customer with 100,000 events, in turn.

    Args:
        worlds: Where stored events are kept.
        scale: Named in the rows.
    """
    world = kept_world(worlds / f"one-customer-{EVENTS}", EVENTS, each=EVENTS)
    with Workspace(world.folder) as workspace:
        only = "1"  # there is nobody else
        whole = workspace.timeline(only, as_of=AS_OF, limit=EVENTS - PAGE)
        assert len(whole["data"]) == EVENTS - PAGE, len(whole["data"])
        last = workspace.timeline(only, as_of=AS_OF, cursor=whole["next"], limit=PAGE)
        assert (len(last["data"]), last["next"]) == (PAGE, None)

        def page(cursor: str | None) -> Any:  # noqa: ANN401 - an answer
            return workspace.timeline(only, as_of=AS_OF, cursor=cursor, limit=PAGE)

        first, end = medians_in_turn(lambda: page(None), lambda: page(whole["next"]))
    report("timeline.first_page", first * 1000, "ms", events=EVENTS, scale=scale)
    report(
        "timeline.last_page", end * 1000, "ms", ratio_to="the first page",
        ratio=end / first, events=EVENTS, scale=scale,
    )  # fmt: skip
