"""One call, everything (issue 5, point 13): the parts of a profile, and many customers at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.errors import InputError, RuleError
from patron.pipeline.customers import MOST_AT_ONCE
from patron.pipeline.parts import ALWAYS, PARTS
from patron.workspace import Workspace
from unit.pipeline.shop import Shop

HEAD = {"position", "as_of", "profile_id", "first_seen_at"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Ann was merged from two profiles, eve is anonymous, and both share a household."""
    opened = Shop(tmp_path_factory.mktemp("parts") / "data")
    workspace = opened.workspace
    opened.segment("buyers", 'did "Order Completed"')
    opened.segment("lookers", 'not did "Order Completed"')
    value = {"value": 'count("Order Completed")'}
    workspace.put_computed_trait("bought", value, allow_unknown=True)
    score = {"interactions": [{"event": "Order Completed", "points": 5}]}
    workspace.put_score("active", score, allow_unknown=True)
    liking = {"of": "product_id", "interactions": [
        {"event": "Order Completed", "lines": True, "weight": 1}]}  # fmt: skip
    workspace.put_preference("liking", liking, allow_unknown=True)
    for user in ("ann", "bob"):
        opened.send("identify", userId=user, traits={"email": f"{user}@example.com", "city": user})
        for number in (1, 2):
            line = {"product_id": "p1", "quantity": number, "price": 5}
            order = {"order_id": f"{user}-{number}", "revenue": 5 * number, "currency": "EUR",
                     "products": [line]}  # fmt: skip
            opened.track("Order Completed", user=user, properties=order)
    opened.send("group", userId="ann", groupId="acme", traits={"industry": "IT"})
    opened.send("group", userId="bob", groupId="acme")
    consent = {"consent": {"categoryPreferences": {"ads": False}}}
    opened.send("track", event="Seen", anonymousId="browser-1", context=consent)
    opened.send("track", event="Seen", anonymousId="browser-1", userId="ann")
    opened.send("track", event="Seen", anonymousId="browser-2")
    opened.send("track", event="Looked", anonymousId="browser-2")
    writer = workspace.writer("admin")
    workspace.write("user_id:bob", writer, lambda card: card.note("Call back."))
    opened.clock.advance(timedelta(minutes=1))
    opened.track("Product Added", user="bob", properties={"product_id": "p2", "price": 3})
    workspace.advance()
    yield opened
    workspace.close()


EVERYBODY = ["email:ann@example.com", "user_id:bob", "anonymous_id:browser-2"]


def one(workspace: Workspace, identifier: str, **more: Any) -> dict[str, Any]:
    found = workspace.profile(identifier, **more)
    return {name: value for name, value in found.items() if name not in ("position", "as_of")}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_the_same_of_one_and_of_many(shop: Shop, part: str) -> None:
    workspace = shop.workspace
    alone = [one(workspace, each, include=[part], only=True) for each in EVERYBODY]
    found = workspace.profiles(EVERYBODY, include=[part], only=True)
    assert found["found"] == 3
    assert [row["profile"] for row in found["data"]] == alone
    told = {str({**row, "profile_id": 0, "first_seen_at": ""}) for row in alone}
    assert len(told) > 1 or part == "households"


def test_who_was_a_visitor_first_is_told_by_the_identifier_that_tells_most(shop: Shop) -> None:
    shop.send("track", event="Seen", anonymousId="browser-9")
    shop.send("identify", anonymousId="browser-9", userId="zoe")
    found = shop.workspace.profile("user_id:zoe", include=["name", "identifiers"])
    assert [each["type"] for each in found["identifiers"]] == ["anonymous_id", "user_id"]
    assert (found["identifier"], found["known"]) == ("user_id:zoe", True)


def test_a_profile_has_the_parts_that_were_asked_for_and_no_others(shop: Shop) -> None:
    workspace = shop.workspace
    assert set(workspace.profile("user_id:ann")) == HEAD | set(ALWAYS)
    segments = {"segments", "segments_hold_for"}
    found = workspace.profile("user_id:ann", include=["segments"], only=True)
    assert set(found) == HEAD | segments
    whole = workspace.profile("user_id:ann", include=["all"])
    assert set(whole) == HEAD | segments | {"known", "identifier"} | (set(PARTS) - {"computed"})
    assert whole["known"]
    assert whole["identifier"] == "user_id:ann"
    assert whole["traits"]["bought"]["value"] == 2
    assert whole["traits"]["bought"]["computed"]
    assert whole["traits"]["city"]["value"] == "ann"


def test_what_the_parts_of_a_customer_hold(shop: Shop) -> None:
    ann = shop.workspace.profile("user_id:ann", include=["all"])
    assert ann["segments"] == ["buyers"]
    assert [held["segment"] for held in ann["memberships"]] == ["buyers"]
    assert [event["name"] for event in ann["events"]][-2:] == ["Order Completed"] * 2
    assert [order["order_id"] for order in ann["order_history"]] == ["ann-2", "ann-1"]
    assert ann["order_history"][0]["lines"][0]["quantity"] == "2"
    assert [(one["type"], one["value"], one["shared"]) for one in ann["devices"]] == [
        ("anonymous_id", "browser-1", False)
    ]
    assert [visit["pages"] for visit in ann["visits"]] == [0]
    assert [(group["id"], group["other_members"]) for group in ann["groups"]] == [("acme", 1)]
    bob = shop.workspace.profile("user_id:bob", include=["notes"])
    assert [note["text"] for note in bob["notes"]] == ["Call back."]


def test_an_anonymous_visitor_has_every_part_before_being_known(shop: Shop) -> None:
    """S5.29."""
    eve = shop.workspace.profile("anonymous_id:browser-2", include=["all"])
    assert [event["name"] for event in eve["events"]] == ["Looked", "Seen"]
    assert eve["segments"] == ["lookers"]
    assert eve["traits"]["bought"]["value"] == 0
    assert [visit["events"] for visit in eve["visits"]] == [2]
    assert [device["value"] for device in eve["devices"]] == ["browser-2"]


def test_what_is_written_about_an_anonymous_visitor_goes_along_when_it_is_known(
    tmp_path: Path,
) -> None:
    """S5.29: notes, traits, segments, the feed, before and after the login."""
    shop = Shop(tmp_path / "data")
    workspace = shop.workspace
    shop.segment("tall", "height > 190")
    shop.send("track", event="Seen", anonymousId="browser-3")
    writer = workspace.writer("admin")
    workspace.write("anonymous_id:browser-3", writer, lambda card: card.note("Asked for size 52."))
    workspace.write("anonymous_id:browser-3", writer, lambda card: card.set_traits({"height": 200}))
    parts = ["notes", "traits", "segments", "events"]
    before = workspace.profile("anonymous_id:browser-3", include=parts, only=True)
    assert before["segments"] == ["tall"]
    assert [one["known"] for one in workspace.customers()["data"]] == [False]
    kinds = [one["kind"] for one in workspace.timeline("anonymous_id:browser-3")["data"]]
    assert {"note", "event", "segment"} >= set(kinds) > {"note"}
    shop.send("track", event="Seen", anonymousId="browser-3", userId="max")
    after = workspace.profile("user_id:max", include=parts, only=True)
    assert [note["text"] for note in after["notes"]] == ["Asked for size 52."]
    assert after["traits"]["height"]["value"] == 200
    assert (after["segments"], len(after["events"])) == (["tall"], 2)
    assert [one["known"] for one in workspace.customers()["data"]] == [True]
    changed = workspace.profile_feed.changes(what=["notes", "traits"])["data"]
    assert [one["profile_id"] for one in changed] == [after["profile_id"]]
    workspace.close()


def test_one_id_that_leads_nowhere_loses_nothing_of_the_others(shop: Shop) -> None:
    asked = ["user_id:ann", "user_id:nobody", "nonsense", "99", "email:no mail", "user_id:ann"]
    found = shop.workspace.profiles(asked)
    assert found["found"] == 2
    assert [row["id"] for row in found["data"]] == asked
    assert [row["profile"] is None for row in found["data"]] == [False, *[True] * 4, False]
    assert found["data"][0]["profile"] == found["data"][-1]["profile"]
    assert found["data"][1]["error"] == "No customer has user_id:nobody."
    assert all(row["error"] for row in found["data"][1:-1])


def test_a_merged_profile_and_the_one_that_stands_are_found_by_either_id(shop: Shop) -> None:
    workspace = shop.workspace
    ann = workspace.profile("user_id:ann")
    [gone] = ann["merged_from"]
    found = workspace.profiles([str(gone["profile_id"]), str(ann["profile_id"])])
    assert [row["profile"]["profile_id"] for row in found["data"]] == [ann["profile_id"]] * 2


def test_as_of_a_moment_before_everything_a_batch_knows_little(shop: Shop) -> None:
    before = shop.clock.now() - timedelta(days=1)
    found = shop.workspace.profiles(["user_id:ann"], as_of=before, include=["all"])
    [row] = found["data"]
    known = row["profile"]
    assert known["events"] == known["notes"] == known["visits"] == known["segments"] == []
    assert known["orders"]["orders"] == 0
    assert set(known["traits"]) <= {"bought"}


def test_unknown_parts_are_refused_with_those_that_there_are(shop: Shop) -> None:
    with pytest.raises(InputError, match='did you mean "segments"') as raised:
        shop.workspace.profile("user_id:ann", include=["segmnts"])
    assert raised.value.field == "include"
    assert all(part in (raised.value.hint or "") for part in PARTS)
    with pytest.raises(InputError, match="there is no part"):
        shop.workspace.profiles(["user_id:ann"], include=["x"])


def test_a_batch_is_bounded(shop: Shop) -> None:
    for asked in ([], ["1"] * (MOST_AT_ONCE + 1)):
        with pytest.raises(InputError, match="expected 1 to"):
            shop.workspace.profiles(asked)


def test_a_batch_takes_as_many_statements_as_one(shop: Shop, monkeypatch: Any) -> None:
    """Set at a time: visits alone are read customer by customer."""
    from patron.engines.duckdb import Cursor

    count = [0]
    execute = Cursor.execute

    def counted(self: Cursor, *args: Any) -> Cursor:
        count[0] += 1
        return execute(self, *args)

    monkeypatch.setattr(Cursor, "execute", counted)
    parts = [part for part in PARTS if part != "visits"]

    def statements(ids: list[str]) -> int:
        count[0] = 0
        shop.workspace.profiles(ids, include=parts)
        return count[0]

    assert abs(statements(EVERYBODY) - statements(["user_id:bob"])) <= 4


def test_memberships_are_those_on_record_by_the_moment(shop: Shop) -> None:
    before = shop.clock.now() - timedelta(days=1)
    found = shop.workspace.profile("user_id:ann", include=["memberships"], as_of=before)
    assert found["memberships"] == []


BRAND_OF = {"orchid": "web", "lotus": "outlet"}


@pytest.fixture(scope="module")
def brands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Ann is a customer of two brands, which know different things of her."""
    opened = Shop(tmp_path_factory.mktemp("brands") / "data")
    workspace = opened.workspace
    sources = [
        {"kind": "source", "name": name, "body": {"type": "web", "brand": brand}}
        for brand, name in BRAND_OF.items()
    ]
    keys = workspace.apply(sources)["write_keys"]
    keys = {"orchid": opened.key, **{b: keys[n] for b, n in BRAND_OF.items() if n in keys}}
    score = {"interactions": [{"event": "Order Completed", "points": 5}]}
    workspace.put_score("active", score, allow_unknown=True)
    liking = {"of": "category", "interactions": [{"event": "Product Viewed", "weight": 1}]}
    workspace.put_preference("liking", liking, allow_unknown=True)
    workspace.put_computed_trait("spent", {"value": "revenue(in EUR)"}, allow_unknown=True)
    own = {"value": 'revenue(on brand "lotus" in EUR)'}
    workspace.put_computed_trait("spent_at_lotus", own, allow_unknown=True)
    cases = [{"value": "yes", "when": "spent_at_lotus > 0"}, {"value": "no", "when": "spent >= 0"}]
    workspace.put_computed_trait("of_lotus", {"value": {"cases": cases}}, allow_unknown=True)
    activity = {"kind": "activity", "of": "any event in the last 30 days",
                "levels": {"very_active": 3, "active": 2, "low": 1}}  # fmt: skip
    workspace.put_classification("busy", activity, allow_unknown=True)
    for brand, amounts in {"orchid": (10, 20), "lotus": (5,)}.items():
        opened.key = keys[brand]
        opened.send("identify", userId="ann", traits={"city": f"told to {brand}"})
        viewed = {"category": f"of {brand}", "product_id": "p1"}
        opened.track("Product Viewed", properties=viewed)
        for amount in amounts:
            order = {"order_id": f"{brand}-{amount}", "revenue": amount, "currency": "EUR"}
            opened.track("Order Completed", properties=order)
        opened.clock.advance(timedelta(minutes=1))
        opened.track("Product Added", properties={"product_id": f"p-{brand}"})
    yield opened
    workspace.close()


@pytest.mark.parametrize(("brand", "spent"), [("orchid", (10, 20)), ("lotus", (5,))])
def test_a_profile_per_brand_holds_what_lies_there(
    brands: Shop, brand: str, spent: tuple[int, ...]
) -> None:
    """S5.17: the profile of one brand beside that over all."""
    found = brands.workspace.profile("user_id:ann", include=["all"], brand=brand)
    assert found["brand"] == brand
    assert found["traits"]["city"]["value"] == f"told to {brand}"
    assert {one["value"] for one in found["observations"]} == {f"told to {brand}"}
    assert found["traits"]["spent"]["value"] == str(sum(spent))
    assert found["orders"]["orders"] == len(spent)
    assert {one["order_id"] for one in found["order_history"]} == {f"{brand}-{a}" for a in spent}
    assert {one["brand"] for one in found["events"]} == {brand}
    assert {one["brand"] for one in found["visits"]} == {brand}
    assert [one["brand"] for one in found["carts"]] == [brand]
    assert found["scores"]["active"]["value"] == str(5 * len(spent))
    assert found["traits"]["active"]["value"] == str(5 * len(spent))
    liked = found["preferences"]["liking"]["values"]
    assert [one["value"] for one in liked] == [f"of {brand}"]
    assert {one["type"] for one in found["identifiers"]} == {"user_id"}
    listed = brands.workspace.orders("user_id:ann", brand=brand)["data"]
    assert listed == found["order_history"]
    shown = brands.workspace.timeline("user_id:ann", brand=brand)["data"]
    assert {one["brand"] for one in shown if one["kind"] == "event"} == {brand}
    batch = brands.workspace.profiles(["user_id:ann"], include=["orders"], only=True, brand=brand)
    assert batch["data"][0]["profile"]["orders"] == found["orders"]


def test_what_names_brands_of_its_own_is_told_over_all_alone(brands: Shop) -> None:
    own = {"spent_at_lotus", "of_lotus", "busy_across_brands"}
    alone = brands.workspace.profile("user_id:ann", include=["computed"], brand="orchid")
    whole = brands.workspace.profile("user_id:ann", include=["computed"])
    assert not own & alone["traits"].keys()
    assert own <= whole["traits"].keys()
    assert alone["traits"]["busy"]["value"] == "very_active"
    with pytest.raises(RuleError, match="names brands of its own"):
        brands.workspace.classes("busy", trait="busy_across_brands", brand="orchid")


def test_over_all_brands_everything_is_there(brands: Shop) -> None:
    found = brands.workspace.profile("user_id:ann", include=["all"])
    assert "brand" not in found
    assert found["traits"]["city"]["value"] == "told to lotus"
    assert found["traits"]["spent"]["value"] == "35"
    assert found["scores"]["active"]["value"] == "15"
    assert len(found["carts"]) == 2


@pytest.mark.parametrize("method", ["profile", "orders", "timeline"])
def test_a_brand_that_nobody_has_is_refused(brands: Shop, method: str) -> None:
    with pytest.raises(InputError, match='no brand orchd; did you mean "orchid"'):
        getattr(brands.workspace, method)("user_id:ann", brand="orchd")
