"""Webhooks as definitions: where what changes of customers is sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import read_definition

What = Literal["events", "traits", "identifiers", "notes", "groups", "merges", "segments"]

WHAT: tuple[What, ...] = get_args(What)
"""What of a customer can change."""

LONGEST_URL = 2_000


class WebhookDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A webhook as files and the API write it.

    Attributes:
        name: What it is called.
        url: Where it is sent: https, or http to this very machine.
        secret: The name of the secret that deliveries are signed with; its value stands in the
            environment or in ``patron.toml``, and in no definition.
        what: Only changes of these kinds; all when left out.
        segments: Of memberships only those in these segments; all when left out.
        begin: Whether the first delivery holds what comes ``now``, or everything from the
            ``beginning``.
        active: Whether anything is sent. What happens meanwhile is sent later.
        description: For people.
    """

    name: str
    url: str
    secret: str
    what: tuple[What, ...] = ()
    segments: tuple[str, ...] = ()
    begin: Literal["now", "beginning"] = "now"
    active: bool = True
    description: str | None = None

    @property
    def kinds(self) -> tuple[What, ...]:
        """The kinds of changes that are sent."""
        return self.what or WHAT


def read_webhook(raw: object) -> WebhookDefinition:
    """Read a webhook.

    Raises:
        DefinitionError: A field is unknown or wrong, or the URL may not be sent to.

    >>> body = {"name": "crm", "url": "https://crm.example/hook", "secret": "crm"}
    >>> read_webhook(body).kinds[:2]
    ('events', 'traits')
    >>> read_webhook({**body, "url": "http://crm.example/hook"})
    Traceback (most recent call last):
    patron.errors.DefinitionError: url: expected https; plain http goes to this machine only.
    """
    found = read_definition(raw, WebhookDefinition)
    _check_url(found.url)
    if found.segments and "segments" not in found.kinds:
        raise DefinitionError("segments: `what` leaves memberships out.", field="segments")
    return found


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise DefinitionError("url: expected such as https://host/path.", field="url") from None
    if len(url) > LONGEST_URL or not url.isascii() or any(one <= " " for one in url):
        raise DefinitionError(
            f"url: expected at most {LONGEST_URL} characters of ASCII without spaces.", field="url"
        )
    if not host or parts.scheme not in ("http", "https"):
        raise DefinitionError("url: expected such as https://host/path.", field="url")
    if parts.username is not None or parts.password is not None:
        raise DefinitionError("url: expected no user name and no password in it.", field="url")
    if parts.scheme == "http" and not is_loopback(host):
        raise DefinitionError(
            "url: expected https; plain http goes to this machine only.", field="url"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is named as this very machine.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "10.0.0.1", "a.example")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
