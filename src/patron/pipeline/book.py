"""The book: every definition that holds, read into the values that the stages work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from patron import definitions
from patron.definitions import KINDS, Stored
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, Kind, NotFoundError, unknown
from patron.linking.definition import LinkingDefinition
from patron.pipeline import classification_definitions as classes
from patron.pipeline.classification_definitions import Classification
from patron.pipeline.classification_kinds import KINDS as CLASSIFYING
from patron.pipeline.computed_definitions import ComputedTrait
from patron.pipeline.preference_definitions import Preference
from patron.pipeline.provenance import Origins, origins
from patron.pipeline.readers import (
    MAKING,
    PLAIN,
    default_rules,
    mapping_definition,
    read_identity,
    trait_definition,
)
from patron.pipeline.score_definitions import Score
from patron.pipeline.segment_definitions import Segment, read_segments
from patron.pipeline.trait_definitions import decided
from patron.segments.catalogue import Catalogue
from patron.segments.tree import Expression, Rule
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.entities import PRODUCT, PRODUCTS, EntityKind, read_entity
from patron.spec.identifiers import IdentityRules
from patron.spec.mapping import Mapping as FileMapping
from patron.spec.rates import Rates, read_rates
from patron.spec.reading import read_definition
from patron.spec.recurring import RecurringDate
from patron.spec.tracking_plans import TrackingPlan
from patron.spec.traits import Survivorships, TraitDefinition
from patron.spec.webhooks import WebhookDefinition
from patron.warehouse.entities import stand
from patron.warehouse.sources import NO_BRAND, known_brands

T = TypeVar("T")
Body = dict[str, Any]


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
        origins: Where the values of traits come from.
        computed: Computed traits, by name; those that other definitions make, too.
        scores: By name.
        preferences: By name.
        classifications: What sorts customers into classes, by name; the segments that they make
            are among the others.
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
    scores: Mapping[str, Score] = field(default_factory=dict)
    preferences: Mapping[str, Preference] = field(default_factory=dict)
    classifications: Mapping[str, Classification] = field(default_factory=dict)
    rates: Rates = field(default_factory=dict)
    tracking_plans: Mapping[str, TrackingPlan] = field(default_factory=dict)
    enrichments: Mapping[str, EnrichmentDefinition] = field(default_factory=dict)
    recurring_dates: Mapping[str, RecurringDate] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookDefinition] = field(default_factory=dict)
    origins: Origins = field(default_factory=Origins)

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
        return _named(self.computed, name, "computed_trait")

    def tracking_plan(self, name: str) -> TrackingPlan:
        """A tracking plan by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.tracking_plans, name, "tracking_plan")

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
        return _named(self.recurring_dates, name, "recurring_date")

    def classification(self, name: str) -> Classification:
        """A classification by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.classifications, name, "classification")

    def score(self, name: str) -> Score:
        """A score by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.scores, name, "score")

    def preference(self, name: str) -> Preference:
        """A preference by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.preferences, name, "preference")

    @property
    def unsorted(self) -> dict[str, Expression]:
        """What computed traits are computed of, but for those that classifications make."""
        made = classes.expressions_of(self.classifications.values())
        return {name: one.expression for name, one in self.computed.items() if name not in made}

    def check_own(self, kind: str, name: str) -> None:
        """Whether a segment or computed trait has a definition of its own, if there is one.

        Raises:
            ConflictError: Another definition makes it.
        """
        made = self.segments if kind == "segment" else self.computed
        found = made.get(name)
        if found is not None and found.made_by is not None:
            raise ConflictError(f"{name} follows from {found.made_by}: change that.")

    def makes(self, kind: str, name: str) -> bool:
        """Whether there is such a definition among those that make computed traits."""
        if kind in ("score", "preference"):
            return name in (self.scores if kind == "score" else self.preferences)
        return name in self.computed and self.computed[name].made_by is None

    def mapping(self, name: str) -> FileMapping:
        """A mapping by name.

        Raises:
            NotFoundError: There is none.
        """
        return _named(self.mappings, name, "mapping")


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
    making = {
        kind: {
            name: reader(name, one.body, version=one.version, origin=one.origin)
            for name, one in stored[kind].items()
        }
        for kind, reader in MAKING.items()
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
        segments |= made.segments
    plain = {kind: read(kind, reader) for kind, reader in PLAIN.items()}
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
        _computed(making, sorting),
        making["score"],
        making["preference"],
        sorting,
        {name.upper(): rates for name, rates in read("exchange_rates", read_rates).items()},
        tracking_plans=plain["tracking_plan"],
        enrichments=plain["enrichment"],
        recurring_dates=plain["recurring_date"],
        webhooks=plain["webhook"],
        origins=origins(traits.values(), plain["enrichment"].values()),
    )


def _computed(
    making: Mapping[str, Mapping[str, Any]], sorting: Mapping[str, Classification]
) -> dict[str, ComputedTrait]:
    """All computed traits: those that are declared by themselves, and those that others make."""
    found = dict(making["computed_trait"])
    for score in making["score"].values():
        found |= {one.name: one for one in score.computed()}
    found |= {name: one.computed() for name, one in making["preference"].items()}
    for made in sorting.values():
        found |= made.computed
    return found


def _named(known: Mapping[str, T], name: str, kind: Kind) -> T:
    found = known.get(name)
    if found is None:
        close = get_close_matches(name, list(known), n=1)
        raise NotFoundError(
            f"There is no {kind.replace('_', ' ')} {name}.",
            hint=f"Did you mean {close[0]}?" if close else None,
            told=unknown(kind, name, tuple(close)),
        )
    return found
