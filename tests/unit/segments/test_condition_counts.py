"""How many customers each condition of a rule lets through by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from patron.segments import tree
from patron.segments.text import parse
from unit.pipeline.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("counts")
    made = Shop(folder / "data")
    for number in range(30):
        traits = {"age": number} | ({"city": "Bangkok"} if number % 3 == 0 else {})
        made.send("identify", userId=f"u{number}", traits=traits)
        if number % 4 == 0:
            made.track("Page Viewed", f"u{number}", properties={"page": "Home"})
    made.workspace.put_segment("grown", {"rule": "age >= 18"})
    yield made
    made.workspace.close()


RULES = [
    'city = "Bangkok"',
    'city != "Bangkok"',
    'not (city = "Bangkok" or age > 20)',
    'age > 20 and (city = "Bangkok" or not did "Page Viewed" where (page = "Home"))',
    'at least 2 of (age > 20, city = "Bangkok" and age > 3, in segment grown, city missing)',
    "not (not in segment grown) and random 40 %",
    'age > 3 and age > 3 and not age > 3',
]  # fmt: skip


@pytest.mark.parametrize("text", RULES)
def test_every_count_is_what_the_condition_gives_when_asked_alone(shop: Shop, text: str) -> None:
    found = shop.workspace.preview(text, every=True)
    rule = parse(text)
    for path, node in tree.walk(rule):
        if "where" in path:
            assert path not in found["counts"]
        else:
            alone = shop.workspace.preview(tree.as_object(node))["count"]
            assert found["counts"][path] == alone, path
    assert found["count"] == found["counts"][""]


def test_they_say_what_a_preview_says_without_them(shop: Shop) -> None:
    with_them = shop.workspace.preview(RULES[3], every=True)
    without = shop.workspace.preview(RULES[3])
    assert without["counts"] is None
    for name in ("count", "total", "sample", "conditions"):
        assert with_them[name] == without[name]


def test_nobody_is_counted_in_an_empty_workspace(tmp_path: Path) -> None:
    empty = Shop(tmp_path / "data")
    found = empty.workspace.preview("not random 40 %", every=True)
    assert found["counts"] == {"": 0, "not": 0}
    empty.workspace.close()
