"""The rules of identity that a set of definitions leads to, and whether they may come to hold."""

from __future__ import annotations

from patron.definitions import Body, Change
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.pipeline.book import Book
from patron.pipeline.readers import default_rules, read_identity, source_definition
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.spec.scopes import of_brands
from patron.warehouse.sources import known_brands


def check(cursor: Cursor, rules: IdentityRules, changes: list[Change]) -> None:
    """Rules in use may grow weaker types at the end; all else would re-decide merges.

    Raises:
        DefinitionError: A change would.
    """
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


def after(cursor: Cursor, book: Book, changes: list[Change]) -> IdentityRules:
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


def _read_rules(cursor: Cursor, body: Body | None, brands: set[str]) -> IdentityRules:
    return default_rules(cursor) if body is None else read_identity(body, brands)
