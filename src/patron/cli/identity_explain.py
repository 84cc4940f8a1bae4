"""`patron identity explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.identity import identity
from patron.cli.terminal import holds_for, moment, note, plural, printable, say, show_json

if TYPE_CHECKING:
    from rich.tree import Tree

Told = dict[str, Any]

TELLING = 5
"""So many links are named of those that part the profile most evenly."""


@identity.command()
def explain(
    identifier: options.Customer,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", help="Also draw it, as a picture in this file.", metavar="FILE",
                     show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many identifiers to list.", metavar="N", min=1, max=1000)
    ] = 200,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show why the identifiers of a customer are one person, and what would part them."""
    path = f"/profiles/{segment_of(identifier)}/identity"
    with connect(workspace) as client:
        found = client.get(path, limit=limit, min_position=min_position)
        if svg is not None:
            client.download(f"{path}.svg", svg, limit=limit, min_position=min_position)
            note(f"Drawn in {svg}. It shows personal data.")
    if as_json:
        show_json(found)
    else:
        show_graph(found)


def show_graph(found: Told) -> None:
    """Print the graph of a profile for people."""
    counts = found["counts"]
    refused = f", {plural(counts['refused'], 'refused link')}" if counts["refused"] else ""
    say(
        f"Profile {found['profile_id']}: {plural(counts['identifiers'], 'identifier')}, "
        f"{plural(counts['links'], 'link')}{refused}, {plural(counts['events'], 'event')}",
        strong=True,
    )
    say()
    names = {one["id"]: _name(one) for one in found["identifiers"]}
    for tree in _trees(found, names):
        _draw(tree)
    for title, lines in (
        ("Further links, which confirm", _confirming(found, names)),
        ("What a single cut would part", _cuts(found, names)),
        ("Who had shared devices", _turns(found, names)),
        ("Merges and splits", _changes(found)),
    ):
        _section(title, list(lines))
    left = [plural(count, name.removesuffix("s")) for name, count in _left_out(found)]
    if left:
        say(f"\nNot listed: {', '.join(left)}. See --limit.")
    say(f"\n{holds_for(found)}")


def _left_out(found: Told) -> Iterator[tuple[str, int]]:
    for name, count in found["left_out"].items():
        if count and name != "bridges":
            yield "refused links" if name == "refused" else name, count


def _section(title: str, lines: list[str]) -> None:
    if lines:
        say(f"\n{title}", strong=True)
        for line in lines:
            say(f"  {line}")


def _name(one: Told) -> str:
    return printable(f"{one['type']}:{one['value']}")


def _trees(found: Told, names: dict[int, str]) -> list[Tree]:
    """What was joined hangs on the strongest identifier; refused links hang on their own end."""
    joined: dict[int, list[tuple[int, Told]]] = {}
    for link in found["links"]:
        if link["joined"]:
            joined.setdefault(link["a"], []).append((link["b"], link))
            joined.setdefault(link["b"], []).append((link["a"], link))
    refused: dict[int, list[Told]] = {}
    for link in found["refused"]:
        refused.setdefault(link["a"], []).append(link)
    told = {one["id"]: one for one in found["identifiers"]}
    drawn: dict[int, Tree] = {}
    trees = []
    for start, first in told.items():
        if start in drawn:
            continue
        drawn[start] = _branch(first, names[start], [])
        trees.append(drawn[start])
        level = [start]
        for at in level:  # grows while it is read
            for other, link in joined.get(at, ()):
                if other in told and other not in drawn:
                    drawn[other] = _branch(told[other], names[other], _evidence(link))
                    drawn[at].children.append(drawn[other])
                    level.append(other)
            for link in refused.get(at, ()):
                drawn[at].children.append(_refused_branch(link))
    return trees


def _branch(one: Told, name: str, lines: list[str]) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    label = Text.assemble((name, "bold"))
    seen = f"first seen {moment(one['first_seen_at'])}"
    label.append(f"  {seen}, {plural(one['events'], 'event')}", "dim")
    for line in lines:
        label.append(f"\n  {line}", "dim")
    return Tree(label, guide_style="dim")


def _refused_branch(link: Told) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    other = link["other"]
    label = Text.assemble(("✗ ", "red"), f"{_name(other)}  of profile {other['profile_id']}")
    for line in (f"refused: {link['refusal']}", *_evidence(link)):
        label.append(f"\n  {line}", "dim")
    return Tree(label, guide_style="red dim")


def _evidence(link: Told) -> list[str]:
    """Why a link is there, what a model found field by field, and by which rules."""
    rules = link["rules"]
    by = "the default rules, edition" if rules["name"] is None else f"{rules['name']}, version"
    return [
        printable(link["reason"]),
        *(_found(each) for each in link["evidence"]),
        printable(
            f"{moment(link['first_observed_at'])}, rule {link['rule']} of {by} {rules['version']}"
        ),
    ]


def _found(each: Told) -> str:
    named = f"{each['field']} {each['level']}" if each["field"] else each["level"]
    return printable(f"  {each['weight']:+.1f} bits  {named}")


def _confirming(found: Told, names: dict[int, str]) -> Iterator[str]:
    for link in found["links"]:
        if not link["joined"]:
            seen = moment(link["first_observed_at"])
            yield f"{names[link['a']]} and {names[link['b']]}: {printable(link['reason'])} {seen}"


def _cuts(found: Told, names: dict[int, str]) -> Iterator[str]:
    """The links that part the profile, those first that part it most evenly."""
    bridges = [link for link in found["links"] if link["bridge"] is not None]
    bridges.sort(key=_evenness, reverse=True)
    for link in bridges[:TELLING]:
        a, b = (_side(link["bridge"][end]) for end in ("a", "b"))
        yield f"{names[link['a']]} from {names[link['b']]}: {a} on one side, {b} on the other"
    rest = found["counts"]["bridges"] - min(len(bridges), TELLING)
    if rest:
        yield f"and {plural(rest, 'link')} more that part fewer"
    whole = found["counts"]["links"] - found["counts"]["bridges"]
    if whole:
        yield f"nothing, at {plural(whole, 'other link')}: there is another way round"


def _evenness(link: Told) -> tuple[int, int]:
    sides = link["bridge"].values()
    return min(side["identifiers"] for side in sides), min(side["events"] for side in sides)


def _side(side: Told) -> str:
    return f"{plural(side['identifiers'], 'identifier')} with {plural(side['events'], 'event')}"


def _turns(found: Told, names: dict[int, str]) -> Iterator[str]:
    for device in found["shared_devices"]:
        for turn in device["turns"]:
            since = "from the start" if turn["since"] is None else f"since {moment(turn['since'])}"
            yield f"{names[device['id']]}: {_name(turn)} of profile {turn['profile_id']} {since}"


def _changes(found: Told) -> Iterator[str]:
    for change in found["changes"]:
        yield f"{moment(change['recorded_at'])}  {change['kind']}: {printable(change['reason'])}"


def _draw(tree: Tree) -> None:
    from rich.console import Console

    # Not on a terminal, lines stay whole, as long as they are.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False).print(tree)
