"""Turns JSON lines of `python -m benchmarks.speed` on standard input into a table in Markdown."""

from __future__ import annotations

import json
import sys
from typing import Any

NOTES = ("rules", "events", "postgres_ms", "wait_p99_ms", "median", "processor_ms", "rate",
         "worst", "whole_ms", "follows_ms", "skipped")  # fmt: skip


def main() -> None:
    """Print one row a line."""
    print("| row | value | budget | met | compared with it | notes |")
    print("|---|---|---|---|---|---|")
    for line in sys.stdin:
        print(_row(json.loads(line)))


def _row(said: dict[str, Any]) -> str:
    met = {True: "yes", False: "no", None: ""}[said["met"]]
    value = "none" if said["value"] is None else f"{_short(said['value'])} {said['unit']}"
    budget = "" if said["budget"] is None else _short(said["budget"])
    ratio = "" if said["ratio"] is None else f"{said['ratio']:.2f} of {said['ratio_to']}"
    if said.get("ratio_met") is False:
        ratio += " (more than 1.3)"
    notes = ", ".join(f"{name} {_short(said[name])}" for name in NOTES if name in said)
    return f"| `{said['name']}` | {value} | {budget} | {met} | {ratio} | {notes} |"


def _short(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
