"""What a profile shows, what the view says and what the oracle finds are one (M24, S4.4)."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from differential.bulk import fill
from patron.engines.duckdb import Database
from patron.profiles.encoding import decode
from patron.segments.conditions import moment
from patron.segments.surviving import every_trait, traits_view
from patron.spec.survivorship import Judged, Told, judged
from patron.spec.traits import Survivorships, TraitDefinition, survivorships
from patron.testing.differential.harness import draw_world
from patron.testing.differential.histories import History
from patron.testing.differential.vocabulary import TRAITS
from patron.testing.differential.worlds import world_of
from patron.testing.oracle.shapes import Question
from patron.testing.oracle.traits import states
from patron.testing.oracle.values import identical
from patron.warehouse.questions import as_of as hold_as_of
from patron.warehouse.schema import migrate


def decided_in(history: Any, world: Any) -> Survivorships:
    traits = [TraitDefinition(name=name, **told) for name, told in history.traits.items()]
    return survivorships(traits, world["trust"], world["by_hand"], world["source_ids"])


def alike(found: object, expected: object) -> bool:
    """Equal values; lists that were united have their items in an order of their own."""
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        left = list(expected)
        for item in found:
            same = next((n for n, other in enumerate(left) if identical(item, other)), None)
            if same is None:
                return False
            left.pop(same)
        return True
    return identical(found, expected)


def of_person(person: Any, rules: Survivorships, at: Any) -> dict[str, Judged]:
    told: dict[str, list[Told]] = {}
    for one in person["traits"]:
        if one["occurred_at"] <= at:
            value = None if one["value"] is None else json.dumps(one["value"])
            row = Told(one["occurred_at"], one["source_id"], one["message_id"], value)
            told.setdefault(one["name"], []).append(row)
    found = {}
    for name, rows in told.items():
        random.Random(str(at)).shuffle(rows)
        found[name] = judged(rows, rules.of(name), at)
        assert found[name].reasons.keys() == set(rows), "each observation has its reason"
    return found


def all_ordered(history: History) -> History:
    """The same history where every trait has an order of trust of its own, and no hand wins."""
    order = {"survivorship": "trusted", "trust_order": ["a-store", "b-web"]}
    return replace(history, traits=dict.fromkeys(TRAITS, order), people=())


@pytest.mark.parametrize(("seed", "ordered"), [(11, False), (21, False), (33, True)])
def test_profile_view_and_oracle_agree(seed: int, ordered: bool) -> None:
    history = draw_world(seed)
    history = all_ordered(history) if ordered else history
    world = world_of(history)
    rules = decided_in(history, world)
    chance = random.Random(seed)
    moments = sorted(one["occurred_at"] for p in world["people"] for one in p["traits"])
    compared = 0
    with Database(threads=1) as database:
        cursor = database.cursor()
        migrate(cursor)
        fill(cursor, world)
        cursor.execute(traits_view(rules))
        for at in chance.sample(moments, 3):
            hold_as_of(cursor, at)
            cursor.execute("select profile_id, name, value::JSON from customer_traits")
            viewed = {(one, name): decode(value) for one, name, value in cursor.all()}
            cursor.execute(every_trait("current_traits", rules, moment(at)))
            assert len(cursor.all()) >= len(viewed)
            for person in world["people"]:
                question = Question(world, person, at)
                for name, (value, by, _) in of_person(person, rules, at).items():
                    known = states(question, name, None)
                    expected = known[-1].value if known else None
                    assert alike(value, expected), (name, rules.of(name), value, expected)
                    assert (by is None) == (expected is None)
                    shown = viewed.pop((person["id"], name), None)
                    assert shown == value or alike(shown, value), (name, shown, value)
                    compared += 1
            assert not viewed
    assert compared > 50


def test_united_lists_read_the_same_everywhere() -> None:
    rules = survivorships(
        [TraitDefinition(name="t", type="list", survivorship="union")], {}, [], {}
    )
    lists = ['["b","a!",2]', '["a",1.0,null]', '[1,{"x":1},[2.0]]', '"no list"']
    with Database(threads=1) as database:
        cursor = database.cursor()
        migrate(cursor)
        rows = []
        for number, text in enumerate(lists):
            at = f"2020-01-0{number + 1}"
            cursor.execute(
                "insert into traits values (?, 1, 1, 't', ?::JSON::VARIANT, ?, 1, ?)",
                [number, text, at, str(number)],
            )
        cursor.execute("select occurred_at, source_id, message_id, value::JSON from traits")
        rows = [Told(*row) for row in cursor.all()]
        cursor.execute("insert into sources values (1, 's', 'b', 'web', 'web', 100, true)")
        cursor.execute(traits_view(rules))
        ((value, source),) = cursor.execute("select value::JSON, source from customer_traits").all()
    end = max(row.occurred_at for row in rows)
    assert decode(value) == judged(rows, rules.of("t"), end).value
    assert len(decode(value)) == 7
    assert source == "s"
