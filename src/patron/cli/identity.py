"""`patron identity`: the group of commands about who is who."""

from __future__ import annotations

import typer

identity = typer.Typer(help="Who is who: merges, and decisions by hand.", no_args_is_help=True)
