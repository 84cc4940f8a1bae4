"""``make bench``: every row of the budget table that exists by now.

Small ends within two minutes and says nothing of how large stores behave; full takes its time.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from benchmarks.speed.console import run_console
from benchmarks.speed.explain import explained
from benchmarks.speed.identity import run_identity
from benchmarks.speed.linking import run_linking
from benchmarks.speed.live import run_live
from benchmarks.speed.load import Outcome, run_load
from benchmarks.speed.postgres import compare
from benchmarks.speed.questions import AS_OF, QUESTIONS, counting
from benchmarks.speed.report import medians_in_turn, percentile, report
from benchmarks.speed.server import serving
from benchmarks.speed.timeline import run_timeline
from benchmarks.speed.traits import names
from benchmarks.speed.values import ORDERS_ONLY, ORDERS_PER_CUSTOMER, run_values
from benchmarks.speed.world import (
    EVENTS_PER_CUSTOMER,
    World,
    import_world,
    kept_world,
    new_workspace,
    tell_traits,
)
from patron.workspace import Workspace


class Scale(NamedTuple):
    """How much is measured.

    Attributes:
        events: How many are stored.
        seconds: How long each load lasts.
        live_seconds: How long each load of live membership lasts.
        rules: How many are live, run by run.
        identifiers: How many are resolved in bulk.
    """

    events: int
    seconds: float
    live_seconds: float
    rules: tuple[int, ...]
    identifiers: int


SCALES = {
    "small": Scale(1_000_000, 5.0, 3.0, (10, 100), 1_000_000),
    "full": Scale(10_000_000, 30.0, 30.0, (10, 100, 500), 10_000_000),
}
LINKED = {"small": 50_000, "full": 1_000_000}
"""How many records are linked."""
ORDERED = {"small": 300_000, "full": 10_000_000}
"""How many orders values are computed of."""

NEEDS_WORLD = {"preview", "postgres", "explain", "profile", "restart", "console", "live"}
VISITORS = 5_000
"""Different visitors that the collected messages come from."""


def main() -> None:
    """Run all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--only", help="run only the parts whose name starts with this")
    parser.add_argument("--events", type=int, help="store so many events instead")
    parser.add_argument("--rules", type=int, nargs="+", help="keep so many rules live, run by run")
    parser.add_argument(
        "--folder", type=Path, help="keep the stored events here, and take them from here"
    )
    chosen = parser.parse_args()
    scale = SCALES[chosen.scale]
    if chosen.events:
        scale = scale._replace(events=chosen.events)
    if chosen.rules:
        scale = scale._replace(rules=tuple(chosen.rules))
    folder = Path(tempfile.mkdtemp(prefix="patron-bench-"))
    try:
        _Bench(folder, chosen.folder or folder, scale, chosen.scale).run(chosen.only or "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Bench:
    _world: World
    _workspace: Workspace

    def __init__(self, folder: Path, worlds: Path, scale: Scale, name: str) -> None:
        self._folder = folder
        self._worlds = worlds
        self._events, self._seconds, self._live_seconds, self._rules, self._identifiers = scale
        self._scale = name

    def run(self, only: str) -> None:
        parts: dict[str, Callable[[], None]] = {
            "start": self._start,
            "collect": self._collect,
            "identity": self._identity,
            "import": self._import,
            "preview": self._preview,
            "postgres": self._postgres,
            "explain": self._explain,
            "profile": self._profiles,
            "restart": self._restart,
            "console": self._console,
            "live": self._live,
            "linking": self._linking,
            "values": self._values,
            "timeline": self._timeline,
        }
        chosen = {name for name in parts if name.startswith(only)}
        if chosen & NEEDS_WORLD:
            chosen.add("import")
        for name, part in parts.items():
            if name in chosen:
                part()

    def _start(self) -> None:
        folder = self._folder / "empty"
        workspace, key = new_workspace(folder)
        workspace.close()
        began = time.perf_counter()
        with serving(folder) as (port, _):
            outcome = run_load(port, [_single(key, 0)], connections=1, seconds=0.05)
            spent = time.perf_counter() - began - 0.05
        assert outcome.requests
        report("start.empty_to_first_accepted", spent, "s", budget=2.0, scale=self._scale)

    def _collect(self) -> None:
        folder = self._folder / "collect"
        workspace, key = new_workspace(folder)
        workspace.close()
        with serving(folder) as (port, _):
            singles = [_single(key, visitor) for visitor in range(VISITORS)]
            batches = [_batch(key, first) for first in range(0, VISITORS, 100)]
            run_load(port, singles, connections=16, seconds=1)
            single = run_load(port, singles, connections=128, seconds=self._seconds)
            batched = run_load(port, batches, connections=8, seconds=self._seconds)
        self._rate("collect.single", single, 1, 6_000)
        worst = percentile(single.latencies, 0.99) * 1000
        report("collect.single.p99", worst, "ms", budget=50, scale=self._scale)
        self._rate("collect.batches_of_100", batched, 100, 60_000)
        with Workspace(folder) as opened:
            total = opened.counters()["total"]
        sent = single.requests + batched.requests * 100
        report("collect.lost", max(0, sent - total["stored"]), "messages", budget=0)

    def _rate(self, name: str, outcome: Outcome, each: int, budget: float) -> None:
        rate = outcome.requests * each / outcome.seconds
        report(
            name, rate, "messages/s", budget=budget, direction="at least",
            errors=outcome.errors, scale=self._scale,
        )  # fmt: skip

    def _identity(self) -> None:
        run_identity(self._identifiers, self._scale)

    def _import(self) -> None:
        kept = self._worlds / f"world-{self._events}"
        if kept.exists():
            self._world = World.kept(kept, self._events)
            self._workspace = Workspace(kept)
            return
        self._world, self._workspace, spent = import_world(kept, self._events)
        # The budget is 10 M events in 60 s; smaller runs are held to the same rate.
        report(
            "import.events", self._events / spent, "events/s", budget=10_000_000 / 60,
            direction="at least", seconds=round(spent, 1), events=self._events,
        )  # fmt: skip

    def _preview(self) -> None:
        share = self._events / 50_000_000
        for name, rule, sql, _, budget in QUESTIONS:
            with self._workspace.reading(as_of=AS_OF) as reading:
                cursor = reading.cursor
                from patron.pipeline import audiences

                found = audiences.preview(reading, self._workspace.book, rule, sample=0)
                by_hand = int(cursor.execute(f"select count(*) from ({sql})").value())
                assert found["count"] == by_hand, (name, found["count"], by_hand)
                ours, hand = medians_in_turn(
                    counting(cursor, rule),
                    lambda sql=sql, cursor=cursor: cursor.execute(  # type: ignore[misc]
                        f"select count(*) from ({sql})"
                    ).all(),
                )
            report(
                f"preview.{name}", ours * 1000, "ms", budget=budget * 1000 * max(share, 0.1),
                ratio_to="the same question written by hand in SQL", ratio=ours / hand,
                ratio_met=ours / hand <= 1.3, events=self._events,
            )  # fmt: skip

    def _postgres(self) -> None:
        with self._workspace.reading(as_of=AS_OF) as reading:
            compare(reading.cursor, self._folder, self._events)

    def _explain(self) -> None:
        explained(self._workspace, self._events, self._events // EVENTS_PER_CUSTOMER, self._scale)

    def _profiles(self) -> None:
        folder = self._world.folder
        customers = self._events // EVENTS_PER_CUSTOMER
        tell_traits(self._workspace, self._folder, customers)
        self._workspace.close()
        token = (folder / "admin-token").read_text(encoding="utf-8").strip()
        with serving(folder) as (port, _):
            self._copied(port, token)
            for name, path, rate, budget in READS:
                templates = [
                    _get(path.format(card=f"c{number}"), token)
                    for number in range(0, customers, max(1, customers // 997))
                ]
                outcome = run_load(
                    port, templates, connections=32, seconds=self._seconds, rate=rate
                )
                report(
                    name, percentile(outcome.latencies, 0.95) * 1000, "ms", budget=budget,
                    errors=outcome.errors, rate=round(outcome.requests / outcome.seconds),
                    asked_rate=rate, events=self._events,
                )  # fmt: skip

    def _copied(self, port: int, token: str) -> None:
        """Wait until rows lie in the order of customers, as they do after some minutes."""
        began = time.perf_counter()
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/status")
        asked.add_header("Authorization", f"Bearer {token}")
        while True:
            with urllib.request.urlopen(asked) as answer:
                if not json.load(answer)["uncopied"]:
                    break
            time.sleep(1)
        report("profile.copies_made", time.perf_counter() - began, "s", events=self._events)

    def _restart(self) -> None:
        self._workspace.close()
        with serving(self._world.folder) as (_, seconds):
            report("restart.after_clean_stop", seconds, "s", budget=10, events=self._events)

    def _console(self) -> None:
        self._workspace.close()
        run_console(self._world, self._scale)

    def _live(self) -> None:
        self._workspace.close()
        few, *more = self._rules
        small = self._smaller()
        large = self._world
        # In this order, what else the machine does weighs on both alike if it comes or goes.
        rates = [
            run_live(world, few, self._live_seconds, self._scale).rate
            for world in (large, small, small, large)
        ]
        report(
            "live.sustained_with_five_times_the_events", (rates[0] + rates[3]) / sum(rates[1:3]),
            "ratio", budget=0.8, direction="at least", rules=few, events=self._events,
            scale=self._scale,
        )  # fmt: skip
        for number in more:
            run_live(large, number, self._live_seconds, self._scale)
        self._with_computed_traits(large, more[0] if more else few)

    def _with_computed_traits(self, world: World, number: int) -> None:
        """So many rules alone, and with computed traits of all kinds beside them, in turn."""
        kept = [
            run_live(world, number, self._live_seconds, self._scale, computed=computed)
            for computed in (False, True, True, False)
        ]
        alone, beside = (kept[0], kept[3]), kept[1:3]
        report(
            "live.with_computed_traits", mean(one.rate for one in beside) / mean(
                one.rate for one in alone), "ratio", rules=number, computed_traits=len(names()),
            wait_p99=round(mean(one.wait for one in beside) / mean(one.wait for one in alone), 2),
            events=self._events, scale=self._scale,
        )  # fmt: skip

    def _values(self) -> None:
        orders = ORDERED[self._scale]
        folder = self._worlds / f"orders-{orders}"
        run_values(kept_world(folder, orders, ORDERS_ONLY, ORDERS_PER_CUSTOMER), self._scale)

    def _linking(self) -> None:
        run_linking(LINKED[self._scale], self._scale)

    def _timeline(self) -> None:
        run_timeline(self._worlds, self._scale)

    def _smaller(self) -> World:
        """A store of a fifth of the events."""
        events = self._events // 5
        return kept_world(self._worlds / f"world-{events}", events)


_CARD = "/api/v1/profiles/loyalty_card:{card}?only=true&include="
READS = [
    ("profile.traits_and_segments", _CARD + "traits,segments", 500, 10),
    ("profile.last_20_events", _CARD + "traits,segments,events,order_history", 100, 30),
]


def _single(key: str, visitor: int) -> str:
    return _post("/v1/track", key, _message("@", visitor))


def _batch(key: str, first: int) -> str:
    items = [_message(f"b@-{number}", first + number) for number in range(100)]
    return _post("/v1/batch", key, {"batch": items})


def _message(number: str, visitor: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"bench-{number}",
        "anonymousId": f"visitor-{visitor}",
        "timestamp": "2026-01-01T12:00:00.000Z",
        "context": {"library": {"name": "bench", "version": "1"}, "locale": "en-GB"},
        "properties": {"product_id": "p-17", "category": "Tea", "price": 12.5, "list": "search"},
    }


def _post(path: str, key: str, body: dict[str, Any]) -> str:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/json\r\n\r\n{json.dumps(body)}"
    )


def _get(path: str, token: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"


if __name__ == "__main__":
    main()
