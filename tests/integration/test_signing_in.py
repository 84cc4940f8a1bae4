"""Signing in on a real server: cookies, writes that other sites forge, and what ends a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integration.harness import KEY, LiveServer

PASSWORD = "four unrelated words do well"
RULE = 'did "Product Viewed"'
HOME = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Somebody in front of a page of ours: keeps cookies, and says where requests come from."""

    def __init__(self, server: LiveServer, **headers: str) -> None:
        self.http = httpx.Client(
            base_url=f"{server.url}/api/v1", headers=HOME | headers, trust_env=False, timeout=30
        )

    def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.http.post("/session", json={"email": email, "password": password})
        self._take(answer)
        return answer

    def accept(self, code: str) -> httpx.Response:
        answer = self.http.post("/invitation", json={"code": code, "password": PASSWORD})
        self._take(answer)
        return answer

    def _take(self, answer: httpx.Response) -> None:
        if answer.is_success:
            self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def status(self, method: str, path: str, **arguments: Any) -> int:
        return self.http.request(method, path, **arguments).status_code


def joined(server: LiveServer, email: str, role: str) -> Browser:
    """Somebody who was invited and chose a password."""
    made = server.ask("POST", "people", json={"email": email, "name": "Ann", "role": role})
    browser = Browser(server)
    assert browser.accept(made["invitation"]["code"]).status_code == 200
    return browser


def number_of(server: LiveServer, email: str) -> int:
    found: int = next(p["person_id"] for p in server.get("people")["data"] if p["email"] == email)
    return found


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("signing") / "workspace") as running:
        body = {"anonymousId": "visitor", "event": "Product Viewed"}
        running.client.post("/v1/track", json=body, auth=(KEY, "")).raise_for_status()
        yield running


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(live: LiveServer) -> None:
    joined(live, "ann@example.com", "marketer")
    plain = Browser(live).sign_in("ann@example.com")
    kept = plain.headers["set-cookie"]
    assert {part.strip().lower() for part in kept.split(";")[1:]} >= {
        "httponly", "samesite=lax", "path=/",
    }  # fmt: skip
    assert "secure" not in kept.lower()
    assert plain.headers["cache-control"] == "no-store"
    assert plain.json()["person"] == {
        "email": "ann@example.com", "name": "Ann", "role": "marketer", "language": "en",
        "theme": "auto",
    }  # fmt: skip
    over_https = Browser(live, **{"X-Forwarded-Proto": "https"}).sign_in("ann@example.com")
    assert "secure" in over_https.headers["set-cookie"].lower()
    assert over_https.cookies["patron_session"] != plain.cookies["patron_session"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-CSRF-Token": ""}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
    ],
)
def test_a_write_with_a_cookie_comes_from_a_page_of_ours(
    live: LiveServer, headers: dict[str, str], status: int
) -> None:
    browser = joined(live, f"forged-{status}-{hash(str(headers))}@example.com", "marketer")
    assert browser.status("PATCH", "/session", json={"theme": "dark"}, headers=headers) == status
    assert browser.status("GET", "/session", headers=headers) == 200


def test_browsers_that_tell_only_an_origin_are_believed(live: LiveServer) -> None:
    browser = joined(live, "old-browser@example.com", "marketer")
    del browser.http.headers["Sec-Fetch-Site"]

    def status(**headers: str) -> int:
        return browser.status("PATCH", "/session", json={"theme": "dark"}, headers=headers)

    assert status(Origin=live.url) == 200
    assert status(Origin="https://evil.example") == 403
    assert status(Origin="null") == 403
    assert status() == 403


def test_another_site_signs_nobody_in(live: LiveServer) -> None:
    joined(live, "login@example.com", "marketer")
    credentials = {"email": "login@example.com", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = httpx.post(
            f"{live.url}/api/v1/session",
            json=credentials,
            headers=headers,
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_token_needs_no_page_and_the_csrf_token_of_one_session_is_no_use_in_another(
    live: LiveServer,
) -> None:
    made = live.ask("POST", "tokens", json={"name": "crm", "role": "marketer"})
    bearer = {"Authorization": f"Bearer {made['token']}", "Sec-Fetch-Site": "cross-site"}
    rule = {"rule": RULE}
    url = f"{live.url}/api/v1/segments/by-token"
    answer = httpx.put(url, json=rule, headers=bearer, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    ann, ben = joined(live, "a@example.com", "marketer"), joined(live, "b@example.com", "marketer")
    ann.http.headers["X-CSRF-Token"] = ben.http.headers["X-CSRF-Token"]
    assert ann.status("PATCH", "/session", json={"theme": "dark"}) == 403
    live.ask("DELETE", "tokens/crm")
    assert httpx.get(url, headers=bearer, trust_env=False, timeout=30).status_code == 401


def test_sessions_outlive_the_server_and_end_when_they_should(live: LiveServer) -> None:
    browser = joined(live, "stays@example.com", "marketer")
    other = Browser(live)
    other.sign_in("stays@example.com")
    live.kill()
    live.restart()
    assert browser.status("GET", "/status") == other.status("GET", "/status") == 200
    assert browser.status("DELETE", "/session") == 204
    assert browser.status("GET", "/status") == 401
    changed = other.http.post(
        "/session/password",
        json={"old_password": PASSWORD, "new_password": "five quite unrelated words"},
    )
    assert changed.status_code == 200
    other.http.headers["X-CSRF-Token"] = changed.json()["csrf_token"]
    assert other.status("PATCH", "/session", json={"language": "th"}) == 200
    assert other.sign_in("stays@example.com").status_code == 401


def test_who_is_deactivated_is_out_mid_session_also_out_of_streams(live: LiveServer) -> None:
    browser = joined(live, "leaves@example.com", "marketer")
    number = number_of(live, "leaves@example.com")

    def send(event: str) -> None:
        body = {"anonymousId": "visitor", "event": event}
        live.client.post("/v1/track", json=body, auth=(KEY, "")).raise_for_status()

    with browser.http.stream("GET", "/profiles/changes/stream") as stream:
        lines = stream.iter_lines()
        send("Before")
        while '"Before"' not in next(lines):
            pass
        live.ask("PATCH", f"people/{number}", json={"active": False})
        send("After")
        assert next((line for line in lines if '"After"' in line), "it ended") == "it ended"
    assert browser.status("GET", "/session") == 401
    assert browser.sign_in("leaves@example.com").status_code == 401


def test_a_repeated_write_is_answered_from_memory_only_to_whom_it_was_made_for(
    live: LiveServer,
) -> None:
    made = live.ask("POST", "tokens", json={"name": "repeats", "role": "marketer"})
    bearer = {"Authorization": f"Bearer {made['token']}", "Idempotency-Key": "repeated-1"}

    def put(**headers: str) -> httpx.Response:
        return httpx.put(
            f"{live.url}/api/v1/segments/repeated",
            json={"rule": RULE},
            headers=bearer | headers,
            trust_env=False,
            timeout=30,
        )

    assert put().status_code == 200
    assert put().headers["idempotency-replayed"] == "true"
    assert put(Authorization=f"Bearer {live.token}").status_code == 422
    live.ask("DELETE", "tokens/repeats")
    assert put().status_code == 401


def test_answers_with_secrets_are_not_kept(live: LiveServer) -> None:
    headers = {"Authorization": f"Bearer {live.token}", "Idempotency-Key": "secret-1"}
    body = {"name": "secret", "role": "analyst"}
    url = f"{live.url}/api/v1/tokens"
    first = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=30)
    again = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=30)
    assert (first.status_code, again.status_code) == (201, 409)
    live.stop()
    kept = (
        b"".join(file.read_bytes() for file in live.folder.rglob("*") if file.is_file())
        + live.log.read_bytes()
    )
    live.restart()
    assert first.json()["token"].encode() not in kept
    assert PASSWORD.encode() not in kept


def test_many_failures_are_answered_with_a_wait(live: LiveServer) -> None:
    browser = Browser(live, **{"X-Forwarded-For": "198.51.100.9"})
    answers = [browser.sign_in("locked@example.com", "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    problem = answers[-1].json()
    assert problem["type"] == "urn:patron:problem:locked"
    assert problem["detail"].startswith("Too many sign-ins failed. Try again in ")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30
    # Nobody else is kept waiting.
    joined(live, "other@example.com", "support")


def test_the_record_names_what_was_done_and_nothing_of_customers(live: LiveServer) -> None:
    browser = joined(live, "records@example.com", "support")
    person = "eve.customer@example.org"
    body = {"traits": {"email": person}, "userId": "eve"}
    live.client.post("/v1/identify", json=body, auth=(KEY, "")).raise_for_status()
    number = live.get("profiles/user_id:eve")["profile_id"]
    note = {"text": "Asked for a blue dress."}
    assert browser.status("POST", f"/profiles/email:{person}/notes", json=note) == 201
    assert browser.status("POST", "/sql", json={"query": "select 'secret'"}) == 403
    assert browser.status("GET", f"/profiles/email:{person}") == 200
    live.ask("POST", "sql", json={"query": f"select '{person}'"})
    live.ask("POST", "definitions/apply", json={"documents": [
        {"kind": "segment", "name": "seen", "body": {"rule": RULE}}]})  # fmt: skip
    record = live.get("audit", limit=1_000)["data"]
    own = [(e["action"], e["named"], e["status"]) for e in record
           if e["actor"] == "records@example.com"]  # fmt: skip
    assert own == [
        ("POST /sql", {}, 403),
        ("POST /profiles/{identifier}/notes", {"profile": str(number)}, 201),
        ("signed in", {"with": "invitation"}, None),
    ]
    by_admin = [(e["action"], e["named"]) for e in record if e["actor"] == "admin"]
    assert by_admin[:2] == [
        ("POST /definitions/apply", {"changes": "add segment seen"}),
        ("POST /sql", {}),
    ]
    invited = next(named for action, named in by_admin if action == "POST /people")
    assert invited == {"person": str(number_of(live, "records@example.com")), "role": "support"}
    text = json.dumps(record)
    assert "eve" not in text
    assert "blue dress" not in text
    assert PASSWORD not in text
    assert {entry["address"] for entry in record} <= {"127.0.0.1", "198.51.100.9"}


def test_every_answer_tells_browsers_what_is_allowed(live: LiveServer) -> None:
    headers = {"Authorization": f"Bearer {live.token}"}
    answer = live.client.get("/api/v1/status", headers=headers)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "strict-transport-security" not in answer.headers
    refused = live.client.get("/api/v1/status", headers={"X-Forwarded-Proto": "https"})
    assert refused.status_code == 401
    assert refused.headers["content-security-policy"] == policy
    assert refused.headers["strict-transport-security"]
    described = live.client.get("/api/docs")
    assert described.headers["content-security-policy"].startswith(
        "sandbox allow-scripts allow-pop"
    )
    assert live.client.get("/api/openapi.json").headers["access-control-allow-origin"] == "*"
    sent = live.client.post("/v1/track", json={"userId": "u", "event": "E"}, auth=(KEY, ""))
    assert "content-security-policy" not in sent.headers
