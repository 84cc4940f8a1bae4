"""The oracle by hand: sequences, carts left behind, and the short forms about orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.testing.oracle.short_forms import in_full
from unit.segments.worlds import NOW, event
from unit.testing.asked import DAY, HOUR, TICK, around, ask, did

START = NOW - 9 * DAY


def history(text: str, gap: timedelta = HOUR, **more: Any) -> list[dict[str, Any]]:
    """Events named by letters, one hour after the other; two letters together share a moment."""
    return [
        event(name, START + n * gap, **more)
        for n, names in enumerate(text.split())
        for name in names
    ]


def steps(*parts: Any, **more: Any) -> dict[str, Any]:
    whole = [{"event": part} if isinstance(part, str) else part for part in parts]
    return {"sequence": whole, **more}


class TestSequences:
    def test_in_this_order(self) -> None:
        made = did(*map(history, ("A B C", "A C B", "A B A C", "C B A", "A B", "B C A B C", "")))
        assert ask(made, steps("A", "B", "C")) == [1, 3, 6]

    def test_each_step_is_strictly_later(self) -> None:
        made = did(*map(history, ("AB", "BA", "A B", "AB B")))
        assert ask(made, steps("A", "B")) == [3, 4]
        assert ask(did(history("A"), history("A A")), steps("A", "A")) == [2]

    def test_within_a_time(self) -> None:
        made = did(*([event("A", START), event("B", at)] for at in around(START + 3 * DAY)))
        assert ask(made, steps("A", {"event": "B", "within": "3d"})) == [1, 2]

    def test_within_looks_at_every_start(self) -> None:
        made = did([*history("A"), event("A", START + DAY), event("B", START + DAY + HOUR)])
        assert ask(made, steps("A", {"event": "B", "within": "1h"})) == [1]

    def test_without_another_in_between(self) -> None:
        """Strictly in between; the one before may be any that fulfils its step."""
        made = did(*map(history, ("A B", "A D B", "AD B", "A DB", "A D A B", "D A B", "A B D")))
        rule = steps("A", {"event": "B", "without": [{"event": "D"}]})
        assert ask(made, rule) == [1, 3, 4, 5, 6, 7]

    def test_without_several_and_under_conditions(self) -> None:
        made = did(
            history("A D B"), history("A E B"), history("A D B", p=1), history("A E B", p=1)
        )  # fmt: skip
        where = {"property": "p", "op": "=", "value": 1}
        forbidden = [{"event": "D"}, {"event": "E", "where": where}]
        assert ask(made, steps("A", {"event": "B", "without": forbidden})) == [2]
        wanted = steps({"event": "A", "where": where}, "B")
        assert ask(made, wanted) == [3, 4]

    def test_any_event(self) -> None:
        made = did(history("A X C"), history("A C"), history("AX C"))
        assert ask(made, steps("A", {}, "C")) == [1]

    def test_all_in_the_window(self) -> None:
        made = did(*([event("A", at), event("B", NOW)] for at in around(NOW - 2 * DAY)))
        assert ask(made, steps("A", "B", **{"in": {"last": "2d"}})) == [3]

    def test_on_a_brand(self) -> None:
        made = did([event("A", START), event("B", START + HOUR, brand="B")])
        assert ask(made, steps("A", "B")) == [1]
        assert ask(made, steps("A", "B", on_brand=["A"])) == []
        assert ask(made, steps("A", "B", on_brand=["A", "B"])) == [1]


class TestFinalAbsence:
    RULE = steps("A", {"not": True, "event": "B", "within": "1d"})

    def test_no_such_event_until_the_time_is_over(self) -> None:
        made = did(
            history("A"),
            *([event("A", START), event("B", at)] for at in around(START)),
            *([event("A", START), event("B", at)] for at in around(START + DAY)),
        )
        assert ask(made, self.RULE) == [1, 2, 3, 7]

    def test_the_time_must_be_over(self) -> None:
        made = did(*([event("A", at)] for at in around(NOW - DAY)))
        assert ask(made, self.RULE) == [1, 2]

    def test_any_start_will_do(self) -> None:
        made = did([event("A", START), event("B", START + HOUR), event("A", START + 2 * DAY)])
        assert ask(made, self.RULE) == [1]

    def test_an_answer_after_the_window_is_an_answer(self) -> None:
        made = did([event("A", START), event("B", START + HOUR)], [event("A", START)])
        until = {"in": {"to": (START + TICK).isoformat() + "Z"}}
        assert ask(made, {**self.RULE, **until}) == [2]


class TestAbandonedCarts:
    CART, CHECKOUT, PAYMENT = "Product Added", "Checkout Started", "Payment Info Entered"
    ORDER = "Order Completed"

    def rule(self, **more: Any) -> dict[str, Any]:
        return {"abandoned": "cart", "for": "1h", **more}

    def test_untouched_for_so_long(self) -> None:
        made = did(*([event(self.CART, at)] for at in around(NOW - HOUR)), [])
        assert ask(made, self.rule()) == [1, 2]

    def test_an_order_closes_the_cart(self) -> None:
        at = NOW - DAY
        made = did(*([event(self.ORDER, at), event(self.CART, then)] for then in around(at)))
        assert ask(made, self.rule()) == [3]

    def test_the_stage_is_the_furthest(self) -> None:
        at = NOW - DAY
        made = did(
            [event(self.CART, at)],
            [event(self.CHECKOUT, at), event(self.CART, at + HOUR)],
            [event(self.PAYMENT, at)],
            [event(self.PAYMENT, at), event(self.ORDER, at + TICK), event(self.CART, at + HOUR)],
        )
        assert ask(made, self.rule(stage="cart")) == [1, 4]
        assert ask(made, self.rule(stage="checkout")) == [2]
        assert ask(made, self.rule(stage="payment")) == [3]
        assert ask(made, self.rule()) == [1, 2, 3, 4]

    def test_the_latest_event_lies_in_the_window(self) -> None:
        made = did(
            *([event(self.CART, NOW - 99 * DAY), event(self.CHECKOUT, at)]
              for at in around(NOW - 7 * DAY))
        )  # fmt: skip
        assert ask(made, self.rule(**{"in": {"last": "7d"}})) == [3]

    def test_on_a_brand_other_brands_orders_close_nothing(self) -> None:
        made = did([event(self.CART, START), event(self.ORDER, NOW - DAY, brand="B")])
        assert ask(made, self.rule()) == []
        assert ask(made, self.rule(on_brand="A")) == [1]
        assert ask(made, self.rule(on_brand="B")) == []


ORDER = {"event": "Order Completed"}
LINE = {"property": "price", "op": "between", "value": [10, 20]}
CARD = {"property": "payment_method", "op": "=", "value": "card"}
RECENT = {"in": {"last": "60d"}, "on_brand": ["A"]}


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ({"orders": RECENT}, {"count": {**ORDER, **RECENT}}),
        ({"revenue": {"where": CARD}}, {"sum": {**ORDER, "property": "revenue", "where": CARD}}),
        ({"average_order_value": {}}, {"average": {**ORDER, "property": "revenue"}}),
        (
            {"units": {"where": LINE}},
            {"sum": {**ORDER, "property": "quantity", "lines": True, "where": LINE}},
        ),
        ({"returns": RECENT}, {"count": {"returns": True, **RECENT}}),
        (
            {"bought": LINE, **RECENT},
            {"count": {**ORDER, **RECENT, "where": {"any_line": LINE}}, "op": ">=", "value": 1},
        ),
        (
            {"bought": LINE, "where": CARD},
            {"count": {**ORDER, "where": {"all": [CARD, {"any_line": LINE}]}}, "op": ">=",
             "value": 1},
        ),
        ({"last_order": "60d", "is": "before"}, {"stopped": ORDER, "for": "60d"}),
        (
            {"last_order": "60d", "is": "within"},
            {"count": {**ORDER, "in": {"last": "60d"}}, "op": ">=", "value": 1},
        ),
    ],
)  # fmt: skip
def test_short_forms_in_full(short: dict[str, Any], full: dict[str, Any]) -> None:
    assert in_full(short) == full
    assert in_full({"not": {"any": [short]}}) == {"not": {"any": [full]}}


def test_s4_14_orders_in_short() -> None:
    dear = {"price": Decimal(15), "quantity": Decimal(3)}
    made = did(
        [event("Order Completed", NOW - DAY, revenue=Decimal(40), payment_method="card")] * 2,
        [event("Order Completed", NOW - 61 * DAY, revenue=Decimal(90), lines=[dear, dear])],
        [event("Order Refunded", NOW - DAY)],
    )
    assert ask(made, {"orders": {}, "op": ">=", "value": 2}) == [1]
    assert ask(made, {"revenue": {}, "op": ">", "value": 80}) == [2]
    assert ask(made, {"revenue": {"where": CARD}, "op": "=", "value": 80}) == [1]
    assert ask(made, {"average_order_value": {}, "op": "=", "value": 40}) == [1]
    assert ask(made, {"units": {"where": LINE}, "op": "=", "value": 6}) == [2]
    assert ask(made, {"returns": {}, "op": ">=", "value": 1}) == [3]
    assert ask(made, {"bought": LINE}) == [2]
    assert ask(made, {"last_order": "60d", "is": "before"}) == [2]
    assert ask(made, {"last_order": "60d", "is": "within"}) == [1]
    assert ask(made, {"orders": {}, "op": ">", "value": {"returns": {}}}) == [1, 2]
