"""The guide's examples are definitions that hold, and its table of words is true."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from patron.definitions import KINDS, read
from patron.pipeline.checks import checked

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/how-to/definitions-as-code.md").read_text(encoding="utf-8")
WORDS = re.findall(r"^\| `(\S+)` \| (text|number|boolean|null) \|$", GUIDE, re.MULTILINE)
TYPES = {"text": str, "number": (int, float), "boolean": bool, "null": type(None)}


def test_the_yaml_of_the_guide_is_accepted(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")
    bodies = checked(asdict(document) for document in read([tmp_path]))
    assert list(bodies) == [("segment", "regulars"), ("source", "tills"), ("list", "board")]


def test_the_guide_names_every_kind() -> None:
    named = re.search(r"The kinds are (.*?)\. ", GUIDE)
    assert named is not None
    assert tuple(re.findall(r"`(\w+)`", named[1])) == KINDS


@pytest.mark.parametrize(("written", "kind"), WORDS)
def test_words_are_read_as_the_guide_says(tmp_path: Path, written: str, kind: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(f"kind: segment\nname: one\nvalue: {written}\n", encoding="utf-8")
    (definition,) = read([path])
    value = definition.body["value"]
    assert isinstance(value, TYPES[kind])
    assert isinstance(value, bool) == (kind == "boolean")


def test_the_table_was_found() -> None:
    assert len(WORDS) == 15


def test_the_python_of_the_guide_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "guide", "exec"), {})
    assert "source tills" in capsys.readouterr().out
