"""Rows of PostgreSQL, MariaDB and SQLite become messages, pulled by a cursor (S1.1, S2.8, S2.9)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import databases_support as servers
from databases_support import PASSWORD, Running
from integration.harness.waiting import until
from patron.clock import ManualClock, parse_time
from patron.collect.databases import Pull
from patron.errors import DefinitionError, InputError, PatronError
from patron.workspace import Workspace

NOW = "2026-06-01T12:00:00Z"
ENGINES = ["postgresql", "mysql", "sqlite"]
SOURCE = {"kind": "source", "name": "shop", "body": {"type": "erp"}}
ORDERS: dict[str, Any] = {
    "source": "shop",
    "database": {"connection": "shop", "table": "orders", "cursor": "id"},
    "message": {
        "event": "Order Completed",
        "message_id": "order-{id}",
        "timestamp": "at",
        "identifiers": {"email": "email"},
        "properties": {"order_id": "id", "revenue": "amount", "currency": {"value": "EUR"}},
    },
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Running]:
    if servers.postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with servers.postgres() as running:
        yield running


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Running]:
    if servers.mariadb_program() is None:
        pytest.skip("MariaDB is not installed (Debian: mariadb-server)")
    with servers.mariadb() as running:
        yield running


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Running:
    if request.param == "sqlite":
        return servers.sqlite(tmp_path)
    running: Running = request.getfixturevalue(
        {"postgresql": "postgres", "mysql": "mariadb"}[request.param]
    )
    for table in ("orders", "kinds", "contacts", "order_rows"):
        running.run(f"drop table if exists {table}")
    return running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(parse_time(NOW))


@pytest.fixture
def workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> Iterator[Workspace]:
    Workspace.create(tmp_path / "workspace", clock=clock)
    with Workspace(tmp_path / "workspace", clock=clock) as opened:
        yield opened


def define(workspace: Workspace, **bodies: dict[str, Any]) -> None:
    documents = [{"kind": "mapping", "name": name, "body": body} for name, body in bodies.items()]
    workspace.apply([SOURCE, *documents])


def with_database(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {**body["database"], **changes}
    return {**body, "database": {k: v for k, v in given.items() if v is not None}}


def with_message(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**body, "message": {**body["message"], **changes}}


def pull(workspace: Workspace, name: str = "orders", **options: Any) -> dict[str, Any]:
    """A pull to its end."""
    state = workspace.pulls.start(name, **options)
    until(lambda: workspace.import_state(state.import_id)["state"] != "running", seconds=60)
    return workspace.import_state(state.import_id)


def counts(state: dict[str, Any]) -> tuple[int, int, int]:
    assert state["error"] is None
    return state["stored"], state["duplicate"], state["quarantined"]


def stored(workspace: Workspace, columns: str, table: str = "events") -> list[tuple[Any, ...]]:
    with workspace.reading() as reading:
        return reading.cursor.execute(f"select {columns} from {table} order by position").all()


def fill(database: Running, rows: list[tuple[int, str, str, str | None]]) -> None:
    database.run(
        "create table orders (id bigint primary key, at timestamp null, amount decimal(12, 2), "
        "email varchar(100))"
    )
    database.run("insert into orders values (%s, %s, %s, %s)", rows)


ROWS = [
    (1, "2026-05-01 10:00:00", "10.10", "ann@example.com"),
    (2, "2026-05-02 10:00:00", "0.20", "bob@example.com"),
    (3, "2026-05-03 10:00:00", "30.00", None),
]


@pytest.mark.parametrize("database", ENGINES, indirect=True)
def test_each_pull_goes_on_where_the_last_one_ended(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    fill(database, ROWS)
    define(workspace, orders=ORDERS)
    assert counts(pull(workspace)) == (2, 0, 1)
    assert stored(workspace, "message_id, revenue, occurred_at::varchar") == [
        ("order-1", Decimal("10.10"), "2026-05-01 10:00:00"),
        ("order-2", Decimal("0.20"), "2026-05-02 10:00:00"),
    ]
    # The row at the position is read once more, for others may have its cursor; it is known.
    assert counts(pull(workspace)) == (0, 1, 0)
    database.run(
        "insert into orders values (%s, %s, %s, %s)",
        [(4, "2026-05-04 10:00:00", "4", "ann@example.com")],
    )
    assert counts(pull(workspace)) == (1, 1, 0)
    state = workspace.pulls.state("orders")
    assert (state["position"], state["error"]) == ("4", None)
    assert [run["stored"] for run in state["runs"]] == [1, 0, 2]
    assert counts(pull(workspace, from_start=True)) == (0, 4, 0)


KINDS = {
    "postgresql": """
        create table kinds (
            id bigserial primary key, at timestamptz, local timestamp, day date,
            exact numeric(20, 4), wide numeric, small smallint, large bigint,
            ratio double precision, yes boolean, payload jsonb, tags text[],
            code uuid, note text, empty text, photo bytea)""",
    "mysql": """
        create table kinds (
            id bigint auto_increment primary key, at timestamp(6) null, local datetime(6), day date,
            exact decimal(20, 4), wide decimal(60, 12), small tinyint, large bigint unsigned,
            ratio double, yes tinyint(1), payload json, tags longtext, code char(36), note text,
            empty text, photo blob)""",
}
KINDS_INSERT = (
    "insert into kinds (at, local, day, exact, wide, small, large, ratio, yes, payload, tags, "
    "code, note, empty, photo) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
KINDS_ROW = (
    "2026-03-01 10:00:00.25", "2026-07-01 10:00:00", "2026-03-02", "1234567890123456.0001",
    "12345678901234567890.000000000001", -7, 9007199254740993, 0.1, True,
    '{"a": {"b": [1, "zwei"]}, "n": null}', None, "9f4c1b7e-6f0b-4b0e-8f43-0d6a1c1f2d3e",
    "żółw\n'\"; drop", None, b"\x00\xff",
)  # fmt: skip
KINDS_MAPPING: dict[str, Any] = {
    "source": "shop",
    "database": {
        "connection": "shop", "table": "kinds", "cursor": "id", "time_zone": "Europe/Warsaw",
    },
    "columns": {"yes": "boolean", "payload": "json"},
    "message": {
        "event": "Thing Seen",
        "message_id": "thing-{id}",
        "timestamp": "at",
        "identifiers": {"user_id": "small"},
        "properties": {
            **{n: n for n in ("at", "local", "day", "exact", "wide", "small", "large", "ratio",
                              "yes", "payload", "code", "note", "empty")},
            "inner": "payload.a.b",
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_values_come_exactly_as_the_database_holds_them(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    database.run(KINDS[database.engine])
    row: list[Any] = list(KINDS_ROW)
    extra: dict[str, str] = {}
    if database.engine == "postgresql":
        row[0] += "+00"
        row[10] = ["a", "b"]
        extra = {"tags": "tags"}
    database.run(KINDS_INSERT, [tuple(row)])
    body = with_message(
        KINDS_MAPPING, properties={**KINDS_MAPPING["message"]["properties"], **extra}
    )
    define(workspace, kinds=body)
    assert counts(pull(workspace, "kinds")) == (1, 0, 0)
    with workspace.reading() as reading:
        text = reading.cursor.execute("select properties::json::varchar from events").value()
        at = reading.cursor.execute("select occurred_at::varchar from events").value()
        raw = reading.cursor.execute("select body from messages").value()
    assert at == "2026-03-01 10:00:00.25"
    seen = json.loads(raw, parse_float=Decimal)["properties"]
    assert seen == {
        "at": "2026-03-01T10:00:00.25Z",
        "local": "2026-07-01T08:00:00Z",  # ten o'clock in Warsaw
        "day": "2026-03-02",
        "exact": Decimal("1234567890123456.0001"),
        "wide": Decimal("12345678901234567890.000000000001"),
        "small": -7,
        "large": 9007199254740993,
        "ratio": Decimal("0.1"),
        "yes": True,
        "payload": {"a": {"b": [1, "zwei"]}, "n": None},
        "inner": [1, "zwei"],
        "code": "9f4c1b7e-6f0b-4b0e-8f43-0d6a1c1f2d3e",
        "note": "żółw\n'\"; drop",
        **({"tags": ["a", "b"]} if extra else {}),
    }
    assert json.loads(text)["large"] == 9007199254740993


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_binary_columns_are_refused_by_name_and_only_when_they_are_asked_for(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    database.run(KINDS[database.engine])
    define(workspace, kinds=with_message(KINDS_MAPPING, properties={"photo": "photo"}))
    with pytest.raises(DefinitionError, match="the column photo holds binary values") as caught:
        pull(workspace, "kinds")
    assert caught.value.field == "message.properties.photo"


def test_values_of_sqlite_keep_their_own_types_and_bad_ones_refuse_their_row(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = servers.sqlite(tmp_path)
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    database.run("create table things (id integer, at, x, yes)")
    values = [12, 0.1, "text", None, 2**53 + 1, b"binary"]
    database.run(
        "insert into things values (%s, %s, %s, %s)",
        [(n + 10, f"2026-03-01 10:00:0{n}", value, n % 2) for n, value in enumerate(values)],
    )
    body = with_database(ORDERS, table="things", time_zone="Europe/Warsaw")
    body["columns"] = {"yes": "boolean"}
    body["message"] = {
        "event": "Thing Seen", "message_id": "thing-{id}", "timestamp": "at",
        "identifiers": {"user_id": "id"}, "properties": {"x": "x", "yes": "yes"},
    }  # fmt: skip
    define(workspace, things=body)
    assert counts(pull(workspace, "things")) == (5, 0, 1)
    assert [json.loads(p) for (p,) in stored(workspace, "properties::json::varchar")] == [
        {"x": 12, "yes": False}, {"x": 0.1, "yes": True}, {"x": "text", "yes": False},
        {"yes": True}, {"x": 2**53 + 1, "yes": False},
    ]  # fmt: skip
    assert stored(workspace, "occurred_at::varchar")[0] == ("2026-03-01 09:00:00",)
    with workspace.reading() as reading:
        refused = reading.cursor.execute(
            "select code, reason, origin, row_number from quarantine"
        ).all()
    assert refused == [
        ("cannot_be_kept", "Column x: holds a binary value, which has no meaning here.",
         "shop: things", 0)
    ]  # fmt: skip


LINES = {
    "source": "shop",
    "database": {"connection": "shop", "table": "order_rows", "cursor": "order_id"},
    "group_by": ["order_id"],
    "message": {
        "event": "Order Completed",
        "message_id": "order-{order_id}",
        "timestamp": "at",
        "identifiers": {"email": "email"},
        "properties": {"order_id": {"template": "{order_id}"}, "revenue": {"sum": "price"}},
        "lines": {"product_id": "product", "price": "price"},
    },
}


@pytest.mark.parametrize("database", ENGINES, indirect=True)
@pytest.mark.parametrize("size", [4])
def test_an_order_is_never_torn_between_two_batches(
    database: Running, size: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    monkeypatch.setitem(Pull.__init__.__kwdefaults__ or {}, "size", size)
    database.run(
        "create table order_rows (order_id integer, at varchar(30), email varchar(50), "
        "product varchar(10), price decimal(8, 2))"
    )
    rows = [
        (order, "2026-05-01T10:00:00Z", f"p{order % 3}@example.com", f"p{line}", "1.25")
        for order in range(1, 8)
        for line in range(order)
    ]
    database.run("insert into order_rows values (%s, %s, %s, %s, %s)", rows[::-1])
    define(workspace, orders=LINES)
    assert counts(pull(workspace)) == (7, 0, 0)
    found = stored(workspace, "order_id, revenue")
    assert sorted(found) == [(str(n), Decimal("1.25") * n) for n in range(1, 8)]
    with workspace.reading() as reading:
        assert reading.cursor.execute("select count(*) from order_lines").value() == 28


@pytest.mark.parametrize("database", ENGINES, indirect=True)
def test_what_is_committed_late_or_dated_ahead_is_not_missed(
    database: Running, workspace: Workspace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    fill(database, [
        (1, "2026-05-01 10:00:00", "1", "a@example.com"),
        (2, "2026-05-01 10:05:00", "1", "a@example.com"),
        (9, "2030-01-01 00:00:00", "1", "a@example.com"),
    ])  # fmt: skip
    define(workspace, orders=with_database(ORDERS, cursor="at", overlap="10 min"))
    assert counts(pull(workspace)) == (3, 0, 0)
    reached = workspace.pulls.state("orders")["position"]
    assert "2026-05-01 10:05:00" in reached
    database.run("insert into orders values (%s, %s, %s, %s)", [
        (3, "2026-05-01 09:56:00", "1", "a@example.com"),  # within the overlap
        (4, "2026-05-01 09:54:00", "1", "a@example.com"),  # before it
        (5, "2026-05-02 10:00:00", "1", "a@example.com"),
    ])  # fmt: skip
    assert counts(pull(workspace)) == (2, 3, 0)
    define(workspace, orders=with_database(ORDERS, cursor="id", overlap=3))
    assert counts(pull(workspace)) == (1, 5, 0)  # another cursor begins anew
    assert counts(pull(workspace)) == (0, 1, 0)


@pytest.mark.parametrize("database", ENGINES, indirect=True)
def test_names_are_quoted_and_queries_stand_as_written(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    quote = "`" if database.engine == "mysql" else '"'
    name = f"{quote}100%s {{}} select{quote}"
    database.run(f"create table orders (id integer, {name} varchar(40))")
    for n, text in enumerate(["50%", "x'; drop table orders; --", "none"], 11):
        value = text.replace("'", "''")
        database.run(f"insert into orders values ({n}, '{value}')")
    body = {
        **ORDERS,
        "database": {
            "connection": "shop", "cursor": "100%s {} select",
            "query": "select * from orders where id % 100 > 0 -- 100 % of them\n;",
        },
        "message": {
            "event": "Thing Seen", "message_id": {"hash": ["id"]},
            "timestamp": {"value": "2026-01-01"}, "identifiers": {"user_id": "id"},
            "properties": {"text": "100%s {} select"},
        },
    }  # fmt: skip
    define(workspace, orders=body)
    assert counts(pull(workspace)) == (3, 0, 0)
    assert counts(pull(workspace)) == (0, 1, 0)
    texts = {json.loads(p)["text"] for (p,) in stored(workspace, "properties::json::varchar")}
    assert texts == {"50%", "x'; drop table orders; --", "none"}


@pytest.mark.parametrize("database", ENGINES, indirect=True)
def test_a_database_is_only_read(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    fill(database, ROWS)
    tricks = {
        "postgresql": "select * from orders) as a; delete from orders; --",
        "mysql": "select * from orders) as a; delete from orders; -- ",
        "sqlite": "select * from orders) as a; delete from orders; --",
    }
    define(workspace, orders=with_database(ORDERS, table=None, query=tricks[database.engine]))
    with pytest.raises(PatronError):
        pull(workspace)
    define(workspace, orders=ORDERS)
    assert counts(pull(workspace)) == (2, 0, 1)


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_no_password_is_shown_whatever_goes_wrong(
    database: Running,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    wrong = "Sesame%2F1+2"
    url = database.url.replace(servers.quote(PASSWORD, safe=""), wrong)
    seen = ""
    define(workspace, orders=ORDERS)
    for broken in (url, url + "&nonsense=1", url.replace("://", "//"), url.replace("@", ":x@")):
        monkeypatch.setenv("PATRON_DATABASE_SHOP", broken)
        with pytest.raises(PatronError) as caught:
            pull(workspace)
        seen += f"{caught.value!r} {caught.value.hint}"
    seen += json.dumps(workspace.pulls.states()) + repr(workspace.settings)
    out = capfd.readouterr()
    for text in (wrong, "Sesame"):
        assert text not in seen + out.out + out.err
    assert "ann" in seen  # what went wrong is said


def test_a_connection_is_found_in_the_environment_or_in_the_settings(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = servers.sqlite(tmp_path)
    fill(database, ROWS)
    define(workspace, orders=ORDERS)
    with pytest.raises(InputError, match="PATRON_DATABASE_SHOP"):
        pull(workspace)
    file = workspace.folder / "patron.toml"
    file.write_text(f'port = 0\n[databases]\nshop = "{database.url}"\n')
    assert counts(pull(workspace)) == (2, 0, 1)
    monkeypatch.setenv("PATRON_DATABASE_SHOP", "sqlite:///nowhere/else.db")
    with pytest.raises(PatronError, match="unable to open"):
        pull(workspace)
    assert "unable to open" in workspace.pulls.state("orders")["error"]


@pytest.mark.parametrize("library", ["psycopg", "pymysql"])
def test_a_missing_library_is_said(
    library: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    scheme = {"psycopg": "postgresql", "pymysql": "mysql"}[library]
    monkeypatch.setenv("PATRON_DATABASE_SHOP", f"{scheme}://localhost/shop")
    define(workspace, orders=ORDERS)
    with pytest.raises(PatronError, match="not installed") as caught:
        pull(workspace)
    assert "patron[databases]" in str(caught.value.hint)


def test_the_schedule_pulls_what_is_due_and_nothing_else(
    tmp_path: Path, workspace: Workspace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = servers.sqlite(tmp_path)
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    fill(database, ROWS)
    define(workspace, orders=with_database(ORDERS, every="15 min"), by_hand=ORDERS)

    def look() -> list[int]:
        due = workspace.pulls.pull_what_is_due()
        assert due is not None
        until(lambda: not workspace.pulls.state("orders")["running"])
        assert (due - clock.now()) <= timedelta(minutes=15)
        return [run["stored"] + run["duplicate"] for run in workspace.pulls.state("orders")["runs"]]

    assert look() == [2]
    clock.advance(timedelta(minutes=14))
    assert look() == [2]
    clock.advance(timedelta(minutes=1))
    assert len(look()) == 2
    database.run("alter table orders rename to gone")
    clock.advance(timedelta(minutes=15))
    assert len(look()) == 3  # it failed, and waits for its next turn
    assert "no such table" in workspace.pulls.state("orders")["error"]
    assert len(look()) == 3
    database.run("alter table gone rename to orders")
    clock.advance(timedelta(minutes=15))
    assert len(look()) == 4
    assert workspace.pulls.state("orders")["error"] is None
    assert workspace.pulls.state("by_hand")["runs"] == []


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_closing_does_not_wait_for_a_slow_database(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    fill(database, ROWS)
    sleep = "pg_sleep(100)::text" if database.engine == "postgresql" else "sleep(100)"
    query = f"select o.*, {sleep} as slow from orders as o"
    body = with_database(ORDERS, table=None, query=query)
    define(workspace, orders=with_message(body, properties={"slow": "slow"}))
    workspace.pulls.start("orders")
    began = time.monotonic()
    workspace.close()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_values_that_no_calendar_or_number_here_has_cost_their_row_at_most(
    database: Running, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    database.run(
        "create table orders (id serial, at timestamp, seen timestamptz, day date, amount numeric, "
        "email text)"
    )
    given = [
        ("2026-01-01", "infinity", "infinity", "1"), ("2026-01-01", "-infinity", None, "1"),
        ("2026-01-01", "0044-03-15 BC", "0044-03-15 BC", "1"), ("infinity", None, None, "1"),
        ("2026-01-01", "20000-01-01", None, "1"), ("2026-01-01", None, "20000-01-01", "1"),
        ("2026-01-01", None, None, "NaN"), ("2026-01-01", None, None, "1e100"),
        ("2026-01-01", None, None, "0.1234567890123"), ("2026-01-02", None, None, "2.50"),
    ]  # fmt: skip
    database.run(
        "insert into orders (at, seen, day, amount, email) "
        "values (%s, %s, %s, %s, 'a@example.com')",
        given,
    )
    body = with_message(
        ORDERS, properties={**ORDERS["message"]["properties"], "seen": "seen", "day": "day"}
    )
    define(workspace, orders=body)
    stored_now, duplicate, refused = counts(pull(workspace))
    assert (stored_now + refused, duplicate) == (len(given), 0)
    assert ("10", Decimal("2.50")) in stored(workspace, "order_id, revenue")
    with workspace.reading() as reading:
        found = reading.cursor.execute("select code, count(*) from quarantine group by all").all()
    assert dict(found)["cannot_be_kept"] >= 3
