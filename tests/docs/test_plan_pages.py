"""The pages on tracking plans, enrichments and recurring dates are true."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from patron.cli.app import app
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.pipeline.enrichment.connectors import BUILT_IN
from patron.segments.codec import decode
from patron.segments.text import parse
from patron.spec.tracking_plans import FAULTS
from patron.testing.enrichment import check_connector

REFERENCE = Path(__file__).parents[2] / "docs/reference"
PAGES = {
    name: (REFERENCE / f"{name}.md").read_text("utf-8")
    for name in ("tracking-plans", "enrichments", "recurring-dates")
}


COMMANDS = [
    line for page in PAGES.values() for line in re.findall(r"^\$ (patron .*)$", page, re.MULTILINE)
]
CONNECTOR = re.compile(r"^\| `(\w+)` \| [^|]* \| (.*) \|$", re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[page], re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_definitions_are_accepted(page: str, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "yaml")):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")
    assert checked(asdict(document) for document in read([tmp_path]))


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_are_written_rightly(text: str) -> None:
    words = shlex.split(text.partition(" > ")[0])[1:]
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    assert command.make_parser(command.context_class(command)).parse_args(words)


def test_every_fault_and_every_connector_is_told() -> None:
    assert all(f"`{fault}`" in PAGES["tracking-plans"] for fault in FAULTS)
    rows = {
        name: set(re.findall(r"`([a-z_]+)`", gives.partition("(")[0] + gives.rpartition(")")[2]))
        for name, gives in CONNECTOR.findall(PAGES["enrichments"])
        if name in BUILT_IN
    }
    assert rows == {name: set(connector.gives) for name, connector in BUILT_IN.items()}


def test_rules_are_read() -> None:
    [rule] = blocks("recurring-dates", "rule")
    assert decode(parse(rule)) == parse(rule)


def test_the_connector_that_is_shown_keeps_the_contract() -> None:
    [code] = blocks("enrichments", "python")
    made: dict[str, Any] = {}
    exec(code, made)
    check_connector(made["Income"](), [{"postcode": "1011"}, {"postcode": None}, {}])
