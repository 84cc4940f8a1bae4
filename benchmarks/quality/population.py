"""Another simulated population, of another shape than the customers: files that were copied.

A register in Germany. Nobody has an e-mail address there, few a phone number. Each copy of a record
is made from the copy before, so mistakes add up: the fifth can be far from the first. Fields are
missing more often, names stand in one field at times, people move, there are twins, and sons who
are called like their fathers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.mistakes import leave_out, mistype
from benchmarks.quality.vocabulary import GERMAN, Chooser, Vocabulary

FIELDS = ("given_name", "family_name", "birthday", "street", "house_number", "postcode", "city")


@dataclass(frozen=True, slots=True)
class Register:
    """What the register is like; every share is between 0 and 1.

    Attributes:
        people: How many it is about.
        copied: Probability that one more copy of a person's last record is made.
        typing_errors: Share of copies with a new one.
        missing: Share of fields that are lost in a copy; a lost field can be found again.
        moved: Share of copies that are made after a move.
        twins: Share of households with twins.
        namesakes: Share of households where a child is called like a parent.
        phones: Share of people with a phone number.
    """

    people: int = 6_000
    copied: float = 0.45
    typing_errors: float = 0.3
    missing: float = 0.12
    moved: float = 0.1
    twins: float = 0.01
    namesakes: float = 0.02
    phones: float = 0.3


def copies(
    register: Register | None = None, *, vocabulary: Vocabulary = GERMAN, seed: int = 2
) -> list[tuple[int, dict[str, str]]]:
    """Records in no order: the person, and the traits as written.

    >>> len({person for person, _ in copies(Register(people=50))})
    50
    """
    register = register or Register()
    rng = np.random.default_rng(seed)
    chooser = Chooser(vocabulary, rng)
    people: list[dict[str, str]] = []
    while len(people) < register.people:
        people += household(register, chooser, vocabulary)
    records = [
        (number, record)
        for number, person in enumerate(people[: register.people])
        for record in _copied(register, chooser, person)
    ]
    order = rng.permutation(len(records))
    return [records[place] for place in order.tolist()]


def household(register: Register, chooser: Chooser, vocabulary: Vocabulary) -> list[dict[str, str]]:
    """The people of one household, as they would be written without mistakes."""
    rng = chooser.rng
    home = _home(chooser)
    family = chooser.family()
    size = int(rng.choice([1, 2, 3, 4, 5], p=[0.35, 0.3, 0.15, 0.15, 0.05]))
    names = chooser.household(size)
    members = []
    for member in range(size):
        year = int(rng.integers(1940, 1985)) if member < 2 else int(rng.integers(1985, 2010))
        members.append(
            {
                "given_name": names[member],
                "family_name": family if rng.random() < 0.9 else chooser.family(),
                "birthday": f"{year}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
                **home,
            }
        )
        if rng.random() < register.phones:
            members[-1]["phone"] = f"{vocabulary.dialling}{rng.integers(10**8, 10**9)}"
    if size > 2 and rng.random() < register.namesakes:
        members[2] |= {name: members[0][name] for name in ("given_name", "family_name")}
    if size > 3 and rng.random() < register.twins:
        members[3] |= {name: members[2][name] for name in ("birthday", "family_name")}
    return members


def _home(chooser: Chooser) -> dict[str, str]:
    rng = chooser.rng
    return {
        "street": chooser.street(),
        "house_number": str(1 + int(rng.exponential(30))),
        "postcode": f"{rng.integers(1000, 99000):05}",
        "city": chooser.city(),
    }


def _copied(register: Register, chooser: Chooser, person: dict[str, str]) -> list[dict[str, str]]:
    rng = chooser.rng
    written = dict(person)
    records = [_shape(written, rng)]
    while rng.random() < register.copied:
        if rng.random() < register.moved:
            written |= _home(chooser)
        if rng.random() < register.typing_errors:
            written = mistype(written, FIELDS, rng)
        records.append(_shape(leave_out(written, FIELDS, register.missing, rng), rng))
    return records


def _shape(traits: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    """The record as one of three clerks would write it."""
    written = dict(traits)
    given, family = written.get("given_name"), written.get("family_name")
    if given and family and rng.random() < 0.2:
        del written["given_name"], written["family_name"]
        written["name"] = f"{family}, {given}" if rng.random() < 0.5 else f"{given} {family}"
    street, number = written.get("street"), written.get("house_number")
    if street and number and rng.random() < 0.5:
        del written["house_number"]
        written["street"] = f"{street} {number}"
    return written
