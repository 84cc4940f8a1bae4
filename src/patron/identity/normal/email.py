"""E-mail addresses: one spelling an address, and where a provider is known one a mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
        valid = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return Refusal("This is not an e-mail address.")
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

    def __init__(self, providers: Iterable[EmailProvider]) -> None:
        self._of = {
            domain: (provider.domains[0] if provider.same else domain, provider)
            for provider in providers
            for domain in provider.domains
        }
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
        """The same of many addresses, none of them null."""
        if not self._of:
            return addresses
        known = pa.array(sorted(self._of), pa.string())
        domains = pc.replace_substring_regex(addresses, "^.*@", "")
        places = np.flatnonzero(pc.is_in(domains, known).to_numpy(zero_copy_only=False))
        if not len(places):
            return addresses
        chosen = addresses.take(pa.array(places))
        found = pa.array([self.mailbox(one) for one in chosen.to_pylist()], pa.string())
        mask = np.zeros(len(addresses), dtype=np.bool_)
        mask[places] = True
        return pc.replace_with_mask(addresses, pa.array(mask), found)
