"""Finding a profile, its identifiers, and everything of it at a glance."""

from __future__ import annotations

from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError, StorageError
from patron.profiles import identifiers, merged_from, plain, resolve, standing, summary


def found(cursor: Cursor, kind: str, value: str) -> int | None:
    """The id of the profile that has an identifier."""
    one = resolve(cursor, kind, value)
    return None if one is None else one.profile_id


def test_an_identifier_leads_to_the_profile_that_stands(world: Any) -> None:
    world.profile(1)
    world.profile(2)
    world.identifier(1, "email", "ann@example.com", "Ann@Example.com")
    world.identifier(2, "anonymous_id", "a-1")
    cursor = world.cursor
    assert found(cursor, "email", "ann@example.com") == 1
    assert found(cursor, "anonymous_id", "a-1") == 2
    assert found(cursor, "anonymous_id", "ann@example.com") is None
    assert found(cursor, "email", "Ann@Example.com") is None
    world.merge(2, 1, "same card")
    assert found(cursor, "anonymous_id", "a-1") == 1
    assert [(one.type, one.value, one.original) for one in identifiers(cursor, 1)] == [
        ("email", "ann@example.com", "Ann@Example.com"),
        ("anonymous_id", "a-1", "a-1"),
    ]
    assert identifiers(cursor, 1)[0].first_seen_at == world.at(1)


def test_keys_that_collide_are_told_apart_by_their_values(world: Any) -> None:
    world.identifier(1, "email", "ann@example.com")
    world.cursor.execute("update identifiers set value = 'bob@example.com', profile_id = 9")
    assert found(world.cursor, "email", "ann@example.com") is None


def test_a_merged_profile_leads_to_the_last_one(world: Any) -> None:
    world.profile(1)
    world.profile(2, merged_into=1)
    world.profile(3, merged_into=2)
    stands = [standing(world.cursor, one) for one in (1, 2, 3, 4)]
    assert [one and one.profile_id for one in stands] == [1, 1, 1, None]
    world.cursor.execute("update profiles set merged_into = 3 where profile_id = 1")
    with pytest.raises(StorageError, match="merged into itself"):
        standing(world.cursor, 3)


def test_all_that_were_merged_in_are_listed_with_reasons(world: Any) -> None:
    for number in (1, 2, 3, 4):
        world.profile(number)
    world.merge(3, 2, "both carry the loyalty card 7", minute=5)
    world.merge(2, 1, "both carry the e-mail x", minute=9)
    found = [(one.profile_id, one.into, one.reason) for one in merged_from(world.cursor, 1)]
    assert found == [
        (2, 1, "both carry the e-mail x"),
        (3, 2, "both carry the loyalty card 7"),
    ]
    assert merged_from(world.cursor, 4) == []


def test_the_summary_of_a_merged_profile_is_that_of_the_one_that_stands(world: Any) -> None:
    # S1.2: one profile with attributes, transactions and identifiers.
    world.profile(1, minute=1)
    world.profile(2, minute=2)
    world.identifier(1, "email", "ann@example.com")
    world.identifier(2, "loyalty_card", "7")
    world.trait(2, "points", "12", 3)
    world.trait(1, "city", '"Hue"', 50)
    world.event(2, "Order Completed", 4, order_id="o1", currency="EUR", revenue="12.50")
    world.merge(2, 1, "one card", minute=6)
    found = summary(world.cursor, 2, world.at(10))
    assert found == summary(world.cursor, 1, world.at(10))
    assert plain(found) == {
        "profile_id": 1,
        "first_seen_at": "2018-01-01T00:01:00Z",
        "identifiers": [
            {
                "type": "email",
                "value": "ann@example.com",
                "original": "ann@example.com",
                "first_seen_at": "2018-01-01T00:01:00Z",
            },
            {
                "type": "loyalty_card",
                "value": "7",
                "original": "7",
                "first_seen_at": "2018-01-01T00:02:00Z",
            },
        ],
        "traits": [
            {
                "name": "points",
                "value": 12,
                "source": "web",
                "occurred_at": "2018-01-01T00:03:00Z",
            }
        ],
        "orders": {
            "orders": 1,
            "cancelled": 0,
            "by_currency": [
                {
                    "currency": "EUR",
                    "orders": 1,
                    "revenue": "12.5",
                    "total": None,
                    "average": "12.5",
                    "refunded": "0",
                    "first_order_at": "2018-01-01T00:04:00Z",
                    "last_order_at": "2018-01-01T00:04:00Z",
                }
            ],
        },
        "groups": [],
        "merged_from": [
            {
                "profile_id": 2,
                "into": 1,
                "occurred_at": "2018-01-01T00:06:00Z",
                "recorded_at": "2018-01-01T00:07:00Z",
                "reason": "one card",
            }
        ],
    }


def test_an_unknown_profile_is_not_found(world: Any) -> None:
    with pytest.raises(NotFoundError, match="no profile 7"):
        summary(world.cursor, 7, world.at(0))
