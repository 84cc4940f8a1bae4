"""Definitions in files: reading them with file and line, writing them back out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from patron.definitions.bodies import FOLDERS, Body, Key, canonical, check_kind, check_name
from patron.definitions.yaml_reader import YamlDocument, YamlError, located, parse
from patron.definitions.yaml_writer import render
from patron.errors import DefinitionError, InputError, StorageError

SUFFIXES = (".yaml", ".yml")

Validator = Callable[[str, Body], Body]
"""Takes a name and a body, and returns the body in its normal form, or raises an InputError."""


@dataclass(frozen=True, slots=True)
class Document:
    """One definition as a file gives it.

    Attributes:
        kind: Such as ``segment``.
        name: Its name.
        body: All other keys.
        path: The file.
        line: Where it starts, from 1.
    """

    kind: str
    name: str
    body: Body
    path: Path
    line: int

    @property
    def key(self) -> Key:
        """Kind and name."""
        return self.kind, self.name


def read(paths: Iterable[Path | str]) -> list[Document]:
    """Read all definitions in files and folders.

    Args:
        paths: Files, or folders, which are searched with all folders inside for ``.yaml`` and
            ``.yml``; names that start with a dot are left out.

    Returns:
        The definitions, by file and line.

    Raises:
        DefinitionError: A file is not there or not right; says file and line.
    """
    found: dict[Key, Document] = {}
    for path in _files(paths):
        for document in _read_file(path):
            twin = found.setdefault(document.key, document)
            if twin is not document:
                raise DefinitionError(
                    f"{document.path}:{document.line}: the {document.kind} {document.name} is "
                    f"already defined in {twin.path}:{twin.line}.",
                    field="name",
                )
    return list(found.values())


def read_text(text: str) -> list[Document]:
    r"""Read all definitions of a text, as a file would hold them.

    Args:
        text: YAML.

    Raises:
        DefinitionError: It is not right; says the line.

    >>> [one.key for one in read_text("kind: source\nname: web\ntype: web")]
    [('source', 'web')]
    """
    place = Path("text")
    try:
        return [_definition(document, place) for document in parse(text.encode())]
    except YamlError as error:
        raise located(error, place) from None


def write(
    folder: Path,
    definitions: Mapping[Key, Body | None],
    validators: Mapping[str, Validator] | None = None,
) -> list[Path]:
    """Write definitions out, so that reading the folder gives them back.

    A definition that the folder already says the same of is left as it stands, with its comments.
    One that differs is replaced where it stands; a new one gets a file of its own, such as
    ``segments/lapsed.yaml``. Everything else in the folder stays.

    Args:
        folder: Made when it is not there.
        definitions: Bodies by kind and name; None takes a definition out of its file.
        validators: With them, two bodies of one normal form are the same; without, equal ones.

    Returns:
        The files that were written or removed, in order.

    Raises:
        DefinitionError: A file there cannot be read, or a body cannot be written.
        StorageError: The folder cannot be written to.
    """
    for (kind, name), body in definitions.items():
        _check_writable(kind, name, body)
    there = {document.key: document for document in read([folder])} if folder.exists() else {}
    touched: set[Path] = set()
    try:
        for (kind, name), body in definitions.items():
            path = _write_one(folder, kind, name, body, there.get((kind, name)), validators or {})
            if path is not None:
                touched.add(path)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.") from error
    return sorted(touched)


def _write_one(
    folder: Path,
    kind: str,
    name: str,
    body: Body | None,
    document: Document | None,
    validators: Mapping[str, Validator],
) -> Path | None:
    """Write one definition; returns the file, or None when there was nothing to do."""
    if document is None:
        if body is None:
            return None
        path = folder / FOLDERS[kind] / f"{name}.yaml"
        _append(path, render(kind, name, body))
        return path
    if body is None:
        _take_out(document)
    elif _same(document, body, validators):
        return None
    else:
        _replace(document, render(kind, name, body))
    return document.path


def _files(paths: Iterable[Path | str]) -> Iterator[Path]:
    seen = set()
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if _is_definition(one, path))
        elif path.exists():
            found = [path]
        else:
            raise DefinitionError(f"{path}: there is no such file or folder.")
        for one in found:
            if one.resolve() not in seen:
                seen.add(one.resolve())
                yield one


def _is_definition(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix in SUFFIXES and not hidden and path.is_file()


def _read_file(path: Path) -> Iterator[Document]:
    try:
        documents = list(parse(path.read_bytes()))
    except YamlError as error:
        raise located(error, path) from None
    except OSError as error:
        raise DefinitionError(f"{path}: cannot be read: {error.strerror}.") from error
    for document in documents:
        yield _definition(document, path)


def _definition(document: YamlDocument, path: Path) -> Document:
    value = document.value
    line = document.line
    try:
        if not isinstance(value, dict):
            raise DefinitionError("expected an object with kind and name.")
        for key, check_key in (("kind", check_kind), ("name", check_name)):
            if key not in value:
                raise DefinitionError(f"{key}: missing.", field=key)
            line = document.key_lines[key]
            check_key(value[key])
        line = document.line
        body = {key: item for key, item in value.items() if key not in {"kind", "name"}}
        canonical(body)
    except DefinitionError as error:
        raise DefinitionError(
            f"{path}:{line + 1}: {error.message}", field=error.field, hint=error.hint
        ) from None
    return Document(value["kind"], value["name"], body, path, document.line + 1)


def _check_writable(kind: str, name: str, body: Body | None) -> None:
    check_kind(kind)
    check_name(name)
    if body is None:
        return
    canonical(body)
    for key in ("kind", "name"):
        if key in body:
            raise DefinitionError(
                f"{kind} {name}: a body has no key {key!r}; it stands beside it.", field=key
            )


def _same(document: Document, body: Body, validators: Mapping[str, Validator]) -> bool:
    wanted = canonical(body)
    if canonical(document.body) == wanted:
        return True
    validator = validators.get(document.kind)
    if validator is None:
        return False
    try:
        return canonical(validator(document.name, document.body)) == wanted
    except InputError:
        return False


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8-sig") if path.exists() else ""
    if before.strip():
        before = before if before.endswith("\n") else before + "\n"
        text = before + "---\n" + text
    _save(path, text)


def _replace(document: Document, text: str) -> None:
    lines, place, _ = _place(document)
    end = _without_comments(lines, place)
    head = ["---\n"] if place.inline else []
    _save(document.path, "".join([*lines[: place.line], *head, text, *lines[end:]]))


def _take_out(document: Document) -> None:
    lines, place, alone = _place(document)
    if alone:
        document.path.unlink()
        return
    _save(document.path, "".join(lines[: place.start] + lines[place.end :]))


def _place(document: Document) -> tuple[list[str], YamlDocument, bool]:
    """A file's lines, where a definition stands among them now, and whether it is the only one."""
    data = document.path.read_bytes()
    places = list(parse(data))
    for place in places:
        value = place.value
        if isinstance(value, dict) and (value.get("kind"), value.get("name")) == document.key:
            return data.decode("utf-8-sig").splitlines(keepends=True), place, len(places) == 1
    raise DefinitionError(f"{document.path}: was changed meanwhile; nothing was written to it.")


def _without_comments(lines: list[str], place: YamlDocument) -> int:
    """The end of a document's content; comments and empty lines after it may be the next one's."""
    end = place.end
    while end - 1 > place.line and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _save(path: Path, text: str) -> None:
    """Write a file whole or not at all, and never one that cannot be read."""
    try:
        list(parse(text.encode()))
    except YamlError as error:
        raise located(error, path) from None
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
