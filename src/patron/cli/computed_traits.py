"""`patron computed-trait`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_end_of_page
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.explanations import show_condition
from patron.cli.problems import about_rule
from patron.cli.segments import rule_text, show_customers, warn
from patron.cli.terminal import Cell, holds_for, plural, say, show_json, shown_cell

Name = Annotated[str, typer.Argument(help="The computed trait's name.")]
Expression = Annotated[
    str | None,
    typer.Argument(
        help="What it is computed of, such as 'revenue(in the last 365 days)'.", show_default=False
    ),
]

MOST_SAID = 120
"""So many characters are shown of what a trait is computed of, where more than one is told of."""

MOST_CASES = 6
"""Of more cases, those before the one that holds are counted only."""

group = typer.Typer(help="Traits computed of what customers did.", no_args_is_help=True)


def _row(trait: dict[str, Any]) -> list[Cell]:
    rest = [trait[key] for key in ("version", "origin", "description")]
    return [trait["name"], _beginning(trait["text"]), *rest]


def _beginning(text: str) -> str:
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]} …"


def _show(trait: dict[str, Any]) -> None:
    segments, traits = users(trait)
    show_facts(trait, more=[segments, traits] if trait["computed_traits"] else [segments])
    say()
    for line in trait["text"].splitlines():
        say(f"  {line}")


commands = DefinitionCommands(group, "/computed-traits", "computed trait")
commands.add_list(
    "List all computed traits.",
    ["computed trait", "computed of", "version", "origin", "description"],
    _row,
)
commands.add_show("Show what a trait is computed of, and who uses it.", _show)


@group.command("set")
def set_trait(
    name: Name,
    value: Expression = None,
    file: options.RuleFile = None,
    description: Annotated[
        str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
    ] = None,
    allow_unknown: options.AllowUnknown = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make or change a computed trait."""
    text = rule_text(value, file)
    body: dict[str, Any] = {"value": text}
    if description is not None:
        body["description"] = description
    with connect(workspace) as client, about_rule(text):
        answer = client.put(
            f"/computed-traits/{segment_of(name)}", body, allow_unknown=allow_unknown
        )
    if as_json:
        show_json(answer)
        return
    say(f"{name} is version {answer['version']}.")
    warn(answer)


def _show_values(answer: Answer) -> None:
    show_customers([{**one, "value": shown_cell(one["value"])} for one in answer["data"]])
    show_end_of_page(answer)


def _show_explained(answer: Answer) -> None:
    value = "missing" if answer["value"] is None else shown_cell(answer["value"])
    say(f"{answer['name']} of profile {answer['profile_id']}: {value}", strong=True)
    show_condition(in_short(answer["condition"]))
    say(f"\n{holds_for(answer)}")


def in_short(condition: dict[str, Any]) -> dict[str, Any]:
    """A class is that of the first case that holds: of many, those before it are counted only.

    Whoever wants to know of each case why it does not hold has it with ``--json``.

    >>> cases = [{"asked": f"case {n}", "holds": n > 7, "conditions": []} for n in range(11)]
    >>> ways = {"kind": "any", "holds": True, "conditions": cases}
    >>> short = in_short({"conditions": [ways], "detail": {"of": "x" * 500}})
    >>> [one["asked"] for one in short["conditions"][0]["conditions"]]
    ['8 cases before it', 'case 8']
    >>> len(short["detail"]["of"])
    122
    """
    short = {**condition, "conditions": [_first_that_holds(one) for one in condition["conditions"]]}
    detail = condition["detail"]
    if detail is not None and isinstance(detail.get("of"), str):
        short["detail"] = {**detail, "of": _beginning(detail["of"])}
    return short


def _first_that_holds(condition: dict[str, Any]) -> dict[str, Any]:
    cases = condition["conditions"]
    place = next((place for place, one in enumerate(cases) if one["holds"]), None)
    if condition["kind"] != "any" or place is None or len(cases) <= MOST_CASES:
        return condition
    before = {**cases[place], "asked": f"{plural(place, 'case')} before it", "kind": "cases",
              "holds": False, "conditions": [], "detail": None, "evidence": None,
              "changes_at": None}  # fmt: skip
    return {**condition, "conditions": [before, cases[place]] if place else [cases[place]]}


commands.add_versions("List what a computed trait was computed of before.", "computed_trait")
commands.add_remove("Remove a computed trait that nothing uses.")
commands.add_values("List the customers who have a value, with it.", _show_values, limit=100)
commands.add_explain(
    "Say what the value of a customer comes to, and the events behind it.", _show_explained
)
