"""Text files, row by row: headers, records, and what is wrong with the rows that are wrong.

The engine reads clean files quickly, but gives up at, or silently jumps over, some that are not.
`records` is slower and exact: every line of the file is in a row or in a refusal.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from codecs import BOM_UTF8, IncrementalDecoder, getincrementaldecoder, lookup
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import BadGzipFile
from io import StringIO
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

from patron.errors import DefinitionError, InputError
from patron.spec.mapping import CsvOptions

MAX_RECORD_BYTES = 1024 * 1024
MAX_RECORD_LINES = 200
"""How far a quoted field may run on; beyond it, the quote was never meant to open one."""

_BLOCK = 4 * 1024 * 1024
_UNCLOSED = ("invalid_csv", "A quote is opened and never closed.")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a text file.

    Attributes:
        number: From 1; the header does not count.
        fields: Its fields; None when it is wrong.
        raw: Its bytes without the end of the line; kept only when it is wrong.
        code: What is wrong, for programs.
        reason: What is wrong, for people.
    """

    number: int
    fields: list[str] | None
    raw: bytes = b""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a pass over the bytes shows.

    Attributes:
        lines: Lines that are not empty.
        valid: Whether all of it is UTF-8.
    """

    lines: int
    valid: bool


def plain_copy(path: Path, encoding: str, copy: Path, field: str) -> Path:
    """The file as plain UTF-8: itself, or a copy.

    Bytes that mean nothing in the encoding stay as they are; they spoil just their own row.

    Args:
        path: The file; unpacked when its name ends in ``.gz``.
        encoding: What it is written in.
        copy: Where a copy goes, if one is needed.
        field: Path of the encoding in the mapping.

    Raises:
        DefinitionError: The encoding is unknown, or plainly not that of the file.
    """
    try:
        codec = lookup(encoding).name
        "x".encode(encoding)
    except LookupError:
        raise DefinitionError(
            f'{field}: the encoding "{encoding}" is not known; '
            "usual ones are utf-8, windows-1250, windows-1252, iso-8859-2 and utf-16.",
            field=field,
        ) from None
    if codec == "utf-8" and path.suffix != ".gz":
        return path
    try:
        with open_bytes(path) as source, copy.open("wb") as target:
            if codec == "utf-8":
                copyfileobj(source, target, _BLOCK)
            else:
                _transcode(source, target, codec)
    except UnicodeError as error:
        raise DefinitionError(
            f"{path.name} is not {encoding}: {error}.",
            field=field,
            hint=f"Set {field} to the encoding that the file has.",
        ) from None
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise InputError(f"{path.name} cannot be unpacked: {error}.") from None
    return copy


def _transcode(source: BinaryIO, target: BinaryIO, codec: str) -> None:
    decoder = getincrementaldecoder(codec)(errors="surrogateescape")
    while block := source.read(_BLOCK):
        target.write(decoder.decode(block).encode(errors="surrogateescape"))
    target.write(decoder.decode(b"", final=True).encode(errors="surrogateescape"))


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacking it when its name ends in ``.gz``."""
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def shape(path: Path, name: str, field: str) -> Shape:
    """Count the lines of a plain file.

    Raises:
        DefinitionError: It holds NUL bytes at its start, as UTF-16 does.
    """
    lines = 0
    last = b"\n"
    valid = first = True
    decoder = getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if first and b"\0" in block[:4096]:
                raise DefinitionError(
                    f"{name} is not UTF-8: it holds NUL bytes, as UTF-16 does.",
                    field=field,
                    hint=f"If it is UTF-16, set {field}: utf-16.",
                )
            first = False
            valid = valid and _is_utf8(decoder, block)
            lines += block.count(b"\n") - _empty_lines(block, last)
            last = block[-1:]
    if last != b"\n":
        lines += 1
    return Shape(lines=lines, valid=valid and _is_utf8(decoder, b"", final=True))


def header(path: Path, name: str, options: CsvOptions, where: str) -> tuple[list[str], int]:
    """The names of a delimited file's columns, and how many lines they take.

    Raises:
        DefinitionError: The header cannot be read, or gives a name twice.
    """
    if not options.header:
        return list(options.names), 0
    with path.open("rb") as file:
        lines = _Lines(file)
        line = lines.take()
        if line is None:
            return [], 0
        taken, fields, problem = _record(line, lines, options, columns=None)
    if fields is None:
        hint = f"If the file is in another encoding, set {where}.encoding."
        raise DefinitionError(
            f"The first line of {name} holds no names: {problem[1]}",
            field=f"{where}.encoding" if problem[0] == "invalid_utf8" else where,
            hint=hint if problem[0] == "invalid_utf8" else None,
        )
    names = [column.strip() for column in fields]
    for index, column in enumerate(names):
        if column and column in names[:index]:
            raise DefinitionError(f'{name} has two columns named "{column}".', field=where)
    return names, taken


def records(path: Path, options: CsvOptions, columns: int) -> Iterator[Record]:
    """All records of a delimited file, one by one.

    Args:
        path: A plain file.
        options: How it is written.
        columns: How many fields a record must have.
    """
    with path.open("rb") as file:
        lines = _Lines(file)
        if options.header:
            first = lines.take()
            if first is not None:
                _record(first, lines, options, columns=None)
        number = 0
        while (line := lines.take()) is not None:
            number += 1
            _, fields, (code, reason) = _record(line, lines, options, columns)
            if fields is None:
                yield Record(number, None, line, code, reason)
            else:
                yield Record(number, fields)


def text_lines(path: Path) -> Iterator[Record]:
    """All lines of a plain file, each as a record of one field."""
    with path.open("rb") as file:
        lines = _Lines(file)
        number = 0
        while (line := lines.take()) is not None:
            number += 1
            if len(line) > MAX_RECORD_BYTES:
                reason = f"The line has {len(line):,} bytes; at most {MAX_RECORD_BYTES:,} are read."
                yield Record(number, None, line[:MAX_RECORD_BYTES], "too_large", reason)
                continue
            try:
                yield Record(number, [line.decode()])
            except UnicodeDecodeError as error:
                yield Record(number, None, line, "invalid_utf8", _not_utf8(error))


def byte_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not empty, numbered from 1; unpacks ``.gz``."""
    with open_bytes(path) as file:
        lines = _Lines(file)
        number = 0
        while (line := lines.take()) is not None:
            number += 1
            yield number, line


class _Lines:
    """The lines of a file that are not empty, with a way to look ahead and go back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: list[bytes] = []
        self._at_start = True
        self.ending = b""
        """What ended the line taken last."""

    def take(self) -> bytes | None:
        """The next line that is not empty, without its end; None at the end of the file."""
        while (whole := self._next()) is not None:
            line = whole.rstrip(b"\r\n")
            if line:
                self.ending = whole[len(line) :]
                return line
        return None

    def peek(self, count: int) -> list[bytes]:
        """Up to so many lines that come next, with their ends; they stay in place."""
        while len(self._waiting) < count:
            line = self._file.readline()
            if not line:
                break
            self._waiting.append(line)
        return self._waiting[:count]

    def skip(self, count: int) -> None:
        """Pass over lines seen by `peek`."""
        del self._waiting[:count]

    def _next(self) -> bytes | None:
        line = self._waiting.pop(0) if self._waiting else self._file.readline()
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BOM_UTF8)
        return line or None


def _record(
    line: bytes, lines: _Lines, options: CsvOptions, columns: int | None
) -> tuple[int, list[str] | None, tuple[str, str]]:
    """Read the record that starts with a line.

    Returns:
        How many lines it takes, its fields, and what is wrong when they are None. A record that is
        wrong takes one line, so that what follows it is read for itself.
    """
    fields, problem = _fields(line, options, columns)
    quote = options.quote.encode()
    if fields is not None or line.count(quote) % 2 == 0:
        return 1, fields, problem
    # A quote is open at the end of the line, or one stands in the midst of plain text.
    more = _rest_of_quoted(line, lines, quote)
    if more is None:
        return 1, None, (problem if problem[0] != "invalid_csv" else _UNCLOSED)
    text = line + lines.ending + b"".join(more)
    fields, problem = _fields(text.rstrip(b"\r\n"), options, columns)
    if fields is None:
        return 1, None, problem
    lines.skip(len(more))
    return 1 + len(more), fields, problem


def _rest_of_quoted(line: bytes, lines: _Lines, quote: bytes) -> list[bytes] | None:
    """The lines that a quoted field runs on over; None when its end is not found."""
    size = len(line)
    ahead = 8
    done = 0
    more: list[bytes] = []
    while True:
        seen = lines.peek(ahead)
        for following in seen[done:]:
            more.append(following)
            size += len(following)
            if following.count(quote) % 2:
                return more
            if size > MAX_RECORD_BYTES:
                return None
        if len(seen) < ahead or ahead >= MAX_RECORD_LINES:
            return None
        done = len(seen)
        ahead = min(ahead * 4, MAX_RECORD_LINES)


def _fields(
    raw: bytes, options: CsvOptions, columns: int | None
) -> tuple[list[str] | None, tuple[str, str]]:
    if len(raw) > MAX_RECORD_BYTES:
        reason = f"The row has {len(raw):,} bytes; at most {MAX_RECORD_BYTES:,} are read."
        return None, ("too_large", reason)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return None, ("invalid_utf8", _not_utf8(error))
    if options.quote not in text and "\r" not in text:
        fields = text.split(options.delimiter)
    else:
        try:
            reader = csv.reader(
                StringIO(text, newline=""),
                delimiter=options.delimiter,
                quotechar=options.quote,
                strict=True,
            )
            fields, *others = list(reader)
        except csv.Error as error:
            return None, ("invalid_csv", f"The row is not valid CSV: {error}.")
        if others:
            return None, _UNCLOSED
    if columns is not None and len(fields) != columns:
        reason = f"The row has {len(fields)} fields; the file has {columns} columns."
        return None, ("wrong_field_count", reason)
    return fields, ("", "")


def _not_utf8(error: UnicodeDecodeError) -> str:
    return (
        f"The row is not UTF-8 (byte {error.start + 1} of the row); if the file is in another "
        "encoding, set csv.encoding."
    )


def _is_utf8(decoder: IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _empty_lines(block: bytes, before: bytes) -> int:
    """How many line ends in a block end an empty line."""
    empty = 1 if before == b"\n" and block[:1] == b"\n" else 0
    if before == b"\n" and block[:2] == b"\r\n":
        empty += 1
    at = block.find(b"\n\n")
    while at >= 0:
        empty += 1
        at = block.find(b"\n\n", at + 1)
    at = block.find(b"\n\r\n")
    while at >= 0:
        empty += 1
        at = block.find(b"\n\r\n", at + 1)
    return empty
