"""What rules on orders as they stand, and conversions, may ask."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from patron.errors import RuleError
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.concerns import concerns
from patron.segments.names_used import names_used
from patron.segments.printer import print_rule
from patron.segments.resolve import resolve
from patron.segments.sql import compile_members
from patron.segments.text import parse
from patron.spec.commerce import ORDER_EVENTS, REFUNDS
from patron.spec.entities import PRODUCT, PRODUCTS
from patron.spec.rates import Rate

RATES = (Rate("USD", datetime(2026, 1, 1), Decimal("0.85")),)
KNOWN = Catalogue(
    events={"Order Completed": frozenset({"payment_method"})},
    currencies=frozenset({"EUR", "USD"}),
    rates={"EUR": RATES},
)
NOW = datetime(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sum(net of orders) > 5", "amounts of different currencies have no sum"),
        ("sum(state of orders in EUR) > 5", "state is a text"),
        ("count(orders where stat = 5) > 1", "No property is called 'stat'"),
        ('count(orders where net = "5") > 1', "net is a number"),
        (
            'sum(price of lines of "Order Completed" converted to USD) > 5',
            "no exchange rate from EUR",
        ),
        ('sum(payment_method of "Order Completed" converted to EUR) > 5', "nothing is converted"),
        ('count("Order Completed" converted to EUR) > 5', "nothing is converted"),
        ('distinct(revenue of "Order Completed" converted to EUR) > 5', "nothing is converted"),
        ('first(revenue of "Order Completed" converted to EUR) > 5', "nothing is converted"),
        (
            "net revenue(converted to EUR) > sum(net of orders in USD)",
            "An amount in EUR compares with none in USD",
        ),
        (
            "calculate(net revenue(converted to EUR) + revenue(in USD)) > 5",
            "An amount in EUR is not added to one in USD",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        resolve(parse(text), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "sum(net of orders converted to EUR) > 5",
        'net revenue(in USD converted to EUR) > sum(revenue of "Order Completed" in EUR)',
        'did orders where (payment_method = "card" and state = "cancelled")',
        "calculate(refunded orders() / count(orders)) > 0.5",
    ],
)
def test_what_makes_sense_passes(text: str) -> None:
    resolve(parse(text), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "stopped orders for 60 days",
        "resumed orders after 60 days in the last 7 days",
        "did orders for the first time in the last 7 days",
        "did orders in at least 2 of the last 3 weeks",
        "stopped returns for 60 days",
    ],
)
def test_when_something_happened_is_asked_of_events(text: str) -> None:
    with pytest.raises(RuleError, match="when they came, their events tell"):
        parse(text)


def test_orders_have_no_name() -> None:
    with pytest.raises(RuleError, match="Orders are no events"):
        decode({"count": {"orders": True, "event": "Order Completed"}, "op": ">", "value": 1})


def test_a_rule_on_orders_depends_on_every_event_about_one() -> None:
    found = concerns(parse("net revenue(in the last 30 days) > 5"), KNOWN)
    assert found.events == ORDER_EVENTS
    assert {edge.length.days for edge in found.edges} == {0, 30}


@pytest.mark.parametrize(("text", "same"), [("margin() > 5", False), ("net revenue() > 5", True)])
def test_only_rules_on_costs_follow_the_catalogue(text: str, same: bool) -> None:
    later = msgspec.structs.replace(PRODUCTS, state=PRODUCTS.state + 1)
    one, other = (
        compile_members(parse(text), as_of=NOW, catalogue=Catalogue(entities={PRODUCT: kind}))
        for kind in (PRODUCTS, later)
    )
    assert (one == other) is same


def test_another_rate_is_another_question() -> None:
    rule = parse("revenue(converted to EUR) > 5")
    one, other = (
        compile_members(rule, as_of=NOW, catalogue=Catalogue(rates={"EUR": rates}))
        for rates in (RATES, ())
    )
    assert one != other


@pytest.mark.parametrize(
    "text",
    [
        "sum(total of returns) > 5",
        "calculate(decayed(count(returns), 50 % after 30 days)) > 1",
        "calculate(decayed(returns(), 50 % after 30 days)) > 1",
    ],
)
def test_returns_are_only_counted(text: str) -> None:
    with pytest.raises(RuleError, match="Returns are"):
        parse(text)


def test_either_event_that_tells_of_returns_makes_them_known() -> None:
    rule = parse("returns() >= 2")
    resolve(rule, Catalogue(events={"Product Returned": frozenset()}))
    with pytest.raises(RuleError, match="Order Refunded"):
        resolve(rule, KNOWN)
    assert concerns(rule, KNOWN).events == REFUNDS
    assert names_used(rule).events == REFUNDS
    assert parse(print_rule(rule)) == rule
