"""What a plan does to computed traits, and to what rests on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from patron.definitions import Body, Change
from patron.errors import ConflictError, RuleError, in_use, taken
from patron.pipeline.computed_definitions import check_computed, read_computed, said_users, users_of
from patron.pipeline.preference_definitions import read_preference
from patron.pipeline.score_definitions import names_made, read_score
from patron.segments.catalogue import Catalogue
from patron.segments.computed import used
from patron.segments.tree import Expression

MADE: dict[str, Callable[[str], tuple[str, ...]]] = {
    "computed_trait": lambda name: (name,),
    "score": names_made,
    "preference": lambda name: (name,),
}
"""The names of the computed traits that a definition makes, by its kind."""


def after(before: Mapping[str, Expression], changes: Iterable[Change]) -> dict[str, Expression]:
    """What computed traits will be computed of, once the changes are made.

    Raises:
        ConflictError: Two definitions would make a computed trait of one name.
    """
    found = dict(before)
    moved = [change for change in changes if change.kind in MADE and change.action != "keep"]
    for change in moved:
        for name in MADE[change.kind](change.name):
            if change.before is not None:
                found.pop(name, None)
    for change in moved:
        if change.after is None:
            continue
        made = expressions(change.kind, change.name, change.after)
        for name in sorted(made.keys() & found.keys()):
            raise ConflictError(
                f"{change.kind.replace('_', ' ')} {change.name}: there is a computed trait "
                f"{name} already.",
                told=taken("computed_trait", name),
            )
        found |= made
    return found


def expressions(kind: str, name: str, body: Body) -> dict[str, Expression]:
    """What the computed traits of a definition are computed of, by their names."""
    if kind == "score":
        return {one.name: one.expression for one in read_score(name, body).computed()}
    if kind == "preference":
        return {name: read_preference(name, body).expression}
    return {name: read_computed(name, body, version=0, origin="file").expression}


def checked(catalogue: Catalogue, changes: Iterable[Change]) -> list[str]:
    """Check all computed traits that there will be; returns warnings.

    Args:
        catalogue: What there will be.
        changes: Those of the plan.

    Raises:
        RuleError: One of them is wrong.
        ConflictError: One that is removed is used.
    """
    gone = _named(one for one in changes if one.after is None) - catalogue.computed.keys()
    users = users_of(gone, catalogue.segments, catalogue.computed)
    if any(users):
        names = ", ".join(sorted(gone))
        raise ConflictError(
            f"{names}: used by {said_users(*users)}.",
            told=in_use("computed_trait", names, [*users[0], *users[1]]),
        )
    warnings = []
    for name in sorted(catalogue.computed):
        try:
            found = check_computed(name, catalogue, allow_unknown=True)
        except RuleError as error:
            error.message = f"computed trait {name}: {error.message}"
            error.args = (error.message,)
            error.told = None
            raise
        warnings += [f"computed trait {name}: {warning}" for warning in found]
    return warnings


def _named(changes: Iterable[Change]) -> set[str]:
    """The computed traits that some changes are about."""
    return {made for one in changes if one.kind in MADE for made in MADE[one.kind](one.name)}


def resting_on(
    changes: Iterable[Change], others: Iterable[str], catalogue: Catalogue, before: Catalogue
) -> set[str]:
    """The segments whose rules rest on a computed trait that changes, then or now.

    Args:
        changes: Those of the plan.
        others: More computed traits that change.
        catalogue: What there will be.
        before: What there is.
    """
    moved = _named(one for one in changes if one.action != "keep").union(others)
    return {
        name
        for known in (catalogue, before)
        for name, rule in known.segments.items()
        if moved and used(rule, known.computed) & moved
    }
