"""How identifiers and names are spelled where they are searched, as SQL."""

from __future__ import annotations

from patron.identity.normal.fields import NAME_TRAITS

BACKWARDS = "\x01"
"""Stands before the digits of a number written backwards: its last digits are then a beginning."""

_SEPARATORS = "._-@+/,;:()&'\""
_NO_DIGITS = "abcdefghijklmnopqrstuvwxyz " + _SEPARATORS
_FEWEST_DIGITS = 5

_NAMES = sorted({trait for traits in NAME_TRAITS.values() for trait in traits})


def spelled(text: str) -> str:
    """The SQL for a text without case and accents."""
    return f"translate(lower(strip_accents({text})), 'łøđıß', 'lodis')"


def terms(identifiers: str, traits: str) -> str:
    """The SQL for everything that customers can be found by.

    Args:
        identifiers: The condition on `current_identifiers` for those to read.
        traits: The same on `current_traits`.

    Returns:
        A query for `term`, `profile_id` and `whole`: whether the term is a whole value, and not
        a word of it. It takes `$people`: the types of identifiers that tell people.
    """
    return f"""
    with value as (
        select profile_id, {spelled("value")} as whole, list_contains($people, type) as told
        from current_identifiers where {identifiers}
        union all
        select profile_id, {spelled("original")}, true
        from current_identifiers
        where original <> value and list_contains($people, type) and {identifiers}
        union all
        select profile_id, {spelled("trim(value::VARCHAR)")}, true
        from current_traits
        where value is not null and {_tells_name("name")} and {traits}
    ),
    split as (
        select *, string_split(translate(whole, {_quoted(_SEPARATORS)},
                '{" " * len(_SEPARATORS)}'), ' ') as words,
            translate(whole, {_quoted(_NO_DIGITS)}, '') as digits
        from value where told
    )
    select distinct term, profile_id, whole from (
        select profile_id, whole as term, true as whole from value
        union all
        select profile_id, word, false
        from (select profile_id, whole, unnest(words) as word from split where len(words) > 1)
        where length(word) > 1 and word <> whole
        union all
        select profile_id, chr(1) || reverse(digits), false
        from split where length(digits) >= {_FEWEST_DIGITS} and not contains(whole, '@')
    )
    """


def _tells_name(column: str) -> str:
    """The condition for a trait that tells a name: without case, accents, ``_`` and ``-``."""
    folded = f"translate(lower(strip_accents({column})), '_-', '')"
    return f"{folded} in ({', '.join(map(_quoted, _NAMES))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
