"""Enrichments: traits that follow from others, with where they come from (S1.4, S4.4)."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron.api.app import create_app
from patron.clock import ManualClock, format_time, parse_time
from patron.errors import DefinitionError
from patron.pipeline.enrichment import connectors
from patron.spec.enrichment import Connector, Reads
from patron.spec.traits import Basis, Provenance
from patron.testing.enrichment import check_connector
from patron.workspace import Workspace

START = parse_time("2026-01-01T12:00:00Z")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0 Safari/537.36"
)
GALAXY = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.workspace = Workspace(folder, clock=self.clock)
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([source])["write_keys"]["web"]
        self.sent = 0

    def send(self, at: datetime = START, user: str = "ann", **said: Any) -> None:
        self.sent += 1
        item = {
            "type": "identify" if "traits" in said else "track", "userId": user,
            "event": "Page Seen", "messageId": f"m{self.sent}", "timestamp": format_time(at),
            **said,
        }  # fmt: skip
        body = json.dumps({"batch": [item]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def use(self, use: str, **more: Any) -> None:
        self.workspace.put_enrichment(use.replace("_", "-"), {"use": use, **more})

    def run(self, use: str, **asked: Any) -> tuple[int, int]:
        ran = self.workspace.enrichments.run(use.replace("_", "-"), **asked)
        return ran["read"], ran["stored"]

    def traits(self, customer: str = "user_id:ann", **asked: Any) -> dict[str, Any]:
        held = self.workspace.profile(customer, **asked)["traits"]
        return {name: one["value"] for name, one in held.items()}


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def test_phone_prefixes_give_country_region_and_time_zone(shop: Shop) -> None:
    shop.send(traits={"phone": "+31 20 123 4567"})
    shop.send(user="bob", traits={"phone": "+1 212 555 1234"})
    shop.use("phone")
    assert shop.run("phone") == (2, 2)
    assert shop.traits() == {
        "phone": "+31 20 123 4567", "phone_country": "NL", "phone_region": "Amsterdam",
        "phone_time_zone": "Europe/Amsterdam",
    }  # fmt: skip
    assert shop.traits("user_id:bob")["phone_region"] == "New York, NY"
    assert shop.run("phone") == (0, 0)
    assert shop.run("phone", from_start=True) == (2, 0)


def test_an_address_gives_its_country_and_the_newest_one_counts(shop: Shop) -> None:
    shop.send(traits={"address": {"country": "Deutschland", "state": "Berlin"}})
    shop.use("address", traits={"address_country": "country_code"})
    shop.run("address")
    assert shop.traits()["country_code"] == "DE"
    assert shop.traits()["address_region"] == "Berlin"
    shop.send(START + timedelta(hours=-1), traits={"address": {"country": "Italy"}})
    shop.run("address")
    assert shop.traits()["country_code"] == "DE"
    early = shop.traits(as_of=START - timedelta(minutes=1))
    assert (early["country_code"], early["address_time_zone"]) == ("IT", "Europe/Rome")
    shop.clock.advance(timedelta(hours=1))
    shop.send(START + timedelta(hours=1), traits={"address": None})
    shop.run("address")
    assert "country_code" not in shop.traits()


def test_locales_and_zones_of_browsers_are_read(shop: Shop) -> None:
    shop.send(context={"locale": "de_AT"})
    shop.send(user="bob", context={"locale": "en", "timezone": "Asia/Bangkok"})
    shop.send(user="eve", context={"locale": 5, "timezone": "Nowhere/Else"})
    shop.use("locale")
    assert shop.run("locale") == (3, 2)
    assert shop.traits() == {
        "locale_language": "de", "locale_country": "AT", "locale_time_zone": "Europe/Vienna",
    }  # fmt: skip
    assert shop.traits("user_id:bob") == {
        "locale_language": "en", "locale_time_zone": "Asia/Bangkok",
    }  # fmt: skip
    assert shop.traits("user_id:eve") == {}


def test_user_agents_give_device_browser_and_system(shop: Shop) -> None:
    for user, agent in (("ann", IPHONE), ("bob", WINDOWS), ("eve", GALAXY), ("bot", "Googlebot")):
        shop.send(user=user, context={"userAgent": agent})
    shop.use("user_agent")
    assert shop.run("user_agent") == (4, 4)
    names = ("device_type", "device_model", "browser", "operating_system")
    assert {
        user: tuple(shop.traits(f"user_id:{user}").get(name) for name in names)
        for user in ("ann", "bob", "eve", "bot")
    } == {
        "ann": ("phone", "Apple iPhone", "Mobile Safari", "iOS"),
        "bob": ("computer", None, "Chrome", "Windows"),
        "eve": ("phone", "Samsung SM-S911B", "Chrome Mobile", "Android"),
        "bot": ("bot", None, None, None),
    }


def test_runs_in_any_order_of_arrival_end_in_the_same_history(tmp_path: Path) -> None:
    told = [
        (START - timedelta(hours=hour), agent)
        for hour, agent in enumerate([IPHONE, IPHONE, WINDOWS, IPHONE, WINDOWS, WINDOWS, GALAXY])
    ]
    # What comes last is late, and says what the newest says, or not.
    orders = [told, *([*told[:last], *told[last + 1 :], told[last]] for last in (3, 5, 1))]
    asked = [START - timedelta(hours=hour, minutes=-1) for hour in range(9)]
    histories = []
    for number, order in enumerate(orders):
        shop = Shop(tmp_path / str(number))
        shop.use("user_agent")
        for at, agent in order:
            shop.send(at, context={"userAgent": agent})
            if number:
                shop.run("user_agent")
        shop.run("user_agent")
        histories.append([shop.traits(as_of=at) for at in asked if at < told[0][0]])
        live = [shop.traits().get("operating_system")]
        assert live == ["iOS"]
        shop.workspace.close()
    plain = [
        next(
            ({IPHONE: "iOS", WINDOWS: "Windows", GALAXY: "Android"}[agent]
             for when, agent in told if when <= at), None,
        )
        for at in asked if at < told[0][0]
    ]  # fmt: skip
    assert [one.get("operating_system") for one in histories[0]] == plain
    assert all(history == histories[0] for history in histories)


def test_what_is_derived_names_its_source_follows_merges_and_segments_see_it(shop: Shop) -> None:
    shop.send(anonymousId="browser", userId=None, context={"userAgent": IPHONE})
    shop.use("user_agent")
    shop.run("user_agent")
    shop.send(anonymousId="browser", traits={"name": "Ann"})
    assert shop.traits()["device_type"] == "phone"
    [told] = shop.workspace.traits_of("user_id:ann", name="browser")["data"]
    assert told["observations"][0]["source"] == "enrichment user-agent"
    assert (told["provenance"], told["basis"]) == ("first", "inferred")
    shown = shop.workspace.profile("user_id:ann")["traits"]["browser"]
    assert (shown["provenance"], shown["basis"]) == ("first", "inferred")
    listed = {one["trait"]: one for one in shop.workspace.traits()["data"]}
    assert (listed["browser"]["provenance"], listed["browser"]["basis"]) == ("first", "inferred")
    shop.workspace.put_segment("phones", {"rule": 'device_type = "phone"'})
    shop.workspace.advance()
    live = shop.workspace.live_members("phones")
    assert live is not None
    assert len(live.ids()) == 1
    body = shop.workspace.sql(
        "select count(*) from customer_traits where source = 'enrichment user-agent'"
    )
    assert body["rows"] == [[4]]


def test_what_customers_say_of_a_trait_that_is_inferred_too_is_labelled_by_who_said_it(
    shop: Shop,
) -> None:
    definitions = [
        {"kind": "source", "name": "web", "body": {"type": "web"}},
        {"kind": "trait", "name": "phone_country", "body": {"survivorship": "trusted",
         "provenance": "first", "basis": "declared"}},
        {"kind": "enrichment", "name": "phone", "body": {"use": "phone"}},
    ]  # fmt: skip
    shop.workspace.apply(definitions)
    shop.send(traits={"phone": "+31 20 123 4567"})
    shop.run("phone")

    def told() -> tuple[tuple[str, str], dict[str, tuple[str, str]]]:
        [one] = shop.workspace.traits_of("user_id:ann", name="phone_country")["data"]
        said = {each["source"]: (each["provenance"], each["basis"]) for each in one["observations"]}
        shown = shop.workspace.profile("user_id:ann")["traits"]["phone_country"]
        assert (shown["provenance"], shown["basis"]) == (one["provenance"], one["basis"])
        return (one["provenance"], one["basis"]), said

    def listed() -> str:
        data = shop.workspace.traits()["data"]
        [one] = [each for each in data if each["trait"] == "phone_country"]
        return str(one["basis"])

    inferred, declared = ("first", "inferred"), ("first", "declared")
    assert told() == (inferred, {"enrichment phone": inferred})
    assert listed() == "inferred"
    late = {"kind": "source", "name": "late", "body": {"type": "web"}}
    web, shop.key = shop.key, shop.workspace.apply([*definitions, late])["write_keys"]["late"]
    shop.send(user="bob", traits={"phone_country": "FR"})
    assert listed() == "declared"
    shop.key = web
    shop.send(traits={"phone_country": "BE"})
    assert told() == (declared, {"enrichment phone": inferred, "web": declared})
    assert listed() == "declared"


def test_what_is_inferred_yields_to_what_is_trusted_more(shop: Shop) -> None:
    definitions = [
        {"kind": "source", "name": "web", "body": {"type": "web"}},
        {"kind": "trait", "name": "country", "body": {"survivorship": "trusted"}},
        {"kind": "enrichment", "name": "phone",
         "body": {"use": "phone", "traits": {"phone_country": "country"}}},
    ]  # fmt: skip
    shop.workspace.apply(definitions)
    shop.send(START - timedelta(days=1), traits={"country": "BE"})
    shop.send(traits={"phone": "+31 20 123 4567"})
    assert shop.run("phone") == (1, 1)
    assert shop.traits()["country"] == "BE"


class Bought:
    """A connector as a package would bring it: third-party income by post code."""

    version = 1
    reads = Reads("traits", ("postcode",))
    gives = ("income",)
    provenance: Provenance = "third"
    basis: Basis = "inferred"

    def derive(self, inputs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        known = {"1011": "high"}
        return [{"income": known.get(str(one.get("postcode")))} for one in inputs]


def test_a_connector_of_a_package_and_another_version_of_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connectors.BUILT_IN, "bought", Bought)
    shop.send(traits={"postcode": "1011"})
    shop.send(user="bob", traits={"postcode": "9"})
    shop.use("bought", every="1 hour")
    assert shop.run("bought") == (2, 1)
    assert shop.traits()["income"] == "high"
    monkeypatch.setattr(Bought, "version", 2)
    monkeypatch.setattr(Bought, "derive", lambda _, inputs: [{"income": "low"} for _ in inputs])
    assert shop.run("bought") == (2, 2)
    assert shop.traits()["income"] == "low"
    [state] = shop.workspace.enrichments.states()
    assert (state["provenance"], state["stored"], state["error"]) == ("third", 2, None)


def test_what_is_due_runs(shop: Shop) -> None:
    shop.use("phone", every="1 hour")
    shop.use("locale")
    shop.send(traits={"phone": "+31 20 123 4567"})
    due = shop.workspace.enrichments.run_what_is_due()
    assert due == START + timedelta(hours=1)
    assert shop.traits()["phone_country"] == "NL"
    shop.send(user="bob", traits={"phone": "+66 81 234 5678"})
    assert shop.workspace.enrichments.run_what_is_due() == due
    assert "phone_country" not in shop.traits("user_id:bob")
    shop.clock.advance(timedelta(hours=1))
    assert shop.workspace.enrichments.run_what_is_due() == due + timedelta(hours=1)
    assert shop.traits("user_id:bob")["phone_country"] == "TH"


@pytest.mark.parametrize("use", sorted(connectors.BUILT_IN))
def test_every_connector_keeps_the_contract(use: str) -> None:
    connector: Connector = connectors.BUILT_IN[use]()
    drawn = random.Random(use)
    values = [None, True, 5, -0.5, "", "x" * 5_000, "+31201234567", "nl-NL", "\x00ไทย", [], ["a"],
              {}, {"country": "NL"}, {"country": 5}, IPHONE]  # fmt: skip
    inputs = [
        {name: drawn.choice(values) for name in connector.reads.names if drawn.random() < 0.8}
        for _ in range(200)
    ]
    check_connector(connector, inputs)


def test_the_contract_finds_what_does_not_keep_it() -> None:
    samples = [{"postcode": "1011"}, {}]
    check_connector(Bought(), samples)
    for derive, why in (
        (lambda _: [{"income": 5}], "each input wants one answer"),
        (lambda inputs: [{"name": 5} for _ in inputs], "does not give"),
        (lambda inputs: [{"income": len(inputs)} for _ in inputs], "depends on the other inputs"),
        (lambda inputs: [{"income": (1, 2)} for _ in inputs], "no JSON value"),
        (lambda inputs: [{} for _ in inputs], "nothing follows"),
    ):
        wrong = Bought()
        wrong.derive = derive  # type: ignore[method-assign]
        with pytest.raises(AssertionError, match=why):
            check_connector(wrong, samples)


def test_a_wrong_enrichment_is_refused(shop: Shop) -> None:
    for body, field in (
        ({"use": "fone"}, "use"),
        ({"use": "phone", "every": "now and then"}, "every"),
        ({"use": "phone", "traits": {"country": "x"}}, "traits.country"),
    ):
        with pytest.raises(DefinitionError) as error:
            shop.workspace.put_enrichment("one", body)
        assert error.value.field == field


def test_the_api_and_the_command_line_run_them(shop: Shop) -> None:
    shop.send(traits={"phone": "+31 20 123 4567"})
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    assert client.put("/api/v1/enrichments/places", json={"use": "phone"}).status_code == 200
    assert client.post("/api/v1/enrichments/places/run").json()["stored"] == 1
    assert client.post("/api/v1/enrichments/other/run").status_code == 404
    [state] = client.get("/api/v1/enrichments").json()["data"]
    assert (state["use"], state["ran_at"]) == ("phone", "2026-01-01T12:00:00Z")
    assert "user_agent" in client.get("/api/v1/enrichments/connectors").json()["data"]
    shop.workspace.close()
    run, where = CliRunner(), ["--workspace", str(shop.folder)]
    said = run.invoke(app, ["enrichment", "run", "places", "--from-start", *where]).output
    assert "1 input looked at, 0 messages added" in said
    assert "phone_country" in run.invoke(app, ["enrichment", "list", *where]).output
    assert "locale" in run.invoke(app, ["enrichment", "connectors", *where]).output
    shop.workspace = Workspace(shop.folder, clock=shop.clock)
    assert shop.workspace.delete_enrichment("places")["name"] == "places"
    assert shop.workspace.enrichments.states() == []
