"""The meaning of a rule's names and values: everything that can be wrong with a well-formed rule.

`resolve` finds unknown names, membership cycles, comparisons of values of different types, and sums
over several currencies. What it lets through, the planner can turn into a question.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from patron.errors import RuleError, told, unknown
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.computed import used
from patron.segments.condition_checks import ConditionChecks
from patron.segments.known_names import Doubt, Names, Unknown
from patron.segments.names_used import segments_named
from patron.segments.tree import Rule

MAX_NESTED = 50


class Resolution(msgspec.Struct, frozen=True):
    """What `resolve` found.

    Attributes:
        warnings: Unknown names, when they were not to be errors.
        segments: Names of the segments that the rule rests on, those that others rest on first.
        lists: Names of the static lists that the rule itself uses.
        computed: Names of the computed traits that the rule and those segments rest on.
    """

    warnings: tuple[Doubt, ...] = ()
    segments: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()


def resolve(
    rule: Rule,
    catalogue: Catalogue,
    *,
    unknown: Unknown = "error",
    places: Mapping[str, tuple[int, int]] | None = None,
    name: str | None = None,
) -> Resolution:
    """Check a rule against what is known.

    Args:
        rule: Well-formed, as `codec.decode` and `text.parse` give it.
        catalogue: What is known.
        unknown: Whether unknown events, traits, properties, brands and currencies are errors or
            warnings. Unknown segments and lists are always errors.
        places: From `text.parse_with_places`: errors then name line and column.
        name: The segment that the rule defines, so that a cycle through itself is found.

    Raises:
        RuleError: With the place, and the nearest known names.
    """
    names = Names(catalogue, unknown, places)
    checks = ConditionChecks(names)
    for path, node in tree.walk(rule):
        checks.condition(path, node)
    order = _order(rule, name, names)
    for below in order:
        _check_again(below, catalogue)
    lists = {node.in_list for _, node in tree.walk(rule) if isinstance(node, tree.InList)}
    rules = (rule, *(catalogue.segments[below] for below in order))
    computed = {name for one in rules for name in used(one, catalogue.computed)}
    return Resolution(tuple(names.warnings), order, tuple(sorted(lists)), tuple(sorted(computed)))


def _check_again(name: str, catalogue: Catalogue) -> None:
    """A segment was right when it was saved; a second currency since then makes its sum wrong."""
    checks = ConditionChecks(Names(catalogue))
    for path, node in tree.walk(catalogue.segments[name]):
        try:
            checks.condition(path, node)
        except RuleError as error:
            raise RuleError(f"In segment {name!r}: {error.message}", hint=error.hint) from None


def _order(rule: Rule, name: str | None, names: Names) -> tuple[str, ...]:
    """The segments that a rule rests on, deepest first; refuses cycles, with the path."""
    done: dict[str, None] = {}
    segments = {**names.catalogue.segments, **({} if name is None else {name: rule})}

    def visit(current: Rule, trail: tuple[str, ...], at: str) -> None:
        for path, other in segments_named(current):
            place = path if current is rule else at
            if other in trail:
                cycle = " → ".join([*trail[trail.index(other) :], other])
                names.fail(
                    f"Segments may not rest on each other in a circle: {cycle}.",
                    place,
                    told=told("circle", segments=cycle),
                )
            if other in done:
                continue
            if other not in segments:
                names.fail(
                    f"Segment {trail[-1]!r} rests on {other!r}, which is unknown.",
                    place,
                    told=unknown("segment", other),
                )
            if len(trail) >= MAX_NESTED:
                names.fail(
                    f"Segments rest on each other at most {MAX_NESTED} deep.",
                    place,
                    told=told("segments_too_deep", most=MAX_NESTED),
                )
            visit(segments[other], (*trail, other), place)
            done[other] = None

    visit(rule, () if name is None else (name,), "")
    return tuple(done)
