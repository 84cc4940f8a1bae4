"""What the server says by codes has its words in the console, in every language.

That every message of the English file is in the others is a test of its own.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import patron
from patron import errors
from patron.collect.decoding import SHAPES
from patron.identity.causes import CAUSES
from patron.identity.normal.text import Code
from patron.linking.comparisons import BEFORE, LEVELS, NOT_COUNTED, level_code
from patron.pipeline import attention
from patron.segments.columns import ColumnType
from patron.segments.memberships import REASONS
from patron.spec.survivorship import Reason

CODE = Path(patron.__file__).parent
CONSOLE = Path(__file__).parents[2] / "web/console/src"
LANGUAGES = ("en", "pl", "th")
REFUSED_BY = {"RefusedError", "refuse_if", "refuse", "_refusal"}


def messages(language: str = "en") -> dict[str, Any]:
    file = CONSOLE / f"language/messages/{language}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def trees() -> Iterator[ast.Module]:
    """The code of the server, file by file."""
    for file in sorted(CODE.rglob("*.py")):
        yield ast.parse(file.read_text("utf-8"))


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    """Every call of some functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) in names:
            yield node


def says(tree: ast.Module) -> bool:
    """Whether a file has the function of errors that gives sentences codes."""
    return any(
        (isinstance(one, ast.FunctionDef) and one.name == "unknown")
        or (
            isinstance(one, ast.ImportFrom)
            and one.module == "patron.errors"
            and any(name.name == "told" for name in one.names)
        )
        for one in tree.body
    )


def _called(function: ast.expr) -> str:
    return getattr(function, "id", None) or getattr(function, "attr", "")


def told_codes() -> dict[str, list[set[str]]]:
    """The codes of sentences, each with the names of the values that come with it."""
    found: dict[str, list[set[str]]] = {}
    for call in (call for tree in trees() if says(tree) for call in calls(tree, "told")):
        code = call.args[0]
        assert isinstance(code, ast.Constant), "A code is written where the sentence is."
        names = {one.arg for one in call.keywords if one.arg is not None}
        found.setdefault(code.value, []).append(names)
    return found


def test_every_sentence_with_a_code_has_its_words() -> None:
    assert told_codes().keys() == messages()["told"]["said"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_name_only_what_comes_with_the_code(language: str) -> None:
    codes = told_codes()
    for code, text in messages(language)["told"]["said"].items():
        named = set(re.findall(r"\{([a-z_]+)[,}]", text))
        for values in codes[code]:
            assert named <= values, f"{code}: {text}"


def errors_of(kind: type[errors.PatronError]) -> Iterator[str]:
    yield kind.code
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield from errors_of(one)


ENUMERATIONS: dict[str, Iterable[str]] = {
    "told.kinds": get_args(errors.Kind),
    "told.types": get_args(ColumnType),
    "told.frames": [*errors_of(errors.PatronError), "internal"],
    "told.causes.merge": CAUSES["merge"],
    "told.causes.split": CAUSES["split"],
    "told.causes.move": CAUSES["move"],
    "told.changes": CAUSES,
    "told.levels": {
        level_code(label)
        for label in [BEFORE, NOT_COUNTED, *(one.label for some in LEVELS.values() for one in some)]
    },
    "told.nobody": get_args(Code),
    "told.shapes": set(SHAPES.values()),
    "told.holds": [one.replace(" ", "_") for one in get_args(Reason)],
    "home.needs": get_args(attention.Kind),
    "customer.reasons": REASONS,
}


@pytest.mark.parametrize("path", ENUMERATIONS)
def test_every_word_of_an_enumeration_has_its_words(path: str) -> None:
    found = messages()
    for part in path.split("."):
        found = found[part]
    assert found.keys() == set(ENUMERATIONS[path])


def refusal_codes() -> set[str]:
    """The codes under which messages and rows are refused, as far as they are written out."""
    found = {
        one.value
        for tree in trees()
        for call in calls(tree, *REFUSED_BY)
        for one in [*call.args[:2], *(each.value for each in call.keywords if each.arg == "code")]
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }
    return {one for one in found if re.fullmatch(r"[a-z]+(_[a-z]+)+", one)}


def test_every_reason_of_a_refusal_has_its_words() -> None:
    found = refusal_codes()
    assert {"invalid_time", "no_identity", "wrong_type"} <= found
    assert found <= messages()["quarantine"]["codes"].keys()
    plain = messages()["told"]["refusals"]
    assert plain.keys() - {"message"} < messages()["quarantine"]["codes"].keys()
    assert {name for text in plain.values() for name in re.findall(r"\{(\w+)", text)} == {"field"}
    # Those that are looked up are those that are there.
    listed = re.search(
        r"KNOWN = \[(.*?)\]", (CONSOLE / "pages/data/Reason.tsx").read_text(), re.DOTALL
    )
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) == messages()["quarantine"]["codes"].keys()
