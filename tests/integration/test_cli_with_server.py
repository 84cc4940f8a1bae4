"""Commands while a server has the folder, and how that server ends; issue 2, point 9."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from integration.cli_runs import AS_OF, ORDERS, Server, answer, patron, served, write_files


def make(base: Path) -> tuple[Path, str]:
    """A workspace with orders, and the write key of its source ``web``."""
    folder = base / "data"
    key = answer("init", folder)["write_key"]
    write_files(folder / "definitions")
    (base / "orders.csv").write_text(ORDERS, encoding="utf-8")
    answer("apply", "--yes", "-w", folder)
    return folder, key


@dataclass
class Running:
    """A workspace, its server, and the write key of its source ``web``."""

    folder: Path
    key: str
    server: Server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests that leave it as it is."""
    folder, key = make(tmp_path_factory.mktemp("running"))
    with served(folder) as server:
        yield Running(folder, key, server)


def sender(server: Server, key: str) -> httpx.Client:
    """Sends to the collection routes."""
    return httpx.Client(base_url=server.url, auth=(key, ""), trust_env=False)


def event(number: int) -> dict[str, str]:
    return {"userId": f"user-{number}", "event": "Viewed", "messageId": f"m-{number}"}


def settled(value: Any) -> Any:
    """An answer without what differs between two moments or two ways of asking."""
    passing = {"as_of", "milliseconds", "server", "live"}
    if isinstance(value, dict):
        return {name: settled(item) for name, item in value.items() if name not in passing}
    return [settled(item) for item in value] if isinstance(value, list) else value


def test_answers_are_the_same_with_and_without_a_server(tmp_path: Path) -> None:
    folder, _ = make(tmp_path)
    at = ("--as-of", AS_OF)
    commands: list[tuple[str, ...]] = [
        ("status",),
        ("profile", "email:ann@example.com", "--timeline", "--orders", "--segments", *at),
        ("segment", "list", *at),
        ("segment", "show", "buyers", *at),
        ("segment", "members", "buyers", *at),
        ("segment", "preview", 'did "Order Completed" in the last 300 days', *at),
        ("quarantine", "list"),
        ("plan",),
        ("sql", "select count(*) as n from customer_events"),
    ]
    with served(folder) as server:
        assert answer("status", "-w", folder)["server"] == server.url
        imported = answer("import", "orders", tmp_path, "-w", folder)
        assert (imported["stored"], imported["quarantined"]) == (3, 1)
        through = [settled(answer(*command, "-w", folder)) for command in commands]
        exported = patron("segment", "export", "buyers", *at, "-w", folder).stdout
        assert server.end() == 0
    assert [settled(answer(*command, "-w", folder)) for command in commands] == through
    assert patron("segment", "export", "buyers", *at, "-w", folder).stdout == exported


def test_what_was_sent_is_seen(running: Running) -> None:
    with sender(running.server, running.key) as client:
        assert client.post("/v1/track", json=event(7)).status_code == 200
    found = answer("profile", "user_id:user-7", "--timeline", "-w", running.folder)
    assert [e["name"] for e in found["timeline"]] == ["Viewed"]


def test_a_refused_message_can_be_sent_through_again(running: Running) -> None:
    nameless = {"userId": "ann", "messageId": "nameless"}
    with sender(running.server, running.key) as client:
        assert client.post("/v1/track", json=nameless).status_code == 200
    (refused,) = answer("quarantine", "list", "--source", "web", "-w", running.folder)["data"]
    assert refused["field"] == "event"
    for chosen in ("--all", str(refused["quarantine_id"])):
        replayed = answer("quarantine", "replay", chosen, "-w", running.folder)
        assert (replayed["stored"], replayed["quarantined"]) == (0, 1)


def test_doctor_names_the_server(running: Running) -> None:
    checks = {c["check"]: c for c in answer("doctor", "-w", running.folder)["checks"]}
    assert checks["server"]["state"] == "ok"
    assert running.server.url in checks["server"]["detail"]


def test_a_wrong_token_is_refused(running: Running, tmp_path: Path) -> None:
    shutil.copy(running.folder / "server.json", tmp_path)
    (tmp_path / "patron.duckdb").touch()
    (tmp_path / "admin-token").write_text("another")
    result = patron("status", "-w", tmp_path)
    assert result.exit_code == 1
    assert result.stderr == "Error: The token is not known here.\n"


def test_a_second_server_is_refused_in_plain_words(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def began(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a second server began")

    monkeypatch.setattr("uvicorn.Server.run", began)
    same_folder = patron("serve", running.folder, "--port", "0")
    assert (same_folder.exit_code, same_folder.stdout) == (1, "")
    assert "Another process has" in same_folder.stderr
    answer("init", tmp_path / "other")
    port = running.server.url.rpartition(":")[2]
    same_port = patron("serve", tmp_path / "other", "--port", port)
    assert (same_port.exit_code, same_port.stdout) == (1, "")
    assert f"Port {port} of 127.0.0.1 cannot be used" in same_port.stderr
    assert "--port" in same_port.stderr
    assert answer("status", "-w", running.folder)["server"] == running.server.url


def test_a_folder_that_another_process_holds_without_serving(running: Running) -> None:
    notice = running.folder / "server.json"
    hidden = notice.rename(running.folder / "hidden.json")
    try:
        result = patron("status", "-w", running.folder)
    finally:
        hidden.rename(notice)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Another process has" in result.stderr


def test_a_server_that_is_told_to_end_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    folder, key = make(tmp_path)
    enough = Event()

    def keep_sending(first: int) -> list[str]:
        acknowledged = []
        with sender(server, key) as client:
            for number in range(first, first + 10_000):
                try:
                    answered = client.post("/v1/track", json=event(number))
                except httpx.TransportError:
                    break
                if answered.status_code == 200:
                    acknowledged.append(f"m-{number}")
                if len(acknowledged) >= 20:
                    enough.set()
        return acknowledged

    with served(folder) as server, ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(keep_sending, 10_000 * n) for n in range(4)]
        assert enough.wait(timeout=60)
        assert server.end() == 0
        acknowledged = {message for client in clients for message in client.result()}
    stored = answer("sql", "select message_id from messages", "--limit", "100000", "-w", folder)
    assert len(acknowledged) >= 20
    assert acknowledged <= {row[0] for row in stored["rows"]}
    assert not (folder / "server.json").exists()


def test_a_server_that_was_killed_is_not_believed(tmp_path: Path) -> None:
    folder, _ = make(tmp_path)
    with served(folder) as server:
        server.end(signal.SIGKILL)
    left = json.loads((folder / "server.json").read_text())
    assert left["url"] == server.url
    assert answer("status", "-w", folder)["server"] is None
    checks = {c["check"]: c for c in answer("doctor", "-w", folder)["checks"]}
    assert checks["server"]["state"] == "warn"
    with served(folder) as following:
        assert answer("status", "-w", folder)["server"] == following.url
        assert following.end(signal.SIGINT) == 0
    assert not (folder / "server.json").exists()
