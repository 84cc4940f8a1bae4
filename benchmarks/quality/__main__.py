"""``make quality``: how right linking is, with default settings, against known truth.

One JSON object a line, as the benchmarks of speed print them.
"""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Sequence

from benchmarks.quality import customers, population
from benchmarks.quality.febrl import SETS, febrl
from benchmarks.quality.metrics import b_cubed, pairwise
from benchmarks.quality.resolving import as_records, link, resolve_and_link
from benchmarks.speed.report import report

BARS = {3: 0.997, 4: 0.9995}
"""The F1 that linking must reach on a Febrl set."""


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="run only the parts whose name starts with this")
    parser.add_argument("--customers", type=int, default=5_000, help="how many are simulated")
    chosen = parser.parse_args()
    for name, part in (
        ("febrl", _febrl),
        ("customers", lambda: _customers(chosen.customers)),
        ("register", _register),
    ):
        if name.startswith(chosen.only):
            part()


def _febrl() -> None:
    for number in SETS:
        records, people = febrl(number)
        linked = link(records)
        _quality(f"febrl{number}", linked.groups, people, f1=BARS.get(number))
        names_only = link(records.drop_columns(["national_id"]))
        _quality(f"febrl{number}.without_national_id", names_only.groups, people)


def _customers(number: int) -> None:
    messages = customers.simulate(customers.Habits(customers=number))
    people = [message.person for message in messages]
    by_rules, linked, _ = resolve_and_link(messages, "GB")
    _quality("customers.rules_alone", by_rules, people)
    _quality("customers.rules_and_linking", linked, people, precision=0.99, recall=0.95)


def _register() -> None:
    copies = population.copies()
    people = [person for person, _ in copies]
    linked = link(as_records([traits for _, traits in copies], "DE"))
    _quality("register", linked.groups, people, precision=0.99)


def _quality(
    name: str,
    found: Sequence[Hashable],
    truth: Sequence[Hashable],
    *,
    f1: float | None = None,
    precision: float | None = None,
    recall: float | None = None,
) -> None:
    pairs, each = pairwise(found, truth), b_cubed(found, truth)
    for what, value, bar in (
        ("precision", pairs.precision, precision),
        ("recall", pairs.recall, recall),
        ("f1", pairs.f1, f1),
    ):
        report(
            f"quality.{name}.{what}", value, "share", budget=bar, direction="at least",
            b_cubed=round(getattr(each, what), 4), records=len(truth), people=len(set(truth)),
        )  # fmt: skip


if __name__ == "__main__":
    main()
