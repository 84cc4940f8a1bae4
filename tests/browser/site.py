"""A shop's site, on a port of its own: what browsers call another origin than Patron's."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

KINDS = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}


class Site:
    """Serves pages and files from memory, to whoever asks on loopback."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[str, bytes]] = {}
        answers = self._answers

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, content = answers.get(urlsplit(self.path).path, ("text/plain", b""))
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def page(self, path: str, *, head: str = "", body: str = "", title: str = "Shop") -> str:
        """Put a page at a path; returns its address."""
        text = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="icon" href="data:,">{head}</head><body>{body}</body></html>'
        )
        self._answers[path] = (KINDS[".html"], text.encode())
        return self.url + path

    def file(self, path: str, content: Path | str) -> str:
        """Put a file at a path; returns its address."""
        data = content.read_bytes() if isinstance(content, Path) else content.encode()
        self._answers[path] = (KINDS[Path(path).suffix], data)
        return self.url + path

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
