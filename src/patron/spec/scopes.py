"""Types of identifiers that hold for one brand each, and what they are called.

The same value of such a type is another identifier at every brand. So the type is one for each
brand: ``customer_number@alpha``, ``customer_number@beta``. Whatever goes by type (what is unique,
limits, what is held back, normal forms) goes by brand without knowing of brands.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote

import msgspec

from patron.errors import DefinitionError
from patron.spec.identifiers import AT_BRAND, MOST_TYPES, IdentifierType, IdentityRules

_BREAKING = frozenset(f"%:{AT_BRAND}")


def type_at(base: str, brand: str) -> str:
    """What a type is called at one brand.

    Of the brand's name only what would break ``type:value`` is written in another way: ``%``,
    ``:``, ``@`` and characters that cannot be seen, as in URLs.

    >>> type_at("customer_number", "alpha"), type_at("customer_number", "a:b 100 %")
    ('customer_number@alpha', 'customer_number@a%3Ab 100 %25')
    """
    return f"{base}{AT_BRAND}{''.join(map(_written, brand))}"


def _written(character: str) -> str:
    if character not in _BREAKING and character.isprintable():
        return character
    return quote(character, safe="")


def brand_of(name: str) -> str:
    """The brand that a type is called by; empty where it is called by none.

    >>> brand_of("customer_number@a%3Ab 100 %25"), brand_of("email")
    ('a:b 100 %', '')
    """
    return unquote(name.partition(AT_BRAND)[2])


def base_of(name: str) -> str:
    """The declared type behind what a type is called.

    >>> base_of("customer_number@alpha"), base_of("email")
    ('customer_number', 'email')
    """
    return name.partition(AT_BRAND)[0]


def declared(rules: IdentityRules) -> IdentityRules:
    """Rules as they were declared, whichever brands they were written out for."""
    if not any(AT_BRAND in kind.name for kind in rules.types):
        return rules
    return msgspec.structs.replace(rules, types=declared_types(rules))


def declared_types(rules: IdentityRules) -> tuple[IdentifierType, ...]:
    """The types as they were declared, each once: what says where messages carry identifiers."""
    found = {kind.base: kind for kind in reversed(rules.types)}
    return tuple(
        kind if kind.name == base else msgspec.structs.replace(kind, name=base)
        for base, kind in reversed(found.items())
    )


def of_brands(rules: IdentityRules, brands: Iterable[str]) -> IdentityRules:
    """Rules with a type for each brand where types hold for one brand each.

    The types of the brands take the place of the declared one, in the order of the brands' names.

    Args:
        rules: As declared, or written out for other brands.
        brands: All that anything was ever counted for.

    Raises:
        DefinitionError: They would be too many types.

    >>> kinds = (IdentifierType(name="number", scope="brand"), IdentifierType(name="email"))
    >>> rules = of_brands(IdentityRules(types=kinds), ["beta", "alpha"])
    >>> [kind.name for kind in rules.types]
    ['number@alpha', 'number@beta', 'email']
    >>> [kind.name for kind in of_brands(rules, ["gamma"]).types]
    ['number@gamma', 'email']
    """
    kinds = declared_types(rules)
    names = sorted(set(brands))
    if not names or all(kind.scope == "shared" for kind in kinds):
        return declared(rules)
    written: list[IdentifierType] = []
    for kind in kinds:
        if kind.scope == "shared":
            written.append(kind)
        else:
            written += [
                msgspec.structs.replace(kind, name=type_at(kind.name, brand)) for brand in names
            ]
    if len(written) > MOST_TYPES:
        scoped = ", ".join(kind.name for kind in kinds if kind.scope == "brand")
        raise DefinitionError(
            f"{scoped}: with scope: brand, {len(names)} brands make {len(written)} identifier "
            f"types; {MOST_TYPES} is the most.",
            field="types.scope",
        )
    return msgspec.structs.replace(rules, types=tuple(written))


def types_of(rules: IdentityRules, base: str) -> list[str]:
    """What a declared type is called at each brand; empty where it holds for all of them."""
    return [kind.name for kind in rules.types if kind.base == base and kind.name != base]


def brand_wanted(rules: IdentityRules, name: str) -> str | None:
    """What to say of a type that is named without the brand it needs, or with an unknown one.

    Returns:
        A sentence; None where the name is as it should be, or means nothing.

    >>> kinds = (IdentifierType(name="number", scope="brand"),)
    >>> brand_wanted(of_brands(IdentityRules(types=kinds), ["beta", "alpha"]), "number")
    'number is of one brand each: say number@alpha or number@beta.'
    """
    if rules.rank(name) is not None:
        return None
    known = types_of(rules, base_of(name))
    if not known:
        return None
    return f"{base_of(name)} is of one brand each: say {' or '.join(known)}."
