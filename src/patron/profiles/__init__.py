"""One customer, whole: traits, identifiers, timeline, orders.

All functions read, over a `Cursor` of the workspace, and take a profile that stands or its id (see
`standing`) and the moment that the question is about. Results are frozen; `plain` turns any of them
into JSON values.
"""

from __future__ import annotations

from patron.profiles.encoding import plain
from patron.profiles.groups import Group, GroupTrait, Membership, group, groups_of
from patron.profiles.lookup import (
    KnownIdentifier,
    Standing,
    identified,
    identified_since,
    identifiers,
    merged_into,
    resolve,
    standing,
)
from patron.profiles.orders import (
    Amount,
    Order,
    OrderSummary,
    Spending,
    order_summary,
    orders,
)
from patron.profiles.sales import Cohort, CurrencySales, Sales, sales
from patron.profiles.summary import MergedProfile, Summary, merged_from, summary
from patron.profiles.timeline import Event, Line, Page, timeline
from patron.profiles.traits import Observation, Trait, observations, traits

__all__ = [
    "Amount",
    "Cohort",
    "CurrencySales",
    "Event",
    "Group",
    "GroupTrait",
    "KnownIdentifier",
    "Line",
    "Membership",
    "MergedProfile",
    "Observation",
    "Order",
    "OrderSummary",
    "Page",
    "Sales",
    "Spending",
    "Standing",
    "Summary",
    "Trait",
    "group",
    "groups_of",
    "identified",
    "identified_since",
    "identifiers",
    "merged_from",
    "merged_into",
    "observations",
    "order_summary",
    "orders",
    "plain",
    "resolve",
    "sales",
    "standing",
    "summary",
    "timeline",
    "traits",
]
