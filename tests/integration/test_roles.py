"""Every route, asked by everybody: the API checks the role, whatever a page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from integration.harness import make_workspace
from patron.access.roles import GRANTS, PERMISSIONS, ROLES, Role
from patron.api import app as application
from patron.api.app import create_app
from patron.api.permissions import ANYONE, ONESELF, ROUTES, needed
from patron.workspace import Workspace

PASSWORD = "four unrelated words do well"
SILENT = "/stream"
"""So end the paths of answers that end only when their reader goes: asked by those who may not."""


def routes() -> list[tuple[str, str]]:
    """Method and path of every route under /api/v1, as the app is put together."""
    return sorted(
        (method, route.path_format)
        for noun in application.NOUNS
        for route in noun.router.routes
        for method in route.methods
    )


class Asker:
    """Asks an app in this process as one person or token does."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self.app = app
        self.headers = headers

    def ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            # A defect of a route is none of this test's business: 500 is not 403.
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(
                    method, f"/api/v1{path}", headers=self.headers, **arguments
                )

        return anyio.run(asked)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, Workspace]]:
    folder: Path = tmp_path_factory.mktemp("roles") / "workspace"
    make_workspace(folder)
    with Workspace(folder) as workspace:
        yield create_app(workspace), workspace


@pytest.fixture(scope="module")
def people(served: tuple[FastAPI, Workspace]) -> dict[Role, Asker]:
    """Somebody of each role, signed in."""
    app, workspace = served
    found = {}
    for role in ROLES:
        _, code = workspace.accounts.people.add(f"{role}@example.com", role, role)
        began = Asker(app, {}).ask("POST", "/invitation", json={"code": code, "password": PASSWORD})
        cookie = began.cookies["patron_session"]
        found[role] = Asker(
            app,
            {
                "Cookie": f"patron_session={cookie}",
                "X-CSRF-Token": began.json()["csrf_token"],
                "Sec-Fetch-Site": "same-origin",
            },
        )
    return found


@pytest.fixture(scope="module")
def programs(served: tuple[FastAPI, Workspace]) -> dict[Role, Asker]:
    """A token of each role."""
    app, workspace = served
    made = {
        role: workspace.accounts.tokens.add(f"of-{role}", role, made_by="test")[1] for role in ROLES
    }
    return {role: Asker(app, {"Authorization": f"Bearer {made[role]}"}) for role in ROLES}


def test_every_route_says_what_it_needs_and_nothing_else_is_listed() -> None:
    declared = [route for listed in ROUTES.values() for route in listed]
    assert sorted(declared) == sorted(f"{method} {path}" for method, path in routes())
    assert len(set(declared)) == len(declared)


def test_every_permission_is_held_by_somebody_and_asked_for_by_some_route() -> None:
    assert set(PERMISSIONS) == set(ROUTES) - {ANYONE, ONESELF}
    assert set().union(*GRANTS.values()) == set(PERMISSIONS)


def _path(path: str) -> str:
    return re.sub(r"\{(person_id|review_id|decision_id)\}", "999", re.sub(
        r"\{(?!person_id|review_id|decision_id)\w+\}", "none", path))  # fmt: skip


def _ask(asker: Asker, method: str, path: str) -> httpx.Response:
    # A body that no route takes: whoever may ask is told so, and nothing is changed.
    body = None if method in {"GET", "DELETE"} else {"json": []}
    return asker.ask(method, _path(path), **(body or {}))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("who", ["people", "programs"])
def test_every_route_opens_to_those_who_may_and_to_nobody_else(
    role: Role, who: str, request: pytest.FixtureRequest
) -> None:
    asker = request.getfixturevalue(who)[role]
    wrong = []
    for method, path in routes():
        route = f"{method} {path}"
        permission = needed(route)
        may = permission in {ANYONE, ONESELF} or permission in GRANTS[role]
        if (may and route.endswith(SILENT)) or route == "DELETE /session":
            continue
        status = _ask(asker, method, path).status_code
        if (status == 403) == may or status in {401, 500}:
            wrong.append(f"{route}: {status}, and {role} {'may' if may else 'may not'}")
    assert not wrong


def test_values_that_say_who_people_are_need_a_permission(programs: dict[Role, Asker]) -> None:
    for role, asker in programs.items():
        asked = {"of": "trait", "name": "email"}
        answer = asker.ask("GET", "/vocabulary/values", params=asked).json()
        assert answer["withheld"] == ("profiles:export" not in GRANTS[role]), role
        other = asker.ask("GET", "/vocabulary/values", params={**asked, "name": "city"}).json()
        assert not other["withheld"]


def test_nobody_known_gets_nowhere(served: tuple[FastAPI, Workspace]) -> None:
    app, _ = served
    for headers in (
        {},
        {"Authorization": "Bearer guessed"},
        {"Authorization": "Basic Z3Vlc3NlZDo="},
        {"Cookie": "patron_session=guessed"},
    ):
        asker = Asker(app, headers)
        for method, path in routes():
            if needed(f"{method} {path}") != ANYONE:
                assert _ask(asker, method, path).status_code == 401, (method, path)


def test_a_route_that_nobody_declared_is_refused_to_all(
    served: tuple[FastAPI, Workspace], people: dict[Role, Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    from patron.api import permissions

    assert people["admin"].ask("GET", "/status").status_code == 200
    monkeypatch.delitem(permissions._NEEDED, "GET /status")
    refused = people["admin"].ask("GET", "/status")
    assert refused.status_code == 403
