"""What a workspace says about linking: which fields are compared, and from when on it links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from patron.errors import DefinitionError
from patron.spec.identifiers import TYPE_NAME

Kind = Literal[
    "given_name",
    "family_name",
    "full_name",
    "birthday",
    "email",
    "phone",
    "identifier",
    "street",
    "house_number",
    "postcode",
    "city",
    "region",
    "country",
    "text",
]
"""What a field is like, which decides how two of its values are compared."""

KINDS: tuple[Kind, ...] = get_args(Kind)

ADDRESS: frozenset[Kind] = frozenset(
    {"street", "house_number", "postcode", "city", "region", "country"}
)
"""Where someone lives. What each of these says is said by the others too."""

HOUSEHOLD: frozenset[Kind] = ADDRESS | {"family_name", "phone"}
"""What people who live together share. It says no more than how often two of them are one."""


HOUSEMATES: Mapping[Kind, float] = {"birthday": 0.005, "given_name": 0.005, "full_name": 0.005}
"""Share of two people who live together that are the same in what is a person's own: twins, and
children who are called like a parent. Strangers are that far less often, so what these fields say
against strangers they do not say against housemates. About a quarter of the pairs in households are
siblings, and two to three in a hundred of these are twins; as few are fathers and sons of one name.
The size comes from such figures; that it is bounded at all, and by this much, was settled while
looking at simulated customers. It is not learned from the records of a workspace."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a record that is compared.

    Attributes:
        name: The column of the records.
        kind: What it is like.
    """

    name: str
    kind: Kind

    def __post_init__(self) -> None:
        if not TYPE_NAME.fullmatch(self.name):
            raise DefinitionError(
                f"{self.name!r} cannot name a field: use lower case letters, digits and "
                "underscores, starting with a letter",
                field="fields.name",
            )


DEFAULT_FIELDS = (
    Field("given_name", "given_name"),
    Field("family_name", "family_name"),
    Field("birthday", "birthday"),
    Field("email", "email"),
    Field("phone", "phone"),
    Field("national_id", "identifier"),
    Field("street", "street"),
    Field("house_number", "house_number"),
    Field("unit", "house_number"),
    Field("postcode", "postcode"),
    Field("city", "city"),
    Field("state", "region"),
    Field("country", "country"),
)
"""The fields of the normal forms. What the records have no column for, or no value in, is left."""


class LinkingDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How records that share no identifier are linked.

    Attributes:
        fields: What is compared; fields that the records lack are left out.
        link_at: From this probability on two records are linked, if nothing forbids it.
        review_at: From this probability on, below `link_at`, a person is asked.
        unique: Columns of which one person has one value: two values keep records apart. They need
            not be among the fields.
        one_record_a_person: Sources that hold each person once: two of their records stay apart.
        seed: Chooses which pairs of records are looked at to learn what strangers have in common.

    >>> LinkingDefinition(link_at=0.5, review_at=0.9)
    Traceback (most recent call last):
        ...
    patron.errors.DefinitionError: review_at must not be above link_at
    """

    fields: tuple[Field, ...] = DEFAULT_FIELDS
    link_at: float = 0.95
    review_at: float = 0.4
    unique: tuple[str, ...] = ()
    one_record_a_person: tuple[str, ...] = ()
    seed: int = 1

    @property
    def names(self) -> set[str]:
        """All columns that it reads."""
        return {*self.unique, *(field.name for field in self.fields)}

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if not names:
            raise DefinitionError("at least one field is needed", field="fields")
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise DefinitionError(f"field {min(twice)!r} is declared twice", field="fields")
        if not 0 < self.review_at < 1 or not 0 < self.link_at < 1:
            raise DefinitionError(
                "link_at and review_at are probabilities between 0 and 1", field="link_at"
            )
        if self.review_at > self.link_at:
            raise DefinitionError("review_at must not be above link_at", field="review_at")
