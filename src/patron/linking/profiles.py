"""One record for each profile, of all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from patron.linking.workbench import RECORD, Workbench


def one_record_each(
    records: pa.Table, fields: Sequence[str], *, workbench: Workbench | None = None
) -> pa.Table:
    """The value of each field that most records of a profile have; of several, the lowest.

    Args:
        records: One row for each record: ``record``, the number of its profile, and the fields.
        fields: Columns to keep.
        workbench: Where to work; one of its own by default.

    Returns:
        One row for each profile, in the order of their numbers.

    >>> one_record_each(pa.table({"record": [7, 7, 7], "city": ["York", "Yorck", "York"]}),
    ...                 ["city"]).to_pylist()
    [{'record': 7, 'city': 'York'}]
    """
    if workbench is None:
        with Workbench() as own:
            return one_record_each(records, fields, workbench=own)
    cursor = workbench.cursor
    cursor.register("profile_records", records)
    chosen = [
        f'select "{RECORD}", arg_max("{name}", (n, -place)) as "{name}" from (select *, '
        f'row_number() over (partition by "{RECORD}" order by "{name}") as place from '
        f'(select "{RECORD}", "{name}", count(*) as n from profile_records '
        f"where nullif(\"{name}\"::varchar, '') is not null group by all)) group by 1"
        for name in fields
    ]
    joins = " ".join(
        f'left join ({sql}) as field_{number} using ("{RECORD}")'
        for number, sql in enumerate(chosen)
    )
    kept = ", ".join([f'"{RECORD}"', *(f'"{name}"' for name in fields)])
    table = cursor.arrow(
        f'select {kept} from (select distinct "{RECORD}" from profile_records) {joins} order by 1'
    )
    cursor.unregister("profile_records")
    return table
