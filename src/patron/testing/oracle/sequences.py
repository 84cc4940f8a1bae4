"""Events in an order, what must not lie between them, and carts left behind."""

from __future__ import annotations

from patron.testing.oracle.conditions import event_holds, events_of
from patron.testing.oracle.durations import after, before
from patron.testing.oracle.shapes import Event, Question, Rule, brands_of
from patron.testing.oracle.windows import window_of

STAGES = {
    "Product Added": "cart",
    "Checkout Started": "checkout",
    "Shipping Info Entered": "shipping",
    "Payment Info Entered": "payment",
}
"""The events that a cart is made of and the stage each shows, the furthest last."""


def sequence(question: Question, rule: Rule) -> bool:
    """Whether some events fulfil all steps, each strictly later than the one before (M13)."""
    brands = brands_of(rule)
    inside = window_of(question, rule, brands)
    happened = events_of(question, brands=brands)
    in_window = [event for event in happened if inside(event["occurred_at"])]

    def goes_on(last: Event | None, steps: list[Rule]) -> bool:
        if not steps:
            return True
        step, rest = steps[0], steps[1:]
        if step.get("not"):
            return last is not None and stays_away(question, happened, last, step)
        return any(
            fulfils_step(event, step)
            and (last is None or follows(happened, last, event, step))
            and goes_on(event, rest)
            for event in in_window
        )

    return goes_on(None, rule["sequence"])


def fulfils_step(event: Event, step: Rule) -> bool:
    """Whether an event is the one a step names, under the step's condition."""
    if step.get("event") not in (None, event["name"]):
        return False
    return "where" not in step or event_holds(event, step["where"])


def follows(happened: list[Event], last: Event, event: Event, step: Rule) -> bool:
    """Whether an event comes after another in time, and nothing forbidden lies between them."""
    start, end = last["occurred_at"], event["occurred_at"]
    if not start < end:
        return False
    if "within" in step and end > after(start, step["within"]):
        return False
    return not any(
        start < between["occurred_at"] < end and fulfils_step(between, forbidden)
        for between in happened
        for forbidden in step.get("without", [])
    )


def stays_away(question: Question, happened: list[Event], last: Event, step: Rule) -> bool:
    """Whether the time for a next event is over, and it did not come."""
    start = last["occurred_at"]
    deadline = after(start, step["within"])
    came = [
        event
        for event in happened
        if start < event["occurred_at"] <= deadline and fulfils_step(event, step)
    ]
    return not came and deadline <= question.as_of


def abandoned(question: Question, rule: Rule) -> bool:
    """Whether a cart was begun after the last order and not touched for so long."""
    brands = brands_of(rule)
    orders = [one["occurred_at"] for one in events_of(question, "Order Completed", None, brands)]
    cart = [
        event
        for event in events_of(question, brands=brands)
        if event["name"] in STAGES and (not orders or event["occurred_at"] > max(orders))
    ]
    if not cart:
        return False
    latest = cart[-1]["occurred_at"]
    if latest > before(question.as_of, rule["for"]):
        return False
    if not window_of(question, rule, brands)(latest):
        return False
    furthest = [stage for name, stage in STAGES.items() if any(e["name"] == name for e in cart)][-1]
    return rule.get("stage") in (None, furthest)
