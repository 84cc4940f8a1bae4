"""Plan and apply: what a set of definitions would change, and making it so."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from patron import definitions
from patron.definitions import Body, Change, Key
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, RuleError
from patron.identity import NormalForms
from patron.pipeline import classification_definitions as classes
from patron.pipeline import computed_changes, rate_changes
from patron.pipeline.book import Book
from patron.pipeline.checks import check_rule, dependents, parts_of
from patron.pipeline.enrichment.enrichments import put_enrichment_source
from patron.pipeline.readers import (
    default_rules,
    enrichment,
    list_members,
    read_identity,
    source_definition,
    trait_definition,
)
from patron.pipeline.segment_definitions import Segment, read_segments
from patron.pipeline.tracking import tracking_plan
from patron.pipeline.trait_definitions import check_once, decided
from patron.segments import query
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.resolve import traits_read
from patron.spec.entities import read_entity
from patron.spec.identifiers import Identifier, IdentifierType, IdentityRules
from patron.spec.scopes import of_brands
from patron.spec.tracking_plans import check_sources
from patron.spec.traits import Survivorships
from patron.warehouse.entities import stand
from patron.warehouse.lists import put_list, remove_list
from patron.warehouse.sources import known_brands, put_source, retire_source

Wanted = Mapping[Key, Body]
Removable = Mapping[Key, Body | None]


@dataclass(slots=True)
class Effect:
    """What a change of a segment does to its members."""

    enter: int
    leave: int
    count: int


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
    _check_identity(cursor, book.identity, made.changes)
    _identity_after(cursor, book, made.changes)
    if counts:
        made.effects = _effects(cursor, book, after, catalogue, as_of, made.changes)
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
    rules = _identity_after(cursor, book, made.changes)
    definitions.apply(cursor, made.changes, now)
    for change in made.changes:
        if change.kind == "source":
            _apply_source(cursor, change, made)
        elif change.kind == "list" and change.action != "keep":
            _apply_list(cursor, change.name, change.after, rules, now)
        elif change.kind == "enrichment" and change.after is not None:
            put_enrichment_source(cursor, enrichment(change.name, change.after))
    return made


def record(cursor: Cursor, book: Book, bodies: Removable, now: datetime) -> None:
    """Put single definitions, or remove those whose body is None, as the API does."""
    for (kind, name), body in bodies.items():
        definitions.record(cursor, kind, name, body, "api", now)
        if kind == "list":
            _apply_list(cursor, name, body, book.identity, now)
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
    return {"changes": rows, "warnings": made.warnings, "write_keys": made.write_keys}


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


def _otherwise_decided(book: Book, after: dict[str, Segment], catalogue: Catalogue) -> set[str]:
    """The segments that read a trait of which another observation may hold from now on."""
    was, will = book.survivorships, catalogue.survivorships
    return {
        name
        for name, segment in after.items()
        if any(was.of(trait) != will.of(trait) for trait in traits_read(segment.rule))
    }


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


def _effects(
    cursor: Cursor,
    book: Book,
    after: dict[str, Segment],
    catalogue: Catalogue,
    as_of: datetime,
    changes: list[Change],
) -> dict[str, Effect]:
    touched = {c.name for c in changes if c.kind == "segment" and c.action != "keep"}
    touched |= _otherwise_decided(book, after, catalogue)
    sorting = classes.after(book.classifications, changes)
    sorted_by: set[str] = set()
    for made in classes.moved(book.classifications, sorting):
        touched |= classes.segments_of(made).keys()
        sorted_by |= classes.expressions_of(made).keys()
    touched |= rate_changes.resting_on(book.rates, catalogue.rates, after)
    before_catalogue = msgspec.structs.replace(
        catalogue,
        segments=book.rules,
        survivorships=book.survivorships,
        computed=book.catalogue.computed,
        rates=book.rates,
    )
    resting = computed_changes.resting_on(changes, sorted_by, catalogue, before_catalogue)
    touched |= {after[name].value_of or name for name in resting & after.keys()}
    effects = {}
    moved = parts_of(touched, after) | parts_of(touched, book.segments)
    for name in sorted(touched | dependents(moved, after)):
        old = book.segments.get(name)
        new = after.get(name)
        before = _members(cursor, old, before_catalogue, as_of)
        now = _members(cursor, new, catalogue, as_of)
        effects[name] = Effect(
            enter=_size(cursor, f"select * from ({now}) except select * from ({before})"),
            leave=_size(cursor, f"select * from ({before}) except select * from ({now})"),
            count=_size(cursor, now),
        )
    return effects


def _members(cursor: Cursor, segment: Segment | None, catalogue: Catalogue, as_of: datetime) -> str:
    if segment is None:
        return "select profile_id from profiles where false"
    return query.members_sql(cursor, segment.rule, as_of=as_of, catalogue=catalogue)


def _size(cursor: Cursor, sql: str) -> int:
    return int(cursor.execute(f"select count(*) from ({sql})").value())


def _check_identity(cursor: Cursor, rules: IdentityRules, changes: list[Change]) -> None:
    """Rules in use may grow weaker types at the end; all else would re-decide merges."""
    for change in changes:
        if change.kind != "identity" or change.action == "keep":
            continue
        if not cursor.execute("select exists (select 1 from identifiers)").value():
            continue
        wanted = _read_rules(cursor, change.after, known_brands(cursor))
        same = [_decides(kind) for kind in rules.types]
        new = [_decides(kind) for kind in wanted.types]
        added = wanted.types[len(same) :]
        grown = new[: len(same)] == same and not any(kind.unique or kind.limit for kind in added)
        if not grown or _spelled(wanted) != _spelled(rules):
            raise DefinitionError(
                "The rules of identity cannot be changed like this while customers are stored: "
                "types can be added at the end, and where types are found and what is blocked can "
                "change for new messages.",
                field="types",
                hint="See what it would come to with `patron identity plan`, and change it with "
                "`patron identity apply`.",
            )


def _decides(kind: IdentifierType) -> tuple[object, ...]:
    """What of a type decides who is who."""
    limit = 1 if kind.protected else kind.limit
    shared = (kind.stands_for, kind.held_back_above)
    return (
        kind.name,
        kind.scope,
        kind.normal_form,
        kind.check_digit,
        limit,
        kind.limit_window,
        *shared,
    )


def _spelled(rules: IdentityRules) -> tuple[object, ...]:
    """What normal forms follow from, besides the types."""
    return (rules.default_region, rules.region_fields, rules.brand_regions, rules.providers)


def _identity_after(cursor: Cursor, book: Book, changes: list[Change]) -> IdentityRules:
    """The rules, written out for the brands of all sources that there will be."""
    brands = known_brands(cursor) | {
        source_definition(change.name, change.after).brand
        for change in changes
        if change.kind == "source" and change.after is not None
    }
    for change in changes:
        if change.kind == "identity" and change.action != "keep":
            return _read_rules(cursor, change.after, brands)
    return of_brands(book.identity, brands)


def _read_rules(cursor: Cursor, body: Body | None, brands: set[str]) -> IdentityRules:
    return default_rules(cursor) if body is None else read_identity(body, brands)


def _apply_source(cursor: Cursor, change: Change, made: Plan) -> None:
    if change.action == "remove":
        retire_source(cursor, change.name)
        return
    if change.after is None or change.action == "keep":
        return
    source = source_definition(change.name, change.after)
    key = secrets.token_urlsafe(24) if change.action == "add" else None
    put_source(
        cursor,
        name=change.name,
        brand=source.brand,
        kind=source.type,
        channel=source.default_channel,
        trust=source.trust,
        write_key=key,
    )
    if key is not None:
        made.write_keys[change.name] = key


def _apply_list(
    cursor: Cursor, name: str, body: dict[str, Any] | None, rules: IdentityRules, now: datetime
) -> None:
    if body is None:
        remove_list(cursor, name)
        return
    put_list(cursor, name, normal_members(list_members(body), rules, f"list {name}"), now)


def normal_members(
    identifiers: Iterable[Identifier], rules: IdentityRules, where: str
) -> list[tuple[str, str]]:
    """Identifiers in normal form, as (type, value).

    Raises:
        DefinitionError: One of them can identify nobody.
    """
    forms = NormalForms(rules)
    members = []
    for identifier in identifiers:
        normal = forms.normal(identifier.type, identifier.value)
        if not isinstance(normal, str):
            raise DefinitionError(f"{where}: {identifier}: {normal.reason}")
        members.append((identifier.type, normal))
    return members
