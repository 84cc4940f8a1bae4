"""From the tree of a rule to its text form; `text.parse` is the way back, without loss."""

from __future__ import annotations

from msgspec import UNSET

from patron.segments import operators, tree
from patron.segments.literals import (
    brands_text,
    comparison_text,
    name_text,
    path_text,
    quoted,
    span_text,
    value_text,
    zone_text,
)
from patron.segments.sets_builder import REFRESHED
from patron.segments.tree import Expression, Rule

_OR, _AND, _NOT, _ATOM = range(4)
_SIGNS = "+-*/"


def print_rule(rule: Rule) -> str:
    """The text form of a rule, in one line.

    >>> print_rule(tree.Count(tree.Events("Order Completed", within=tree.Last("90d")), ">=", 1))
    'did "Order Completed" in the last 90 days'
    """
    return _print(rule, _OR)


def _print(node: Rule, level: int) -> str:
    """The text of a node; bracketed where the words around it would bind more tightly."""
    match node:
        case tree.All(all=parts):
            return _joined("and", "all", parts, _AND, level)
        case tree.AnyOf(any=parts):
            return _joined("or", "any", parts, _OR, level)
        case tree.Not(negated=inner):
            return f"not {_print(inner, _NOT)}"
        case tree.AnyLine(any_line=inner):
            return f"any line ({_print(inner, _OR)})"
        case tree.OfEvent(of_event=inner):
            return f"event ({_print(inner, _OR)})"
        case tree.InSegment(in_segment=name):
            return _in_segment(name)
        case tree.InList(in_list=name):
            return f"in list {name_text(name)}"
        case tree.Trait() | tree.Changed():
            return _trait(node) if isinstance(node, tree.Trait) else _changed(node)
        case tree.Property():
            return f"{path_text(node.property)} {comparison_text(node.op, node.value)}"
        case tree.Selecting():
            return _about_events(node)
        case tree.Sequence() | tree.Abandoned():
            return _sequence(node) if isinstance(node, tree.Sequence) else _abandoned(node)
    return _set(node)


def _set(node: Rule) -> str:
    match node:
        case tree.AtLeast(at_least=number, of=parts):
            return f"at least {number} of ({', '.join(_print(part, _OR) for part in parts)})"
        case tree.Share(share=share, seed=seed):
            return f"random {value_text(share)} %" + (f" seed {quoted(seed)}" if seed else "")
        case tree.Top():
            return _top(node)
        case tree.Rfm(rfm=amounts, among=among, refreshed=unit):
            cells = ", ".join(map(quoted, among))
            return f"{_function('rfm', amounts)} in ({cells}) refreshed {_often_made(unit)}"
        case tree.OnBrands():
            return _on_brands(node)
        case tree.Group():
            said = f"group.{path_text(node.group)} {comparison_text(node.op, node.value)}"
            return said + brands_text(node.on_brand)
        case tree.WasIn(was_in=name, at=at):
            return f"was in segment {name_text(name)} on {at}"
        case tree.Entered(entered=name, within=window):
            return f"entered segment {name_text(name)}{_window(window)}"
        case tree.Left(left=name, within=window):
            return f"left segment {name_text(name)}{_window(window)}"
    raise TypeError(f"{type(node).__name__} has no text form")


def _in_segment(name: str) -> str:
    segment, _, value = name.partition("=")
    if segment and value:
        return f"segment {name_text(segment)} = {quoted(value)}"
    return f"in segment {name_text(name)}"


def _joined(word: str, listed: str, parts: tuple[Rule, ...], own: int, level: int) -> str:
    if len(parts) == 1:
        return f"{listed} ({_print(parts[0], _OR)})"
    joined = f" {word} ".join(_print(part, own + 1) for part in parts)
    return f"({joined})" if level > own else joined


def _about_events(node: tree.Selecting) -> str:
    match node:
        case tree.Measuring():
            return _measured(node)
        case tree.Picking():
            name, amounts = tree.picked(node)
            function = _function(name.replace("_", " "), amounts)
            if isinstance(node, tree.MostFrequent):
                function += _often(node.times)
            return f"{function} {comparison_text(node.op, node.value)}"
        case tree.Calculate(calculate=tree.Affinity() as affinity):
            return f"{print_expression(affinity)} {comparison_text(node.op, node.value)}"
        case tree.Calculate(calculate=expression):
            return (
                f"calculate({print_expression(expression)}) {comparison_text(node.op, node.value)}"
            )
        case tree.Points(points=programme):
            return f"{_programme(programme)} {comparison_text(node.op, node.value)}"
        case tree.Favourite(favourite=preferred):
            # For people only: no rule holds one.
            return f"{print_expression(preferred)} {comparison_text(node.op, node.value)}"
        case tree.FirstTime(first_time=events):
            return f"did {_rows(events)} for the first time{_clauses(events, short=True)}"
        case tree.Periods():
            return _periods(node)
        case tree.Stopped(stopped=events, length=length):
            return f"stopped {_rows(events)} for {span_text(length)}{_clauses(events, short=True)}"
        case tree.Resumed(resumed=events, after=after):
            return f"resumed {_rows(events)} after {span_text(after)}{_clauses(events, short=True)}"
    raise TypeError(f"{type(node).__name__} has no text form")


def _measured(node: tree.Measuring) -> str:
    name, events = tree.measure(node)
    if name == "count" and not events.lines and (node.op, node.value) in ((">=", 1), ("=", 0)):
        word = "did" if node.value else "did not"
        return f"{word} {_rows(events)}{_clauses(events, short=True)}"
    if isinstance(node.value, tree.Metric):
        return f"{_function(name, events)} {node.op} {_function(*tree.measure(node.value))}"
    return f"{_function(name, events)} {comparison_text(node.op, node.value)}"


def _function(word: str, events: tree.Events) -> str:
    of = f"{path_text(events.property)} of " if isinstance(events, tree.Amounts) else ""
    return f"{word}({of}{_rows(events)}{_clauses(events, short=False)})"


def _often(times: int) -> str:
    return "" if times == 1 else f" at least {times} times"


def print_expression(expression: Expression) -> str:
    """The text form of what a computed trait is computed of; categories are told in words.

    >>> print_expression(tree.Divide((tree.Named("spent"), tree.Constant(2))))
    'spent / 2'
    """
    match expression:
        case tree.Taken(times=times):
            name, events = expression.taken()
            return _function(name.replace("_", " "), events) + _often(times)
        case tree.Named(trait=name):
            return name_text(name)
        case tree.Constant(number=number):
            return value_text(number)
        case tree.Affinity(affinity=name, to=value):
            return f"affinity({name_text(name)}, {value_text(value)})"
        case tree.Decayed(decayed=inner, steps=steps, at_most=most):
            said = [print_expression(inner)]
            if most is not None:
                said.append(f"at most {value_text(most.most)} each {most.each}")
            said += [f"{one.worth} % after {span_text(one.after)}" for one in steps]
            return f"decayed({', '.join(said)})"
        case tree.Earlier(earlier=inner, by=length):
            return f"earlier({print_expression(inner)}, {span_text(length)})"
        case tree.Least(both=(left, right)) | tree.Greatest(both=(left, right)):
            inside = f"{print_expression(left)}, {print_expression(right)}"
            return f"{expression.SIGN}({inside})"
        case tree.Operation(both=(left, right)):
            own = _binds(expression)
            # What stands on the right binds more tightly, or has brackets.
            before = _bracketed(left, _binds(left) < own)
            return f"{before} {expression.SIGN} {_bracketed(right, _binds(right) <= own)}"
        case tree.Balance(points=programme):
            return _programme(programme)
    return _told(expression)


def _told(expression: Expression) -> str:
    """The text form of what sorts customers."""
    match expression:
        case tree.Categories(of=inner, categories=categories):
            said = [_category(category) for category in categories]
            return f"{', '.join(said)}: by {print_expression(inner)}"
        case tree.Cases(cases=cases):
            return ", ".join(f"{value_text(one.value)} if {_print(one.when, _OR)}" for one in cases)
        case tree.Preferred(preferred=kinds):
            return f"the most preferred of {', '.join(map(_weighed, kinds))}"
        case tree.RfmScore(rfm=amounts, take=take, refreshed=unit):
            return f"{take} of {_function('rfm', amounts)} refreshed {_often_made(unit)}"
    raise TypeError(f"{type(expression).__name__} has no text form")


def _programme(programme: tree.Programme) -> str:
    said = []
    for one in programme.earning:
        events = one.events
        per = f"per {path_text(one.sum.property)} of " if one.sum is not None else "for "
        clauses = _clauses(events, short=False)
        said.append(f"earn {value_text(one.earn)} {per}{_rows(events)}{clauses}")
    if programme.burning is not None:
        burned = programme.burning
        clauses = _clauses(burned, short=False)
        said.append(f"burn {path_text(burned.property)} of {_rows(burned)}{clauses}")
    if programme.expire_after is not None:
        said.append(f"expire after {span_text(programme.expire_after)}")
    return f"points({', '.join(said)})"


def _weighed(one: tree.Weighed) -> str:
    said = quoted(one.constant or "") if one.property is None else path_text(one.property)
    return f"{value_text(one.weight)} x {_function(said, one.of)}"


def _binds(expression: Expression) -> int:
    if isinstance(expression, tree.Operation) and expression.SIGN in _SIGNS:
        return 0 if expression.SIGN in "+-" else 1
    return 2


def _bracketed(expression: Expression, wanted: bool) -> str:
    said = print_expression(expression)
    return f"({said})" if wanted else said


def _category(category: tree.Category) -> str:
    bounds = " and ".join(comparison_text(op, value) for op, value in category.bounds())
    return f"{value_text(category.value)} if {bounds or 'exists'}"


def _periods(node: tree.Periods) -> str:
    often = f"in {operators.PERIOD_OPERATORS[node.op]} {node.value}"
    units = f"of the last {node.of} {node.unit}{'' if node.of == 1 else 's'}"
    clauses = zone_text(node.zone) + _clauses(node.periods, short=True)
    return f"did {_rows(node.periods)} {often} {units}{clauses}"


def _rows(events: tree.Events) -> str:
    if events.orders:
        return "orders"
    if events.returns:
        return "returns"
    return f"{'lines of ' if events.lines else ''}{_event(events.event)}"


def _event(name: str | None) -> str:
    return "any event" if name is None else quoted(name)


def _top(node: tree.Top) -> str:
    many = f"{value_text(node.top_percent)} %" if node.top is None else str(node.top)
    return f"top {many} by {_function(*node.by.measure())} refreshed {_often_made(node.refreshed)}"


def _often_made(refreshed: tree.Refresh) -> str:
    return next(word for word, unit in REFRESHED.items() if unit == refreshed)


def _on_brands(node: tree.OnBrands) -> str:
    times = f"on {operators.PERIOD_OPERATORS[node.op]} {node.value}"
    word = "brand" if node.value == 1 else "brands"
    if node.of:
        word = f"of brands ({', '.join(quoted(brand) for brand in node.of)})"
    return f"{times} {word} ({_print(node.on_brands, _OR)})"


def _clauses(events: tree.Events, *, short: bool) -> str:
    currency = "" if events.currency is None else f" in {events.currency}"
    where = _where(events.where, bare=not short)
    if events.convert is not None:
        currency += f" converted to {events.convert}"
    return currency + _window(events.within) + where + brands_text(events.on_brand)


def _where(where: Rule | None, *, bare: bool = False) -> str:
    if where is None:
        return ""
    filter_ = _print(where, _OR)
    return f" where {filter_}" if bare or isinstance(where, tree.AnyLine) else f" where ({filter_})"


def _window(window: tree.Window | None) -> str:
    match window:
        case tree.Last(last=last):
            return f" in the last {span_text(last)}"
        case tree.Dates(since=None, until=until):
            return f" until {until}"
        case tree.Dates(since=since, until=None):
            return f" since {since}"
        case tree.Dates(since=since, until=until):
            return f" between {since} and {until}"
        case tree.This(this=unit, zone=zone):
            return f" this {unit}{zone_text(zone)}"
        case tree.LastFull(last_full=units, zone=zone):
            return f" in the last {units.replace(' ', ' full ')}{zone_text(zone)}"
        case tree.SinceEvent(since_event=anchor, which=which):
            event = _event(anchor.event)
            if anchor.where is not None:
                event = f"({event} where {_print(anchor.where, _OR)})"
            return f" since {which} {event}"
    return ""


def _sequence(node: tree.Sequence) -> str:
    steps = " then ".join(print_step(step) for step in node.sequence)
    return f"sequence ({steps}){_window(node.within)}{brands_text(node.on_brand)}"


def print_step(step: tree.Step) -> str:
    """The text form of one step of a sequence."""
    said = ("not " if step.absent else "") + _occurrence(step)
    if step.within is not None:
        said += f" within {span_text(step.within)}"
    if len(step.without) == 1:
        said += f" without {_occurrence(step.without[0])}"
    elif step.without:
        said += f" without ({', '.join(_occurrence(other) for other in step.without)})"
    return said


def _occurrence(occurrence: tree.Occurrence) -> str:
    return _event(occurrence.event) + _where(occurrence.where)


def _abandoned(node: tree.Abandoned) -> str:
    stage = "" if node.stage is None else f" at {quoted(node.stage)}"
    scope = _window(node.within) + brands_text(node.on_brand)
    return f"abandoned {node.abandoned} for at least {span_text(node.idle)}{stage}{scope}"


def _trait(trait: tree.Trait) -> str:
    said = f"{path_text(trait.trait)} {comparison_text(trait.op, trait.value)}"
    if trait.held is not None:
        said += f" for at least {span_text(trait.held)}"
    return said + brands_text(trait.on_brand)


def _changed(changed: tree.Changed) -> str:
    said = f"{path_text(changed.changed)} changed"
    if changed.before is not UNSET:
        said += f" from {value_text(changed.before)}"
    if changed.after is not UNSET:
        said += f" to {value_text(changed.after)}"
    return said + _window(changed.within) + brands_text(changed.on_brand)
