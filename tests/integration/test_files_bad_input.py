"""Bad files: a clear error that names file and field, or a refusal of just the bad row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from files_support import RECEIVED, mapping, run
from patron.collect.files import FileImport, read_mapping
from patron.engines.duckdb import Database
from patron.errors import DefinitionError, InputError

HEADER = b"id,at,card,x\n"


def good(number: int) -> bytes:
    return f"{number},2026-01-01T00:00:{number % 60:02}Z,c{number},some text\n".encode()


def csv(folder: Path, *lines: bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(HEADER + b"".join(lines))
    return path


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"2,2026-01-01\n", "wrong_field_count"),
        (b"2,2026-01-01,c,x,extra\n", "wrong_field_count"),
        (b'2,2026-01-01,c,"unclosed\n', "invalid_csv"),
        (b'2,2026-01-01,c,"closed"then\n', "invalid_csv"),
        (b"2,2026-01-01,c,\xff\xfe\n", "invalid_utf8"),
        (b'2,2026-01-01,c,"\xff\n', "invalid_utf8"),
        (b'2,2026-01-01,c,"' + b"x" * 2_000_000 + b'"\n', "too_large"),
    ],
)
def test_a_malformed_row_costs_itself_alone(bad: bytes, code: str, tmp_path: Path) -> None:
    """The neighbours are all there, also those with quotes and line ends of their own."""
    csv(tmp_path, good(1), bad, good(3), b'4,2026-01-01,c4,"a ""b"", c\nd"\n', good(5), good(6))
    result = run(mapping("rows.csv", {"properties": {"x": "x"}}), tmp_path)
    assert sorted(result.ids) == [f"visit-{n}" for n in (1, 3, 4, 5, 6)]
    four = next(row for row in result.incoming if row["message_id"] == "visit-4")
    assert json.loads(four["properties"]) == {"x": 'a "b", c\nd'}
    (refused,) = result.refused
    assert (refused["code"], refused["origin"], refused["row_number"]) == (code, "rows.csv", 2)
    assert bytes(refused["body"]) == bad.rstrip(b"\n")


def test_an_unclosed_quote_in_a_large_file_swallows_nothing(tmp_path: Path) -> None:
    lines = [good(n) for n in range(120_000)]
    lines[60_000] = b'60000,2026-01-01,c,"oh\n'
    csv(tmp_path, *lines)
    with Database() as database:
        cursor = database.cursor()
        job = FileImport(read_mapping(mapping("rows.csv")), tmp_path, source_id=1)
        job.prepare(cursor, RECEIVED)
        assert (job.messages, job.refused) == (119_999, 1)
        refused = [row for _, rows in job.chunks(cursor) for row in rows.to_pylist()]
        job.close(cursor)
    assert [(row["code"], row["row_number"]) for row in refused] == [("invalid_csv", 60_001)]


def test_quotes_inside_plain_fields_and_other_line_ends(tmp_path: Path) -> None:
    csv(
        tmp_path, b'1,2026-01-01,c,5" pipe\r\n', b"\n", b"\r\n", b'2,2026-01-02,c,"a\r\nb"\r\n',
        b"3,2026-01-03,c,",
    )  # fmt: skip
    result = run(mapping("rows.csv", {"properties": {"x": "x"}}), tmp_path)
    assert [json.loads(row["properties"]) for row in result.incoming] == [
        {"x": '5" pipe'}, {"x": "a\r\nb"}, {}
    ]  # fmt: skip
    assert result.refused == []


@pytest.mark.parametrize("clean", [True, False])
def test_row_numbers_are_the_same_the_quick_and_the_exact_way(clean: bool, tmp_path: Path) -> None:
    """Row numbers count records, the header left out, in every file anew."""
    for name in ("a.csv", "b.csv"):
        lines = [good(n) for n in range(20)]
        lines[4] = b'4,2026-01-01,c,"two\nlines"\n'
        lines[9] = b"9,not a time,c,x\n"
        if not clean:
            lines[15] = b"short\n"
        csv(tmp_path, *lines, name=name)
    result = run(mapping("*.csv"), tmp_path)
    found = [(r["origin"], r["row_number"], r["code"]) for r in result.refused]
    expected = [("a.csv", 10, "invalid_time"), ("b.csv", 10, "invalid_time")]
    if not clean:
        expected += [("a.csv", 16, "wrong_field_count"), ("b.csv", 16, "wrong_field_count")]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"card": ""}, ("no_identity", "loyalty_card")),
        ({"card": "   "}, ("no_identity", "loyalty_card")),
        ({"at": ""}, ("missing", "timestamp")),
        ({"at": "yesterday"}, ("invalid_time", "timestamp")),
        ({"at": "2026-02-30"}, ("invalid_time", "timestamp")),
        ({"at": "9999-12-31"}, ("time_out_of_range", "timestamp")),
        ({"at": "0001-01-01"}, ("time_out_of_range", "timestamp")),
        ({"at": "infinity"}, ("time_out_of_range", "timestamp")),
        ({"id": ""}, ("missing", "messageId")),
        ({"id": "x" * 95}, ("too_long", "messageId")),
        ({"x": "abc"}, ("not_a_number", "properties.total")),
        ({"x": "NaN"}, ("not_a_number", "properties.total")),
        ({"x": "Infinity"}, ("not_a_number", "properties.total")),
        ({"x": "1,5"}, ("not_a_number", "properties.total")),
        ({"x": "1e12"}, ("out_of_range", "properties.total")),
        ({"x": "1e999"}, ("out_of_range", "properties.total")),
        ({"x": "-1000000000000"}, ("out_of_range", "properties.total")),
        ({"x": "999999999999.9999999"}, ("out_of_range", "properties.total")),
        ({"note": "z" * 33_000}, ("too_large", "properties")),
        ({"note": "\x01" * 6_000}, ("too_large", "properties")),
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_rows_with_a_problem_are_refused_with_their_field(
    cells: dict[str, str], problem: tuple[str, str], form: str, tmp_path: Path
) -> None:
    fine = {"id": "0", "at": "2026-01-01", "card": "c", "x": "1", "note": "n"}
    rows = [fine, {**fine, "id": "1", **cells}, {**fine, "id": "2"}]
    path = tmp_path / f"rows.{form}"
    if form == "csv":
        path.write_text(
            "\n".join([",".join(fine), *(",".join(f'"{v}"' for v in row.values()) for row in rows)])
        )
    elif form == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    message = {"event": "Order Completed", "properties": {"total": "x", "note": "note"}}
    result = run(mapping(path.name, message), tmp_path)
    assert result.ids == ["visit-0", "visit-2"]
    assert result.problem() == (*problem, 2)
    (refused,) = result.refused
    assert refused["reason"].endswith(".")
    body = json.loads(bytes(refused["body"]))
    assert {k: v for k, v in body.items() if v} == {
        k: v for k, v in rows[1].items() if v or (form == "jsonl" and v)
    }


@pytest.mark.parametrize(
    ("value", "code"), [(float("nan"), "not_a_number"), (float("-inf"), "not_a_number"),
                        (1e12, "out_of_range"), (1e300, "out_of_range")]
)  # fmt: skip
def test_doubles_that_no_amount_can_hold(value: float, code: str, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": [1], "at": ["2026-01-01"], "card": ["c"], "x": [value]}),
        tmp_path / "rows.parquet",
    )
    message = {"event": "Order Completed", "properties": {"total": "x"}}
    assert run(mapping("rows.parquet", message), tmp_path).problem()[0] == code
    plain = run(mapping("rows.parquet", {"properties": {"other": "x"}}), tmp_path)
    if code == "not_a_number":
        assert plain.problem() == ("not_a_number", "properties.other", 1)
    else:  # any number may stand in a property that is no amount
        assert json.loads(plain.incoming[0]["properties"]) == {"other": value}


@pytest.mark.parametrize(
    ("how", "value", "code"),
    [("epoch_s", "1e30", "time_out_of_range"),
     ("epoch_ms", "-99999999999999999", "time_out_of_range"),
     ("epoch_s", "soon", "invalid_time"), ("%d/%m/%Y", "2026-01-01", "invalid_time")],
)  # fmt: skip
def test_times_in_other_formats(how: str, value: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"id,at,card\n1,{value},c\n")
    definition = mapping("rows.csv", {"timestamp": {"column": "at", "format": how}})
    assert run(definition, tmp_path).problem()[0] == code


def test_declared_types_that_a_cell_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "id,at,card,n,b,t\n1,2026-01-01,c,x,yes,2026\n2,2026-01-01,c,1,maybe,2026-01-01\n"
        "3,2026-01-01,c,1,no,soon\n4,2026-01-01,c,,,\n"
    )
    definition = mapping(
        "rows.csv", {"properties": {"n": "n", "b": "b", "t": "t"}},
        columns={"n": "number", "b": "boolean", "t": "time"},
    )  # fmt: skip
    result = run(definition, tmp_path)
    assert result.ids == ["visit-4"]
    assert [(r["row_number"], r["field"]) for r in result.refused] == [(1, "n"), (2, "b"), (3, "t")]


def test_one_bad_row_refuses_its_whole_group_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "order,at,card,price\n1,2026-01-01,c,5\n2,2026-01-02,c,6\n1,2026-01-01,c,free\n"
        "2,2026-01-02,c,7\n,2026-01-03,c,8\n,2026-01-03,c,9\n"
    )
    definition = mapping(
        "rows.csv",
        {"event": "Order Completed", "message_id": "o-{order}", "lines": {"price": "price"}},
        group_by=["order"],
    )
    result = run(definition, tmp_path)
    assert result.ids == ["o-2"]
    assert [(r["row_number"], r["field"], r["message_id"]) for r in result.refused] == [
        (3, "properties.products[].price", "o-1"), (5, "order", None), (6, "order", None)
    ]  # fmt: skip
    assert json.loads(bytes(result.refused[0]["body"]))["price"] == "free"


@pytest.mark.parametrize(
    "line",
    [b"not json", b'{"id": 1', b"[1]", b'"text"', b"7", b'{"id": NaN}', b'{"id": 1,}', b"{'id': 1}",
     b'{"id": -Infinity}', b'{"id": "\\ud800"}', b'{"id": "\xff"}', b'{"id": 01}',
     b'{"id": 1}\x01{"id": 2}', b"{" * 2_000],
)  # fmt: skip
def test_lines_that_are_no_json_object(line: bytes, tmp_path: Path) -> None:
    fine = b'{"id": %d, "at": "2026-01-01", "card": "c", "x": {"info": ["nan", "a, ]"]}}\n'
    (tmp_path / "rows.jsonl").write_bytes(fine % 1 + b"\n" + line + b"\n" + fine % 3)
    result = run(mapping("rows.jsonl", {"properties": {"x": "x"}}), tmp_path)
    assert result.ids == ["visit-1", "visit-3"]
    (refused,) = result.refused
    assert refused["code"] in {"invalid_json", "invalid_utf8"}
    assert (refused["origin"], refused["row_number"]) == ("rows.jsonl", 2)
    assert bytes(refused["body"]) == line


@pytest.mark.parametrize("content", [b"", b"\n\n", HEADER, HEADER.rstrip(b"\n")])
def test_empty_files_are_no_error_and_are_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    result = run(mapping("rows.csv"), tmp_path)
    assert (result.total, result.chunks) == (0, [])
    assert result.notes == [
        "rows.csv holds a header and no rows." if content.strip() else "rows.csv is empty."
    ]


def test_empty_json_and_parquet_and_one_empty_file_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert run(mapping("a.jsonl"), tmp_path).notes == ["a.jsonl is empty."]
    pq.write_table(
        pa.table({n: pa.array([], pa.string()) for n in ("id", "at", "card")}),
        tmp_path / "a.parquet",
    )
    assert run(mapping("a.parquet"), tmp_path).total == 0
    csv(tmp_path, name="1.csv")
    csv(tmp_path, good(1), name="2.csv")
    (tmp_path / "3.csv").write_bytes(b"")
    result = run(mapping("*.csv"), tmp_path)
    assert result.ids == ["visit-1"]
    assert result.notes == ["3.csv is empty.", "1.csv holds a header and no rows."]


def raised(definition: dict[str, Any], path: Path) -> InputError:
    with pytest.raises(InputError) as error:
        run(definition, path)
    return error.value


def test_a_wrong_delimiter_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id;at;card\n1;2026-01-01;c\n")
    error = raised(mapping("rows.csv"), tmp_path)
    assert isinstance(error, DefinitionError)
    assert error.field == "message.timestamp.column"
    assert 'has no column "at"' in error.message
    assert 'If the delimiter is ";", set csv.delimiter.' in error.message


def test_consent_is_true_or_false(tmp_path: Path) -> None:
    csv(tmp_path, good(1))
    error = raised(mapping("rows.csv", {"consent": {"Ads": "x"}}), tmp_path)
    assert isinstance(error, DefinitionError)
    assert error.field == "message.consent.Ads"
    assert "expected true or false" in error.message


def test_a_column_that_does_not_exist_offers_the_nearest(tmp_path: Path) -> None:
    csv(tmp_path, good(1))
    error = raised(mapping("rows.csv", {"properties": {"n": "crad"}}), tmp_path)
    assert error.field == "message.properties.n"
    assert error.message.endswith('rows.csv has no column "crad"; did you mean "card"?')
    error = raised(mapping("rows.csv", {"properties": {"n": "shop.name"}}), tmp_path)
    assert 'there is no relation "shop"' in error.message
    error = raised(mapping("rows.csv", {"properties": {"n": {"sql": "upper(zzz)"}}}), tmp_path)
    assert error.field == "message.properties.n.sql"
    assert "known are at, card, id, x" in error.message


def test_wrong_encodings_are_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("id,at,card\n1,2026-01-01,c\n".encode("utf-16"))
    error = raised(mapping("rows.csv"), tmp_path)
    assert (error.field, error.hint) == (
        "csv.encoding", "If it is UTF-16, set csv.encoding: utf-16."
    )  # fmt: skip
    (tmp_path / "rows.csv").write_bytes("numéro,at,card\n1,2026-01-01,c\n".encode("latin-1"))
    error = raised(mapping("rows.csv"), tmp_path)
    assert error.field == "csv.encoding"
    assert "rows.csv" in error.message
    (tmp_path / "rows.csv").write_bytes(b"id,at,card\n1,2026-01-01,c\n")
    error = raised(mapping("rows.csv", csv={"encoding": "utf-16"}), tmp_path)
    assert error.field == "csv.encoding"
    for unknown in ("utf-99", "base64"):
        error = raised(mapping("rows.csv", csv={"encoding": unknown}), tmp_path)
        assert f'"{unknown}" is not known' in error.message


def test_a_single_byte_encoding_read_as_utf8_refuses_the_rows_it_garbles(tmp_path: Path) -> None:
    csv(tmp_path, good(1), "2,2026-01-01,c,Łódź\n".encode("windows-1250"), good(3))
    result = run(mapping("rows.csv"), tmp_path)
    assert len(result.incoming) == 2
    assert "set csv.encoding" in result.refused[0]["reason"]


def test_headers_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"id,at,card,id\n1,2026-01-01,c,2\n")
    assert 'two columns named "id"' in raised(mapping("rows.csv"), tmp_path).message
    (tmp_path / "rows.csv").write_bytes(b'id,"at,card\n1,2026-01-01,c\n')
    assert "holds no names" in raised(mapping("rows.csv"), tmp_path).message


def test_files_of_one_import_must_agree(tmp_path: Path) -> None:
    csv(tmp_path, good(1), name="a.csv")
    (tmp_path / "b.csv").write_text("x,card,at,id\nt,c,2026-01-01,2\n")  # another order is fine
    assert run(mapping("*.csv"), tmp_path).total == 2
    (tmp_path / "c.csv").write_text("id,at,card\n3,2026-01-01,c\n")
    assert (
        'c.csv and a.csv differ: only one has the column "x"'
        in raised(mapping("*.csv"), tmp_path).message
    )
    (tmp_path / "c.csv").rename(tmp_path / "c.parquet")
    assert "different formats" in raised(mapping("*.*"), tmp_path).message


def test_files_that_are_not_there_or_not_what_they_say(tmp_path: Path) -> None:
    assert "does not exist" in raised(mapping("x.csv"), tmp_path / "nowhere").message
    assert "it holds no files" in raised(mapping("x.csv"), tmp_path).message
    csv(tmp_path, good(1))
    assert "there are rows.csv" in raised(mapping("x.csv"), tmp_path).message
    for pattern in ("/etc/*", "../*.csv", " "):
        assert raised(mapping(pattern), tmp_path).field == "file"
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 not really")
    assert (
        "rows.parquet cannot be read as Parquet"
        in raised(mapping("rows.parquet"), tmp_path).message
    )
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(HEADER + good(1))[:-10])
    assert "cannot be unpacked" in raised(mapping("rows.csv.gz"), tmp_path).message
    (tmp_path / "rows.dat").write_bytes(b"x")
    assert raised(mapping("rows.dat"), tmp_path).field == "format"


def test_bad_rows_of_a_relation_are_refused_under_its_own_name(tmp_path: Path) -> None:
    csv(tmp_path, good(1))
    (tmp_path / "cards.csv").write_text("card,town\nc1,Kraków\nshort\n")
    definition = mapping(
        "rows.csv",
        {"properties": {"town": "card_of.town"}},
        relations={"card_of": {"file": "cards.csv", "key": {"card": "card"}}},
    )
    result = run(definition, tmp_path)
    assert json.loads(result.incoming[0]["properties"]) == {"town": "Kraków"}
    assert [(r["origin"], r["row_number"]) for r in result.refused] == [("cards.csv", 2)]


def test_sql_that_does_not_fit_its_columns(tmp_path: Path) -> None:
    csv(tmp_path, good(1))
    error = raised(mapping("rows.csv", {"properties": {"n": {"sql": "x * card"}}}), tmp_path)
    assert error.field == "message.properties.n.sql"
    error = raised(mapping("rows.csv", where="upper(x)"), tmp_path)
    assert error.field == "where"


def test_sql_that_fails_on_one_row_gives_no_value_there(tmp_path: Path) -> None:
    csv(tmp_path, b"1,2026-01-01,c,10\n", b"2,2026-01-02,c,0\n", b"3,2026-01-03,c,x\n")
    definition = mapping("rows.csv", {"properties": {"n": {"sql": "7 % cast(x as int)"}}})
    found = [json.loads(row["properties"]) for row in run(definition, tmp_path).incoming]
    assert found == [{"n": 7}, {}, {}]
