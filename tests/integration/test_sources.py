"""Sources over HTTP: declared one by one, their write keys, what came in from each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.cli_runs import CliRunner, app
from integration.harness import LiveServer
from patron.workspace import Workspace


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("sources") / "workspace") as running:
        yield running


def api(server: LiveServer) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {server.token}"},
        timeout=60, trust_env=False,
    )  # fmt: skip


def send(server: LiveServer, key: str, message_id: str, **fields: Any) -> int:
    body = {"userId": "ann", "event": "Page Viewed", "messageId": message_id, **fields}
    return server.client.post("/v1/track", json=body, auth=(key, "")).status_code


def listed(client: httpx.Client, name: str) -> dict[str, Any]:
    rows = client.get("/sources").json()["data"]
    [found] = [one for one in rows if one["name"] == name]
    return dict(found)


def test_a_source_is_declared_and_sent_to_at_once(server: LiveServer) -> None:
    with api(server) as client:
        made = client.post("/sources", json={"name": "till", "type": "store", "brand": "Lotus"})
        assert made.status_code == 201
        key = made.json()["write_key"]
        assert send(server, key, "t1") == 200
        assert send(server, key, "t1") == 200
        assert send(server, key, "t2", timestamp="3000-01-01") == 200
        found = listed(client, "till")
        assert (found["brand"], found["type"], found["origin"]) == ("Lotus", "store", "api")
        assert found["totals"] == {"accepted": 3, "stored": 1, "duplicate": 1, "quarantined": 1}
        assert found["last_24_hours"] == {"track": 1, "quarantined": 1}
        assert found["last_message_at"] is not None
        assert key not in client.get("/sources").text
        assert [one["ends_with"] for one in found["keys"]] == [key[-4:]]
        documents = client.get("/definitions").json()["data"]
        [own] = [one for one in documents if one["name"] == "till"]
        assert own["body"] == {"type": "store", "brand": "Lotus"}


def test_a_source_that_is_declared_again_keeps_its_key(server: LiveServer) -> None:
    with api(server) as client:
        key = client.post("/sources", json={"name": "app", "type": "app"}).json()["write_key"]
        again = client.put("/sources/app", json={"type": "app", "trust": 3})
        assert (again.status_code, again.json()["write_key"]) == (200, None)
        assert listed(client, "app")["trust"] == 3
        assert send(server, key, "a1") == 200
        wrong = client.put("/sources/a%20b", json={})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "name")


def test_keys_are_rotated_without_losing_a_message(server: LiveServer) -> None:
    with api(server) as client:
        old = client.post("/sources", json={"name": "web2", "type": "web"}).json()["write_key"]
        made = client.post("/sources/web2/keys").json()
        new = made["write_key"]
        assert send(server, old, "w1") == send(server, new, "w2") == 200
        first = listed(client, "web2")["keys"][-1]["key_id"]
        for _ in range(2):  # to say it twice is to say it once
            assert client.delete(f"/sources/web2/keys/{first}").status_code == 200
        assert send(server, old, "w3") == 401
        assert send(server, new, "w4") == 200
        holds = [key["revoked_at"] is None for key in listed(client, "web2")["keys"]]
        assert holds == [True, False]
        assert client.delete(f"/sources/app/keys/{made['key_id']}").status_code == 404
        assert client.post("/sources/nobody/keys").status_code == 404
        assert client.post("/sources/by%20hand/keys").status_code == 404


def test_keys_survive_a_restart(server: LiveServer) -> None:
    with api(server) as client:
        key = client.post("/sources", json={"name": "shop", "type": "web"}).json()["write_key"]
    server.kill()
    server.start()
    assert send(server, key, "s1") == 200


def test_a_source_that_was_removed_takes_no_old_key_when_it_comes_back(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "data")
    web = {"kind": "source", "name": "web", "body": {"type": "web"}}
    with Workspace(tmp_path / "data") as workspace:
        old = workspace.apply([web])["write_keys"]["web"]
        workspace.apply([], prune=True)
        assert workspace.sources()["data"][0]["active"] is False
        new = workspace.apply([web])["write_keys"]["web"]
        assert workspace._sources.of_key(old) is None
        assert workspace._sources.of_key(new) is not None


def test_the_command_line_declares_and_rotates(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Workspace.create(folder)

    def run(*said: str) -> Any:
        done = CliRunner().invoke(app, ["source", *said, "--workspace", str(folder), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert run("add", "crm", "--type", "crm", "--brand", "Orchid")["write_key"]
    key = run("new-key", "crm")
    assert run("revoke-key", "crm", str(key["key_id"]))["name"] == "crm"
    [found] = run("list")["data"]
    assert [one["revoked_at"] is None for one in found["keys"]] == [False, True]
