"""What is declared of traits: which observation of each holds, for the sources that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.spec.reading import did_you_mean
from patron.spec.sources import SourceDefinition
from patron.spec.traits import Survivorships, TraitDefinition, survivorships
from patron.warehouse.sources import BY_HAND

PEOPLE = "people"
"""The kind of the sources of what people set by hand."""

_WRITTEN = """
select exists (select 1 from traits join sources using (source_id) where sources.name = ?)
"""


def decided(
    cursor: Cursor,
    traits: Iterable[TraitDefinition],
    sources: Mapping[str, SourceDefinition] | None = None,
) -> Survivorships:
    """Which observation of each trait holds.

    Args:
        cursor: On the warehouse.
        traits: What is declared of them.
        sources: Sources that are going to be another, by name. New ones have said nothing yet, so
            they decide nothing.
    """
    rows = cursor.execute("select source_id, name, kind, trust from sources").all()
    written = cursor.execute(_WRITTEN, [BY_HAND]).value()
    changed = sources or {}
    trust, people, numbers = {}, [], {}
    for source_id, name, kind, rank in rows:
        after = changed.get(name)
        numbers[name] = source_id
        trust[source_id] = rank if after is None else after.trust
        if (kind if after is None else after.type) == PEOPLE or (name == BY_HAND and written):
            people.append(source_id)
    return survivorships(traits, trust, people, numbers)


def check_once(traits: Mapping[str, TraitDefinition]) -> None:
    """Refuse a trait that is declared twice.

    Raises:
        DefinitionError: Two definitions are of the same trait.
    """
    by_trait: dict[str, str] = {}
    for name, one in sorted(traits.items()):
        other = by_trait.setdefault(one.called, name)
        if other != name:
            raise DefinitionError(
                f"trait {name}: {one.called} is declared by trait {other} already.", field="trait"
            )


def check_trust_orders(
    cursor: Cursor, traits: Iterable[TraitDefinition], coming: Iterable[str] = ()
) -> None:
    """Refuse an order of trust that names a source which never was.

    Args:
        cursor: On the warehouse.
        traits: What is declared of them.
        coming: The sources that are going to be there, too.

    Raises:
        DefinitionError: There is no such source; says which is called almost so.
    """
    ordered = [one for one in traits if one.trust_order]
    if not ordered:
        return
    # What a source said holds on when the source is gone, so its place does, too.
    known = {name for (name,) in cursor.execute("select name from sources").all()} | {*coming}
    for one in ordered:
        for source in one.trust_order:
            if source not in known:
                raise DefinitionError(
                    f"trait {one.name}: trust_order: there is no source {source}; "
                    f"{did_you_mean(source, known)}",
                    field="trust_order",
                )
