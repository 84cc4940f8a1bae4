"""Sends one delivery over HTTP: to the address that was checked, and to no other.

A webhook's URL is written by whoever may write definitions, and its host's addresses by whoever
runs its domain. So that nobody reaches what lies behind the firewall, the addresses are looked at
after the name was resolved, the connection goes to the very one that was looked at, and nobody is
followed anywhere else. Proxies of the environment are not asked.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from patron.errors import PatronError
from patron.spec.webhooks import is_loopback

PATIENCE = 10.0
"""Seconds that a receiver may take, from the first byte to its answer."""


class DeliveryError(PatronError):
    """A delivery could not be made; a later attempt may succeed."""

    retryable = True
    code = "not_delivered"


class Sender:
    """Sends deliveries, one at a time.

    Args:
        patience: Seconds that a receiver may take.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._socket: socket.socket | None = None
        self._closed = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body; gives the status of the answer, whose own body is not read.

        Raises:
            DeliveryError: There is no answer, or the host's address may not be sent to.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=self._patience)
        # With a socket there already, it resolves no name a second time.
        connection.sock = self._connected(host, port, secure=secure)
        self._socket = connection.sock
        late = threading.Timer(self._patience, self._hang_up)
        late.start()
        try:
            if self._closed:
                raise DeliveryError("The workspace is closing.")
            connection.request("POST", path, body, dict(headers))
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise DeliveryError(f"No answer: {_said(error)}.") from None
        finally:
            late.cancel()
            self._socket = None
            connection.close()

    def close(self) -> None:
        """Give up what is being sent."""
        self._closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        """End the connection, so that the thread that waits for it goes on."""
        held = self._socket
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def _connected(self, host: str, port: int, *, secure: bool) -> socket.socket:
        try:
            address = allowed_address(host, port)
            connected = socket.create_connection((address, port), timeout=self._patience)
            if not secure:
                return connected
            return ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        except OSError as error:
            raise DeliveryError(f"{host} cannot be reached: {_said(error)}.") from None


def allowed_address(host: str, port: int) -> str:
    """The address of a host, when it is one that may be sent to.

    Of a host that is not named as this machine, every address has to be a public one.

    Raises:
        DeliveryError: It is not.
        OSError: The name has no address.

    >>> allowed_address("127.0.0.1", 80)
    '127.0.0.1'
    >>> allowed_address("169.254.169.254", 80)
    Traceback (most recent call last):
    patron.activation.sending.DeliveryError: 169.254.169.254 leads into a private network.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    here = is_loopback(host)
    for text in addresses:
        if not (_is_here(text) if here else _is_public(text)):
            raise DeliveryError(f"{host} leads into a private network.")
    return addresses[0]


def _is_here(text: str) -> bool:
    return ip_address(text).is_loopback


def _is_public(text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


def _said(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
