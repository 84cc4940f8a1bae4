"""The parts of a profile: what can be asked for of customers in one call, by name.

Each part is read of all customers that are asked about together, and of one customer as of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from patron import profiles
from patron.clock import format_time
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.pipeline.known import Known
from patron.pipeline.preference_values import preferences_of
from patron.pipeline.provenance import COMPUTED
from patron.pipeline.score_courses import scores_of
from patron.pipeline.search.naming import most_telling_first, name_of, text_of
from patron.segments import record
from patron.segments.asked import Asking
from patron.segments.computed import names_own_brands
from patron.segments.computed_values import Asking as Values
from patron.segments.questions import compile_question
from patron.segments.scored import Scored
from patron.spec.reading import did_you_mean
from patron.warehouse.reading import Reading
from patron.warehouse.rows import Rows

MOST = 20
"""So many events, orders, visits and members of a household are in one answer; pages give more."""

ALL = "all"

Fields = dict[str, Any]
KnownSegments = Callable[[int], Known | None]


@dataclass(frozen=True)
class Asked:
    """Customers whose parts are read.

    Attributes:
        reading: The view to read in.
        book: What is defined.
        customers: They stand.
        known: The segments of a profile from memory, or None where memory is older than the
            reading; None as of another moment than the present.
        brand: What lies at one brand is told of this one only; None for all.
        scored: Has the scores of everybody that were made for other questions.
        parts: All that are asked for.
    """

    reading: Reading
    book: Book
    customers: Sequence[profiles.Standing]
    known: KnownSegments | None = None
    brand: str | None = None
    scored: Scored | None = None
    parts: tuple[str, ...] = ()

    @property
    def brands(self) -> tuple[str, ...]:
        """The brand, as what is computed is narrowed by it."""
        return () if self.brand is None else (self.brand,)

    def about_the_brand(self, names: Iterable[str]) -> list[str]:
        """The computed traits among some that name no brands of their own, where one is asked for.

        In the order of their names.
        """
        computed = self.book.catalogue.computed
        return [
            name
            for name in sorted(names)
            if self.brand is None or not names_own_brands(name, computed)
        ]

    @property
    def as_of(self) -> datetime:
        """The moment that is asked for."""
        return self.reading.as_of

    @property
    def ids(self) -> list[int]:
        """The profile ids."""
        return [one.profile_id for one in self.customers]

    @cached_property
    def identifiers(self) -> dict[int, list[profiles.KnownIdentifier]]:
        """Of each customer, as several parts rest on them."""
        return profiles.identifiers_of(self.reading.cursor, self.customers)

    @cached_property
    def rows(self) -> Rows:
        """Where their events, order lines and traits are read from."""
        return self.reading.rows({one.profile_id: one.stored_ids for one in self.customers})

    @cached_property
    def own_events(self) -> profiles.OwnEvents | None:
        """Their events, where they have few and are asked for events or orders one by one."""
        if not {"events", "order_history"}.intersection(self.parts):
            return None
        return profiles.OwnEvents.read(
            self.reading.cursor, self.customers, self.as_of, brand=self.brand, rows=self.rows
        )

    @cached_property
    def groups(self) -> dict[int, list[profiles.Membership]]:
        """The households and companies of each customer."""
        cursor = self.reading.cursor
        return profiles.groups_of_all(cursor, self.customers, self.identifiers, self.as_of)


Part = Callable[[Asked], Mapping[int, Fields]]
"""Gives fields by profile id."""


def read_parts(asked: Asked, parts: Iterable[str]) -> dict[int, Fields]:
    """Parts of customers, by profile id.

    Args:
        asked: Of whom.
        parts: Their names, as `wanted` gives them.
    """
    found: dict[int, Fields] = {
        one.profile_id: {
            "profile_id": one.profile_id,
            "first_seen_at": format_time(one.first_seen_at),
        }
        for one in asked.customers
    }
    for part in parts:
        for profile_id, fields in PARTS[part](asked).items():
            mine = found[profile_id]
            for name, value in fields.items():
                # What is computed is shown among the traits that sources told.
                mine[name] = mine[name] | value if name == "traits" and name in mine else value
    return found


def wanted(include: Sequence[str], *, only: bool) -> tuple[str, ...]:
    """The parts that are asked for, in the order that they are read in.

    Args:
        include: Names of parts, or ``all``.
        only: Leave out what nobody named.

    Raises:
        InputError: There is no such part; says which there are.

    >>> wanted(["segments"], only=True), wanted([], only=False)
    (('segments',), ('identifiers', 'traits', 'orders', 'groups', 'merged_from'))
    """
    for name in include:
        if name != ALL and name not in PARTS:
            raise InputError(
                f"include: there is no part {name}; {did_you_mean(name, [ALL, *PARTS])}",
                field="include",
                hint=f"Known are {', '.join([ALL, *PARTS])}.",
            )
    if ALL in include:
        return tuple(PARTS)
    named = {*include, *(() if only else ALWAYS)}
    return tuple(part for part in PARTS if part in named)


def _listed(name: str, found: Mapping[int, Sequence[object]], asked: Asked) -> dict[int, Fields]:
    """One field with a list, which is empty where nothing was found."""
    return {one: {name: profiles.plain(list(found.get(one, ())))} for one in asked.ids}


def _identifiers(asked: Asked) -> Mapping[int, Fields]:
    return _listed("identifiers", asked.identifiers, asked)


def _traits(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.traits_of(
        asked.reading.cursor,
        asked.customers,
        asked.as_of,
        asked.book.survivorships,
        brand=asked.brand,
        rows=asked.rows,
        names=asked.reading.source_names,
    )
    shown = {one: profiles.plain(found.get(one, [])) for one in asked.ids}
    return {
        one: {"traits": {trait.pop("name"): trait for trait in _with_origins(told, asked.book)}}
        for one, told in shown.items()
    }


def _with_origins(told: Sequence[Fields], book: Book) -> list[Fields]:
    """What was told of traits, each with where that value comes from."""
    return [{**one, **book.origins.of(one["name"], one["source"])._asdict()} for one in told]


def _name(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.traits_of(
        asked.reading.cursor,
        asked.customers,
        asked.as_of,
        asked.book.survivorships,
        rows=asked.rows,
        names=asked.reading.source_names,
    )
    people = {kind.name for kind in asked.book.identity.types if kind.tells_people}
    return {
        one: {
            "name": name_of({trait.name: trait.value for trait in found.get(one, ())}),
            "identifier": text_of(known[0]) if known else None,
            "known": any(each.type in people for each in known),
        }
        for one in asked.ids
        for known in (most_telling_first(asked.identifiers.get(one, ()), asked.book.identity),)
    }


def _computed(asked: Asked) -> Mapping[int, Fields]:
    asking = Values(
        asked.reading.cursor,
        as_of=asked.as_of,
        catalogue=asked.book.catalogue,
        profile_id=tuple(asked.ids),
        brands=asked.brands,
        scored=asked.scored,
    )
    found: dict[int, dict[str, Any]] = {one: {} for one in asked.ids}
    for name in asked.about_the_brand(asked.book.computed):
        trait = asked.book.computed[name]
        for one, value in asking.values(trait.expression, limit=len(asked.ids)).items():
            found[one][name] = {
                "value": profiles.plain(value),
                "computed": True,
                "source": None,
                "occurred_at": None,
                **COMPUTED._asdict(),
            }
    return {one: {"traits": traits} for one, traits in found.items()}


def _observations(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.observations_of(
        asked.reading.cursor,
        asked.customers,
        asked.as_of,
        asked.book.survivorships,
        brand=asked.brand,
        rows=asked.rows,
        names=asked.reading.source_names,
    )
    shown = {one: profiles.plain(found.get(one, [])) for one in asked.ids}
    return {one: {"observations": _with_origins(told, asked.book)} for one, told in shown.items()}


def _orders(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.order_summaries(
        asked.reading.cursor,
        asked.customers,
        asked.as_of,
        brand=asked.brand,
        rows=asked.rows,
        own_events=asked.own_events,
    )
    return {one: {"orders": profiles.plain(summary)} for one, summary in found.items()}


def _order_history(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.orders_of(
        asked.reading.cursor,
        asked.customers,
        asked.as_of,
        brand=asked.brand,
        limit=MOST,
        rows=asked.rows,
        own_events=asked.own_events,
    )
    return _listed("order_history", found, asked)


def _carts(asked: Asked) -> Mapping[int, Fields]:
    cursor, as_of = asked.reading.cursor, asked.as_of
    found = {
        one.profile_id: profiles.carts(cursor, one, as_of, brand=asked.brand)
        for one in asked.customers
    }
    return _listed("carts", found, asked)


def _groups(asked: Asked) -> Mapping[int, Fields]:
    return _listed("groups", asked.groups, asked)


def _households(asked: Asked) -> Mapping[int, Fields]:
    cursor, as_of = asked.reading.cursor, asked.as_of
    households = {
        one: [group for group in groups if group.type == "household"]
        for one, groups in asked.groups.items()
    }
    called = sorted({group.id for groups in households.values() for group in groups})
    members = profiles.plain(profiles.households_members(cursor, called, as_of, limit=MOST))
    return {
        one: {
            "households": [
                {**profiles.plain(group), "members": members.get(group.id, [])} for group in groups
            ]
        }
        for one, groups in households.items()
    }


def _merged_from(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.merged_from_of(asked.reading.cursor, asked.ids)
    return _listed("merged_from", found, asked)


def _devices(asked: Asked) -> Mapping[int, Fields]:
    types = [kind.name for kind in asked.book.identity.types if kind.stands_for == "device"]
    return _listed(
        "devices", profiles.devices_of(asked.reading.cursor, asked.customers, types), asked
    )


def _consents(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.consents_of(
        asked.reading.cursor, asked.customers, asked.as_of, brand=asked.brand
    )
    return _listed("consents", found, asked)


def _events(asked: Asked) -> Mapping[int, Fields]:
    cursor, names = asked.reading.cursor, asked.reading.source_names
    if asked.own_events is not None:
        found = asked.own_events.newest(MOST, names)
    else:
        found = profiles.newest_events(
            cursor, asked.customers, asked.as_of, brand=asked.brand, limit=MOST, rows=asked.rows
        )
    return _listed("events", found, asked)


def _notes(asked: Asked) -> Mapping[int, Fields]:
    found = profiles.notes_of(asked.reading.cursor, asked.customers, asked.as_of)
    return _listed("notes", found, asked)


def _visits(asked: Asked) -> Mapping[int, Fields]:
    cursor, as_of = asked.reading.cursor, asked.as_of
    found = {
        one.profile_id: profiles.timeline(
            cursor, one, as_of, limit=MOST, kinds=["visit"], brand=asked.brand
        ).entries
        for one in asked.customers
    }
    return _listed("visits", found, asked)


def _segments(asked: Asked) -> Mapping[int, Fields]:
    """The segments, and what they hold for: memory may be newer than the view."""
    found: dict[int, Fields] = {}
    for one in asked.ids:
        held = asked.known(one) if asked.known else None
        if held is not None:
            holds_for = {"position": held.position, "as_of": format_time(held.at)}
            found[one] = {"segments": held.names, "segments_hold_for": holds_for}
    left = [one for one in asked.ids if one not in found]
    for one, names in segments_of(asked.reading, asked.book, left).items():
        found[one] = {"segments": names, "segments_hold_for": asked.reading.head}
    return found


def segments_of(reading: Reading, book: Book, profile_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the segments that customers are in, by the tables."""
    found: dict[int, list[str]] = {one: [] for one in profile_ids}
    if not (profile_ids and book.segments):
        return found
    catalogue, names = book.catalogue, sorted(book.segments)
    questions = [compile_question(book.segments[name].rule, catalogue) for name in names]
    asking = Asking(reading.cursor)
    moments = np.full(len(profile_ids), np.datetime64(reading.as_of, "us"))
    asking.gather(np.array(profile_ids, dtype=np.int64), moments, questions)
    for name, inside in zip(names, asking.answers(questions), strict=True):
        for place in np.flatnonzero(inside).tolist():
            found[profile_ids[place]].append(name)
    return found


def _memberships(asked: Asked) -> Mapping[int, Fields]:
    """Those on record by the moment, each with since when it holds."""
    found = record.standing_of(asked.reading.cursor, asked.ids, asked.as_of)
    return {
        one: {
            "memberships": [
                {
                    "segment": held.segment,
                    "since": format_time(held.since),
                    "recorded_at": format_time(held.recorded_at),
                    "reason": held.reason,
                    "first_fill": held.first_fill,
                }
                for held in found.get(one, ())
            ]
        }
        for one in asked.ids
    }


def _scores(asked: Asked) -> Mapping[int, Fields]:
    names = asked.about_the_brand(asked.book.scores)
    found = scores_of(asked.reading, asked.book, asked.ids, names=names, brands=asked.brands)
    return {one: {"scores": scores} for one, scores in found.items()}


def _preferences(asked: Asked) -> Mapping[int, Fields]:
    names = asked.about_the_brand(asked.book.preferences)
    found = preferences_of(asked.reading, asked.book, asked.ids, names=names, brands=asked.brands)
    return {one: {"preferences": preferences} for one, preferences in found.items()}


PARTS: dict[str, Part] = {
    "name": _name,
    "identifiers": _identifiers,
    "traits": _traits,
    "computed": _computed,
    "observations": _observations,
    "orders": _orders,
    "order_history": _order_history,
    "carts": _carts,
    "groups": _groups,
    "households": _households,
    "merged_from": _merged_from,
    "devices": _devices,
    "consents": _consents,
    "events": _events,
    "visits": _visits,
    "notes": _notes,
    "segments": _segments,
    "memberships": _memberships,
    "scores": _scores,
    "preferences": _preferences,
}
"""Every part, in the order that they are read in: computed traits join the others."""

ALWAYS = ("identifiers", "traits", "orders", "groups", "merged_from")
"""The parts of an answer for which nothing was said."""
