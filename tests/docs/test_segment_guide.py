"""The guide to segments: its definitions hold, its commands exist, and its table is complete."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

from patron.cli.app import app
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.segments.text import parse
from patron.spec.goals import Measure

GUIDE = (Path(__file__).parents[2] / "docs/how-to/work-with-segments.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (patron .*)$", GUIDE, re.MULTILINE)


def test_the_definitions_of_the_guide_are_accepted(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([tmp_path]))
    assert list(bodies) == [("segment", "regulars"), ("segment", "tier")]


def test_the_guide_lists_every_measure() -> None:
    table = re.findall(r"^\| (`.*?) \|", GUIDE, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(table))) == sorted(get_args(Measure))


@pytest.mark.parametrize("text", COMMANDS)
def test_the_commands_of_the_guide_are_written_rightly(text: str) -> None:
    words = shlex.split(text)[1:]
    group = get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    command = group.commands[words[1]]
    given = command.make_context(words[1], list(words[2:]), resilient_parsing=False).params
    if given.get("rule"):
        parse(given["rule"])


def test_commands_were_found() -> None:
    assert len(COMMANDS) > 10
