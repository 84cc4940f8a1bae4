"""The catalogue by API, command line and files (S5.30, S2.9; issue 5, sections 3 and 16)."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import answer, patron
from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.errors import InputError, NotFoundError
from patron.workspace import Workspace

NOW = parse_time("2026-03-01T12:00:00Z")
FEED = """<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>P1</g:id><title>Wool scarf</title><g:price>20.00 EUR</g:price>
  <g:material>wool</g:material></item>
<item><g:id>P2</g:id><title>Cup</title><g:price>7 EUR</g:price></item>
<item><g:id>P3</g:id><title>Bad</title><g:price>seven</g:price></item>
<item><g:id>P1</g:id><title>Again</title></item>
</channel></rss>"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock) -> Iterator[Workspace]:
    Workspace.create(tmp_path / "data", clock=clock)
    with Workspace(tmp_path / "data", clock=clock) as opened:
        sources = [("web", "orchid"), ("app", "lotus")]
        opened.apply(
            [{"kind": "source", "name": n, "body": {"type": n, "brand": b}} for n, b in sources]
        )
        yield opened


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.xml"
    path.write_text(FEED, encoding="utf-8")
    return path


def attributes(workspace: Workspace, product: str, brand: str | None = None) -> dict[str, Any]:
    return dict(workspace.entity("product", product, brand=brand)["attributes"])


def test_a_feed_is_imported_once(workspace: Workspace, feed: Path, clock: ManualClock) -> None:
    first = workspace.import_catalogue(str(feed), source="feed")
    counts = {"items": 4, "stored": 2, "unchanged": 0, "removed": 0, "refused": 2}
    assert {name: first[name] for name in counts} == counts
    assert [(one["item"], one["entity_id"]) for one in first["reasons"]] == [(3, "P3"), (4, "P1")]
    clock.advance(timedelta(days=1))
    again = workspace.import_catalogue(str(feed), source="feed")
    assert (again["stored"], again["unchanged"]) == (0, 2)
    shown = workspace.entity("product", "P1")
    assert shown["attributes"]["material"] == "wool"
    assert [one["observed_at"] for one in shown["observations"]] == ["2026-03-01T12:00:00Z"]


def test_a_complete_import_removes_what_is_gone_and_nothing_that_was_only_wrong(
    workspace: Workspace, feed: Path
) -> None:
    old = [{"id": "P3", "name": "Bad"}, {"id": "P9", "name": "Gone"}]
    workspace.put_entities("product", old, source="feed")
    workspace.put_entities("product", [{"id": "P8", "name": "Not theirs"}], source="erp")
    taken = workspace.import_catalogue(str(feed), source="feed", complete=True)
    assert (taken["stored"], taken["removed"]) == (2, 1)
    ids = [one["id"] for one in workspace.entities("product")["data"]]
    assert ids == ["P1", "P2", "P3", "P8"]
    # An item without an id could be any of them.
    feed.write_text(FEED.replace("<g:id>P2</g:id>", ""), encoding="utf-8")
    taken = workspace.import_catalogue(str(feed), source="feed", complete=True)
    assert taken["removed"] == 0


def test_a_feed_that_is_cut_off_changes_nothing(workspace: Workspace, feed: Path) -> None:
    feed.write_text(FEED[:-30], encoding="utf-8")
    with pytest.raises(InputError, match=r"line 6, column 34"):
        workspace.import_catalogue(str(feed))
    assert workspace.entities("product")["data"] == []


def test_sources_keep_to_what_they_say_and_the_last_one_wins(
    workspace: Workspace, clock: ManualClock
) -> None:
    """A feed knows the price, the ERP the cost: margin follows (S1.10)."""
    put = workspace.put_entities
    put(
        "product",
        [{"id": "P", "name": "Cup", "price": "9 EUR", "sale_price": "8 EUR"}],
        source="feed",
    )
    clock.advance(timedelta(hours=1))
    put("product", [{"id": "P", "cost": "5 EUR", "name": "CUP 0.2"}], source="erp")
    known = attributes(workspace, "P")
    assert (known["name"], known["margin"]) == ("CUP 0.2", 3)
    clock.advance(timedelta(hours=1))
    # The sale is over: the feed says the whole that it knows.
    put("product", [{"id": "P", "name": "Cup", "price": "9 EUR"}], source="feed")
    known = attributes(workspace, "P")
    assert known == {"name": "Cup", "price": 9, "currency": "EUR", "cost": 5,
                     "cost_currency": "EUR", "margin": 4}  # fmt: skip
    # What comes late is history, and so is what comes twice.
    late = {"source": "feed", "observed_at": NOW + timedelta(minutes=30)}
    for stored in (1, 0):
        assert put("product", [{"id": "P", "name": "Old"}], **late)["stored"] == stored
    assert attributes(workspace, "P") == known
    assert [one["source"] for one in workspace.entity("product", "P")["observations"]] == [
        "feed", "erp", "feed", "feed",
    ]  # fmt: skip
    workspace.delete_entity("product", "P", source="feed")
    assert "price" not in attributes(workspace, "P")
    with pytest.raises(NotFoundError):
        workspace.delete_entity("product", "P", source="feed")
    workspace.delete_entity("product", "P", source="erp")
    with pytest.raises(NotFoundError):
        workspace.entity("product", "P")


def test_of_one_moment_the_last_word_holds(workspace: Workspace, clock: ManualClock) -> None:
    """What is put, removed and put again without the clock moving on is there."""

    def put() -> int:
        said = workspace.put_entities("product", [{"id": "P", "name": "Cup"}], source="feed")
        return int(said["stored"])

    assert put() == 1
    workspace.delete_entity("product", "P", source="feed")
    assert put() == 1
    assert attributes(workspace, "P") == {"name": "Cup"}
    assert put() == 0
    # Of an earlier moment it is history, and repeating it is no news.
    earlier = {"source": "feed", "observed_at": clock.now() - timedelta(hours=1)}
    for stored in (1, 0):
        old = workspace.put_entities("product", [{"id": "P", "name": "Mug"}], **earlier)
        assert old["stored"] == stored
    assert attributes(workspace, "P") == {"name": "Cup"}


def test_a_brand_has_its_own_catalogue_before_that_of_all(workspace: Workspace) -> None:
    workspace.put_entities("product", [{"id": "P", "name": "All"}, {"id": "Q", "name": "Q"}])
    workspace.put_entities("product", [{"id": "P", "name": "Own"}], brand="lotus")
    assert attributes(workspace, "P", "lotus")["name"] == "Own"
    assert attributes(workspace, "P", "orchid")["name"] == "All"
    shown = workspace.entities("product", brand="lotus")["data"]
    assert [(one["id"], one["brand"]) for one in shown] == [("P", "lotus"), ("Q", None)]
    assert workspace.entity("product", "P")["brands"] == ["lotus", None]
    with pytest.raises(NotFoundError):
        workspace.put_entities("product", [], brand="rose")
    with pytest.raises(NotFoundError):
        workspace.put_entities("shop", [])
    with pytest.raises(InputError):
        workspace.put_entities("product", [], observed_at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_files_through_a_mapping(workspace: Workspace, tmp_path: Path, ending: str) -> None:
    rows = [
        {"no": "1", "title": "Cup", "eur": "7.50", "path": "Home>Kitchen", "stock": "3"},
        {"no": "2", "title": "Pan", "eur": "-1", "path": None, "stock": "0"},
        {"no": None, "title": "Lid", "eur": "2", "path": None, "stock": "1"},
    ]
    path = tmp_path / f"goods.{ending}"
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif ending == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    else:
        lines = [";".join(rows[0]), *(";".join(v or "" for v in row.values()) for row in rows)]
        path.write_text("\n".join(lines), encoding="utf-8")
    body: dict[str, Any] = {
        "source": "goods-list",
        "file": path.name,
        "entity": {
            "id": "no",
            "attributes": {"name": "title", "price": {"template": "{eur} EUR"}, "category": "path",
                           "in_stock": {"sql": "stock::int > 0"}},
        },
    }  # fmt: skip
    if ending == "csv":
        body["csv"] = {"delimiter": ";"}
    workspace.apply([{"kind": "mapping", "name": "goods", "body": body}])
    taken = workspace.import_catalogue(str(path), mapping="goods")
    assert (taken["items"], taken["stored"], taken["refused"]) == (3, 1, 2), taken
    assert taken["source"] == "goods-list"
    assert attributes(workspace, "1") == {
        "name": "Cup", "price": 7.5, "currency": "EUR", "category": "Home > Kitchen",
        "main_category": "Home", "subcategory": "Kitchen",
        "in_stock": True,
    }  # fmt: skip
    with pytest.raises(InputError, match="is of a catalogue"):
        workspace.start_import("goods", str(path))


def test_a_feed_from_the_web(workspace: Workspace) -> None:
    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/old.xml":
                self.send_response(301)
                self.send_header("Location", "/feed.xml")
                self.end_headers()
            elif self.path == "/feed.xml":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(FEED.encode())
            else:
                self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Keep silent."""

    with http.server.HTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert workspace.import_catalogue(f"{address}/old.xml")["stored"] == 2
        with pytest.raises(InputError, match="answered 404"):
            workspace.import_catalogue(f"{address}/none.xml")
        server.shutdown()
    with pytest.raises(InputError, match="cannot be had"):
        workspace.import_catalogue(f"{address}/feed.xml")
    for place in ("ftp://shop.example/feed.xml", "/no/such/feed.xml"):
        with pytest.raises(InputError, match="cannot be read"):
            workspace.import_catalogue(place)


def test_the_api(workspace: Workspace, tmp_path: Path, feed: Path) -> None:
    token = (tmp_path / "data" / "admin-token").read_text().strip()
    client = TestClient(create_app(workspace), headers={"Authorization": f"Bearer {token}"})
    put = client.put("/api/v1/products", json={
        "products": [{"product_id": "A/1 ü", "name": "Wool Scarf", "price": "20 EUR"}, {"x": 1}],
    })  # fmt: skip
    assert put.status_code == 200, put.text
    assert (put.json()["stored"], put.json()["refused"]) == (1, 1)
    assert put.json()["reasons"][0]["field"] == "product_id"
    shown = client.get("/api/v1/products/A/1 ü").json()
    assert (shown["attributes"]["price"], shown["events"]) == (20, [])
    imported = client.post("/api/v1/catalogue/imports", json={"path": str(feed)}).json()
    assert imported["stored"] == 2
    found = client.get("/api/v1/products", params={"search": "wool SCARF", "limit": 1}).json()
    assert [one["id"] for one in found["data"]] == ["A/1 ü"]
    second = client.get(
        "/api/v1/products", params={"search": "wool SCARF", "cursor": found["next"]}
    ).json()
    assert ([one["id"] for one in second["data"]], second["next"]) == (["P1"], None)
    assert client.get("/api/v1/products", params={"cursor": "x"}).status_code == 422
    kinds = client.get("/api/v1/entities").json()["data"]
    assert [(one["kind"], one["entities"]) for one in kinds] == [("product", 3)]
    assert client.get("/api/v1/entities/store").status_code == 404
    assert client.delete("/api/v1/products/A/1 ü").json()["removed"] == 1
    assert client.get("/api/v1/products/A/1 ü").status_code == 404


def test_the_command_line(tmp_path: Path, feed: Path) -> None:
    folder = tmp_path / "shop"
    (tmp_path / "defs" / "entities").mkdir(parents=True)
    (tmp_path / "defs" / "entities" / "store.yaml").write_text(
        "kind: entity\nname: store\nfound_in: {events: [store_id]}\nattributes: {region: text}\n"
    )
    stores = tmp_path / "stores.json"
    stores.write_text('[{"store_id": 7, "region": "North"}, {"store_id": 8, "colour": "red"}]')
    there = ("-w", str(folder))
    assert patron("init", str(folder)).exit_code == 0
    applied = patron("apply", str(tmp_path / "defs"), "--yes", *there)
    assert applied.exit_code == 0, applied.output
    said = answer("entity", "put", "store", str(stores), *there)
    assert (said["stored"], said["refused"]) == (1, 1)
    assert "Item 2 (8): colour" in patron("entity", "put", "store", str(stores), *there).stderr
    assert answer("entity", "kinds", *there)["data"][1]["entities"] == 1
    shown = patron("entity", "show", "store", "7", *there).stdout
    assert "region  North" in shown
    assert "North" in patron("entity", "list", "store", *there).stdout
    said = answer("catalogue", "import", str(feed), "--source", "feed", *there)
    assert (said["stored"], said["refused"]) == (2, 2)
    assert "Wool scarf" in patron("product", "list", "--search", "wool", *there).stdout
    assert "material" in patron("product", "show", "P1", *there).stdout
    assert answer("product", "remove", "P1", "--source", "feed", *there)["removed"] == 1
    assert [one["id"] for one in answer("product", "list", *there)["data"]] == ["P2"]
