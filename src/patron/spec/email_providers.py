"""What providers of e-mail make of an address: which spellings reach one and the same mailbox."""

from __future__ import annotations

import re

import msgspec

from patron.errors import DefinitionError

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
"""What a domain looks like, in lower case."""


class EmailProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One provider's rules.

    Attributes:
        domains: Where its addresses end.
        same: Whether all its domains are one: the first then stands for the others.
        tags: What parts the mailbox from a tag behind it, such as ``+``; empty when nothing does.
        ignored: Characters before the @ that the provider does not look at, such as ``.``.
    """

    domains: tuple[str, ...]
    same: bool = False
    tags: str = ""
    ignored: str = ""

    def __post_init__(self) -> None:
        if not self.domains or not all(DOMAIN.fullmatch(domain) for domain in self.domains):
            raise DefinitionError(
                "email_providers.domains: expected domains in lower case, such as gmail.com.",
                field="email_providers.domains",
            )
        if len(self.tags) > 1 or set(self.tags + self.ignored) - set("+-_.="):
            raise DefinitionError(
                "email_providers: expected one of + - _ . = as tags, and any of them as ignored.",
                field="email_providers.tags",
            )


STANDARD = (
    EmailProvider(domains=("gmail.com", "googlemail.com"), same=True, tags="+", ignored="."),
    EmailProvider(
        domains=(
            "outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "outlook.fr",
            "hotmail.co.uk", "hotmail.de", "hotmail.fr", "hotmail.it", "hotmail.es", "live.co.uk",
            "live.de", "live.fr", "live.nl",
        ),
        tags="+",
    ),
    EmailProvider(domains=("icloud.com", "me.com", "mac.com"), tags="+"),
    EmailProvider(
        domains=("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), tags="+", ignored="._-"
    ),
    EmailProvider(domains=("fastmail.com", "fastmail.fm"), tags="+"),
    EmailProvider(
        domains=(
            "yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz", "yandex.ua",
        ),
        same=True,
        tags="+",
    ),
    EmailProvider(domains=("mailbox.org", "posteo.de", "posteo.net", "zoho.com"), tags="+"),
)  # fmt: skip
"""What is known of large providers. The rules name it "standard"; it never changes: another list
would give stored identifiers another normal form, and so gets another name."""
