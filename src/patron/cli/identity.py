"""`patron identity`."""

from __future__ import annotations

import typer

identity = typer.Typer(help="Who is who, and why.", no_args_is_help=True)
