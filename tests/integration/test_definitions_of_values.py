"""Traits and exchange rates are made, changed and removed over the API and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.workspace import Workspace

START = parse_time("2026-08-01")
RATES = {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": "0.5"}]}


DEFINED = """
kind: segment
name: a
rule: did "Order Completed"
---
kind: segment
name: b
rule: did "Order Completed" and city = "Utrecht"
---
kind: webhook
name: crm
url: https://crm.example/patron
secret: crm
segments: [lost]
"""


class Shop:
    def __init__(self, folder: Path) -> None:
        token = Workspace.create(folder)
        self.workspace = Workspace(folder, clock=ManualClock(START))
        sources = [{"kind": "source", "name": n, "body": {"trust": t}} for n, t in TRUST.items()]
        self.keys = self.workspace.apply(sources)["write_keys"]
        self.http = TestClient(
            create_app(self.workspace), headers={"Authorization": f"Bearer {token}"}
        )

    def send(self, source: str, **message: Any) -> None:
        body = {"userId": "ann", "timestamp": "2026-07-01T00:00:00Z", **message}
        batch = json.dumps({"batch": [body]}).encode()
        assert self.workspace.collect_batch(batch, self.keys[source]).result().stored == 1

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.http.request(method, f"/api/v1/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def members(self, name: str) -> int:
        return len(self.workspace.members(name)["data"])


TRUST = {"till": 1, "web": 100}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    order = {"order_id": "o1", "currency": "USD", "revenue": 100}
    made.send("web", messageId="m1", type="track", event="Order Completed", properties=order)
    made.send("till", messageId="m2", type="identify", traits={"city": "Paris"})
    late = {"timestamp": "2026-07-02T00:00:00Z"}
    made.send("web", messageId="m3", type="identify", traits={"city": "Rome"}, **late)
    yield made
    made.workspace.close()


def test_exchange_rates_are_put_shown_versioned_and_kept_while_somebody_converts(
    shop: Shop,
) -> None:
    assert shop.ask("PUT", "exchange-rates/eur", RATES)["version"] == 1
    shop.ask("PUT", "computed-traits/spent", {"value": "net revenue(converted to EUR)"})
    shop.ask("PUT", "segments/direct", {"rule": "net revenue(converted to EUR) >= 50"})
    shop.ask("PUT", "segments/through", {"rule": "spent >= 50"})
    assert (shop.members("direct"), shop.members("through")) == (1, 1)

    shown = shop.ask("GET", "exchange-rates/eur")["exchange_rates"]
    assert shown["rates"] == RATES["rates"]
    assert (shown["currency"], shown["segments"], shown["computed_traits"]) == (
        "EUR", ["direct"], ["spent"],
    )  # fmt: skip
    assert shop.ask("GET", "exchange-rates")["data"] == [shown]

    refused = shop.ask("DELETE", "exchange-rates/eur", status=409)["detail"]
    assert refused == "The exchange rates eur are used by segment direct, computed trait spent."

    lower = {"rates": [{**RATES["rates"][0], "rate": 0.25}], "description": "Lower."}
    assert shop.ask("PUT", "exchange-rates/eur", lower)["warnings"] == []
    assert (shop.members("direct"), shop.members("through")) == (0, 0)
    thb = {"rates": [{"currency": "THB", "from": "2026-01-01", "rate": "0.03"}]}
    warnings = shop.ask("PUT", "exchange-rates/eur", thb)["warnings"]
    assert [text.partition(":")[0] for text in warnings] == [
        "segment direct", "computed trait spent",
    ]  # fmt: skip
    assert "no exchange rate from USD to EUR" in warnings[0]

    for name in ("segments/direct", "segments/through", "computed-traits/spent"):
        shop.ask("DELETE", name)
    shop.ask("DELETE", "exchange-rates/eur")
    shop.ask("GET", "exchange-rates/eur", status=404)
    shop.ask("DELETE", "exchange-rates/eur", status=404)
    kept = shop.ask("GET", "definitions/exchange_rates/eur/versions")["data"]
    assert [(one["version"], one["removed"]) for one in kept] == [
        (4, True), (3, False), (2, False), (1, False),
    ]  # fmt: skip
    assert kept[2]["definition"]["description"] == "Lower."
    shop.ask("GET", "definitions/exchange_rates/thb/versions", status=404)


def test_a_plan_tells_of_segments_that_read_rates_and_traits_through_computed_traits(
    shop: Shop,
) -> None:
    shop.ask("PUT", "exchange-rates/eur", RATES)
    shop.ask("PUT", "traits/city", {"survivorship": "trusted"})
    shop.ask("PUT", "computed-traits/spent", {"value": "net revenue(converted to EUR)"})
    home = {"cases": [{"value": "home", "when": {"trait": "city", "op": "=", "value": "Paris"}}]}
    shop.ask("PUT", "computed-traits/place", {"value": home})
    shop.ask("PUT", "segments/rich", {"rule": "spent >= 50"})
    shop.ask("PUT", "segments/parisian", {"rule": 'place = "home"'})
    assert (shop.members("rich"), shop.members("parisian")) == (1, 1)
    held = shop.ask("GET", "definitions")["data"]
    wanted = [one for one in held if one["kind"] not in ("trait", "exchange_rates")]
    lower = {"rates": [{**RATES["rates"][0], "rate": 0.25}]}
    wanted.append({"kind": "exchange_rates", "name": "eur", "body": lower})
    wanted.append({"kind": "trait", "name": "city", "body": {}})
    changes = shop.ask("POST", "definitions/plan", {"documents": wanted})["changes"]
    assert {one["name"]: one["leave"] for one in changes if one["kind"] == "segment"} == {
        "rich": 1,
        "parisian": 1,
    }


def test_a_trait_is_declared_and_not_taken_from_who_would_read_another_value(shop: Shop) -> None:
    shop.ask("PUT", "segments/paris", {"rule": 'city = "Paris"'})
    assert shop.members("paris") == 0
    assert (
        shop.ask("PUT", "traits/home-town", {"trait": "city", "survivorship": "trusted"})["version"]
        == 1
    )
    assert shop.members("paris") == 1
    shown = shop.ask("GET", "traits/home-town")["trait"]
    assert (shown["trait"], shown["survivorship"], shown["segments"]) == (
        "city", "trusted", ["paris"],
    )  # fmt: skip

    hint = shop.ask("GET", "traits/city", status=404)["hint"]
    assert hint == "The trait city is declared by home-town."
    twice = shop.ask("PUT", "traits/town", {"trait": "city"}, status=422)
    assert (twice["field"], "home-town already" in twice["detail"]) == ("trait", True)
    wrong = shop.ask("PUT", "traits/home-town", {"survivorship": "union"}, status=422)
    assert wrong["field"] == "type"
    shop.ask("PUT", "traits/conflicts", {}, status=422)

    refused = shop.ask("DELETE", "traits/home-town", status=409)
    assert refused["detail"].startswith("Trait home-town is used by segment paris, ")
    shop.ask("PUT", "traits/home-town", {"trait": "city", "personal": True})
    assert shop.members("paris") == 0
    shop.ask("DELETE", "traits/home-town")
    shop.ask("DELETE", "traits/home-town", status=404)
    kept = shop.ask("GET", "definitions/trait/home-town/versions")["data"]
    assert [one["definition"] for one in kept] == [
        None, {"trait": "city", "personal": True}, {"trait": "city", "survivorship": "trusted"},
    ]  # fmt: skip
    shop.ask("GET", "definitions/traits/home-town/versions", status=422)


def test_a_segment_that_a_second_currency_made_wrong_is_mended_by_a_plan(shop: Shop) -> None:
    shop.ask("PUT", "segments/rich", {"rule": "revenue() > 50"})
    assert shop.members("rich") == 1
    order = {"order_id": "o2", "currency": "EUR", "revenue": 5}
    shop.send("web", messageId="m4", type="track", event="Order Completed", properties=order)
    held = shop.ask("GET", "definitions")["data"]
    wanted = [one for one in held if one["kind"] != "segment"]
    wrong = [*wanted, {"kind": "segment", "name": "rich", "body": {"rule": "revenue() > 50"}}]
    assert "USD" in shop.ask("POST", "definitions/plan", {"documents": wrong}, status=422)["detail"]
    mended = {"rule": 'sum(revenue of "Order Completed" in USD) > 50'}
    wanted.append({"kind": "segment", "name": "rich", "body": mended})
    hook = {"url": "https://crm.example/patron", "secret": "crm", "segments": ["rich", "ritch"]}
    wanted.append({"kind": "webhook", "name": "crm", "body": hook})
    plan = shop.ask("POST", "definitions/plan", {"documents": wanted})
    [change] = [one for one in plan["changes"] if one["kind"] == "segment"]
    assert (change["enter"], change["leave"]) == (1, 0)
    assert plan["warnings"] == ["webhook crm: there is no segment ritch: nothing is sent about it."]


def test_rates_that_are_added_at_once_are_all_there(shop: Shop) -> None:
    days = [f"2026-02-{day:02}" for day in range(1, 13)]
    paths = [f"exchange-rates/eur/rates/USD/{day}" for day in days]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: shop.ask("PUT", path, {"rate": 0.85}), paths))
    shop.ask("PUT", paths[0], {"rate": "0.9"})
    shop.ask("PUT", paths[0], {"rate": "0.9"})
    held = shop.ask("GET", "exchange-rates/eur")["exchange_rates"]
    assert [(one["from"], one["rate"]) for one in held["rates"]] == [
        (day, "0.9" if day == days[0] else "0.85") for day in days
    ]
    assert held["version"] == len(days) + 1
    wrong = shop.ask("PUT", "exchange-rates/eur/rates/USD/soon", {"rate": 1}, status=422)
    assert wrong["field"].endswith(".from")


def test_before_anything_came_in_a_plan_counts_the_names_that_it_cannot_know(
    tmp_path: Path,
) -> None:
    workspace, folder = tmp_path / "patron-data", tmp_path / "definitions"
    Workspace.create(workspace)
    folder.mkdir()
    (folder / "segments.yaml").write_text(DEFINED)

    def lines(*more: str) -> list[str]:
        words = ["plan", str(folder), "--workspace", str(workspace), *more]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        return done.stderr.splitlines()

    assert lines() == [
        "Warning: webhook crm: there is no segment lost: nothing is sent about it.",
        "Nothing came in yet, so 2 names that are read here cannot be checked (--warnings tells).",
    ]
    assert [line.partition(": ")[2] for line in lines("--warnings")] == [
        "segment a: No event is called 'Order Completed'.",
        "segment b: No event is called 'Order Completed'.",
        "segment b: No trait is called 'city'.",
        "webhook crm: there is no segment lost: nothing is sent about it.",
    ]
    with Workspace(workspace) as opened:
        key = opened.apply([{"kind": "source", "name": "s", "body": {"type": "web"}}])["write_keys"]
        body = b'{"userId": "ann", "event": "Seen", "messageId": "1"}'
        assert opened.collect_one(body, "track", key["s"]).result().stored == 1
    assert [line for line in lines() if "Order" in line] == [
        "Warning: segment a and 1 other: No event is called 'Order Completed'.",
    ]


def test_the_command_line_does_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "patron-data"
    Workspace.create(folder)

    def run(*args: str) -> Any:
        done = CliRunner().invoke(app, [*args, "--workspace", str(folder), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    file = tmp_path / "rates.csv"
    file.write_text("currency,from,rate\nUSD,2026-01-01,0.85\nTHB,2026-01-01,0.0263\n")
    run("exchange-rate", "set", "eur", "--file", str(file), "--description", "Of the bank.")
    run("exchange-rate", "add", "eur", "USD", "0.88", "--from", "2026-07-01")
    run("exchange-rate", "add", "eur", "THB", "0.027", "--from", "2026-01-01")
    shown = run("exchange-rate", "show", "eur")["exchange_rates"]
    assert [tuple(rate.values()) for rate in shown["rates"]] == [
        ("THB", "2026-01-01", "0.027"),
        ("USD", "2026-01-01", "0.85"),
        ("USD", "2026-07-01", "0.88"),
    ]
    assert (shown["version"], shown["description"]) == (3, "Of the bank.")
    assert [one["version"] for one in run("exchange-rate", "versions", "eur")["data"]] == [3, 2, 1]
    run("exchange-rate", "remove", "eur")
    assert run("exchange-rates", "list")["data"] == []

    goal = ("--goal", "revenue 5000 EUR", "--owner", "Mara", "--journey-stage", "loyal")
    rule = ("segment", "set", "buyers", 'did "Order Completed"', "--allow-unknown", *goal)
    said = run(*rule)
    assert (said["version"], len(said["warnings"])) == (1, 1)
    shown = run("segment", "show", "buyers")["segment"]
    assert (shown["goal"], shown["owner"], shown["journey_stage"]) == (
        {"measure": "revenue", "target": "5000", "currency": "EUR"}, "Mara", "loyal",
    )  # fmt: skip
    run("segment", "set", "loyal", "in segment buyers")
    used = CliRunner().invoke(app, ["segment", "remove", "buyers", "--workspace", str(folder)])
    assert (used.exit_code, "loyal" in used.stderr) == (1, True)
    run("segment", "set", "loyal", "--value", "much=in segment buyers", "--value",
        'some=did "Order Completed" or in segment buyers', "--allow-unknown")  # fmt: skip
    first, second = run("segment", "show", "loyal")["segment"]["values"]
    assert (first["value"], first["text"]) == ("much", "in segment buyers")
    assert second["value"] == "some"
    for wrong, said_of_it in (
        (("--value", "a=in segment buyers", "--value", "b=did"), "  did\n"),
        (("--value", "a"), "expected a value"),
        (("--value", "revenue() >= 500"), "right behind it"),
        ((), "the segment's name"),
        (("in segment buyers", "--value", "a=in segment buyers"), "one of them"),
    ):
        refused = CliRunner().invoke(
            app, ["segment", "set", "loyal", *wrong, "--workspace", str(folder)]
        )
        assert refused.exit_code != 0
        assert said_of_it in refused.stderr
    for name in ("loyal", "buyers"):
        run("segment", "remove", name)
    assert run("segment", "list")["data"] == []

    run("trait", "set", "city", "--type", "text", "--survivorship", "longest", "--personal")
    assert run("trait", "show", "city")["trait"]["survivorship"] == "longest"
    order = ("--survivorship", "trusted", "--trust-order", "survey, till")
    told = CliRunner().invoke(app, ["trait", "set", "city", *order, "--workspace", str(folder)])
    assert "there is no source survey" in told.stderr
    run("trait", "remove", "city")
    assert len(run("trait", "versions", "city")["data"]) == 2
