"""Where records are compared: a database in memory, with what Splink is asked to do in it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pyarrow as pa

from patron.engines.duckdb import Cursor, Database
from patron.errors import InputError
from patron.linking.blocking import Blocking, keys_sql
from patron.linking.comparisons import DERIVED
from patron.linking.definition import Field
from patron.linking.model import Comparison, Frequencies, LinkingModel

if TYPE_CHECKING:
    from splink import DuckDBAPI, Linker

RECORD = "record"
"""The column of the records that numbers them."""

SOURCE = "source"
"""The column of the records that says where they come from; it may be left out."""


class Workbench:
    """A database in memory that spills to a folder of its own, gone when it is closed.

    Args:
        memory_limit: Such as ``"4GB"``.
        threads: How many threads work.
    """

    def __init__(self, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="patron-linking-")
        self._database = Database(memory_limit=memory_limit, threads=threads)
        self.cursor: Cursor = self._database.cursor()
        spill = str(Path(self._folder.name)).replace("'", "''")
        self.cursor.execute(f"set temp_directory = '{spill}'")
        self._splink: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back memory and folder."""
        self._splink = None
        self.cursor.close()
        self._database.close()
        self._folder.cleanup()

    def load(self, name: str, records: pa.Table, fields: Sequence[Field]) -> None:
        """Lay records out for comparison, with the columns that comparisons derive.

        Args:
            name: Of the table to make.
            records: A column ``record`` of whole numbers that differ, optionally ``source``, and
                the fields as text. Empty text counts as missing.
            fields: Which columns to take.

        Raises:
            InputError: There is no column ``record``, or two records have one number.
        """
        if RECORD not in records.column_names:
            raise InputError("records need a column named record that numbers them")
        columns = [f'"{RECORD}"::bigint as record']
        has_source = SOURCE in records.column_names
        columns.append("source::varchar as source" if has_source else "null::varchar as source")
        for field in fields:
            value = f"nullif(\"{field.name}\"::varchar, '')"
            columns.append(f'{value} as "{field.name}"')
            for end, sql in DERIVED.get(field.kind, {}).items():
                columns.append(f'{sql.replace("{x}", value)} as "{field.name}_{end}"')
        self.cursor.register("records_given", records)
        self.cursor.execute(
            f"create or replace table {name} as select {', '.join(columns)} from records_given"
        )
        self.cursor.unregister("records_given")
        twice = self.cursor.execute(f"select count(*) - count(distinct record) from {name}").value()
        if twice:
            raise InputError(f"{twice} records have a number that another one has, or none")

    def add_keys(self, name: str, blocking: Sequence[Blocking]) -> None:
        """Add the key of each record in each ladder."""
        full = [(key,) for each in blocking for rung in each.rungs for key in rung.full]
        keys = pa.table({"key": pa.array([key for (key,) in full], pa.string())})
        self.cursor.register("full_given", keys)
        self.cursor.execute("create or replace temp table full_keys as from full_given")
        self.cursor.unregister("full_given")
        columns = [
            f"{keys_sql(each, 'full_keys')} as key_{number}" for number, each in enumerate(blocking)
        ]
        self.cursor.execute(
            f"create or replace table {name} as select {', '.join(['*', *columns])} from {name}"
        )

    def frequencies(
        self, linker: Linker, api: DuckDBAPI, tables: Sequence[str], known: dict[str, Frequencies]
    ) -> None:
        """Tell Splink how frequent the values in some tables are, as the model knows it."""
        for field, shares in known.items():
            given = pa.table(
                {
                    "value": pa.array(list(shares.values), pa.string()),
                    "share": pa.array(list(shares.values.values()), pa.float64()),
                }
            )
            self.cursor.register("shares_given", given)
            values = " union ".join(f'select "{field}" as value from {name}' for name in tables)
            self.cursor.execute(
                f'create or replace table shares_of_{field} as select value as "{field}", '
                f'coalesce(share, $other) as "tf_{field}" '
                f"from (select distinct value from ({values}) where value is not null) "
                "left join shares_given using (value)",
                {"other": shares.other},
            )
            self.cursor.unregister("shares_given")
            self.cursor.lend()
            lookup = api.register(f"shares_of_{field}", table_name=f"lookup_{field}")
            linker.table_management.register_term_frequency_lookup(lookup, field)

    @contextmanager
    def linker(self, name: str, settings: dict[str, Any]) -> Iterator[tuple[Linker, DuckDBAPI]]:
        """A Splink linker over a table of `load`, and the connection that it works on."""
        from splink import DuckDBAPI, Linker

        speaking = logging.getLogger("splink")
        level = speaking.level
        speaking.setLevel(logging.ERROR)
        try:
            api = DuckDBAPI(self.cursor.lend())
            yield Linker(api.register(name), settings, log_level=None), api
        finally:
            speaking.setLevel(level)

    def likeness(self, name: str, pairs: str, comparisons: Sequence[Comparison]) -> str:
        """Compare given pairs, field by field.

        Args:
            name: The table of records.
            pairs: A table with the columns ``join_key_l`` and ``join_key_r``.
            comparisons: Their weights do not matter.

        Returns:
            The name of a table with one ``mw_`` column for each comparison: 0 where it tells
            nothing, -1 for the first level, -2 for the second, and so on.
        """
        numbered = [
            msgspec.structs.replace(
                each,
                levels=tuple(
                    msgspec.structs.replace(level, m=0.5 ** (number + 1), u=1.0, frequency=False)
                    for number, level in enumerate(each.levels)
                ),
            )
            for each in comparisons
        ]
        settings = splink_settings(numbered, 0.5, 0)
        with self.linker(name, settings) as (linker, api):
            linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
            answer = linker.inference.predict(warning_mode="never")
        return str(answer.physical_name)


def splink_settings(comparisons: Sequence[Comparison], prior: float, keys: int) -> dict[str, Any]:
    """A model as Splink's settings.

    Args:
        comparisons: How each field is compared.
        prior: The probability that two records chosen at random are one person.
        keys: How many columns ``key_0``, ``key_1``, … say which pairs are compared.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": RECORD,
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(each) for each in comparisons],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.key_{number} = r.key_{number}"} for number in range(keys)
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def settings_of(model: LinkingModel) -> dict[str, Any]:
    """A trained model as Splink's settings, for whoever wants to use Splink directly."""
    return splink_settings(model.comparisons, model.prior, len(model.blocking))


def _comparison(each: Comparison) -> dict[str, Any]:
    missing = {
        "sql_condition": each.missing,
        "label_for_charts": "tells nothing",
        "is_null_level": True,
    }
    return {
        "output_column_name": each.field,
        "comparison_levels": [
            missing,
            *(
                {
                    "sql_condition": level.condition,
                    "label_for_charts": level.label,
                    "m_probability": level.m,
                    "u_probability": level.u,
                    **({"tf_adjustment_column": each.field} if level.frequency else {}),
                }
                for level in each.levels
            ),
        ],
    }
