"""What is decided about a database without asking it: URLs, positions, batches, mappings."""

from __future__ import annotations

from typing import Any

import pytest

from patron.clock import parse_time
from patron.collect.databases.address import read_address
from patron.collect.databases.position import check_cursor, last_passed, start_of
from patron.collect.databases.pull import _whole
from patron.collect.databases.reading import Kind, SourceColumn
from patron.collect.files import read_mapping
from patron.errors import DefinitionError, InputError
from patron.settings import database_url, load
from patron.spec.databases import DatabaseRows

NOW = parse_time("2026-06-01T12:00:00Z")


def rows(**given: Any) -> DatabaseRows:
    return DatabaseRows(**{"connection": "shop", "table": "t", "cursor": "c", **given})


def mapping(**changes: Any) -> dict[str, Any]:
    body = {
        "kind": "mapping", "name": "orders", "source": "shop",
        "database": {"connection": "shop", "table": "orders", "cursor": "id"},
        "message": {"event": "Bought", "message_id": "o-{id}", "timestamp": "at",
                    "identifiers": {"email": "email"}},
    }  # fmt: skip
    for path, value in changes.items():
        at: Any = body
        *parts, last = path.split("__")
        for part in parts:
            at = at.setdefault(part, {})
        at[last] = value
        if value is None:
            del at[last]
    return body


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"database__connection": "postgresql://ann:secret@db/shop"}, "database.connection", "URL"),
        ({"database__query": "select 1"}, "database", "exactly one"),
        ({"database__table": None}, "database", "exactly one"),
        ({"database__cursor": " "}, "database.cursor", "name of a column"),
        ({"database__cursr": "id"}, "database.cursr", "cursor"),
        ({"database__every": "often"}, "database.every", "length of time"),
        ({"database__overlap": "0 min"}, "database.overlap", "length of time"),
        ({"database__overlap": -1}, "database.overlap", "below 0"),
        ({"database__time_zone": "Mars"}, "database.time_zone", "IANA"),
        ({"file": "a.csv"}, "file", "no meaning"),
        ({"format": "csv"}, "format", "no meaning"),
        ({"csv__delimiter": ";"}, "csv", "no meaning"),
        ({"relations": {"a": {"file": "a.csv", "key": {"a": "b"}}}}, "relations", "join"),
        ({"mode": "messages"}, "database", "no meaning"),
        ({"group_by": ["at"]}, "group_by", "cursor"),
        ({"message__message_id": None}, "message.message_id", "template"),
        ({"message__message_id": {"hash": ["id"], "count_repeats": True}},
         "message.message_id.count_repeats", "more than one pull"),
        ({"database__time_zone": "Europe/Oslo",
          "message__timestamp": {"column": "at", "time_zone": "Europe/Rome"}},
         "message.timestamp.time_zone", "already"),
        ({"message__event": {"column": "kind"}}, "message.event", "map"),
        ({"message__event": {"column": "kind", "map": {"a": 1}}}, "message.event", "map"),
        ({"database": None}, "file", "missing"),
    ],
)  # fmt: skip
def test_what_a_mapping_may_not_say(changes: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said) as caught:
        read_mapping(mapping(**changes))
    assert caught.value.field == field
    assert "secret" not in str(caught.value)


def test_what_a_mapping_may_say() -> None:
    assert read_mapping(mapping()).database is not None
    assert read_mapping(mapping(message__message_id={"hash": ["id"]})).message is not None
    assert read_mapping(mapping(group_by=["id"], message__message_id=None)).group_by == ("id",)
    read = read_mapping(mapping(database__every="15 min", database__overlap=5)).database
    assert read is not None
    assert (read.period, read.overlap) == (900_000_000, 5)
    assert rows().reads != rows(cursor="d").reads != rows(table=None, query="t").reads


@pytest.mark.parametrize(
    "url",
    [
        "", "shop", "oracle://db/shop", "postgresql://ann:secret@db:port/shop",
        "postgresql://ann:secret@db", "mysql://ann:secret@db/", "mysql://ann:secret@db/a?secret=1",
        "sqlite://relative.db", "sqlite:///", "sqlite:///a.db?secret=1", "http://[secret/a",
    ],
)  # fmt: skip
def test_what_is_no_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(InputError) as caught:
        read_address(url, "The database shop")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_url_is_taken_apart() -> None:
    address = read_address(
        "mariadb://a%40b:p%2F%40@db.example.com:3307/shop?ssl_ca=/ca.pem", "shop"
    )
    assert (address.engine, address.host, address.port) == ("mysql", "db.example.com", 3307)
    assert (address.user, address.password, address.database) == ("a@b", "p/@", "shop")
    assert address.options == {"ssl_ca": "/ca.pem"}
    assert "p/@" not in repr(address)
    assert address.hidden("a p/@ b p%2F%40") == "a *** b ***"


def test_the_environment_wins_over_the_file_and_settings_do_not_hold_urls(tmp_path: Any) -> None:
    (tmp_path / "patron.toml").write_text('port = 1\n[databases]\nShop-EU = "sqlite:///a"\n')
    assert database_url(tmp_path, "shop-eu", environment={}) == "sqlite:///a"
    given = {"PATRON_DATABASE_SHOP_EU": "sqlite:///b"}
    assert database_url(tmp_path, "shop-eu", environment=given) == "sqlite:///b"
    assert "sqlite" not in repr(load(tmp_path, environment=given))
    with pytest.raises(InputError, match="PATRON_DATABASE_OTHER"):
        database_url(tmp_path, "other", environment=given)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_rows_of_one_cursor_stand_in_one_batch(size: int) -> None:
    cursors = [c for c in "aabbbcddddde" for _ in range(1)]
    given = [[(c, str(n))] for n, c in enumerate(cursors)]
    batches = list(_whole(iter(given), size, whole_cursors=True))
    assert [row for batch in batches for row in batch] == [row for one in given for row in one]
    for cursor in set(cursors):
        assert sum(any(row[0] == cursor for row in batch) for batch in batches) == 1
    assert (len(batches) > 1) == (size < 100)
    assert all(len(batch) < size + len("ddddd") for batch in batches)


@pytest.mark.parametrize(
    ("kind", "values", "reached"),
    [
        ("moment", ["2026-06-01 11:59:59+00", "2026-06-01 12:00:01+00"], "2026-06-01 11:59:59+00"),
        ("moment", ["2026-06-01 11:00:00+00", "infinity"], "2026-06-01 11:00:00+00"),
        ("moment", ["infinity"], None),
        ("date", ["2026-06-01", "2026-06-02"], "2026-06-01"),
        (
            "time without a zone",
            ["2026-06-01 13:59:00", "2026-06-01 14:01:00"],
            "2026-06-01 13:59:00",
        ),
        ("integer", ["1", "99999999999999"], "99999999999999"),
        ("text", ["a", "z"], "z"),
        ("value of any type", ['"2026-06-01"', '"2026-07-01"'], '"2026-06-01"'),
        ("value of any type", ["7", '"2030"', '"x"'], '"x"'),
    ],
)
def test_what_is_dated_ahead_does_not_move_the_position(
    kind: Kind, values: list[Any], reached: str | None
) -> None:
    asked = rows(time_zone="Europe/Warsaw")
    assert last_passed(values, SourceColumn("c", kind), asked, NOW) == reached


@pytest.mark.parametrize(
    ("kind", "overlap", "position", "start"),
    [
        ("integer", 10, "25", "15"),
        ("date", "2 days", "2026-03-01", "2026-02-27"),
        (
            "time without a zone",
            "1 min",
            "2026-03-01 00:00:30.123456",
            "2026-02-28 23:59:30.123456",
        ),
        ("value of any type", "1 h", '"2026-03-01T10:00:00Z"', '"2026-03-01T09:00:00Z"'),
        ("value of any type", 5, "7.5", "2.5"),
        ("value of any type", 5, '"abc"', '"abc"'),
        ("moment", None, "2026-03-01 10:00:00+00", "2026-03-01 10:00:00+00"),
        ("integer", 10, None, None),
    ],
)
def test_a_pull_begins_before_the_position(
    kind: Kind, overlap: Any, position: str | None, start: str | None
) -> None:
    assert start_of(position, SourceColumn("c", kind), rows(overlap=overlap)) == start


@pytest.mark.parametrize(
    ("kind", "overlap"),
    [
        ("boolean", None), ("json", None), ("floating-point number", None), ("integer", "1 min"),
        ("moment", 5), ("text", 5), ("text", "1 min"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_cursor_is_refused(kind: Kind, overlap: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        check_cursor(SourceColumn("c", kind), rows(overlap=overlap))
    assert caught.value.field == ("database.overlap" if overlap else "database.cursor")
