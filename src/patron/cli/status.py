"""`patron status`."""

from __future__ import annotations

from typing import Any

from patron.cli import options
from patron.cli.client import connect
from patron.cli.folder import find_folder
from patron.cli.terminal import facts, holds_for, moment, plural, say, show_json, table

HELD = ("profiles", "events", "sources", "segments")


def status(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a workspace holds and took in."""
    folder = find_folder(workspace)
    with connect(folder) as client:
        held = client.get("/status", min_position=min_position)
        taken = client.get("/counters", min_position=held["position"])
        needed = client.get("/status/attention", min_position=held["position"])["data"]
        server = client.url
    if as_json:
        show_json({**held, "workspace": str(folder), "server": server, "counters": taken,
                   "attention": needed})  # fmt: skip
        return
    say(f"{held['name']} in {folder}", strong=True)
    facts([("server", server or "none runs")])
    facts((name, held[name]) for name in HELD)
    facts([("in quarantine", held["quarantined"])])
    facts([("memberships", _live(held["live"]))])
    if held["uncopied"]:
        behind = f"{held['uncopied']:,} messages behind: to read single customers is slow yet"
        facts([("copies", behind)])
    if held["webhooks"]:
        said = (f"{name} {state}" for name, state in held["webhooks"].items())
        facts([("webhooks", ", ".join(said))])
    say()
    names = ("source", "accepted", "stored", "duplicate", "quarantined")
    table(names, [[row[name] for name in names] for row in [*taken["sources"], taken["total"]]])
    for one in needed:
        say(f"Needs somebody: {one['message']} ({one['count']:,})")
    say(f"\n{holds_for(held)} Patron {held['version']}, schema {held['schema_version']}.")


def _live(live: dict[str, Any]) -> str:
    """How far recorded memberships are behind."""
    if live["at"] is None:
        return "not recorded yet: a server records them"
    said = f"recorded up to {moment(live['at'])}, {live['behind']:,} positions behind"
    if live["failed"]:
        said += f"; {plural(len(live['failed']), 'segment')} cannot be kept: " + ", ".join(
            sorted(live["failed"])
        )
    return said
