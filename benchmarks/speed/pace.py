"""Watches a page frame by frame: when what somebody did shows, by the page's own clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A frame is on the screen when the next one is asked for. What is not there after a minute counts
# as having taken a minute.
FRAMES = """
const frame = () => new Promise((done) => requestAnimationFrame(done));
const seen = (what) => [...document.querySelectorAll(what)].some((one) => one.checkVisibility());
const whole = () => !seen('.mantine-Skeleton-root, .mantine-Loader-root, [role=status]');
const LONGEST = 60_000;
const until = async (holds) => {
    const began = performance.now();
    while (!holds() && performance.now() - began < LONGEST) await frame();
    await frame();
    return performance.now();
};
const untilSeen = (what) => until(() => document.body && seen(what));
const untilWhole = () => until(() => seen('main h1') && whole());
let largest = 0;
new PerformanceObserver((list) => { largest = list.getEntries().at(-1).startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
const largestPaint = () => largest;
let acted = [];
for (const kind of ['pointerdown', 'keydown'])
    addEventListener(kind, (event) => acted.push(event.timeStamp), { capture: true });
const watch = async (clicks, response, follows) => {
    acted = [];
    await until(() => acted.length >= clicks);
    const began = acted[clicks - 1];
    const shown = await until(response);
    return [shown - began, follows ? (await until(follows)) - began : null];
};
Object.assign(window, { seen, whole, untilSeen, untilWhole, largestPaint, watch });
"""


class Step(NamedTuple):
    """Something that a person does on a page.

    Attributes:
        act: Does it.
        response: In the page: whether something has changed.
        follows: In the page: whether what was asked for is there.
        clicks: So many clicks or keys it takes; the last one counts.
    """

    act: Callable[[Page], None]
    response: str
    follows: str | None = None
    clicks: int = 1


class Times(NamedTuple):
    """Milliseconds from the last click or key.

    Attributes:
        seen: Until something changed on the screen.
        follows: Until what was asked for was there.
    """

    seen: float
    follows: float | None


class Processor:
    """Milliseconds of processor time that a page took: other work on the machine adds little.

    Args:
        page: A tab that shows nothing yet.
    """

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._before = 0.0

    def since(self) -> float:
        """What it took since it was asked for last."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        now = 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
        spent, self._before = now - self._before, now
        return spent


def paced(page: Page, step: Step) -> Times:
    """Do a step, and say when it showed."""
    follows = "null" if step.follows is None else f"() => {step.follows}"
    page.evaluate(
        f"() => {{ window.paced = watch({step.clicks}, () => {step.response}, {follows}) }}"
    )
    step.act(page)
    seen, following = page.evaluate("window.paced")
    return Times(seen, following)
