"""Clients that send what they were told to, again and again until each answer is a 200."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from integration.harness.server import KEY

PEOPLE = 12
"""How many customers all clients share, so that devices, logins and addresses meet."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One item that was sent, and what must be stored of it."""

    message_id: str
    body: dict[str, Any]
    good: bool
    events: int = 0
    lines: int = 0
    traits: int = 0


@dataclass
class LoadClient:
    """One thread that sends single messages and batches until it is told to end.

    Args:
        url: Of the server.
        name: Part of the message ids.
        rng: What is sent follows from it.
    """

    url: str
    name: str
    rng: random.Random
    acknowledged: list[Sent] = field(default_factory=list)
    retries: int = 0
    failure: str = ""

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._sent = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new; what was begun is sent until it is acknowledged."""
        self._stop.set()

    def join(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive(), "A client did not get its answer."
        assert not self.failure, self.failure

    def _run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=10, trust_env=False) as client:
            while not self._stop.is_set() and not self.failure:
                size = self.rng.choice([1, 1, 1, 2, 10, 60])
                items = [self.item() for _ in range(size)]
                if size > 2 and self.rng.random() < 0.3:
                    items.append(items[0])  # a client that repeats itself
                path = "/v1/track" if size == 1 else "/v1/batch"
                if size == 1:
                    path, body = f"/v1/{items[0].body['type']}", items[0].body
                else:
                    body = {"batch": [item.body for item in items]}
                self._send(client, path, json.dumps(body).encode())
                self.acknowledged += items

    def _send(self, client: httpx.Client, path: str, body: bytes) -> None:
        limit = time.monotonic() + 50
        while time.monotonic() < limit:
            try:
                answer = client.post(path, content=body, auth=(KEY, ""))
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return
            if answer is not None and answer.status_code not in {429, 500, 503}:
                break
            self.retries += 1
            time.sleep(0.01)
        told = "nothing" if answer is None else f"{answer.status_code} {answer.text}"
        self.failure = f"{self.name} was answered {told}"

    def item(self) -> Sent:
        """The next thing to send."""
        self._sent += 1
        found = f"{self.name}-{self._sent}"
        rng = self.rng
        person = rng.randrange(PEOPLE)
        body: dict[str, Any] = {"messageId": found, "timestamp": "2026-01-01T00:00:00Z"}
        if rng.random() < 0.5:
            body["anonymousId"] = f"device-{rng.randrange(3 * PEOPLE)}"
        if rng.random() < 0.5 or "anonymousId" not in body:
            body["userId"] = f"person-{person}"
        kind = rng.randrange(10)
        if kind == 0:
            return Sent(found, {**body, "type": "track"}, good=False)
        if kind <= 3:
            email = f"person{person}@shop.example"
            traits = {"email": email, "visits": self._sent, "from": self.name}
            return Sent(found, {**body, "type": "identify", "traits": traits}, True, traits=3)
        if kind <= 6:
            lines = rng.randrange(4)
            products = [{"product_id": f"p{n}", "price": 2.5, "quantity": 1} for n in range(lines)]
            order = {"order_id": found, "total": 2.5 * lines, "currency": "EUR"}
            return Sent(
                found,
                {**body, "type": "track", "event": "Order Completed",
                 "properties": {**order, "products": products}},
                True, events=1, lines=lines,
            )  # fmt: skip
        return Sent(found, {**body, "type": "page", "name": "Home"}, True, events=1)
