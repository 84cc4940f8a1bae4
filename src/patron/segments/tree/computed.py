"""What a computed trait is computed of: measures, single values, arithmetic, and categories.

The JSON of an expression is the JSON of these values; the key that an object holds says what it is:

    {"sum": {"event": "Order Completed", "property": "revenue"}}
    {"most_frequent": {"event": "Order Completed", "lines": true, "property": "category"}, "times": 2}
    {"list": {"event": "Order Completed", "property": "coupon"}}
    {"trait": "lifetime_value"}   {"number": 1.21}
    {"divide": [{"trait": "lifetime_value"}, {"count": {"event": "Order Completed"}}]}
    {"decayed": {"count": {"event": "Page Viewed"}}, "steps": [{"after": "30d", "worth": 50}]}
    {"earlier": {"trait": "lifetime_value"}, "by": "30d"}
    {"affinity": "preferred_category", "to": "Tea"}
    {"of": {"trait": "lifetime_value"}, "categories": [{"value": "gold", "at_least": 1000}]}
    {"cases": [{"value": "new", "when": {"count": {"event": "Order Completed"}, "op": "=", "value": 1}}]}
"""  # noqa: E501 - one example a line

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, NamedTuple

from patron.segments import durations, values
from patron.segments.tree.base import Expression, Node, Rule, threshold
from patron.segments.tree.measures import (
    Amounts,
    Events,
    MeasureName,
    Selecting,
    at_least_once,
)
from patron.segments.tree.points import Balance
from patron.segments.tree.rfm import RfmScore
from patron.segments.tree.walking import join
from patron.segments.tree.windows import Last

TakenName = Literal[
    "count", "sum", "average", "min", "max", "distinct", "first", "last", "most_frequent", "list"
]
NUMBERS: tuple[MeasureName, ...] = ("count", "sum", "average", "min", "max", "distinct")
"""What can be calculated with."""

MAX_CATEGORIES = 50
MAX_STEPS = 50


class Part(NamedTuple):
    """An expression inside another, and its JSON path."""

    path: str
    expression: Expression


def expressions(expression: Expression, path: str = "") -> Iterator[Part]:
    """An expression and all those inside it, with their JSON paths."""
    yield Part(path, expression)
    for step, inner in expression.parts():
        yield from expressions(inner, join(path, step))


class Taken(Node, Expression, frozen=True):
    """A value taken of a customer's events; exactly one of the fields but `times` is there.

    Attributes:
        list: JSON key ``list``. All different texts, numbers and truth values, sorted.
        times: How often the most frequent value has to occur at least.
    """

    count: Events | None = None
    sum: Amounts | None = None
    average: Amounts | None = None
    min: Amounts | None = None
    max: Amounts | None = None
    distinct: Amounts | None = None
    first: Amounts | None = None
    last: Amounts | None = None
    most_frequent: Amounts | None = None
    list: Amounts | None = None
    times: int = 1

    def __post_init__(self) -> None:
        there = [name for name in TAKEN if getattr(self, name) is not None]
        if len(there) != 1:
            raise ValueError(f"Take one value: {', '.join(TAKEN)}")
        if self.times != 1 and self.most_frequent is None:
            raise ValueError("Only the most frequent value is asked how many times it occurs")
        at_least_once(self.times)

    def taken(self) -> tuple[TakenName, Events]:
        """What is taken, and of what."""
        for name in TAKEN:
            events = getattr(self, name)
            if events is not None:
                return name, events
        raise TypeError("Nothing is taken")


TAKEN: tuple[TakenName, ...] = (*NUMBERS, "first", "last", "most_frequent", "list")


class Named(Node, Expression, frozen=True):
    """The value of another computed trait."""

    trait: str

    def __post_init__(self) -> None:
        self.keep("trait", values.name(self.trait))


class Constant(Node, Expression, frozen=True):
    """A number."""

    number: Any

    def __post_init__(self) -> None:
        self.keep("number", values.number(self.number))


class Affinity(Node, Expression, frozen=True):
    """How much of what speaks for any value speaks for one, from 0 (or less: against it) to 1.

    Attributes:
        affinity: The preference.
        to: The value.
    """

    affinity: str
    to: Any

    def __post_init__(self) -> None:
        self.keep("affinity", values.name(self.affinity))
        self.keep("to", values.scalar(self.to))


class Operation(Expression):
    """Two numbers made one; see docs/concepts/semantics.md for how it is rounded."""

    __slots__ = ()
    SIGN: ClassVar[str]

    @property
    def both(self) -> tuple[Expression, Expression]:
        """The two."""
        ((_, left), (_, right)) = self.parts()
        return left, right

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """The two, with their places."""
        name: str = self.__struct_fields__[0]  # type: ignore[attr-defined]
        for number, part in enumerate(getattr(self, name)):
            yield f"{name}[{number}]", part


class Add(Node, Operation, frozen=True):
    """A sum."""

    SIGN: ClassVar[str] = "+"
    add: tuple[Expression, Expression]


class Subtract(Node, Operation, frozen=True):
    """A difference."""

    SIGN: ClassVar[str] = "-"
    subtract: tuple[Expression, Expression]


class Multiply(Node, Operation, frozen=True):
    """A product."""

    SIGN: ClassVar[str] = "*"
    multiply: tuple[Expression, Expression]


class Divide(Node, Operation, frozen=True):
    """A quotient."""

    SIGN: ClassVar[str] = "/"
    divide: tuple[Expression, Expression]


class Least(Node, Operation, frozen=True):
    """The smaller of two numbers."""

    SIGN: ClassVar[str] = "least"
    least: tuple[Expression, Expression]


class Greatest(Node, Operation, frozen=True):
    """The larger of two numbers."""

    SIGN: ClassVar[str] = "greatest"
    greatest: tuple[Expression, Expression]


class Worth(Node, frozen=True):
    """What something is worth from an age on.

    Attributes:
        after: The age.
        worth: Of a hundred, a whole number.
    """

    after: str
    worth: int

    def __post_init__(self) -> None:
        self.keep("after", durations.span(self.after))
        if not 0 <= self.worth <= 100:
            raise ValueError("What is worth less as it ages is worth 0 to 100 %")


class Decayed(Node, Expression, frozen=True):
    """How many, or how much, where what happened long ago counts for less.

    Attributes:
        decayed: A count or a sum, of any time.
        steps: What each row is worth by its age, the youngest first; before them, it counts whole.
    """

    decayed: Expression
    steps: tuple[Worth, ...]

    def __post_init__(self) -> None:
        if not (isinstance(self.decayed, Taken) and self.decayed.taken()[0] in ("count", "sum")):
            raise ValueError("Counts and sums decay, and nothing else")
        if self.decayed.taken()[1].within is not None:
            raise ValueError("What decays is of any time: say how long it counts by its steps")
        ages = [durations.duration(step.after) for step in self.steps]
        if not 0 < len(ages) <= MAX_STEPS:
            raise ValueError(f"Name 1 to {MAX_STEPS} steps")
        if ages != sorted(set(ages)):
            raise ValueError("Steps rise: each comes after the one before it")

    @property
    def selected(self) -> tuple[TakenName, Events]:
        """What is counted or summed, and of what."""
        assert isinstance(self.decayed, Taken)  # noqa: S101 - checked when it was made
        return self.decayed.taken()

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """What decays."""
        yield "decayed", self.decayed


class Earlier(Node, Expression, frozen=True):
    """The value that something had so long ago.

    Attributes:
        earlier: A number.
        by: How long ago.
    """

    earlier: Expression
    by: str

    def __post_init__(self) -> None:
        self.keep("by", durations.span(self.by))
        for _, part in expressions(self.earlier):
            if isinstance(part, Taken) and not isinstance(part.taken()[1].within, Last | None):
                raise ValueError("What was earlier is of any time, or of the last days or weeks")

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """What had the value."""
        yield "earlier", self.earlier


class Category(Node, frozen=True, rename={"among": "in"}):
    """One category; it is that of all that lies within each of its bounds.

    Attributes:
        value: Its name, or a number.
        at_least: The smallest number in it.
        above: Its numbers are larger than this one.
        at_most: The largest number in it.
        below: Its numbers are smaller than this one.
        among: JSON key ``in``. It is one of these texts, numbers and truth values.
    """

    value: Any
    at_least: Any = None
    above: Any = None
    at_most: Any = None
    below: Any = None
    among: Any = None

    def __post_init__(self) -> None:
        self.keep("value", values.scalar(self.value))
        if isinstance(self.value, bool):
            raise ValueError("A category is a text or a number")
        for name in ("at_least", "above", "at_most", "below"):
            if getattr(self, name) is not None:
                self.keep(name, values.number(getattr(self, name)))
        if self.among is not None:
            self.keep("among", values.scalars(self.among))

    def bounds(self) -> list[tuple[str, Any]]:
        """Its bounds as operators with their values; none of what takes whatever has a value."""
        named = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<", "among": "in"}
        return [
            (op, getattr(self, name))
            for name, op in named.items()
            if getattr(self, name) is not None
        ]


class Categories(Node, Expression, frozen=True):
    """The first category that a value lies in; missing where it lies in none.

    Attributes:
        of: The value.
        categories: The first one first.
    """

    NUMBER: ClassVar[bool] = False
    of: Expression
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.categories) <= MAX_CATEGORIES:
            raise ValueError(f"Name 1 to {MAX_CATEGORIES} categories")

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """The value."""
        yield "of", self.of


class Case(Node, frozen=True):
    """One case.

    Attributes:
        value: Its name, or a number.
        when: The condition on the customer; it names no segment.
    """

    value: Any
    when: Rule

    def __post_init__(self) -> None:
        self.keep("value", values.scalar(self.value))
        if isinstance(self.value, bool):
            raise ValueError("A case is a text or a number")


class Cases(Node, Expression, frozen=True):
    """The value of the first case whose condition holds; missing where none does.

    Attributes:
        cases: The first one first. Several may bear one value.
    """

    NUMBER: ClassVar[bool] = False
    cases: tuple[Case, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.cases) <= MAX_CATEGORIES:
            raise ValueError(f"Name 1 to {MAX_CATEGORIES} cases")


def names_in(expression: Expression) -> frozenset[str]:
    """The computed traits that an expression names."""
    found = set()
    for _, part in expressions(expression):
        if isinstance(part, Named):
            found.add(part.trait)
        elif isinstance(part, Affinity):
            found.add(part.affinity)
    return frozenset(found)


EXPRESSIONS: dict[str, type[Expression]] = {
    **dict.fromkeys(TAKEN, Taken),
    "trait": Named,
    "number": Constant,
    "add": Add,
    "subtract": Subtract,
    "multiply": Multiply,
    "divide": Divide,
    "least": Least,
    "greatest": Greatest,
    "affinity": Affinity,
    "decayed": Decayed,
    "earlier": Earlier,
    "categories": Categories,
    "cases": Cases,
    "rfm": RfmScore,
    "points": Balance,
}
"""What an expression is, by the key that it holds."""


class Calculate(Node, Selecting, frozen=True):
    """A comparison of what is calculated of measures; missing where any of it is.

    Attributes:
        calculate: What is calculated.
        op: A comparison of numbers.
        value: The number, or two of them.
    """

    calculate: Expression
    op: str
    value: Any

    def __post_init__(self) -> None:
        self.keep("value", threshold(self.op, self.value))
        for _, part in expressions(self.calculate):
            if isinstance(part, Taken) and part.taken()[0] not in NUMBERS:
                name = part.taken()[0].replace("_", " ")
                raise ValueError(f"{name} is no number to calculate with")
            if not part.NUMBER:
                raise ValueError("A category is no number to calculate with")

    def names(self) -> frozenset[str]:
        """The computed traits that it is calculated of."""
        return names_in(self.calculate)

    def selections(self) -> Iterator[tuple[str, Events]]:
        """What is measured."""
        for path, part in expressions(self.calculate, "calculate"):
            if isinstance(part, Taken):
                name, events = part.taken()
                yield join(path, name), events
