"""What must hold in the tables, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from patron.engines.duckdb import Cursor
from patron.identity import Resolver
from patron.spec.identifiers import DEFAULT_RULES, Identifier
from patron.warehouse.store import Store


@contextmanager
def open_folder(folder: Path) -> Iterator[Cursor]:
    """The tables of a folder that no server has open."""
    with Store(folder) as store, store.cursor() as cursor:
        yield cursor


def assert_consistent(cursor: Cursor) -> None:
    """Nothing is there twice, every row has its message, and the counters add up."""
    for what, query in _NONE_OF.items():
        cursor.execute(query)
        assert cursor.all() == [], what


def assert_identity_consistent(cursor: Cursor) -> None:
    """What the tables say of who is who equals what a resolver loaded from them answers."""
    resolver = Resolver.load(cursor, DEFAULT_RULES)
    cursor.execute("select identifier_id, type, original, profile_id from current_identifiers")
    profile_of = {}
    for identifier_id, kind, original, profile_id in cursor.all():
        found = resolver.find(Identifier(kind, original))
        assert found == (identifier_id, profile_id), (kind, original)
        profile_of[identifier_id] = profile_id
    for table in ("events", "traits", "order_lines"):
        cursor.execute(f"select distinct identifier_id, profile_id from current_{table}")
        for identifier_id, profile_id in cursor.all():
            assert profile_of[identifier_id] == profile_id, table


_NONE_OF = {
    "a message is stored twice": """
        select source_id, message_id, count(*) from messages group by all having count(*) > 1
    """,
    "the log has a gap": """
        select position, lag(position) over (order by position) as before from messages
        qualify position - coalesce(before, 0) <> 1
    """,
    "an event is there twice": """
        select position, count(*) from events group by all having count(*) > 1
    """,
    "an order line is there twice": """
        select position, line, count(*) from order_lines group by all having count(*) > 1
    """,
    "a trait is there twice": """
        select position, name, count(*) from traits group by all having count(*) > 1
    """,
    "a message is no event": """
        select position from messages where type <> 'identify'
        except select position from events
    """,
    "an event has no message": """
        select position from (
            select position from events union select position from order_lines
            union select position from traits
        ) except select position from messages
    """,
    "the counters do not add up": """
        select * from counters where accepted <> stored + duplicate + quarantined
    """,
    "the counters and the log differ": """
        select source_id, stored from counters where stored > 0
        except select source_id, count(*) from messages group by source_id
    """,
    "the log and the counters differ": """
        select source_id, count(*) from messages group by source_id
        except select source_id, stored from counters
    """,
    "an identifier is there twice": """
        select type, value, count(*) from identifiers group by all having count(*) > 1
    """,
    "identifier numbers are there twice": """
        select identifier_id, count(*) from identifiers group by all having count(*) > 1
    """,
    "a link is there twice": """
        select a, b, count(*) from links group by all having count(*) > 1
    """,
    "a profile is there twice": """
        select profile_id, count(*) from profiles group by all having count(*) > 1
    """,
    "a row belongs to a profile that does not stand": """
        select profile_id from (
            select profile_id from current_events union select profile_id from current_order_lines
            union select profile_id from current_traits
            union select profile_id from current_identifiers
        ) except select profile_id from profiles where merged_into is null
    """,
}
