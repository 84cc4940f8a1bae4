"""Which version of each linking model stands, and the links that it made, from the log."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.engines.duckdb import Cursor
from patron.spec.incoming import LINK
from patron.warehouse.sources import LINKING_MODELS

MODEL_LINKS = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("moment", pa.int64()),
        ("source_id", pa.int32()),
        ("message_id", pa.string()),
        ("rule", pa.string()),
    ]
)

_STANDING = """
select model, arg_max(version, change_id) as version from linking_changes group by model
"""

# Identifiers that today's rules have retired are found, too: rules that bring them back bring back
# what was said of them.
_LINKS = """
with known as (
    select identifier_id, type || ':' || value as name from identifiers
    union all
    select identifier_id, type || ':' || value from retired_identifiers
), said as (
    select m.source_id, m.message_id, epoch_us(m.occurred_at) as moment,
        m.body->>'$.model' as made_by, m.body->>'$.identifiers[0]' as one,
        m.body->>'$.identifiers[1]' as other
    from messages as m join sources as s using (source_id)
    where s.name = $source and m.type = $type
)
select least(x.identifier_id, y.identifier_id) as a,
    greatest(x.identifier_id, y.identifier_id) as b, moment, source_id, message_id,
    'linking:' || made_by as rule
from said join known as x on x.name = said.one join known as y on y.name = said.other
where made_by in (select unnest($models::varchar[])) order by message_id
"""


def standing_version(cursor: Cursor, model: str) -> int | None:
    """The version of a model whose links hold, 0 for none; None where none ever did."""
    return _standing(cursor).get(model)


def stood_before(cursor: Cursor, model: str) -> list[int]:
    """The versions of a model that stood, the last first."""
    cursor.execute(
        "select version from linking_changes where model = ? order by change_id desc", [model]
    )
    return [row[0] for row in cursor.all()]


def standing_links(cursor: Cursor, *, besides: str | None = None) -> pa.Table:
    """What models said, each by the version that stands; by number of identifiers.

    Args:
        cursor: For reading.
        besides: A model to leave out.

    Returns:
        The columns of `MODEL_LINKS`; a pair more than once where several models said it.
    """
    standing = _standing(cursor).items()
    return _links(cursor, [f"{model}@{version}" for model, version in standing if model != besides])


def links_of(cursor: Cursor, model: str, version: int) -> pa.Table:
    """All that a version of a model ever said; see `standing_links`."""
    return _links(cursor, [f"{model}@{version}"])


def _standing(cursor: Cursor) -> dict[str, int]:
    return {model: int(version) for model, version in cursor.execute(_STANDING).all()}


def _links(cursor: Cursor, models: list[str]) -> pa.Table:
    if not models:
        return MODEL_LINKS.empty_table()
    found = cursor.arrow(_LINKS, {"source": LINKING_MODELS, "type": LINK, "models": models})
    return found.cast(MODEL_LINKS)


def once(links: pa.Table) -> pa.Table:
    """Links by pair, each pair once: as the first message says it, by time, source and id.

    >>> rows = [(1, 2, 9, 1, "m@1:b", "linking:m@1"), (1, 2, 5, 1, "n@1:a", "linking:n@1")]
    >>> columns = [list(column) for column in zip(*rows)]
    >>> once(pa.table(columns, schema=MODEL_LINKS))["rule"].to_pylist()
    ['linking:n@1']
    """
    by = ("a", "b", "moment", "source_id", "message_id")
    links = links.take(pc.sort_indices(links, [(name, "ascending") for name in by]))
    pairs = np.column_stack([links["a"].to_numpy(), links["b"].to_numpy()])
    first = (np.diff(pairs, axis=0, prepend=-1) != 0).any(axis=1)
    return links.filter(pa.array(first, pa.bool_()))


def put_change(
    cursor: Cursor, model: str, version: int, *, position: int, recorded_at: datetime
) -> None:
    """Note that the links of a model are those of a version from now on.

    Args:
        cursor: Inside a write transaction.
        model: Its name.
        version: 0 for none.
        position: Of the message that says so.
        recorded_at: When.
    """
    cursor.execute(
        "insert into linking_changes select coalesce(max(change_id), 0) + 1, ?, ?, ?, ? "
        "from linking_changes",
        [model, version, position, recorded_at],
    )
