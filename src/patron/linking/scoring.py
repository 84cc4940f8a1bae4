"""Scores of pairs of records under a trained model: of all records, or of new ones only."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from patron.linking.model import Comparison, LinkingModel, bits
from patron.linking.training import Progress, silent
from patron.linking.workbench import Workbench, settings_of

TOLD_APART = 1e-5
"""Bits that two levels of a field differ by at the least."""


def score(
    records: pa.Table,
    model: LinkingModel,
    *,
    workbench: Workbench | None = None,
    progress: Progress = silent,
) -> pa.Table:
    """Score all pairs of records that share a key, and keep those worth a look.

    Args:
        records: As `Workbench.load` takes them.
        model: Trained on these or other records.
        workbench: Where to work; one of its own by default.
        progress: Told what is being done.

    Returns:
        One row a pair from `review_at` on: ``left`` and ``right`` (record numbers, the lower one
        left), ``weight`` in bits, ``probability``, and for each field ``weight_NAME`` in bits and
        ``level_NAME``, from 0 for most alike; -1 where it tells nothing. In the order of weight,
        the highest first, then of the numbers.
    """
    if workbench is None:
        with Workbench() as own:
            return score(records, model, workbench=own, progress=progress)
    progress("keys", 0, 2)
    lay_out(workbench, "scored", records, model)
    progress("pairs", 1, 2)
    settings = settings_of(model)
    with workbench.linker("scored", settings) as (linker, api):
        workbench.frequencies(linker, api, ["scored"], model.frequencies)
        found = linker.inference.predict_within(
            api.register("scored", table_name="all_records"),
            threshold_match_weight=_least(model),
            warning_mode="never",
        )
        answer = _collect(workbench, [str(found.physical_name)], model)
    progress("done", 2, 2)
    return answer


def score_new(
    new: pa.Table,
    existing: pa.Table,
    model: LinkingModel,
    *,
    workbench: Workbench | None = None,
    progress: Progress = silent,
) -> pa.Table:
    """Score new records against each other and against existing ones, and those not again.

    Args:
        new: The new records.
        existing: Records that were scored before; no number occurs in both.
        model: The same that scored the existing ones.
        workbench: Where to work; one of its own by default.
        progress: Told what is being done.

    Returns:
        As `score`: exactly those of its rows that concern a new record.
    """
    if workbench is None:
        with Workbench() as own:
            return score_new(new, existing, model, workbench=own, progress=progress)
    progress("keys", 0, 3)
    lay_out(workbench, "newcomers", new, model)
    lay_out(workbench, "residents", existing, model)
    progress("pairs with existing records", 1, 3)
    least = _least(model)
    with workbench.linker("newcomers", settings_of(model)) as (linker, api):
        workbench.frequencies(linker, api, ["newcomers", "residents"], model.frequencies)
        fresh = api.register("newcomers", table_name="new_records")
        old = api.register("residents", table_name="existing_records")
        between = linker.inference.predict_between(
            old, fresh, threshold_match_weight=least, warning_mode="never"
        )
        progress("pairs of new records", 2, 3)
        within = linker.inference.predict_within(
            fresh, threshold_match_weight=least, warning_mode="never"
        )
        answer = _collect(workbench, [str(between.physical_name), str(within.physical_name)], model)
    progress("done", 3, 3)
    return answer


def lay_out(workbench: Workbench, name: str, records: pa.Table, model: LinkingModel) -> None:
    """Make the table that Splink reads: fields, frequencies of their values, and keys."""
    for field in model.fields:
        if field.name not in records.column_names:
            records = records.append_column(field.name, pa.nulls(len(records), pa.string()))
    workbench.load(name, records, model.fields)
    workbench.add_keys(name, model.blocking)


def _collect(workbench: Workbench, tables: Sequence[str], model: LinkingModel) -> pa.Table:
    """What Splink found, with our weights."""
    total = _total(model)
    columns = [
        "least(record_l, record_r) as left",
        "greatest(record_l, record_r) as right",
        f"({total})::double as weight",
        "1 / (1 + pow(2, -greatest(-1000, least(weight, 1000)))) as probability",
    ]
    for each in model.comparisons:
        columns.append(f'({_weight(each)})::double as "weight_{each.field}"')
        columns.append(f'{_level(each)} as "level_{each.field}"')
    rows = " union all ".join(f"select {', '.join(columns)} from {table}" for table in tables)
    return workbench.cursor.arrow(
        f'select * from ({rows}) where weight >= $least order by weight desc, "left", "right"',
        {"least": bits(model.definition.review_at)},
    )


def _total(model: LinkingModel) -> str:
    """The weight of a pair: against strangers or against housemates, whichever is less.

    Against housemates what they share is bounded, and so is what is a person's own: see
    `HOUSEMATES`.
    """
    own = [each for each in model.comparisons if not each.shared]
    address = [_weight(each) for each in model.comparisons if each.of_address]
    household = [_weight(each) for each in model.comparisons if each.shared and not each.of_address]
    if address:
        same = f"{1 - model.moved} * pow(2, least({' + '.join(address)}, 500))"
        household.append(_at_most([f"log2({model.moved} + {same})"], model.address_most))
    total = " + ".join([*household, *map(_weight, own)])
    if model.household_most is not None:
        bounded = [_against_housemates(each) for each in model.comparisons if each.tells_housemates]
        total = f"least({total}, {' + '.join([str(model.household_most), *bounded])})"
    return f"{model.prior_weight} + {total}"


def _against_housemates(each: Comparison) -> str:
    """What a field that is a person's own says where two live together.

    That both are called the same says as much of a frequent name as of a rare one: no more families
    give it to two of their own. Of what they share at times only that it is the same says anything.
    """
    most = each.against_housemates
    if most is None:
        return _weight(each)
    same = f'abs("mw_{each.field}" - {each.levels[0].weight}) < {TOLD_APART}'
    other = "0.0" if each.shared else _at_most([_weight(each)], most)
    return f"(case when {same} then {most} else {other} end)"


def _level(each: Comparison) -> str:
    """The level of a pair, which Splink does not keep, from the weight, which it does."""
    cases = " ".join(
        f'when abs("mw_{each.field}" - {level.weight}) < {TOLD_APART} then {number}'
        for number, level in enumerate(each.levels)
    )
    return f'(case when "mw_{each.field}" = 0 then -1 {cases} else -1 end)::tinyint'


def _least(model: LinkingModel) -> float:
    """The least sum of weights, as Splink adds them, that can be worth a look."""
    return bits(model.definition.review_at) - model.slack


def _at_most(weights: list[str], most: float | None) -> str:
    total = " + ".join(weights) or "0.0"
    return f"({total})" if most is None else f"least({total}, {most})"


def _weight(each: Comparison) -> str:
    if any(level.frequency for level in each.levels):
        return f'("mw_{each.field}" + "mw_tf_adj_{each.field}")'
    return f'"mw_{each.field}"'
