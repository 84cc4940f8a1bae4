"""Customers are found by any identifier or name, or a part of it (S2.1), and by kind (S5.29)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patron.errors import InputError, NotFoundError
from patron.pipeline.search import Selection
from unit.pipeline.shop import Shop

PEOPLE = (
    ("ann", {"email": "Ann.Lee@example.com", "firstName": "Ann", "lastName": "Lee"}),
    ("zofia", {"phone": "+48 600 123 456", "firstName": "Zofia", "lastName": "Żółć"}),
    ("annabel", {"name": "Annabel de Vries", "city": "Utrecht"}),
)

Found = Callable[..., list[str | None]]


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    made = Shop(folder)
    for user, traits in PEOPLE:
        made.send("identify", userId=user, traits=traits)
    made.send("track", event="Seen", anonymousId="browser-4711")
    yield made
    made.workspace.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "data") as made:
        yield made


@pytest.fixture(params=["tables", "file", "file and tables"], scope="module")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Found]:
    """Finds in tables alone, in the file, and where a part of what is known came in since.

    One shop for all that only ask.
    """
    with opened(tmp_path_factory.mktemp("asked") / "data") as shop:
        if request.param != "tables":
            shop.workspace._search.make()
        if request.param == "file and tables":
            shop.send("identify", userId="late", traits={"name": "Ann Late"})
        yield finding(shop)


def finding(shop: Shop) -> Found:
    def find(search: str | None = None, **more: object) -> list[str | None]:
        page = shop.workspace.customers(Selection(search=search, **more))["data"]
        return [one["identifier"] for one in page if one["name"] != "Ann Late"]

    return find


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("ann", ["ann", "annabel"]),  # the whole value first
        ("ANN.LEE@", ["ann"]),
        ("lee ann", ["ann"]),
        ("example", ["ann"]),
        ("zolc", ["zofia"]),
        ("Żó", ["zofia"]),
        ("+48 600", ["zofia"]),
        ("600 123", ["zofia"]),
        ("0600123456", ["zofia"]),
        ("3456", ["zofia"]),
        ("vri", ["annabel"]),
        ("lee vries", []),
        ("utrecht", []),
        ("%", []),
        ("'; drop table profiles; --", []),
    ],
)
def test_words_begin_what_is_found(found: Found, typed: str, whom: list[str]) -> None:
    expected = [f"user_id:{one}" for one in whom]
    if typed == "600 123":  # the number begins with the country
        assert found(typed, inside=True) == expected
    else:
        assert found(typed) == expected


def test_within_words_only_where_asked(found: Found) -> None:
    assert found("nabe") == []
    assert found("nabe", inside=True) == ["user_id:annabel"]


def test_visitors_are_found_by_their_device(found: Found) -> None:
    assert found("browser-47") == ["anonymous_id:browser-4711"]
    assert found(known=False) == ["anonymous_id:browser-4711"]
    assert found("browser", known=True) == []


def test_pages_follow_one_another(shop: Shop) -> None:
    first = shop.workspace.customers(Selection(search="ann", limit=1))
    second = shop.workspace.customers(Selection(search="ann", limit=1, cursor=first["next"]))
    assert [one["name"] for one in first["data"] + second["data"]] == [
        "Ann Lee",
        "Annabel de Vries",
    ]
    assert second["next"] is None


def test_a_merge_and_its_undoing_are_followed(shop: Shop) -> None:
    workspace = shop.workspace

    def gemina() -> list[str]:
        return [
            one["identifier"] for one in workspace.customers(Selection(search="gemina"))["data"]
        ]

    shop.send("identify", anonymousId="browser-2", traits={"name": "Gemina Twin"})
    workspace._search.make()
    assert gemina() == ["anonymous_id:browser-2"]
    shop.send("track", event="Seen", anonymousId="browser-2", userId="annabel")
    assert gemina() == ["user_id:annabel"]
    workspace._search.make()
    link = ("anonymous_id:browser-2", "user_id:annabel")
    workspace.unmerge(link=link, reason="Two people.", made_by="eve")
    assert gemina() == ["anonymous_id:browser-2"]


def test_members_of_a_segment_alone(shop: Shop) -> None:
    shop.segment("in-utrecht", 'city = "Utrecht"')
    page = shop.workspace.customers(Selection(search="ann", segment="in-utrecht"))
    assert [one["identifier"] for one in page["data"]] == ["user_id:annabel"]
    with pytest.raises(NotFoundError, match="nowhere"):
        shop.workspace.customers(Selection(segment="nowhere"))


def test_counts_tell_known_from_anonymous(shop: Shop) -> None:
    counts = shop.workspace.customer_counts()
    assert (counts["total"], counts["known"], counts["anonymous"]) == (4, 3, 1)


def test_a_file_of_other_tables_is_left_alone(shop: Shop) -> None:
    index = shop.workspace._search
    index.make()
    made = index._sorted
    assert made is not None
    with shop.workspace.reading() as reading:
        assert index.sorted(reading) == made
        index._sorted = made._replace(extent=made.extent._replace(retired=1))
        assert index.sorted(reading) is None
        later = made.extent._replace(position=made.extent.position + 1)
        index._sorted = made._replace(extent=later)
        assert index.sorted(reading) is None


def test_the_file_of_an_earlier_run_is_used_again(shop: Shop) -> None:
    shop.workspace._search.make()
    made = shop.workspace._search._sorted
    (shop.workspace._store.live / "search-1-1-0-0.parquet").write_bytes(b"left over")
    shop.restart()
    assert shop.workspace._search._sorted == made
    assert [p.name for p in shop.workspace._store.live.glob("search-*")] == [made.path.name]


@pytest.mark.parametrize("wrong", ["x", "1", "1-", "1-2-3", "²-1", "1-" + "9" * 40])
def test_a_made_up_cursor_is_refused(shop: Shop, wrong: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        shop.workspace.customers(Selection(cursor=wrong))


@pytest.mark.parametrize("wrong", [" ", "a b c d e f g"])
def test_a_search_for_nothing_or_too_much_is_refused(shop: Shop, wrong: str) -> None:
    with pytest.raises(InputError, match="search"):
        shop.workspace.customers(Selection(search=wrong))
