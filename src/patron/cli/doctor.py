"""`patron doctor`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from patron.cli import options
from patron.cli.client import Client, connect, living_server
from patron.cli.folder import DATABASE, TOKEN, find_folder
from patron.cli.terminal import plural, say, show_json, table
from patron.errors import PatronError

State = Literal["ok", "warn", "fail"]

LITTLE_BYTES = 2 * 1024**3
"""Below this much free disk there is a warning."""

NO_BYTES = 200 * 1024**2
"""Below this much the next import or checkpoint may fail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        state: Whether it is as it should be.
        detail: What was found.
        advice: What to do about it, when it is not ok.
    """

    check: str
    state: State
    detail: str
    advice: str = ""


def doctor(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Check that a workspace is sound.

    Each check that does not pass says what to do. Ends with 1 when one failed.
    """
    findings = list(examine(find_folder(workspace)))
    failed = sum(finding.state == "fail" for finding in findings)
    if as_json:
        show_json({"sound": not failed, "checks": [asdict(finding) for finding in findings]})
    else:
        table(
            ["", "check", "found", "what to do"],
            [[f.state, f.check, f.detail, f.advice] for f in findings],
        )
        say(f"{plural(failed, 'check')} failed." if failed else "All is well.", strong=True)
    if failed:
        raise typer.Exit(1)


def examine(folder: Path) -> Iterator[Finding]:
    """Look at a workspace from the outside in; what cannot be looked at is left out."""
    yield _folder(folder)
    yield _token(folder)
    yield _disk(shutil.disk_usage(folder).free, (folder / DATABASE).stat().st_size)
    yield _server(folder)
    try:
        with connect(folder) as client:
            for check in (_schema, _counters, _definitions):
                yield _guarded(check, client)
    except PatronError as error:
        yield Finding("opens", "fail", error.message, error.hint or "")


def _guarded(check: Callable[[Client], Finding], client: Client) -> Finding:
    try:
        return check(client)
    except PatronError as error:
        return Finding(check.__name__.strip("_"), "fail", error.message, error.hint or "")


def _folder(folder: Path) -> Finding:
    if os.access(folder, os.W_OK) and os.access(folder / DATABASE, os.W_OK):
        return Finding("folder", "ok", str(folder))
    return Finding(
        "folder", "fail", f"{folder} cannot be written.", "Give yourself the right to write there."
    )


def _token(folder: Path) -> Finding:
    file = folder / TOKEN
    try:
        mode = file.stat().st_mode & 0o777
    except OSError:
        return Finding(
            "admin token", "fail", f"{file} is missing.", "Put it back from where you keep a copy."
        )
    if os.name != "nt" and mode & 0o077:
        return Finding(
            "admin token", "fail", f"Others may open {file} (mode {mode:o}).", f"chmod 600 {file}"
        )
    return Finding("admin token", "ok", "Only its owner may read it.")


def _disk(free: int, database: int) -> Finding:
    found = f"{free / 1024**3:,.1f} GiB free; the database takes {database / 1024**3:,.1f} GiB."
    if free < NO_BYTES:
        return Finding("disk", "fail", found, "Make room now: writes may fail.")
    if free < max(LITTLE_BYTES, database // 2):
        return Finding("disk", "warn", found, "Make room before the next large import.")
    return Finding("disk", "ok", found)


def _server(folder: Path) -> Finding:
    from patron.api.presence import FILE, read_presence

    left = read_presence(folder)
    if left is None:
        return Finding("server", "ok", "None runs; commands open the folder themselves.")
    if living_server(folder) is not None:
        return Finding("server", "ok", f"Answers at {left.url}, process {left.pid}.")
    return Finding(
        "server",
        "warn",
        f"{folder / FILE} names {left.url}, where this workspace's server does not answer.",
        f"If process {left.pid} has ended, nothing: the file is ignored. Else see its log.",
    )


def _schema(client: Client) -> Finding:
    held = client.get("/status")
    return Finding(
        "schema", "ok", f"Version {held['schema_version']}, opened by Patron {held['version']}."
    )


def _counters(client: Client) -> Finding:
    taken = client.get("/counters")
    wrong = [
        row["source"]
        for row in [*taken["sources"], taken["total"]]
        if row["accepted"] != row["stored"] + row["duplicate"] + row["quarantined"]
    ]
    if wrong:
        return Finding(
            "counters", "fail", f"They do not add up for {', '.join(wrong)}.",
            "Keep a copy of the folder and report this as a defect of Patron.",
        )  # fmt: skip
    return Finding(
        "counters", "ok",
        f"accepted = stored + duplicate + quarantined: {taken['total']['accepted']:,}",
    )  # fmt: skip


def _definitions(client: Client) -> Finding:
    held = client.get("/definitions")["data"]
    planned = client.post("/definitions/plan", {"documents": held}, counts=False)
    found = f"{plural(len(held), 'definition')} can be read."
    if planned["warnings"]:
        return Finding(
            "definitions", "warn", " ".join(planned["warnings"]),
            "Correct them in their files, then: patron apply",
        )  # fmt: skip
    return Finding("definitions", "ok", found)
