"""E-mail addresses: one spelling an address, and where a provider is known one a mailbox."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.identity.normal.text import Refusal, lower
from patron.spec.email_providers import EmailProvider

PLAIN_LENGTH = 60
"""E-mail addresses up to this length cannot break a limit on the length of a part."""

PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.){1,3}(?:com|net|org|[a-z]{2})"
)
"""Addresses in lower case that need no closer look. What does not match may still be valid."""


_NO_ADDRESS = Refusal("This is not an e-mail address.", "no_email")


def email(text: str) -> str | Refusal:
    """An e-mail address in lower case, its domain in ASCII (IDNA). No network is asked.

    >>> email("Jürgen@BÜCHER.de")
    'jürgen@xn--bcher-kva.de'
    >>> email("ann@example").reason
    'This is not an e-mail address.'
    """
    text = lower(text)
    if len(text) <= PLAIN_LENGTH and PLAIN_EMAIL.fullmatch(text):
        return text
    from email_validator import EmailNotValidError, validate_email

    try:
        # Addresses under .test, which is kept for trying things out, are addresses like others.
        valid = validate_email(text, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return _NO_ADDRESS
    if "." not in valid.ascii_domain:
        return _NO_ADDRESS
    return lower(f"{valid.local_part}@{valid.ascii_domain}")


class Mailboxes:
    """Finds the mailbox that an address leads to, by the rules of its provider.

    Args:
        providers: Those whose rules are known; of others every address is a mailbox.

    >>> from patron.spec.email_providers import STANDARD
    >>> mailboxes = Mailboxes(STANDARD)
    >>> mailboxes.mailbox("ann.lee+shop@googlemail.com"), mailboxes.mailbox("a.l+x@outlook.com")
    ('annlee@gmail.com', 'a.l@outlook.com')
    >>> mailboxes.mailbox("ann+shop@example.com")
    'ann+shop@example.com'
    """

    def __init__(self, providers: Sequence[EmailProvider]) -> None:
        self._of = {
            domain: (provider.domains[0] if provider.same else domain, provider)
            for provider in providers
            for domain in provider.domains
        }
        self._providers = tuple(providers)
        self._known = f"@(?:{'|'.join(re.escape(domain) for domain in self._of)})$"
        self._ignored = {
            domain: str.maketrans("", "", provider.ignored)
            for domain, (_, provider) in self._of.items()
        }

    def mailbox(self, address: str) -> str:
        """The address that stands for a mailbox; the same one again where nothing is to be done.

        Args:
            address: In the form that `email` gives.
        """
        name, _, domain = address.rpartition("@")
        found = self._of.get(domain)
        if found is None:
            return address
        stands, provider = found
        plain = name.partition(provider.tags)[0] if provider.tags else name
        plain = plain.translate(self._ignored[domain])
        # Without a name, or with a dot at its end, no address would be left.
        kept = plain if plain and plain[0] != "." and plain[-1] != "." else name
        return f"{kept}@{stands}"

    def mailboxes(self, addresses: pa.Array) -> pa.Array:
        """The same of many addresses.

        Args:
            addresses: Of those with a provider that is known only those that `PLAIN_EMAIL`
                matches get their mailbox; what others get is not to be used.
        """
        if not self._of:
            return addresses
        known = pc.match_substring_regex(addresses, self._known)
        places = pa.array(np.flatnonzero(known.to_numpy(zero_copy_only=False)))
        if not len(places):
            return addresses
        parts = pc.split_pattern(addresses.take(places), "@", max_splits=1)
        names, domains = pc.list_element(parts, 0), pc.list_element(parts, 1)
        for provider in self._providers:
            own = pc.is_in(domains, pa.array(provider.domains, pa.string()))
            names = pc.replace_with_mask(names, own, _plain(names.filter(own), provider))
            if provider.same:
                domains = pc.if_else(own, provider.domains[0], domains)
        found = pc.binary_join_element_wise(names, domains, "@")
        return pc.replace_with_mask(addresses, known, found)


def _plain(names: pa.Array, provider: EmailProvider) -> pa.Array:
    """What stands before the @, as its provider looks at it."""
    plain = names
    if provider.tags:
        plain = pc.list_element(pc.split_pattern(names, provider.tags, max_splits=1), 0)
    for character in provider.ignored:
        plain = pc.replace_substring(plain, character, "")
    dotted = pc.or_(pc.starts_with(plain, "."), pc.ends_with(plain, "."))
    return pc.if_else(pc.or_(dotted, pc.equal(plain, "")), names, plain)
