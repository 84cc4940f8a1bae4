"""The command line: a thin client of the HTTP API, which it runs itself when no server is up."""

from __future__ import annotations


def main() -> None:
    """Run the command that the process's arguments name."""
    from patron.cli.app import app

    app(prog_name="patron")
