"""`patron product`, `patron entity` and `patron catalogue`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from patron import structs
from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.files import read_text
from patron.cli.terminal import (
    amount,
    facts,
    holds_for,
    moment,
    note,
    plural,
    say,
    show_json,
    table,
)
from patron.errors import InputError

products = typer.Typer(help="The products of the catalogue.", no_args_is_help=True)
entities = typer.Typer(
    help="Stores, campaigns, cards: declared entities with attributes.", no_args_is_help=True
)
catalogue = typer.Typer(help="Import feeds and files of products.", no_args_is_help=True)

SHOWN = 20
"""So many reasons are shown to people; JSON holds up to 1,000."""

Kind = Annotated[str, typer.Argument(help="Its kind, such as store.")]
Id = Annotated[str, typer.Argument(help="Its id.")]
Brand = Annotated[
    str | None,
    typer.Option("--brand", help="Whose catalogue; that of every brand, or all, when left out.",
                 metavar="BRAND", show_default=False),
]  # fmt: skip
Search = Annotated[
    str | None,
    typer.Option("--search", help="Words, each of which occurs in the id or in a text.",
                 metavar="WORDS", show_default=False),
]  # fmt: skip
Limit = Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1, max=1_000)]
File = Annotated[
    Path,
    typer.Argument(help="JSON: a list of objects, or one object a line; - for standard input."),
]
Source = Annotated[str, typer.Option("--source", help="Who says it.", metavar="SOURCE")]
Complete = Annotated[
    bool,
    typer.Option("--complete", help="The source has no others: what it named before and does not "
                 "name here is gone."),
]  # fmt: skip


@products.command("list")
def list_products(
    search: Search = None,
    brand: Brand = None,
    limit: Limit = 100,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Show products, or those in which all words occur."""
    list_entities("product", search, brand, limit, cursor, workspace, as_json)


@products.command("show")
def show_product(
    product_id: Id,
    brand: Brand = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Show a product, what each source said of it, and how often events named it."""
    show_entity("product", product_id, brand, workspace, as_of, as_json)


@products.command("put")
def put_products(
    file: File,
    brand: Brand = None,
    source: Source = "api",
    complete: Complete = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Take products in. Doing it again changes nothing."""
    put_entities("product", file, brand, source, complete, workspace, as_json)


@products.command("remove")
def remove_product(
    product_id: Id,
    brand: Brand = None,
    source: Source = "api",
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """A source has a product no longer. What other sources say of it stays."""
    remove_entity("product", product_id, brand, source, workspace, as_json)


@entities.command("kinds")
def kinds(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Show the kinds of entities, and where events name them."""
    show_answer(workspace, "/entities", _show_kinds, as_json=as_json)


def _show_kinds(answer: Answer) -> None:
    table(
        ["kind", "entities", "in events", "in lines", "attributes"],
        [
            [one["kind"], one["entities"], ", ".join(one["events"]), ", ".join(one["lines"]),
             ", ".join(sorted({*one["attributes"], *one["seen"]}))]
            for one in answer["data"]
        ],
    )  # fmt: skip
    say(holds_for(answer))


@entities.command("list")
def list_entities(
    kind: Kind,
    search: Search = None,
    brand: Brand = None,
    limit: Limit = 100,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Show entities of a kind, or those in which all words occur."""
    with connect(workspace) as client:
        answer = client.get(
            f"/entities/{segment_of(kind)}", search=search, brand=brand, limit=limit, cursor=cursor
        )
    if as_json:
        show_json(answer)
        return
    if kind == "product":
        rows = [[one["id"], *_listed(one)] for one in answer["data"]]
        table(["product", "name", "category", "price", "availability", "brand"], rows)
    else:
        names = sorted({name for one in answer["data"] for name in one["attributes"]})
        rows = [
            [one["id"], *(_cell(one["attributes"].get(name)) for name in names), one["brand"]]
            for one in answer["data"]
        ]
        table([kind, *names, "of brand"], rows)
    if answer["next"]:
        say(f"\nMore with --cursor '{answer['next']}'")
    say(holds_for(answer))


@entities.command("show")
def show_entity(
    kind: Kind,
    entity_id: Id,
    brand: Brand = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Show an entity, and what each source said of it."""
    with connect(workspace) as client:
        found = client.get(
            f"/entities/{segment_of(kind)}/{segment_of(entity_id)}", brand=brand, as_of=as_of
        )
    if as_json:
        show_json(found)
        return
    say(f"{kind.capitalize()} {found['id']}", strong=True)
    facts((name, _cell(value)) for name, value in sorted(found["attributes"].items()))
    if len(found["brands"]) > 1:
        say(f"Catalogues: {', '.join(brand or 'every brand' for brand in found['brands'])}")
    say("\nWhat sources said", strong=True)
    table(
        ["source", "observed", "attributes"],
        [
            [one["source"], moment(one["observed_at"]),
             "no longer there" if one["attributes"] is None else ", ".join(one["attributes"])]
            for one in found["observations"]
        ],
    )  # fmt: skip
    if found.get("events"):
        say("\nNamed by", strong=True)
        table(
            ["event", "times", "pieces"],
            [[one["event"], one["times"], one["quantity"]] for one in found["events"]],
        )
    say(f"\n{holds_for(found)}")


@entities.command("put")
def put_entities(
    kind: Kind,
    file: File,
    brand: Brand = None,
    source: Source = "api",
    complete: Complete = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Take entities in. Doing it again changes nothing."""
    body = {"items": _items(file), "brand": brand, "source": source, "complete": complete}
    with connect(workspace) as client:
        _report(client.put(f"/entities/{segment_of(kind)}", body), as_json)


@entities.command("remove")
def remove_entity(
    kind: Kind,
    entity_id: Id,
    brand: Brand = None,
    source: Source = "api",
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """A source has an entity no longer. What other sources say of it stays."""
    path = f"/entities/{segment_of(kind)}/{segment_of(entity_id)}"
    with connect(workspace) as client:
        _report(client.delete(path, brand=brand, source=source), as_json)


@catalogue.command("import")
def import_catalogue(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PATH|URL", help="A Google Merchant feed (RSS or Atom), or files of a mapping."
        ),
    ],
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", help="A mapping with entity: the place is its file or folder, "
                     "and no feed.", metavar="NAME", show_default=False),
    ] = None,
    brand: Brand = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Who says it; the mapping's source, else the place.",
                     metavar="SOURCE", show_default=False),
    ] = None,
    complete: Complete = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Import a feed, or files through a mapping. Doing it again changes nothing."""
    # The server's current folder is not ours.
    path = place if "://" in place else str(Path(place).resolve())
    body = {
        "path": path, "mapping": mapping, "brand": brand, "source": source or None,
        "complete": complete,
    }  # fmt: skip
    with connect(workspace) as client:
        _report(client.post("/catalogue/imports", body), as_json)


def _listed(one: dict[str, Any]) -> list[str | None]:
    known = one["attributes"]
    price = known.get("sale_price", known.get("price"))
    shown = "" if price is None else f"{amount(str(price))} {known.get('currency', '')}"
    return [
        known.get("name"),
        known.get("category"),
        shown,
        known.get("availability"),
        one["brand"],
    ]


def _items(file: Path) -> list[Any]:
    """The objects of a JSON list, or of JSON lines."""
    text = read_text(file)
    try:
        if text.lstrip().startswith("["):
            return list(structs.decode(text))
        return [structs.decode(line) for line in text.splitlines() if line.strip()]
    except msgspec.DecodeError as error:
        raise InputError(f"{file} is no JSON: {error}") from None


def _report(taken: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(taken)
        return
    of = f" of {taken['brand']}" if taken["brand"] else ""
    say(f"{plural(taken['items'], taken['kind'])}{of} from {taken['source']}.")
    facts((name, taken[name]) for name in ("stored", "unchanged", "removed", "refused"))
    for one in taken["reasons"][:SHOWN]:
        named = f" ({one['entity_id']})" if one.get("entity_id") else ""
        note(f"Item {one['item']}{named}: {one['reason']}")
    if len(taken["reasons"]) > SHOWN:
        note("More reasons with --json.")


def _cell(value: Any) -> str | int | float | bool | None:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return value  # type: ignore[no-any-return]
