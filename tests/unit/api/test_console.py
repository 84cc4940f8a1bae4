"""The pages of the console as files: what is answered, and with which headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from patron.api import console


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static" / "console"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(
        '<script src="/console/assets/a-1.js" nonce="nonce-of-the-page"></script>', "utf-8"
    )
    (folder / "scheme.js").write_text("dark()", "utf-8")
    (folder / "assets" / "a-1.js").write_text("plain()", "utf-8")
    (folder / "assets" / "a-1.js.br").write_bytes(b"smallest")
    (folder / "assets" / "a-1.js.gz").write_bytes(b"smaller")
    (tmp_path / "static" / "secret.txt").write_text("secret", "utf-8")
    monkeypatch.setattr(console, "BUILT", folder)
    return folder


@pytest.fixture
def client(built: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=console.routes()), follow_redirects=False) as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/console"])
def test_people_who_come_without_a_path_are_led_on(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")


@pytest.mark.parametrize("path", ["", "customers", "customers/12?view=orders", "index.html"])
def test_every_address_is_the_page(client: TestClient, path: str) -> None:
    answer = client.get(f"/console/{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "<script" in answer.text


def test_each_page_has_a_nonce_of_its_own_and_nothing_else_may_run(client: TestClient) -> None:
    policies = [client.get("/console/") for _ in range(2)]
    nonces = []
    for answer in policies:
        policy = dict(
            one.partition(" ")[::2] for one in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
        (nonce,) = re.findall(r"'nonce-(.+)'", policy["style-src"])
        assert f'nonce="{nonce}"' in answer.text
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("gzip, br", "br", b"smallest"),
        ("gzip;q=1.0", "gzip", b"smaller"),
        ("identity", None, b"plain()"),
    ],
)
def test_assets_are_kept_for_a_year_and_sent_compressed(
    client: TestClient, accepted: str, encoding: str | None, content: bytes
) -> None:
    with client.stream(
        "GET", "/console/assets/a-1.js", headers={"accept-encoding": accepted}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw == content
    assert answer.headers.get("content-encoding") == encoding
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


def test_files_whose_names_stay_are_asked_for_again(client: TestClient) -> None:
    assert client.get("/console/scheme.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["..%2Fsecret.txt", "assets/..%2F..%2Fsecret.txt"])
def test_nothing_outside_is_given_away(client: TestClient, path: str) -> None:
    assert "secret" not in client.get(f"/console/{path}").text


def test_an_asset_of_another_build_is_not_there(client: TestClient) -> None:
    assert client.get("/console/assets/a-0.js").status_code == 404


def test_what_is_not_built_says_how_to_build_it(client: TestClient, built: Path) -> None:
    (built / "index.html").unlink()
    answer = client.get("/console/")
    assert answer.status_code == 503
    assert "make console" in answer.text
