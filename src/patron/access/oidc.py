"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE.

Who comes this way has been invited before: the provider says who it is, an admin what they may do.
"""

from __future__ import annotations

import base64
import calendar
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from patron.access.secrets import new_secret
from patron.clock import Clock
from patron.errors import AccessError, InputError, told
from patron.settings import Oidc

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

PENDING = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_MOST = 1_000
_PATIENCE = 10.0
_LEEWAY = 60
"""Seconds by which two clocks may differ."""

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Only signatures of a key that the provider alone has."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider says somebody is.

    Attributes:
        subject: Issuer and number there; it never changes.
        email: None when the provider does not vouch for it.
    """

    subject: str
    email: str | None


@dataclass(frozen=True, slots=True)
class _Pending:
    verifier: str
    nonce: str
    to: str
    until: datetime


class Provider:
    """The identity provider of a workspace.

    Args:
        settings: Where it is, and what we are called there.
        secret: Gives the secret that we share with it.
        redirect_uri: Where it sends people back to.
        clock: Where now comes from.
    """

    def __init__(
        self, settings: Oidc, secret: Callable[[], str], redirect_uri: str, clock: Clock
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()

    def begin(self, to: str) -> tuple[str, str]:
        """Send somebody to the provider.

        Args:
            to: The path of ours to go to afterwards.

        Returns:
            Where to send them, and the state, which their browser has to keep.

        Raises:
            AccessError: The provider cannot be reached.
        """
        endpoint = self._described()["authorization_endpoint"]
        now = self._clock.now()
        state = new_secret()
        pending = _Pending(new_secret(), new_secret(), to, now + PENDING)
        with self._lock:
            self._pending = {s: one for s, one in self._pending.items() if now < one.until}
            while len(self._pending) >= _MOST:
                del self._pending[next(iter(self._pending))]
            self._pending[state] = pending
        digest = sha256(pending.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", state

    def awaits(self, state: str) -> bool:
        """Whether somebody was sent there with that state and may still come back."""
        pending = self._pending.get(state)
        return pending is not None and self._clock.now() < pending.until

    def finish(self, state: str, code: str) -> tuple[Known, str]:
        """Hear from the provider who came back. A state holds once.

        Returns:
            Who it is, and the path to go to.

        Raises:
            AccessError: Nobody was sent there with that state, it took too long, or the provider
                does not say who it is in a way that can be trusted.
        """
        with self._lock:
            pending = self._pending.pop(state, None)
        if pending is None or self._clock.now() >= pending.until:
            raise AccessError(
                "This sign-in was not begun here, or took too long.", told=told("sign_in_too_long")
            )
        described = self._described()
        token = self._exchanged(described["token_endpoint"], code, pending.verifier)
        claims = self._checked(token, described["jwks_uri"], pending.nonce)
        vouched = self._settings.trust_email or claims.get("email_verified") is True
        email = claims.get("email")
        known = Known(
            f"{claims['iss']} {claims['sub']}",
            email if vouched and isinstance(email, str) else None,
        )
        return known, pending.to

    def _described(self) -> dict[str, Any]:
        issuer = self._settings.issuer
        found = _asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise AccessError("The identity provider calls itself otherwise than oidc.issuer.")
        return found

    def _exchanged(self, endpoint: str, code: str, verifier: str) -> str:
        answer = _asked(
            "POST",
            endpoint,
            auth=(self._settings.client_id, self._secret()),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": verifier,
            },
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise AccessError("The identity provider gave no ID token.")
        return token

    def _checked(self, token: str, keys_at: str, nonce: str) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        now = calendar.timegm(self._clock.now().timetuple())
        wanted = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            found = jwt.decode(token, _keys(keys_at), algorithms=_ALGORITHMS)
            wanted.validate(found.claims)
        except (JoseError, ValueError) as error:
            raise AccessError(
                f"The ID token of the identity provider does not hold: {type(error).__name__}."
            ) from None
        return found.claims


def provider(
    settings: Oidc | None, public_url: str | None, secret: Callable[[], str], clock: Clock
) -> Provider | None:
    """The identity provider that is set; None when none is.

    Raises:
        InputError: It is set, and `public_url` is not, or the extra is not installed.
    """
    if settings is None:
        return None
    if find_spec("joserfc") is None:
        raise InputError("oidc needs the extra of that name: pip install 'patron[oidc]'.")
    if public_url is None:
        raise InputError(
            "oidc needs public_url, so that people come back to the right place.",
            field="public_url",
        )
    return Provider(settings, secret, public_url.rstrip("/") + CALLBACK, clock)


CALLBACK = "/api/v1/session/oidc/callback"


def _keys(url: str) -> KeySet:
    from joserfc.jwk import KeySet

    found: Any = _asked("GET", url)
    return KeySet.import_key_set(found)


def _asked(method: str, url: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
    import httpx

    try:
        answer = httpx.request(method, url, timeout=_PATIENCE, **arguments)
        found = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise AccessError(
            f"The identity provider cannot be asked: {type(error).__name__}."
        ) from None
    if not isinstance(found, dict):
        raise AccessError(f"The identity provider answered {answer.status_code}.")
    return found
