"""One customer, whole: traits, identifiers, timeline, orders, notes.

All functions read, over a `Cursor` of the workspace, and take a profile that stands or its id (see
`standing`) and the moment that the question is about. Results are frozen; `plain` turns any of them
into JSON values.
"""

from __future__ import annotations

from patron.profiles.carts import Cart, CartItem, carts
from patron.profiles.consents import Consent, consents_of
from patron.profiles.devices import Device, devices_of
from patron.profiles.encoding import plain
from patron.profiles.events import Event, Line, newest_events
from patron.profiles.groups import (
    Group,
    GroupTrait,
    Membership,
    group,
    groups_of,
    groups_of_all,
    households_members,
)
from patron.profiles.known_orders import Amount, Order
from patron.profiles.lookup import (
    KnownIdentifier,
    identified,
    identified_since,
    identifiers,
    identifiers_of,
    merged_into,
    representatives,
    resolve,
    resolved,
    standing,
    standings,
)
from patron.profiles.notes import Note, notes, notes_of
from patron.profiles.orders import (
    OrderPage,
    OrderSummary,
    Spending,
    order_summaries,
    order_summary,
    orders,
    orders_of,
)
from patron.profiles.own_events import OwnEvents
from patron.profiles.sales import Cohort, CurrencySales, Sales, sales
from patron.profiles.summary import MergedProfile, Summary, merged_from, merged_from_of, summary
from patron.profiles.timeline import KINDS, Kind, Page, Visit, timeline
from patron.profiles.traits import (
    UNDECLARED,
    Observation,
    Trait,
    observations,
    observations_of,
    traits,
    traits_of,
)
from patron.warehouse.standing import Standing

__all__ = [
    "KINDS",
    "UNDECLARED",
    "Amount",
    "Cart",
    "CartItem",
    "Cohort",
    "Consent",
    "CurrencySales",
    "Device",
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
    "OrderPage",
    "OrderSummary",
    "OwnEvents",
    "Page",
    "Sales",
    "Spending",
    "Standing",
    "Summary",
    "Trait",
    "Visit",
    "carts",
    "consents_of",
    "devices_of",
    "group",
    "groups_of",
    "groups_of_all",
    "households_members",
    "identified",
    "identified_since",
    "identifiers",
    "identifiers_of",
    "merged_from",
    "merged_from_of",
    "merged_into",
    "newest_events",
    "notes",
    "notes_of",
    "observations",
    "observations_of",
    "order_summaries",
    "order_summary",
    "orders",
    "orders_of",
    "plain",
    "representatives",
    "resolve",
    "resolved",
    "sales",
    "standing",
    "standings",
    "summary",
    "timeline",
    "traits",
    "traits_of",
]
