"""`patron profile`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.terminal import (
    Cell,
    amount,
    curve,
    holds_for,
    moment,
    plural,
    say,
    show_json,
    shown_cell,
    signed,
    table,
)
from patron.cli.traits import provenance
from patron.spec.class_kinds import CLASS_KINDS
from patron.spec.event_kinds import ABOUT

MONEY = frozenset({"revenue", "total", "refunded", "average", "net", "margin"})
EVENT_COLUMNS = ("occurred_at", "kind", "name", "brand", "channel", "source", "order_id", "revenue",
                 "currency")  # fmt: skip
ORDER_COLUMNS = ("ordered_at", "brand", "order_id", "channel", "payment_method", "state", "revenue",
                 "total", "net", "margin", "currency")  # fmt: skip
SCORE_COLUMNS = ("score", "value", "7 days", "30 days", "90 days", "last 13 weeks")
AT_A_GLANCE = ("computed", "scores", "preferences", "carts", "segments")
"""The parts that a person wants to see, beside those of every answer."""
NEXT = 4
"""The values of a preference up to this rank are shown."""
CART_COLUMNS = ("brand", "stage", "last_at", "holds")
SPENDING_COLUMNS = ("currency", "orders", "revenue", "total", "average", "refunded",
                    "first_order_at", "last_order_at")  # fmt: skip


def profile(
    identifier: options.Customer,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Also what became of the customer, newest first.")
    ] = False,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these of the timeline: event, note, segment, identity, visit, changes of "
            f"{', '.join(CLASS_KINDS)}, or events about {', '.join(ABOUT)}.",
            metavar="KIND",
            show_default=False,
        ),
    ] = None,
    orders: Annotated[
        bool, typer.Option("--orders", help="Also each order, the last 100.")
    ] = False,
    segments: Annotated[
        bool, typer.Option("--segments", help="Also since when the customer is in each segment.")
    ] = False,
    include: Annotated[
        list[str] | None,
        typer.Option(
            help="More parts, which --json shows; all for every part.",
            metavar="PART",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many entries of the timeline.", metavar="N", min=1, max=500)
    ] = 20,
    brand: Annotated[
        str | None,
        typer.Option(
            help="The customer as this brand knows them.", metavar="BRAND", show_default=False
        ),
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show one customer, by any identifier: who it is, and what to know at a glance."""
    path = f"/profiles/{segment_of(identifier)}"
    at: dict[str, Any] = {"as_of": as_of, "min_position": min_position, "brand": brand}
    with connect(workspace) as client:
        parts = [*AT_A_GLANCE, *(include or ()), *(["memberships"] if segments else [])]
        found = client.get(path, include=parts, **at)
        if timeline:
            found["timeline"] = client.get(f"{path}/timeline", limit=limit, kind=kind, **at)["data"]
        if orders:
            found["order_history"] = client.get(f"{path}/orders", **at)["data"]
    if as_json:
        show_json(found)
    else:
        show_profile(found)


def show_profile(found: dict[str, Any]) -> None:
    """Print a profile for people."""
    say(f"Profile {found['profile_id']}, first seen {moment(found['first_seen_at'])}", strong=True)
    _rows("Identifiers", found["identifiers"], ("type", "value", "first_seen_at"))
    for merged in found.get("merged_from", ()):
        say(f"Profile {merged['profile_id']} is part of it: {merged['reason'] or 'merged'}")
    traits = [{"trait": name, **trait} for name, trait in sorted(found["traits"].items())]
    _rows(
        "Traits",
        [{**one, "provenance": provenance(one) or None} for one in traits if "computed" not in one],
        ("trait", "value", "source", "occurred_at", "provenance"),
    )
    scores, preferences = found.get("scores") or {}, found.get("preferences") or {}
    told = {*scores, *preferences, *(f"{name}_growth_{days}" for name, score in scores.items()
                                     for days in score["growth"])}  # fmt: skip
    computed = [trait for trait in traits if "computed" in trait and trait["trait"] not in told]
    if computed:
        _rows("Computed", computed, ("trait", "value"))
    if scores:
        _rows("Scores", [_score(name, one) for name, one in scores.items()], SCORE_COLUMNS)
    if preferences:
        liked = [_preference(name, one) for name, one in preferences.items()]
        _rows("Preferences", liked, ("preference", "favourite", "share", "then"))
    if found["groups"]:
        _rows("Groups", found["groups"], ("type", "id", "joined_at", "other_members"))
    orders = found["orders"]
    cancelled = f", and {orders['cancelled']:,} cancelled" if orders["cancelled"] else ""
    _rows(
        f"{plural(orders['orders'], 'order')}{cancelled}", orders["by_currency"], SPENDING_COLUMNS
    )
    if found.get("carts"):
        _rows("Open carts", [_cart(cart) for cart in found["carts"]], CART_COLUMNS)
    if found.get("segments") is not None:
        say("\nSegments", strong=True)
        say(f"  {', '.join(_named_segments(found['segments'])) or 'none'}")
        for held in found.get("memberships") or ():
            began = "a member from the start, on" if held["first_fill"] else "entered"
            say(f"  {held['segment']}: {began} {moment(held['since'])}")
    if "order_history" in found:
        _rows("Order history, the newest first", found["order_history"], ORDER_COLUMNS)
    if "timeline" in found:
        entries = [{**one, "name": _named(one)} for one in found["timeline"]]
        _rows(f"Timeline: {plural(len(entries), 'entry', 'entries')}", entries, EVENT_COLUMNS)
    say(f"\n{holds_for(found)}")


def _named_segments(segments: list[str]) -> list[str]:
    """Segments without those that only gather the values of another, as `tier` does `tier=gold`."""
    gather = {name.partition("=")[0] for name in segments if "=" in name}
    return [name for name in segments if name not in gather]


def _score(name: str, score: dict[str, Any]) -> dict[str, Any]:
    """A score in one row, with the curve of the last weeks."""
    points = [float(point["value"] or 0) for point in score["curve"]]
    grown = {f"{days} days": signed(growth) for days, growth in score["growth"].items()}
    return {"score": name, "value": score["value"], **grown, "last 13 weeks": curve(points)}


def _preference(name: str, preference: dict[str, Any]) -> dict[str, Any]:
    """A preference in one row: the favourite, what share of all it has, and what comes next."""
    values = preference["values"]
    first = values[0] if values and preference["favourite"] is not None else None
    return {
        "preference": name,
        "favourite": preference["favourite"],
        "share": first and f"{100 * float(first['affinity']):.0f} %",
        "then": ", ".join(str(one["value"]) for one in values[1:NEXT] if one["verdict"] == "liked")
        or None,
    }


def _cart(cart: dict[str, Any]) -> dict[str, Any]:
    """A cart in one row."""
    said = [
        f"{item['quantity']} x {item['product_name'] or item['sku'] or item['product_id']}"
        for item in cart["items"]
    ]
    return {**cart, "holds": ", ".join(said) or None}


def _named(entry: dict[str, Any]) -> str:
    """What to call an entry of the timeline."""
    match entry["kind"]:
        case "note":
            return f"{entry['on_behalf_of'] or entry['written_by']}: {entry['text']}"
        case "segment":
            return f"{entry['change']} {entry['segment']}"
        case "identity":
            return str(entry["reason"])
        case "visit":
            return f"{plural(entry['events'], 'event')}, from {entry['began_with']} on"
    return str(entry["name"])


def _rows(title: str, rows: list[dict[str, Any]], wanted: tuple[str, ...]) -> None:
    """A table of those of the wanted columns that any row has something in."""
    say(f"\n{title}", strong=True)
    columns = [name for name in wanted if any(row.get(name) is not None for row in rows)]
    if columns:
        table(
            [name.replace("_", " ") for name in columns],
            [[_cell(name, row.get(name)) for name in columns] for row in rows],
        )


def _cell(name: str, value: Any) -> Cell:  # noqa: ANN401 - whatever JSON holds
    if name in MONEY:
        return amount(value)
    if name.endswith("_at"):
        return moment(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return shown_cell(value) if isinstance(value, dict | list | bool) else value
