"""The shape of the SQL: what makes a preview cost what hand-written SQL costs."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from patron.segments.catalogue import Catalogue
from patron.segments.frames import Bulk
from patron.segments.sql import compile_members, members_within
from patron.segments.text import parse
from unit.segments.worlds import NOW

SEGMENTS = {"big": parse('sum(revenue of "O") > 5'), "both": parse("in segment big and a = 1")}


def compiled(text: str, *, profile_id: int | None = None) -> exp.Expr:
    known = Catalogue(segments=SEGMENTS, lists=frozenset({"vip"}))
    sql = members_within(Bulk(NOW, profile_id=profile_id), parse(text), known)
    return sqlglot.parse_one(sql, dialect="duckdb")


def tables(text: str) -> list[str]:
    return sorted(table.name for table in compiled(text).find_all(exp.Table))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('did "O" in the last 90 days', ["events"]),
        ('sum(revenue of "O") > 5', ["events"]),
        ('did "O" where any line (category = "Tea")', ["order_lines"]),
        (
            'did "O" where (coupon exists and any line (category = "Tea"))',
            ["events", "order_lines"],
        ),
        ("a = 1", ["traits"]),
        ("a != 1", ["profiles", "traits"]),
        ('did not "O"', ["events", "profiles"]),
        # Conditions on the same rows are one scan, however they are nested.
        ("a = 1 and not (b = 2 or c != 3) and (d = 4 or a > 7)", ["traits"]),
        ('count("O") > 3 and sum(revenue of "O") > 5 and max(total of "O") < 9', ["events"]),
        ('sum(revenue of "O") > average(total of "O") and count("O") > 3', ["events"]),
        ('count("O") > count("P")', ["events", "events"]),
        ('stopped "O" for 3 days', ["events"]),
        ('did "O" where any line (sku = "x") for the first time this week', ["order_lines"]),
        ('did "O" in at least 2 of the last 3 weeks', ["events"]),
        ('did not "O" in at least 2 of the last 3 weeks', ["events", "profiles"]),
        # Absence beside a presence needs no universe.
        ('a = 1 and did not "O"', ["events", "traits"]),
        ('not (a != 1 or did "O")', ["events", "traits"]),
        # Two negatives are one set taken from the universe.
        ('did not "O" and b missing', ["events", "profiles", "traits"]),
    ],
)
def test_what_is_read(text: str, read: list[str]) -> None:
    assert tables(text) == read


def test_equal_sets_are_made_once() -> None:
    text = "(in segment big and a = 1) or (in segment both and b = 2) or in segment big"
    assert tables(text).count("events") == 1


def test_one_customer_is_asked_of_every_scan() -> None:
    text = (
        'not (a = 1 or did "O" where (coupon exists and any line (sku = "x")) or in list vip'
        ' or last(sku of lines of "O" since first "P") = "x" or count("O") > count("P")'
        ' or resumed "O" after 3 days this week)'
    )
    for scan in compiled(text, profile_id=42).find_all(exp.Select):
        source = scan.args["from_"].this if "from_" in scan.args else scan.args["from"].this
        if source.name in ("events", "order_lines", "traits", "current_identifiers"):
            assert 'profile_id" = 42' in scan.sql("duckdb")


def test_texts_that_can_be_nothing_else_need_no_type_check() -> None:
    assert "VARIANT_TYPEOF" not in compiled('p = "MEAT"').sql("duckdb").upper()
    for doubtful in ('p = "5"', 'p = "true"', 'p = "[1]"', 'p contains "e"', "p = true", "p = 5"):
        assert "VARIANT_TYPEOF" in compiled(doubtful).sql("duckdb").upper()


def test_segments_in_segments_do_not_multiply() -> None:
    chain = {"s0": parse('did "A" and a = 1')}
    for number in range(1, 25):
        below = f"in segment s{number - 1}"
        chain[f"s{number}"] = parse(f'({below} and t{number} = 1) or ({below} and did "E{number}")')
    known = Catalogue(segments=chain)
    sql = compile_members(parse("in segment s24"), as_of=NOW, catalogue=known)
    assert len(sql) < 500_000
