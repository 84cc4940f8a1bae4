"""Signing in at an identity provider: who comes back is whom it says, and was invited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from integration.harness import LiveServer
from integration.harness.identity_provider import CLIENT, SECRET, IdentityProvider


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as listening:
        yield listening


@pytest.fixture(scope="module")
def live(
    tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("oidc") / "workspace")
    (server.folder / "patron.toml").write_text(
        f'public_url = "{server.url}"\n[oidc]\nissuer = "{provider.url}"\nclient_id = "{CLIENT}"\n'
        f'label = "The office"\n[secrets]\noidc = "{SECRET}"\n',
        encoding="utf-8",
    )
    with server:
        for name, role in (("ann", "analyst"), ("ben", "support")):
            body = {"email": f"{name}@example.com", "name": name, "role": role}
            server.ask("POST", "people", json=body)
        yield server


@pytest.fixture
def http(live: LiveServer) -> Iterator[httpx.Client]:
    """A browser."""
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        yield client


def sent(http: httpx.Client, to: str = "/console/segments") -> str:
    answer = http.get("/api/v1/session/oidc", params={"to": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def came_back(http: httpx.Client, provider: IdentityProvider, **claims: Any) -> httpx.Response:
    provider.claims = claims
    return http.get(provider.agree(sent(http)))


def assert_refused(http: httpx.Client, answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["location"]) == (303, "/?sign_in=refused")
    assert "patron_session" not in http.cookies
    assert http.get("/api/v1/session").status_code == 401


def test_who_was_invited_comes_in_and_goes_where_they_wanted(
    http: httpx.Client, provider: IdentityProvider, live: LiveServer
) -> None:
    assert http.get("/api/v1/session/ways").json() == {"password": True, "oidc": "The office"}
    answer = came_back(http, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/segments")
    me = http.get("/api/v1/session").json()
    assert (me["person"]["email"], me["person"]["role"]) == ("ann@example.com", "analyst")
    latest = live.get("audit", limit=1)["data"][0]
    assert (latest["action"], latest["actor"], latest["named"]) == (
        "signed in", "ann@example.com", {"with": "oidc"},
    )  # fmt: skip


def test_the_number_at_the_provider_counts_from_then_on_and_not_the_address(
    http: httpx.Client, provider: IdentityProvider
) -> None:
    came_back(http, provider)
    moved = came_back(http, provider, email="ann.new@example.com")
    assert moved.headers["location"] == "/console/segments"
    http.cookies.clear()
    assert_refused(http, came_back(http, provider, sub="somebody else with her old address"))


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1", "email": "nobody@example.com"},
        {"sub": "2", "email": "ben@example.com", "email_verified": False},
        {"sub": "2", "email": "ben@example.com", "email_verified": None},
        {"sub": "2", "email": None},
        {"sub": None},
        {"nonce": "of another sign-in"},
        {"aud": "another client"},
        {"iss": "https://other.example.com"},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
    ],
)
def test_whom_the_provider_does_not_vouch_for_stays_out(
    http: httpx.Client, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    assert_refused(http, came_back(http, provider, **claims))


def test_a_token_that_another_key_signed_is_refused(
    http: httpx.Client, provider: IdentityProvider
) -> None:
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    try:
        assert_refused(http, came_back(http, provider))
    finally:
        provider.key = provider.own_key


def test_who_comes_back_is_the_browser_that_was_sent_and_only_once(
    http: httpx.Client, provider: IdentityProvider, live: LiveServer
) -> None:
    provider.claims = {}
    back = provider.agree(sent(http))
    with httpx.Client(base_url=live.url, trust_env=False, timeout=30) as victim:
        assert_refused(victim, victim.get(back))
    assert http.get(back).headers["location"] == "/console/segments"
    http.cookies.clear()
    assert_refused(http, http.get(back))
    assert_refused(http, http.get("/api/v1/session/oidc/callback?error=access_denied"))


def test_a_provider_that_does_not_answer_leads_to_a_page_that_says_so(
    http: httpx.Client, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "described", dict)
    answer = http.get("/api/v1/session/oidc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?sign_in=unreachable")
    page = http.get(answer.headers["location"])
    assert page.headers["location"] == "/console/?sign_in=unreachable"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "x"])
def test_nobody_is_led_elsewhere(http: httpx.Client, provider: IdentityProvider, to: str) -> None:
    provider.claims = {}
    assert http.get(provider.agree(sent(http, to))).headers["location"] == "/"


def test_a_code_is_worth_nothing_to_who_does_not_know_the_verifier(
    http: httpx.Client, provider: IdentityProvider
) -> None:
    stolen = provider.agree(sent(http)).partition("code=")[2].partition("&")[0]
    own = provider.agree(sent(http))
    state = own.partition("state=")[2]
    assert_refused(http, http.get(f"/api/v1/session/oidc/callback?code={stolen}&state={state}"))
