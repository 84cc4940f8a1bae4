"""Plan and apply: what a set of definitions would change, and making it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from patron import definitions
from patron.definitions import Body, Change, Key
from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.pipeline import classification_definitions as classes
from patron.pipeline import computed_changes, identity_changes, rate_changes
from patron.pipeline.book import Book
from patron.pipeline.checks import check_rule, parts_of
from patron.pipeline.enrichment.enrichments import put_enrichment_source
from patron.pipeline.list_changes import record_list
from patron.pipeline.readers import (
    enrichment,
    source_definition,
    trait_definition,
    webhook,
)
from patron.pipeline.segment_definitions import Segment, read_segments
from patron.pipeline.segment_effects import Effect, segment_effects
from patron.pipeline.sources import declare_source
from patron.pipeline.tracking import tracking_plan
from patron.pipeline.trait_definitions import check_once, check_trust_orders, decided
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.known_names import never_sent
from patron.spec.entities import read_entity
from patron.spec.tracking_plans import check_sources
from patron.spec.traits import Survivorships
from patron.warehouse.entities import stand
from patron.warehouse.sources import retire_source

Wanted = Mapping[Key, Body]
Removable = Mapping[Key, Body | None]


@dataclass(slots=True)
class Plan:
    """What would change, or did.

    Attributes:
        changes: In an order that works when applied.
        effects: Per segment whose members are affected.
        warnings: Names that were never seen, and the like.
        write_keys: New keys by source, once applied.
    """

    changes: list[Change]
    effects: dict[str, Effect] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    write_keys: dict[str, str] = field(default_factory=dict)


def plan(
    cursor: Cursor,
    book: Book,
    wanted: Wanted,
    *,
    prune: bool,
    as_of: datetime,
    counts: bool = True,
) -> Plan:
    """Compare what is wanted with what holds; changes nothing.

    Args:
        cursor: For reading.
        book: What holds.
        wanted: Checked bodies by (kind, name).
        prune: Remove also what files never created.
        as_of: The moment that members are counted for, naive UTC.
        counts: Whether to count who would enter and leave.

    Raises:
        RuleError: A segment refers to one that will not be there, or in a circle.
        DefinitionError: The change cannot be made on a workspace that holds data.
    """
    made = Plan(definitions.diff(definitions.current(cursor), wanted, prune=prune))
    sorting = classes.after(book.classifications, made.changes)
    gone, new = classes.moved(book.classifications, sorting)
    after = _segments_after(book, made.changes)
    after = {name: one for name, one in after.items() if name not in classes.segments_of(gone)}
    after |= classes.segments_of(new)
    rules = {name: segment.rule for name, segment in after.items()}
    survivorships = _decided_after(cursor, book, made.changes)
    computed = computed_changes.after(book.unsorted, made.changes)
    _check_names(book, made.changes, sorting.values(), computed)
    computed |= classes.expressions_of(sorting.values())
    declared = msgspec.structs.replace(
        book.catalogue,
        segments=rules,
        survivorships=survivorships,
        computed=computed,
        rates=rate_changes.after(book.rates, made.changes),
    )
    catalogue = _catalogue_after(cursor, made.changes, declared)
    _check_tracking_plans(cursor, book, made.changes)
    made.warnings += computed_changes.checked(catalogue, made.changes)
    for name, segment in sorted(after.items()):
        made.warnings += _checked(name, segment, catalogue)
    made.warnings += _webhooks_checked(made.changes, after)
    identity_changes.check(cursor, book.identity, made.changes)
    identity_changes.after(cursor, book, made.changes)
    if counts:
        made.effects = segment_effects(cursor, book, after, catalogue, as_of, made.changes)
    return made


def apply(
    cursor: Cursor,
    book: Book,
    wanted: Wanted,
    *,
    prune: bool,
    now: datetime,
) -> Plan:
    """Make it so, inside the caller's transaction.

    Args:
        cursor: In the writer's transaction.
        book: What holds.
        wanted: Checked bodies by (kind, name).
        prune: Remove also what files never created.
        now: When it is recorded, naive UTC.

    Returns:
        What was done, with the write keys of new sources, which are stored as hashes only.
    """
    made = plan(cursor, book, wanted, prune=prune, as_of=now, counts=False)
    rules = identity_changes.after(cursor, book, made.changes)
    definitions.apply(cursor, made.changes, now)
    for change in made.changes:
        if change.kind == "source":
            _apply_source(cursor, change, made, now)
        elif change.kind == "list" and change.action != "keep":
            record_list(cursor, change.name, change.after, rules, now)
        elif change.kind == "enrichment" and change.after is not None:
            put_enrichment_source(cursor, enrichment(change.name, change.after))
    return made


def record(cursor: Cursor, book: Book, bodies: Removable, now: datetime) -> None:
    """Put single definitions, or remove those whose body is None, as the API does."""
    for (kind, name), body in bodies.items():
        definitions.record(cursor, kind, name, body, "api", now)
        if kind == "list":
            record_list(cursor, name, body, book.identity, now)
        elif kind == "enrichment" and body is not None:
            put_enrichment_source(cursor, enrichment(name, body))


def shown(made: Plan) -> dict[str, Any]:
    """A plan as the API shows it; what stays as it is and has no effect is left out."""
    rows = []
    for change in made.changes:
        effect = made.effects.get(change.name) if change.kind == "segment" else None
        if change.action == "keep" and (effect is None or not (effect.enter or effect.leave)):
            continue
        row: dict[str, Any] = {
            "action": change.action,
            "kind": change.kind,
            "name": change.name,
            "fields": list(change.fields),
        }
        if effect is not None:
            row |= {"enter": effect.enter, "leave": effect.leave, "count": effect.count}
        rows.append(row)
    unsent = dict.fromkeys(filter(None, map(never_sent, made.warnings)))
    return {
        "changes": rows,
        "warnings": made.warnings,
        "never_sent": list(unsent),
        "write_keys": made.write_keys,
    }


def _segments_after(book: Book, changes: list[Change]) -> dict[str, Segment]:
    after = dict(book.segments)
    for change in changes:
        if change.kind != "segment":
            continue
        for part in parts_of({change.name}, after):
            del after[part]
        if change.after is not None:
            after |= read_segments(change.name, change.after, version=0, origin="file")
    return after


def _check_names(
    book: Book,
    changes: list[Change],
    sorting: Iterable[classes.Classification],
    computed: Iterable[str],
) -> None:
    """Refuse classifications that make a name which another definition has or makes."""
    own = {name for name, one in book.segments.items() if not one.made_by}
    for change in changes:
        if change.kind == "segment":
            (own.discard if change.after is None else own.add)(change.name)
    classes.check_names(sorting, computed, own)


def _decided_after(cursor: Cursor, book: Book, changes: list[Change]) -> Survivorships:
    """Which observation of each trait will hold."""
    traits = dict(book.traits)
    sources = {}
    for change in changes:
        if change.kind == "trait" and change.after is None:
            traits.pop(change.name, None)
        elif change.kind == "trait" and change.after is not None:
            traits[change.name] = trait_definition(change.name, change.after)
        elif change.kind == "source" and change.after is not None:
            sources[change.name] = source_definition(change.name, change.after)
    check_once(traits)
    coming = [*sources, *(f"enrichment {c.name}" for c in changes if c.kind == "enrichment")]
    check_trust_orders(cursor, traits.values(), coming)
    return decided(cursor, traits.values(), sources)


def _check_tracking_plans(cursor: Cursor, book: Book, changes: list[Change]) -> None:
    plans = dict(book.tracking_plans)
    sources = {row[0] for row in cursor.execute("select name from sources where active").all()}
    for change in changes:
        if change.kind == "source":
            (sources.discard if change.after is None else sources.add)(change.name)
        elif change.kind == "tracking_plan":
            plans.pop(change.name, None)
            if change.after is not None:
                plans[change.name] = tracking_plan(change.name, change.after)
    check_sources(plans, sources)


def _catalogue_after(cursor: Cursor, changes: list[Change], declared: Catalogue) -> Catalogue:
    catalogue = read_catalogue(cursor, declared)
    lists = set(catalogue.lists)
    brands = set(catalogue.brands)
    kinds = dict(catalogue.entities)
    for change in changes:
        if change.kind == "list":
            (lists.discard if change.after is None else lists.add)(change.name)
        elif change.kind == "source" and change.after is not None:
            brands.add(source_definition(change.name, change.after).brand)
        elif change.kind == "entity":
            kinds.pop(change.name, None)
            if change.after is not None:
                kinds[change.name] = read_entity(change.name, change.after)
    return msgspec.structs.replace(
        catalogue, lists=frozenset(lists), brands=frozenset(brands), entities=stand(cursor, kinds)
    )


def _checked(name: str, segment: Segment, catalogue: Catalogue) -> list[str]:
    try:
        _, warnings = check_rule(segment.text, catalogue, name=name, allow_unknown=True)
    except RuleError as error:
        error.message = f"segment {name}: {error.message}"
        error.args = (error.message,)
        raise
    return [f"segment {name}: {warning}" for warning in warnings]


def _webhooks_checked(changes: list[Change], segments: Mapping[str, Segment]) -> list[str]:
    """Says which webhooks wait for memberships in segments that there will not be."""
    return [
        f"webhook {change.name}: there is no segment {name}: nothing is sent about it."
        for change in changes
        if change.kind == "webhook" and change.after is not None
        for name in webhook(change.name, change.after).segments
        if name not in segments
    ]


def _apply_source(cursor: Cursor, change: Change, made: Plan, now: datetime) -> None:
    if change.action == "remove":
        retire_source(cursor, change.name)
        return
    if change.after is None or change.action == "keep":
        return
    key = declare_source(cursor, change.name, change.after, new=change.action == "add", now=now)
    if key is not None:
        made.write_keys[change.name] = key
