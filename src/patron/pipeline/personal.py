"""Which traits and properties say who a person is."""

from __future__ import annotations

from collections.abc import Iterator

from patron.identity.normal.fields import TRAITS
from patron.pipeline.book import Book
from patron.spec.scopes import declared_types

_WHO = (
    "given_name", "family_name", "full_name", "birthday", "street", "house_number", "unit",
    "postcode", "email", "phone", "national_id",
)  # fmt: skip
"""Of what is known of people, that which finds one of them. A city or a country does not."""

_USUAL = frozenset(name for field in _WHO for name in TRAITS[field]) | {
    "address", "homeaddress", "billingaddress", "shippingaddress", "username", "ip", "ipaddress",
    "avatar",
}  # fmt: skip


class Personal:
    """Tells names that say who a person is: declared so, carriers of identifiers, or usual ones.

    Args:
        book: What is defined.
    """

    def __init__(self, book: Book) -> None:
        declared = {one.called for one in book.traits.values() if one.personal}
        self._guarded = declared | set(_identifying(book))

    def __call__(self, *path: str) -> bool:
        """Whether values of a trait or property are personal data.

        Args:
            path: Its name, and the names of what lies inside it: the city of an address is none.
        """
        plain = path[-1].lower().replace("_", "").replace("-", "").replace(" ", "")
        return plain in _USUAL or not self._guarded.isdisjoint(path)


def _identifying(book: Book) -> Iterator[str]:
    for kind in declared_types(book.identity):
        for path in kind.fields:
            part, _, rest = path.partition(".")
            if part == "context":
                part, _, rest = rest.partition(".")
            if part in ("traits", "properties") and rest:
                yield rest.split(".")[0]
