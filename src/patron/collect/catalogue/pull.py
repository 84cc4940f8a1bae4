"""A file from the web, pulled on demand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from urllib.parse import urlsplit

from patron.errors import InputError

MAX_BYTES = 1024**3
TIMEOUT = 60.0
"""Seconds without an answer."""


def is_address(place: str) -> bool:
    """Whether a file is named by its address on the web.

    >>> is_address("https://shop.example/feed.xml"), is_address("feed.xml")
    (True, False)
    """
    return urlsplit(place).scheme in ("http", "https")


@contextmanager
def pulled(address: str) -> Iterator[BinaryIO]:
    """What lies at an ``http`` or ``https`` address, as a file that is gone afterwards.

    Raises:
        InputError: It cannot be had, or has more than 1 GiB.
    """
    import httpx

    with tempfile.TemporaryFile() as file:
        try:
            with httpx.stream("GET", address, follow_redirects=True, timeout=TIMEOUT) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise InputError(f"{address} answered {answer.status_code}.")
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    if file.tell() > MAX_BYTES:
                        raise InputError(f"{address} has more than 1 GiB.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise InputError(f"{address} cannot be had: {error or type(error).__name__}.") from None
        file.seek(0)
        yield file
