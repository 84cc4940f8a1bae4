"""Why a customer is in a segment, as a tree to read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.cli.terminal import holds_for, moment, plural, printable, say, shown_cell

if TYPE_CHECKING:
    from rich.tree import Tree

ROWS = 3
"""So many rows of evidence are printed; ``--json`` has more."""

_WORDS = {"all": "all of these", "any": "at least one of these", "not": "not"}
_ROW_WORDS = {
    "events": "event", "order_lines": "line", "traits": "observation", "identifiers": "identifier",
}  # fmt: skip


def show_explanation(answer: dict[str, Any]) -> None:
    """Print an explanation for people."""
    where = answer["segment"] or "the rule"
    verdict = "is in" if answer["member"] else "is not in"
    say(f"{_mark(answer['member'])} Profile {answer['profile_id']} {verdict} {where}", strong=True)
    if answer["first_seen_at"] is None or answer["first_seen_at"] > answer["as_of"]:
        say("  Not seen yet by then: nothing holds.")
    say()
    _draw(answer["condition"])
    say(f"\n{_ahead(answer)}\n{holds_for(answer)}")


def _ahead(answer: dict[str, Any]) -> str:
    if answer["changes_at"] is None:
        return f"Nothing changes by {moment(answer['looked_until'])} if nothing more happens."
    word = "Leaves" if answer["member"] else "Enters"
    return f"{word} on {moment(answer['changes_at'])} if nothing more happens."


def _draw(condition: dict[str, Any]) -> None:
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
    evidence = condition["evidence"]
    if evidence is not None:
        yield f"found: {_found(condition['value'], evidence)}"
        for row in evidence["rows"][:ROWS]:
            yield _row(row)
        if evidence["total"] > ROWS:
            yield f"and {evidence['total'] - ROWS:,} more"
    if condition["changes_at"] is not None and not condition["conditions"]:
        word = "no longer" if condition["holds"] else "holds"
        yield f"{word} from {moment(condition['changes_at'])} on"


def _found(value: object, evidence: dict[str, Any]) -> str:
    if evidence["table"] in ("traits", "identifiers") and evidence["total"] <= 1:
        return "nothing" if value is None else shown_cell(value)
    total = plural(evidence["total"], _ROW_WORDS[evidence["table"]])
    if value is None or value == evidence["total"]:
        return total
    return f"{shown_cell(value)}, from {total}"


def _row(row: dict[str, Any]) -> str:
    parts = [moment(row["occurred_at"]), printable(row["name"])]
    if row["line"] is not None:
        parts.append(f"line {row['line']}")
    if row["value"] is not None:
        parts.append(shown_cell(row["value"]))
    if row["message_id"] is not None:
        parts.append(f"(message {printable(row['message_id'])})")
    return "  ".join(part for part in parts if part)


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"
