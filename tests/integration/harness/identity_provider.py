"""A small OpenID Connect provider on loopback, which says what it is told to."""

from __future__ import annotations

import base64
import json
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "patron"
SECRET = "s3cret of the test"


class IdentityProvider:
    """Listens while it is entered.

    Attributes:
        claims: What it says of whoever comes next, on top of what is usual.
        key: What it signs with; its own unless told otherwise.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = self.own_key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self._asked: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path == "/.well-known/openid-configuration":
                    self._answer(provider.described())
                elif path == "/keys":
                    self._answer({"keys": [provider.own_key.as_dict(private=False)]})
                elif path == "/authorize":  # whoever comes agrees at once
                    self.send_response(303)
                    self.send_header("location", provider.agree(self.path))
                    self.end_headers()
                else:
                    self._answer({}, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                given = dict(parse_qsl(body)) | {"by": self.headers.get("authorization", "")}
                self._answer(*provider.token(given))

            def _answer(self, body: dict[str, Any], status: int = 200) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def agree(self, url: str) -> str:
        """Somebody was sent here, and says who they are.

        Returns:
            Where the provider sends them back to.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, given: dict[str, str]) -> tuple[dict[str, Any], int]:
        asked = self._asked.pop(given["code"], None)
        proof = base64.urlsafe_b64encode(sha256(given["code_verifier"].encode()).digest())
        credentials = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or proof.rstrip(b"=").decode() != asked["code_challenge"]
            or given["redirect_uri"] != asked["redirect_uri"]
            or given["by"] != f"Basic {credentials}"
        ):
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "4711", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": "ann@example.com", "email_verified": True,
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": signed}, 200

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
