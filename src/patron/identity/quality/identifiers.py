"""The identifier values that each source sent, read anew from the log."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.identity.normal import NormalForms, Regions
from patron.spec.identifiers import IdentityRules
from patron.spec.keys import SEPARATOR
from patron.spec.scopes import brand_of, declared_types

SEEN, NORMAL = TABLES = ("quality_seen", "quality_normal")

AT_ONCE = 500_000
"""So many values get their normal forms at a time."""


def gather(cursor: Cursor, rules: IdentityRules, as_of: datetime, source: str | None) -> None:
    """Fill `SEEN` and `NORMAL`: what came in, and what it means.

    A row of `SEEN` is one raw value of one type from one source, sent together with one value of
    the strongest type of its message (itself, when it is the strongest): how often, and when last.
    A row of `NORMAL` gives a type and raw value its normal form; those refused have none.

    Args:
        cursor: For reading; the tables are temporary and of this cursor alone.
        rules: Where messages carry identifiers, and their normal forms.
        as_of: Messages that occurred later are not counted.
        source: Only this one; None for all.
    """
    called = [kind.name for kind in rules.types if kind.normal_form == "phone"]
    kinds = _texts(called)
    cursor.execute(
        f"create or replace temp table {SEEN} as select row_number() over () as seen_id, * from ("
        "select source_id, brand, one.type as type, one.raw as raw, under.type as under_type, "
        f"under.raw as under_raw, case when list_contains({kinds}, one.type) "
        f"or list_contains({kinds}, under.type) then regions end as regions, "
        "count(*) as times, max(occurred_at) as last_at from (select *, unnest(found) as one, "
        f"list_sort(found)[1] as under from ({_found(rules)})) group by all)",
        {"as_of": as_of, "source": source},
    )
    cursor.execute(
        f"create or replace temp table {NORMAL} (seen_id BIGINT, value VARCHAR, under VARCHAR)"
    )
    values = _Values(rules)
    last = int(cursor.execute(f"select coalesce(max(seen_id), 0) from {SEEN}").value())
    for start in range(0, last, AT_ONCE):
        rows = cursor.arrow(
            f"select seen_id, brand, type, raw, regions, under_type, under_raw from {SEEN} "
            f"where seen_id > {start} and seen_id <= {start + AT_ONCE}"
        )
        cursor.over(
            pa.table({
                "seen_id": rows.column("seen_id"),
                "value": values.normal(rows, "type", "raw"),
                "under": values.normal(rows, "under_type", "under_raw"),
            }),
            f"insert into {NORMAL} select * from {{rows}}",
        )  # fmt: skip


class _Values:
    """Normal forms of whole tables of raw values of many types."""

    def __init__(self, rules: IdentityRules) -> None:
        self._forms = NormalForms(rules)
        self._regions = Regions(rules)
        self._kinds = [kind.name for kind in rules.types]

    def normal(self, rows: pa.Table, kind: str, raw: str) -> pa.Array:
        """The normal form of each row, null where it is refused.

        Args:
            rows: With ``brand`` and ``regions``.
            kind: The column of types.
            raw: The column of values.
        """
        kinds = rows.column(kind).combine_chunks()
        raws = rows.column(raw).combine_chunks()
        raws = self._regions.place_values(
            kinds, raws, rows.column("regions").combine_chunks(), rows.column("brand")
        )
        found = pa.nulls(len(rows), pa.string())
        for name in self._kinds:
            mask = pc.equal(kinds, name)
            encoded = raws.filter(mask).dictionary_encode()
            if len(encoded):
                normals, _ = self._forms.normals(name, encoded.dictionary)
                found = pc.replace_with_mask(found, mask, normals.take(encoded.indices))
        return found


_CONSENT = ("context", "consent", "categoryPreferences")


def _found(rules: IdentityRules) -> str:
    """SELECT of the messages with the identifiers of each: (rank, place, type, raw)."""
    places = _places(rules)
    ranks = ", ".join(f"{_text(kind.name)}: {rank}" for rank, kind in enumerate(rules.types))
    listed = ", ".join(
        f"{{'rank': (MAP {{{ranks}}})[{called}], 'place': {number}, 'type': {called}, "
        f"'raw': raws[{number}]}}"
        for number, called in enumerate((_called(rules, _text(kind)) for kind, _ in places), 1)
    )
    given, called = _raw("(e->'$.id')"), _called(rules, "(e->>'$.type')")
    external = (
        f"list_transform(external, lambda e, i: {{'rank': (MAP {{{ranks}}})[{called}], "
        f"'place': {len(places)} + i, 'type': {called}, 'raw': {given}}})"
    )
    apart = [path for _, path in places if not _of_traits(path)]
    traits = [path for _, path in places if _of_traits(path)]
    # The traits of an identify call may stand in its context; those of a group call are no
    # person's.
    traits_told = (
        "case when m.type = 'identify' and coalesce(m.body->>'$.traits', '{}') = '{}' "
        f"then {_extract([['context', *path] for path in traits])} "
        f"when m.type = 'group' then cast([{', '.join(['null'] * len(traits))}] as JSON[]) "
        f"else {_extract(traits)} end"
    )
    regions = [path.split(".") for path in rules.region_fields]
    return (
        "select source_id, brand, occurred_at, regions, list_filter("
        f"[{listed}] || {external}, lambda x: x.raw is not null and x.rank is not null"
        f"{_counting(rules)}) as found "
        "from (select source_id, brand, occurred_at, regions, external, consents, "
        "list_transform(told || "
        f"traits_told, lambda j: {_raw('j')}) as raws from (select m.source_id, "
        f"coalesce(m.brand, s.brand) as brand, m.occurred_at, {_extract(apart)} as told, "
        f"{traits_told} as traits_told, "
        f"list_transform({_extract(regions)}, lambda j: "
        "case when json_type(j) = 'VARCHAR' then j->>'$' end) as regions, "
        "json_extract(m.body, '$.context.externalIds[*]') as external, "
        f"{_extract([[*_CONSENT, category] for category in _categories(rules)])} as consents "
        "from messages as m join sources as s using (source_id) "
        "where m.occurred_at <= $as_of and ($source is null or s.name = $source)))"
    )


def _categories(rules: IdentityRules) -> list[str]:
    """What types need consent to, each category once."""
    return list(dict.fromkeys(kind.consent for kind in rules.types if kind.consent is not None))


def _counting(rules: IdentityRules) -> str:
    """SQL that holds of an identifier ``x``, too, that counts: of some types only with consent."""
    wanted = _categories(rules)
    needed = ", ".join(
        f"{rank}: {wanted.index(kind.consent) + 1}"
        for rank, kind in enumerate(rules.types)
        if kind.consent is not None
    )
    if not needed:
        return ""
    asked = f"(MAP {{{needed}}})[x.rank]"
    return f" and ({asked} is null or coalesce(consents[{asked}]::VARCHAR = 'true', false))"


def _places(rules: IdentityRules) -> list[tuple[str, list[str]]]:
    """Declared type and path of every place where identifiers stand, those in traits last."""
    found = [(kind.name, path.split(".")) for kind in declared_types(rules) for path in kind.fields]
    return sorted(found, key=lambda place: _of_traits(place[1]))


def _called(rules: IdentityRules, kind: str) -> str:
    """SQL for what a type is called in a message: that of its brand, where it is of one each."""
    named = [one for one in rules.types if one.name != one.base]
    if not named:
        return kind
    names = ", ".join(
        f"{_text(one.base + SEPARATOR + brand_of(one.name))}: {_text(one.name)}" for one in named
    )
    return f"coalesce((MAP {{{names}}})[{kind} || {_text(SEPARATOR)} || brand], {kind})"


def _of_traits(path: list[str]) -> bool:
    return path[0] == "traits" and len(path) > 1


def _raw(value: str) -> str:
    """SQL for the text of a JSON value that can identify: text, or a whole number."""
    return (
        f"case when starts_with({value}::VARCHAR, chr(34)) then nullif({value}->>'$', '') "
        f"when regexp_full_match({value}::VARCHAR, '-?[0-9]+') then {value}::VARCHAR end"
    )


def _extract(paths: list[list[str]]) -> str:
    """SQL for the JSON values at some paths of a message, in one go."""
    if not paths:
        return "cast([] as JSON[])"
    written = ", ".join(
        _text("$" + "".join(f'."{step.replace(chr(34), "")}"' for step in path)) for path in paths
    )
    return f"json_extract(m.body, [{written}])"


def _texts(values: list[str]) -> str:
    return f"cast([{', '.join(_text(value) for value in values)}] as VARCHAR[])"


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("duckdb")
