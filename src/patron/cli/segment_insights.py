"""`patron segment overlap`, `history`, `performance` and `backtest`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.problems import about_rule
from patron.cli.segments import Name, group, warn
from patron.cli.terminal import Cell, amount, bar, holds_for, moment, plural, say, show_json, table

Since = Annotated[
    str | None,
    typer.Option("--from", help="The first day, in the workspace's time zone; 30 days when left "
                 "out.", metavar="DAY", show_default=False),
]  # fmt: skip
Until = Annotated[
    str | None,
    typer.Option("--to", help="The last day; until now when left out.", metavar="DAY",
                 show_default=False),
]  # fmt: skip

SHOWN_REGIONS = 30


@group.command()
def overlap(
    segments: Annotated[list[str], typer.Argument(help="2 to 20 segments.", metavar="NAME…")],
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show how many customers segments have in common."""
    with connect(workspace) as client:
        answer = client.post(
            "/segments/overlap", {"segments": segments}, as_of=as_of, min_position=min_position
        )
    if as_json:
        show_json(answer)
        return
    names = [row["name"] for row in answer["segments"]]
    table(
        ["in both", *names],
        [[name, *row] for name, row in zip(names, answer["pairs"], strict=True)],
    )
    say()
    table(
        ["in all of these and no other", "customers"],
        [[" + ".join(row["segments"]), row["count"]] for row in answer["regions"][:SHOWN_REGIONS]],
    )
    hidden = answer["regions_in_all"] - min(SHOWN_REGIONS, len(answer["regions"]))
    if hidden:
        say(f"{plural(hidden, 'smaller region')} left out; --json shows more.")
    say(f"\n{plural(answer['union'], 'customer')} in at least one. {holds_for(answer)}")


@group.command()
def history(
    name: Name,
    since: Since = None,
    until: Until = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Show a segment's size, entries and exits per day."""
    show_answer(
        workspace, f"/segments/{segment_of(name)}/history", _show_history, as_json=as_json,
        **{"from": since, "to": until},
    )  # fmt: skip


def _show_history(answer: Answer) -> None:
    days = answer["data"]
    largest = max((day["size"] for day in days), default=0)
    table(
        ["day", "size", "entered", "left", "began with", ""],
        [
            [day["day"], day["size"], day["entered"], day["left"], day["filled"] or None,
             bar(day["size"], largest)]
            for day in days
        ],
    )  # fmt: skip
    if answer["recorded_until"] is None:
        say("Nothing is on record yet: memberships are recorded while patron serve runs.")
    else:
        say(f"\nOn record until {moment(answer['recorded_until'])}. Days of {answer['time_zone']}.")


@group.command()
def performance(
    name: Name,
    since: Since = None,
    until: Until = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a segment's members bought, against everybody, before, and its goal."""
    show_answer(
        workspace, f"/segments/{segment_of(name)}/performance", _show_performance, as_json=as_json,
        **{"from": since, "to": until, "as_of": as_of, "min_position": min_position},
    )  # fmt: skip


def _show_performance(answer: Answer) -> None:
    groups = [answer["measured"][key] for key in _GROUPS]
    rows: list[list[Cell]] = [
        [label, *(_shown(group_[key]) for group_ in groups)] for key, label in _MEASURES.items()
    ]
    for currency in sorted(
        {one["currency"] or "" for sales in groups for one in sales["by_currency"]}
    ):
        for key, label in _AMOUNTS.items():
            cells = [_in(sales, currency, key) for sales in groups]
            rows.append([f"{label} {currency or 'no currency'}", *cells])
    table(["", *_GROUPS.values()], rows)
    _show_goal(answer)
    period, before = answer["period"], answer["before"]
    say(f"\nFrom {moment(period['from'])} until {moment(period['to'])}, before: from "
        f"{moment(before['from'])}. Members are those at the end of each.")  # fmt: skip
    say(holds_for(answer))


@group.command()
def backtest(
    rule: options.Rule = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="A segment, instead of a rule.", metavar="NAME",
                     show_default=False),
    ] = None,
    months: Annotated[
        int, typer.Option(help="How many months to look back.", metavar="N", min=1, max=120)
    ] = 12,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show what a rule would have given at the end of each of the last months."""
    with connect(workspace) as client, about_rule(rule):
        answer = client.post(
            "/segments/backtest", {"rule": rule, "name": name, "months": months},
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    data = answer["data"]
    currencies = sorted({one["currency"] or "" for row in data for one in row["by_currency"]})
    table(
        ["end of", "members", "orders after", *(f"{c or 'no currency'} after" for c in currencies)],
        [
            [row["month"][:10] + ("" if row["complete"] else " *"), row["members"], row["orders"],
             *(_in(row, currency, "revenue") for currency in currencies)]
            for row in data
        ],
    )  # fmt: skip
    warn(answer)
    if not all(row["complete"] for row in data):
        say("* The 30 days after it are not over.")
    say(f"\nOrders and revenue of the 30 days after. {holds_for(answer)}")


_GROUPS = {
    "segment": "segment",
    "segment_before": "before",
    "everybody": "everybody",
    "everybody_before": "before",
}
_MEASURES = {
    "members": "members",
    "buyers": "buyers",
    "buyer_rate": "buyers by member",
    "repeat_rate": "repeat rate",
    "orders": "orders",
    "orders_per_member": "orders by member",
    "orders_per_buyer": "orders by buyer",
}
_AMOUNTS = {
    "revenue": "revenue",
    "average_order_value": "average order value",
    "revenue_per_member": "revenue by member",
    "refunded": "refunded",
    "net_revenue": "net revenue",
    "margin": "margin",
    "orders_with_margin": "orders with known margin,",
}


def _shown(value: int | str | None) -> int | str | None:
    return amount(value) if isinstance(value, str) else value


def _in(sales: dict[str, Any], currency: str, key: str) -> Cell:
    for one in sales["by_currency"]:
        if (one["currency"] or "") == currency:
            return _shown(one[key])
    return None


def _show_goal(answer: dict[str, Any]) -> None:
    goal = answer["goal"]
    if goal is not None:
        unit = f" {goal['currency']}" if goal["currency"] else ""
        reached = "reached" if goal["reached"] else "not reached"
        say(f"\nGoal: {goal['measure']} {amount(goal['target'])}{unit}, now "
            f"{amount(goal['actual']) or 'unknown'}: {reached}.", strong=True)  # fmt: skip
    for key, label in (("owner", "Owner"), ("journey_stage", "Journey stage")):
        if answer[key]:
            say(f"{label}: {answer[key]}")


@group.command()
def moved(
    since: Annotated[
        str, typer.Option(help="Entries and exits after this moment, ISO 8601.", metavar="TIME")
    ],
    limit: Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1)] = 10,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show which segments moved most, by what live membership recorded."""
    show_answer(
        workspace, "/segments/moved", _show_moved, as_json=as_json,
        since=since, limit=limit, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_moved(answer: Answer) -> None:
    names = ("segment", "entered", "left", "before", "now")
    table(names, [[row[name] for name in names] for row in answer["data"]])
    say(f"\n{holds_for(answer)}")
