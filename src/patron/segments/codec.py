"""From JSON to a rule, with the path of whatever is wrong."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal
from typing import Any

import msgspec

from patron import structs
from patron.errors import RuleError, told
from patron.segments import tree, values
from patron.segments.tree import Rule, Window

_AT = re.compile(r" - at `\$\.?(.*?)`")


def decode(data: bytes | str | dict[str, Any] | Rule) -> Rule:
    """Read a rule from JSON text, or from the plain dicts and lists that it parses to.

    Raises:
        RuleError: It is no JSON or no rule; `field` is the path of what is wrong.

    >>> decode('{"trait": "age", "op": ">=", "value": 18}')
    Trait(trait='age', op='>=', value=18, on_brand=(), held=None)
    """
    if isinstance(data, Rule):
        return check(data)
    if isinstance(data, bytes | str):
        try:
            data = structs.decoder(float_hook=Decimal).decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RuleError(f"This is no JSON: {error}") from None
        except RecursionError:
            raise RuleError("The rule is nested too deeply") from None
    else:
        data = msgspec.to_builtins(data, builtin_types=(Decimal,))  # dates of YAML become text
    _refuse_deep(data)
    try:
        return check(_convert(Rule, data))
    except ValueError as error:
        raise _located(error) from None


def check(rule: Rule) -> Rule:
    """Refuse a rule that is too large, or in which a condition stands where it has no meaning.

    Returns:
        The same rule.

    Raises:
        RuleError: It is one of these.
    """
    waiting = [(rule, 1)]
    nodes = 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if depth > tree.MAX_DEPTH or nodes > tree.MAX_NODES:
            raise RuleError(
                f"A rule has at most {tree.MAX_NODES} conditions, nested {tree.MAX_DEPTH} deep",
                told=told("rule_too_large", most=tree.MAX_NODES, deep=tree.MAX_DEPTH),
            )
        waiting.extend((child.rule, depth + 1) for child in node.inner())
    _check_place(rule, "", "customer")
    return rule


def _check_place(node: Rule, path: str, of: tree.Place) -> None:
    if of not in node.PLACES:
        key = next(key for key, kind in tree.KINDS.items() if isinstance(node, kind))
        raise RuleError(_misplaced(key, of), field=path)
    for step, child, place in node.inner():
        _check_place(child, tree.join(path, step), place or of)


def _misplaced(key: str, of: tree.Place) -> str:
    place = of.removeprefix("plain ")
    if of == "customer":
        return f"A condition on a {key} stands inside the where of an event, not on its own"
    if frozenset({"customer"}) == tree.KINDS[key].PLACES:
        return f"Inside where, conditions are on the {place}'s properties; {key} belongs outside"
    return f"{key} has no meaning inside a condition on one {place}"


def _hook(wanted: type, data: Any) -> Any:  # noqa: ANN401
    try:
        return _convert(wanted, data)
    except msgspec.ValidationError as error:
        # Raised anew as a plain ValueError, msgspec adds the path of the enclosing object.
        raise ValueError(str(error)) from error


def _convert(wanted: type, data: Any) -> Any:  # noqa: ANN401
    if wanted is tree.Expression:
        return _expression(data)
    if not isinstance(data, dict):
        raise ValueError(f"Expected an object, got {values.describe(data)}")
    kind = _window(data) if wanted is Window else _kind(data)
    if issubclass(kind, tree.Measuring | tree.ShortForm) and isinstance(data.get("value"), dict):
        data = {**data, "value": _metric(data["value"])}
    read = structs.convert(data, kind, dec_hook=_hook)
    return read.expand() if isinstance(read, tree.ShortForm) else read


def _metric(data: dict[str, Any]) -> tree.Metric:
    """The measure that another one is compared with."""
    try:
        return structs.convert(data, tree.Metric, dec_hook=_hook)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error} - at `$.value`") from error


def decode_expression(data: dict[str, Any] | str) -> tree.Expression:
    """Read what a computed trait is computed of, from plain dicts and lists or from text.

    Raises:
        RuleError: It is none; `field` is the path of what is wrong.

    >>> decode_expression({"count": {"event": "Page Viewed"}}).taken()[0]
    'count'
    """
    if isinstance(data, dict):
        data = msgspec.to_builtins(data, builtin_types=(Decimal,))
    _refuse_deep(data)
    try:
        found = _expression(data)
    except ValueError as error:
        raise _located(error) from None
    for path, part in tree.expressions(found):
        if isinstance(part, tree.Taken):
            name, events = part.taken()
            for step, inner, place in events.inner(name):
                _check_place(inner, tree.join(path, step), place or "customer")
        if isinstance(part, tree.Cases):
            _check_cases(part, path)
    return found


def _check_cases(found: tree.Cases, path: str) -> None:
    for number, case in enumerate(found.cases):
        where = tree.join(path, f"cases[{number}].when")
        check(case.when)
        if any(isinstance(node, _OF_SEGMENTS) for _, node in tree.walk(case.when)):
            raise RuleError("A case rests on no segment: name what the segment is of.", field=where)


_OF_SEGMENTS = (tree.InSegment, tree.WasIn, tree.Entered, tree.Left)


def _expression(data: Any) -> tree.Expression:  # noqa: ANN401
    if isinstance(data, str):
        from patron.segments.text import parse_expression

        return parse_expression(data)
    if isinstance(data, int | float | Decimal) and not isinstance(data, bool):
        return tree.Constant(data)
    if not isinstance(data, dict):
        raise ValueError(f"Expected an expression, got {values.describe(data)}")
    short = next((key for key in tree.SHORT_MEASURES if key in data), None)
    if short is not None:
        condition = structs.convert(
            {**data, "op": ">=", "value": 0}, tree.SHORT_FORMS[short], dec_hook=_hook
        ).expand()
        assert isinstance(condition, tree.Measuring)  # noqa: S101 - these short forms are measures
        name, events = tree.measure(condition)
        measured: dict[str, Any] = {name: events}
        return tree.Taken(**measured)
    for key, kind in tree.EXPRESSIONS.items():
        if key in data:
            data = {**data, "cases": [*map(_case, data[key])]} if key == "cases" else data
            found: tree.Expression = structs.convert(data, kind, dec_hook=_hook)
            return found
    known = (*tree.EXPRESSIONS, *tree.SHORT_MEASURES)
    near = _near(data, known)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Expected an object with one of {', '.join(known)}{hint}")


def _case(data: Any) -> Any:  # noqa: ANN401
    """A case; its condition may be text."""
    if not (isinstance(data, dict) and isinstance(data.get("when"), str)):
        return data
    from patron.segments.text import parse

    return {**data, "when": tree.as_object(parse(data["when"]))}


def _window(data: dict[str, Any]) -> type[Window]:
    for key, kind in tree.WINDOWS.items():
        if key in data:
            return kind
    raise ValueError(
        'Expected a window: {"last": "90d"}, {"from": …, "to": …} with dates, {"this": "month"}, '
        '{"last_full": "3 weeks"} or {"since_event": {"event": …}, "which": "last"}'
    )


def _kind(data: dict[str, Any]) -> type[Rule | tree.ShortForm]:
    kinds: dict[str, type[Rule | tree.ShortForm]] = {**tree.KINDS, **tree.SHORT_FORMS}
    for key, kind in kinds.items():
        if key in data:
            return kind
    near = _near(data, tuple(kinds))
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Expected an object with one of {', '.join(kinds)}{hint}")


def _near(data: dict[str, Any], known: tuple[str, ...]) -> list[str]:
    return [near for key in data for near in difflib.get_close_matches(str(key), known, n=1)]


def _located(error: ValueError) -> RuleError:
    message = str(error)
    steps = [step for step in reversed(_AT.findall(message)) if step]
    path = ""
    for step in steps:
        path = path + step if step.startswith("[") else tree.join(path, step)
    plain = _AT.sub("", message)
    if not plain.endswith((".", "?")):
        plain += "."
    return RuleError(plain, field=path or None, told=values.told_by(error))


def _refuse_deep(data: Any) -> None:  # noqa: ANN401
    level = [data]
    for _ in range(tree.MAX_DEPTH * 2):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list | tuple)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise RuleError(
        f"A rule is nested at most {tree.MAX_DEPTH} deep",
        told=told("rule_too_large", most=tree.MAX_NODES, deep=tree.MAX_DEPTH),
    )
