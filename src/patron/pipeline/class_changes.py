"""Which segments are classes of customers, and of what: entering one is a change of class."""

from __future__ import annotations

from patron.pipeline.book import Book
from patron.pipeline.score_definitions import names_made
from patron.segments.computed import beneath, names_asked
from patron.spec.class_kinds import MADE_BY, ClassKind


def class_kinds(book: Book) -> dict[str, ClassKind]:
    """Of each segment that is one class, such as `tier=gold`, what it is a class of."""
    made = {
        name: MADE_BY[one.kind] for one in book.classifications.values() for name in one.segments
    }
    scores = {name for score in book.scores for name in names_made(score)}
    found: dict[str, ClassKind] = {}
    for name, one in book.segments.items():
        if one.value_of is None:
            continue
        asked = names_asked(one.rule)
        reads_score = not scores.isdisjoint(asked | beneath(asked, book.catalogue.computed))
        found[name] = made.get(name) or ("score_class" if reads_score else "class")
    return found
