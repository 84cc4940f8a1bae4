"""The page on computed traits is true: its definitions hold, and both faces say the same."""

from __future__ import annotations

import json
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
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode, decode_expression
from patron.segments.printer import print_expression
from patron.segments.sql import compile_members
from patron.segments.text import parse, parse_expression

PAGE = (Path(__file__).parents[2] / "docs/reference/computed-traits.md").read_text("utf-8")
FACES = re.findall(r"^\| `([^|]*?)` \| `(\{.*?\})` \|", PAGE, re.MULTILINE)
RULES = re.findall(r"```rule\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ (patron .*)$", PAGE, re.MULTILINE)


def test_the_definitions_are_accepted_and_compile(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([tmp_path]))
    known = {
        name: decode_expression(body["value"])
        for (kind, name), body in bodies.items()
        if kind == "computed_trait"
    }
    assert known.keys() == {
        "lifetime_value", "favourite_category", "tier", "season", "loyalty",
        "goods_cost", "likes_material", "regions",
    }  # fmt: skip
    rule = parse(bodies["segment", "tea-lovers"]["rule"])
    assert compile_members(
        rule, as_of=parse_time("2018-01-01"), catalogue=Catalogue(computed=known)
    )


@pytest.mark.parametrize(("text", "written"), FACES)
def test_both_faces_say_the_same(text: str, written: str) -> None:
    expression = parse_expression(text)
    assert decode_expression(json.loads(written)) == expression
    assert parse_expression(print_expression(expression)) == expression


@pytest.mark.parametrize("text", RULES)
def test_rules_are_read(text: str) -> None:
    assert decode(parse(text)) == parse(text)


@pytest.mark.parametrize("text", COMMANDS)
def test_the_commands_are_written_rightly(text: str) -> None:
    words = shlex.split(text)[1:]
    command = get_command(app).commands[words.pop(0)]  # type: ignore[attr-defined]
    if hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    assert command.make_context("patron", list(words), resilient_parsing=False).params


def test_the_page_has_examples() -> None:
    assert (len(FACES), len(RULES), len(COMMANDS)) == (16, 1, 4)
