"""What is joined, and what keeps records apart."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron.linking import LinkingDefinition, Reviews, decide
from patron.linking.comparisons import levels_of, missing
from patron.linking.definition import Field
from patron.linking.model import Comparison, LevelWeight, LinkingModel, probability

FIELD = Field("given_name", "given_name")


def model(**chosen: object) -> LinkingModel:
    levels = tuple(
        LevelWeight(each.label, each.condition, 0.5, 0.5) for each in levels_of(FIELD, (FIELD,))
    )
    return LinkingModel(
        definition=LinkingDefinition(**chosen),  # type: ignore[arg-type]
        comparisons=(Comparison(FIELD.name, FIELD.kind, missing(FIELD, (FIELD,)), levels),),
        prior=0.01,
        moved=0.1,
        address_most=None,
        household_most=None,
        blocking=(),
        frequencies={},
        facts={},
    )


def scores(*rows: tuple[int, int, float]) -> pa.Table:
    ordered = sorted(rows, key=lambda row: -row[2])
    return pa.table(
        {
            "left": [left for left, _, _ in ordered],
            "right": [right for _, right, _ in ordered],
            "weight": [weight for _, _, weight in ordered],
            "probability": [probability(weight) for _, _, weight in ordered],
            "weight_given_name": [weight for _, _, weight in ordered],
            "level_given_name": [0 for _ in ordered],
        }
    )


def records(**columns: list[str | None]) -> pa.Table:
    return pa.table({"record": list(range(1, 7)), **columns})


def verdicts(decisions: object) -> dict[tuple[int, int], tuple[str, str]]:
    table = decisions.table  # type: ignore[attr-defined]
    return {
        (row["left"], row["right"]): (row["verdict"], row["cause"]) for row in table.to_pylist()
    }


def test_the_thresholds() -> None:
    found = decide(scores((1, 2, 9.0), (3, 4, 1.0)), records(), model())
    assert verdicts(found) == {(1, 2): ("link", ""), (3, 4): ("review", "")}
    assert found.groups == [[1, 2]]
    assert found.links()["left"].to_pylist() == [1]
    assert found.reviews()["left"].to_pylist() == [3]


def test_two_values_of_a_unique_field_stay_apart() -> None:
    known = records(user=["a", None, "b", None, None, None])
    found = decide(scores((1, 2, 12.0), (2, 3, 11.0)), known, model(unique=("user",)))
    assert found.groups == [[1, 2]]
    assert verdicts(found)[2, 3] == ("apart", "unique")


def test_a_source_with_one_record_a_person() -> None:
    known = records(source=["crm", "crm", "web", "web", "web", "web"])
    definition = model(one_record_a_person=("crm",))
    found = decide(scores((1, 3, 12.0), (2, 3, 11.0), (4, 5, 9.0)), known, definition)
    assert found.groups == [[1, 3], [4, 5]]
    assert verdicts(found)[2, 3] == ("apart", "one_record_a_person")


def test_one_record_cannot_chain_two_groups() -> None:
    close = [(1, 2, 15.0), (1, 3, 15.0), (2, 3, 15.0), (4, 5, 15.0), (4, 6, 15.0), (5, 6, 15.0)]
    found = decide(scores(*close, (3, 4, 8.0)), records(), model())
    assert found.groups == [[1, 2, 3], [4, 5, 6]]
    assert verdicts(found)[3, 4] == ("review", "chain")


def test_a_chain_of_copies_is_one_person() -> None:
    found = decide(scores((1, 2, 12.0), (2, 3, 12.0), (3, 4, 12.0)), records(), model())
    assert found.groups == [[1, 2, 3, 4]]


def test_people_win_over_the_model() -> None:
    said = Reviews(same=frozenset({(5, 6)}), different=frozenset({(1, 2)}))
    found = decide(scores((1, 2, 15.0), (5, 6, 1.0)), records(), model(), said)
    assert found.groups == [[5, 6]]
    assert verdicts(found) == {(1, 2): ("apart", "reviewed"), (5, 6): ("link", "reviewed")}


def test_two_who_are_different_are_not_joined_through_a_third() -> None:
    said = Reviews(different=frozenset({(1, 3)}))
    found = decide(scores((1, 2, 15.0), (2, 3, 14.0)), records(), model(), said)
    assert found.groups == [[1, 2]]
    assert verdicts(found)[2, 3] == ("apart", "reviewed")


def test_a_doubtful_pair_in_one_group_is_no_question() -> None:
    found = decide(scores((1, 2, 15.0), (2, 3, 14.0), (1, 3, 1.0)), records(), model())
    assert verdicts(found)[1, 3] == ("link", "group")


def test_the_evidence_adds_up() -> None:
    (decision,) = decide(scores((1, 2, 9.0)), records(), model()).explained("link")
    (evidence,) = decision.evidence
    assert (evidence.field, evidence.level, evidence.weight) == ("given_name", "same", 9.0)
    assert decision.prior == pytest.approx(-6.63, abs=0.01)
