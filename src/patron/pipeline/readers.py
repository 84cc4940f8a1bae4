"""What reads and checks the body of a definition, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import msgspec

from patron import structs
from patron.collect.files import read_mapping
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.linking.definition import LinkingDefinition
from patron.pipeline import classification_definitions as classes
from patron.pipeline.classification_kinds import KINDS as CLASSIFYING
from patron.pipeline.computed_definitions import check_body, read_computed
from patron.pipeline.enrichment.connectors import connector
from patron.pipeline.preference_definitions import read_preference
from patron.pipeline.score_definitions import read_score
from patron.pipeline.segment_definitions import check_segment
from patron.pipeline.tracking import tracking_plan
from patron.spec.enrichment import EnrichmentDefinition, read_enrichment
from patron.spec.entities import read_entity
from patron.spec.identifiers import DEFAULTS, Identifier, IdentityRules
from patron.spec.mapping import Mapping as FileMapping
from patron.spec.rates import read_rates
from patron.spec.reading import read_definition
from patron.spec.recurring import RecurringDate, read_recurring_date
from patron.spec.scopes import of_brands
from patron.spec.sources import SourceDefinition, read_source
from patron.spec.traits import TraitDefinition, read_trait
from patron.spec.webhooks import WebhookDefinition, read_webhook

T = TypeVar("T")
Body = dict[str, Any]

RESERVED = {"segment": frozenset({"changes", "moved"}), "trait": frozenset({"conflicts"})}
"""What no definition of a kind may be called, for its path in the API leads elsewhere."""


class ListDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A static list as files write it.

    Attributes:
        members: Identifiers such as ``email:ann@example.com``.
        description: For people.
    """

    members: tuple[str, ...] = ()
    description: str | None = None


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
"""What reads the kinds that nothing else rests on."""


MAKING: dict[str, Callable[..., Any]] = {
    "computed_trait": read_computed,
    "score": read_score,
    "preference": read_preference,
}
"""What reads the kinds that make computed traits."""


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
        "trait": _trait,
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
        "score": partial(_plain, read_score),
        "preference": partial(_plain, read_preference),
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


def _trait(name: str, body: Body) -> Body:
    _check_reserved("trait", name)
    trait_definition(name, body)
    return body


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
    _check_reserved("segment", name)
    return check_segment(name, body)


def _check_reserved(kind: str, name: str) -> None:
    if name in RESERVED[kind]:
        raise DefinitionError(f"name: {name} means something else in the API.", field="name")


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
    return [Identifier.parse(member) for member in structs.convert(body, ListDefinition).members]
