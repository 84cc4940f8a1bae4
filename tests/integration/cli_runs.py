"""Running the command line in tests: in this process, and as a server of its own."""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer.main
import typer.testing
from typer.testing import CliRunner, Result

from patron.cli.app import app

FILES = {
    "sources/tills.yaml": "kind: source\nname: tills\ntype: store\nbrand: main\n",
    "mappings/orders.yaml": """\
kind: mapping
name: orders
source: tills
file: orders.csv
columns: {amount: number}
message:
  type: track
  event: Order Completed
  message_id: "order-{order}"
  timestamp: at
  identifiers: {email: email}
  properties:
    order_id: {template: "{order}"}
    revenue: amount
    currency: {value: EUR}
""",
    "segments/big-spenders.yaml": """\
kind: segment
name: big-spenders
description: More than 100 in a year.
rule: sum(revenue of "Order Completed" in the last 365 days in EUR) > 100
""",
    "segments/buyers.yaml": """\
kind: segment
name: buyers
rule: did "Order Completed" in the last 365 days
""",
}

ORDERS = """\
order,email,at,amount
1,ann@example.com,2017-03-01T10:00:00Z,80.50
2,Ann@Example.com,2017-06-01T10:00:00Z,40
3,bob@example.com,2017-06-02T10:00:00Z,99.99
4,eve@example.com,2017-06-03T10:00:00Z,five
"""

AS_OF = "2018-01-01"

# The runner puts all commands together anew for each that it runs, a third of a second of work.
typer.testing._get_command = functools.cache(typer.main.get_command)


def patron(*arguments: str | Path, given: str | None = None) -> Result:
    """Run a command in this process; arguments may be paths."""
    return CliRunner().invoke(app, [str(a) for a in arguments], input=given, prog_name="patron")


def answer(*arguments: str | Path, given: str | None = None) -> Any:
    """What a command that succeeds prints with ``--json``."""
    result = patron(*arguments, "--json", given=given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def write_files(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Definition files in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@dataclass
class Server:
    """A ``patron serve`` of its own."""

    process: subprocess.Popen[str]
    url: str

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and wait until it has ended."""
        self.process.send_signal(how)
        return self.process.wait(timeout=60)


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve a workspace on a free port; the server is ended at the end, if it still runs."""
    command = [sys.executable, "-m", "patron.cli", "serve", str(folder), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the server ended with {process.wait()}"
        server = Server(process, json.loads(line)["url"])
        try:
            yield server
        finally:
            if process.poll() is None:
                server.end()
