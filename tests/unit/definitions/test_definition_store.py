"""Versions of definitions, and the plan that leads from what holds to what files want."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from patron.definitions import (
    KINDS,
    Version,
    apply,
    current,
    diff,
    get,
    history,
    read,
    record,
    write,
)
from patron.engines.duckdb import Cursor, Database
from patron.errors import ConflictError, DefinitionError
from patron.warehouse.schema import migrate

NOW = datetime(2018, 1, 1)
LATER = NOW + timedelta(days=1)
LAST = NOW + timedelta(days=2)


@pytest.fixture
def cursor() -> Iterator[Cursor]:
    with Database(threads=1) as database:
        cursor = database.cursor()
        migrate(cursor)
        yield cursor


def actions(cursor: Cursor, wanted: dict[Any, Any], *, prune: bool = False) -> list[str]:
    changes = diff(current(cursor), wanted, prune=prune)
    return [f"{one.action} {one.kind} {one.name}" for one in changes]


def test_a_version_is_made_only_when_something_new_is_said(cursor: Cursor) -> None:
    first = record(cursor, "segment", "one", {"b": 1, "a": [1.0]}, "api", NOW)
    again = record(cursor, "segment", "one", {"a": [1.0], "b": 1}, "api", LATER)
    assert first is not None
    assert (first.version, first.recorded_at, first.origin) == (1, NOW, "api")
    assert again == first
    second = record(cursor, "segment", "one", {"a": [1], "b": 1}, "api", LATER)
    assert second is not None
    assert (second.version, second.body) == (2, {"a": [1], "b": 1})
    assert record(cursor, "segment", "one", None, "api", LAST) is None
    assert record(cursor, "segment", "one", None, "api", LAST) is None
    assert current(cursor) == {}
    assert history(cursor, "segment", "one") == [
        Version(3, None, "api", LAST),
        Version(2, {"a": [1], "b": 1}, "api", LATER),
        Version(1, {"a": [1.0], "b": 1}, "api", NOW),
    ]
    back = record(cursor, "segment", "one", {}, "file", LAST)
    assert back is not None
    assert (back.version, back.body, back.from_file) == (4, {}, True)
    assert current(cursor) == {("segment", "one"): back}


def test_what_cannot_be_kept_is_refused(cursor: Cursor) -> None:
    for kind, name, body in (
        ("segments", "one", {}),
        ("segment", "One", {}),
        ("segment", "one", {"a": float("inf")}),
        ("segment", "one", {"a": 2**64}),
        ("segment", "one", {1: "a"}),
        ("segment", "one", {"a": NOW}),
    ):
        with pytest.raises(DefinitionError):
            record(cursor, kind, name, body, "api", NOW)
    assert history(cursor, "segment", "one") == []


def test_apply_does_what_diff_says_and_twice_changes_nothing(cursor: Cursor) -> None:
    wanted = {
        ("segment", "a"): {"rule": "in list vip"},
        ("list", "vip"): {"members": []},
        ("mapping", "crm"): {"source": "crm"},
        ("identity", "default"): {"types": []},
        ("source", "crm"): {"brand": "north"},
    }
    assert actions(cursor, wanted) == [
        "add source crm",
        "add identity default",
        "add mapping crm",
        "add list vip",
        "add segment a",
    ]
    apply(cursor, diff(current(cursor), wanted), NOW)
    before = current(cursor)
    again = diff(before, wanted)
    assert {one.action for one in again} == {"keep"}
    apply(cursor, again, LATER)
    assert current(cursor) == before
    assert cursor.execute("select count(*) from definitions").value() == 5


def test_removals_come_last_and_the_other_way_round(cursor: Cursor) -> None:
    old = {("source", "a"): {}, ("list", "a"): {}, ("segment", "a"): {}, ("segment", "b"): {}}
    apply(cursor, diff({}, old), NOW)
    assert actions(cursor, {("source", "z"): {}}) == [
        "add source z",
        "remove segment b",
        "remove segment a",
        "remove list a",
        "remove source a",
    ]


def test_what_the_api_made_is_removed_only_by_pruning(cursor: Cursor) -> None:
    record(cursor, "segment", "console", {"rule": "x"}, "api", NOW)
    record(cursor, "segment", "console", {"rule": "y"}, "api", LATER)
    apply(cursor, diff(current(cursor), {("segment", "file"): {}}), LATER)
    assert actions(cursor, {}) == ["remove segment file"]
    assert actions(cursor, {}, prune=True) == ["remove segment file", "remove segment console"]
    apply(cursor, diff(current(cursor), {}), LAST)
    assert list(current(cursor)) == [("segment", "console")]


def test_what_a_file_made_and_the_api_changed_is_shown_as_a_change(cursor: Cursor) -> None:
    wanted = {("segment", "a"): {"rule": "x", "tags": ["p"]}}
    apply(cursor, diff({}, wanted), NOW)
    record(cursor, "segment", "a", {"rule": "y", "tags": ["p"]}, "api", LATER)
    (change,) = diff(current(cursor), wanted)
    assert (change.action, change.fields, change.version) == ("change", ("rule",), 2)
    assert change.before == {"rule": "y", "tags": ["p"]}
    # A file made it once, so that without its file it goes.
    assert actions(cursor, {}) == ["remove segment a"]
    apply(cursor, [change], LAST)
    held = get(cursor, "segment", "a")
    assert held is not None
    assert (held.version, held.body, held.origin) == (3, wanted["segment", "a"], "file")


def test_made_again_by_the_api_after_a_removal_it_is_no_longer_of_files(cursor: Cursor) -> None:
    record(cursor, "segment", "a", {}, "file", NOW)
    record(cursor, "segment", "a", None, "file", LATER)
    record(cursor, "segment", "a", {}, "api", LAST)
    assert actions(cursor, {}) == []


def test_a_file_that_says_the_same_takes_over_without_a_new_version(cursor: Cursor) -> None:
    record(cursor, "segment", "a", {"rule": "x"}, "api", NOW)
    wanted = {("segment", "a"): {"rule": "x"}}
    (change,) = diff(current(cursor), wanted)
    assert (change.action, change.adopted) == ("keep", True)
    apply(cursor, [change], LATER)
    assert history(cursor, "segment", "a") == [Version(1, {"rule": "x"}, "file", NOW)]
    assert [one.adopted for one in diff(current(cursor), wanted)] == [False]
    assert actions(cursor, {}) == ["remove segment a"]


def test_a_plan_that_was_overtaken_is_refused_whole(cursor: Cursor) -> None:
    record(cursor, "segment", "b", {"rule": "x"}, "api", NOW)
    changes = diff(current(cursor), {("list", "a"): {}, ("segment", "b"): {"rule": "z"}})
    record(cursor, "segment", "b", {"rule": "y"}, "api", LATER)
    with pytest.raises(ConflictError, match="segment b was changed"), cursor.transaction():
        apply(cursor, changes, LAST)
    assert list(current(cursor)) == [("segment", "b")]
    added = diff({}, {("segment", "c"): {}})
    record(cursor, "segment", "c", {"rule": "y"}, "api", LATER)
    with pytest.raises(ConflictError, match="segment c"):
        apply(cursor, added, LAST)


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"a": 1}, {"a": 1.0}, ("a",)),
        ({"a": 1}, {"a": True}, ("a",)),
        ({"a": None}, {}, ("a",)),
        ({"a": {"b": [{"c": 1}, {"c": 2}]}}, {"a": {"b": [{"c": 1}, {"c": 3}]}}, ("a.b[1].c",)),
        ({"a": [{"c": 1}]}, {"a": [{"c": 1}, {}]}, ("a",)),
        ({"a": [1, 2, 3]}, {"a": [0, 1, 2]}, ("a",)),
        ({"a": {"x": 1}}, {"a": [1]}, ("a",)),
        ({"b": 1, "a": "x"}, {"c": 1, "a": "y"}, ("a", "b", "c")),
    ],
)
def test_changed_fields_are_named_by_their_paths(
    cursor: Cursor, before: dict[str, Any], after: dict[str, Any], fields: tuple[str, ...]
) -> None:
    record(cursor, "segment", "a", before, "file", NOW)
    (change,) = diff(current(cursor), {("segment", "a"): after})
    assert (change.action, change.fields) == ("change", fields)


def test_written_out_and_read_again_nothing_differs(cursor: Cursor, tmp_path: Path) -> None:
    record(cursor, "segment", "a", {"rule": "x\ny", "n": 1.0}, "api", NOW)
    record(cursor, "source", "web", {"brand": "no", "since": "2017-01-01"}, "file", NOW)
    validators = {kind: lambda _, body: body for kind in KINDS}
    write(tmp_path, {key: one.body for key, one in current(cursor).items()}, validators)
    changes = diff(current(cursor), {one.key: one.body for one in read([tmp_path])}, prune=True)
    assert [(one.action, one.fields) for one in changes] == [("keep", ()), ("keep", ())]


def test_a_change_has_a_json_face(cursor: Cursor) -> None:
    (change,) = diff({}, {("source", "web"): {"brand": "a"}})
    assert msgspec.json.decode(msgspec.json.encode(change)) == {
        "action": "add",
        "kind": "source",
        "name": "web",
        "before": None,
        "after": {"brand": "a"},
        "fields": [],
        "version": None,
        "adopted": False,
    }
