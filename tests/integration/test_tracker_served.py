"""How a server gives out the tracker, the snippet for a source, and what it knows of its pages."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from hashlib import sha384
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from integration.cli_runs import answer as answered
from integration.cli_runs import patron
from integration.harness import KEY, OTHER_KEY, LiveServer
from patron.api import tracker
from patron.api.tracker import BUILT
from patron.errors import NotFoundError

needs_build = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not (BUILT / "patron.js").exists(),
    reason="The tracker is not built: make tracker.",
)


def snippet(server: LiveServer, **asked: Any) -> dict[str, Any]:
    return dict(server.get("sources/web/snippet", **asked))


@needs_build
def test_the_plain_name_is_kept_for_minutes_and_asked_for_again(server: LiveServer) -> None:
    answer = server.client.get("/patron.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.content == (BUILT / "patron.js").read_bytes()
    again = server.client.get("/patron.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = server.client.get("/patron.js", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    sources = server.client.get("/patron.js.map").json()["sources"]
    assert any(source.endswith("src/index.ts") for source in sources)


@needs_build
def test_it_travels_compressed_where_the_browser_can(server: LiveServer) -> None:
    plain = server.client.get("/patron.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with server.client.stream("GET", "/patron.js", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert gzip.decompress(packed) == plain.content


@needs_build
def test_a_snippet_names_a_build_that_never_changes_and_its_hash(server: LiveServer) -> None:
    given = snippet(server, url="https://cdp.shop.example/", write_key=KEY)
    assert f'patron.load("{KEY}", {{"endpoint": "https://cdp.shop.example"}})' in given["snippet"]
    path = given["script"].removeprefix("https://cdp.shop.example")
    assert re.fullmatch(r"/patron-[0-9a-f]{16}\.js", path)
    assert given["script"] in given["snippet"]
    assert given["integrity"] in given["snippet"]
    answer = server.client.get(path)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    digest = base64.b64encode(sha384(answer.content).digest()).decode()
    assert given["integrity"] == f"sha384-{digest}"


def test_a_build_that_a_snippet_names_outlives_the_next_one(
    server: LiveServer, tmp_path: Path
) -> None:
    older = tracker.build_of(b"older()")
    tracker.pin(older, server.folder)
    tracker.pin(older, server.folder)
    answer = server.client.get(f"/patron-{older.digest}.js")
    assert (answer.status_code, answer.content) == (200, b"older()")
    # What is not of the folder is not read from it.
    for name in ("0" * 16, "../admin-token", "..%2Fadmin-token"):
        assert server.client.get(f"/patron-{name}.js").status_code == 404


@needs_build
def test_a_snippet_can_follow_the_newest_build_and_carry_settings(server: LiveServer) -> None:
    given = snippet(server, latest=True, undecided="send", data_layer=True)
    assert given["script"] == f"{server.url}/patron.js"
    assert given["integrity"] is None
    assert "integrity" not in given["snippet"]
    assert 'patron.load("WRITE_KEY"' in given["snippet"]
    settings = json.loads(given["snippet"].split('"WRITE_KEY", ')[1].split(");\n")[0])
    assert settings == {"endpoint": server.url, "undecided": "send", "dataLayer": True}


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"write_key": OTHER_KEY}, 422, "expected that of the source web"),
        ({"write_key": "nobody's"}, 422, "expected that of the source web"),
        ({"url": "cdp.shop.example"}, 422, "such as https://cdp.shop.example"),
        ({"url": "javascript:alert(1)"}, 422, "such as https://cdp.shop.example"),
        ({"url": "http://["}, 422, "such as https://cdp.shop.example"),
        ({"undecided": "perhaps"}, 422, "undecided"),
    ],
)
@needs_build
def test_a_wrong_wish_is_refused_in_a_sentence(
    server: LiveServer, asked: dict[str, str], status: int, said: str
) -> None:
    answer = server.client.get(
        "/api/v1/sources/web/snippet",
        params=asked,
        headers={"Authorization": f"Bearer {server.token}"},
    )
    assert answer.status_code == status
    assert said in answer.text


def test_a_tracker_that_was_not_built_is_missed_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="not built") as missed:
        tracker.current(tmp_path)
    assert "make tracker" in str(missed.value.hint)


def test_only_who_may_ask_is_told(server: LiveServer) -> None:
    for path in ("snippet", "install"):
        assert server.client.get(f"/api/v1/sources/web/{path}").status_code == 401
        answer = server.client.get(
            f"/api/v1/sources/nowhere/{path}", headers={"Authorization": f"Bearer {server.token}"}
        )
        assert answer.status_code == 404


def test_what_stands_in_a_snippet_cannot_end_its_script() -> None:
    build = tracker.build_of(b"1")
    text = tracker.snippet(build, url="https://a.example/</script>", write_key="</script><b>")
    assert text.count("</script>") == 1
    assert text.endswith("</script>")


def test_the_install_check_says_when_and_from_which_pages(server: LiveServer) -> None:
    user, before = str(uuid4()), server.get("sources/web/install")
    counted = {kind["type"]: kind["messages"] for kind in before["kinds"]}

    def send(kind: str, url: str | None, **members: Any) -> None:
        page = {"page": {"url": url}} if url else {}
        library = {"library": {"name": "patron.js", "version": "9"}}
        body = {"userId": user, "context": {**page, **library}, **members}
        assert server.client.post(f"/v1/{kind}", json=body, auth=(KEY, "")).status_code == 200

    host = f"{user}.shop.example"
    send("page", f"https://{host}/tea?email=ann@shop.example")
    send("page", f"https://{host}/tea#part")
    send("page", f"https://{host}")
    send("track", f"https://{host}/cart", event="Product Added")
    send("identify", None)
    found = server.get("sources/web/install")
    kinds = {kind["type"]: kind for kind in found["kinds"]}
    assert [kind["type"] for kind in found["kinds"]][:3] == ["identify", "track", "page"]
    assert kinds["page"]["messages"] == counted.get("page", 0) + 3
    assert kinds["page"]["last_page"] == f"{host}/"
    assert kinds["track"]["last_page"] == f"{host}/cart"
    assert kinds["identify"]["last_page"] is None
    (site,) = [site for site in found["sites"] if site["host"] == host]
    assert site == {
        "host": host,
        "messages": 4,
        "last_received_at": kinds["track"]["last_received_at"],
        "pages": ["/tea", "/", "/cart"],
        "libraries": ["patron.js 9"],
    }
    assert "ann@" not in json.dumps(found)


def test_a_source_that_sent_nothing_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    answered("init", folder)
    assert "Nothing came from web yet." in patron("source", "install", "web", "-w", folder).stdout
    assert answered("source", "install", "web", "-w", folder)["kinds"] == []


@needs_build
def test_the_command_prints_the_snippet(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    key = answered("init", folder)["write_key"]
    printed = patron(
        "source", "snippet", "web", "-w", folder, "--write-key", key,
        "--url", "https://cdp.shop.example",
    ).stdout  # fmt: skip
    assert printed.startswith("<script>\n")
    assert f'patron.load("{key}", {{"endpoint": "https://cdp.shop.example"}})' in printed
    told = answered("source", "snippet", "web", "-w", folder)
    assert 'patron.load("WRITE_KEY", {"endpoint": "http://127.0.0.1:8000"})' in told["snippet"]
    assert len(list((folder / "tracker").glob("patron-*.js"))) == 1
