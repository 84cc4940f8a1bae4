"""Finding customers by what people type: part of an identifier, part of a name."""

from patron.pipeline.search.index import SearchIndex
from patron.pipeline.search.listing import Selection, counts, listing
from patron.pipeline.search.naming import name_of

__all__ = ["SearchIndex", "Selection", "counts", "listing", "name_of"]
