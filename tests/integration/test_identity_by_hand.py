"""Decisions by hand over the API and on the command line (issue 4, section 4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.cli_runs import answer, patron
from patron.api.app import create_app
from patron.workspace import Workspace

ANN, TABLET = "user_id:ann", "anonymous_id:tablet"
MERGED = [
    {"messageId": "m1", "userId": "ann", "event": "Seen"},
    {"messageId": "m2", "anonymousId": "tablet", "event": "Seen"},
    {"messageId": "m3", "userId": "ann", "anonymousId": "tablet", "event": "Seen"},
]


def fill(folder: Path) -> str:
    """A workspace in which Ann and the tablet are one customer; returns its token."""
    token = Workspace.create(folder)
    with Workspace(folder) as workspace:
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        key = workspace.apply([source])["write_keys"]["web"]
        batch = [{"type": "track", **message} for message in MERGED]
        workspace.collect_batch(json.dumps({"batch": batch}).encode(), key).result()
    return token


class Api:
    """Requests to the app in this process."""

    def __init__(self, workspace: Workspace, token: str) -> None:
        self._app = create_app(workspace)
        self.headers = {"Authorization": f"Bearer {token}"}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            base = "http://patron/api/v1/"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options).json()

    def post(self, path: str, **options: Any) -> Any:
        return self.request("POST", path, **options).json()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    token = fill(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        yield Api(workspace, token)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data")
    return tmp_path / "data"


def profile(api: Api, identifier: str) -> int:
    found: int = api.get(f"profiles/{identifier}")["profile_id"]
    return found


# The API


def test_a_merge_is_undone_made_and_taken_back(api: Api) -> None:
    wanted = {"link": [ANN, TABLET], "reason": "Not hers.", "on_behalf_of": "eve"}
    told = api.post("identity/unmerge", params={"preview": True}, json=wanted)
    assert (told["applied"], told["decision"]["decision_id"]) == (False, None)
    assert [one["events"] for one in told["customers"]] == [2, 1]
    made = api.post("identity/unmerge", json={**wanted, "fingerprint": told["fingerprint"]})
    assert made["decision"]["decision_id"] == 1
    assert made["fingerprint"] == told["fingerprint"]
    assert profile(api, ANN) != profile(api, TABLET)
    assert made["position"] == 4
    [listed] = api.get("identity/decisions", params={"min_position": 4})["data"]
    assert listed == made["decision"]
    assert listed["groups"] == [[ANN], [TABLET]]
    back = api.post("identity/decisions/1/withdraw", json={"reason": "Hers."})
    assert back["decision"]["withdrawn"]["reason"] == "Hers."
    assert profile(api, ANN) == profile(api, TABLET) == 1
    assert api.get("identity/decisions", params={"standing": True})["data"] == []
    again = api.post("identity/merge", json={"identifiers": [ANN, TABLET], "reason": "Yes."})
    assert again["decision"]["kind"] == "same"
    page = api.get("identity/decisions", params={"limit": 1})
    assert [one["decision_id"] for one in page["data"]] == [page["next"]] == [2]
    rest = api.get("identity/decisions", params={"below": page["next"]})
    assert ([one["decision_id"] for one in rest["data"]], rest["next"]) == ([1], None)
    history = api.get(f"profiles/{TABLET}/identity/history")
    assert [entry["kind"] for entry in history["data"]] == [
        "same", "merge", "withdrawn", "split", "apart",
    ]  # fmt: skip
    assert history["data"][4]["made_by"] == "admin"
    assert history["data"][4]["on_behalf_of"] == "eve"


def test_who_decides_is_the_token_and_no_request_says_otherwise(api: Api) -> None:
    wanted = {"identifier": TABLET, "reason": "Shared."}
    refused = api.request("POST", "identity/unmerge", json={**wanted, "made_by": "somebody else"})
    assert (refused.status_code, refused.json()["field"]) == (422, "body.made_by")
    assert api.post("identity/unmerge", json=wanted)["decision"]["made_by"] == "admin"
    [listed] = api.get("identity/decisions")["data"]
    assert (listed["made_by"], listed["on_behalf_of"]) == ("admin", None)


def test_what_came_to_something_else_than_its_preview_is_refused(api: Api) -> None:
    wanted = {"link": [ANN, TABLET], "reason": "Not hers."}
    told = api.post("identity/unmerge", params={"preview": True}, json=wanted)
    api.post("identity/unmerge", json={"identifier": TABLET, "reason": "Shared."})
    late = {**wanted, "fingerprint": told["fingerprint"]}
    answer = api.request("POST", "identity/unmerge", json=late)
    assert answer.status_code == 409
    assert "something else by now than the preview says" in answer.json()["detail"]
    assert len(api.get("identity/decisions")["data"]) == 1
    assert api.get(f"profiles/{ANN}/identity/history")["data"][-1]["kind"] == "apart"


def test_the_other_ways_of_parting_go_over_the_api_too(api: Api) -> None:
    body = {"profile": ANN, "before": "2018-01-01", "reason": "A bad import."}
    answer = api.request("POST", "identity/unmerge", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:patron:problem:conflict")
    made = api.post("identity/unmerge", json={"identifier": TABLET, "reason": "Shared."})
    assert made["decision"]["groups"] == [[TABLET], [ANN]]


def test_a_key_makes_one_decision_also_when_its_answer_is_forgotten(api: Api) -> None:
    wanted = {"link": [ANN, TABLET], "reason": "Not hers."}
    key = {"Idempotency-Key": "k1"}
    first = api.post("identity/unmerge", json=wanted, headers=key)
    again = api.request("POST", "identity/unmerge", json=wanted, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first
    # The answer is kept for a day, the log for ever: the message is known by the key.
    third = api.post("identity/unmerge", json={**wanted, "message_id": "k1"})
    assert (third["repeated"], third["decision"]) == (True, first["decision"])
    assert len(api.get("identity/decisions")["data"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "unmerge", {"reason": "?"}, 422, "Give one of link"),
        ("POST", "unmerge", {"identifier": ANN}, 422, "reason: say why"),
        ("POST", "unmerge", {"link": [ANN], "reason": "?"}, 422, "body.link"),
        ("POST", "unmerge", {"identifier": "ann", "reason": "?"}, 422, "is not an identifier"),
        ("POST", "unmerge", {"identifier": "user_id:eve", "reason": "?"}, 404, "No customer has"),
        ("POST", "unmerge", {"profile": "1", "before": "then", "reason": "?"}, 422, "before: exp"),
        ("POST", "merge", {"identifiers": [ANN, ANN], "reason": "?"}, 422, "are one identifier"),
        ("POST", "decisions/9/withdraw", {"reason": "x"}, 404, "There is no decision 9"),
        ("POST", "decisions/9/withdraw", {}, 422, "reason: say why"),
    ],
)
def test_what_is_wrong_is_said(
    api: Api, method: str, path: str, body: dict[str, Any] | None, status: int, said: str
) -> None:
    problem = api.request(method, f"identity/{path}", json=body)
    assert problem.status_code == status
    assert said in problem.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "identity/unmerge"),
        ("POST", "identity/merge"),
        ("POST", "identity/decisions/1/withdraw"),
        ("GET", "identity/decisions"),
        ("GET", "identity/held-back"),
        ("GET", "identity/merges"),
        ("GET", "profiles/1/identity/history"),
    ],
)
def test_a_token_is_needed(api: Api, method: str, path: str) -> None:
    del api.headers["Authorization"]
    assert api.request(method, path, json=None).status_code == 401


# What is held back


def kiosk(folder: Path) -> None:
    """Eleven people in turn on one device, and twelve on another, but no one of them logged in."""
    with Workspace(folder) as workspace:
        source = {"kind": "source", "name": "app", "body": {"type": "app"}}
        key = workspace.apply([source])["write_keys"]["app"]
        for device, people in (("kiosk", 11), ("till", 12)):
            for number in range(people):
                sent = {
                    "type": "track", "event": "Seen", "anonymousId": device,
                    "messageId": f"{device}-{number}",
                    "timestamp": f"2018-01-01T10:{number:02}:00Z",
                    "context": {"traits": {"email": f"{device}{number}@a.org"}},
                }  # fmt: skip
                workspace.collect_batch(json.dumps({"batch": [sent]}).encode(), key).result()


def test_what_is_held_back_is_told_with_what_was_parted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    token = fill(folder)
    kiosk(folder)
    with Workspace(folder) as workspace:
        api = Api(workspace, token)
        page = api.get("identity/held-back", params={"limit": 1})
        assert page["types"] == {"anonymous_id": 2}
        [found] = page["data"]
        assert found == {
            "identifier": "anonymous_id:till", "type": "anonymous_id",
            "profile_id": profile(api, "anonymous_id:till"), "linked_type": "email", "linked": 12,
            "most": 10, "since": "2018-01-01T10:10:00Z", "parted": 10,
        }  # fmt: skip
        rest = api.get("identity/held-back", params={"cursor": page["next"]})
        assert [one["identifier"] for one in rest["data"]] == ["anonymous_id:kiosk"]
        assert rest["next"] is None
        assert api.get("identity/held-back", params={"type": "email"})["data"] == []
        for wrong in ({"type": "shoe"}, {"cursor": "x"}):
            assert api.request("GET", "identity/held-back", params=wrong).status_code == 422
    shown = patron("identity", "held-back", "-w", folder)
    assert shown.stdout.splitlines()[1].split()[:4] == ["anonymous_id:till", "12", "email", "10"]
    assert "Held back in all: 2 of type anonymous_id." in shown.stdout


def test_a_link_that_was_undone_still_counts_for_what_is_held_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    token = fill(folder)
    kiosk(folder)
    with Workspace(folder) as workspace:
        api = Api(workspace, token)
        before = api.get("status")["profiles"]
        wanted = {"link": ["anonymous_id:kiosk", "email:kiosk3@a.org"], "reason": "Not hers."}
        made = api.post("identity/unmerge", json=wanted)
        assert api.get("status")["profiles"] == before
        kept = [one["held_back"] for one in made["customers"]]
        assert ["anonymous_id:kiosk"] in kept
        assert api.get("identity/held-back")["types"] == {"anonymous_id": 2}


# The command line


def test_a_preview_needs_no_reason_and_a_decision_does(folder: Path) -> None:
    parted = ("identity", "unmerge", "--link", ANN, TABLET, "-w", folder)
    shown = answer(*parted, "--preview")
    assert not shown["applied"]
    assert len(shown["customers"]) == 2
    refused = patron(*parted, "--yes")
    assert refused.exit_code == 1
    assert "--reason is missing" in refused.output
    told = ("--yes", "--reason", "Not hers.", "--as-previewed", shown["fingerprint"])
    done = answer(*parted, *told)
    assert (done["applied"], done["decision"]["reason"]) == (True, "Not hers.")


def test_the_command_line_shows_asks_and_decides(folder: Path) -> None:
    words = ("--link", ANN, TABLET, "--reason", "Not hers.", "-w", folder)
    shown = patron("identity", "unmerge", *words, "--preview")
    assert shown.exit_code == 0, shown.output
    assert "1 customer before, 2 customers after." in shown.stdout
    refused = patron("identity", "unmerge", *words)
    assert refused.exit_code == 1
    assert "Nothing was changed: there is no terminal to ask on." in refused.output
    done = patron("identity", "unmerge", *words, "--yes", "--by", "eve")
    assert done.exit_code == 0, done.output
    assert "Done: decision 1." in done.stdout
    again = patron("identity", "unmerge", *words, "--preview")
    assert "This changes nobody now; it holds for what comes." in again.stdout
    listed = patron("identity", "decisions", "-w", folder)
    assert "kept apart" in listed.stdout
    assert "Not hers." in listed.stdout
    told = patron("identity", "history", TABLET, "-w", folder)
    assert "kept apart (decision 1, by admin for eve): Not hers." in told.stdout
    back = answer("identity", "withdraw", "1", "--reason", "Hers.", "--yes", "-w", folder)
    assert back["decision"]["withdrawn"]["reason"] == "Hers."
    joined = answer("identity", "merge", ANN, TABLET, "-r", "She called.", "--yes", "-w", folder)
    assert joined["customers"][0]["identifiers"] == [ANN, TABLET]
    history = answer("identity", "history", ANN, "-w", folder)
    assert len(history["data"]) == 5


def test_a_customer_without_a_history_has_none(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        source = {"kind": "source", "name": "app", "body": {}}
        key = workspace.apply([source])["write_keys"]["app"]
        body = json.dumps({"type": "track", "event": "Seen", "userId": "bob"}).encode()
        workspace.collect_one(body, "track", key).result()
    told = patron("identity", "history", "user_id:bob", "-w", tmp_path / "data")
    assert "Nothing was ever merged, split or decided." in told.stdout


# The newest merges


def part_and_join(api: Api) -> int:
    """Ann and the tablet part by decision 1, which is then taken back; returns the position."""
    api.post("identity/unmerge", json={"link": [ANN, TABLET], "reason": "Not hers."})
    back = api.post("identity/decisions/1/withdraw", json={"reason": "Hers."})
    position: int = back["position"]
    return position


def test_the_newest_merges_are_listed_with_whom_they_concern_today(api: Api) -> None:
    position = part_and_join(api)
    page = api.get("identity/merges", params={"limit": 1, "min_position": position})
    [merged] = page["data"]
    assert (merged["merge_id"], merged["kind"]) == (page["next"], "merge") == (2, "merge")
    assert "nothing stands against it any more" in merged["reason"]
    assert merged["customers"] == [{"profile_id": 1, "identifier": ANN}]
    rest = api.get("identity/merges", params={"below": page["next"]})
    [split] = rest["data"]
    assert (split["kind"], split["decision_id"], split["made_by"]) == ("split", 1, "admin")
    assert (sorted(split["link"]), split["profiles"]) == (sorted([ANN, TABLET]), [1, 2])
    assert split["customers"] == merged["customers"]
    assert rest["next"] is None
    assert api.get("identity/merges", params={"kind": "split"})["data"] == [split]

    again = api.post("identity/unmerge", json={"identifier": TABLET, "reason": "Shared."})
    both = [{"profile_id": 1, "identifier": ANN}, {"profile_id": 2, "identifier": TABLET}]
    after = api.get("identity/merges", params={"min_position": again["position"]})["data"]
    assert [one["customers"] for one in after] == [both, both, both]


def test_merges_are_listed_on_the_command_line(api: Api, tmp_path: Path) -> None:
    part_and_join(api)
    told = patron("identity", "merges", "--limit", "1", "-w", tmp_path / "data")
    assert told.stdout.splitlines()[1].split()[:2] == ["2", "merge"]
    assert "--below 2" in told.stdout
    listed = answer("identity", "merges", "--kind", "split", "-w", tmp_path / "data")["data"]
    assert [one["merge_id"] for one in listed] == [1]
