"""One entity as somebody says it is: read, checked, and brought to one form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from patron.clock import parse_time
from patron.errors import InputError
from patron.spec.entities import MAX_ATTRIBUTES, PRODUCT, AttributeType, EntityKind

MAX_ID = 500
MAX_BYTES = 32 * 1024
"""Of one item as JSON: as much as a message may have."""

_LIMIT = Decimal(10) ** 12
_AMOUNTS = ("price", "sale_price", "cost")
_PRICED = ("price", "sale_price", "currency")
"""Said by one source together: an amount of one is in no currency of another."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_WRITTEN = re.compile(r"(?:([A-Z]{3})\s*)?(\d+(?:\.\d+)?)\s*([A-Z]{3})?")


class Item(NamedTuple):
    """What a source says of one entity.

    Attributes:
        entity_id: Its id.
        attributes: What is said; null for what it has no longer. None: it is there no longer.
    """

    entity_id: str
    attributes: dict[str, Any] | None

    @property
    def canonical(self) -> str | None:
        """The one JSON text of what is said."""
        if self.attributes is None:
            return None
        return msgspec.json.encode(self.attributes, order="sorted").decode()


class RefusedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item that was not taken.

    Attributes:
        item: Its number among what was given, from 1.
        entity_id: Its id, as far as it has one.
        field: What is wrong.
        reason: One sentence for a person.
    """

    item: int
    entity_id: str | None
    field: str | None
    reason: str


class Taken(NamedTuple):
    """A list of items, each judged by itself."""

    items: list[Item]
    refused: list[RefusedItem]


def read_items(kind: EntityKind, raw: Iterable[Any], *, first: int = 1) -> Taken:
    """Read items; a bad one is refused by itself.

    Args:
        kind: What they are.
        raw: JSON objects, whatever they hold.
        first: The number of the first.

    >>> from patron.spec.entities import PRODUCTS
    >>> taken = read_items(PRODUCTS, [{"product_id": 7, "price": "12.50 EUR"}, {"name": "Cup"}])
    >>> taken.items
    [Item(entity_id='7', attributes={'price': 12.5, 'currency': 'EUR'})]
    >>> taken.refused[0].reason
    'product_id: is missing.'
    """
    items: list[Item] = []
    refused: list[RefusedItem] = []
    for number, one in enumerate(raw, first):
        try:
            items.append(read_item(kind, one))
        except InputError as error:
            named = one.get(_id_name(kind, one)) if isinstance(one, dict) else None
            shown = str(named)[:MAX_ID] if isinstance(named, str | int) else None
            refused.append(RefusedItem(number, shown, error.field, error.message))
    return Taken(items, refused)


def read_item(kind: EntityKind, raw: Any) -> Item:  # noqa: ANN401 - whatever was sent
    """Read one item.

    Raises:
        InputError: With the field that is wrong.
    """
    if not isinstance(raw, dict):
        raise InputError(f"An item is expected to be an object of at most {MAX_BYTES} bytes.")
    name = _id_name(kind, raw)
    if raw.get(name) is None:
        raise InputError(f"{name}: is missing.", field=name)
    entity_id = _text(name, raw[name]).strip()
    if not entity_id or len(entity_id) > MAX_ID:
        raise InputError(f"{name}: expected 1 to {MAX_ID} characters.", field=name)
    rest = {key: value for key, value in raw.items() if key != name}
    if len(rest) > MAX_ATTRIBUTES:
        raise InputError(f"An item has at most {MAX_ATTRIBUTES} attributes.")
    read = {key: _attribute(kind, key, value) for key, value in rest.items()}
    if kind.name == PRODUCT:
        _priced(raw, read)
    item = Item(entity_id, read)
    try:
        size = len(item.canonical or "")
        entity_id.encode()
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError):
        raise InputError("An item holds something that JSON has no word for.") from None
    if size > MAX_BYTES:
        raise InputError(f"An item has at most {MAX_BYTES} bytes as JSON.")
    return item


def merged(kind: str, said: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What is known of an entity.

    Args:
        kind: What it is.
        said: What each source says, the one observed last first.

    >>> merged("product", [{"cost": 7, "cost_currency": "EUR"}, {"price": 9, "currency": "EUR"}])
    {'cost': 7, 'cost_currency': 'EUR', 'price': 9, 'currency': 'EUR', 'margin': 2}
    """
    found: dict[str, Any] = {}
    priced = False
    for one in said:
        here = {key: value for key, value in one.items() if not (priced and key in _PRICED)}
        priced = priced or "price" in one
        found |= {key: value for key, value in here.items() if key not in found}
    found = {key: value for key, value in found.items() if value is not None}
    if kind == PRODUCT:
        found = {**_levels(found), **found}
        margin = _margin(found)
        if margin is not None:
            found["margin"] = margin
    return found


def words(entity_id: str, attributes: Mapping[str, Any]) -> str:
    """What a search looks in: the id and every text, in small letters."""
    return "\n".join([entity_id, *_texts(attributes)]).casefold()


def _texts(value: Any) -> Iterable[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _id_name(kind: EntityKind, raw: Mapping[Any, Any]) -> str:
    named = f"{kind.name}_id"
    return "id" if named not in raw and "id" in raw else named


def _attribute(kind: EntityKind, name: Any, value: Any) -> Any:  # noqa: ANN401
    if not isinstance(name, str) or not name:
        raise InputError("The name of an attribute is expected to be text.")
    declared = kind.attributes.get(name)
    if declared is None and not kind.open:
        known = ", ".join(sorted(kind.attributes))
        raise InputError(f"{name}: {kind.name} has no such attribute; it has {known}.", field=name)
    if value is None or declared is None:
        return value
    if kind.name == PRODUCT:
        if name in _AMOUNTS:
            return _amount(name, value)[0]
        if name == "category":
            return _category(value)
        if name == "margin":
            raise InputError("margin: follows from price and cost.", field=name)
        if name in ("currency", "cost_currency"):
            return _currency(name, value)
    return _typed(name, value, declared)


def _typed(name: str, value: Any, declared: AttributeType) -> Any:  # noqa: ANN401
    match declared:
        case "text":
            return _text(name, value)
        case "number":
            return _number(name, value)
        case "boolean":
            truth = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
            if not isinstance(truth, bool):
                raise InputError(f"{name}: expected true or false.", field=name)
            return truth
        case "date":
            parse_time(_text(name, value), field=name)
            return value
    if not isinstance(value, list) or any(isinstance(one, dict | list) for one in value):
        raise InputError(f"{name}: expected a list of texts or numbers.", field=name)
    return value


def _text(name: str, value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InputError(f"{name}: expected text.", field=name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _number(name: str, value: Any) -> int | float:  # noqa: ANN401
    """A number of at most 6 places, as JSON holds it."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise InvalidOperation
        amount = Decimal(value.strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise InputError(f"{name}: expected a number.", field=name) from None
    if not amount.is_finite() or abs(amount) >= _LIMIT:
        raise InputError(f"{name}: has more than 12 digits before the point.", field=name)
    amount = round(amount, 6)
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _amount(name: str, value: Any) -> tuple[int | float, str | None]:  # noqa: ANN401
    """An amount, and its currency where it is written beside it: 12.50 EUR."""
    currency = None
    if isinstance(value, str):
        written = _WRITTEN.fullmatch(value.strip())
        if written is None or (written[1] and written[3]):
            raise InputError(
                f"{name}: expected an amount such as 12.50 EUR, got {value[:40]!r}.", field=name
            )
        currency, value = written[1] or written[3], written[2]
    number = _number(name, value)
    if number < 0:
        raise InputError(f"{name}: is less than nothing.", field=name)
    return number, currency


def _currency(name: str, value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise InputError(f"{name}: expected three capital letters, such as EUR.", field=name)
    return value


def _category(value: Any) -> str:  # noqa: ANN401
    """A path, from the widest to the narrowest: ``Clothing > Shirts``."""
    parts = value if isinstance(value, list) else _text("category", value).split(">")
    return " > ".join(part for one in parts if (part := _text("category", one).strip()))


def _priced(raw: Mapping[str, Any], read: dict[str, Any]) -> None:
    """Give amounts their currency: beside the amount, else that of the item."""
    said = read.get("currency")
    own = {
        name: _amount(name, raw[name])[1] or (read.get("cost_currency") if name == "cost" else None)
        for name in _AMOUNTS
        if raw.get(name) is not None
    }
    for name, currency in own.items():
        if (currency or said) is None:
            raise InputError(
                f"{name}: has no currency; write 12.50 EUR, or give currency.", field=name
            )
    prices = {own[name] or said for name in ("price", "sale_price") if name in own}
    if len(prices) > 1 or (prices and said is not None and prices != {said}):
        raise InputError("currency: the prices of an item are in one currency.", field="currency")
    if prices:
        read["currency"] = prices.pop()
    if "cost" in own:
        read["cost_currency"] = own["cost"] or said
        if "price" not in own and "sale_price" not in own:
            read.pop("currency", None)


def _levels(known: Mapping[str, Any]) -> dict[str, str]:
    """The ends of the path that a category is: of one part there is nothing below the widest."""
    parts = [part.strip() for part in known.get("category", "").split(">")]
    return {
        **({"main_category": parts[0]} if parts[0] else {}),
        **({"subcategory": parts[-1]} if len(parts) > 1 else {}),
    }


def _margin(known: Mapping[str, Any]) -> int | float | None:
    price = known.get("sale_price", known.get("price"))
    cost = known.get("cost")
    if price is None or cost is None or known.get("cost_currency") != known.get("currency"):
        return None
    return _number("margin", Decimal(str(price)) - Decimal(str(cost)))
