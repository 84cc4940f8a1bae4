"""What the pages of settings are made of: roles, the workspace, the record as a file, tokens."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.test_api_promises import Api
from patron.access.roles import GRANTS
from patron.workspace import Workspace

RATES = {
    "kind": "exchange_rates", "name": "eur",
    "body": {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": 0.85}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("settings") / "data"
    token = Workspace.create(folder, name="shops")
    (folder / "patron.toml").write_text('time_zone = "Europe/Warsaw"\n')
    with Workspace(folder) as workspace:
        documents = [
            {"kind": "source", "name": "web", "body": {"type": "web", "brand": "Lotus"}},
            {"kind": "source", "name": "till", "body": {"type": "store", "brand": "Lotus"}},
            RATES,
        ]
        key = workspace.apply(documents)["write_keys"]["web"]
        yield Api(workspace, token, key)


def test_what_each_role_may_do(api: Api) -> None:
    answer = api("GET", "/api/v1/roles").json()
    assert {one["role"]: set(one["permissions"]) for one in answer["data"]} == dict(GRANTS)
    assert len(answer["permissions"]) == 14
    assert api("GET", "/api/v1/session").json()["time_zone"] == "Europe/Warsaw"


def test_the_workspace_says_its_zone_brands_and_currencies(api: Api) -> None:
    sent = {"event": "Order Completed", "userId": "ann", "messageId": "m1",
            "properties": {"order_id": "1", "revenue": 5, "currency": "USD"}}  # fmt: skip
    position = api("POST", f"/v1/track?writeKey={api.key}", json=sent,
                   headers={"Authorization": ""}).headers["Patron-Position"]  # fmt: skip
    found = api("GET", f"/api/v1/workspace?min_position={position}").json()
    assert (found["name"], found["time_zone"]) == ("shops", "Europe/Warsaw")
    assert found["brands"] == [{"name": "Lotus", "sources": ["till", "web"], "currencies": ["USD"]}]
    assert found["conversions"] == [{"currency": "EUR", "of": ["USD"]}]


def test_the_record_is_taken_away_as_a_file_and_that_is_recorded(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patron.api.audit.AT_ONCE", 2)  # several pages make one file
    for name in ("a", "b", "c"):
        api("POST", "/api/v1/tokens", json={"name": name, "role": "support"})
    answer = api("GET", "/api/v1/audit/export?action=POST /tokens")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["named"] for row in rows] == [
        f'{{"name":"{name}","role":"support"}}' for name in ("c", "b", "a")
    ]
    [newest] = api("GET", "/api/v1/audit?limit=1").json()["data"]
    assert newest["action"] == "GET /audit/export"


def test_the_admin_token_is_replaced_while_the_server_runs(tmp_path: Path) -> None:
    old = Workspace.create(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        api = Api(workspace, old, "")
        made = api("POST", "/api/v1/tokens/admin/replace")
        assert made.headers["Cache-Control"] == "no-store"
        assert api("GET", "/api/v1/status").status_code == 401
        new = (tmp_path / "data/admin-token").read_text().strip()
        assert new == made.json()["token"] != old
        assert Api(workspace, new, "")("GET", "/api/v1/status").status_code == 200
