"""Secrets that an answer holds are told once: the folder keeps none, whatever was sent with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from patron.api.app import create_app
from patron.workspace import Workspace

PASSWORD = "four unrelated words do well"
SECRET = {"write_key", "write_keys", "token", "code", "csrf_token"}
SOURCE = {"documents": [{"kind": "source", "name": "web", "body": {"type": "web"}}]}


def ask(app: FastAPI, route: str, path: str, headers: dict[str, str], body: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(
                route.partition(" ")[0], f"/api/v1{path}", json=body,
                headers={"Idempotency-Key": f"key of {route}", **headers},
            )  # fmt: skip

    return anyio.run(asked)


def routes_that_tell(app: FastAPI) -> set[str]:
    """Every route that changes something and whose answer has a field for a secret."""
    document = app.openapi()
    schemas = document["components"]["schemas"]

    def tells(schema: dict[str, Any]) -> bool:
        named = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
        fields = named.get("properties", {})
        return any(
            name in SECRET or tells(field) for name, field in fields.items() if name != "person"
        )

    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/api/v1") and method != "get"
        for content in operation["responses"]
        .get("200", operation["responses"].get("201", {}))
        .get("content", {})
        .values()
        if tells(content["schema"])
    }


def strings(value: Any, key: str = "") -> list[str]:
    """The secrets in an answer."""
    if isinstance(value, dict):
        return [
            one
            for name, inner in value.items()
            for one in strings(inner, name if key not in SECRET else key)
        ]
    return [value] if isinstance(value, str) and key in SECRET else []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_no_secret_of_an_answer_stays_in_the_folder(folder: Path) -> None:
    admin = {"Authorization": f"Bearer {Workspace.create(folder)}"}
    told: dict[str, list[str]] = {}
    with Workspace(folder) as workspace:
        app = create_app(workspace)

        def tell(route: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
            answer = ask(app, route, path, headers or admin, body)
            assert answer.is_success, (route, answer.text)
            told[route] = strings(answer.json())
            assert told[route], route
            return answer

        ann = {"email": "ann@example.com", "name": "Ann", "role": "admin"}
        tell("POST /people", "/people", ann)
        again = tell("POST /people/{person_id}/invitation", "/people/1/invitation").json()
        code = again["invitation"]["code"]
        tell("POST /invitation", "/invitation", {"code": code, "password": PASSWORD})
        signed = tell("POST /session", "/session", {"email": ann["email"], "password": PASSWORD})
        own = {
            "Cookie": f"patron_session={signed.cookies['patron_session']}",
            "X-CSRF-Token": signed.json()["csrf_token"],
            "Sec-Fetch-Site": "same-origin",
        }
        tell("PATCH /session", "/session", {"theme": "dark"}, **own)
        chosen = {"old_password": PASSWORD, "new_password": f"{PASSWORD} again"}
        tell("POST /session/password", "/session/password", chosen, **own)
        tell("POST /tokens", "/tokens", {"name": "crm", "role": "support"})
        tell("POST /tokens/{name}/replace", "/tokens/crm/replace")
        tell("POST /definitions/apply", "/definitions/apply", SOURCE)
        tell("POST /sources", "/sources", {"name": "till"})
        tell("PUT /sources/{name}", "/sources/app", {"type": "app"})
        tell("POST /sources/{name}/keys", "/sources/till/keys")
        # Another answer is kept, and is found below: whoever looks finds what is there.
        plain = ask(app, "POST /segments/parse", "/segments/parse", admin, {"rule": "age > 4711"})
        assert plain.is_success
        plans = {"POST /definitions/plan"}  # has the field, and never anything in it
        assert routes_that_tell(app) - plans == set(told)
    kept = b"".join(
        file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "admin-token"
    )
    assert plain.content in kept
    found = [route for route, words in told.items() for word in words if word.encode() in kept]
    assert found == []
