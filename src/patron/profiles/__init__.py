"""One customer, whole: traits, identifiers, timeline, orders, notes.

All functions read, over a `Cursor` of the workspace, and take a profile that stands or its id (see
`standing`) and the moment that the question is about. Results are frozen; `plain` turns any of them
into JSON values.
"""

from __future__ import annotations

from patron.profiles.encoding import plain
from patron.profiles.events import Event, Line
from patron.profiles.groups import Group, GroupTrait, Membership, group, groups_of
from patron.profiles.lookup import (
    KnownIdentifier,
    Standing,
    identified,
    identified_since,
    identifiers,
    merged_into,
    representatives,
    resolve,
    standing,
)
from patron.profiles.notes import Note, notes
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
from patron.profiles.timeline import KINDS, Kind, Page, Visit, timeline
from patron.profiles.traits import UNDECLARED, Observation, Trait, observations, traits

__all__ = [
    "KINDS",
    "UNDECLARED",
    "Amount",
    "Cohort",
    "CurrencySales",
    "Event",
    "Group",
    "GroupTrait",
    "Kind",
    "KnownIdentifier",
    "Line",
    "Membership",
    "MergedProfile",
    "Note",
    "Observation",
    "Order",
    "OrderSummary",
    "Page",
    "Sales",
    "Spending",
    "Standing",
    "Summary",
    "Trait",
    "Visit",
    "group",
    "groups_of",
    "identified",
    "identified_since",
    "identifiers",
    "merged_from",
    "merged_into",
    "notes",
    "observations",
    "order_summary",
    "orders",
    "plain",
    "representatives",
    "resolve",
    "sales",
    "standing",
    "summary",
    "timeline",
    "traits",
]
