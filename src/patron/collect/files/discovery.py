"""Which files an import reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patron.errors import DefinitionError, InputError, told
from patron.spec.mapping import Format

_ENDINGS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of an import.

    Attributes:
        number: From 0, in the order of the names.
        name: As people see it: relative to the folder of the import.
        path: Where it is.
    """

    number: int
    name: str
    path: Path


def find_files(path: Path, pattern: str, field: str) -> list[DataFile]:
    """The files that a mapping means.

    Args:
        path: A folder, in which the pattern selects; or one file, which is taken as it is.
        pattern: A glob relative to the folder.
        field: Where the pattern stands in the mapping.

    Returns:
        At least one file, in the order of their names.

    Raises:
        InputError: The path does not exist, or nothing in it matches.
        DefinitionError: The pattern leads out of the folder.
    """
    if path.is_file():
        return [DataFile(0, path.name, path)]
    if not path.is_dir():
        raise InputError(
            f"{path} does not exist.", field="path", told=told("file_missing", file=path.name)
        )
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts or not pattern.strip():
        raise DefinitionError(
            f"{field}: expected a path or glob inside the folder of the import, got {pattern!r}.",
            field=field,
        )
    found = sorted(p for p in path.glob(pattern) if p.is_file())
    if not found:
        there = sorted(p.name for p in path.iterdir() if p.is_file())[:20]
        raise InputError(
            f"No file in {path} matches {pattern}; "
            + (f"there are {', '.join(there)}." if there else "it holds no files."),
            field=field,
        )
    return [
        DataFile(number, file.relative_to(path).as_posix(), file)
        for number, file in enumerate(found)
    ]


def guess_format(files: list[DataFile], given: Format | None, field: str) -> Format:
    """The format of files: as given, else by their ending.

    Raises:
        DefinitionError: The ending says nothing, or the files differ.
    """
    if given is not None:
        return given
    formats = set()
    for file in files:
        ending = Path(file.path.stem).suffix if file.path.suffix == ".gz" else file.path.suffix
        found = _ENDINGS.get(ending.lower())
        if found is None:
            raise DefinitionError(
                f"{file.name}: its ending does not tell the format; state it with {field}: "
                "csv, jsonl or parquet.",
                field=field,
            )
        formats.add(found)
    if len(formats) > 1:
        raise DefinitionError(
            f"The files are of different formats ({', '.join(sorted(formats))}); "
            "one mapping reads one format.",
            field=field,
        )
    return formats.pop()
