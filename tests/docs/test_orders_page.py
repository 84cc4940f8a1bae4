"""The page on orders is true: its rules, its definition, and the table of what is left."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from patron.clock import parse_time
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.columns import ORDER_COLUMNS
from patron.segments.sql import compile_members
from patron.segments.text import parse
from patron.spec.commerce import CART_STAGES, ORDER_EVENTS
from patron.spec.rates import read_rates

PAGE = (Path(__file__).parents[2] / "docs/reference/orders.md").read_text("utf-8")
PAIRS = re.findall(r"```rule\n([^`]*?)```\n\n```json\n(.*?)```", PAGE, re.DOTALL)
RULES = re.findall(r"```rule\n(.*?)```", PAGE, re.DOTALL)
SHORT = re.findall(r"^\| `([^|]*?)` \| `([^|]*?)` \|$", PAGE.split("## In rules")[1], re.MULTILINE)
SHORT_FORMS = [pair for pair in SHORT if "(" in pair[0]]


@pytest.mark.parametrize(("text", "written"), PAIRS)
def test_both_faces_say_the_same(text: str, written: str) -> None:
    assert parse(text) == decode(written)


@pytest.mark.parametrize(("short", "long"), SHORT_FORMS)
def test_short_forms_mean_what_stands_beside_them(short: str, long: str) -> None:
    assert parse(short) == parse(long)


def test_rules_are_compiled_with_the_rates_of_the_page(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "eur.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([tmp_path]))
    catalogue = Catalogue(rates={"EUR": read_rates("eur", bodies["exchange_rates", "eur"])})
    for text in RULES:
        assert compile_members(parse(text), as_of=parse_time("2026-11-01"), catalogue=catalogue)


def test_the_page_names_all_that_there_is() -> None:
    assert (len(PAIRS), len(SHORT_FORMS)) == (3, 6)
    assert {name for name in ORDER_EVENTS if f"| `{name}` |" in PAGE} == ORDER_EVENTS
    for stage, event in CART_STAGES.items():
        assert f"| `{stage}` | `{event}` |" in PAGE
    for name in ("state", "gross", "exchanged", "refunded", "net", "cost", "margin"):
        assert name in ORDER_COLUMNS
        assert f"| `{name}` |" in PAGE
