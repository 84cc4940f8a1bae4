"""Products, stores, campaigns: what events refer to, with attributes of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.clock import parse_time
from patron.errors import InputError

router = APIRouter(tags=["catalogue"])

MAX_ITEMS = 10_000
"""In one request."""


class Batch(RequestBody):
    """Who says something, and when it was so."""

    brand: str | None = Field(None, description="Whose catalogue; that of every brand if left out.")
    source: str = Field("api", description="What it says of an item replaces what it said before.")
    observed_at: str | None = Field(None, description="When it was so, ISO 8601; now if left out.")
    complete: bool = Field(
        False, description="The source has no others: what it named before and not here is gone."
    )


class Products(Batch):
    """Products to take in."""

    products: list[dict[str, Any]] = Field(
        max_length=MAX_ITEMS,
        examples=[[{"product_id": "P-1", "name": "Cup", "price": "12.50 EUR", "cost": "7 EUR"}]],
    )


class Items(Batch):
    """Entities to take in."""

    items: list[dict[str, Any]] = Field(
        max_length=MAX_ITEMS, examples=[[{"id": "12", "region": "North"}]]
    )


class Refused(BaseModel):
    """An item that was not taken."""

    item: int = Field(description="Its number among what was given, from 1.")
    entity_id: str | None = None
    field: str | None = None
    reason: str


class Taken(HoldsFor):
    """What came of it."""

    kind: str
    brand: str | None
    source: str
    items: int
    stored: int = Field(description="Items that said something new.")
    unchanged: int
    removed: int
    refused: int
    reasons: list[Refused] = Field(description="Of the first 1,000 refused.")


class Entity(BaseModel):
    """What is known of one entity."""

    id: str
    brand: str | None = Field(description="Whose catalogue; null for that of every brand.")
    observed_at: str
    attributes: dict[str, Any]


class Whole(Entity):
    """One entity, with where it comes from."""

    position: int
    as_of: str
    kind: str
    brands: list[str | None] = Field(description="All catalogues that hold one of this id.")
    observations: list[dict[str, Any]] = Field(description="What each source said, newest first.")
    events: list[dict[str, Any]] | None = Field(
        None, description="Of a product: which events named it, how often, and how many pieces."
    )


class EntityPage(HoldsFor):
    """A page of entities by id."""

    kind: str
    data: list[Entity]
    next: str | None = Field(None, description="Give as `cursor` for the next page.")


class EntityKindState(BaseModel):
    """A kind of entity."""

    kind: str
    entities: int
    events: list[str] = Field(description="Properties of events that hold its id.")
    lines: list[str] = Field(description="Properties of order lines that hold its id.")
    attributes: dict[str, str] = Field(description="Declared types.")
    seen: list[str] = Field(description="Attributes that some have.")


class EntityKinds(HoldsFor):
    """All kinds of entities."""

    data: list[EntityKindState]


class CatalogueImport(RequestBody):
    """A feed, or files of a mapping."""

    path: str | None = Field(
        None,
        description="On the server's machine; of a feed an http(s) address, too.",
        examples=["https://shop.example/feed.xml"],
    )
    upload: str | None = Field(None, description="In its place: the id of a file handed in.")
    mapping: str | None = Field(None, description="With `entity`; none for a Google Merchant feed.")
    brand: str | None = None
    source: str | None = Field(
        None, description="The mapping's source, else the path, or the name of the file handed in."
    )
    complete: bool = False


Brand = Annotated[
    str | None, Query(description="As rows of this brand mean it; all catalogues if left out.")
]
Search = Annotated[
    str | None, Query(description="Words, each of which occurs in the id or in a text.")
]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Source = Annotated[str, Query(description="The source that has it no longer.")]


@router.get("/entities", summary="The kinds of entities", response_model=EntityKinds)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Products, and what definitions declare."""
    return here.entity_kinds(min_position=min_position)


@router.put("/entities/{kind}", summary="Take entities in", response_model=Taken)
def put(here: Here, kind: str, body: Items) -> dict[str, Any]:
    """Each item is judged by itself; repeating it changes nothing."""
    return _put(here, kind, body, body.items)


@router.get("/entities/{kind}", summary="Entities by id", response_model=EntityPage)
def page(
    here: Here,
    kind: str,
    min_position: MinPosition,
    brand: Brand = None,
    search: Search = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """A page of them, or of those in which all words occur."""
    return here.entities(
        kind, brand=brand, search=search, cursor=cursor, limit=limit, min_position=min_position
    )


@router.get("/entities/{kind}/{id:path}", summary="One entity", response_model=Whole)
def one(
    here: Here,
    kind: str,
    id: str,  # noqa: A002 - the path's name
    as_of: AsOf,
    min_position: MinPosition,
    brand: Brand = None,
) -> dict[str, Any]:
    """What is known of it, and what each source said."""
    return here.entity(kind, id, brand=brand, as_of=as_of, min_position=min_position)


@router.delete("/entities/{kind}/{id:path}", summary="Take an entity back", response_model=Taken)
def delete(
    here: Here,
    kind: str,
    id: str,  # noqa: A002 - the path's name
    brand: Brand = None,
    source: Source = "api",
) -> dict[str, Any]:
    """What other sources say of it stays."""
    return here.delete_entity(kind, id, brand=brand, source=source)


@router.put("/products", summary="Take products in", response_model=Taken)
def put_products(here: Here, body: Products) -> dict[str, Any]:
    """Each product is judged by itself; repeating it changes nothing."""
    return _put(here, "product", body, body.products)


@router.get("/products", summary="Products by id", response_model=EntityPage)
def products(
    here: Here,
    min_position: MinPosition,
    brand: Brand = None,
    search: Search = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """A page of them, or of those in which all words occur."""
    return page(here, "product", min_position, brand, search, cursor, limit)


@router.get("/products/{id:path}", summary="One product", response_model=Whole)
def product(
    here: Here,
    id: str,  # noqa: A002 - the path's name
    as_of: AsOf,
    min_position: MinPosition,
    brand: Brand = None,
) -> dict[str, Any]:
    """What is known of it, what each source said, and which events named it how often."""
    return one(here, "product", id, as_of, min_position, brand)


@router.delete("/products/{id:path}", summary="Take a product back", response_model=Taken)
def delete_product(
    here: Here,
    id: str,  # noqa: A002 - the path's name
    brand: Brand = None,
    source: Source = "api",
) -> dict[str, Any]:
    """What other sources say of it stays."""
    return delete(here, "product", id, brand, source)


@router.post("/catalogue/imports", summary="Import a catalogue", response_model=Taken)
def import_catalogue(here: Here, body: CatalogueImport) -> dict[str, Any]:
    """A Google Merchant feed from a file or an address, or files by a mapping with `entity`."""
    if (body.path is None) == (body.upload is None):
        raise InputError("path: expected path or upload, one of them.", field="path")
    path, source = body.path or "", body.source
    if body.upload is not None:
        file = here.uploads.path(body.upload)
        path = str(file)
        source = source or (None if body.mapping else file.name)
    return here.import_catalogue(
        path, mapping=body.mapping, brand=body.brand, source=source,
        complete=body.complete,
    )  # fmt: skip


def _put(here: Here, kind: str, body: Batch, items: list[Any]) -> dict[str, Any]:
    observed_at: datetime | None = None
    if body.observed_at is not None:
        observed_at = parse_time(body.observed_at, field="observed_at")
    return here.put_entities(
        kind, items, brand=body.brand, source=body.source, observed_at=observed_at,
        complete=body.complete,
    )  # fmt: skip
