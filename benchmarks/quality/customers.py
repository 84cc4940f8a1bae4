"""Simulated customers who browse, order and shop, with the truth about who they are.

People live in households, share addresses, some share devices, and some devices stand in shops
where dozens use them. They leave records: they log in on their devices, order as guests, show a
card in a store, call. Of each record some fields are missing, and some have a typing error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.quality.mistakes import leave_out, mistype
from benchmarks.quality.vocabulary import BRITISH, Chooser, Vocabulary

DAY = 86_400_000_000
"""Microseconds."""

FIELDS = (
    "given_name", "family_name", "birthday", "email", "phone", "street", "house_number", "postcode",
    "city",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """How the simulated customers live; every share is between 0 and 1.

    Attributes:
        customers: How many there are.
        records: How many a customer leaves on average.
        several_devices: Share of customers with two or three devices.
        shared_devices: Share of devices that someone of the same household uses too.
        kiosks: Share of devices that stand in a shop; each is used by 51 to 80 customers.
        accounts: Share of customers who have an account to log in to.
        cards: Share of customers with a loyalty card.
        typing_errors: Share of records with one.
        missing: Share of fields that are missing.
        changed_email: Share of customers whose e-mail address changes.
        moved: Share of customers who move.
    """

    customers: int = 5_000
    records: float = 5.0
    several_devices: float = 0.3
    shared_devices: float = 0.1
    kiosks: float = 0.01
    accounts: float = 0.6
    cards: float = 0.4
    typing_errors: float = 0.2
    missing: float = 0.15
    changed_email: float = 0.05
    moved: float = 0.05


class Message(NamedTuple):
    """One record, as a source would send it.

    Attributes:
        person: Who it is really of.
        source: ``web``, ``shop`` or ``calls``.
        occurred_at: Microseconds since 1970, UTC.
        identifiers: Types and values, as received.
        traits: Fields of the person, as received.
    """

    person: int
    source: str
    occurred_at: int
    identifiers: list[tuple[str, str]]
    traits: dict[str, str]


@dataclass(slots=True)
class _Person:
    traits: dict[str, str]
    household: int
    user_id: str | None
    card: str | None
    devices: list[str]
    later: dict[str, str]


def simulate(
    habits: Habits | None = None, *, vocabulary: Vocabulary = BRITISH, seed: int = 1
) -> list[Message]:
    """Messages of simulated customers in the order of time.

    >>> messages = simulate(Habits(customers=20))
    >>> messages == simulate(Habits(customers=20))
    True
    """
    habits = habits or Habits()
    rng = np.random.default_rng(seed)
    people = _people(habits, vocabulary, rng)
    kiosks, shared = _share_devices(habits, people, rng)
    messages = [
        message
        for number in range(len(people))
        for message in _messages(habits, number, people, shared, rng)
    ]
    messages += _at_kiosks(habits, people, kiosks, rng)
    return sorted(messages, key=lambda message: message.occurred_at)


def _people(habits: Habits, vocabulary: Vocabulary, rng: np.random.Generator) -> list[_Person]:
    chooser = Chooser(vocabulary, rng)
    people: list[_Person] = []
    household = 0
    while len(people) < habits.customers:
        size = int(rng.choice([1, 2, 3, 4], p=[0.4, 0.35, 0.15, 0.1]))
        home, family = _home(chooser, rng), chooser.family()
        born = int(rng.integers(1935, 1985))
        names = chooser.household(size)
        for member in range(min(size, habits.customers - len(people))):
            place = (len(people), household, member)
            people.append(_person(habits, chooser, place, names[member], (home, family, born)))
        household += 1
    return people


def _person(
    habits: Habits,
    chooser: Chooser,
    place: tuple[int, int, int],
    given: str,
    roots: tuple[dict[str, str], str, int],
) -> _Person:
    number, household, member = place
    home, family, born = roots
    rng = chooser.rng
    name = family if member == 0 or rng.random() < 0.85 else chooser.family()
    year = born + (int(rng.integers(-6, 7)) if member < 2 else int(rng.integers(20, 36)))
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
    traits = {
        "given_name": given,
        "family_name": name,
        "birthday": f"{year}-{month:02}-{day:02}",
        "email": _address(chooser, given, name, year),
        "phone": f"+447{int(rng.integers(10**8, 10**9))}",
        **home,
    }
    later: dict[str, str] = {}
    if rng.random() < habits.changed_email:
        later["email"] = _address(chooser, given, name, year)
    if rng.random() < habits.moved:
        later |= _home(chooser, rng)
    devices = 1 + (int(rng.integers(1, 3)) if rng.random() < habits.several_devices else 0)
    return _Person(
        traits,
        household,
        f"u-{number}" if rng.random() < habits.accounts else None,
        f"card-{rng.integers(10**9, 10**10)}" if rng.random() < habits.cards else None,
        [f"device-{number}-{each}" for each in range(devices)],
        later,
    )


def _home(chooser: Chooser, rng: np.random.Generator) -> dict[str, str]:
    city = chooser.city()
    return {
        "street": chooser.street(),
        "house_number": str(1 + int(rng.exponential(40))),
        "postcode": f"{city[:2].upper()}{rng.integers(1, 30)} {rng.integers(1, 10)}"
        f"{'ABDEFGHJLN'[int(rng.integers(10))]}{'PQRSTUWXYZ'[int(rng.integers(10))]}",
        "city": city,
    }


def _address(chooser: Chooser, given: str, family: str, year: int) -> str:
    rng = chooser.rng
    while True:
        name = [
            f"{given}.{family}{rng.integers(100)}",
            f"{given[0]}{family}{year % 100:02}",
            f"{given}{rng.integers(10_000)}",
            f"{family}.{given}{year}",
        ][int(rng.integers(4))]
        at = ["post.example", "mail.example", "web.example", "inbox.example"][int(rng.integers(4))]
        address = f"{name}@{at}".lower()
        if address not in chooser.taken:
            chooser.taken.add(address)
            return address


def _share_devices(
    habits: Habits, people: list[_Person], rng: np.random.Generator
) -> tuple[list[str], set[str]]:
    """Let housemates use each other's devices; returns the kiosks and the devices shared."""
    homes: dict[int, list[int]] = {}
    for number, person in enumerate(people):
        homes.setdefault(person.household, []).append(number)
    shared = set()
    devices = sum(len(person.devices) for person in people)
    lent = [n for home in homes.values() if len(home) > 1 for n in home]
    rng.shuffle(lent)
    for number in lent[: int(habits.shared_devices * devices)]:
        mates = [mate for mate in homes[people[number].household] if mate != number]
        device = people[number].devices[0]
        people[mates[int(rng.integers(len(mates)))]].devices.append(device)
        shared.add(device)
    return [f"kiosk-{number}" for number in range(int(habits.kiosks * devices))], shared


def _messages(
    habits: Habits,
    number: int,
    people: list[_Person],
    shared: set[str],
    rng: np.random.Generator,
) -> Iterator[Message]:
    person = people[number]
    count = 1 + int(rng.poisson(habits.records - 1))
    turn = int(rng.integers(1, count + 1))
    start = int(rng.integers(20_000, 20_100))
    for place in range(count):
        known = person.traits | (person.later if place >= turn else {})
        traits = _told(habits, known, rng)
        moment = (start + 7 * place) * DAY + int(rng.integers(DAY))
        channel = rng.random()
        if channel < 0.6:
            device = person.devices[int(rng.integers(len(person.devices)))]
            yield _online(number, person, device, device in shared, traits, moment)
        elif channel < 0.85:
            card = [("loyalty_card", person.card)] if person.card else []
            yield Message(number, "shop", moment, [*card, *_contacts(traits)], traits)
        else:
            yield Message(number, "calls", moment, _contacts(traits), traits)


def _told(habits: Habits, known: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    traits = leave_out(known, FIELDS, habits.missing, rng)
    return mistype(traits, FIELDS, rng) if rng.random() < habits.typing_errors else traits


def _online(
    number: int,
    person: _Person,
    device: str,
    shared: bool,
    traits: dict[str, str],
    moment: int,
) -> Message:
    """A visit. Who has an account logs in; others order as guests, on devices of their own."""
    if person.user_id:
        login = [("user_id", person.user_id), ("anonymous_id", device)]
        return Message(number, "web", moment, [*login, *_contacts(traits)], traits)
    browser = [] if shared else [("anonymous_id", device)]
    return Message(number, "web", moment, [*browser, *_contacts(traits)], traits)


def _contacts(traits: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, traits[name]) for name in ("email", "phone") if name in traits]


def _at_kiosks(
    habits: Habits, people: list[_Person], kiosks: list[str], rng: np.random.Generator
) -> Iterator[Message]:
    """Each kiosk is logged in to by more than fifty customers."""
    members = [number for number, person in enumerate(people) if person.user_id]
    for kiosk in kiosks:
        users = rng.choice(
            members, size=min(len(members), int(rng.integers(51, 81))), replace=False
        )
        for number in users.tolist():
            traits = _told(habits, people[number].traits, rng)
            moment = int(rng.integers(20_000, 20_200)) * DAY + int(rng.integers(DAY))
            user = people[number].user_id or ""
            login = [("user_id", user), ("anonymous_id", kiosk)]
            yield Message(number, "web", moment, [*login, *_contacts(traits)], traits)
