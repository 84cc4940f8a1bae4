"""The page on scores and preferences is true: its definitions hold, its rules compile (S5.14)."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.main import get_command

from patron.cli.app import app
from patron.clock import parse_time
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.pipeline.computed_changes import MADE, expressions
from patron.segments.catalogue import Catalogue
from patron.segments.printer import print_rule
from patron.segments.sql import compile_members
from patron.segments.text import parse
from patron.segments.tree import Expression, Rule

PAGE = (Path(__file__).parents[2] / "docs/reference/scores.md").read_text("utf-8")
RULES = re.findall(r"```rule\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ (patron .*)$", PAGE, re.MULTILINE)


def declared(folder: Path) -> tuple[dict[str, Expression], list[Rule]]:
    """The computed traits and the rules of the definitions of the page."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        (folder / f"{number}.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([folder]))
    known: dict[str, Expression] = {}
    for (kind, name), body in bodies.items():
        if kind in MADE:
            known |= expressions(kind, name, body)
    return known, [parse(body["rule"]) for (kind, _), body in bodies.items() if kind == "segment"]


def test_the_definitions_hold_and_rules_on_them_compile(tmp_path: Path) -> None:
    known, rules = declared(tmp_path)
    assert {"engagement", "engagement_growth_7", "liking", "price_level"} < known.keys()
    rules += [parse(text) for text in RULES]
    assert len(rules) == 5
    for rule in rules:
        assert parse(print_rule(rule)) == rule
        as_of = parse_time("2018-01-01")
        assert compile_members(rule, as_of=as_of, catalogue=Catalogue(computed=known))


@pytest.mark.parametrize("text", COMMANDS)
def test_the_commands_are_written_rightly(text: str) -> None:
    words = shlex.split(text)[1:]
    command = get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    assert command.make_context("patron", list(words), resilient_parsing=False).params


def test_the_page_has_examples() -> None:
    assert (len(RULES), len(COMMANDS)) == (3, 5)
