"""The first rows of a file, and what its columns look like: to begin a mapping with."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from patron import structs
from patron.collect.files.discovery import DataFile, guess_format
from patron.errors import InputError
from patron.spec.mapping import CsvOptions, Format

ROWS = 200
"""So many rows are looked at."""

HEAD = 256 * 1024
"""So many bytes tell the encoding and the delimiter of a text file."""

SAMPLES = 3

Kind = Literal["text", "number", "boolean", "time", "object", "list", "empty"]

_DELIMITERS = ",;\t|"
_TRUTHS = {"true", "false", "yes", "no", "t", "f", "y", "n"}
_NUMBER = re.compile(r"-?(?!0\d)\d+(?:[.,]\d+)?")
TIMES: dict[str, re.Pattern[str]] = {
    "iso": re.compile(
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    ),
    "%d.%m.%Y": re.compile(r"(?:[0-2]?\d|3[01])\.(?:0?\d|1[0-2])\.\d{4}"),
    "%d/%m/%Y": re.compile(r"(?:[0-2]?\d|3[01])/(?:0?\d|1[0-2])/\d{4}"),
    "%m/%d/%Y": re.compile(r"(?:0?\d|1[0-2])/(?:[0-2]?\d|3[01])/\d{4}"),
}
"""Formats of times that are told by how they look; of two that fit, the first."""


class Column(NamedTuple):
    """A column of a file, as its first rows have it.

    Attributes:
        name: Its name.
        kind: What its values are.
        time_format: How times are written; None for what is none.
        filled: How many of the rows have a value.
        different: How many different ones.
        samples: Some of them, as text.
    """

    name: str
    kind: Kind
    time_format: str | None
    filled: int
    different: int
    samples: list[str]


class Sample(NamedTuple):
    """The beginning of a file.

    Attributes:
        format: What it is.
        csv: How it is written, where it is delimited text.
        columns: In the order of the file.
        rows: How many rows were looked at.
    """

    format: Format
    csv: CsvOptions
    columns: list[Column]
    rows: int


def sample(path: Path) -> Sample:
    """Look at the first rows of a file.

    Raises:
        DefinitionError: The ending of its name does not tell the format.
        InputError: It cannot be read as what its name says.
    """
    kind = guess_format([DataFile(0, path.name, path)], None, "format")
    try:
        options = _csv_options(path) if kind == "csv" else CsvOptions()
        rows = list(islice(_rows(path, kind, options), ROWS))
    except (OSError, EOFError, ValueError, csv.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        told = f"{path.name} cannot be read as {kind}: {reason}"
        raise InputError(told, field="upload") from None
    if not rows:
        raise InputError(f"{path.name} holds no rows.", field="upload")
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [_column(name, [row.get(name) for row in rows]) for name in names]
    return Sample(kind, options, columns, len(rows))


def beginning(path: Path, into: Path, found: Sample, rows: int) -> Path:
    """Write the first rows of a file to another one of the same format.

    Args:
        path: The file.
        into: A folder.
        found: What `sample` said of it.
        rows: So many at most.
    """
    if found.format == "parquet":
        import pyarrow.parquet as parquet

        target = into / "beginning.parquet"
        parquet.write_table(parquet.ParquetFile(path).read().slice(0, rows), target)
        return target
    target = into / f"beginning.{found.format}"
    encoding = found.csv.encoding if found.format == "csv" else "utf-8"
    with _opened(path, encoding) as text, target.open("w", encoding=encoding, newline="") as out:
        lines = list(_records(text, found, rows))
        out.writelines(lines)
    return target


def _records(text: Iterable[str], found: Sample, rows: int) -> Iterator[str]:
    """The lines of the first records; one of CSV can have several."""
    if found.format == "jsonl":
        yield from islice((line for line in text if line.strip()), rows)
        return
    passed: list[str] = []

    def noted() -> Iterator[str]:
        for line in text:
            passed.append(line)
            yield line

    records = csv.reader(noted(), delimiter=found.csv.delimiter, quotechar=found.csv.quote)
    for _ in islice(records, rows + 1):
        pass
    yield from passed


def _rows(path: Path, kind: Format, options: CsvOptions) -> Iterator[dict[str, Any]]:
    if kind == "parquet":
        import pyarrow.parquet as parquet

        for batch in parquet.ParquetFile(path).iter_batches(batch_size=ROWS):
            yield from batch.to_pylist()
        return
    with _opened(path, options.encoding) as text:
        if kind == "csv":
            yield from csv.DictReader(
                text, delimiter=options.delimiter, quotechar=options.quote, restkey=""
            )
        else:
            for line in filter(str.strip, text):
                yield structs.decode(line, dict[str, Any])


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_raw(path), encoding=encoding, newline="")


def _raw(path: Path) -> Any:  # noqa: ANN401 - either is a file of bytes
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _csv_options(path: Path) -> CsvOptions:
    with _raw(path) as raw:
        head: bytes = raw.read(HEAD)
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace")
    try:
        delimiter = csv.Sniffer().sniff(text[:16_384], _DELIMITERS).delimiter
    except csv.Error:
        first = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=first.count)
    return CsvOptions(delimiter=delimiter, encoding=encoding)


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        head[: len(head) - 4 if len(head) == HEAD else None].decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _column(name: str, values: list[Any]) -> Column:
    filled = [value for value in values if value not in (None, "")]
    texts = list(dict.fromkeys(map(_text, filled)))
    kind, time_format = _kind(filled)
    return Column(name, kind, time_format, len(filled), len(texts), texts[:SAMPLES])


def _text(value: Any) -> str:  # noqa: ANN401 - what a file holds
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value, enc_hook=str).decode().strip('"')


def _kind(values: list[Any]) -> tuple[Kind, str | None]:
    if not values:
        return "empty", None
    told: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
        (dict, "object"),
        (list, "list"),
        (bool, "boolean"),
    )
    for type_, kind in told:
        if all(isinstance(value, type_) for value in values):
            return kind, None
    texts = [_text(value).strip() for value in values]
    if all(text.lower() in _TRUTHS for text in texts):
        return "boolean", None
    if all(_NUMBER.fullmatch(text) for text in texts):
        return "number", None
    for time_format, pattern in TIMES.items():
        if all(pattern.fullmatch(text) for text in texts):
            return "time", time_format
    return "text", None
