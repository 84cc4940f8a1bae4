"""A trained model: frozen, versioned by its content, and all that scoring needs."""

from __future__ import annotations

import hashlib
import math

import msgspec

from patron import structs
from patron.errors import DefinitionError
from patron.linking.blocking import Blocking
from patron.linking.definition import ADDRESS, HOUSEHOLD, HOUSEMATES, Field, Kind, LinkingDefinition

FORMAT = 1


class LevelWeight(msgspec.Struct, frozen=True):
    """What one degree of likeness says.

    Attributes:
        label: For people.
        condition: SQL over the columns of the two records.
        m: How often two records of one person are this much alike.
        u: How often records of two strangers are.
        frequency: Whether a rare value says more than a frequent one.
    """

    label: str
    condition: str
    m: float
    u: float
    frequency: bool = False

    @property
    def weight(self) -> float:
        """The evidence in bits: above 0 for one person, below for two."""
        return math.log2(self.m / self.u)


class Comparison(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one field is compared.

    Attributes:
        field: Its name.
        kind: What it is like.
        missing: SQL that holds where the field tells nothing.
        levels: From most to least alike.
        housemates: Share of two people who live together that are the same in it, where they share
            it at times and that was learned.
    """

    field: str
    kind: Kind
    missing: str
    levels: tuple[LevelWeight, ...]
    housemates: float | None = None

    @property
    def shared(self) -> bool:
        """Whether people who live together share it."""
        return self.kind in HOUSEHOLD

    @property
    def of_address(self) -> bool:
        """Whether it says where someone lives."""
        return self.kind in ADDRESS

    @property
    def tells_housemates(self) -> bool:
        """Whether it can tell two people who live together apart."""
        return not self.shared or self.housemates is not None

    @property
    def against_housemates(self) -> float | None:
        """Bits that it can give where two live together; None without a bound."""
        alike = self.housemates or HOUSEMATES.get(self.kind)
        return None if alike is None else math.log2(self.levels[0].m / alike)


class Frequencies(msgspec.Struct, frozen=True):
    """How frequent the values of a field are.

    Attributes:
        values: Share of the records that hold each of the most frequent values.
        other: Share that any other value is taken to have.
    """

    values: dict[str, float]
    other: float


class LinkingModel(msgspec.Struct, frozen=True, kw_only=True):
    """A trained model.

    Attributes:
        definition: What it was trained for.
        comparisons: One for each field that the records had.
        prior: The probability that two records chosen at random are one person.
        moved: Share of the pairs of one person with a move between them, after which nothing of
            the address is as before.
        address_most: Bits that the fields of an address can give in all; None without a bound.
        household_most: The same for all fields that people who live together share.
        blocking: Which pairs are compared.
        frequencies: Of the values of fields where it matters.
        facts: What it was trained on, and what training found.
        format: Of this structure.
    """

    definition: LinkingDefinition
    comparisons: tuple[Comparison, ...]
    prior: float
    moved: float
    address_most: float | None
    household_most: float | None
    blocking: tuple[Blocking, ...]
    frequencies: dict[str, Frequencies]
    facts: dict[str, object]
    format: int = FORMAT

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that differ whenever the model does."""
        return hashlib.sha256(self.to_json()).hexdigest()[:12]

    @property
    def fields(self) -> list[Field]:
        """The fields that it compares."""
        return [Field(each.field, each.kind) for each in self.comparisons]

    @property
    def prior_weight(self) -> float:
        """The prior in bits."""
        return bits(self.prior)

    @property
    def slack(self) -> float:
        """Bits by which a sum of all weights can fall short of the weight of someone who moved."""
        address = [each for each in self.comparisons if each.of_address]
        least = sum(min(level.weight for level in each.levels) for each in address)
        return max(0.0, math.log2(self.moved) - least) if address else 0.0

    def to_json(self) -> bytes:
        """The model as JSON, the same bytes for the same model."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, text: bytes | str) -> LinkingModel:
        """Read what `to_json` wrote.

        Raises:
            DefinitionError: It is not a model, or of a format that this version cannot read.
        """
        try:
            model = structs.decode(text, cls)
        except msgspec.MsgspecError as error:
            raise DefinitionError(f"this is not a linking model: {error}") from error
        if model.format != FORMAT:
            raise DefinitionError(
                f"the model is of format {model.format}, this version reads {FORMAT}: train it anew"
            )
        return model


def bits(probability: float) -> float:
    """The logarithm to base 2 of the odds.

    >>> bits(0.5), round(bits(0.8), 6)
    (0.0, 2.0)
    """
    return math.log2(probability / (1 - probability))


def probability(weight: float) -> float:
    """The probability whose odds have this logarithm to base 2.

    >>> probability(0.0), probability(2.0), probability(-4000.0)
    (0.5, 0.8, 0.0)
    """
    if weight < -1000:
        return 0.0
    return 1 / (1 + 2 ** -min(weight, 1000))
