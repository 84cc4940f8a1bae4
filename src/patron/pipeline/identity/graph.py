"""Answers to why some identifiers are one person."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.identity.graph.explanation import MOST, read_graph
from patron.identity.graph.model import Graph
from patron.identity.graph.picture import draw
from patron.pipeline.book import Book
from patron.pipeline.customers import profile_of
from patron.warehouse.reading import Reading


def explained(reading: Reading, book: Book, identifier: str, *, most: int = MOST) -> dict[str, Any]:
    """The graph of one customer: identifiers, links, refused links, merges and splits.

    Args:
        reading: The view to read in.
        book: What is defined.
        identifier: ``type:value`` or a profile id.
        most: How much is listed; everything is counted.

    Raises:
        NotFoundError: Nobody has the identifier.
    """
    return {**reading.head, **profiles.plain(_graph(reading, book, identifier, most))}


def drawn(reading: Reading, book: Book, identifier: str, *, most: int = MOST) -> str:
    """The picture of the same graph, as SVG; see `explained`."""
    return draw(_graph(reading, book, identifier, most))


def _graph(reading: Reading, book: Book, identifier: str, most: int) -> Graph:
    own = profile_of(reading, book.identity, identifier, in_use=False)
    return read_graph(reading.cursor, own.profile_id, own.stored_ids, book.identity, most=most)
