"""Which way leads to a workspace, and what comes back on it."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from patron.api.presence import FILE, HEADER, Presence, announced, read_presence
from patron.cli.client import Client, living_server
from patron.cli.problems import ProblemError


def presence(url: str = "http://127.0.0.1:9", pid: int | None = None) -> Presence:
    return Presence(
        url=url, pid=pid or os.getpid(), started_at="2018-01-01T00:00:00Z", instance="abc"
    )


@contextmanager
def answering(instance: str | None) -> Iterator[str]:
    """A server whose every answer carries an instance."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if instance:
                self.send_header(HEADER, instance)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_no_file_no_server(tmp_path: Path) -> None:
    assert living_server(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"url": 1}', b"[]"])
def test_a_broken_file_is_no_server(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert living_server(tmp_path) is None


def test_the_server_that_wrote_the_file_is_found(tmp_path: Path) -> None:
    with answering("abc") as url, announced(tmp_path, presence(url)):
        assert living_server(tmp_path) == presence(url)


@pytest.mark.parametrize("instance", [None, "another"])
def test_another_server_on_that_port_is_not_taken_for_it(
    tmp_path: Path, instance: str | None
) -> None:
    with answering(instance) as url, announced(tmp_path, presence(url)):
        assert living_server(tmp_path) is None


def test_a_port_where_nobody_answers_is_no_server(tmp_path: Path) -> None:
    with answering("abc") as url:
        gone = url
    with announced(tmp_path, presence(gone)):
        assert living_server(tmp_path) is None


def test_a_process_that_ended_is_not_even_asked(tmp_path: Path) -> None:
    with answering("abc") as url, announced(tmp_path, presence(url, ended_process())):
        assert living_server(tmp_path) is None


def test_the_file_goes_with_the_server(tmp_path: Path) -> None:
    with announced(tmp_path, presence()):
        assert read_presence(tmp_path) == presence()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_later_server_stays(tmp_path: Path) -> None:
    later = presence("http://127.0.0.1:10")
    with announced(tmp_path, presence()):
        (tmp_path / FILE).write_text(
            f'{{"url": "{later.url}", "pid": {later.pid}, "started_at": "2018-01-01T00:00:00Z", '
            '"instance": "abc"}'
        )
    assert read_presence(tmp_path) == later


def client_of(handler: httpx.MockTransport, folder: Path) -> Client:
    http_client = httpx.Client(base_url="http://server", transport=handler)
    return Client(http_client, folder, "http://server")


def test_queries_that_are_none_are_left_out(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"asked": str(request.url)})

    client = client_of(httpx.MockTransport(answer), tmp_path)
    asked = client.get("/segments", as_of=None, counts=True, include=["a", "b"])["asked"]
    assert asked == "http://server/api/v1/segments?counts=true&include=a&include=b"


def test_a_server_that_goes_away_gives_a_sentence(tmp_path: Path) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("connection reset")

    client = client_of(httpx.MockTransport(answer), tmp_path)
    with pytest.raises(ProblemError, match="stopped answering: connection reset") as caught:
        client.post("/imports", {})
    assert caught.value.retryable


def test_a_download_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"profile_id\n"
        raise httpx.ReadError("gone")

    client = client_of(
        httpx.MockTransport(lambda _: httpx.Response(200, content=broken())), tmp_path
    )
    with pytest.raises(ProblemError, match="gone"):
        client.download("/segments/vip/export", tmp_path / "vip.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_is_refused_leaves_the_older_file(tmp_path: Path) -> None:
    target = tmp_path / "vip.csv"
    target.write_text("older")
    refused = httpx.Response(404, json={"status": 404, "detail": "No segment vip."})
    client = client_of(httpx.MockTransport(lambda _: refused), tmp_path)
    with pytest.raises(ProblemError, match="No segment vip"):
        client.download("/segments/vip/export", target)
    assert target.read_text() == "older"


def test_a_download_gives_its_headers(tmp_path: Path) -> None:
    answer = httpx.Response(200, content=b"profile_id\n1\n", headers={"Patron-Count": "1"})
    client = client_of(httpx.MockTransport(lambda _: answer), tmp_path)
    headers = client.download("/segments/vip/export", tmp_path / "vip.csv")
    assert headers["patron-count"] == "1"
    assert (tmp_path / "vip.csv").read_bytes() == b"profile_id\n1\n"
