"""The same rows give the same messages, in whatever files and order they come."""

from __future__ import annotations

import csv
import json
import random
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from files_support import mapping, run

COLUMNS = ("id", "at", "card", "price", "note")
CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), max_size=6)
ROW = st.fixed_dictionaries(
    {
        "id": st.integers(0, 9).map(str),
        "at": st.sampled_from(["2026-01-01", "2026-01-02T10:00:00Z", "2026-02-01T00:00:00+05:00"]),
        "card": st.sampled_from(["c1", "c2", "c3"]),
        "price": st.decimals(-1000, 1000, places=6).map(lambda d: f"{d:f}"),
        "note": CELL,
    }
)
FAST = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(rows: list[dict[str, str]], path: Path, form: str) -> None:
    if form == "csv":
        quoted = [
            ",".join('"' + cell.replace('"', '""') + '"' for cell in (row[c] for c in COLUMNS))
            for row in rows
        ]
        path.write_bytes("\n".join(["id,at,card,price,note", *quoted]).encode())
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        columns = {name: pa.array([r[name] for r in rows], pa.string()) for name in COLUMNS}
        pq.write_table(pa.table(columns), path)


def scattered(rows: list[dict[str, str]], seed: int, folder: Path, form: str) -> None:
    """The rows in another order, over one to three files."""
    order = random.Random(seed)
    mixed = rows[:]
    order.shuffle(mixed)
    files = order.randint(1, 3)
    for number in range(files):
        write(mixed[number::files], folder / f"{order.randint(0, 99):02}-{number}.{form}", form)


def imported(rows: list[dict[str, str]], seed: int, form: str, definition: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory() as name:
        scattered(rows, seed, Path(name), form)
        return run({**definition, "file": f"*.{form}"}, Path(name))


@FAST
@given(
    form=st.sampled_from(["csv", "jsonl", "parquet"]),
    rows=st.lists(ROW, min_size=1, max_size=12),
    seed=st.integers(0, 2**32),
)
def test_generated_ids_depend_on_content_alone(
    form: str, rows: list[dict[str, str]], seed: int
) -> None:
    definition = mapping("*", {"message_id": {}, "properties": {"note": "note", "price": "price"}})
    one = imported(rows, 1, form, definition)
    other = imported(rows, seed, form, definition)
    assert sorted(one.ids) == sorted(other.ids)
    assert one.refused == other.refused == []
    contents = {
        json.dumps({k: v for k, v in sorted(row.items()) if v or form != "csv"}) for row in rows
    }
    assert len(set(one.ids)) == len(contents)
    by_id = {row["message_id"]: (row["properties"], row["occurred_at"]) for row in one.incoming}
    assert by_id == {
        row["message_id"]: (row["properties"], row["occurred_at"]) for row in other.incoming
    }


@FAST
@given(rows=st.lists(ROW, min_size=1, max_size=12), seed=st.integers(0, 2**32))
def test_repeats_are_counted_when_asked(rows: list[dict[str, str]], seed: int) -> None:
    definition = mapping("*", {"message_id": {"hash": ["id", "card"], "count_repeats": True}})
    with tempfile.TemporaryDirectory() as name:
        order = random.Random(seed)
        write(rows, Path(name) / "a.csv", "csv")
        one = run({**definition, "file": "a.csv"}, Path(name))
        write(order.sample(rows, len(rows)), Path(name) / "b.csv", "csv")
        other = run({**definition, "file": "b.csv"}, Path(name))
        both = run({**definition, "file": "*.csv"}, Path(name))
    assert len(set(one.ids)) == len(rows)
    assert sorted(one.ids) == sorted(other.ids)
    # The same rows in two files are the same messages twice, not new ones.
    assert sorted(both.ids) == sorted(one.ids + other.ids)


@FAST
@given(rows=st.lists(ROW, min_size=1, max_size=12), seed=st.integers(0, 2**32))
def test_groups_have_the_same_ids_sums_and_lines_in_any_order(
    rows: list[dict[str, str]], seed: int
) -> None:
    definition = mapping(
        "*",
        {
            "event": "Order Completed",
            "message_id": {},
            "properties": {"revenue": {"sum": "price"}, "rows": {"count": "*"}},
            "lines": {"price": "price", "note": "note"},
        },
        group_by=["id"],
    )

    def summary(result: Any) -> dict[str, Any]:
        return {
            row["message_id"]: (
                row["revenue"],
                json.loads(row["properties"])["rows"],
                sorted(line["properties"] for line in row["lines"]),
            )
            for row in result.incoming
        }

    one = imported(rows, 1, "csv", definition)
    other = imported(rows, seed, "csv", definition)
    assert summary(one) == summary(other)
    assert len(one.ids) == len({row["id"] for row in rows})
    for row in one.incoming:
        assert row["revenue"] == sum(line["price"] for line in row["lines"])
    assert sum(row["revenue"] for row in one.incoming) == sum(Decimal(row["price"]) for row in rows)
    lines = [line for row in one.incoming for line in row["lines"]]
    assert len(lines) == len(rows)


@FAST
@given(
    rows=st.lists(
        st.lists(
            st.text(st.sampled_from('ab,";\n\r é"\'|'), max_size=5), min_size=3, max_size=3
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_text_of_any_kind_survives_csv(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "x", "y", "z"])
            writer.writerows([str(n), *row] for n, row in enumerate(rows))
        definition = mapping(
            "rows.csv",
            {
                "message_id": "{id}", "timestamp": {"value": "2026-01-01"},
                "identifiers": {"user_id": "id"}, "properties": {"x": "x", "y": "y", "z": "z"},
            },
        )  # fmt: skip
        result = run(definition, path)
    found = {row["message_id"]: json.loads(row["properties"]) for row in result.incoming}
    assert found == {
        str(n): {k: v for k, v in zip("xyz", row, strict=True) if v} for n, row in enumerate(rows)
    }
    assert result.refused == []


@FAST
@given(data=st.binary(max_size=120), form=st.sampled_from(["csv", "jsonl"]))
def test_any_bytes_at_all_end_in_rows_and_refusals(data: bytes, form: str) -> None:
    """Nothing is lost between two good rows, whatever stands there."""
    body = b"\n" + data.replace(b"\0", b"") + b"\n"
    if form == "csv":
        content = b"id,at,card\nfirst,2026-01-01,c" + body + b"last,2026-01-02,c\n"
    else:
        row = b'{"id": "%s", "at": "2026-01-01", "card": "c"}'
        content = row % b"first" + body + row % b"last" + b"\n"
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"rows.{form}"
        path.write_bytes(content)
        result = run(mapping(path.name), path)
    assert "visit-first" in result.ids
    assert "visit-last" in result.ids
