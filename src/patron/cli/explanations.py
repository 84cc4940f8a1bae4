"""Why a customer is in a segment, as a tree to read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.cli.findings import lines_of
from patron.cli.terminal import holds_for, moment, printable, say

if TYPE_CHECKING:
    from rich.tree import Tree

_WORDS = {"all": "all of these", "any": "at least one of these", "not": "not"}


def show_explanation(answer: dict[str, Any]) -> None:
    """Print an explanation for people."""
    where = answer["segment"] or "the rule"
    verdict = "is in" if answer["member"] else "is not in"
    say(f"{_mark(answer['member'])} Profile {answer['profile_id']} {verdict} {where}", strong=True)
    if answer["first_seen_at"] is None or answer["first_seen_at"] > answer["as_of"]:
        say("  Not seen yet by then: nothing holds.")
    say()
    show_condition(answer["condition"])
    say(f"\n{_ahead(answer)}\n{holds_for(answer)}")


def _ahead(answer: dict[str, Any]) -> str:
    if answer["changes_at"] is None:
        return f"Nothing changes by {moment(answer['looked_until'])} if nothing more happens."
    word = "Leaves" if answer["member"] else "Enters"
    return f"{word} on {moment(answer['changes_at'])} if nothing more happens."


def show_condition(condition: dict[str, Any]) -> None:
    """Print a condition with all that stands below it."""
    from rich.console import Console

    # Not on a terminal, lines stay whole, as long as they are.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False).print(_tree(condition))


def _tree(condition: dict[str, Any]) -> Tree:
    """A condition with all that stands below it."""
    from rich.text import Text
    from rich.tree import Tree

    said = _WORDS.get(condition["kind"], printable(condition["asked"]))
    colour = "green" if condition["holds"] else "red"
    # Text: brackets in data are no markup.
    label = Text.assemble((_mark(condition["holds"]), colour), " ", said)
    for detail in _details(condition):
        label.append(f"\n  {detail}", "dim")
    tree = Tree(label, guide_style="dim")
    for inner in condition["conditions"]:
        tree.children.append(_tree(inner))
    return tree


def _details(condition: dict[str, Any]) -> Iterator[str]:
    yield from lines_of(condition)
    if condition["changes_at"] is not None and not condition["conditions"]:
        word = "no longer" if condition["holds"] else "holds"
        yield f"{word} from {moment(condition['changes_at'])} on"


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"
