"""Questions about a rule, and the catalogue that they are checked against."""

from __future__ import annotations

from datetime import timedelta

import pytest

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.frames import BASE, CURRENT, Bulk, Relations
from patron.segments.query import count, is_member, members, members_sql, preview
from patron.segments.resolve import resolve
from patron.segments.text import parse
from unit.segments import worlds
from unit.segments.worlds import NOW, event, observed, person, world

DAY = timedelta(days=1)


@pytest.fixture
def cursor() -> Cursor:
    cursor = worlds.open_cursor()
    people = [
        person(
            number,
            traits=[observed("age", number, NOW - DAY)],
            events=[
                event("E", NOW - DAY, store="s", currency="EUR", lines=[{"sku": "x", "dept": "d"}])
            ]
            * (number % 3),
        )
        for number in range(1, 31)
    ]
    worlds.store(cursor, world(*people, lists={"vip": {("card", "1")}}))
    return cursor


def test_pages_hold_every_member_once(cursor: Cursor) -> None:
    rule = parse('did "E" and age <= 25')
    found: list[int] = []
    while page := members(
        cursor, rule, as_of=NOW, catalogue=Catalogue(), after=(found or [0])[-1], limit=4
    ):
        assert len(page) <= 4
        found += page
    assert found == [number for number in range(1, 26) if number % 3]
    assert count(cursor, rule, as_of=NOW, catalogue=Catalogue()) == len(found)


def test_preview_shows_which_condition_costs_the_most(cursor: Cursor) -> None:
    rule = parse('age <= 10 and did "E" at least 2 times')
    shown = preview(cursor, rule, as_of=NOW, catalogue=Catalogue(), sample=2)
    assert shown.as_of == NOW
    assert (shown.count, shown.universe) == (3, 30)
    assert len(shown.sample) == 2
    assert set(shown.sample) < {2, 5, 8}
    assert [(one.field, one.text, one.count) for one in shown.conditions] == [
        ("all[0]", "age <= 10", 10),
        ("all[1]", 'count("E") >= 2', 10),
    ]
    assert preview(cursor, rule, as_of=NOW, catalogue=Catalogue(), sample=2) == shown


def test_preview_of_one_condition(cursor: Cursor) -> None:
    shown = preview(cursor, parse("not age <= 10"), as_of=NOW, catalogue=Catalogue())
    assert [(one.field, one.text, one.count) for one in shown.conditions] == [
        ("", "not age <= 10", 20)
    ]


def test_a_past_moment_sees_nothing_later(cursor: Cursor) -> None:
    before = NOW - 2 * DAY
    assert count(cursor, parse('did "E"'), as_of=before, catalogue=Catalogue()) == 0
    assert count(cursor, parse("age missing"), as_of=before, catalogue=Catalogue()) == 30


def test_one_customer(cursor: Cursor) -> None:
    rule = parse('not did "E" in the last 2 days')
    answers = [is_member(cursor, rule, n, as_of=NOW, catalogue=Catalogue()) for n in (1, 3, 99)]
    assert answers == [False, True, False]


def test_tables_are_read_themselves_unless_merges_wait(cursor: Cursor) -> None:
    assert Relations.of(cursor) == BASE
    cursor.execute("insert into profile_map (profile_id, survivor_id) values (2, 1)")
    assert Relations.of(cursor) == CURRENT
    assert count(cursor, parse('count("E") = 3'), as_of=NOW, catalogue=Catalogue()) == 1


def test_one_customer_is_read_without_the_views_of_everybody_while_merges_wait(
    cursor: Cursor,
) -> None:
    catalogue = Catalogue()
    rule = parse('count("E") = 3')
    cursor.execute("insert into profile_map (profile_id, survivor_id) values (2, 1), (5, 4)")
    for whom, found in ((1, True), (4, True), (7, False)):
        assert is_member(cursor, rule, whom, as_of=NOW, catalogue=catalogue) is found
        sql = members_sql(cursor, rule, as_of=NOW, catalogue=catalogue, profile_id=whom)
        assert "current_events" not in sql
    assert members(cursor, rule, as_of=NOW, catalogue=catalogue) == [1, 4]
    assert Bulk.about(cursor, NOW, 1).moved == ((2, 1),)
    assert Bulk.about(cursor, NOW, (1, 4, 7)).moved == ((2, 1), (5, 4))
    assert Bulk.about(cursor, NOW, 7).moved == ()
    assert Bulk.about(cursor, NOW).moved is None


def test_the_catalogue_is_read_from_the_tables(cursor: Cursor) -> None:
    old = event("Old", NOW - 900 * DAY, **{"odd name": 1})
    more = person(77, events=[event("E", NOW, other=1, brand="B")])
    worlds.store(cursor, world(person(78, events=[old]), more, lists={"vip": {("card", "1")}}))
    segments = {"s": parse("a = 1")}
    cursor.execute(
        "insert into definitions (kind, name, version, body, origin, recorded_at) values"
        " ('list', 'empty', 1, '{}', 'file', now()), ('list', 'gone', 1, '{}', 'file', now()),"
        " ('list', 'gone', 2, null, 'file', now())"
    )
    found = read_catalogue(cursor, Catalogue(segments=segments))
    assert found.events == {"E": frozenset({"other"}), "Old": frozenset({"odd name"})}
    assert found.lists == {"vip", "empty"}
    assert found.brands == {"A", "B"}
    assert found.segments == segments


def test_names_and_currencies_of_the_catalogue(cursor: Cursor) -> None:
    found = read_catalogue(cursor)
    assert found.events == {"E": frozenset({"store"})}
    assert found.line_properties == {"sku", "dept"}
    assert found.traits == {"age"}
    assert found.currencies == {"EUR"}
    resolve(parse('age = 3 and did "E" where (store = "s" and any line (dept = "d"))'), found)
    with pytest.raises(RuleError, match="Did you mean dept"):
        resolve(parse('did "E" where any line (deptt = "d")'), found)


def test_rare_old_events_are_in_the_catalogue(
    cursor: Cursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patron.segments.catalogue.RECENT_ROWS", 1)
    made = world(person(1, events=[event("Old", NOW, was=1), *[event("New", NOW, now=1)] * 5]))
    worlds.store(cursor, made)
    assert read_catalogue(cursor).events == {"New": frozenset({"now"}), "Old": frozenset({"was"})}


@pytest.mark.parametrize("value", ["5", "[1]", "null"])
def test_properties_that_are_no_object_have_no_names(cursor: Cursor, value: str) -> None:
    for table in ("events", "order_lines"):
        cursor.execute(f"update {table} set properties = '{value}'::json::variant")
    found = read_catalogue(cursor)
    assert (found.events, found.line_properties) == ({"E": frozenset()}, frozenset())


def test_an_empty_workspace_has_an_empty_catalogue() -> None:
    assert read_catalogue(worlds.open_cursor()) == Catalogue()
