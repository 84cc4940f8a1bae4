"""The oracle by hand: sets, shares, rankings, brands, groups and membership."""

from __future__ import annotations

from datetime import datetime
from hashlib import md5
from typing import Any

import pytest

from unit.segments.worlds import NOW, event, group_call, observed, person, world
from unit.testing.asked import DAY, HOUR, TICK, around, ask, did, did_at, have


def is_(value: Any) -> dict[str, Any]:
    return {"trait": "t", "op": "=", "value": value}


def at_least_one(name: str = "E", **more: Any) -> dict[str, Any]:
    return {"count": {"event": name, **more}, "op": ">=", "value": 1}


def test_at_least_k_of() -> None:
    made = have(1, 2, 3, 4, None)
    parts = [
        {"trait": "t", "op": "<", "value": 3}, {"trait": "t", "op": "<", "value": 4},
        {"trait": "t", "op": "!=", "value": 1},
    ]  # fmt: skip
    expected = {1: [1, 2, 3, 4, 5], 2: [1, 2, 3], 3: [2]}
    for k, members in expected.items():
        assert ask(made, {"at_least": k, "of": parts}) == members


def test_the_universe_ends_at_the_question() -> None:
    made = world(*(person(n, first_seen_at=at) for n, at in enumerate(around(NOW), 1)))
    assert ask(made, {"not": is_("x")}) == [1, 2]
    assert ask(made, {"share": 100}) == [1, 2]


class TestShare:
    def test_the_same_by_seed_and_profile(self) -> None:
        made = have(*[None] * 400)
        for seed, text in (({}, ""), ({"seed": "spring"}, "spring")):
            low = [
                n
                for n in range(1, 401)
                if int(md5(f"{text}:{n}".encode()).hexdigest()[:8], 16) / 2**32 < 0.1
            ]
            assert ask(made, {"share": 10, **seed}) == low
            assert 20 < len(low) < 60

    def test_exact_limits(self) -> None:
        """A share grows with its percentage, to four places, and leaves out who draws its edge."""
        made = have(None)
        drawn = int(md5(b":1").hexdigest()[:8], 16)
        percent = drawn * 10**6 // 2**32 / 10**4  # the largest of four places that is not above
        assert ask(made, {"share": percent}) == []
        assert ask(made, {"share": round(percent + 0.0001, 4)}) == [1]
        assert ask(made, {"share": 100}) == [1]


class TestTop:
    @staticmethod
    def rule(number: int = 1, name: str = "E", **more: Any) -> dict[str, Any]:
        return {"top": number, "by": {"count": {"event": name}}, "refreshed": "day", **more}

    def test_highest_first_and_ties_by_smaller_id(self) -> None:
        before = NOW - TICK
        made = did(*([event("E", before)] * n for n in (1, 3, 2, 3, 0)))
        expected = {1: [2], 2: [2, 4], 3: [2, 3, 4], 4: [1, 2, 3, 4], 9: [1, 2, 3, 4]}
        for number, members in expected.items():
            assert ask(made, self.rule(number)) == members

    @pytest.mark.parametrize(
        ("unit", "start"),
        [
            ("hour", datetime(2018, 5, 16, 15)),
            ("day", datetime(2018, 5, 15, 22)),
            ("week", datetime(2018, 5, 13, 22)),
            ("month", datetime(2018, 4, 30, 22)),
        ],
    )
    def test_as_of_the_latest_refresh(self, unit: str, start: datetime) -> None:
        now = datetime(2018, 5, 16, 15, 30)
        made = did_at(around(start), time_zone="Europe/Amsterdam")
        assert ask(made, self.rule(9, refreshed=unit), now) == [1, 2]

    def test_windows_count_back_from_the_refresh(self) -> None:
        made = did_at(around(NOW - DAY))
        by = {"count": {"event": "E", "in": {"last": "1d"}}}
        assert ask(made, self.rule(9, by=by), NOW + 5 * HOUR) == [3]

    def test_percent_rounds_up(self) -> None:
        made = did(*([event("E", NOW)] * n for n in (1, 2, 3, 0)))
        for percent, members in ((0.1, [3]), (33.3333, [3]), (33.3334, [2, 3]), (100, [1, 2, 3])):
            rule = {"top_percent": percent, "by": {"count": {"event": "E"}}}
            assert ask(made, rule) == members

    def test_who_has_nothing_to_measure_is_not_ranked(self) -> None:
        made = did([event("E", NOW, p=-5)], [event("E", NOW, p="x")], [])
        for kind, members in (
            ("sum", [1, 2]),
            ("distinct", [1, 2]),
            ("average", [1]),
            ("max", [1]),
        ):
            rule = {"top": 9, "by": {kind: {"event": "E", "property": "p"}}}
            assert ask(made, rule) == members
        assert ask(made, {"top": 1, "by": {"sum": {"event": "E", "property": "p"}}}) == [2]

    def test_who_was_not_seen_by_then_is_not_ranked(self) -> None:
        made = did([event("E", NOW)], [event("E", NOW)])
        made["people"][0]["first_seen_at"] = NOW + TICK
        assert ask(made, self.rule(1), NOW + HOUR) == [2]


class TestOnBrands:
    """S5.20: very active on two sites or more, on exactly one, on none."""

    VERY_ACTIVE = {"count": {"event": "E"}, "op": ">=", "value": 2}  # noqa: RUF012 - never changed

    def made(self) -> dict[str, Any]:
        a, b = event("E", NOW), event("E", NOW, brand="B")
        return did([a, a, b, b], [a, a, b], [a, b], [], sources={1: "A", 2: "B", 3: "B"})

    def test_s5_20(self) -> None:
        def on(op: str, value: int) -> dict[str, Any]:
            return {"on_brands": self.VERY_ACTIVE, "op": op, "value": value}

        assert ask(self.made(), on(">=", 2)) == [1]
        assert ask(self.made(), on("=", 1)) == [2]
        assert ask(self.made(), on("<=", 1)) == [2, 3, 4]
        assert ask(self.made(), on("=", 0)) == [3, 4]

    def test_of_listed_brands(self) -> None:
        rule = {"on_brands": self.VERY_ACTIVE, "op": ">=", "value": 1, "of": ["B", "C"]}
        assert ask(self.made(), rule) == [1]

    @pytest.mark.parametrize(
        "condition",
        [
            at_least_one(),
            {"all": [at_least_one(), {"not": at_least_one("F")}]},
            {"at_least": 1, "of": [at_least_one(), at_least_one("F")]},
            {"first_time": {"event": "E"}},
            {"resumed": {"event": "E"}, "after": "1d"},
            {"stopped": {"event": "E"}, "for": "1d"},
            {"periods": {"event": "E"}, "of": 3, "unit": "day", "op": ">=", "value": 1},
            {"sequence": [{"event": "E"}, {"event": "E"}]},
            {"first": {"event": "E", "property": "p"}, "op": "exists"},
            {"count": {"event": "E"}, "op": ">", "value": {"count": {"event": "F"}}},
            {"orders": {}, "op": ">=", "value": 1},
            {"abandoned": "cart", "for": "1h"},
            {"changed": "t"},
            {"trait": "t", "op": "=", "value": 2},
        ],
    )
    def test_every_condition_is_about_one_brand_alone(self, condition: dict[str, Any]) -> None:
        def life(brand: str, source: int) -> dict[str, list[dict[str, Any]]]:
            names = ("E", "E", "Order Completed", "Product Added")
            events = [
                event(name, NOW - (9 - 2 * n) * DAY, brand=brand, p=1)
                for n, name in enumerate(names)
            ]
            traits = [observed("t", n, NOW - (9 - n) * DAY, source) for n in (1, 2)]
            return {"events": events, "traits": traits}

        a, b = life("A", 1), life("B", 2)
        both = {key: a[key] + b[key] for key in a}
        made = world(person(1, **a), person(2, **b), person(3, **both), person(4))
        if "periods" in condition:
            condition = {**condition, "of": 9}
        rule = {"on_brands": condition, "op": "=", "value": 1}
        assert ask(made, rule) == [1, 2]
        assert ask(made, {**rule, "op": ">=", "value": 2}) == [3]

    def test_other_conditions_are_refused(self) -> None:
        with pytest.raises(ValueError, match="limited to a brand"):
            ask(self.made(), {"on_brands": {"in_list": "vip"}, "op": "=", "value": 1})


class TestGroups:
    @staticmethod
    def rule(op: str, value: Any = None, **more: Any) -> dict[str, Any]:
        return {"group": "industry", "op": op, "value": value, **more}

    def test_s3_2_the_industry_of_the_company(self) -> None:
        """What a colleague's call told holds for everybody of the company."""
        made = world(
            person(1, groups=[group_call("acme", NOW - DAY, industry="IT")]),
            person(2, groups=[group_call("acme", NOW - 2 * DAY)]),
            person(3, groups=[group_call("farm", NOW - DAY, industry="Food")]),
            person(4, groups=[group_call("acme", NOW + TICK)]),
            person(5),
        )
        assert ask(made, self.rule("=", "IT")) == [1, 2]
        assert ask(made, self.rule("!=", "IT")) == [3, 4, 5]
        assert ask(made, self.rule("exists")) == [1, 2, 3]
        assert ask(made, self.rule("missing")) == [4, 5]

    def test_the_last_observation_counts_and_null_clears(self) -> None:
        def company(number: int, *calls: dict[str, Any]) -> dict[str, Any]:
            return person(number, groups=[{**call, "group_id": number} for call in calls])

        at = NOW - DAY
        made = world(
            company(1, group_call("", at, industry="IT"), group_call("", at - TICK, industry="X")),
            company(2, group_call("", at, 1, "a", industry="X"), group_call("", at, 1, "b")),
            company(3, group_call("", at - TICK, industry="IT"), group_call("", at, industry=None)),
            company(4, group_call("", at, 2, "a", industry="IT"),
                    group_call("", at, 1, "z", industry="X")),
        )  # fmt: skip
        assert ask(made, self.rule("=", "IT")) == [1, 4]
        assert ask(made, self.rule("=", "X")) == [2]
        assert ask(made, self.rule("missing")) == [3]

    def test_one_of_several_groups_will_do_and_negatives_are_the_complement(self) -> None:
        made = world(
            person(1, groups=[group_call("a", NOW, message="1", industry="IT"),
                              group_call("b", NOW, message="2", industry="Food")]),
            person(2, groups=[group_call("b", NOW, message="3")]),
        )  # fmt: skip
        assert ask(made, self.rule("=", "IT")) == [1]
        assert ask(made, self.rule("=", "Food")) == [1, 2]
        assert ask(made, self.rule("!=", "IT")) == [2]
        assert ask(made, self.rule("does not contain", "T")) == [2]

    def test_a_nested_path(self) -> None:
        made = world(person(1, groups=[group_call("a", NOW, address={"city": "Utrecht"})]))
        assert ask(made, {"group": "address.city", "op": "=", "value": "Utrecht"}) == [1]


class TestMembership:
    def test_in_list_and_in_segment(self) -> None:
        made = have(
            "vip", "vip", None, lists={"cards": {("card", "1")}}, segments={"s": is_("vip")}
        )
        made["people"][0]["identifiers"] = {("card", "1"), ("email", "a@x")}
        assert ask(made, {"in_list": "cards"}) == [1]
        assert ask(made, {"in_segment": "s"}) == [1, 2]
        assert ask(made, {"not": {"in_segment": "s"}}) == [3]

    def test_was_in_at_the_last_moment_of_a_date(self) -> None:
        midnight = datetime(2017, 7, 1)
        made = did_at(around(midnight), segments={"s": at_least_one()})
        assert ask(made, {"was_in": "s", "at": "2017-06-30"}) == [1]
        assert ask(made, {"was_in": "s", "at": "2017-07-01T00:00:00Z"}) == [1, 2]
        assert ask(made, {"was_in": "s", "at": "2099-01-01"}) == [1, 2, 3]
        assert ask(made, {"was_in": "s", "at": "2099-01-01"}, midnight) == [1, 2]

    def test_was_in_needs_to_have_been_seen_by_then(self) -> None:
        made = have(None, None, segments={"s": {"not": is_("x")}})
        made["people"][0]["first_seen_at"] = datetime(2017, 7, 1)
        rule = {"was_in": "s", "at": "2017-06-30"}
        assert ask(made, rule) == [2]
        assert ask(made, {"not": rule}) == [1]

    def test_was_in_counts_windows_back_from_then(self) -> None:
        then = datetime(2017, 6, 30, 12)
        segment = at_least_one(**{"in": {"last": "1d"}})
        made = did_at(around(then - DAY), segments={"s": segment})
        assert ask(made, {"was_in": "s", "at": "2017-06-30T12:00:00Z"}) == [3]

    def test_entered_and_left_read_what_was_recorded(self) -> None:
        edges = [*around(NOW - 7 * DAY), *around(NOW)]
        entered = [(n, "entered", at) for n, at in enumerate(edges, 1)]
        made = have(*[None] * 7, changes={"s": [*entered, (7, "left", NOW)]})
        assert ask(made, {"entered": "s", "in": {"last": "7d"}}) == [3, 4, 5]
        assert ask(made, {"left": "s", "in": {"last": "7d"}}) == [7]
        assert ask(made, {"entered": "s", "in": {"to": "2017-12-30"}}) == [1, 2, 3]
        assert ask(made, {"entered": "other", "in": {"last": "7d"}}) == []
