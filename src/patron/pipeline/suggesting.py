"""A first mapping for a file, made of the names of its columns and what its rows hold."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from patron.collect.files.sampling import Column, Sample, sample
from patron.collect.presets import Preset, presets
from patron.definitions import render
from patron.identity.normal.fields import TRAITS
from patron.pipeline.book import Book
from patron.spec.mapping import CsvOptions

FITS = 0.5
"""A preset is offered when the file has so large a share of its columns."""

_IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "user_id": ("userid", "customerid", "customernumber", "customerno", "customer", "clientid",
                "clientnumber", "contactid", "memberid", "accountid", "custid", "kundennummer",
                "nrklienta", "idklienta"),
    "email": (*TRAITS["email"], "customeremail", "emailadres"),
    "phone": (*TRAITS["phone"], "customerphone"),
    "loyalty_card": ("loyaltycard", "loyaltycardnumber", "cardnumber", "loyaltyid", "clubcard",
                     "kartennummer", "nrkarty"),
    "anonymous_id": ("anonymousid", "visitorid", "cookieid"),
    "device_id": ("deviceid",),
    "advertising_id": ("advertisingid", "idfa", "gaid", "adid"),
}  # fmt: skip
_PROPERTIES: dict[str, tuple[str, ...]] = {
    "order_id": ("orderid", "ordernumber", "orderno", "order", "receiptnumber", "receiptid",
                 "invoice", "invoicenumber", "transactionid", "bestellnummer", "nrzamowienia"),
    "total": ("total", "ordertotal", "amount", "totalamount", "grandtotal", "sum", "betrag",
              "kwota", "wartosc", "gesamt"),
    "revenue": ("revenue", "nettotal", "netamount", "subtotal", "umsatz", "przychod"),
    "currency": ("currency", "currencycode", "wahrung", "waluta"),
    "tax": ("tax", "vat", "mwst"),
    "shipping": ("shipping", "shippingcost", "delivery", "versand"),
    "discount": ("discount", "rabatt", "rabat"),
    "coupon": ("coupon", "couponcode", "voucher", "promocode"),
}  # fmt: skip
_LINES: dict[str, tuple[str, ...]] = {
    "product_id": ("productid", "productnumber", "itemid", "ean", "gtin", "article",
                   "articlenumber", "artikelnummer"),
    "sku": ("sku",),
    "name": ("product", "productname", "item", "itemname", "produkt", "artikel"),
    "category": ("category", "productcategory", "department", "kategorie", "kategoria"),
    "price": ("price", "unitprice", "itemprice", "preis", "cena"),
    "quantity": ("quantity", "qty", "units", "menge", "ilosc", "stuck"),
}  # fmt: skip
_MOMENTS = (
    "timestamp", "at", "occurredat", "time", "datetime", "date", "orderdate", "orderedat",
    "purchasedate", "createdat", "created", "updatedat", "updated", "datum", "data", "signupdate",
)  # fmt: skip
_EVENTS = ("event", "eventname", "action", "activity")
_TYPED = {"number": "number", "boolean": "boolean"}


def suggested(
    path: Path, book: Book, sources: Collection[str], *, today: datetime
) -> dict[str, Any]:
    """What is in a file, and a mapping to begin with. Defines nothing.

    Args:
        path: The file.
        book: What is defined: a column called as a type of identifiers is taken for one.
        sources: The names of those that there are; a new one is called as the file.
        today: When rows hold that tell no moment, naive UTC.

    Raises:
        DefinitionError: The ending of the file's name does not tell the format.
        InputError: It cannot be read.
    """
    found = sample(path)
    name = plain(path.name.partition(".")[0]) or "file"
    fitting = _fitting(found)
    body = _body(found, book, name, today)
    return {
        "format": found.format,
        "csv": _written(found.csv) if found.format == "csv" else None,
        "rows": found.rows,
        "columns": [column._asdict() for column in found.columns],
        "presets": [
            {"name": one.name, "description": one.description, "share": round(share, 2)}
            for one, share in fitting
        ],
        "name": name,
        "mapping": body,
        "definitions": _text(name, body, sources),
        "notes": list(_notes(found, body)),
    }


def plain(name: str) -> str:
    """A name without case, accents, spaces and signs.

    >>> plain("Kunden-Nr. (Größe)")
    'kundennrgrosse'
    """
    flat = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore")
    return "".join(sign for sign in flat.decode().lower() if sign.isalnum())


class _Columns:
    """Columns that are still to be mapped."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._left = {column.name: column for column in columns if column.kind != "empty"}

    def take(self, names: Iterable[str]) -> Column | None:
        """The first column that has one of these names; it is mapped then."""
        for wanted in names:
            for column in self._left.values():
                if plain(column.name) == wanted:
                    return self._left.pop(column.name)
        return None

    def take_all(self, wanted: dict[str, tuple[str, ...]]) -> dict[str, Column]:
        """The columns of several names, by what they are."""
        found = {name: self.take(names) for name, names in wanted.items()}
        return {name: column for name, column in found.items() if column is not None}

    def take_moment(self) -> Column | None:
        """The column that says when: by its name, else the first with times but birthdays."""
        times = {plain(one.name): one for one in self._left.values() if one.kind == "time"}
        named = [times[wanted] for wanted in _MOMENTS if wanted in times]
        others = [one for name, one in times.items() if name not in TRAITS["birthday"]]
        chosen = next(iter([*named, *others]), None)
        return None if chosen is None else self._left.pop(chosen.name)

    def rest(self) -> list[Column]:
        """What is left."""
        return list(self._left.values())


def _body(found: Sample, book: Book, name: str, today: datetime) -> dict[str, Any]:
    columns = _Columns(found.columns)
    moment = columns.take_moment()
    own = {kind.name: (plain(kind.name),) for kind in book.identity.types}
    identifiers = columns.take_all({
        kind: (*_IDENTIFIERS.get(kind, ()), *names) for kind, names in own.items()
    })  # fmt: skip
    event = columns.take(_EVENTS)
    properties = columns.take_all(_PROPERTIES)
    is_order = "order_id" in properties or "total" in properties or "revenue" in properties
    lines = columns.take_all(_LINES) if is_order else {}
    message: dict[str, Any] = {"timestamp": _timestamp(moment, today)}
    message["identifiers"] = {kind: column.name for kind, column in identifiers.items()}
    body: dict[str, Any] = {"source": _source(book, name), "file": "*", "message": message}
    used = [*properties.values(), *lines.values()]
    if is_order or event is not None:
        message["event"] = "Order Completed" if event is None else f"{{{event.name}}}"
        message["properties"] = {
            **{what: column.name for what, column in properties.items()},
            **_others(columns.rest()),
        }
        if lines:
            message["lines"] = {what: column.name for what, column in lines.items()}
        if "order_id" in properties:
            order = properties["order_id"]
            message["message_id"] = f"order-{{{order.name}}}"
            if lines and order.different < order.filled:
                body["group_by"] = [order.name]
    else:
        message["type"] = "identify"
        kept = [one for kind, one in identifiers.items() if kind in ("email", "phone")]
        kept += properties.values()
        message["traits"] = _others([*kept, *columns.rest()])
    _say_how_it_is_written(body, found, [*used, *columns.rest()])
    return body


def _say_how_it_is_written(body: dict[str, Any], found: Sample, columns: list[Column]) -> None:
    if found.format != "csv":
        return
    decimal = "," if any("," in text for one in columns if one.kind == "number"
                         for text in one.samples) else "."  # fmt: skip
    written = _written(msgspec.structs.replace(found.csv, decimal=decimal))
    if written:
        body["csv"] = written
    typed = {one.name: _TYPED[one.kind] for one in columns if one.kind in _TYPED}
    if typed:
        body["columns"] = typed


def _written(options: CsvOptions) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(options)
    return said


def _timestamp(column: Column | None, today: datetime) -> str | dict[str, str]:
    if column is None:
        return {"value": today.date().isoformat()}
    if column.time_format in (None, "iso"):
        return column.name
    return {"column": column.name, "format": str(column.time_format)}


def _others(columns: Iterable[Column]) -> dict[str, str]:
    """Columns under names that a person can write in a rule."""
    made: dict[str, str] = {}
    for column in columns:
        words = "".join(sign if sign.isalnum() else " " for sign in column.name).lower().split()
        made.setdefault("_".join(words) or "value", column.name)
    return made


def _source(book: Book, name: str) -> str:
    """The source of a mapping of the same name; else one that is called as the file."""
    known = book.mappings.get(name)
    return name if known is None else known.source


def _text(name: str, body: dict[str, Any], sources: Collection[str]) -> str:
    """The mapping as a definition file, with its source where that is not there yet."""
    text = render("mapping", name, body)
    if body["source"] in sources:
        return text
    return f"{render('source', body['source'], {'type': 'file'})}---\n{text}"


def _fitting(found: Sample) -> list[tuple[Preset, float]]:
    """The presets whose columns the file has, the best first."""
    there = {plain(column.name) for column in found.columns}
    shares = []
    for one in presets():
        header = next(csv.reader(one.sample.splitlines()))
        share = sum(plain(name) in there for name in header) / len(header)
        if share >= FITS:
            shares.append((one, share))
    return sorted(shares, key=lambda pair: -pair[1])


def _notes(found: Sample, body: dict[str, Any]) -> Iterable[str]:
    message = body["message"]
    if not message["identifiers"]:
        yield "No column was recognised that says whose a row is: name one under identifiers."
    if isinstance(message["timestamp"], dict) and "value" in message["timestamp"]:
        yield "No column was recognised that says when: all rows are taken to be of today."
    if isinstance(message["timestamp"], dict) and "/%" in message["timestamp"].get("format", ""):
        yield "Days and months of dates with a slash may stand in the other order: look at format."
    for column in found.columns:
        if column.kind == "empty":
            yield f"Column {column.name} is empty in the first {found.rows} rows."
