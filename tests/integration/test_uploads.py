"""From a file in somebody's hands to customers: handed in, mapped by example, tried, imported."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import yaml
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.pipeline import imports, uploads
from patron.workspace import Workspace, presets

START = parse_time("2026-01-01T12:00:00Z")
ORDERS = """Bestellnummer;Datum;Kundennummer;E-Mail;Artikelnummer;Artikel;Preis;Menge;Betrag;Währung
1001;03.02.2025;K1;ann@example.com;A1;Tee grün;4,50;2;14,00;EUR
1001;03.02.2025;K1;ann@example.com;A2;Tasse;5,00;1;14,00;EUR
1002;14.02.2025;K2;bob@example.com;A1;Tee grün;4,50;1;4,50;EUR
1003;15.02.2025;;kaputt;A1;Tee grün;4,50;1;4,50;EUR
"""
CONTACTS = "Customer ID,E-mail,First Name,City,Newsletter,Updated At\n" + "".join(
    f"c{n},c{n}@example.com,Ann,Bangkok,yes,2025-01-{n:02d}\n" for n in range(1, 29)
)


class Office:
    def __init__(self, folder: Path) -> None:
        token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.workspace = Workspace(folder, clock=self.clock)
        self.folder = folder
        self.client = TestClient(
            create_app(self.workspace), base_url="http://testserver/api/v1",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    def hand_in(self, name: str, content: bytes) -> Any:
        return self.client.post("/uploads", params={"name": name}, content=content)

    def upload(self, name: str, content: str | bytes) -> str:
        held = content.encode() if isinstance(content, str) else content
        found: str = self.hand_in(name, held).json()["upload"]
        return found

    def suggest(self, upload: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.post(
            "/mappings/suggest", json={"upload": upload}
        ).json()
        return found

    def tried(self, mapping: Any, upload: str) -> dict[str, Any]:
        asked = {"mapping": mapping, "upload": upload}
        answer = self.client.post("/mappings/try", json=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ended(self) -> None:
        """Wait for all imports."""
        for thread in self.workspace._imports._threads:
            thread.join(30)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "data")
    yield made
    made.workspace.close()


def documents(text: str) -> list[dict[str, Any]]:
    return [
        {"kind": one.pop("kind"), "name": one.pop("name"), "body": one}
        for one in yaml.safe_load_all(text)
    ]


def test_a_file_of_orders_becomes_customers_with_orders(office: Office) -> None:
    upload = office.upload("Bestellungen März.csv", ORDERS.encode("windows-1252"))
    found = office.suggest(upload)
    body = found["mapping"]
    assert body["csv"]["delimiter"] == ";"
    assert body["csv"]["encoding"] == "windows-1252"
    assert body["csv"]["decimal"] == ","
    assert body["group_by"] == ["Bestellnummer"]
    message = body["message"]
    assert message["event"] == "Order Completed"
    assert message["timestamp"] == {"column": "Datum", "format": "%d.%m.%Y"}
    assert message["identifiers"] == {"user_id": "Kundennummer", "email": "E-Mail"}
    assert message["properties"] == {
        "order_id": "Bestellnummer", "total": "Betrag", "currency": "Währung",
    }  # fmt: skip
    assert message["lines"] == {
        "product_id": "Artikelnummer", "name": "Artikel", "price": "Preis", "quantity": "Menge",
    }  # fmt: skip
    tried = office.tried(body, upload)
    first = tried["messages"][0]
    assert first["message"]["properties"]["total"] == 14
    assert [one["quantity"] for one in first["message"]["properties"]["products"]] == [2, 1]
    assert [one["normal"] for one in first["identifiers"]] == ["K1", "ann@example.com"]
    assert [one["identified"] for one in tried["messages"]] == [True, True, False]
    assert tried["messages"][2]["identifiers"][0]["reason"]
    assert tried["messages"][2]["identifiers"][0]["code"] == "no_email"
    assert office.workspace.status()["events"] == 0

    applied = office.client.post(
        "/definitions/apply", json={"documents": documents(found["definitions"])}
    )
    assert applied.status_code == 200, applied.text
    state = office.client.post("/imports", json={"mapping": found["name"], "upload": upload})
    assert state.status_code == 202, state.text
    office.ended()
    ended = office.client.get(f"/imports/{state.json()['import_id']}").json()
    assert (ended["state"], ended["stored"], ended["quarantined"]) == ("done", 2, 1)
    assert office.workspace.preview('sum(total of "Order Completed") > 4')["count"] == 2


def test_a_file_of_contacts_becomes_traits(office: Office) -> None:
    upload = office.upload("contacts.csv", CONTACTS)
    found = office.suggest(upload)
    message = found["mapping"]["message"]
    assert (message["type"], message["timestamp"]) == ("identify", "Updated At")
    assert message["identifiers"] == {"user_id": "Customer ID", "email": "E-mail"}
    assert message["traits"] == {
        "e_mail": "E-mail", "first_name": "First Name", "city": "City", "newsletter": "Newsletter",
    }  # fmt: skip
    kinds = {one["name"]: (one["kind"], one["different"]) for one in found["columns"]}
    assert kinds["Newsletter"] == ("boolean", 1)
    assert kinds["Updated At"] == ("time", 28)
    tried = office.tried(found["mapping"], upload)
    assert len(tried["messages"]) == 20  # the first rows only
    assert tried["messages"][0]["message"]["traits"]["newsletter"] is True


def test_a_birthday_is_a_trait_and_not_when_the_row_was_told(office: Office) -> None:
    upload = office.upload("people.csv", "customer_no,birth date\nc1,1990-02-03\n")
    message = office.suggest(upload)["mapping"]["message"]
    assert message["traits"] == {"birth_date": "birth date"}
    assert "value" in message["timestamp"]


@pytest.mark.parametrize("preset", presets(), ids=lambda one: one.name)
def test_every_preset_is_recognised_by_its_sample_and_can_be_tried(
    office: Office, preset: Any
) -> None:
    upload = office.upload(f"{preset.name}.csv", preset.sample)
    found = office.suggest(upload)
    assert found["presets"][0] == {
        "name": preset.name, "description": preset.description, "share": 1.0,
    }  # fmt: skip
    [_, mapping] = documents(preset.definitions)
    assert office.tried(mapping["body"], upload)["messages"]
    assert "messages" in office.tried(found["mapping"], upload)


def test_json_lines_parquet_and_packed_files_are_read_alike(office: Office) -> None:
    rows = [{"event": "Signed Up", "at": f"2025-01-0{n}", "user_id": f"u{n}"} for n in (1, 2, 3)]
    packed = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), packed)
    lines = "\n".join(str(row).replace("'", '"') for row in rows).encode()
    text = "event,at,user_id\n" + "".join(f"{','.join(row.values())}\n" for row in rows)
    files = {
        "a.jsonl": lines, "a.parquet": packed.getvalue(), "a.csv.gz": gzip.compress(text.encode()),
    }  # fmt: skip
    for name, content in files.items():
        upload = office.upload(name, content)
        found = office.suggest(upload)
        assert found["mapping"]["message"]["event"] == "{event}", name
        told = [
            one["message"]["event"] for one in office.tried(found["mapping"], upload)["messages"]
        ]
        assert told == ["Signed Up"] * 3, name


def test_what_does_not_fit_is_told_by_field(office: Office) -> None:
    upload = office.upload(
        "a.csv", "who,at,age\nann,2025-01-01,30\nbob,yesterday,31\ncem,2025-01-01,x\n"
    )
    body = {
        "source": "web", "file": "*", "columns": {"age": "number"},
        "message": {"type": "identify", "timestamp": "at", "identifiers": {"user_id": "who"},
                    "traits": {"age": "age"}},
    }  # fmt: skip
    tried = office.tried(body, upload)
    assert [one["message"]["userId"] for one in tried["messages"]] == ["ann"]
    told = [(one["row"], one["field"]) for one in tried["refused"]]
    assert told == [(2, "timestamp"), (3, "age")]
    body["message"]["traits"]["age"] = "years"  # type: ignore[index]
    wrong = office.client.post("/mappings/try", json={"mapping": body, "upload": upload})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "message.traits.age")


def test_handing_a_file_in_twice_keeps_it_once(office: Office) -> None:
    first = office.hand_in("a.csv", b"a\n1\n").json()
    assert office.hand_in("a.csv", b"a\n1\n").json() == first
    assert first["bytes"] == 4
    office.upload("a.csv", "a\n2\n")
    assert len(office.client.get("/uploads").json()["data"]) == 2
    assert office.client.delete(f"/uploads/{first['upload']}").status_code == 200
    assert office.client.delete(f"/uploads/{first['upload']}").status_code == 404
    assert len(office.client.get("/uploads").json()["data"]) == 1


def test_names_lead_nowhere_else(office: Office) -> None:
    made = office.hand_in("../../../etc/..\\pass wd\x00.CSV", b"a\n1\n").json()
    assert made["name"] == "pass_wd_.csv"
    outside = set(office.folder.rglob("*.csv"))
    assert outside == {office.folder / "scratch/uploads" / made["upload"] / "pass_wd_.csv"}
    for wrong in ("../scratch", "%2e%2e", "a" * 32):
        answer = office.client.post("/mappings/suggest", json={"upload": wrong})
        assert answer.status_code == 404


def test_what_is_too_large_or_of_no_use_is_refused_and_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.hand_in("a.exe", b"x").status_code == 422
    assert office.hand_in("a.csv", b"").status_code == 422
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert office.hand_in("a.csv", b"x" * 11).status_code == 413
    assert list((office.folder / "scratch/uploads").iterdir()) == []


def test_uploads_grow_old(office: Office) -> None:
    old = office.upload("a.csv", "a\n1\n")
    office.clock.advance(uploads.KEPT_FOR + timedelta(seconds=1))
    new = office.upload("b.csv", "a\n1\n")
    assert [one["upload"] for one in office.client.get("/uploads").json()["data"]] == [new]
    assert office.client.post("/mappings/suggest", json={"upload": old}).status_code == 404


def test_a_file_that_is_not_what_its_name_says_is_refused(office: Office) -> None:
    for name, content in (
        ("a.parquet", b"x"),
        ("a.jsonl", b"[1]\n"),
        ("a.csv.gz", b"x"),
        ("b.csv", b"a\n"),
    ):
        answer = office.client.post(
            "/mappings/suggest", json={"upload": office.upload(name, content)}
        )
        assert (answer.status_code, answer.json()["field"]) == (422, "upload"), name


def test_an_import_names_a_path_or_an_upload(office: Office) -> None:
    for body in ({"mapping": "m"}, {"mapping": "m", "path": "x", "upload": "y"}):
        assert office.client.post("/imports", json=body).json()["field"] == "path"


def test_the_command_line_suggests_a_mapping(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "data")
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS)
    said = ["mapping", "suggest", str(file), "--workspace", str(tmp_path / "data")]
    done = CliRunner().invoke(app, said)
    assert done.exit_code == 0, done.output
    source, mapping = documents(done.stdout)
    assert (source["kind"], mapping["name"]) == ("source", "contacts")
    assert "20 messages would be stored and 0 refused" in done.stderr
    assert list((tmp_path / "data/scratch/uploads").iterdir()) == []


def test_the_command_line_tells_what_needs_somebody(office: Office) -> None:
    folder = str(office.folder)
    office.workspace.put_source("web", {"type": "web"})
    office.workspace.close()
    with Workspace(office.folder) as workspace:
        key = workspace.make_source_key("web", made_by="admin")["write_key"]
        body = b'{"batch": [{"type": "track", "event": "A", "messageId": "m"}]}'
        workspace.collect_batch(body, key).result()
    done = CliRunner().invoke(app, ["status", "--workspace", folder])
    assert "Needs somebody: Messages were refused and wait for a replay. (1)" in done.stdout
    moved = ["segment", "moved", "--since", "2018-01-01", "--workspace", folder, "--json"]
    assert '"data": []' in CliRunner().invoke(app, moved).stdout


def test_a_mapping_is_read_from_text_tried_under_its_name_and_saved(office: Office) -> None:
    upload = office.upload("contacts.csv", CONTACTS)
    found = office.suggest(upload)
    read = office.client.post("/mappings/read", json={"definitions": found["definitions"]}).json()
    assert read == {"name": "contacts", "mapping": found["mapping"]}
    asked = {"mapping": found["mapping"], "upload": upload, "name": "people"}
    text = office.client.post("/mappings/try", json=asked).json()["definitions"]
    assert documents(text) == [{"kind": "mapping", "name": "people", "body": found["mapping"]}]
    wrong = office.client.post("/mappings/read", json={"definitions": "kind: source\nname: a\n"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "definitions")
    crooked = office.client.post("/mappings/read", json={"definitions": "kind: mapping\nname: ["})
    assert crooked.status_code == 422

    early = office.client.put("/mappings/people", json=found["mapping"])
    assert (early.status_code, early.json()["field"]) == (422, "source")
    office.workspace.put_source(found["mapping"]["source"], {"type": "file"})
    assert office.client.put("/mappings/people", json=found["mapping"]).status_code == 200
    [held] = office.client.get("/mappings").json()["data"]
    assert (held["name"], held["reads"], held["makes"]) == ("people", "files", "messages")
    assert held["body"]["message"]["traits"] == found["mapping"]["message"]["traits"]
    assert office.client.put("/mappings/people", json=held["body"]).status_code == 200


def test_imports_are_listed_with_the_reasons_of_what_was_refused(office: Office) -> None:
    rows = "who,at,age\nann,2025-01-01,30\nbob,yesterday,31\ncem,never,1\n,2025-01-01,5\n"
    upload = office.upload("ages.csv", rows)
    office.workspace.put_source("desk", {"type": "file"})
    body = {
        "source": "desk", "file": "*",
        "message": {"type": "identify", "timestamp": "at", "identifiers": {"user_id": "who"},
                    "traits": {"age": "age"}},
    }  # fmt: skip
    assert office.client.put("/mappings/ages", json=body).status_code == 200
    assert office.client.get("/imports").json() == {"data": []}
    started = office.client.post("/imports", json={"mapping": "ages", "upload": upload}).json()
    office.ended()
    [listed] = office.client.get("/imports").json()["data"]
    assert (listed["import_id"], listed["stored"]) == (started["import_id"], 1)
    told = office.client.get(f"/imports/{started['import_id']}").json()["refused"]
    assert [(one["field"], one["rows"], one["row"]) for one in told] == [
        ("timestamp", 2, 2), ("user_id", 1, 4),
    ]  # fmt: skip
    nobody = {"code": "none_of", "values": {"identifiers": ["user_id"]}}
    assert [one["told"] for one in told] == [None, nobody]
    office.clock.advance(timedelta(minutes=1))
    more = office.upload("more.csv", "who,at,age\ndan,soon,3\n")
    again = office.client.post("/imports", json={"mapping": "ages", "upload": more}).json()
    office.ended()
    assert [one["import_id"] for one in office.client.get("/imports").json()["data"]] == [
        again["import_id"], started["import_id"],
    ]  # fmt: skip
    # Each tells its own.
    [own] = office.client.get(f"/imports/{again['import_id']}").json()["refused"]
    assert (own["origin"], own["rows"], own["row"]) == ("more.csv", 1, 1)


def test_an_import_is_cancelled_between_two_chunks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    office.workspace.put_source("desk", {"type": "file"})
    found = office.suggest(upload := office.upload("contacts.csv", CONTACTS))
    body = {**found["mapping"], "source": "desk"}
    assert office.client.put("/mappings/contacts", json=body).status_code == 200
    held = office.workspace._imports
    stored = held._add

    def cancelling(import_id: str, receipt: Any) -> None:
        stored(import_id, receipt)
        answer = office.client.post(f"/imports/{import_id}/cancel")
        assert answer.json()["state"] == "running"

    monkeypatch.setattr(held, "_add", cancelling)
    started = office.client.post("/imports", json={"mapping": "contacts", "upload": upload}).json()
    office.ended()
    ended = office.client.get(f"/imports/{started['import_id']}").json()
    assert (ended["state"], ended["stored"]) == ("cancelled", 10)
    assert ended["error"] == "It was cancelled."
    monkeypatch.undo()
    again = office.client.post("/imports", json={"mapping": "contacts", "upload": upload}).json()
    office.ended()
    whole = office.client.get(f"/imports/{again['import_id']}").json()
    assert (whole["state"], whole["stored"], whole["duplicate"]) == ("done", 18, 10)
    late = office.client.post(f"/imports/{again['import_id']}/cancel").json()
    assert late["state"] == "done"


def test_a_feed_that_is_handed_in_becomes_products(office: Office) -> None:
    feed = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>
    <item><g:id>P-1</g:id><g:title>Cup</g:title><g:price>7.50 EUR</g:price></item>
    </channel></rss>"""
    upload = office.upload("feed.xml", feed)
    taken = office.client.post("/catalogue/imports", json={"upload": upload})
    assert taken.status_code == 200, taken.text
    assert (taken.json()["stored"], taken.json()["source"]) == (1, "feed.xml")
    assert office.client.get("/products/P-1").json()["attributes"]["name"] == "Cup"
    both = office.client.post("/catalogue/imports", json={"upload": upload, "path": "x"})
    assert both.json()["field"] == "path"
    unread = office.client.post("/mappings/suggest", json={"upload": upload})
    assert unread.status_code == 422
