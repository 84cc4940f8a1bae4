"""Tables of identity, and stored rows that follow merges and splits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

import pytest

from patron.engines.duckdb import Cursor, Database
from patron.identity import Batch, Resolver, compact, write
from patron.spec.identifiers import DEFAULT_RULES
from patron.warehouse.schema import migrate

NOW = datetime(2025, 3, 1)
ANN, BOB = ("user_id", "ann"), ("user_id", "bob")
TABLET, MAIL = ("anonymous_id", "tablet"), ("email", "ann@example.com")


class Shop:
    """A workspace of two tables: identity, and events without content."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.resolver = Resolver(DEFAULT_RULES)
        self.position = 0

    def send(self, moment: int, *identifiers: tuple[str, str]) -> None:
        self.position += 1
        with self.cursor.transaction():
            name = f"m{self.position}"
            answer = self.resolver.resolve(Batch.of([moment], [1], [name], [identifiers]))
            write(self.cursor, answer, recorded_at=NOW)
            self.cursor.execute(
                "insert into events by name select ? as position, ? as profile_id, "
                "? as identifier_id, 'track' as type, 'Seen' as name, ? as occurred_at, "
                "now()::timestamp as received_at, 1 as source_id, 'b' as brand, 'web' as channel",
                [self.position, int(answer.profile_id[0]), int(answer.identifier_id[0]), NOW],
            )
        self.resolver.commit()

    def owners(self, view: str = "current_events") -> list[int]:
        self.cursor.execute(f"select profile_id from {view} order by position")
        return [row[0] for row in self.cursor.all()]

    def standing(self) -> dict[int, int | None]:
        rows = self.cursor.execute("select profile_id, merged_into from profiles").all()
        return {row[0]: row[1] for row in rows}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Database() as database:
        migrate(database.cursor())
        yield Shop(database.cursor())


def test_events_follow_a_merge_through_the_view_and_then_by_compaction(shop: Shop) -> None:
    shop.send(5, ANN)
    shop.send(6, TABLET)
    shop.send(7, ANN, TABLET)
    assert shop.owners() == [1, 1, 1]
    assert shop.owners("events") == [1, 2, 1]
    assert compact(shop.cursor) == 1
    assert shop.owners("events") == [1, 1, 1]
    assert shop.cursor.execute("select count(*) from profile_map").value() == 0
    assert shop.standing() == {1: None, 2: 1}
    assert compact(shop.cursor) == 0


@pytest.mark.parametrize("compacted", [False, True])
def test_events_follow_a_merge_that_is_undone(shop: Shop, compacted: bool) -> None:
    shop.send(5, ANN)
    shop.send(6, MAIL)
    shop.send(21, ANN, MAIL)  # 2 merges into 1
    shop.send(22, MAIL)  # stored under 1
    if compacted:
        compact(shop.cursor)
    assert shop.owners() == [1, 1, 1, 1]
    shop.send(1, BOB, MAIL)  # Bob had the address first: 2 stands again
    assert shop.owners() == [1, 2, 1, 2, 2]
    assert shop.standing() == {1: None, 2: None}


def test_a_merge_of_merged_profiles_leads_there_in_one_step(shop: Shop) -> None:
    for moment, identifier in enumerate([ANN, MAIL, TABLET]):
        shop.send(moment, identifier)
    shop.send(10, MAIL, TABLET)
    shop.send(11, ANN, MAIL)
    assert shop.standing() == {1: None, 2: 1, 3: 1}
    assert shop.owners() == [1] * 5


def test_what_failed_leaves_neither_rows_nor_memory(shop: Shop) -> None:
    shop.send(5, ANN)
    with contextlib.suppress(InterruptedError), shop.cursor.transaction():
        answer = shop.resolver.resolve(Batch.of([6], [1], ["lost"], [[ANN, TABLET]]))
        write(shop.cursor, answer, recorded_at=NOW)
        raise InterruptedError
    shop.resolver.rollback()
    shop.send(7, BOB, TABLET)
    assert shop.owners() == [1, 2]
    shop.cursor.execute("select count(*), count(distinct identifier_id) from identifiers")
    assert shop.cursor.all() == [(3, 3)]


def test_first_seen_follows_late_messages(shop: Shop) -> None:
    shop.send(50, ANN, TABLET)
    shop.send(20, TABLET)
    shop.cursor.execute("select epoch_us(first_seen_at) from profiles")
    assert shop.cursor.all() == [(20,)]
    shop.cursor.execute("select epoch_us(first_seen_at) from identifiers order by identifier_id")
    assert shop.cursor.all() == [(50,), (20,)]


def test_originals_are_kept(shop: Shop) -> None:
    shop.send(5, ("email", " Ann@Example.COM "))
    shop.cursor.execute("select value, original, birth_profile_id from identifiers")
    assert shop.cursor.all() == [("ann@example.com", " Ann@Example.COM ", 1)]


@pytest.mark.parametrize("sizes", [(4,), (1, 1, 1, 1), (2, 2)])
def test_a_link_names_its_first_message_whatever_the_order(
    shop: Shop, sizes: tuple[int, ...]
) -> None:
    """Of the same moment the smaller source counts, and then the smaller message id."""
    waiting = [(7, 1, "a"), (5, 2, "a"), (5, 1, "c"), (5, 1, "b")]
    for size in sizes:
        some, waiting = waiting[:size], waiting[size:]
        moments, sources, names = zip(*some, strict=True)
        with shop.cursor.transaction():
            answer = shop.resolver.resolve(Batch.of(moments, sources, names, [[ANN, MAIL]] * size))
            write(shop.cursor, answer, recorded_at=NOW)
        shop.resolver.commit()
    shop.cursor.execute("select epoch_us(first_observed_at), source_id, message_id from links")
    assert shop.cursor.all() == [(5, 1, "b")]


def test_first_seen_is_right_on_both_sides_of_a_split(shop: Shop) -> None:
    shop.send(30, ANN)
    shop.send(10, MAIL)
    shop.send(40, ANN, MAIL)  # 2 merges into 1, which was so first seen at 10
    shop.send(20, BOB, MAIL)  # Bob had the address first
    shop.cursor.execute("select profile_id, epoch_us(first_seen_at) from profiles order by all")
    assert shop.cursor.all() == [(1, 30), (2, 10)]
