"""Google Merchant feeds: RSS 2.0 or Atom with the names of ``http://base.google.com/ns/1.0``.

The file is read as a stream. A document type is refused as soon as it is seen, and with it every
entity that it could declare; nothing outside the file is ever looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from patron.errors import InputError

CHUNK = 64 * 1024
MAX_DEPTH = 50
MAX_TEXT = 64 * 1024
"""Of one item, all its texts together."""

GOOGLE = "http://base.google.com/ns/1.0"
ATOM = "http://www.w3.org/2005/Atom"
_ITEMS = ("item", f"{ATOM} entry")

NAMES = {
    "id": "product_id",
    "title": "name",
    "image_link": "image",
    "color": "colour",
    "item_group_id": "group",
    "product_type": "category",
    "google_product_category": "google_category",
    "cost_of_goods_sold": "cost",
    "summary": "description",
    "content": "description",
}
"""What a feed calls what a product has under another name; all else keeps its name."""

_FIRST = frozenset({*NAMES.values(), "description", "link", "brand", "size", "material", "gtin"})
"""Of these a product has one: of several the first counts."""


def read_feed(file: BinaryIO) -> Iterator[dict[str, Any] | None]:
    """The items of a feed, each with the names of our products; what they hold is not checked.

    An item with more than 64 KiB of text comes as None.

    Args:
        file: Opened to be read as bytes.

    Raises:
        InputError: It is no well-formed XML, declares a document type, or holds no feed.

    >>> import io
    >>> xml = b'''<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item>
    ... <g:id>7</g:id><title>Cup</title><g:price>12.50 EUR</g:price></item></channel></rss>'''
    >>> list(read_feed(io.BytesIO(xml)))
    [{'product_id': '7', 'name': 'Cup', 'price': '12.50 EUR'}]
    """
    reader = _Reader()
    try:
        while chunk := file.read(CHUNK):
            reader.parser.Parse(chunk, False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InputError(
            f"The feed is no well-formed XML: line {error.lineno}, column {error.offset + 1}: "
            f"{expat.ErrorString(error.code)}."
        ) from None
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise InputError(f"The feed cannot be read: {error}.") from None
    yield from reader.taken()
    if not reader.is_feed:
        raise InputError(
            "This is no feed: expected RSS 2.0 with items, or Atom with entries.",
            hint="Its first element is <rss> or <feed>.",
        )


class _Reader:
    """Gathers items as the parser meets them."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.is_feed = False
        self._done: list[dict[str, Any] | None] = []
        self._depth = 0
        self._item_at = 0
        self._item: dict[str, Any] | None = None
        self._by_google: set[str] = set()
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._size = 0

    def taken(self) -> list[dict[str, Any] | None]:
        """The items that have ended since the last time."""
        done, self._done = self._done, []
        return done

    def _doctype(self, *_: object) -> None:
        raise InputError("A feed declares no document type: this one is not read.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InputError(f"The feed is nested deeper than {MAX_DEPTH} elements.")
        if self._depth == 1:
            self.is_feed = name in ("rss", f"{ATOM} feed")
        if self._item is None:
            if name in _ITEMS:
                self._item, self._item_at, self._size = {}, self._depth, 0
                self._by_google.clear()
            return
        self._path.append(name)
        self._texts.append([])
        if name == f"{ATOM} link" and attributes.get("rel", "alternate") == "alternate":
            self._text(attributes.get("href", ""))

    def _text(self, text: str) -> None:
        if self._texts:
            self._size += len(text)
            if self._size <= MAX_TEXT:
                self._texts[-1].append(text)

    def _end(self, _name: str) -> None:
        if self._item is not None and self._depth == self._item_at:
            self._done.append(self._item if self._size <= MAX_TEXT else None)
            self._item = None
        elif self._item is not None:
            name, text = self._path.pop(), "".join(self._texts.pop()).strip()
            if text and not self._path:
                self._add(self._item, name, text)
            elif text:
                # Such as the country of shipping.
                self._add(self._item, f"{self._path[0]}_{_local(name)}", text)
        self._depth -= 1

    def _add(self, item: dict[str, Any], name: str, text: str) -> None:
        """Note a value; the names of Google win over those of RSS and Atom."""
        local = _local(name)
        known = NAMES.get(local, local)
        google = name.startswith(GOOGLE)
        first = google and known not in self._by_google
        if google:
            self._by_google.add(known)
        if local == "availability":
            text = text.replace(" ", "_")
        if known not in item or (first and known in _FIRST):
            item[known] = text
        elif known not in _FIRST:
            before = item[known]
            item[known] = [*before, text] if isinstance(before, list) else [before, text]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
