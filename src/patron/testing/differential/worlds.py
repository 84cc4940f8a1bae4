"""What a history means: customers with all that is theirs, as plain dicts.

Written from the meaning of messages alone, and of who is who (M27, M22): links between the
identifiers of a message, taken from the strongest on, and none that would give a customer two user
ids. What carries an anonymous id alone belongs to whoever logged in there last, or else first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import md5
from typing import Any

from patron.testing.differential.histories import History, Sent, length
from patron.testing.differential.vocabulary import RATES, SHELF, SHELVES
from patron.testing.oracle.entities import reached

World = dict[str, Any]
Identifier = tuple[str, str]

AMOUNT_FIELDS = ("revenue", "total", "tax", "shipping", "discount")
EVENT_OF_TYPE = {
    "page": "Page Viewed",
    "group": "Group Joined",
    "alias": "Identity Aliased",
}
IDENTIFIERS = ("user_id", "email", "anonymous_id")
"""Types of identifiers, the strongest first; a customer has one user id at most."""
PRODUCT_EVENTS = ("Product Added", "Product Returned")


def world_of(
    history: History,
    *,
    ids: Mapping[str, int] | None = None,
    source_ids: Mapping[str, int] | None = None,
) -> World:
    """What a history means.

    Args:
        history: What was sent.
        ids: Profile ids by a customer's key (such as ``user_id:u7``; without one, its smallest
            anonymous id), where an engine gave them; otherwise they are made up, in order of
            arrival.
        source_ids: Ids of sources by name, where an engine gave them.

    Returns:
        ``people``, each with its ``key``; ``sources``, ``lists``, ``segments``, ``time_zone``,
        ``changes``, ``kinds`` and ``entities``, and what decides about traits: ``survivorship``,
        ``trust`` and ``by_hand``.

    >>> from patron.testing.differential.histories import draw_history
    >>> world = world_of(draw_history(1))
    >>> sorted(world["people"][0])[:4]
    ['events', 'first_seen_at', 'groups', 'id']
    """
    sources = source_ids or {name: number for number, name in enumerate(history.sources, 1)}
    arrived = _once(history.messages)
    owner = _owners(arrived)
    logins = _logins(arrived, sources)
    lives: dict[frozenset[Identifier], list[tuple[int, Sent]]] = {}
    for position, sent in enumerate(arrived, 1):
        filed = _filed(sent.body, logins)
        lives.setdefault(owner[filed], []).append((position, sent))
    seen = _first_seen(arrived)
    people = []
    for number, (known, life) in enumerate(lives.items(), 1):
        key = _key(known)
        own = ids[key] if ids is not None else number * 10
        person = _person(own, key, known, life, history, sources)
        people.append({**person, "first_seen_at": min(seen[one] for one in known)})
    by_identifier = {
        f"{kind}:{value}": one["id"] for one in people for kind, value in one["identifiers"]
    }
    changes: dict[str, list[tuple[int, str, datetime]]] = {name: [] for name in history.segments}
    for change in history.changes:
        if change.identifier in by_identifier and change.segment in changes:
            who = by_identifier[change.identifier]
            changes[change.segment].append((who, change.kind, change.at))
    world = {
        "people": people,
        "source_ids": dict(sources),
        "sources": {sources[name]: brand for name, (brand, _) in history.sources.items()},
        "lists": {name: set(listed) for name, listed in history.lists.items()},
        "segments": history.segments,
        "computed": history.computed,
        "rates": _rates(),
        "time_zone": history.time_zone,
        "changes": changes,
        "survivorship": _survivorship(history, sources),
        "trust": {sources[name]: rank for name, rank in history.trust.items()},
        "by_hand": {sources[name] for name in history.people},
        "kinds": {
            "shelf": {
                place: [(path, "id") for path in paths]
                for place, paths in SHELF["found_in"].items()
            }
        },
        "entities": {"shelf": SHELVES},
    }
    return reached(world)


def _rates() -> dict[str, list[tuple[str, datetime, Decimal]]]:
    """The exchange rates, by the currency that they lead to."""
    return {
        name.upper(): [
            (one["currency"], datetime.fromisoformat(one["from"]), Decimal(str(one["rate"])))
            for one in rates
        ]
        for name, rates in RATES.items()
    }


def _survivorship(history: History, sources: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """How the traits are decided of which something is declared."""
    found: dict[str, dict[str, Any]] = {}
    for name, told in history.traits.items():
        found[name] = {"rule": told.get("survivorship", "most_recent")}
        if "holds_for" in told:
            found[name]["holds_for"] = length(told["holds_for"])
        if "trust_order" in told:
            found[name]["trust_order"] = [sources[one] for one in told["trust_order"]]
    return found


def _once(messages: tuple[Sent, ...]) -> list[Sent]:
    """A message id counts once per source: the first to arrive is kept."""
    kept: dict[tuple[str, str], Sent] = {}
    for sent in messages:
        kept.setdefault((sent.source, sent.body["messageId"]), sent)
    return list(kept.values())


def _identifiers(body: dict[str, Any]) -> list[Identifier]:
    """Those that a message carries, the strongest first."""
    found = {
        (kind, body[field]): None
        for kind, field in (
            ("user_id", "userId"), ("anonymous_id", "anonymousId"), ("anonymous_id", "previousId"),
        )
        if field in body
    }  # fmt: skip
    if body["type"] == "identify" and "email" in body["traits"]:
        found["email", body["traits"]["email"]] = None
    return sorted(found, key=_strength)


def _logins(
    arrived: list[Sent], sources: Mapping[str, int]
) -> dict[Identifier, list[tuple[datetime, int, str, Identifier]]]:
    """Who logged in on each device, in order."""
    logins: dict[Identifier, list[tuple[datetime, int, str, Identifier]]] = {}
    for sent in arrived:
        strongest, *others = _identifiers(sent.body)
        name = moment_of(sent.body), sources[sent.source], sent.body["messageId"]
        for other in others:
            if other[0] == "anonymous_id" != strongest[0]:
                logins.setdefault(other, []).append((*name, strongest))
    return {device: sorted(those) for device, those in logins.items()}


def _filed(
    body: dict[str, Any], logins: dict[Identifier, list[tuple[datetime, int, str, Identifier]]]
) -> Identifier:
    """An identifier of whoever a message belongs to: of a device, who was logged in then (M22)."""
    strongest = _identifiers(body)[0]
    known = logins.get(strongest, [])
    before = [login for login in known if login[0] <= moment_of(body)]
    return (before[-1] if before else known[0])[3] if known else strongest


def _strength(one: Identifier) -> tuple[int, int]:
    """What orders identifiers, and of one type in some way that does not depend on time."""
    drawn = md5("\x1f".join(one).encode(), usedforsecurity=False).digest()[:8]
    return IDENTIFIERS.index(one[0]), int.from_bytes(drawn, "little")


def _owners(arrived: list[Sent]) -> dict[Identifier, frozenset[Identifier]]:
    """Each identifier with all those of its customer."""
    links: dict[tuple[Identifier, Identifier], datetime] = {}
    parts: dict[Identifier, frozenset[Identifier]] = {}
    for sent in arrived:
        found = _identifiers(sent.body)
        parts |= {one: frozenset([one]) for one in found if one not in parts}
        for other in found[1:]:
            link = (found[0], other)
            at = moment_of(sent.body)
            links[link] = min(links.get(link, at), at)

    def strongest_first(link: tuple[Identifier, Identifier]) -> tuple[object, ...]:
        (strong, tie), (weak, other_tie) = map(_strength, link)
        return weak, strong, links[link], tie, other_tie

    for strong, weak in sorted(links, key=strongest_first):
        together = parts[strong] | parts[weak]
        if sum(kind == "user_id" for kind, _ in together) <= 1:
            parts |= dict.fromkeys(together, together)
    return parts


def _first_seen(arrived: list[Sent]) -> dict[Identifier, datetime]:
    """When each identifier was first used."""
    seen: dict[Identifier, datetime] = {}
    for sent in arrived:
        at = moment_of(sent.body)
        seen |= {one: min(at, seen.get(one, at)) for one in _identifiers(sent.body)}
    return seen


def _key(known: frozenset[Identifier]) -> str:
    kind, value = min(known, key=lambda one: (one[0] != "user_id", one))
    return f"{kind}:{value}"


def _person(
    own: int,
    key: str,
    known: frozenset[Identifier],
    life: list[tuple[int, Sent]],
    history: History,
    sources: Mapping[str, int],
) -> dict[str, Any]:
    events, traits, groups = [], [], []
    for position, sent in life:
        body = sent.body
        place = {
            "occurred_at": moment_of(body),
            "source_id": sources[sent.source],
            "message_id": body["messageId"],
            "position": position,
        }
        if body["type"] == "identify":
            told = body["traits"].items()
            traits += [{"name": name, "value": value, **place} for name, value in told]
            continue
        brand, channel = history.sources[sent.source]
        where = {"brand": brand, "channel": body.get("channel", channel)}
        events.append({**_event(body), **where, **place, "received_at": sent.received_at})
        if body["type"] == "group":
            told = body.get("traits", {})
            groups.append({"group_id": body["groupId"], "traits": told, **place})
    return {
        "id": own,
        "key": key,
        "old_ids": [own + number for number in range(1, min(3, len(known)))],
        "identifiers": set(known),
        "events": events,
        "traits": traits,
        "groups": groups,
    }


def moment_of(body: dict[str, Any]) -> datetime:
    """When a message says that it happened, UTC."""
    at = datetime.fromisoformat(body["timestamp"])
    return at.astimezone(UTC).replace(tzinfo=None)


def _event(body: dict[str, Any]) -> dict[str, Any]:
    kind = body["type"]
    told = dict(body.get("properties", {}))
    if kind == "group":
        told = {"group_id": body["groupId"]}
        told |= {"traits": body["traits"]} if "traits" in body else {}
    if kind == "alias":
        told = {"previous_id": body["previousId"]}
    products = told.pop("products", [])
    name = body["event"] if kind == "track" else EVENT_OF_TYPE[kind]
    if name in PRODUCT_EVENTS and ("product_id" in told or "sku" in told):
        products = [dict(told)]
    # The name of a page or product stands beside that of the event; no rule drawn asks for it.
    told.pop("name", None)
    if kind == "track":
        told |= {field: _amount(told[field]) for field in AMOUNT_FIELDS if field in told}
    lines = [_line(product) for product in products]
    return {**told, "name": name, "type": kind, "lines": lines}


def _line(product: dict[str, Any]) -> dict[str, Any]:
    line = dict(product)
    for column, field in (("product_name", "name"), ("product_brand", "brand")):
        if field in product:
            line[column] = product[field]
    for field in ("price", "quantity"):
        if field in product:
            line[field] = _amount(product[field])
    return line


def _amount(value: Any) -> Decimal | None:  # noqa: ANN401 - as JSON has it
    return None if value is None else Decimal(str(value))
