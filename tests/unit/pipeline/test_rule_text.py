"""A rule's text and tree in step, with what is wrong told by its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patron.errors import RuleError
from patron.segments.catalogue import read_catalogue
from unit.pipeline.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    made.send("identify", userId="ann", traits={"city": "Bangkok", "age": 30})
    made.track("Page Viewed", properties={"page": "Home"})
    yield made
    made.workspace.close()


def parse(shop: Shop, rule: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    return shop.workspace.parse(rule, **more)


def test_text_leads_to_the_tree_and_back(shop: Shop) -> None:
    text = 'age >= 18  and\n (city = "Bangkok" or did "Page Viewed" where (page = "Home"))'
    found = parse(shop, text)
    assert found["text"] == text
    assert found["errors"] == found["warnings"] == []
    again = parse(shop, found["rule"])
    assert again["rule"] == found["rule"]
    assert again["text"] == again["canonical"] == found["canonical"]
    assert parse(shop, found["canonical"])["rule"] == found["rule"]


def test_every_condition_has_its_place_in_the_text(shop: Shop) -> None:
    text = '👍 = 1 and\n (city = "Bangkok" or did "Page Viewed" where (page = "Home"))'
    text = text.replace("👍", '"👍"')
    places = parse(shop, text)["places"]
    said = {path: text[one["start"] : one["end"]] for path, one in places.items()}
    assert said == {
        "": text,
        "all[0]": '"👍" = 1',
        "all[1]": 'city = "Bangkok" or did "Page Viewed" where (page = "Home")',
        "all[1].any[0]": 'city = "Bangkok"',
        "all[1].any[1]": 'did "Page Viewed" where (page = "Home")',
        "all[1].any[1].count.where": 'page = "Home"',
    }
    assert (places["all[1].any[0]"]["line"], places["all[1].any[0]"]["column"]) == (2, 3)


def test_what_cannot_be_read_is_told_with_its_place(shop: Shop) -> None:
    found = parse(shop, 'age >= 18 and coun("Page Viewed") > 1')
    assert (found["rule"], found["canonical"], found["places"]) == (None, None, {})
    [error] = found["errors"]
    assert (error["line"], error["column"]) == (1, 19)
    assert error["suggestions"][0] == "count"
    [error] = parse(shop, {"all": [{"trait": "age", "op": "=>", "value": 1}]})["errors"]
    assert error["path"].startswith("all[0]")


def test_names_that_never_occurred_are_warnings_at_their_condition(shop: Shop) -> None:
    text = 'age > 1 and (cty = "Bangkok" or did "Page View")'
    found = parse(shop, text)
    assert found["errors"] == []
    told = [(text[one["start"] : one["end"]], one["suggestions"]) for one in found["warnings"]]
    assert told == [('cty = "Bangkok"', ["city"]), ('did "Page View"', ["Page Viewed"])]


def test_a_segment_that_is_not_there_is_an_error_at_its_condition(shop: Shop) -> None:
    text = "age > 1 and in segment nobody"
    found = parse(shop, text)
    [error] = found["errors"]
    assert (error["path"], text[error["start"] : error["end"]]) == ("all[1]", "in segment nobody")
    assert found["rule"] is not None


def test_a_circle_through_the_segment_itself_is_found(shop: Shop) -> None:
    shop.workspace.put_segment("a", {"rule": "age > 1"})
    shop.workspace.put_segment("b", {"rule": "in segment a"})
    assert parse(shop, "in segment b")["errors"] == []
    assert parse(shop, "in segment b", name="a")["errors"] != []


def test_what_is_defined_meanwhile_is_known_at_once(shop: Shop) -> None:
    assert parse(shop, "in segment late")["errors"] != []
    shop.workspace.put_segment("late", {"rule": "age > 1"})
    assert parse(shop, "in segment late")["errors"] == []


def test_a_preview_knows_what_came_in_since_the_one_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []

    def counted(*given: Any) -> Any:
        looked_up.append(1)
        return read_catalogue(*given)

    monkeypatch.setattr("patron.pipeline.audiences.read_catalogue", counted)
    for _ in range(3):
        assert shop.workspace.preview('did "Page Viewed"')["count"] == 1
    assert looked_up == []  # who types a rule asks often
    shop.track("Song Played")
    assert shop.workspace.preview('did "Song Played"')["count"] == 1
    assert looked_up == [1]
    with pytest.raises(RuleError):
        shop.workspace.preview('did "Never Sent"')
