"""Pulls over HTTP and on the command line, and by a running server's schedule (S1.1, S2.9)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import databases_support as servers
from integration.cli_runs import answer, patron, served, write_files

FILES = {
    "sources/shop.yaml": "kind: source\nname: shop\n",
    "mappings/orders.yaml": """\
kind: mapping
name: orders
source: shop
database: {connection: shop, table: orders, cursor: id, every: 15 min}
message:
  event: Order Completed
  message_id: "order-{id}"
  timestamp: at
  identifiers: {email: email}
  properties: {order_id: id, revenue: amount}
""",
    "mappings/visits.yaml": """\
kind: mapping
name: visits
source: shop
file: visits.csv
message: {event: Visited, timestamp: at, identifiers: {email: email}}
""",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    database = servers.sqlite(tmp_path)
    database.run("create table orders (id integer, at text, amount real, email text)")
    database.run(
        "insert into orders values (%s, %s, %s, %s)",
        [(n, f"2026-05-0{n}T10:00:00Z", n / 4, f"p{n}@example.com") for n in range(1, 6)],
    )
    monkeypatch.setenv("PATRON_DATABASE_SHOP", database.url)
    assert patron("init", tmp_path / "workspace").exit_code == 0
    files = write_files(tmp_path / "definitions", FILES)
    answer("apply", files, "--yes", "--workspace", tmp_path / "workspace")
    return tmp_path


def test_the_command_line_pulls_and_shows_how_pulls_stand(folder: Path) -> None:
    here = ("--workspace", folder / "workspace")
    state = answer("import", "pull", "orders", *here)
    assert (state["stored"], state["read"], state["total"], state["cursor"]) == (5, 5, 5, "5")
    shown = patron("import", "pull", "orders", "--from-start", *here)
    assert "Pulled 5 rows of shop: orders through orders." in shown.stdout
    listed = answer("import", "pulls", *here)["data"]
    assert [one["mapping"] for one in listed] == ["orders"]
    assert [run["duplicate"] for run in listed[0]["runs"]] == [5, 0]
    assert "shop: orders" in patron("import", "pulls", *here).stdout
    (folder / "visits.csv").write_text("at,email\n2026-05-01,ann@example.com\n")
    assert answer("import", "visits", folder, *here)["stored"] == 1  # as it was always written
    assert answer("import", "files", "visits", folder, *here)["duplicate"] == 1
    for command, expected in (
        (("import", "pull", "visits"), "Mapping visits reads files, no database."),
        (("import", "orders", folder), "reads the database shop, no files."),
        (("import", "pull", "order"), "There is no mapping order."),
    ):
        result = patron(*command, *here)
        assert result.exit_code == 1
        assert expected in result.output


def test_a_running_server_pulls_by_itself(folder: Path) -> None:
    workspace = folder / "workspace"
    with served(workspace):
        deadline = time.monotonic() + 30
        while not (runs := answer("import", "pulls", "--workspace", workspace)["data"][0]["runs"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert runs[0]["stored"] == 5
        found = answer("import", "pulls", "--workspace", workspace)["data"][0]
        assert found["position"] == "5"
        assert found["next_at"] > runs[0]["started_at"]
        changed = FILES["mappings/orders.yaml"].replace("id, every: 15 min", "at, every: 15 min")
        files = write_files(folder / "definitions", {"mappings/orders.yaml": changed})
        answer("apply", files, "--yes", "--workspace", workspace)
        found = answer("import", "pulls", "--workspace", workspace)["data"][0]
        assert found["position"] is None  # that of another cursor says nothing
        state = answer("import", "pull", "orders", "--workspace", workspace)
        assert (state["stored"], state["duplicate"]) == (0, 5)
        assert json.loads(state["cursor"]) == "2026-05-05T10:00:00Z"
