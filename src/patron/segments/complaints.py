"""What to say of a text that is no rule: the place, what was expected, the nearest known words."""

from __future__ import annotations

import difflib
import re

from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken

from patron.errors import RuleError, told
from patron.segments.builder import RESERVED

_WORD = re.compile(r"[^\W\d]\w*|\S")
_DASHED = re.compile(r"[^\W\d]\w*(?:-\w+)+")
_PHRASES = {
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "DOT": "'.'",
    "STRING": 'a text in double quotes ("…")',
    "NUMBER": "a number",
    "DATE": "a date (2017-06-30)",
    "WORD": "a name",
    "MEASURE": "sum, average, min, max or distinct",
    "PICK": "first, last or most frequent",
    "WHICH": "first or last",
    "EQUAL": "'='",
    "ORDER": "'<'",
    "DID": "did",
    "ABANDONED_CART": "abandoned cart",
    "CART_LEFT": "cart left",
    "LAST_ORDER": "last order",
    "ORDER_FORM": "orders(",
    "AFFINITY": "affinity(",
    "BETTER": "least(",
    "DECAYED": "decayed(",
    "EARLIER": "earlier(",
    "BOUGHT": "bought",
    "RANDOM": "random",
    "GROUP": "group",
    "PERCENT": "'%'",
    "__ANON_0": "'%'",
    "VALUE_OF": "segment",
    "$END": "the end",
}
_CONDITION = {"WORD", "DID", "COUNT", "MEASURE"}
_ALSO_CONDITIONS = {
    "SEQUENCE", "ABANDONED_CART", "CART_LEFT", "LAST_ORDER", "ORDER_FORM", "BOUGHT", "VALUE_OF",
    "PICK", "STOPPED", "RESUMED",
    "AT", "RANDOM", "TOP", "ON", "GROUP", "WAS", "ENTERED", "LEFT",
}  # fmt: skip
_OPERATOR = {"EQUAL", "ORDER", "BETWEEN", "CONTAINS", "EXISTS"}
_VALUE = {"STRING", "NUMBER", "TRUE", "FALSE"}
_COMPARING = {*"=<>≠≤≥!.", "exists", "missing", "contains", "starts", "ends", "before", "after"}
_SUGGESTIBLE = {
    "MEASURE": ("sum", "average", "min", "max", "distinct"),
    "PICK": ("first", "last", "most frequent"),
    "WHICH": ("first", "last"),
}


def syntax(error: UnexpectedInput, text: str) -> RuleError:
    """The error to raise for what the parser stumbled over."""
    expected = _expected(error)
    line, column, found = _place(error, text)
    if found is None:
        message = f"The rule ends too early: expected {_wanted(expected)}."
    else:
        message = f"Expected {_wanted(expected)}, found {found!r}."
    near = _nearest(found or "", expected) or _function(found, text, line, column)
    if near:
        message += f" Did you mean {near[0]}?"
    return RuleError(
        message,
        line=line,
        column=column,
        suggestions=near,
        hint=_hint(found, expected, text, error),
        told=told("rule_ends_early")
        if found is None
        else told("rule_unexpected", found=found, near=list(near)),
    )


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    return set(getattr(error, "allowed", None) or ())


def _place(error: UnexpectedInput, text: str) -> tuple[int, int, str | None]:
    at = getattr(error, "pos_in_stream", None)
    ended = isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    )
    if ended or at is None:
        rest = text.rstrip()
        return rest.count("\n") + 1, len(rest) - (rest.rfind("\n") + 1) + 1, None
    match = _WORD.match(text, at)
    return error.line, error.column, match[0] if match else text[at]


def _wanted(expected: set[str]) -> str:
    groups: list[str] = []
    rest = set(expected)
    if rest >= _CONDITION:
        groups.append("a condition (a trait, did, count, sum, in segment, in list, not)")
        rest -= {*_CONDITION, "STRING", "LPAR", "NOT", "ALL", "ANY", "IN", "EVENT"}
        rest -= _ALSO_CONDITIONS
    if rest >= _OPERATOR:
        groups.append("an operator (=, !=, <, between, in, contains, exists, any of, before, …)")
        rest -= {*_OPERATOR, "NOT", "DOES", "STARTS", "ENDS", "MISSING", "ANY", "ALL", "NONE"}
        rest -= {"BEFORE", "AFTER", "IN", "DOT", "MATCHES", "WITHIN", "IS", "CHANGED"}
    if rest >= _VALUE:
        groups.append("a text in double quotes, a number, true or false")
        rest -= _VALUE
    groups.extend(sorted(_PHRASES.get(name, name.lower()) for name in rest))
    if len(groups) > 1:
        return f"{', '.join(groups[:-1])} or {groups[-1]}"
    return groups[0] if groups else "something else"


def _nearest(found: str, expected: set[str]) -> tuple[str, ...]:
    words = {
        word
        for name in expected
        for word in _SUGGESTIBLE.get(name, (name.lower(),))
        if name not in _PHRASES or name in ("DID", *_SUGGESTIBLE)
    }
    return tuple(difflib.get_close_matches(found.lower(), sorted(words), n=3, cutoff=0.6))


def _function(found: str | None, text: str, line: int, column: int) -> tuple[str, ...]:
    """For ``coun("X")`` the trouble shows at the bracket, but the word before it is wrong."""
    before = text.split("\n")[line - 1][: column - 1].split()
    if found != "(" or not before:
        return ()
    known = (
        "count", "sum", "average", "min", "max", "distinct", "first", "last", "most frequent",
        "all", "any", "event",
    )  # fmt: skip
    return tuple(difflib.get_close_matches(before[-1].lower(), known, n=3, cutoff=0.6))


def _hint(found: str | None, expected: set[str], text: str, error: UnexpectedInput) -> str | None:
    if found is None:
        return None
    before = text[: getattr(error, "pos_in_stream", 0) or 0].rstrip()
    word = before.split()[-1].lower() if before else ""
    if word in RESERVED and (expected == {"LPAR"} or found in _COMPARING):
        return f'{word} is a word of the language: as a name, write it in double quotes ("{word}").'
    if found == "'":
        return 'Texts stand in double quotes: "Bangkok".'
    if found == '"':
        return "This text has no closing quotation mark."
    if found == "=" and before.endswith("="):
        return "One = is enough."
    if expected == {"LPAR", "ANY"}:
        return "Behind did and in a sequence, a filter stands in brackets: where (channel = ...)."
    if found == "-" and re.search(r"\d{4}$", before):
        return "Dates are compared with before, after and between."
    if found == "-" and (whole := _dashed(text, error)):
        return f'A name with a dash stands in double quotes: "{whole}".'
    if found[0].isalpha() and "STRING" in expected and "WORD" not in expected:
        return f'Texts stand in double quotes: "{found}".'
    return None


def _dashed(text: str, error: UnexpectedInput) -> str | None:
    """The whole of a name that a dash stands in, at the place of an error."""
    at = getattr(error, "pos_in_stream", 0) or 0
    return next((m[0] for m in _DASHED.finditer(text) if m.start() < at < m.end()), None)
