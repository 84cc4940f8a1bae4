"""Commands while a server has the folder, and how that server ends; issue 2, point 9."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from integration.cli_runs import AS_OF, ORDERS, answer, patron, served, write_files


def make(base: Path) -> tuple[Path, str]:
    """A workspace with orders, and the write key of its source ``web``."""
    folder = base / "data"
    key = answer("init", folder)["write_key"]
    write_files(folder / "definitions")
    (base / "orders.csv").write_text(ORDERS, encoding="utf-8")
    answer("apply", "--yes", "-w", folder)
    return folder, key


def send(url: str, key: str, number: int) -> httpx.Response:
    """Send one event over HTTP."""
    message = {"userId": f"user-{number}", "event": "Viewed", "messageId": f"m-{number}"}
    return httpx.post(f"{url}/v1/track", json=message, auth=(key, ""), trust_env=False)


def settled(value: Any) -> Any:
    """An answer without what differs between two moments or two ways of asking."""
    passing = {"as_of", "milliseconds", "server"}
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


def test_what_was_sent_is_seen(tmp_path: Path) -> None:
    folder, key = make(tmp_path)
    with served(folder) as server:
        assert send(server.url, key, 7).status_code == 200
        found = answer("profile", "user_id:user-7", "--timeline", "-w", folder)
        assert [event["name"] for event in found["timeline"]] == ["Viewed"]
        checks = answer("doctor", "-w", folder)["checks"]
        assert server.url in next(c["detail"] for c in checks if c["check"] == "server")


def test_a_server_that_is_told_to_end_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    folder, key = make(tmp_path)
    enough = Event()

    def keep_sending(first: int) -> list[str]:
        acknowledged = []
        for number in range(first, first + 10_000):
            try:
                answered = send(server.url, key, number)
            except httpx.TransportError:
                return acknowledged
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
    with served(folder) as next_server:
        assert answer("status", "-w", folder)["server"] == next_server.url
    assert not (folder / "server.json").exists()


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    folder, _ = make(tmp_path)
    with served(folder) as server:
        assert server.end(signal.SIGINT) == 0
    assert answer("status", "-w", folder)["server"] is None


def second(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "patron.cli", "serve", "-w", str(folder), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_second_server_is_refused_in_plain_words(tmp_path: Path) -> None:
    folder, _ = make(tmp_path)
    with served(folder) as server:
        same_folder = second(folder, 0)
        assert same_folder.returncode == 1
        assert "Another process has" in same_folder.stderr
        assert "Traceback" not in same_folder.stderr
        answer("init", tmp_path / "other")
        same_port = second(tmp_path / "other", int(server.url.rpartition(":")[2]))
        assert same_port.returncode == 1
        assert "cannot be used" in same_port.stderr
        assert "--port" in same_port.stderr
        assert answer("status", "-w", folder)["server"] == server.url


def test_a_folder_that_another_process_holds_without_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = make(tmp_path)
    with served(folder):
        (folder / "server.json").unlink()
        result = patron("status", "-w", folder)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Another process has" in result.stderr
