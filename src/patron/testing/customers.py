"""Simulated customers with known truth: what they send, and who really sent it.

People browse on one or several devices before they log in, buy in two brands that share one login,
show loyalty cards in stores, and spell their e-mail address in several ways. Options add what
makes identity hard: tablets that two people share, late messages, and messages sent twice. Data
made here is always called simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Message = dict[str, Any]

BRANDS = ("north", "south")
START = datetime(2025, 1, 1)  # noqa: DTZ001 - naive UTC by convention
GIVEN_NAMES = (
    "Ada", "Ben", "Chloé", "Đức", "Eva", "Finn", "Grace", "Hana", "Ivo", "Jürgen", "Kim", "Lan",
    "Mia", "Nam", "Olga", "Priya", "Rosa", "Tomás",
)  # fmt: skip
FAMILY_NAMES = (
    "Abel", "Berg", "Costa", "Dang", "Engel", "Fuchs", "Gallo", "Holm", "Ito", "Jensen", "Khan",
    "Le", "Novak", "Okafor", "Pham", "Silva",
)  # fmt: skip
CATEGORIES = ("shoes", "jackets", "trousers", "bags")
COLOURS = ("black", "white", "green", "blue", "red")
PAGES = ("Home", "Search", "Category", "Cart")


@dataclass(frozen=True, slots=True)
class Habits:
    """How the simulated customers live; every share is between 0 and 1.

    Attributes:
        sessions: How many visits, online or in a store, a customer makes on average.
        second_device: Share of customers with a second device, an app.
        loyalty_cards: Share of customers with a loyalty card.
        phones: Share of customers who give a phone number.
        both_brands: Share of customers who buy in both brands.
        spellings: Share of messages with an e-mail address that write it another way.
        logins: Share of online visits in which the customer logs in.
        orders: Share of visits that end with an order.
        shared_tablets: Share of customers whose first device is another customer's tablet.
        late: Share of messages that arrive up to three days late.
        duplicates: Share of messages that are sent twice.
    """

    sessions: float = 4.0
    second_device: float = 0.3
    loyalty_cards: float = 0.5
    phones: float = 0.4
    both_brands: float = 0.2
    spellings: float = 0.3
    logins: float = 0.6
    orders: float = 0.4
    shared_tablets: float = 0.0
    late: float = 0.0
    duplicates: float = 0.0


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated messages in the order of their arrival, with the truth about them.

    Attributes:
        messages: Bodies in the shape of the Segment tracking protocol; none carries a write key.
        sources: For each message the name of its source: brand and channel, such as ``north-web``.
        person: For each message id the number of the customer who really sent it.
        people: For each identifier (type, value in normal form) the customers who really used it.
    """

    messages: list[Message]
    sources: list[str]
    person: dict[str, int]
    people: dict[tuple[str, str], frozenset[int]]


@dataclass(slots=True)
class _Device:
    anonymous_id: str
    device_id: str | None


@dataclass(slots=True)
class _Person:
    number: int
    given: str
    family: str
    email: str
    phone: str | None
    card: str | None
    brands: tuple[str, ...]
    devices: list[_Device] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        return f"C-{self.number:07d}"


def simulate(
    customers: int,
    seed: int,
    habits: Habits | None = None,
    *,
    start: datetime = START,
    days: int = 180,
) -> Simulation:
    """Simulate customers and all that they send.

    Args:
        customers: How many people.
        seed: The same seed and options give the same messages.
        habits: How they live.
        start: When it begins, UTC.
        days: How long it goes on.

    >>> simulated = simulate(customers=3, seed=1)
    >>> len(simulated.messages) == len(simulated.sources) == len(simulated.person)
    True
    >>> simulated.messages == simulate(customers=3, seed=1).messages
    True
    >>> sorted({message["type"] for message in simulated.messages})
    ['identify', 'page', 'track']
    """
    return _Simulator(customers, seed, habits or Habits(), start, days).run()


class _Simulator:
    """Makes people, then lets each of them live."""

    def __init__(
        self, customers: int, seed: int, habits: Habits, start: datetime, days: int
    ) -> None:
        self._customers = customers
        self._seed = seed
        self._habits = habits
        self._start = start
        self._seconds = days * 86_400
        self._random = np.random.default_rng(seed)
        self._chances: list[float] = []
        self._sent: list[tuple[datetime, str, Message]] = []
        self._person: dict[str, int] = {}
        self._people: dict[tuple[str, str], set[int]] = {}

    def run(self) -> Simulation:
        people = [self._make_person(number) for number in range(self._customers)]
        self._share_tablets(people)
        visits = 1 + self._random.poisson(max(0.0, self._habits.sessions - 1), self._customers)
        for person, count in zip(people, visits.tolist(), strict=True):
            for moment in sorted(self._chance() for _ in range(count)):
                self._visit(person, self._start + timedelta(seconds=int(moment * self._seconds)))
        return self._simulation()

    # Chance: drawn in blocks, because single draws from numpy are slow

    def _chance(self) -> float:
        if not self._chances:
            self._chances = self._random.random(4096).tolist()
        return self._chances.pop()

    def _pick(self, options: tuple[str, ...]) -> str:
        return options[int(self._chance() * len(options))]

    def _number(self, digits: int) -> int:
        return int(self._chance() * 10**digits)

    # People

    def _make_person(self, number: int) -> _Person:
        habits = self._habits
        given, family = self._pick(GIVEN_NAMES), self._pick(FAMILY_NAMES)
        both = self._chance() < habits.both_brands
        person = _Person(
            number,
            given,
            family,
            email=f"{family.lower()}.{number}@example.com",
            phone=f"+4915{number % 10**9:09d}" if self._chance() < habits.phones else None,
            card=f"77{number:08d}" if self._chance() < habits.loyalty_cards else None,
            brands=BRANDS if both else (self._pick(BRANDS),),
        )
        person.devices.append(_Device(f"sim-a-{self._seed}-{number}-1", None))
        if self._chance() < habits.second_device:
            second = _Device(f"sim-a-{self._seed}-{number}-2", f"sim-d-{self._seed}-{number}")
            person.devices.append(second)
        return person

    def _share_tablets(self, people: list[_Person]) -> None:
        for person in people:
            if len(people) > 1 and self._chance() < self._habits.shared_tablets:
                other = people[(person.number + 1) % len(people)]
                person.devices[0] = other.devices[0]

    # What they do

    def _visit(self, person: _Person, moment: datetime) -> None:
        brand = person.brands[int(self._chance() * len(person.brands))]
        if person.card is not None and self._chance() < 0.3:
            self._order(person, moment, f"{brand}-store", {}, {"loyalty_card": person.card})
            self._used(person, "loyalty_card", person.card)
            return
        device = person.devices[int(self._chance() * len(person.devices))]
        source = f"{brand}-{'app' if device.device_id else 'web'}"
        carried: Message = {"anonymousId": device.anonymous_id}
        self._used(person, "anonymous_id", device.anonymous_id)
        if device.device_id:
            carried["context"] = {"device": {"id": device.device_id}}
            self._used(person, "device_id", device.device_id)
        for _ in range(1 + int(self._chance() * 2)):
            page = {"type": "page", "name": self._pick(PAGES), "properties": {"path": "/"}}
            self._send(person, moment, source, page | carried)
            moment += self._pause()
        if self._chance() < self._habits.logins:
            carried = carried | {"userId": person.user_id}
            self._used(person, "user_id", person.user_id)
            identify = {"type": "identify", "traits": self._traits(person)}
            self._send(person, moment, source, identify | carried)
            moment += self._pause()
        if self._chance() < self._habits.orders:
            self._order(person, moment, source, carried, {})

    def _traits(self, person: _Person) -> Message:
        email = person.email
        if self._chance() < self._habits.spellings:
            email = (email.upper(), email.title(), f" {email} ")[int(self._chance() * 3)]
        traits: Message = {
            "email": email, "firstName": person.given, "lastName": person.family,
        }  # fmt: skip
        self._used(person, "email", person.email)
        for kind, value in (("phone", person.phone), ("loyalty_card", person.card)):
            if value is not None:
                traits[kind] = value
                self._used(person, kind, value)
        return traits

    def _order(
        self, person: _Person, moment: datetime, source: str, carried: Message, more: Message
    ) -> None:
        products = [self._product() for _ in range(1 + int(self._chance() * 3))]
        cents = sum(round(line["price"] * 100) * line["quantity"] for line in products)
        properties = {
            "order_id": f"sim-o-{self._seed}-{len(self._sent)}",
            "currency": "EUR",
            "total": cents / 100,
            "revenue": cents / 100,
            "products": products,
        }
        body = {"type": "track", "event": "Order Completed", "properties": properties | more}
        self._send(person, moment, source, body | carried)

    def _product(self) -> Message:
        number = self._number(2)
        category = CATEGORIES[number % len(CATEGORIES)]
        return {
            "product_id": f"p-{number:02d}",
            "name": f"{category} {number:02d}",
            "category": category,
            "variant": self._pick(COLOURS),
            "price": (1_000 + number * 50) / 100,
            "quantity": 1 + int(self._chance() * 2),
        }

    def _pause(self) -> timedelta:
        return timedelta(milliseconds=2_000 + self._number(5))

    # What is sent

    def _used(self, person: _Person, kind: str, value: str) -> None:
        self._people.setdefault((kind, value), set()).add(person.number)

    def _send(self, person: _Person, moment: datetime, source: str, body: Message) -> None:
        message_id = f"sim-m-{self._seed}-{len(self._person)}"
        stamp = moment.isoformat(timespec="milliseconds") + "Z"
        message = {"messageId": message_id, "timestamp": stamp} | body
        self._person[message_id] = person.number
        arrival = moment
        if self._chance() < self._habits.late:
            arrival += timedelta(seconds=int(self._chance() * 3 * 86_400))
        self._sent.append((arrival, source, message))
        if self._chance() < self._habits.duplicates:
            again = arrival + timedelta(seconds=int(self._chance() * 86_400))
            self._sent.append((again, source, message))

    def _simulation(self) -> Simulation:
        self._sent.sort(key=lambda sent: (sent[0], sent[2]["messageId"]))
        return Simulation(
            messages=[message for _, _, message in self._sent],
            sources=[source for _, source, _ in self._sent],
            person=self._person,
            people={pair: frozenset(people) for pair, people in self._people.items()},
        )
