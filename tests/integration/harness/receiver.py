"""A receiver of webhooks on loopback, which answers as it is told and keeps what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Got(NamedTuple):
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Of the delivery."""
        return self.headers["webhook-id"]

    @property
    def profiles(self) -> list[dict[str, Any]]:
        """The customers that it tells of."""
        found: list[dict[str, Any]] = json.loads(self.body)["data"]["profiles"]
        return found


class Receiver:
    """Listens while it is entered.

    Attributes:
        got: Every request, in the order of arrival.
        answers: The status of the next answers; 204 when there are none left.
    """

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        self.hold = threading.Event()
        self.hold.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(headers, body))
                receiver.hold.wait(20)
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("location", f"{receiver.url}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
