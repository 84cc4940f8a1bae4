"""``make quality``: how right linking is, with default settings, against known truth.

One JSON object a line, as the benchmarks of speed print them. `held_out` says that the data were
not looked at while the defaults were chosen; see docs/reference/linking-quality.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Sequence
from dataclasses import replace

from benchmarks.quality import customers
from benchmarks.quality.febrl import SETS, febrl
from benchmarks.quality.metrics import b_cubed, pairwise
from benchmarks.quality.population import Register, copies
from benchmarks.quality.resolving import as_records, link, resolve_and_link
from benchmarks.quality.vocabulary import BRITISH, GERMAN, Vocabulary
from benchmarks.speed.report import report

BARS = {3: 0.997, 4: 0.9995}
"""The F1 that linking must reach on a Febrl set."""

ROUGH_CUSTOMERS = customers.Habits(typing_errors=0.35, missing=0.25, moved=0.15, changed_email=0.15)
"""More goes wrong than in the simulation that the bars are for."""

ROUGH_REGISTER = Register(
    people=3_500, copied=0.65, typing_errors=0.45, missing=0.2, moved=0.15, twins=0.02,
    namesakes=0.04,
)  # fmt: skip
"""Copies of copies of copies, and families that are hard to tell apart."""


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
        _quality(f"febrl{number}", linked.groups, people, held_out=True, f1=BARS.get(number))
        names_only = link(records.drop_columns(["national_id"]))
        _quality(f"febrl{number}.without_national_id", names_only.groups, people, held_out=True)


def _customers(number: int) -> None:
    _simulated("customers", customers.simulate(customers.Habits(customers=number)), "GB")
    rough = customers.simulate(
        replace(ROUGH_CUSTOMERS, customers=number), vocabulary=GERMAN, seed=77
    )
    _simulated("customers.rough", rough, "DE", held_out=True)


def _simulated(
    name: str, messages: Sequence[customers.Message], region: str, *, held_out: bool = False
) -> None:
    people = [message.person for message in messages]
    by_rules, linked, _ = resolve_and_link(messages, region)
    _quality(f"{name}.rules_alone", by_rules, people, held_out=held_out)
    _quality(
        f"{name}.rules_and_linking", linked, people,
        held_out=held_out, precision=0.99, recall=0.95,
    )  # fmt: skip


def _register() -> None:
    _copied("register", Register(), GERMAN, seed=2)
    _copied("register.rough", ROUGH_REGISTER, BRITISH, seed=91, held_out=True)


def _copied(
    name: str, register: Register, vocabulary: Vocabulary, *, seed: int, held_out: bool = False
) -> None:
    made = copies(register, vocabulary=vocabulary, seed=seed)
    linked = link(as_records([traits for _, traits in made], vocabulary.country))
    _quality(name, linked.groups, [person for person, _ in made], held_out=held_out, precision=0.99)


def _quality(
    name: str,
    found: Sequence[Hashable],
    truth: Sequence[Hashable],
    *,
    held_out: bool,
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
            b_cubed=round(getattr(each, what), 4), held_out=held_out,
            records=len(truth), people=len(set(truth)),
        )  # fmt: skip


if __name__ == "__main__":
    main()
