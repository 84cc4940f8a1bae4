"""Notes: what people wrote about a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.lookup import Profile, marks, owners, stored_ids
from patron.warehouse.standing import Standing

_NOTES = """
select min(profile_id), note_id, arg_max(text, position), min(occurred_at), max(occurred_at),
    arg_min(written_by, position), arg_min(on_behalf_of, position),
    arg_max(written_by, position), min(position)
from (select * replace (coalesce(text, '') as text) from notes
      where profile_id in ({ids}) and occurred_at <= ?)
group by note_id
having arg_max(text, position) <> ''
order by min(occurred_at) desc, min(position) desc
"""


class Note(msgspec.Struct, frozen=True, tag_field="kind", tag="note"):
    """What somebody wrote about a customer.

    Attributes:
        note_id: Names it, for changing it and taking it back.
        text: As it reads now.
        occurred_at: When it was written first, UTC.
        changed_at: When it was written last.
        written_by: Who wrote it: the name of a token.
        on_behalf_of: For whom, as that one said.
        changed_by: Who wrote it last.
        position: Of its first message in the log.
    """

    note_id: str
    text: str
    occurred_at: datetime
    changed_at: datetime
    written_by: str
    on_behalf_of: str | None
    changed_by: str
    position: int


def notes(cursor: Cursor, profile: Profile, as_of: datetime) -> list[Note]:
    """The notes that stand about a customer, newest first.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What was written after it is not known yet.
    """
    return _notes(cursor, dict.fromkeys(stored_ids(cursor, profile), 0), as_of).get(0, [])


def notes_of(
    cursor: Cursor, profiles: Sequence[Standing], as_of: datetime
) -> dict[int, list[Note]]:
    """As `notes`, of several: by profile id."""
    return _notes(cursor, owners(profiles), as_of)


def _notes(cursor: Cursor, owner: Mapping[int, int], as_of: datetime) -> dict[int, list[Note]]:
    ids = list(owner)
    cursor.execute(_NOTES.format(ids=marks(ids)), [*ids, as_of])
    found: dict[int, list[Note]] = {}
    for stored, note_id, text, first, last, by, behalf, changed_by, position in cursor.all():
        note = Note(note_id, text, first, last, by, behalf, changed_by, position)
        found.setdefault(owner[stored], []).append(note)
    return found
