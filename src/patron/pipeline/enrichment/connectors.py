"""The connectors that there are: those of Patron, and those of installed packages."""

from __future__ import annotations

from importlib.metadata import entry_points

from patron.errors import DefinitionError
from patron.pipeline.enrichment.places import FromAddress, FromLocale, FromPhone
from patron.pipeline.enrichment.user_agents import FromUserAgent
from patron.spec.enrichment import ENTRY_POINTS, Connector, EnrichmentDefinition
from patron.spec.reading import did_you_mean

BUILT_IN: dict[str, type[Connector]] = {
    "phone": FromPhone,
    "locale": FromLocale,
    "address": FromAddress,
    "user_agent": FromUserAgent,
}


def connectors() -> list[str]:
    """The names of all connectors."""
    return sorted({*BUILT_IN, *(one.name for one in entry_points(group=ENTRY_POINTS))})


def connector(definition: EnrichmentDefinition) -> Connector:
    """The connector of an enrichment.

    Raises:
        DefinitionError: There is none of its name, or it does not give a trait that is named.
    """
    if definition.use in BUILT_IN:
        found = BUILT_IN[definition.use]()
    else:
        installed = entry_points(group=ENTRY_POINTS, name=definition.use)
        if not installed:
            raise DefinitionError(
                f"use: there is no connector {definition.use}; "
                f"{did_you_mean(definition.use, connectors())}",
                field="use",
            )
        found = next(iter(installed)).load()()
    for name in definition.traits:
        if name not in found.gives:
            raise DefinitionError(
                f"traits.{name}: {definition.use} gives no such trait; "
                f"{did_you_mean(name, found.gives)}",
                field=f"traits.{name}",
            )
    return found
