"""Files of definitions: what is read, what is refused and where, and what writing leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patron.definitions import read, write
from patron.definitions.bodies import KINDS
from patron.definitions.yaml_reader import MAX_BYTES
from patron.errors import DefinitionError, StorageError


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def body_of(folder: Path, text: str) -> dict[str, Any]:
    put(folder, "one.yaml", "kind: segment\nname: one\n" + text)
    (document,) = read([folder])
    return document.body


def refusal(folder: Path, text: str) -> DefinitionError:
    put(folder, "one.yaml", text)
    with pytest.raises(DefinitionError) as caught:
        read([folder])
    return caught.value


def test_reads_several_documents_of_files_in_folders_with_their_lines(tmp_path: Path) -> None:
    put(
        tmp_path,
        "b/two.yml",
        "# Two of them\n---\nkind: source\nname: web\nbrand: north\n---\n\n"
        "kind: list\nname: vip\nmembers:\n- email:a@example.com\n---\n# nothing here\n",
    )
    put(tmp_path, "a.yaml", "\ufeff{kind: segment, name: lapsed, rule: x}")
    put(tmp_path, ".hidden/c.yaml", "kind: nonsense")
    put(tmp_path, "notes.txt", "kind: nonsense")
    found = read([tmp_path, tmp_path / "a.yaml"])
    assert [(one.kind, one.name, one.body, one.path.name, one.line) for one in found] == [
        ("segment", "lapsed", {"rule": "x"}, "a.yaml", 1),
        ("source", "web", {"brand": "north"}, "two.yml", 3),
        ("list", "vip", {"members": ["email:a@example.com"]}, "two.yml", 8),
    ]


def test_an_empty_folder_and_an_empty_file_hold_nothing(tmp_path: Path) -> None:
    put(tmp_path, "empty.yaml", "")
    put(tmp_path, "comment.yaml", "# later\n---\n---\n")
    assert read([tmp_path]) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("2017-01-01", "2017-01-01"),
        ("2017-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
        ("12:30", "12:30"),
        ("007", "007"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("12", 12),
        ("-1.50", -1.5),
        ("1e3", 1000.0),
        ("18446744073709551615", 18446744073709551615),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("=", "="),
    ],
)
def test_a_plain_word_is_what_a_person_means(tmp_path: Path, written: str, meant: object) -> None:
    value = body_of(tmp_path, f"value: {written}\n")["value"]
    assert value == meant
    assert type(value) is type(meant)


def test_keys_are_text(tmp_path: Path) -> None:
    body = body_of(tmp_path, "codes:\n  1: one\n  no: nine\n  2017-01-01: day\n  null: x\n")
    assert body == {"codes": {"1": "one", "no": "nine", "2017-01-01": "day", "null": "x"}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("kind: segment\nname: one\nrule: a: b\n", 3, "mapping values are not allowed"),
        ("kind: segment\nname: one\nrule: [1,\n", 4, "did not find"),
        ("kind: segment\nname: [one\n---\n", 3, ""),
        ("kind: segment\nname: one\n\trule: x\n", 3, ""),
        ("kind: segment\nname: one\nname: two\n", 3, "'name' is there twice"),
        ("kind: segment\nname: one\na: &x 1\nb: *x\n", 3, "Anchors and aliases"),
        ("kind: segment\nname: one\n<<: {a: 1}\n", 3, "Merge keys"),
        ("kind: segment\nname: one\na: !!python/object:os.system x\n", 3, "Tags are not read"),
        ("kind: segment\nname: one\na: !!float .nan\n", 3, "Tags are not read"),
        ("kind: segment\nname: one\n? [a]\n: b\n", 3, "A key is expected to be text"),
        ("kind: segment\nname: one\na: 1e999\n", 3, "more digits than a number keeps"),
        ("kind: segment\nname: one\na: 0.12345678901234567890\n", 3, "more digits"),
        ("kind: segment\nname: one\na: 99999999999999999999\n", 1, "more than 64 bits"),
        ("kind: segment\nname: one\na: " + "9" * 5000, 3, "more than 64 bits"),
        ('kind: segment\nname: one\na: "\\ud800"\n', 3, ""),
        ("kind: segment\nname: one\na: " + "[" * 65 + "]" * 65, 3, "Nested deeper"),
        ("kind: segment\nname: one\na: " + "[" * 100_000, 3, "Nested deeper"),
        ("kind: segment\nname: one\na: " + "{a: " * 100_000, 3, "Nested deeper"),
        ("kind: segment\nname: one\né: \x01\n", 3, "control character"),
        ("- kind: segment\n", 1, "expected an object"),
        ("just text\n", 1, "expected an object"),
        ("# only\n---\nname: one\n", 3, "kind: missing"),
        ("kind: segment\nrule: x\n", 1, "name: missing"),
        ("name: one\nkind: segmnet\n", 2, "Did you mean 'segment'?"),
        ("name: one\nkind: mappings\n", 2, "Did you mean 'mapping'?"),
        (
            "name: one\nkind: 7\n",
            2,
            f"expected one of {', '.join(KINDS)}",
        ),
        ("kind: segment\nname: Big Spenders\n", 2, "lower-case letters"),
        ("kind: segment\nname: ../../etc\n", 2, "lower-case letters"),
        ("kind: segment\nname: 2017\n", 2, "lower-case letters"),
        ("kind: segment\nname: " + "a" * 101, 2, "at most 100"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    error = refusal(tmp_path, text)
    assert error.message.startswith(f"{tmp_path / 'one.yaml'}:{line}: ")
    assert says in error.message
    assert len(error.message) < 400 + len(str(tmp_path))


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_bytes(b"kind: segment\nname: one\ntitle: caf\xe9\n")
    with pytest.raises(DefinitionError, match=r"one\.yaml:3: The file is not UTF-8"):
        read([path])


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DefinitionError, match="at most 16,777,216 are read"):
        read([path])


def test_a_path_that_is_not_there_is_an_error_and_not_an_empty_set(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="there is no such file or folder"):
        read([tmp_path / "definitoins"])


def test_one_name_in_two_files_names_both(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", "kind: segment\nname: one\n")
    put(tmp_path, "b.yaml", "kind: list\nname: one\n---\nkind: segment\nname: one\n")
    with pytest.raises(DefinitionError) as caught:
        read([tmp_path])
    assert caught.value.message == (
        f"{tmp_path / 'b.yaml'}:4: the segment one is already defined in {tmp_path / 'a.yaml'}:1."
    )


def test_written_files_look_as_a_person_would_write_them(tmp_path: Path) -> None:
    body = {
        "rule": "count('Order Completed', last 365 days) >= 5\nand not in lapsed\n",
        "tags": ["a", "no"],
        "brand": "north",
        "since": "2017-01-01",
        "title": "Große Käufer 😀",
        "weights": {"z": {"deep": 1.5}, "a": True},
    }
    (path,) = write(tmp_path, {("segment", "big-spenders"): body})
    assert path == tmp_path / "segments" / "big-spenders.yaml"
    assert path.read_text(encoding="utf-8") == (
        "kind: segment\n"
        "name: big-spenders\n"
        "title: Große Käufer 😀\n"
        "brand: north\n"
        "since: '2017-01-01'\n"
        "rule: |\n"
        "  count('Order Completed', last 365 days) >= 5\n"
        "  and not in lapsed\n"
        "tags:\n"
        "- a\n"
        "- 'no'\n"
        "weights:\n"
        "  a: true\n"
        "  z:\n"
        "    deep: 1.5\n"
    )


def test_an_equal_definition_keeps_its_file_with_comments_and_order(tmp_path: Path) -> None:
    text = "# Why: the board asked\nname: one\nrule:   x   # short\nkind: segment\n"
    path = put(tmp_path, "mine.yaml", text)
    stamp = path.stat().st_mtime_ns
    assert write(tmp_path, {("segment", "one"): {"rule": "x"}}) == []
    trim = {"segment": lambda _, body: {"rule": body["rule"].upper()}}
    assert write(tmp_path, {("segment", "one"): {"rule": "X"}}, trim) == []
    assert path.read_text(encoding="utf-8") == text
    assert path.stat().st_mtime_ns == stamp


def test_a_changed_definition_is_replaced_where_it_stands(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "all.yaml",
        "# first\nkind: segment\nname: one\nrule: a\n\n# about two\n---\n"
        "# second\nkind: list\nname: two\n---\n{kind: source, name: three}\n",
    )
    other = put(tmp_path, "other.yaml", "kind: segment\nname: four\nrule: d\n")
    changed = write(
        tmp_path,
        {
            ("segment", "one"): {"rule": "b"},
            ("source", "three"): {"brand": "south"},
            ("segment", "four"): None,
            ("segment", "five"): None,
        },
    )
    assert changed == [path, other]
    assert path.read_text(encoding="utf-8") == (
        "# first\nkind: segment\nname: one\nrule: b\n\n# about two\n---\n"
        "# second\nkind: list\nname: two\n---\nkind: source\nname: three\nbrand: south\n"
    )
    assert not other.exists()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_definition_taken_out_leaves_its_neighbours(tmp_path: Path, newline: str) -> None:
    text = "--- {kind: list, name: a}\n--- {kind: list, name: b}\n...\n---\nkind: list\nname: c"
    path = put(tmp_path, "all.yaml", text.replace("\n", newline))
    write(tmp_path, {("list", "b"): None})
    assert [one.name for one in read([path])] == ["a", "c"]
    write(tmp_path, {("list", "a"): {"members": [1]}})
    assert [(one.name, one.body) for one in read([path])] == [("a", {"members": [1]}), ("c", {})]


def test_a_new_definition_joins_a_file_of_its_name(tmp_path: Path) -> None:
    path = put(tmp_path, "segments/two.yaml", "kind: segment\nname: one\nrule: a")
    write(tmp_path, {("segment", "two"): {"rule": "b"}})
    assert [(one.name, one.path) for one in read([tmp_path])] == [("one", path), ("two", path)]


def test_nothing_is_written_when_anything_cannot_be(tmp_path: Path) -> None:
    good = {("segment", "one"): {"rule": "a"}}
    for bad in (
        {("segment", "../one"): {}},
        {("segmet", "one"): {}},
        {("segment", "two"): {"kind": "x"}},
        {("segment", "two"): {"x": float("nan")}},
        {("segment", "two"): {"x": {1, 2}}},
        {("segment", "two"): {"x": "\ud800"}},
    ):
        with pytest.raises(DefinitionError):
            write(tmp_path, good | bad)
    put(tmp_path, "broken.yaml", "kind: [")
    with pytest.raises(DefinitionError, match=r"broken\.yaml"):
        write(tmp_path, good)
    assert [path.name for path in tmp_path.rglob("*")] == ["broken.yaml"]


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    put(tmp_path, "segments", "in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        write(tmp_path, {("segment", "one"): {}})
