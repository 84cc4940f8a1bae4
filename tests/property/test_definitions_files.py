"""What is written out and read back is the same, whatever it holds."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patron.definitions import KINDS, apply, canonical, current, diff, read, write
from patron.engines.duckdb import Database
from patron.warehouse.schema import migrate

NOW = datetime(2018, 1, 1)

TRAPS = st.sampled_from(
    [
        "no", "on", "y", "True", "null", "~", "", " ", "2017-01-01", "12:30", "007", "0x1f", "1e3",
        "1_000", ".nan", ".inf", "-.5", "1.", "+1", "=", "<<", "*a", "&a", "!a", "# c", "a # c",
        "a: b", "- a", "---", "...", "? a", "| a", "%a", "@a", "`a`", "'", '"', "{", "[", "\t",
        "\n", "\n\n", "a\n", "a\n\n", "\na", " a\nb", "a \nb", "a\n b\n  c", "a\n\tb", "a\r\nb",
        "a\x85b", "\x85", "a\rb", "a\u2028b", "---\na", "a\n---\nb", "#\n#", "\ufeff", "\x00",
        "\x7f", "😀\n😀", "\ue000\nx",
    ]
)  # fmt: skip
TEXT = TRAPS | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXT.filter(lambda key: key not in {"kind", "name"}), VALUES, max_size=5)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
DEFINITIONS = st.dictionaries(st.tuples(st.sampled_from(KINDS), NAMES), BODIES, max_size=4)


def texts(definitions: dict[Any, Any]) -> dict[Any, str]:
    """Canonical texts: in Python 1 equals 1.0 and True, in JSON it does not."""
    return {key: canonical(body) for key, body in definitions.items()}


@settings(max_examples=120, deadline=None)
@given(definitions=DEFINITIONS)
def test_written_and_read_back_a_definition_is_the_same(definitions: dict[Any, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = write(folder, definitions)
        assert len(written) == len(definitions)
        found = {document.key: document.body for document in read([folder])}
        assert texts(found) == texts(definitions)
        assert write(folder, definitions) == []


@settings(max_examples=30, deadline=None)
@given(first=DEFINITIONS, second=DEFINITIONS)
def test_written_over_an_older_state_the_folder_says_the_new_one(
    first: dict[Any, Any], second: dict[Any, Any]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        joined = folder / "all.yml"
        write(folder / "parts", first)
        parts = sorted((folder / "parts").rglob("*.yaml"))
        text = "---\n".join(path.read_text(encoding="utf-8") for path in parts)
        for path in parts:
            path.unlink()
        joined.write_text("# ours\n" + text, encoding="utf-8", newline="\n")
        wanted = {key: None for key in first if key not in second} | second
        write(folder, wanted)
        found = {document.key: document.body for document in read([folder])}
        assert texts(found) == texts(second)


@settings(max_examples=10, deadline=None)
@given(first=DEFINITIONS, second=DEFINITIONS, prune=st.booleans())
def test_applied_written_read_nothing_is_left_to_change(
    first: dict[Any, Any], second: dict[Any, Any], prune: bool
) -> None:
    with tempfile.TemporaryDirectory() as name, Database(threads=1) as database:
        cursor = database.cursor()
        migrate(cursor)
        for wanted in (first, second):
            apply(cursor, diff(current(cursor), wanted, prune=prune), NOW)
            held = {key: one.body for key, one in current(cursor).items()}
            assert texts(held) == texts(wanted)
            assert all(
                change.action == "keep" for change in diff(current(cursor), wanted, prune=prune)
            )
        write(Path(name), {key: one.body for key, one in current(cursor).items()})
        again = diff(current(cursor), {one.key: one.body for one in read([name])}, prune=True)
        assert [change.action for change in again] == ["keep"] * len(second)
