"""Files whose lines are protocol messages already: read as bytes, for the validator of HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from patron.collect.files.discovery import find_files
from patron.collect.files.text import byte_lines
from patron.errors import DefinitionError, InputError
from patron.spec.mapping import Mapping


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line of a file.

    Attributes:
        file: The file's name, relative to the folder of the import.
        row: From 1; empty lines do not count.
        body: Its bytes, without the end of the line. They may be anything.
    """

    file: str
    row: int
    body: bytes


def read_messages(mapping: Mapping, path: Path) -> Iterator[MessageLine]:
    """The lines of all files of a mapping in the mode ``messages``.

    Args:
        mapping: Names the files.
        path: The folder or file.

    Raises:
        InputError: There is no such file, or it cannot be read.
        DefinitionError: The mapping has another mode.
    """
    if mapping.mode != "messages":
        raise DefinitionError("mode: expected messages.", field="mode")
    for file in find_files(path, mapping.file, "file"):
        try:
            for row, body in byte_lines(file.path):
                yield MessageLine(file.name, row, body)
        except (OSError, EOFError) as error:
            raise InputError(f"{file.name} cannot be read: {error}.") from None
