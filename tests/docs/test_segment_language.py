"""Every example of docs/reference/segment-language.md is read, printed, compiled and run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from patron.clock import parse_time
from patron.engines.duckdb import Cursor, Database
from patron.errors import RuleError
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode, decode_expression
from patron.segments.operators import ABOUT_NOW, OPERATORS
from patron.segments.printer import print_rule
from patron.segments.sql import compile_members
from patron.segments.text import parse
from patron.warehouse.schema import migrate

PAGE = Path(__file__).parents[2] / "docs/reference/segment-language.md"
TEXT, ERRORS = PAGE.read_text("utf-8").split("## Errors")
RULES = re.findall(r"```rule\n(.*?)```", TEXT, re.DOTALL)
JSON = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
PAIRS = re.findall(r"```rule\n([^`]*?)```\n\n```json\n(.*?)```", TEXT, re.DOTALL)
CELLS = re.findall(r"^\| `([^|]*?)`(?:, `[^|]*)? \|(?: `(\{.*?\})` \|)?", TEXT, re.MULTILINE)
SHORT = re.findall(r"^\| `([^|]*?)` \| `(\{.*?\})` \| `([^|]*?)` \|$", TEXT, re.MULTILINE)
WINDOWS = [cell for cell in CELLS if cell[1] and cell not in {row[:2] for row in SHORT}]
WRONG = re.findall(r"^\| `(.*?)` \| (.*?) \|$", ERRORS, re.MULTILINE)
SEGMENTS = {"big_spenders": parse("age > 5"), "tier=gold": parse("age > 6")}
LIKING = {"of": {"event": "Product Viewed"}, "weight": 1, "property": "category"}
KNOWN = Catalogue(
    segments=SEGMENTS,
    lists=frozenset({"vip"}),
    computed={"liking": decode_expression({"preferred": [LIKING]})},
)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    cursor = Database(threads=1).cursor()
    migrate(cursor)
    return cursor


def test_the_page_has_examples() -> None:
    assert len(RULES) > 15
    assert len(JSON) >= 6
    assert len(PAIRS) >= 5
    assert len(CELLS) > 25
    assert len(WRONG) >= 5
    assert len(WINDOWS) >= 5
    shown = {key for _, written, _ in SHORT for key in json.loads(written)}
    assert shown >= tree.SHORT_FORMS.keys()


@pytest.mark.parametrize("text", [*RULES, *(cell[0] for cell in CELLS)])
def test_every_rule_is_read_printed_and_run(cursor: Cursor, text: str) -> None:
    run(cursor, parse(text))


@pytest.mark.parametrize("written", JSON)
def test_every_json_is_read_printed_and_run(cursor: Cursor, written: str) -> None:
    run(cursor, decode(written))


@pytest.mark.parametrize(("text", "written"), PAIRS)
def test_text_and_the_json_below_it_say_the_same(text: str, written: str) -> None:
    assert parse(text) == decode(written)


@pytest.mark.parametrize(("text", "window"), WINDOWS)
def test_windows_have_the_json_beside_them(text: str, window: str) -> None:
    asked = {"count": {"event": "X", "in": json.loads(window)}, "op": ">=", "value": 1}
    assert parse(text) == decode(asked)


@pytest.mark.parametrize(("short", "written", "long"), SHORT)
def test_short_forms_have_the_json_and_the_meaning_beside_them(
    short: str, written: str, long: str
) -> None:
    assert parse(short) == decode(json.loads(written)) == parse(long)


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_every_error_reads_as_shown(text: str, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert raised.value.line == 1
    assert raised.value.column is not None
    assert message in f"{raised.value.message} {raised.value.hint}"


def test_every_operator_has_an_example() -> None:
    rules = [parse(text) for text in [*RULES, *(cell[0] for cell in CELLS)]]
    used = {
        node.op for rule in rules for _, node in tree.walk(rule) if isinstance(node, tree.Trait)
    }
    known = OPERATORS.keys() | ABOUT_NOW.keys()
    assert used >= known - {"<=", ">", ">="}  # these three share a row with <
    kinds = {type(node) for rule in rules for _, node in tree.walk(rule)}
    assert kinds == set(tree.KINDS.values())


def run(cursor: Cursor, rule: tree.Rule) -> None:
    assert parse(print_rule(rule)) == rule
    assert decode(tree.encode(rule)) == rule
    sql = compile_members(rule, as_of=parse_time("2018-01-01"), catalogue=KNOWN)
    assert cursor.execute(sql).all() == []
