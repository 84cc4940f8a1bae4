"""The page on classifications is true: its definitions, rules and commands are understood."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.main import get_command

from patron.cli.app import app
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.pipeline.classification_definitions import (
    expressions_of,
    read_classification,
    segments_of,
)
from patron.pipeline.classification_kinds import GROUPS
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.resolve import resolve
from patron.segments.text import parse
from patron.segments.tree import CELLS

PAGE = (Path(__file__).parents[2] / "docs/reference/classifications.md").read_text("utf-8")
RULES = re.findall(r"```rule\n(.*?)```(?:\n\n```json\n(.*?)```)?", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ (patron .*)$", PAGE, re.MULTILINE)


def test_the_definitions_make_what_the_page_says(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "all.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([tmp_path]))
    made = [
        read_classification(kind, name, body, version=1, origin="file")
        for (kind, name), body in bodies.items()
        if kind != "segment"
    ]
    rows = re.findall(r"^\| `(rfm|lifecycle|activity|loyalty)` \| (.*?) \|", PAGE, re.MULTILINE)
    told = {name for _, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert {name for name in expressions_of(made) if not name.startswith("steps_")} == told
    known = Catalogue(
        computed=expressions_of(made),
        segments={name: one.rule for name, one in segments_of(made).items()},
    )
    for rule, _ in RULES:
        if "lifecycle on" not in rule:
            resolve(parse(rule), known, unknown="warn")
    resolve(parse(bodies["segment", "to-win-back"]["rule"]), known, unknown="warn")


@pytest.mark.parametrize(("text", "tree"), [one for one in RULES if one[1]])
def test_both_faces_of_a_rule_say_the_same(text: str, tree: str) -> None:
    assert parse(text) == decode(json.loads(tree))


def test_the_groups_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| ([1-5]) \| (.*) \|$", PAGE, re.MULTILINE)
    table = {int(recency): names.split(" | ") for recency, names in rows}
    assert len({name for names in table.values() for name in names}) == 11
    for cell in CELLS:
        found = next(one.group for one in GROUPS if one.holds(cell))
        value = (int(cell[1]) + int(cell[2])) // 2
        assert found == table[int(cell[0])][value - 1], cell


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_exist(line: str) -> None:
    _, group, command, *_ = shlex.split(line)
    found = get_command(app).commands[group].commands[command]  # type: ignore[attr-defined]
    options = {name for one in found.params for name in one.opts}
    assert {word for word in shlex.split(line) if word.startswith("--")} <= options
