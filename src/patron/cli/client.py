"""One client for both ways to a workspace: over HTTP to its server, or in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from patron.cli.folder import TOKEN, find_folder
from patron.cli.problems import ProblemError, problem_in
from patron.errors import AccessError

if TYPE_CHECKING:
    import httpx
    from anyio.from_thread import BlockingPortal
    from fastapi import FastAPI

    from patron.api.presence import Presence

API = "/api/v1"
PATIENCE = 2.0
"""Seconds that a server may take to say that it is alive."""

Query = str | int | bool | list[str] | None


class Client:
    """Asks the API of one workspace.

    Args:
        http: Leads to the server, or to the app in this process.
        folder: The workspace.
        url: Where the server is; None when the folder was opened directly.
    """

    def __init__(self, http: httpx.Client, folder: Path, url: str | None) -> None:
        self._http = http
        self.folder = folder
        self.url = url

    def get(self, path: str, **query: Query) -> Any:  # noqa: ANN401 - decoded JSON
        """The answer to a GET. Queries that are None are left out.

        Raises:
            ProblemError: The answer is a problem document.
        """
        return self._answer("GET", path, None, query)

    def post(self, path: str, body: object, **query: Query) -> Any:  # noqa: ANN401
        """The answer to a POST; see `get`."""
        return self._answer("POST", path, body, query)

    def put(self, path: str, body: object, **query: Query) -> Any:  # noqa: ANN401
        """The answer to a PUT; see `get`."""
        return self._answer("PUT", path, body, query)

    def patch(self, path: str, body: object, **query: Query) -> Any:  # noqa: ANN401
        """The answer to a PATCH; see `get`."""
        return self._answer("PATCH", path, body, query)

    def delete(self, path: str, **query: Query) -> Any:  # noqa: ANN401
        """The answer to a DELETE; see `get`."""
        return self._answer("DELETE", path, None, query)

    def upload(self, file: Path) -> Any:  # noqa: ANN401 - decoded JSON
        """Hand a file in; the answer holds its id."""
        with _reaching(self.url), file.open("rb") as content:
            response = self._http.post(
                f"{API}/uploads", params={"name": file.name}, content=content
            )  # fmt: skip
        if response.is_error:
            raise problem_in(response)
        return response.json()

    @contextmanager
    def stream(self, path: str, **query: Query) -> Iterator[httpx.Response]:
        """The answer to a GET whose body is read piece by piece; see `get`."""
        with _reaching(self.url), self._http.stream(
            "GET", API + path, params=_given(query)
        ) as response:  # fmt: skip
            if response.is_error:
                response.read()
                raise problem_in(response)
            yield response

    def download(self, path: str, to: Path, **query: Query) -> dict[str, str]:
        """Write the body of a GET to a file, which appears only when it is whole.

        Returns:
            The headers of the answer.
        """
        part = to.with_name(f".{to.name}.part")
        try:
            with self.stream(path, **query) as response, part.open("wb") as file:
                for piece in response.iter_bytes():
                    file.write(piece)
            part.replace(to)
        finally:
            part.unlink(missing_ok=True)
        return dict(response.headers)

    def _answer(self, method: str, path: str, body: object, query: dict[str, Query]) -> Any:  # noqa: ANN401
        with _reaching(self.url):
            response = self._http.request(
                method, API + path, params=_given(query), json=body if body is not None else None
            )
        if response.is_error:
            raise problem_in(response)
        return response.json()


@contextmanager
def connect(named: Path | None) -> Iterator[Client]:
    """A client of a workspace, through its server when one runs.

    Args:
        named: The workspace; the usual one when None.

    Raises:
        NotFoundError: There is none.
        BusyError: No server answers, and yet another process has the folder open.
        AccessError: The admin token cannot be read.
        StorageError: The folder cannot be read.
    """
    folder = find_folder(named)
    with ExitStack() as stack:
        presence = living_server(folder)
        if presence is None:
            http = stack.enter_context(_in_process(folder))
        else:
            http = stack.enter_context(_over_http(presence.url))
        http.headers["Authorization"] = f"Bearer {_token(folder)}"
        yield Client(http, folder, presence.url if presence else None)


def living_server(folder: Path) -> Presence | None:
    """The server that has the workspace open, if one answers as the one that it says it is."""
    from patron.api.presence import HEADER, alive, read_presence

    presence = read_presence(folder)
    if presence is None or not alive(presence):
        return None
    import httpx

    try:
        with _over_http(presence.url) as http:
            answer = http.get("/healthz", timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    # The token goes only to the very server that wrote the file: the port may be another's by now.
    return presence if answer.headers.get(HEADER) == presence.instance else None


def segment_of(name: str) -> str:
    """A name or identifier as part of a path.

    >>> segment_of("email:ann+1@example.com/?")
    'email:ann%2B1@example.com%2F%3F'
    """
    return quote(name, safe=":@")


def _token(folder: Path) -> str:
    try:
        return (folder / TOKEN).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise AccessError(
            f"The admin token cannot be read: {folder / TOKEN}: {error.strerror}.",
            hint="It lies in the workspace, and only the owner of the folder may read it.",
        ) from None


def _over_http(url: str) -> httpx.Client:
    import ssl

    import httpx

    # Proxies of the environment are for the network; a server that wrote into our folder is near,
    # and speaks plain HTTP: the empty context saves the time to load the world's certificates.
    return httpx.Client(
        base_url=url,
        timeout=httpx.Timeout(None, connect=PATIENCE),
        trust_env=False,
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )


@contextmanager
def _in_process(folder: Path) -> Iterator[httpx.Client]:
    import sys

    import httpx
    from anyio.from_thread import start_blocking_portal

    from patron.api.app import create_app
    from patron.api.server import log_to
    from patron.workspace import Workspace

    log_to(sys.stderr.isatty())
    with (
        Workspace(folder) as workspace,
        start_blocking_portal() as portal,
        httpx.Client(
            base_url="http://in-process", transport=_app_transport(create_app(workspace), portal)
        ) as http,
    ):
        yield http


def _app_transport(app: FastAPI, portal: BlockingPortal) -> httpx.BaseTransport:
    import httpx

    inner = httpx.ASGITransport(app)

    class AppTransport(httpx.BaseTransport):
        """Runs an app in the thread of a portal, so that it can be asked as a server is."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.read()  # the app takes no body that is read from a file piece by piece
            answer = portal.call(inner.handle_async_request, request)
            body = portal.call(answer.aread)
            return httpx.Response(
                answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body)
            )

    return AppTransport()


def _given(query: dict[str, Query]) -> dict[str, str | int | bool | list[str]]:
    return {name: value for name, value in query.items() if value is not None}


@contextmanager
def _reaching(url: str | None) -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise ProblemError(
            {
                "type": "unreachable",
                "detail": f"The server at {url} stopped answering: {reason}.",
                "hint": "See its log. Writes that it had acknowledged are kept.",
                "status": 503,
            }
        ) from error
