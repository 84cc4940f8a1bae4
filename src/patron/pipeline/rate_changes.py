"""What a change of exchange rates does to segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from patron.definitions import Change
from patron.pipeline.segment_definitions import Segment
from patron.segments.computed import Computed, used
from patron.segments.names_used import converted_to
from patron.spec.rates import Rates, read_rates


def after(rates: Rates, changes: Iterable[Change]) -> Rates:
    """The rates that there are once definitions have changed."""
    found = dict(rates)
    for change in changes:
        if change.kind == "exchange_rates":
            found.pop(change.name.upper(), None)
            if change.after is not None:
                found[change.name.upper()] = read_rates(change.name, change.after)
    return found


def resting_on(
    was: Rates, will: Rates, segments: Mapping[str, Segment], computed: Computed
) -> set[str]:
    """The segments that convert to a currency whose rates change, or rest on a value that does."""
    changed = {to for to in was.keys() | will.keys() if was.get(to) != will.get(to)}
    if not changed:
        return set()
    converting = {name for name, one in computed.items() if changed & converted_to(one)}
    return {
        name
        for name, one in segments.items()
        if changed & converted_to(one.rule) or converting & used(one.rule, computed)
    }
