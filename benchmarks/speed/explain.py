"""How long it takes to say why a customer is in."""

from __future__ import annotations

import statistics
import time

from benchmarks.speed.questions import AS_OF
from benchmarks.speed.report import percentile, report
from patron.workspace import Workspace

BUDGET = 100.0
"""Milliseconds."""

CUSTOMERS = 41
RULES = {
    "one_condition": 'count("Order Completed" in the last 90 days) >= 2',
    "one_sequence": (
        'sequence ("Product Viewed" then "Product Added" within 30 days without "Order Completed" '
        'then "Order Completed" within 60 days) in the last 365 days'
    ),
    "22_nodes": """
        count("Order Completed" in the last 90 days) >= 2
        and (sum(revenue of "Order Completed" in the last 365 days in EUR) > 100
             or average(revenue of "Order Completed" in the last 365 days) > 80
             or max(revenue of "Order Completed") > 190)
        and not (stopped "Order Completed" for 60 days or email missing)
        and at least 2 of (
            did "Product Viewed" for the first time in the last 300 days,
            did "Page Viewed" in at least 2 of the last 6 weeks,
            resumed "Order Completed" after 60 days in the last 365 days,
            most frequent(department of "Order Completed") = "MEAT")
        and (sequence ("Product Viewed" then "Product Added" within 30 days
                       then "Order Completed" within 60 days) in the last 365 days
             or abandoned cart for at least 1 hour)
        and count("Product Viewed") > count("Product Added")
        and (random 90 % or distinct(store of "Order Completed") >= 2)
        and last(department of "Order Completed") != "TOYS"
    """,
}
"""What is explained, by the row's name."""


def explained(workspace: Workspace, events: int, customers: int, scale: str) -> None:
    """Explain each rule for some customers, and report wall and processor time.

    Args:
        workspace: An open one, with the simulated shop.
        events: How many it holds.
        customers: Of how many customers.
        scale: For the rows.
    """
    cards = [f"loyalty_card:c{at * customers // CUSTOMERS}" for at in range(CUSTOMERS)]
    for name, rule in RULES.items():
        workspace.explain(cards[0], rule=rule, as_of=AS_OF)
        wall, processor = [], []
        for card in cards:
            began = time.perf_counter(), time.process_time()
            workspace.explain(card, rule=rule, as_of=AS_OF)
            wall.append((time.perf_counter() - began[0]) * 1000)
            processor.append((time.process_time() - began[1]) * 1000)
        report(
            f"explain.{name}", percentile(wall, 0.95), "ms", budget=BUDGET, events=events,
            median=round(statistics.median(wall), 1),
            processor_ms=round(statistics.median(processor), 1), scale=scale,
        )  # fmt: skip
