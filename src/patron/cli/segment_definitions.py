"""`patron segment set` and `remove`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands
from patron.cli.problems import about_rule
from patron.cli.segments import Name, group, rule_text, warn
from patron.cli.terminal import say, show_json
from patron.errors import InputError


@group.command("set")
def set_segment(
    name: Name,
    rule: options.Rule = None,
    file: options.RuleFile = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", help="Instead of a rule: a value and its rule, such as "
                     "gold='revenue() >= 500'; each customer has the first whose rule holds. May "
                     "be repeated.", metavar="VALUE=RULE", show_default=False),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option(help="What it is to reach: a measure, a number and of money the currency, "
                     "such as 'revenue 5000 EUR'.", metavar="GOAL", show_default=False),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Who answers for it.", metavar="NAME", show_default=False)
    ] = None,
    journey_stage: Annotated[
        str | None,
        typer.Option(help="Where on their journey its members are.", metavar="STAGE",
                     show_default=False),
    ] = None,
    allow_unknown: options.AllowUnknown = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Make or change a segment; what is left out it has no more. Versions before it are kept."""
    parts = [read_value(one) for one in values or ()]
    if parts and (rule, file) != (None, None):
        raise typer.BadParameter("give a rule or values, one of them", param_hint="--value")
    if not parts and (rule, file) == (None, None):
        raise typer.BadParameter(
            "give the segment's name, then its rule, --file or --value", param_hint="RULE"
        )
    text = None if parts else rule_text(rule, file)
    said = {
        "rule": text, "values": parts or None, "description": description,
        "goal": goal and read_goal(goal), "owner": owner, "journey_stage": journey_stage,
    }  # fmt: skip
    body = {field: value for field, value in said.items() if value is not None}
    with connect(workspace) as client, about_rule(text, *(one["rule"] for one in parts)):
        answer = client.put(f"/segments/{segment_of(name)}", body, allow_unknown=allow_unknown)
    if as_json:
        show_json(answer)
        return
    say(f"{name} is version {answer['version']}.")
    warn(answer)


def read_value(text: str) -> dict[str, str]:
    """A value with its rule as people write it, as the API takes it.

    Raises:
        InputError: It names no value, or no rule.

    >>> read_value('gold=plan = "gold"')
    {'value': 'gold', 'rule': 'plan = "gold"'}
    """
    before, _, rule = text.partition("=")
    value = before.strip()
    # A rule that stands without its value has an operator or a space where that should end.
    if not value or not rule.strip() or before[-1] in " <>!":
        raise InputError(
            f"--value: expected a value, = right behind it, and its rule, got {text!r}.",
            hint="""Such as gold='plan = "gold"', where customers get the value gold.""",
        )
    return {"value": value, "rule": rule.strip()}


def read_goal(text: str) -> dict[str, Any]:
    """A goal as people write it, as the API takes it.

    Raises:
        InputError: It is no measure with a number.

    >>> read_goal("revenue 5000 EUR")
    {'measure': 'revenue', 'target': 5000.0, 'currency': 'EUR'}
    >>> read_goal("buyer_rate 0.25")
    {'measure': 'buyer_rate', 'target': 0.25}
    """
    measure, number, *currency = [*text.split(), "", ""][: max(2, len(text.split()))]
    try:
        target = float(number)
    except ValueError:
        target = -1.0
    if target < 0 or len(currency) > 1:
        raise InputError(
            f"--goal: expected a measure, a number and of money the currency, got {text!r}.",
            hint="Such as 'revenue 5000 EUR' or 'buyer_rate 0.25'.",
        )
    return {"measure": measure, "target": target, **dict(zip(["currency"], currency, strict=False))}


DefinitionCommands(group, "/segments", "segment").add_remove("Remove a segment that nothing uses.")
