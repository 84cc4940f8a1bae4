"""Tracking plans: what is not as planned is counted, and by setting refused (S3.13)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron import definitions
from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.errors import DefinitionError
from patron.workspace import Workspace

START = parse_time("2026-01-01T12:00:00Z")
SOURCES = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {"kind": "source", "name": "till", "body": {"type": "store"}},
]
ORDERS = {
    "properties": {
        "order_id": {"type": "text", "required": True},
        "total": {"type": "number", "min": 0},
        "payment_method": {"type": "text", "allowed": ["card", "cash"]},
        "products": {"type": "list", "properties": {"sku": {"type": "text", "required": True}}},
    }
}
PLAN = {"events": {"Order Completed": ORDERS}, "traits": {"plan": "text", "age": "whole"}}


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.workspace = Workspace(folder, clock=self.clock)
        self.keys = self.workspace.apply(SOURCES)["write_keys"]
        self.sent = 0

    def plan(self, name: str = "shop", **body: Any) -> None:
        self.workspace.put_tracking_plan(name, body)

    def define(self, definitions: list[dict[str, Any]]) -> None:
        self.workspace.apply([*SOURCES, *definitions])

    def send(self, *items: dict[str, Any], source: str = "web") -> Any:
        batch = []
        for item in items:
            self.sent += 1
            batch.append({"userId": "ann", "messageId": f"m{self.sent}", **item})
        body = json.dumps({"batch": batch}).encode()
        return self.workspace.collect_batch(body, self.keys[source]).result()

    def report(self, **asked: Any) -> list[tuple[Any, ...]]:
        names = ("source", "event", "field", "fault", "messages", "refused")
        rows = self.workspace.plan_report(**asked)["data"]
        return [tuple(row[name] for name in names) for row in rows]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def order(**properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order Completed", "properties": properties}


def identify(**traits: Any) -> dict[str, Any]:
    return {"type": "identify", "traits": traits}


GOOD = order(order_id="o1", total=5, payment_method="card", products=[{"sku": "a"}])
FAULTY = [
    order(total=5),
    order(order_id="o2", total=-1),
    order(order_id="o3", payment_method="chip", colour="red"),
    order(order_id="o4", products=[{"sku": "a"}, {"sku": 5}, {}]),
    {"type": "track", "event": "Order Compleated"},
    identify(plan=5, height=180),
]


def test_what_is_not_as_planned_is_reported_with_counts_and_kept(shop: Shop) -> None:
    shop.plan(**PLAN)
    receipt = shop.send(GOOD, *FAULTY, order(total=7), identify(plan=None, age=30.0))
    assert (receipt.stored, receipt.quarantined) == (9, 0)
    completed = "Order Completed"
    assert set(shop.report()) == {
        ("web", completed, "properties.order_id", "missing", 2, 0),
        ("web", completed, "properties.total", "wrong_value", 1, 0),
        ("web", completed, "properties.payment_method", "wrong_value", 1, 0),
        ("web", completed, "properties.colour", "unknown_property", 1, 0),
        ("web", completed, "properties.products[].sku", "missing", 1, 0),
        ("web", completed, "properties.products[].sku", "wrong_type", 1, 0),
        ("web", "Order Compleated", "event", "unknown_event", 1, 0),
        ("web", "", "traits.plan", "wrong_type", 1, 0),
        ("web", "", "traits.height", "unknown_trait", 1, 0),
    }
    first = shop.workspace.plan_report()["data"][0]
    assert (first["messages"], first["example"]) == (2, "m8")
    assert (first["first_seen"], first["told"]) == ("2026-01-01T12:00:00Z", "is missing")


def test_no_value_of_a_message_is_in_the_report(shop: Shop) -> None:
    shop.plan(**PLAN, refuse=["wrong_type"])
    shop.send(order(order_id="o", total="sesame", payment_method="sesame"), identify(age="sesame"))
    assert "sesame" not in json.dumps(shop.workspace.plan_report())
    assert all("sesame" not in one["reason"] for one in shop.workspace.quarantined()["data"])


def test_a_message_that_is_sent_again_is_counted_once(shop: Shop) -> None:
    shop.plan(**PLAN, refuse=["missing"])
    wrong = {**order(total=5), "messageId": "same"}
    odd = {**order(order_id="o", note=""), "messageId": "odd"}
    for _ in range(2):
        shop.send(wrong, odd, odd)
    assert sorted(row[2:] for row in shop.report()) == [
        ("properties.note", "unknown_property", 1, 0),
        ("properties.order_id", "missing", 1, 1),
    ]


def test_by_setting_it_is_refused_alone_and_can_be_replayed_after_an_edit(shop: Shop) -> None:
    shop.plan(**PLAN, refuse=["missing", "wrong_value", "unknown_event"])
    receipt = shop.send(*FAULTY, GOOD)
    assert (receipt.stored, receipt.quarantined, len(receipt.fates)) == (2, 5, 7)
    waiting = shop.workspace.quarantined(code="against_plan")["data"]
    assert {one["field"]: one["reason"] for one in waiting} == {
        "properties.order_id":
            "Against the tracking plan: properties.order_id: is missing.",
        "properties.total":
            "Against the tracking plan: properties.total: expected 0 or more.",
        "properties.payment_method":
            'Against the tracking plan: properties.payment_method: expected one of "card", "cash".',
        "properties.products[].sku":
            "Against the tracking plan: properties.products[].sku: is missing.",
        "event": "Against the tracking plan: event: is not in the plan.",
    }  # fmt: skip
    ids = [one["quarantine_id"] for one in waiting]
    again = shop.workspace.replay(ids)
    assert (again["stored"], again["quarantined"]) == (0, 5)
    assert len(shop.workspace.quarantined(code="against_plan")["data"]) == 5
    payments = {**ORDERS["properties"], "payment_method": "text"}
    shop.plan(events={"Order Completed": {"properties": payments}}, refuse=["missing"], open=True)
    again = shop.workspace.replay(ids)
    assert (again["stored"], again["quarantined"]) == (3, 2)
    left = [one for one in shop.workspace.quarantined()["data"] if one["replayed_at"] is None]
    assert {one["field"] for one in left} == {"properties.order_id", "properties.products[].sku"}
    counters = shop.workspace.counters()["total"]
    assert counters["accepted"] == sum(
        counters[fate] for fate in ("stored", "duplicate", "quarantined")
    )


def test_a_plan_is_of_the_sources_that_it_names_or_of_all_others(shop: Shop) -> None:
    shop.plan("tills", sources=["till"], events={"Receipt Printed": {}}, refuse=["unknown_event"])
    shop.plan("others", events={"Page Seen": {"open": True}}, traits={})
    printed = {"type": "track", "event": "Receipt Printed"}
    seen = {"type": "track", "event": "Page Seen", "properties": {"path": "/"}}
    assert shop.send(printed, seen, source="till").quarantined == 1
    assert shop.send(printed, seen).stored == 2
    assert sorted(row[:4] for row in shop.report()) == [
        ("till", "Page Seen", "event", "unknown_event"),
        ("web", "Receipt Printed", "event", "unknown_event"),
    ]
    assert [row[0] for row in shop.report(source="till")] == ["till"]


def test_pages_and_groups_are_looked_at_only_where_the_plan_names_them(shop: Shop) -> None:
    shop.plan(events={"Page Viewed": {"properties": {"path": "text"}}})
    page = {"type": "page", "name": "Home", "properties": {"path": "/", "size": 5}}
    group = {"type": "group", "groupId": "g", "traits": {"industry": "IT"}}
    assert shop.send(page, group).stored == 2
    assert [row[1:4] for row in shop.report()] == [
        ("Page Viewed", "properties.size", "unknown_property")
    ]


def test_declared_types_of_traits_are_looked_at_without_a_plan(shop: Shop) -> None:
    shop.define(
        [
            {"kind": "trait", "name": "born", "body": {"type": "date"}},
            {"kind": "trait", "name": "home", "body": {"trait": "Home", "type": "place"}},
        ]
    )
    shop.send(
        identify(born="2000-02-30", Home={"lat": 5, "lon": 5}, anything=5),
        identify(born="2000-02-29", Home={"lat": 5}),
    )
    assert sorted(row[2:4] for row in shop.report()) == [
        ("traits.Home", "wrong_type"), ("traits.born", "wrong_type"),
    ]  # fmt: skip
    shop.plan(traits={"age": {"type": "whole", "min": 0}, "born": {}}, refuse=["wrong_type"])
    assert shop.send(identify(born="soon"), identify(age=-1), identify(age=5)).stored == 2


def test_what_people_write_on_cards_is_left_alone(shop: Shop) -> None:
    shop.plan(**PLAN, refuse=["unknown_trait"])
    shop.send(GOOD)
    writer = shop.workspace.writer("eve")
    shop.workspace.write("user_id:ann", writer, lambda card: card.tag(["vip"], []))
    assert shop.report() == []


def test_rows_of_files_are_compared_too(shop: Shop, tmp_path: Path) -> None:
    told = ("o1,u1,5,card", "o2,u2,-5,card", "o3,u3,7,chip", "o4,u4,8,cash")
    rows = ["id,user,total,method,at", *(f"{one},2026-01-01" for one in told)]
    (tmp_path / "orders.csv").write_text("\n".join(rows))
    mapping = {
        "source": "till", "file": "orders.csv", "columns": {"total": "number"},
        "message": {
            "event": "Order Completed", "message_id": "{id}", "timestamp": "at",
            "identifiers": {"user_id": "user"},
            "properties": {"order_id": "id", "total": "total", "payment_method": "method"},
        },
    }  # fmt: skip
    shop.plan(**PLAN, refuse=["wrong_value"])
    shop.define([{"kind": "mapping", "name": "orders", "body": mapping}])
    state = shop.workspace.start_import("orders", str(tmp_path / "orders.csv"))
    shop.workspace._imports._threads[0].join()
    state = shop.workspace.import_state(state["import_id"])
    assert (state["stored"], state["quarantined"], state["error"]) == (2, 2, None)
    found = shop.workspace.quarantined(code="against_plan")["data"]
    assert sorted((one["row_number"], one["field"]) for one in found) == [
        (2, "properties.total"), (3, "properties.payment_method"),
    ]  # fmt: skip
    assert sorted(row[2:] for row in shop.report()) == [
        ("properties.payment_method", "wrong_value", 1, 1),
        ("properties.total", "wrong_value", 1, 1),
    ]


def test_counts_are_by_day_and_survive_a_restart(shop: Shop) -> None:
    shop.plan(**PLAN)
    shop.send(order())
    shop.clock.advance(timedelta(days=3))
    shop.send(order())
    assert (shop.report()[0][4], shop.report(days=2)[0][4]) == (2, 1)
    shop.workspace.close()
    shop.workspace = Workspace(shop.folder, clock=shop.clock)
    shop.send(order())
    assert shop.report()[0][4] == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": {"A": {"properties": {"b": {"type": "text", "min": 1}}}}}, "b"),
        ({"events": {"A": {"properties": {"b": {"type": "text", "pattern": "("}}}}}, "pattern"),
        ({"events": {"A": {"properties": {"b": {"type": "number", "min": 2, "max": 1}}}}}, "b"),
        ({"events": {"A": {"properties": {"b": {"type": "whole", "allowed": [1.5]}}}}}, "b"),
        ({"traits": {"age": {"required": True}}}, "age"),
        ({"events": {"A": {"properties": {"b": "texts"}}}}, "b"),
        ({"sources": ["wob"]}, "sources"),
        ({"refuse": ["everything"]}, "refuse"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    shop: Shop, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(DefinitionError) as error:
        shop.plan(**body)
    assert field in (error.value.field or "")


def test_two_plans_of_one_source_are_refused(shop: Shop) -> None:
    shop.plan("one", sources=["web"])
    with pytest.raises(DefinitionError, match="one is about the source web already"):
        shop.plan("two", sources=["web"])


def test_what_came_in_fulfils_the_plan_that_is_inferred_of_it(shop: Shop) -> None:
    for number in range(25):
        shop.send(
            order(order_id=f"o{number}", total=5 + number / 2, gift=True, when="2026-01-01",
                  payment_method=("card", "cash")[number % 2],
                  products=[{"sku": "a", "price": 3}] * (number % 3)),
            {"type": "track", "event": "Cart Viewed"},
            identify(age=30 + number, tags=["a"]),
        )  # fmt: skip
    body = shop.workspace.inferred_plan(source="web")["body"]
    assert body == {
        "sources": ["web"],
        "events": {
            "Cart Viewed": {},
            "Order Completed": {
                "properties": {
                    "gift": {"type": "truth", "required": True},
                    "order_id": {"type": "text", "required": True},
                    "payment_method": {"type": "text", "required": True},
                    "products": {
                        "type": "list",
                        "required": True,
                        "properties": {
                            "price": {"type": "whole", "required": True},
                            "sku": {"type": "text", "required": True},
                        },
                    },
                    "total": {"type": "number", "required": True},
                    "when": {"type": "date", "required": True},
                }
            },
        },
        "traits": {"age": "whole", "tags": "list"},
    }
    with_values = shop.workspace.inferred_plan(with_values=True)["body"]
    assert "allowed" not in with_values["events"]["Order Completed"]["properties"]["order_id"]
    shop.plan(**body, refuse=["missing", "wrong_type", "unknown_property", "unknown_trait"])
    assert shop.send(order(order_id="o", total=5, gift=False, when="2026-01-02T10:00:00Z",
                           payment_method="card", products=[])).stored == 1  # fmt: skip
    assert shop.send(order(order_id="o")).quarantined == 1
    assert shop.workspace.inferred_plan(source="till")["body"]["events"] == {}


def test_usage_says_who_reads_what_and_what_nobody_does(shop: Shop) -> None:
    shop.define(
        [
            {"kind": "segment", "name": "cards", "body": {
                "rule": 'plan = "pro" and did "Order Completed" where (payment_method = "card")'}},
            {"kind": "computed_trait", "name": "carts", "body": {"value": 'count("Cart Viewed")'}},
        ]
    )  # fmt: skip
    shop.plan(events={"Cart Viewed": {"properties": {"size": "whole"}}})
    shop.send(GOOD, identify(plan="pro", height=5, email="ann@example.com", last_name="Lee"),
              {"type": "track", "event": "Cart Viewed", "properties": {"size": 5}},
              {"type": "track", "event": "Product Added",
               "properties": {"product_id": "P", "wrapped": True}},
              {"type": "track", "event": "Unsubscribed", "properties": {"list": "a"}})  # fmt: skip
    rows = shop.workspace.usage()["data"]
    used = {(row["kind"], row["event"], row["name"]): row["used_by"] for row in rows}
    assert used == {
        ("trait", None, "height"): [],
        ("property", "Cart Viewed", "size"): [],
        ("event", None, "Cart Viewed"): ["computed trait carts"],
        ("event", None, "Product Added"): ["carts"],
        ("property", "Product Added", "product_id"): ["carts", "entity product"],
        ("property", "Product Added", "wrapped"): [],
        ("event", None, "Unsubscribed"): ["consents"],
        ("property", "Unsubscribed", "list"): ["consents"],
        ("trait", None, "last_name"): ["names"],
        ("event", None, "Order Completed"): ["orders", "segment cards"],
        ("property", "Order Completed", "order_id"): ["orders"],
        ("property", "Order Completed", "payment_method"): ["orders", "segment cards"],
        ("property", "Order Completed", "products"): ["orders"],
        ("property", "Order Completed", "total"): ["orders"],
        ("trait", None, "email"): ["identity"],
        ("trait", None, "plan"): ["segment cards"],
    }
    idle = shop.workspace.usage(unused=True)["data"]
    assert [(row["name"], row["planned"]) for row in idle] == [
        ("size", True), ("wrapped", False), ("height", False),
    ]  # fmt: skip
    shop.clock.advance(timedelta(days=100))
    assert shop.workspace.usage(days=90)["data"] == []


def test_usage_counts_what_goes_out_and_what_is_derived_and_says_who_feeds_it(shop: Shop) -> None:
    """S3.13: goals, webhooks, enrichments and exports read data, mappings make it."""
    shop.define(
        [
            {"kind": "segment", "name": "all", "body": {
                "rule": "did any event", "goal": {"measure": "repeat_buyers", "target": 5}}},
            {"kind": "webhook", "name": "crm", "body": {
                "url": "https://crm.example/hook", "secret": "crm", "what": ["events"]}},
            {"kind": "webhook", "name": "off", "body": {
                "url": "https://crm.example/hook", "secret": "crm", "active": False}},
            {"kind": "enrichment", "name": "places", "body": {
                "use": "address", "traits": {"address_country": "land"}}},
            {"kind": "recurring_date", "name": "birthdays", "body": {
                "trait": "born.on", "event": "Birthday"}},
            {"kind": "mapping", "name": "tills", "body": {
                "source": "till", "file": "*.csv", "message": {
                    "event": "Order Completed", "timestamp": "at",
                    "identifiers": {"user_id": "who"}, "lines": {"price": "price"},
                    "properties": {"payment_method": "paid"}}}},
        ]
    )  # fmt: skip
    shop.send(GOOD, identify(land="NL", address={"country": "NL"}, born="1990-01-01", height=5))

    def shown(field: str) -> dict[tuple[str, str], set[str]]:
        rows = shop.workspace.usage()["data"]
        return {(row["event"] or row["kind"], row["name"]): set(row[field]) for row in rows}

    used = shown("used_by")
    assert used["event", "Order Completed"] == {"orders", "goal of segment all", "webhook crm"}
    assert used["Order Completed", "order_id"] == {"orders", "goal of segment all"}
    assert used["Order Completed", "total"] == {"orders"}  # the goal is no amount of money
    assert used["Order Completed", "payment_method"] == {"orders"}  # webhooks tell of events alone
    assert used["trait", "address"] == {"enrichment places"}
    assert used["trait", "born"] == {"recurring date birthdays"}
    assert used["trait", "land"] == used["trait", "height"] == set()
    fed = shown("fed_by")
    assert fed["trait", "land"] == {"enrichment places"}
    assert fed["Order Completed", "payment_method"] == {"mapping tills"}
    assert (
        fed["Order Completed", "products"] == fed["event", "Order Completed"] == {"mapping tills"}
    )
    assert fed["Order Completed", "total"] == fed["trait", "height"] == set()
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    assert client.get("/api/v1/segments/all/export").status_code == 200
    assert client.get("/api/v1/segments/gone/export").status_code == 404
    assert shown("used_by")["trait", "height"] == {"export of segment all"}


def test_the_api_and_the_command_line_say_the_same(shop: Shop, tmp_path: Path) -> None:
    shop.plan(**PLAN)
    shop.send(*FAULTY)
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    report = client.get("/api/v1/tracking-plans/report", params={"source": "web"}).json()
    assert len(report["data"]) == 9
    assert client.get("/api/v1/tracking-plans/report?source=x").status_code == 404
    inferred = client.get("/api/v1/tracking-plans/inferred").json()["body"]
    assert set(inferred["events"]) == {"Order Completed", "Order Compleated"}
    usage = client.get("/api/v1/usage", params={"unused": True}).json()["data"]
    assert {"height", "plan", "colour"} <= {one["name"] for one in usage}
    shop.workspace.close()
    run = CliRunner()
    where = ["--workspace", str(shop.folder)]
    shown = run.invoke(app, ["tracking-plan", "report", "--days", "4000", "--json", *where])
    assert len(json.loads(shown.output)["data"]) == 9
    assert (
        "is not in the plan"
        in run.invoke(app, ["tracking-plan", "report", "--days", "4000", *where]).output
    )
    text = run.invoke(app, ["tracking-plan", "infer", "shop", *where]).output
    (tmp_path / "plan.yaml").write_text(text)
    [written] = definitions.read([tmp_path / "plan.yaml"])
    assert (written.key, written.body) == (("tracking_plan", "shop"), inferred)
    assert "height" in run.invoke(app, ["usage", "--days", "4000", *where]).output
    assert "--as-of" in run.invoke(app, ["usage", "--as-of", "2001-01-01", *where]).output
    shop.workspace = Workspace(shop.folder, clock=shop.clock)
