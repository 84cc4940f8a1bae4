"""The exact reader of text files: every line ends in a row or in a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.collect.files import text
from patron.spec.mapping import CsvOptions

PLAIN = CsvOptions(header=False, names=("a", "b"))


def read(folder: Path, data: bytes, options: CsvOptions = PLAIN) -> list[text.Record]:
    path = folder / "rows.csv"
    path.write_bytes(data)
    return list(text.records(path, options, 2))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
        (b"1,2\r\n3,4", [["1", "2"], ["3", "4"]]),
        (b"\n\n1,2\n\r\n3,4\n\n", [["1", "2"], ["3", "4"]]),
        (b"\xef\xbb\xbf1,2\n", [["1", "2"]]),
        (b'1,"a ""b"" c"\n', [["1", 'a "b" c']]),
        (b'1,"a,b"\n', [["1", "a,b"]]),
        (b'1,"a\nb"\n3,4\n', [["1", "a\nb"], ["3", "4"]]),
        (b'1,"a\r\n\r\nb"\r\n3,4\r\n', [["1", "a\r\n\r\nb"], ["3", "4"]]),
        (b'"a\nb","c\nd"\n3,4\n', [["a\nb", "c\nd"], ["3", "4"]]),
        (b'1,5" pipe\n3,"x"\n', [["1", '5" pipe'], ["3", "x"]]),
        (b",\n", [["", ""]]),
        (b"", []),
        ("ż,\u2028\n".encode(), [["ż", "\u2028"]]),  # only line feeds end a line
    ],
)
def test_records_that_are_right(data: bytes, expected: list[list[str]], tmp_path: Path) -> None:
    found = read(tmp_path, data)
    assert [record.fields for record in found] == expected
    assert [record.number for record in found] == list(range(1, len(expected) + 1))


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"1", "wrong_field_count"), (b"1,2,3", "wrong_field_count"), (b"1,\xff", "invalid_utf8"),
        (b'1,"open', "invalid_csv"), (b'1,"a"b', "invalid_csv"), (b'"1,2', "invalid_csv"),
        (b"1,2\rx,3", "invalid_csv"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("after", [b"3,4", b'3,"4"', b'3,"a\nb"'])
def test_a_wrong_record_takes_one_line(bad: bytes, code: str, after: bytes, tmp_path: Path) -> None:
    first, wrong, last = read(tmp_path, b"1,2\n" + bad + b"\n" + after + b"\n")
    assert (first.fields, wrong.fields) == (["1", "2"], None)
    assert (wrong.code, wrong.raw, wrong.number) == (code, bad, 2)
    assert last.fields == [part.strip('"') for part in after.decode().split(",")]


def test_a_quoted_field_runs_on_only_so_far(tmp_path: Path) -> None:
    long = b'1,"' + b"\n" * 5 + b"x\n" * (text.MAX_RECORD_LINES + 5) + b'"\n'
    found = read(tmp_path, long)
    assert found[0].code == "invalid_csv"
    assert all(record.fields is None for record in found)
    assert len(found) == text.MAX_RECORD_LINES + 7  # every line that is not empty
    short = b'1,"' + b"x\n" * (text.MAX_RECORD_LINES - 5) + b'"\n'
    assert len(read(tmp_path, short)) == 1


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"", 0), (b"\n", 0), (b"a", 1), (b"a\n", 1), (b"a\n\nb", 2), (b"\n\n\na\n\n\n", 1),
     (b"a\r\n\r\nb\r\n", 2), (b"\r\n", 0)],
)  # fmt: skip
def test_lines_are_counted_without_the_empty_ones(data: bytes, lines: int, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert text.shape(path, "x", "csv.encoding") == text.Shape(lines, valid=True)
    assert len(list(text.text_lines(path))) == lines


def test_utf8_is_checked_over_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\n" * 10 + b"\xc5")
    assert not text.shape(path, "x", "csv.encoding").valid
