"""What people add to a customer by hand: notes, tags, switches and traits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Caller, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.pipeline.card import MOST_NOTE

router = APIRouter(prefix="/profiles", tags=["profiles"])

Customer = Annotated[
    str, Path(description="An identifier such as email:ann@example.com, or a profile id.")
]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="The same one does nothing a second time."),
]
Behalf = Annotated[
    str | None, Field(description="For whom, such as the agent who writes.", examples=["eve"])
]


class NoteText(RequestBody):
    """What a note is to say."""

    text: str = Field(max_length=MOST_NOTE, examples=["Prefers to be called in the evening."])
    on_behalf_of: Behalf = None


class NewTraits(RequestBody):
    """Traits to set; null clears one."""

    traits: dict[str, Any] = Field(examples=[{"favourite_store": "Utrecht", "fax": None}])
    on_behalf_of: Behalf = None


class TagChange(RequestBody):
    """Tags to add and to take away."""

    add: list[str] = Field([], examples=[["vip"]])
    remove: list[str] = Field([])
    on_behalf_of: Behalf = None


class Switch(RequestBody):
    """Whether something is on for a customer."""

    on: bool
    on_behalf_of: Behalf = None


class Note(BaseModel):
    """What somebody wrote about a customer."""

    kind: str = "note"
    note_id: str
    text: str
    occurred_at: str = Field(description="When it was written first.")
    changed_at: str
    written_by: str = Field(description="The name of the token.")
    on_behalf_of: str | None
    changed_by: str
    position: int


class Written(BaseModel):
    """What was done."""

    position: int
    profile_id: int
    repeated: bool = Field(description="The same message came before; nothing was done again.")


class NoteWritten(Written):
    """What was done, and the note as it reads now."""

    note: Note | None = Field(description="None when it was taken back.")


class TraitsWritten(Written):
    """What was done, and the traits as they hold now."""

    traits: dict[str, Any]


class Notes(HoldsFor):
    """The notes about a customer, newest first."""

    profile_id: int
    data: list[Note]


@router.get("/{identifier:path}/notes", summary="Notes about a customer", response_model=Notes)
def notes(
    here: Here, identifier: Customer, as_of: AsOf, min_position: MinPosition
) -> dict[str, Any]:
    """Newest first."""
    return here.notes(identifier, as_of=as_of, min_position=min_position)


@router.post(
    "/{identifier:path}/notes", summary="Write a note", status_code=201, response_model=NoteWritten
)
def write_note(
    here: Here, caller: Caller, identifier: Customer, body: NoteText, key: Key = None
) -> dict[str, Any]:
    """It follows the customer through merges, and shows in the timeline."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: card.note(body.text))


@router.put(
    "/{identifier:path}/notes/{note_id}", summary="Change a note", response_model=NoteWritten
)
def change_note(
    here: Here, caller: Caller, identifier: Customer, note_id: str, body: NoteText, key: Key = None
) -> dict[str, Any]:
    """What it said before stays in the log."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: card.note(body.text, note_id))


@router.delete(
    "/{identifier:path}/notes/{note_id}", summary="Take a note back", response_model=NoteWritten
)
def take_note_back(
    here: Here, caller: Caller, identifier: Customer, note_id: str, key: Key = None
) -> dict[str, Any]:
    """It is shown no more; what it said stays in the log until the customer is erased."""
    writer = here.writer(caller, message_id=key)
    return here.write(identifier, writer, lambda card: card.note(None, note_id))


@router.patch("/{identifier:path}/traits", summary="Set traits", response_model=TraitsWritten)
def set_traits(
    here: Here, caller: Caller, identifier: Customer, body: NewTraits, key: Key = None
) -> dict[str, Any]:
    """They are observations of the source `by hand`, and identify as those of other sources do."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: card.set_traits(body.traits))


@router.post("/{identifier:path}/tags", summary="Tag a customer", response_model=TraitsWritten)
def tag(
    here: Here, caller: Caller, identifier: Customer, body: TagChange, key: Key = None
) -> dict[str, Any]:
    """Tags are the trait `tags`, a list, which segments can ask about: `tags any of ("vip")`."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: card.tag(body.add, body.remove))


@router.put(
    "/{identifier:path}/switches/{name}",
    summary="Turn something on or off",
    response_model=TraitsWritten,
)
def switch(
    here: Here, caller: Caller, identifier: Customer, name: str, body: Switch, key: Key = None
) -> dict[str, Any]:
    """Switches are the trait `switches`: segments can ask for `switches.early_access = true`."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: card.switch(name, body.on))
