"""Which value of a trait holds, and what else was said."""

from __future__ import annotations

import math
from typing import Any

import pytest

from patron.profiles import observations, plain, traits


def held(world: Any, minute: float = 1000) -> dict[str, Any]:
    return {one.name: one.value for one in traits(world.cursor, 1, world.at(minute))}


def test_the_latest_value_holds_whatever_order_it_came_in(world: Any) -> None:
    world.trait(1, "city", '"Hanoi"', 20, source=2)
    world.trait(1, "city", '"Hue"', 10)
    world.trait(2, "city", '"elsewhere"', 30)
    (trait,) = traits(world.cursor, 1, world.at(1000))
    assert (trait.value, trait.source, trait.occurred_at) == ("Hanoi", "store", world.at(20))
    assert held(world, 20) == {"city": "Hanoi"}
    assert held(world, 19.9) == {"city": "Hue"}
    assert held(world, 9) == {}


def test_ties_are_settled_by_source_and_message_id_and_not_by_arrival(world: Any) -> None:
    world.trait(1, "a", "1", 10, source=2, id_="m1")
    world.trait(1, "a", "2", 10, source=1, id_="m9")
    world.trait(1, "b", "1", 10, id_="m9")
    world.trait(1, "b", "2", 10, id_="m10")
    assert held(world) == {"a": 1, "b": 1}


def test_null_clears_a_trait_until_it_is_set_again(world: Any) -> None:
    world.trait(1, "city", '"Hue"', 10)
    world.trait(1, "city", "null", 20)
    world.trait(1, "city", '"Hanoi"', 30)
    assert [held(world, minute) for minute in (15, 25, 35)] == [
        {"city": "Hue"},
        {},
        {"city": "Hanoi"},
    ]


def test_a_merged_profile_has_the_traits_of_both(world: Any) -> None:
    world.trait(1, "city", '"Hue"', 10)
    world.trait(2, "city", '"Hanoi"', 20)
    world.trait(3, "points", "1", 20)
    world.merge(3, 2, "r")
    world.merge(2, 1, "r")
    assert held(world) == {"city": "Hanoi", "points": 1}


@pytest.mark.parametrize(
    ("json", "value"),
    [
        ("1", 1),
        ("1.0", 1.0),
        ("1.10", 1.1),
        ("-0.0", -0.0),
        ("9007199254740993", 9007199254740993),
        ("18446744073709551615", 18446744073709551615),
        ("-9223372036854775808", -9223372036854775808),
        ("1e22", 1e22),
        ("0.30000000000000004", 0.30000000000000004),
        ("true", True),
        ('"1"', "1"),
        ('"2017-01-01"', "2017-01-01"),
        ('"é 😀 \\u0000"', "é 😀 \x00"),
        ("[]", []),
        ("{}", {}),
        ('{"a.b": [1, null, {"c": 1.5}]}', {"a.b": [1, None, {"c": 1.5}]}),
        ("1e400", "Infinity"),
    ],
)
def test_a_value_is_shown_as_it_was_sent(world: Any, json: str, value: Any) -> None:
    world.trait(1, "it", json, 1)
    (trait,) = traits(world.cursor, 1, world.at(1))
    assert trait.value == value
    assert type(trait.value) is type(value)
    assert plain(trait)["value"] == value
    if isinstance(value, float):
        assert math.copysign(1, trait.value) == math.copysign(1, value)


def test_everything_that_was_said_can_be_shown(world: Any) -> None:
    world.trait(1, "city", '"Hue"', 10)
    world.trait(1, "city", '"Hue"', 40, source=2)
    world.trait(1, "city", '"Hanoi"', 30)
    world.trait(1, "city", '"Hue"', 20)
    world.trait(1, "age", "7", 10)
    world.trait(1, "age", "null", 11)
    world.trait(1, "age", "8", 99)
    found = observations(world.cursor, 1, world.at(50))
    assert [(one.name, one.value, one.source, one.wins) for one in found] == [
        ("age", None, "web", True),
        ("age", 7, "web", False),
        ("city", "Hue", "store", True),
        ("city", "Hanoi", "web", False),
        ("city", "Hue", "web", False),
    ]
    assert found[4].occurred_at == world.at(20)
    assert [one.value for one in observations(world.cursor, 1, world.at(50), name="age")] == [
        None,
        7,
    ]
