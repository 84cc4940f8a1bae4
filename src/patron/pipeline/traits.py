"""Answers about traits: what is declared of them, who uses them, and where sources disagree."""

from __future__ import annotations

from typing import Any

import msgspec

from patron import profiles
from patron.clock import format_time
from patron.pipeline.book import Book
from patron.pipeline.customers import profile_of
from patron.pipeline.provenance import UNTOLD, Origin
from patron.segments.conflicts import conflicts
from patron.segments.names_used import traits_read
from patron.spec.traits import TraitDefinition
from patron.warehouse.reading import Reading

_OBSERVED = """
select name, count(distinct profile_id), count(*), max(occurred_at),
    case when min(source_id) = max(source_id) then min(source_id) end
from current_traits where occurred_at <= ? group by name
"""


def traits(reading: Reading, book: Book) -> list[dict[str, Any]]:
    """Every trait that is declared or was observed, by name.

    Each with what is declared of it, how often and when last it was observed, and the segments
    that read it: one that nobody reads may not be worth keeping. Where one enrichment said all of
    a trait, its origin is that of its connector.
    """
    declared = {one.called: one for one in book.traits.values()}
    rows = reading.cursor.execute(_OBSERVED, [reading.as_of]).all()
    observed = {name: rest for name, *rest in rows}
    called = reading.source_names.of(reading.cursor, {one for *_, one in rows if one is not None})
    users: dict[str, list[str]] = {}
    for name, segment in sorted(book.segments.items()):
        for trait in traits_read(segment.rule):
            users.setdefault(trait, []).append(segment.value_of or name)
    found = []
    for name in sorted(declared.keys() | observed.keys()):
        customers, times, last, source_id = observed.get(name, (0, 0, None, None))
        said_by = None if source_id is None else called[source_id]
        found.append(
            {
                "trait": name,
                **_told(declared.get(name), book.origins.of(name, said_by)),
                "customers": customers,
                "observations": times,
                "last_observed_at": None if last is None else format_time(last),
                "segments": sorted(set(users.get(name, ()))),
            }
        )
    return found


def _told(one: TraitDefinition | None, origin: Origin = UNTOLD) -> dict[str, Any]:
    """What is declared of a trait, or goes without saying, and where it comes from."""
    shown = one or TraitDefinition(name="")
    told = {
        "definition": None if one is None else one.name,
        "type": shown.type,
        "survivorship": shown.survivorship,
        "trust_order": list(shown.trust_order),
    }
    fields = ("holds_for", "personal", "description")
    return {**told, **{name: getattr(shown, name) for name in fields}, **origin._asdict()}


def disagreements(reading: Reading, book: Book) -> list[dict[str, Any]]:
    """How far sources agree on each trait, those with the most conflicts first."""
    declared = {one.called: one for one in book.traits.values()}
    found = []
    for one in conflicts(reading.cursor, reading.as_of):
        rule = _told(declared.get(one.trait))["survivorship"]
        found.append({**msgspec.to_builtins(one), "survivorship": rule})
    return found


def of_customer(
    reading: Reading, book: Book, identifier: str, name: str | None = None
) -> dict[str, Any]:
    """Of each trait of a customer the value that holds, and what every source said.

    Args:
        reading: The view to read in.
        book: What is defined.
        identifier: ``type:value`` or a profile id.
        name: Only this trait.

    Raises:
        NotFoundError: Nobody has the identifier.
    """
    own, rules = profile_of(reading, book.identity, identifier), book.survivorships
    cursor, as_of = reading.cursor, reading.as_of
    rows = reading.rows({own.profile_id: own.stored_ids})
    held = {one.name: one for one in profiles.traits(cursor, own, as_of, rules, rows=rows)}
    told: dict[str, list[dict[str, Any]]] = {}
    observed = profiles.observations(cursor, own, as_of, name=name, rules=rules, rows=rows)
    for one in profiles.plain(observed):
        trait = one.pop("name")
        origin = book.origins.of(trait, one["source"])
        told.setdefault(trait, []).append({**one, **origin._asdict()})
    declared = {one.called: one for one in book.traits.values()}
    data = [
        {
            "trait": trait,
            "value": holds.value if holds else None,
            "held": holds is not None,
            **{field: kind[field] for field in ("survivorship", "provenance", "basis", "personal")},
            "observations": said,
        }
        for trait, said in told.items()
        for holds in (held.get(trait),)
        for origin in (book.origins.of(trait, holds.source if holds else None),)
        for kind in (_told(declared.get(trait), origin),)
    ]
    return {**reading.head, "profile_id": own.profile_id, "data": data}
