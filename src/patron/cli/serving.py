"""`patron serve`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli import options
from patron.cli.folder import USUAL, find_folder
from patron.cli.terminal import say

if TYPE_CHECKING:
    from patron.api.presence import Presence


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The workspace; the same as --workspace.", show_default=False),
    ] = None,
    workspace: options.Folder = None,
    host: Annotated[
        str | None,
        typer.Option(help="The address to listen on.", metavar="ADDRESS", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="The port; 0 takes a free one.", metavar="N", min=0, max=65535, show_default="8000"
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Serve a workspace over HTTP until Ctrl-C.

    The other commands talk to this server as long as it runs.
    """
    from patron.api.server import serve as serve_folder

    place = find_folder(folder or workspace)

    def listening(presence: Presence, staffed: bool) -> None:
        if as_json:
            say(json.dumps({"url": presence.url, "pid": presence.pid, "workspace": str(place)}))
        else:
            _welcome(place, presence.url, staffed=staffed)

    serve_folder(place, host=host, port=port, on_listening=listening)
    if not as_json:
        say("Everything that was acknowledged is stored. Goodbye.")


def _welcome(folder: Path, url: str, *, staffed: bool) -> None:
    say(f"Patron serves {folder} at {url} (Ctrl-C ends it).", strong=True)
    say(f"  collect  {url}/v1/track, identify, page, screen, group, alias, batch")
    say(f"  API      {url}/api/v1, described at {url}/api/docs")
    from patron.api.console import HOW_TO_BUILD, is_built

    say(f"  console  {url}/console/" if is_built() else f"  {HOW_TO_BUILD}")
    if is_built() and not staffed:
        at = "" if folder == USUAL else f" --workspace {shlex.quote(str(folder))}"
        say("  Nobody can sign in yet. In another terminal:")
        say(f"  patron person add you@example.com --role admin --password{at}")
