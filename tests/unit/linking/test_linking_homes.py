"""People who share a home are told apart, whatever the records say of where it is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.quality.metrics import pairwise
from benchmarks.quality.mistakes import leave_out, mistype
from benchmarks.quality.resolving import as_records, link
from benchmarks.quality.vocabulary import BRITISH, Chooser

from patron.identity.normal.fields import FIELDS
from patron.linking.definition import DEFAULT_FIELDS

NAMES = ("given_name", "family_name")


def homes(number: int, *, landlines: float, copies: float) -> list[tuple[int, dict[str, str]]]:
    """Records of families with names, a postcode of their own and a phone, shared or not."""
    rng = np.random.default_rng(5)
    chooser = Chooser(BRITISH, rng)
    records: list[tuple[int, dict[str, str]]] = []
    people = 0
    for home in range(number):
        family, shared = chooser.family(), rng.random() < landlines
        for given in chooser.household(int(rng.integers(1, 5))):
            people += 1
            person = {
                "given_name": given,
                "family_name": family,
                "postcode": f"AB{home % 90 + 1} {home // 900}{chr(65 + home // 90 % 10)}C",
                "phone": f"+4477{home if shared else 10_000 + people:08}",
                "street": "High Street",
                "house_number": str(home),
            }
            for _ in range(1 + (rng.random() < copies)):
                written = leave_out(person, (*NAMES, "phone"), 0.05, rng)
                if rng.random() < 0.2:
                    written = mistype(written, NAMES, rng)
                records.append((people, written))
    return records


def without(records: list[tuple[int, dict[str, str]]], *fields: str) -> pa.Table:
    told = [{k: v for k, v in each.items() if k not in fields} for _, each in records]
    return as_records(told, "GB")


@pytest.mark.parametrize(
    "lacking",
    [("street", "house_number", "phone"), ("street", "house_number", "postcode")],
    ids=["names and postcode", "names and a landline"],
)
def test_families_stay_apart_where_no_street_is_known(lacking: tuple[str, ...]) -> None:
    records = homes(450, landlines=1.0, copies=0.6)
    found = pairwise(link(without(records, *lacking)).groups, [person for person, _ in records])
    assert found.precision >= 0.99
    assert found.recall >= 0.5


def test_a_phone_that_housemates_do_not_share_says_who_is_one() -> None:
    learned = {}
    for landlines in (0.0, 1.0):
        model = link(without(homes(250, landlines=landlines, copies=0.1))).model
        [phone] = [each for each in model.comparisons if each.kind == "phone"]
        assert model.household_most is not None
        learned[landlines] = phone.housemates
    assert learned[0.0] is not None
    assert learned[0.0] < 0.2
    # Where all share one, it says nothing of who in a home it is.
    assert learned[1.0] is None


def test_all_that_the_default_model_compares_is_read_from_traits() -> None:
    assert {field.name for field in DEFAULT_FIELDS} <= set(FIELDS)
