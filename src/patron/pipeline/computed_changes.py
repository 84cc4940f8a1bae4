"""What a plan does to computed traits, and to what rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from patron.definitions import Change
from patron.errors import ConflictError, RuleError
from patron.pipeline.computed_definitions import check_computed, read_computed, said_users, users_of
from patron.segments.catalogue import Catalogue
from patron.segments.computed import used
from patron.segments.tree import Expression

KIND = "computed_trait"


def after(before: Mapping[str, Expression], changes: Iterable[Change]) -> dict[str, Expression]:
    """What computed traits will be computed of, once the changes are made."""
    found = dict(before)
    for change in changes:
        if change.kind != KIND:
            continue
        if change.after is None:
            found.pop(change.name, None)
        else:
            made = read_computed(change.name, change.after, version=0, origin="file")
            found[change.name] = made.expression
    return found


def checked(catalogue: Catalogue, changes: Iterable[Change]) -> list[str]:
    """Check all computed traits that there will be; returns warnings.

    Args:
        catalogue: What there will be.
        changes: Those of the plan.

    Raises:
        RuleError: One of them is wrong.
        ConflictError: One that is removed is used.
    """
    gone = {one.name for one in changes if one.kind == KIND and one.after is None}
    users = users_of(gone, catalogue.segments, catalogue.computed)
    if any(users):
        raise ConflictError(f"{', '.join(sorted(gone))}: used by {said_users(*users)}.")
    warnings = []
    for name in sorted(catalogue.computed):
        try:
            found = check_computed(name, catalogue, allow_unknown=True)
        except RuleError as error:
            error.message = f"computed trait {name}: {error.message}"
            error.args = (error.message,)
            raise
        warnings += [f"computed trait {name}: {warning}" for warning in found]
    return warnings


def resting_on(changes: Iterable[Change], catalogue: Catalogue, before: Catalogue) -> set[str]:
    """The segments whose rules rest on a computed trait that changes, then or now."""
    moved = {one.name for one in changes if one.kind == KIND and one.action != "keep"}
    return {
        name
        for known in (catalogue, before)
        for name, rule in known.segments.items()
        if moved and used(rule, known.computed) & moved
    }
