"""The trait values that each source told, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.normal.fields import field_of, normal_field
from patron.identity.normal.text import tidy
from patron.spec.identifiers import IdentityRules

TRAITS, READ = TABLES = ("quality_traits", "quality_read")


def gather(cursor: Cursor, rules: IdentityRules, as_of: datetime, source: str | None) -> None:
    """Fill `TRAITS` and `READ`: what was told, and what it means.

    A row of `TRAITS` is one value of one trait that one source told of one customer, and when last;
    of customers for whom the source has cleared the trait there is none, and none of traits that
    are identifiers. A row of `READ` gives the
    text of a trait that tells of a person's field its normal form; those refused have none.

    Args:
        cursor: For reading; the tables are temporary and of this cursor alone.
        rules: With the region that days and numbers are read in.
        as_of: What was observed later is not counted.
        source: Only this one; None for all.
    """
    cursor.execute(
        f"create or replace temp table {TRAITS} as "
        "with told as (select t.source_id, t.name, t.profile_id, t.value::JSON->>'$' as text, "
        "t.occurred_at, t.message_id from current_traits as t join sources as s using (source_id) "
        "where t.occurred_at <= $as_of and ($source is null or s.name = $source) "
        "and not list_contains(cast($identifying as VARCHAR[]), t.name)), "
        "newest as (select source_id, name, profile_id, "
        "max_by({'text': text}, (occurred_at, message_id)).text as text from told group by all) "
        "select source_id, name, profile_id, text, max(told.occurred_at) as last_at "
        "from told semi join (from newest where text is not null) "
        "using (source_id, name, profile_id) where text is not null group by all",
        {"as_of": as_of, "source": source, "identifying": _identifying(rules)},
    )
    cursor.execute(
        f"create or replace temp table {READ} (name VARCHAR, text VARCHAR, value VARCHAR)"
    )
    blocked = {tidy(value).lower() for value in rules.blocked}
    for (name,) in cursor.execute(f"select distinct name from {TRAITS}").all():
        field = field_of(name)
        if field is None:
            continue
        rows = cursor.arrow(f"select distinct text from {TRAITS} where name = ?", [name])
        texts = rows.column("text").to_pylist()
        values = [
            None if text.strip().lower() in blocked
            else text if text.startswith("{")
            else normal_field(field, text, rules.default_region)
            for text in texts
        ]  # fmt: skip
        table = pa.table(
            {"name": [name] * len(texts), "text": texts, "value": pa.array(values, pa.string())}
        )
        cursor.over(table, f"insert into {READ} select * from {{rows}}")


def _identifying(rules: IdentityRules) -> list[str]:
    """Traits that are counted as identifiers, with the country of their message."""
    paths = [path.split(".") for kind in rules.types for path in kind.fields]
    return sorted({path[1] for path in paths if path[0] == "traits" and len(path) == 2})
