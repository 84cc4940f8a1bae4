"""Signatures of deliveries, as the Standard Webhooks specification has them.

A receiver checks them with any library for that specification, or with a dozen lines of its own.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256

from patron.errors import InputError

PREFIX = "whsec_"
SHORTEST = 24
"""Bytes that a secret has at least."""


def key_of_secret(secret: str) -> bytes:
    """The bytes that a secret stands for.

    Args:
        secret: ``whsec_`` and base64.

    Raises:
        InputError: It is not, or too short. It does not say the secret.

    >>> key_of_secret("whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
    b'012345678901234567890123'
    """
    try:
        if not secret.startswith(PREFIX):
            raise ValueError
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise InputError(
            "The secret of a webhook is expected to be whsec_ and base64.",
            field="secret",
            hint="Make one: python -c 'import base64, os; "
            'print("whsec_" + base64.b64encode(os.urandom(32)).decode())\'',
        ) from None
    if len(key) < SHORTEST:
        raise InputError(
            f"The secret of a webhook is expected to have at least {SHORTEST} bytes.",
            field="secret",
        )
    return key


def headers(key: bytes, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery.

    Args:
        key: Of the secret.
        delivery_id: The same one for each attempt.
        timestamp: Of this attempt, seconds since 1970.
        body: As it is sent.

    >>> headers(b"k" * 24, "crm_1", 1514808000, b"{}")["webhook-signature"]
    'v1,I/xIDkjv/8/94bwXctOR/mAwB2pvP8FmHDJBeE7g7b4='
    """
    signed = b"%b.%d.%b" % (delivery_id.encode(), timestamp, body)
    signature = b64encode(hmac.digest(key, signed, sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
