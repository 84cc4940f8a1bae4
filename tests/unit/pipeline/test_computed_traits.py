"""Computed traits: declared, used in rules, shown, explained, edited and removed (S4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from patron.engines.duckdb import Cursor, Params
from patron.errors import ConflictError, NotFoundError, RuleError
from unit.pipeline.shop import DAY, START, Shop

TIERS = {
    "of": "spent",
    "categories": [{"value": "gold", "at_least": 100}, {"value": "silver", "at_least": 10}],
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    for user, day, revenue, category in (
        ("ann", 30, 80, "Tea"), ("ann", 2, 40.5, "Tea"), ("ann", 1, 2.5, "Cups"),
        ("bob", 20, 10, "Cups"),
    ):  # fmt: skip
        order(opened, user, day, revenue, category)
    opened.send("identify", userId="eve", traits={"city": "Utrecht"})
    yield opened
    opened.workspace.close()


def order(shop: Shop, user: str, day: float, revenue: float, category: str) -> None:
    line = {"product_id": "p", "category": category, "quantity": 1, "price": revenue}
    shop.track(
        "Order Completed",
        user,
        at=START - day * DAY,
        properties={"order_id": f"{user}{day}", "revenue": revenue, "products": [line]},
    )


def put(shop: Shop, **traits: Any) -> list[str]:
    said: list[str] = []
    for name, value in traits.items():
        found = shop.workspace.put_computed_trait(name, {"value": value})
        said += found["warnings"]
    return said


def values(shop: Shop, name: str, **at: Any) -> dict[str, Any]:
    rows = shop.workspace.computed_values(name, **at)["data"]
    return {row["identifiers"]["user_id"][0]: row["value"] for row in rows}


def members(shop: Shop, rule: str) -> set[str]:
    shop.workspace.put_segment("asked", {"rule": rule})
    rows = shop.workspace.members("asked")["data"]
    return {row["identifiers"]["user_id"][0] for row in rows}


def test_every_kind_has_the_value_that_its_rule_compares(shop: Shop) -> None:
    put(
        shop,
        spent="revenue()",
        orders_made="orders()",
        lately="revenue(in the last 7 days)",
        usual="average order value()",
        largest='max(revenue of "Order Completed")',
        favourite='most frequent(category of lines of "Order Completed")',
        loyal_to='most frequent(category of lines of "Order Completed") at least 2 times',
        latest='last(category of lines of "Order Completed")',
        bought='list(category of lines of "Order Completed")',
        tier=TIERS,
        part="lately / spent * 100",
        twice="orders_made * 2 - 1",
    )
    assert values(shop, "spent") == {"ann": "123", "bob": "10", "eve": "0"}
    assert values(shop, "orders_made") == {"ann": 3, "bob": 1, "eve": 0}
    assert values(shop, "lately") == {"ann": "43", "bob": "0", "eve": "0"}
    assert values(shop, "usual") == {"ann": "41", "bob": "10"}
    assert values(shop, "largest") == {"ann": "80", "bob": "10"}
    assert values(shop, "favourite") == {"ann": "Tea", "bob": "Cups"}
    assert values(shop, "loyal_to") == {"ann": "Tea"}
    assert values(shop, "latest") == {"ann": "Cups", "bob": "Cups"}
    assert values(shop, "bought") == {"ann": ["Cups", "Tea"], "bob": ["Cups"]}
    assert values(shop, "tier") == {"ann": "gold", "bob": "silver"}
    # 43 / 123 is 0.349593 (495…), rounded before it is multiplied; eve has spent nothing.
    assert values(shop, "part") == {"ann": "34.9593", "bob": "0"}
    assert values(shop, "twice") == {"ann": "5", "bob": "1", "eve": "-1"}
    assert members(shop, 'spent >= 10 and not tier = "gold"') == {"bob"}
    assert members(shop, "tier missing and spent exists") == {"eve"}
    assert members(shop, "usual < 20") == {"bob"}
    assert members(shop, "not usual < 20") == {"ann", "eve"}
    assert members(shop, 'bought all of ("Tea", "Cups")') == {"ann"}
    assert members(shop, 'bought none of ("Tea")') == {"bob", "eve"}
    assert members(shop, "part = 34.9593") == {"ann"}
    assert members(shop, "part missing") == {"eve"}
    assert members(shop, "calculate(spent - lately) between 80 and 90") == {"ann"}


def test_values_are_those_of_any_moment(shop: Shop) -> None:
    put(shop, spent="revenue()", tier=TIERS)
    then = START - timedelta(days=10)
    assert values(shop, "spent", as_of=then) == {"ann": "80", "bob": "10"}
    assert values(shop, "tier", as_of=then) == {"ann": "silver", "bob": "silver"}


def test_a_profile_shows_them_beside_what_was_observed(shop: Shop) -> None:
    shop.send("identify", userId="ann", traits={"city": "Delft", "tier": "observed"})
    warnings = put(shop, spent="revenue()", tier=TIERS)
    assert warnings == [
        "An observed trait is called 'tier' too: rules and profiles show the computed one."
    ]
    found = shop.workspace.profile("user_id:ann", include=("computed",))["traits"]
    assert found["city"]["value"] == "Delft"
    assert found["tier"] == {
        "value": "gold", "computed": True, "source": None, "occurred_at": None,
        "provenance": None, "basis": "inferred",
    }  # fmt: skip
    assert found["spent"]["value"] == "123"
    assert "spent" not in shop.workspace.profile("user_id:ann")["traits"]


def test_pages_go_on_where_the_one_before_ended(shop: Shop) -> None:
    put(shop, usual="average order value()", spent="revenue()")
    first = shop.workspace.computed_values("spent", limit=2)
    rest = shop.workspace.computed_values("spent", limit=2, cursor=first["next"])
    assert [row["value"] for row in (*first["data"], *rest["data"])] == ["123", "10", "0"]
    assert rest["next"] is None
    assert shop.workspace.computed_values("usual", limit=2)["next"] is None


def test_live_membership_follows_what_is_computed(shop: Shop) -> None:
    put(shop, spent="revenue()", lately="revenue(in the last 7 days)", part="lately / spent")
    shop.segment("spenders", "spent >= 20")
    shop.segment("busy", "part > 0.5")
    order(shop, "bob", 0, 15, "Tea")
    assert [kind for kind, *_ in shop.story("spenders")] == ["entered"]
    assert [kind for kind, *_ in shop.story("busy")] == ["entered"]
    shop.clock.advance(8 * DAY)
    left = [(kind, at, reason) for kind, _, at, reason in shop.story("busy")]
    assert left[-1] == ("left", START + 7 * DAY, "time")


def test_an_edit_is_one_of_the_rules_that_rest_on_it(shop: Shop) -> None:
    put(shop, spent="revenue()", tier=TIERS)
    shop.segment("golden", 'tier = "gold"')
    before = len(shop.changes())
    put(shop, spent="revenue(in the last 7 days)")
    after = shop.changes()[before:]
    assert [(one.segment, one.kind, one.reason) for one in after] == [
        ("golden", "left", "definition")
    ]
    shop.restart()
    assert len(shop.changes()) == before + 1


def test_a_plan_counts_who_moves_by_an_edit(shop: Shop) -> None:
    put(shop, spent="revenue()")
    shop.segment("spenders", "spent >= 10")
    document = {"kind": "computed_trait", "name": "spent", "body": {"value": "revenue() / 2"}}
    resting = {"kind": "segment", "name": "spenders", "body": {"rule": "spent >= 10"}}
    rows = shop.workspace.plan([document, resting])["changes"]
    moved = {
        row["name"]: (row["action"], row.get("leave")) for row in rows if row["kind"] != "source"
    }
    assert moved == {"spent": ("change", None), "spenders": ("keep", 1)}


def test_what_is_used_is_not_removed_and_says_by_whom(shop: Shop) -> None:
    put(shop, spent="revenue()", tier=TIERS)
    shop.segment("golden", 'tier = "gold"')
    with pytest.raises(ConflictError, match="tier is used by segment golden"):
        shop.workspace.delete_computed_trait("tier")
    with pytest.raises(ConflictError, match="spent is used by computed trait tier"):
        shop.workspace.delete_computed_trait("spent")
    shop.workspace.delete_segment("golden")
    shop.workspace.delete_computed_trait("tier")
    shop.workspace.delete_computed_trait("spent")
    with pytest.raises(NotFoundError):
        shop.workspace.computed_trait("spent")


def test_circles_and_senseless_edits_are_refused(shop: Shop) -> None:
    put(shop, one="revenue()", two="one + 1", three="two * 2")
    with pytest.raises(RuleError, match="circle: one → three → two → one"):
        put(shop, one="three + 1")
    shop.segment("rich", "two > 5")
    with pytest.raises(RuleError, match="computed trait three: last is no number"):
        put(shop, one='last(channel of "Order Completed")')
    with pytest.raises(RuleError, match="No computed trait is called 'tow'"):
        put(shop, four="tow + 1")
    with pytest.raises(RuleError, match="No event is called 'Order Complete'"):
        put(shop, four='count("Order Complete")')


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("spent = \"much\"", "is a number"),
        ("spent contains \"1\"", "is a number"),
        ("spent within the last 3 days", "not compared with now"),
        ("spent > 5 for at least 3 days", "computed anew"),
        ("spent changed", "computed anew"),
        ("spent.more = 5", "nothing inside it"),
        ("bought = \"Tea\"", "is a list"),
        ("tier before 2018-01-01", "not asked of such"),
        ("calculate(tier * 2) > 5", "no number"),
        ("on at least 1 brand (calculate(spent * 2) > 5)", "computed trait of all of it"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_of_a_computed_trait_is_refused(
    shop: Shop, rule: str, said: str
) -> None:
    put(shop, spent="revenue()", tier=TIERS, bought='list(coupon of "Order Completed")')
    with pytest.raises(RuleError, match=said):
        shop.workspace.preview(rule)


def test_amounts_of_two_currencies_are_not_added(shop: Shop) -> None:
    shop.track("Order Completed", properties={"order_id": "e", "revenue": 1, "currency": "EUR"})
    shop.track("Order Completed", properties={"order_id": "t", "revenue": 1, "currency": "THB"})
    with pytest.raises(RuleError, match="EUR, THB"):
        put(shop, spent="revenue()")
    with pytest.raises(RuleError, match="An amount in EUR is not added to one in THB"):
        put(shop, spent="revenue(in EUR) + revenue(in THB)")
    put(shop, rate="revenue(in EUR) / revenue(in THB)")


def test_a_value_is_explained_with_the_events_behind_it(shop: Shop) -> None:
    put(shop, spent="revenue()", made="orders()", typical="spent / made", tier=TIERS)
    found = shop.workspace.explain_computed("spent", "user_id:ann")
    assert (found["name"], found["value"]) == ("spent", "123")
    assert found["condition"]["detail"] == {
        "type": "computed",
        "of": 'sum(revenue of "Order Completed")',
        "operands": [],
    }
    (once,) = found["condition"]["conditions"]
    assert once["conditions"] == []
    assert [row["value"] for row in once["evidence"]["rows"]] == ["2.5", "40.5", "80"]
    found = shop.workspace.explain_computed("typical", "user_id:ann")
    assert found["value"] == "41"
    assert [one["value"] for one in found["condition"]["detail"]["operands"]] == ["123", 3]
    told = shop.workspace.explain("user_id:ann", rule='tier = "gold"')["condition"]
    assert (told["asked"], told["value"], told["holds"]) == ('tier = "gold"', "gold", True)
    inner = told["conditions"][0]
    assert inner["asked"] == "spent >= 100" or inner["kind"] == "sum"


def in_pages(shop: Shop, name: str) -> list[dict[str, Any]]:
    """All rows, one a page."""
    page = shop.workspace.computed_values(name, limit=1)
    found: list[dict[str, Any]] = page["data"]
    while page["next"] is not None:
        page = shop.workspace.computed_values(name, limit=1, cursor=page["next"])
        found += page["data"]
    return found


def test_pages_hold_what_one_answer_holds(shop: Shop) -> None:
    put(
        shop,
        spent="revenue()",
        tier=TIERS,
        favourite='most frequent(category of lines of "Order Completed")',
        late={"cases": [{"value": "late", "when": 'did not "Order Completed"'}]},
    )
    shop.workspace.put_classification("rfm", {"kind": "rfm"})
    for name, customers in {
        "spent": 3, "tier": 2, "favourite": 2, "late": 1, "rfm_recency": 2, "rfm_group": 2,
    }.items():  # fmt: skip
        rows = shop.workspace.computed_values(name)["data"]
        assert len(rows) == customers, name
        assert in_pages(shop, name) == rows, name


def test_scores_are_made_anew_only_when_something_comes_in_that_they_are_made_of(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    scores_of = Cursor.arrow

    def counted(cursor: Cursor, sql: str, params: Params = None) -> pa.Table:
        made.append(sql)
        return scores_of(cursor, sql, params)

    monkeypatch.setattr(Cursor, "arrow", counted)
    shop.workspace.put_classification("rfm", {"kind": "rfm"})
    assert len(in_pages(shop, "rfm_recency")) == 2
    assert len(made) == 1
    order(shop, "eve", 0, 5, "Tea")
    assert values(shop, "rfm_recency") == {"ann": 4, "bob": 2}
    assert len(made) == 1
    order(shop, "eve", 10, 5, "Tea")
    assert values(shop, "rfm_recency") == {"ann": 5, "eve": 3, "bob": 1}
    assert len(made) == 2


def test_cases_look_back_as_far_as_each_says(shop: Shop) -> None:
    """Conditions that differ only in their windows are answered together."""
    order(shop, "cid", 60, 5, "Tea")
    windows = {"week": "in the last 7 days", "month": "in the last 25 days", "ever": ""}
    cases = [
        {"value": value, "when": f'count("Order Completed" {window}) >= 1'}
        for value, window in windows.items()
    ]
    put(shop, stage={"cases": [*cases, {"value": "never", "when": 'did not "Order Completed"'}]})
    assert values(shop, "stage") == {"ann": "week", "bob": "month", "cid": "ever", "eve": "never"}
