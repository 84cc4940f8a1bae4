"""Training a model on records without labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.linking.blocking import fit
from patron.linking.comparisons import levels_of, missing
from patron.linking.definition import ADDRESS, HOUSEHOLD, HOUSEMATES, Field, Kind, LinkingDefinition
from patron.linking.estimation import (
    Chosen,
    Estimate,
    Floats,
    Ints,
    Labelled,
    PairSet,
    Prior,
    estimate,
)
from patron.linking.labels import Labels
from patron.linking.model import Comparison, Frequencies, LevelWeight, LinkingModel
from patron.linking.workbench import Workbench

RANDOM_PAIRS = 200_000
"""Pairs chosen at random, to learn how often strangers are alike."""

PAIRS_A_SET = 100_000
"""Pairs of one set that are looked at."""

LARGEST_BLOCK = 300
"""Values that more records share are left out of the sets: their pairs are strangers'."""

ENOUGH_PAIRS = 200
"""A set with fewer pairs is only taken where no other choice has more."""

FREQUENT_VALUES = 10_000
"""Values of a field whose frequency a model keeps."""

LEAST_FILLED = 0.01
"""A field that fewer of the records have is left out."""

CHOICES: tuple[tuple[Chosen, tuple[tuple[Kind, ...], ...]], ...] = (
    (
        "household",
        (
            ("family_name", "street", "house_number"),
            ("family_name", "street", "postcode"),
            ("family_name", "street"),
            ("family_name", "postcode"),
            ("family_name", "phone"),
        ),
    ),
    (
        "address",
        (
            ("street", "house_number", "postcode"),
            ("street", "house_number", "city"),
            ("street", "house_number"),
            ("street", "postcode"),
            ("street", "city"),
        ),
    ),
    ("person", (("given_name", "family_name"), ("full_name",))),
    ("person", (("birthday",),)),
    ("person", (("email",),)),
    ("person", (("identifier",),)),
    ("person", (("given_name", "postcode"), ("given_name", "city"))),
    ("person", (("family_name", "birthday"), ("given_name", "birthday"))),
)
"""What the pairs of a set agree on: of each choice the first that gives enough pairs."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def silent(task: str, done: int, total: int) -> None:
    """Told, it says nothing."""


def train(
    records: pa.Table,
    definition: LinkingDefinition | None = None,
    *,
    labels: Labels | None = None,
    workbench: Workbench | None = None,
    progress: Progress = silent,
) -> LinkingModel:
    """Train a model on records.

    The same records, in whatever order, give the same model.

    Args:
        records: As `Workbench.load` takes them.
        definition: What to compare; the fields of the normal forms by default.
        labels: Pairs that people called one person, if they are to be learned from.
        workbench: Where to work; one of its own by default.
        progress: Told what is being done.

    Raises:
        InputError: There are fewer than two records, or none of the fields has values.
    """
    definition = definition or LinkingDefinition()
    if workbench is None:
        with Workbench() as own:
            return train(records, definition, labels=labels, workbench=own, progress=progress)
    return _Training(workbench, records, definition, progress).run(labels)


class _Training:
    def __init__(
        self,
        workbench: Workbench,
        records: pa.Table,
        definition: LinkingDefinition,
        progress: Progress,
    ) -> None:
        self._bench = workbench
        self._cursor: Cursor = workbench.cursor
        self._definition = definition
        self._progress = progress
        present = [field for field in definition.fields if field.name in records.column_names]
        workbench.load("trained", records, present)
        self._size = len(records)
        if self._size < 2:
            raise InputError("linking needs at least two records")
        self._filled = {field.name: self._share_filled(field) for field in present}
        self._fields = tuple(f for f in present if self._filled[f.name] >= LEAST_FILLED)
        if not self._fields:
            raise InputError(
                "none of the fields has values: "
                + ", ".join(field.name for field in definition.fields)
            )
        self._bare = [_untrained(field, self._fields) for field in self._fields]

    def run(self, labels: Labels | None) -> LinkingModel:
        steps = len(CHOICES) + 3
        self._progress("strangers", 0, steps)
        known = self._prior()
        sets = []
        for number, (chosen, choice) in enumerate(CHOICES):
            self._progress("pairs alike", number + 1, steps)
            sets += self._sets_of(chosen, choice)
        self._progress("weights", steps - 2, steps)
        result = estimate(sets, known, self._labelled(labels))
        self._progress("blocking", steps - 1, steps)
        blocking = fit(self._cursor, "trained", self._fields)
        self._progress("done", steps, steps)
        return LinkingModel(
            definition=self._definition,
            comparisons=tuple(self._comparisons(result)),
            prior=_digits(result.prior),
            moved=_digits(result.moved),
            address_most=_bound(result.most.get("address")),
            household_most=_bound(result.most.get("household")),
            blocking=tuple(blocking),
            frequencies={
                field.name: self._frequencies(field)
                for field, bare in zip(self._fields, self._bare, strict=True)
                if any(level.frequency for level in bare.levels)
            },
            facts=self._facts(sets, result),
        )

    # What is known beforehand

    def _share_filled(self, field: Field) -> float:
        filled = self._cursor.execute(f'select count("{field.name}") from trained').value()
        return int(filled) / max(1, self._size)

    def _prior(self) -> Prior:
        patterns, counts = self._likeness(self._random_pairs())
        pairs = self._size * (self._size - 1) / 2
        strangers: list[Floats] = []
        least: list[Floats] = []
        for number, bare in enumerate(self._bare):
            levels = patterns[:, number]
            seen = levels >= 0
            found = np.bincount(levels[seen], weights=counts[seen], minlength=len(bare.levels))
            total = max(1.0, float(found.sum()))
            shares: Floats = np.asarray((found + 0.5 / len(found)) / (total + 0.5), np.float64)
            floor = np.full(len(found), 0.5 / total)
            shares[0] = self._same(self._fields[number])
            floor[0] = max(1 / (20 * self._size), 1e-8)
            shares[1:] *= (1 - shares[0]) / shares[1:].sum()
            strangers.append(shares)
            least.append(np.minimum(floor, 0.5))
        return Prior(
            shares=[np.array([level.m for level in bare.levels]) for bare in self._bare],
            strangers=strangers,
            least=least,
            shared=np.array([field.kind in HOUSEHOLD for field in self._fields]),
            address=np.array([field.kind in ADDRESS for field in self._fields]),
            housemates=np.array([HOUSEMATES.get(field.kind, 0.0) for field in self._fields]),
            filled=np.array([self._filled[field.name] for field in self._fields]),
            pairs=pairs,
        )

    def _same(self, field: Field) -> float:
        """How often two records chosen at random agree, from how often each value occurs."""
        row = self._cursor.execute(
            f"select sum(n * (n - 1))::double, sum(n)::double from "
            f'(select count(*)::double as n from trained where "{field.name}" is not null '
            f'group by "{field.name}")'
        ).one()
        same, filled = row or (0.0, 0.0)
        return float(same or 0.0) / max(1.0, float(filled * (filled - 1)))

    def _random_pairs(self) -> str:
        """Pairs of records that no field chose: each record with some at fixed distances."""
        self._cursor.execute(
            "create or replace temp table shuffled as select record, row_number() over "
            f"(order by hash(record, {self._definition.seed}), record) - 1 as place from trained"
        )
        taken = min(self._size, RANDOM_PAIRS)
        steps = max(1, min(RANDOM_PAIRS // self._size, (self._size - 1) // 2))
        offsets = sorted({1 + step * (self._size // 2) // steps for step in range(steps)})
        self._cursor.execute(
            "create or replace temp table random_pairs as select '0' as match_key, "
            "l.record as join_key_l, r.record as join_key_r "
            f"from shuffled l cross join unnest({offsets}) as steps(step) "
            f"join shuffled r on r.place = (l.place + step) % {self._size} "
            f"where l.place < {taken}"
        )
        return "random_pairs"

    # Sets of pairs

    def _sets_of(self, chosen: Chosen, choice: tuple[tuple[Kind, ...], ...]) -> list[PairSet]:
        """The sets of one choice: several only where several fields are of one kind."""
        best: list[PairSet] = []
        for kinds in choice:
            groups = [[f for f in self._fields if f.kind == kind] for kind in kinds]
            if not all(groups):
                continue
            several = len(kinds) == 1
            agreed = [(f,) for f in groups[0]] if several else [tuple(g[0] for g in groups)]
            found = [self._pair_set(fields, chosen) for fields in agreed]
            sets = [each for each in found if each is not None]
            if sum(each.pairs for each in sets) > sum(each.pairs for each in best):
                best = sets
            if sum(each.pairs for each in best) >= ENOUGH_PAIRS:
                break
        return best

    def _pair_set(self, fields: tuple[Field, ...], chosen: Chosen) -> PairSet | None:
        names = [f'"{field.name}"' for field in fields]
        given = " and ".join(f"{name} is not null" for name in names)
        self._cursor.execute(
            f"create or replace temp table blocks as select {', '.join(names)}, "
            f"count(*) as size from trained where {given} group by all "
            f"having count(*) between 2 and {LARGEST_BLOCK}"
        )
        found = self._cursor.execute(
            "select coalesce(sum(size * (size - 1) // 2), 0)::bigint from blocks"
        ).value()
        total = int(found)
        if not total:
            return None
        share = min(1.0, PAIRS_A_SET / total)
        by = ", ".join(names)
        sampled = f"hash({by}, {self._definition.seed}) % 1000000 < {math.ceil(share * 1e6)}"
        same = " and ".join(f"l.{name} = r.{name}" for name in names)
        self._cursor.execute(
            "create or replace temp table set_pairs as "
            f"with picked as (select trained.* from trained semi join "
            f"(select * from blocks where {sampled}) as chosen using ({by})) "
            "select '0' as match_key, l.record as join_key_l, r.record as join_key_r "
            f"from picked l join picked r on {same} and l.record < r.record"
        )
        patterns, counts = self._likeness("set_pairs")
        if not len(counts):
            return None
        agreed = np.array([field in fields for field in self._fields])
        return PairSet(_named(fields), patterns, counts, agreed, chosen, float(total))

    def _labelled(self, labels: Labels | None) -> Labelled | None:
        """How alike the pairs are that people called one person."""
        if labels is None or not labels.same:
            return None
        left, right = zip(*sorted(labels.same), strict=True)
        pairs = pa.table({"one": pa.array(left, pa.int64()), "other": pa.array(right, pa.int64())})
        self._bench.load("labelled_records", labels.records, self._fields)
        self._cursor.register("labels_given", pairs)
        self._cursor.execute(
            "create or replace temp table labelled as select '0' as match_key, "
            "one as join_key_l, other as join_key_r from labels_given"
        )
        self._cursor.unregister("labels_given")
        return Labelled(*self._likeness("labelled", among="labelled_records"))

    def _likeness(self, pairs: str, *, among: str = "trained") -> tuple[Ints, Floats]:
        """Patterns of levels among pairs, and how many show each; 0 is the most alike."""
        table = self._bench.likeness(among, pairs, self._bare)
        names = ", ".join(f'(-"mw_{bare.field}" - 1)::int' for bare in self._bare)
        rows = self._cursor.execute(
            f"select {names}, count(*) from {table} group by all order by all"
        ).all()
        self._cursor.execute(f"drop table {table}")
        found = np.array(rows, dtype=np.int64).reshape(-1, len(self._bare) + 1)
        return found[:, :-1], found[:, -1].astype(np.float64)

    # The answer

    def _comparisons(self, result: Estimate) -> Iterator[Comparison]:
        for number, bare in enumerate(self._bare):
            levels = (
                LevelWeight(level.label, level.condition, _digits(m), _digits(u), level.frequency)
                for level, m, u in zip(bare.levels, result.m[number], result.u[number], strict=True)
            )
            alike = _digits(result.housemates[number]) or None
            yield Comparison(bare.field, bare.kind, bare.missing, tuple(levels), alike)

    def _frequencies(self, field: Field) -> Frequencies:
        filled = self._filled[field.name] * self._size
        rows = self._cursor.execute(
            f'select "{field.name}", count(*) from trained where "{field.name}" is not null '
            f"group by 1 having count(*) > 1 order by 2 desc, 1 limit {FREQUENT_VALUES}"
        ).all()
        distinct = self._cursor.execute(
            f'select count(distinct "{field.name}") from trained'
        ).value()
        rest = filled - sum(count for _, count in rows)
        others = max(1, int(distinct) - len(rows))
        return Frequencies(
            {value: _digits(count / filled) for value, count in rows},
            _digits(max(rest / others, 1.0) / filled),
        )

    def _facts(self, sets: Sequence[PairSet], result: Estimate) -> dict[str, object]:
        return {
            "records": self._size,
            "filled": {name: round(share, 4) for name, share in self._filled.items()},
            "rounds": result.rounds,
            "sets": [
                {
                    "same": each.name,
                    "pairs": int(each.pairs),
                    "looked_at": int(each.counts.sum()),
                    "share_of_matches": _digits(share, 4),
                    "of": each.chosen,
                }
                for each, share in zip(sets, result.shares, strict=True)
            ],
        }


def _untrained(field: Field, fields: tuple[Field, ...]) -> Comparison:
    levels = levels_of(field, fields)
    each = 1 / len(levels)
    total = sum(level.share for level in levels)
    return Comparison(
        field.name,
        field.kind,
        missing(field, fields),
        tuple(
            LevelWeight(level.label, level.condition, level.share / total, each, level.frequency)
            for level in levels
        ),
    )


def _bound(most: float | None) -> float | None:
    return None if most is None else _digits(most)


def _named(fields: Sequence[Field]) -> str:
    return " and ".join(field.name for field in fields)


def _digits(number: float, digits: int = 7) -> float:
    """A number without the digits that the order of additions could change."""
    return float(f"{number:.{digits}g}")
