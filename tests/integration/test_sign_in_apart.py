"""Passwords take long to look at, on purpose; nobody else waits for that."""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import httpx
import pytest

from integration.harness import make_workspace
from patron.access import passwords
from patron.api.app import create_app
from patron.api.session import AT_ONCE
from patron.workspace import Workspace


def test_others_are_answered_while_passwords_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = threading.Semaphore(0)
    go_on = threading.Event()
    together, most = 0, 0
    lock = threading.Lock()

    def slowly(_password: str, _kept: str | None) -> bool:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        looked_at.release()
        assert go_on.wait(60)
        with lock:
            together -= 1
        return False

    monkeypatch.setattr(passwords, "fits", slowly)
    token = make_workspace(tmp_path / "workspace")

    async def main(app: object) -> list[int]:
        found: list[int] = []
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:

            async def sign_in(number: int) -> None:
                body = {"email": f"{number}@example.com", "password": "x"}
                found.append((await client.post("/api/v1/session", json=body)).status_code)

            async with anyio.create_task_group() as tasks:
                for number in range(60):  # more than there are threads for routes
                    tasks.start_soon(sign_in, number)
                await anyio.to_thread.run_sync(looked_at.acquire)
                for _ in range(5):
                    answer = await client.get(
                        "/api/v1/status", headers={"Authorization": f"Bearer {token}"}
                    )
                    assert answer.status_code == 200
                assert not found
                go_on.set()
        return found

    with Workspace(tmp_path / "workspace") as workspace:
        found = anyio.run(main, create_app(workspace))
    assert most <= AT_ONCE
    assert set(found) <= {401, 429}
    assert len(found) == 60
