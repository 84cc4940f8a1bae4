"""The book: every definition that holds, read into the values that the stages work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

import msgspec

from patron import definitions
from patron.collect.files import read_mapping
from patron.definitions import KINDS, Stored
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, DefinitionError, NotFoundError
from patron.linking.definition import LinkingDefinition
from patron.pipeline import classification_definitions as classes
from patron.pipeline.classification_definitions import Classification
from patron.pipeline.classification_kinds import KINDS as CLASSIFYING
from patron.pipeline.computed_definitions import ComputedTrait, check_body, read_computed
from patron.pipeline.enrichment.connectors import connector
from patron.pipeline.segment_definitions import Segment, check_segment, read_segments
from patron.pipeline.tracking import tracking_plan
from patron.pipeline.trait_definitions import decided
from patron.segments.catalogue import Catalogue
from patron.segments.tree import Rule
from patron.spec.enrichment import EnrichmentDefinition, read_enrichment
from patron.spec.entities import PRODUCT, PRODUCTS, EntityKind, read_entity
from patron.spec.identifiers import DEFAULTS, Identifier, IdentityRules
from patron.spec.mapping import Mapping as FileMapping
from patron.spec.rates import Rates, read_rates
from patron.spec.reading import read_definition
from patron.spec.recurring import RecurringDate, read_recurring_date
from patron.spec.scopes import of_brands
from patron.spec.sources import SourceDefinition, read_source
from patron.spec.tracking_plans import TrackingPlan
from patron.spec.traits import Survivorships, TraitDefinition, read_trait
from patron.spec.webhooks import WebhookDefinition, read_webhook
from patron.warehouse.entities import stand
from patron.warehouse.sources import NO_BRAND, known_brands

T = TypeVar("T")
Body = dict[str, Any]

RESERVED = frozenset({"changes"})
"""What no segment may be called, for `/api/v1/segments/…` leads elsewhere."""


class ListDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A static list as files write it.

    Attributes:
        members: Identifiers such as ``email:ann@example.com``.
        description: For people.
    """

    members: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that is defined.

    Attributes:
        identity: The rules of identity, written out for all brands (`spec.scopes`).
        mappings: By name.
        segments: By name; those of the values of a segment too, such as `tier=gold`.
        lists: Names of the static lists.
        brands: Those that any source has.
        time_zone: The IANA zone of calendar windows that name none.
        linking: How records without a common identifier are linked, by name.
        entities: What rules reach through: products, and what is declared.
        traits: What is declared of traits, by the name of the definition.
        survivorships: Which observation of each trait holds.
        computed: Computed traits, by name.
        classifications: What sorts customers into classes, by name; the computed traits and
            segments that they make are among the others.
        rates: Exchange rates, by the currency that they lead to.
        tracking_plans: What is expected of the messages of sources, by name.
        enrichments: What adds traits of its own, by name.
        recurring_dates: Dates that come back every year, by name.
        webhooks: Where changes of customers are sent, by name.
    """

    identity: IdentityRules
    mappings: Mapping[str, FileMapping]
    segments: Mapping[str, Segment]
    lists: frozenset[str]
    brands: frozenset[str]
    time_zone: str
    linking: Mapping[str, LinkingDefinition] = field(default_factory=dict)
    entities: Mapping[str, EntityKind] = field(default_factory=lambda: {PRODUCT: PRODUCTS})
    traits: Mapping[str, TraitDefinition] = field(default_factory=dict)
    survivorships: Survivorships = field(default_factory=Survivorships)
    computed: Mapping[str, ComputedTrait] = field(default_factory=dict)
    classifications: Mapping[str, Classification] = field(default_factory=dict)
    rates: Rates = field(default_factory=dict)
    tracking_plans: Mapping[str, TrackingPlan] = field(default_factory=dict)
    enrichments: Mapping[str, EnrichmentDefinition] = field(default_factory=dict)
    recurring_dates: Mapping[str, RecurringDate] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookDefinition] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, Rule]:
        """The trees of all segments, by name."""
        return {name: segment.rule for name, segment in self.segments.items()}

    @property
    def declared(self) -> dict[str, Segment]:
        """The segments that have a definition, by name; those of single values are left out."""
        return {name: one for name, one in self.segments.items() if one.value_of is None}

    @property
    def catalogue(self) -> Catalogue:
        """What rules that were saved are compiled with."""
        return Catalogue(
            segments=self.rules,
            lists=self.lists,
            brands=self.brands,
            time_zone=self.time_zone,
            entities=self.entities,
            survivorships=self.survivorships,
            computed={name: one.expression for name, one in self.computed.items()},
            rates=self.rates,
        )

    def segment(self, name: str) -> Segment:
        """A segment by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.segments, name, "segment")

    def definition(self, name: str) -> Segment:
        """A segment that has a definition of its own, by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.declared, name, "segment")

    def computed_trait(self, name: str) -> ComputedTrait:
        """A computed trait by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.computed, name, "computed trait")

    def tracking_plan(self, name: str) -> TrackingPlan:
        """A tracking plan by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.tracking_plans, name, "tracking plan")

    def enrichment(self, name: str) -> EnrichmentDefinition:
        """An enrichment by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.enrichments, name, "enrichment")

    def recurring_date(self, name: str) -> RecurringDate:
        """A date that recurs by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.recurring_dates, name, "recurring date")

    def classification(self, name: str) -> Classification:
        """A classification by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.classifications, name, "classification")

    def check_own(self, name: str) -> None:
        """Whether a segment or computed trait has a definition of its own, if there is one.

        Raises:
            ConflictError: A classification makes it.
        """
        for known in (self.computed, self.segments):
            found = known.get(name)
            if found is not None and found.maker is not None:
                raise ConflictError(f"{name} follows from {found.maker}: change that.")

    def mapping(self, name: str) -> FileMapping:
        """A mapping by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.mappings, name, "mapping")


def enrichment(name: str, body: Body) -> EnrichmentDefinition:
    """An enrichment as it is declared."""
    found = read_enrichment({"kind": "enrichment", "name": name, **body})
    connector(found)
    return found


def recurring_date(name: str, body: Body) -> RecurringDate:
    """A date that recurs as it is declared."""
    return read_recurring_date({"kind": "recurring_date", "name": name, **body})


def webhook(name: str, body: Body) -> WebhookDefinition:
    """A webhook as it is declared."""
    return read_webhook({"name": name, **body})


PLAIN: dict[str, Callable[[str, Body], Any]] = {
    "tracking_plan": tracking_plan,
    "enrichment": enrichment,
    "recurring_date": recurring_date,
    "webhook": webhook,
}
"""What reads the kinds that nothing else rests on, in the order of the fields of the book."""


def read_book(cursor: Cursor, time_zone: str) -> Book:
    """Read what holds now.

    Args:
        cursor: On the warehouse.
        time_zone: That of the workspace.
    """
    stored: dict[str, dict[str, Stored]] = {kind: {} for kind in KINDS}
    for (kind, name), one in definitions.current(cursor).items():
        stored[kind][name] = one

    def read(kind: str, reader: Callable[[str, Body], T]) -> dict[str, T]:
        return {name: reader(name, one.body) for name, one in stored[kind].items()}

    identity = default_rules(cursor)
    counted_for = known_brands(cursor)
    for one in stored["identity"].values():
        identity = read_identity(one.body, counted_for)
    kinds = {PRODUCT: PRODUCTS, **read("entity", read_entity)}
    traits = read("trait", trait_definition)
    computed = {
        name: read_computed(name, one.body, version=one.version, origin=one.origin)
        for name, one in stored["computed_trait"].items()
    }
    sorting = {
        name: classes.read_classification(
            kind, name, one.body, version=one.version, origin=one.origin
        )
        for kind in CLASSIFYING
        for name, one in stored[kind].items()
    }
    segments: dict[str, Segment] = {}
    for name, one in stored["segment"].items():
        segments |= read_segments(name, one.body, version=one.version, origin=one.origin)
    for made in sorting.values():
        computed |= made.computed
        segments |= made.segments
    cursor.execute("select distinct brand from sources where brand <> ?", [NO_BRAND])
    brands = {row[0] for row in cursor.all()}
    return Book(
        identity,
        read("mapping", mapping_definition),
        segments,
        frozenset(stored["list"]),
        frozenset(brands),
        time_zone,
        read("linking", lambda _name, body: read_definition(body, LinkingDefinition)),
        stand(cursor, kinds),
        traits,
        decided(cursor, traits.values()),
        computed,
        sorting,
        {name.upper(): rates for name, rates in read("exchange_rates", read_rates).items()},
        *(read(kind, reader) for kind, reader in PLAIN.items()),
    )


def default_rules(cursor: Cursor) -> IdentityRules:
    """The default rules that this workspace was first filled under."""
    edition = cursor.execute("select value from meta where key = 'identity_defaults'").value()
    return DEFAULTS[int(edition)]


def read_identity(body: Body, brands: Iterable[str] = ()) -> IdentityRules:
    """The rules of identity, written out for some brands.

    Raises:
        DefinitionError: A field is unknown or wrong, or these are too many brands.
    """
    rules = read_definition(body, IdentityRules)
    for kind in rules.types:
        if kind.name != kind.base:
            raise DefinitionError(
                f"{kind.name}: declare {kind.base} once, with scope: brand; it is then one type "
                "for each brand.",
                field="types.name",
            )
    return of_brands(rules, brands)


def validators() -> dict[str, Callable[[str, Body], Body]]:
    """Per kind of definition, what checks a body; each returns the body as it is to be kept.

    A validator raises DefinitionError, for rules RuleError, with the field.
    """
    return {
        "source": partial(_plain, source_definition),
        "trait": partial(_plain, trait_definition),
        "identity": _identity,
        "linking": _linking,
        "mapping": partial(_plain, mapping_definition),
        "entity": partial(_plain, read_entity),
        "segment": _segment,
        "list": _list,
        "computed_trait": _computed_trait,
        **{kind: partial(classes.check_body, kind) for kind in CLASSIFYING},
        "exchange_rates": partial(_plain, read_rates),
        **{kind: partial(_plain, read) for kind, read in PLAIN.items()},
    }


def source_definition(name: str, body: Body) -> SourceDefinition:
    """A source as it is declared."""
    return read_source({"kind": "source", "name": name, **body})


def trait_definition(name: str, body: Body) -> TraitDefinition:
    """A trait as it is declared."""
    return read_trait({"kind": "trait", "name": name, **body})


def mapping_definition(name: str, body: Body) -> FileMapping:
    """A mapping as it is declared."""
    return read_mapping({"kind": "mapping", "name": name, **body})


def _identity(_name: str, body: Body) -> Body:
    read_identity(body)
    return body


def _linking(_name: str, body: Body) -> Body:
    definition = read_definition(body, LinkingDefinition)
    if definition.one_record_a_person:
        raise DefinitionError(
            "one_record_a_person: profiles are linked here, and a profile has many sources.",
            field="one_record_a_person",
        )
    return body


def _segment(name: str, body: Body) -> Body:
    if name in RESERVED:
        raise DefinitionError(f"name: {name} means something else in the API.", field="name")
    return check_segment(name, body)


def _computed_trait(_name: str, body: Body) -> Body:
    return check_body(body)


def _list(_name: str, body: Body) -> Body:
    definition = read_definition(body, ListDefinition)
    for number, member in enumerate(definition.members):
        kind, _, value = member.partition(":")
        if not kind or not value:
            raise DefinitionError(
                f"members[{number}]: expected type:value, such as email:ann@example.com.",
                field=f"members[{number}]",
            )
    return body


def _plain(read: Callable[[str, Body], Any], name: str, body: Body) -> Body:
    read(name, body)
    return body


def list_members(body: Body) -> list[Identifier]:
    """The identifiers of a list as it is declared."""
    return [Identifier.parse(member) for member in msgspec.convert(body, ListDefinition).members]


def _named(known: Mapping[str, T], name: str, what: str) -> T:
    found = known.get(name)
    if found is None:
        close = get_close_matches(name, list(known), n=1)
        hint = f"Did you mean {close[0]}?" if close else None
        raise NotFoundError(f"There is no {what} {name}.", hint=hint)
    return found
