"""Linking against Splink itself: the same records, the same model, side by side.

Splink's part is what one would write without Patron: lay out the columns that the model blocks by,
register the table, predict, cluster. Ours is `score` and `decide`, which also bound what households
share, keep the evidence, and group without chains. The model is trained once, before either is
timed.
"""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa

from benchmarks.quality.mistakes import leave_out, mistype
from benchmarks.quality.population import FIELDS, Register, household
from benchmarks.quality.vocabulary import BRITISH, Chooser
from benchmarks.speed.report import report
from patron.linking import LinkingModel, Workbench, decide, score, train
from patron.linking.model import bits
from patron.linking.scoring import lay_out
from patron.linking.workbench import settings_of

ALLOWED = 1.15
ROUNDS = 3


def run_linking(records: int, scale: str) -> None:
    """Print how long both take, and their ratio."""
    table = made_up(records)
    began = time.perf_counter()
    with Workbench() as workbench:
        model = train(table, workbench=workbench)
    report("linking.train", time.perf_counter() - began, "s", records=records, scale=scale)
    ours, theirs = [], []
    for _ in range(ROUNDS if records <= 100_000 else 1):
        theirs.append(_splink(table, model))
        ours.append(_patron(table, model))
    ratio = min(ours) / min(theirs)
    report(
        "linking.score_and_decide", min(ours), "s", ratio_to="the same model in Splink",
        ratio=ratio, ratio_met=ratio <= ALLOWED, records=records, scale=scale,
        splink_seconds=round(min(theirs), 2),
    )  # fmt: skip


def made_up(records: int, seed: int = 3) -> pa.Table:
    """People of invented households, one in five written down twice, in normal forms."""
    rng = np.random.default_rng(seed)
    chooser = Chooser(BRITISH, rng)
    register = Register(phones=0.5)
    rows: list[dict[str, str]] = []
    while len(rows) < records:
        for person in household(register, chooser, BRITISH):
            rows.append(person)
            if rng.random() < 0.2:
                written = leave_out(person, FIELDS, 0.1, rng)
                rows.append(mistype(written, FIELDS, rng) if rng.random() < 0.4 else written)
    names = [*FIELDS, "phone"]
    columns = {name: [_plain(row.get(name)) for row in rows[:records]] for name in names}
    return pa.table({"record": pa.array(range(1, records + 1), pa.int64()), **columns})


def _plain(value: str | None) -> str | None:
    return value.lower() if value else None


def _splink(table: pa.Table, model: LinkingModel) -> float:
    began = time.perf_counter()
    with Workbench() as workbench:
        lay_out(workbench, "records", table, model)
        with workbench.linker("records", settings_of(model)) as (linker, _):
            found = linker.inference.predict(
                threshold_match_weight=bits(model.definition.review_at)
            )
            groups = linker.clustering.cluster_pairwise_predictions_at_threshold(
                found, threshold_match_weight=bits(model.definition.link_at)
            )
            for answer in (found, groups):
                workbench.cursor.arrow(f"from {answer.physical_name}")
    return time.perf_counter() - began


def _patron(table: pa.Table, model: LinkingModel) -> float:
    began = time.perf_counter()
    with Workbench() as workbench:
        decide(score(table, model, workbench=workbench), table, model)
    return time.perf_counter() - began
