"""The published Python clients of Segment and RudderStack, unmodified, against a live server.

Each of the six calls arrives exactly once, whatever happens on the way (S1.1, S1.3).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import rudderstack.analytics.client
import segment.analytics.client

from integration.harness import KEY, LiveServer
from integration.harness.calls import HAPPENED_AT, ORDER, TRAITS, assert_arrived_once, email_of
from integration.harness.scenarios import SCENARIOS, endpoint

CLIENTS: dict[str, Callable[..., Any]] = {
    "segment": segment.analytics.client.Client,
    "rudderstack": rudderstack.analytics.client.Client,
}


def make_the_six_calls(client: Any, user: str) -> None:
    before = f"{user}-before"
    traits = {"email": email_of(user), **copy.deepcopy(TRAITS)}
    client.identify(user, traits, timestamp=HAPPENED_AT, anonymous_id=before)
    client.track(user, "Order Completed", copy.deepcopy(ORDER), timestamp=HAPPENED_AT)
    client.page(user, "Shop", "Home", {"url": "https://shop.example/"}, timestamp=HAPPENED_AT)
    client.screen(user, "Shop", "Cart", {"items": 2}, timestamp=HAPPENED_AT)
    client.group(user, "g-1", {"name": "The Millers"}, timestamp=HAPPENED_AT)
    client.alias(before, user, timestamp=HAPPENED_AT)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", CLIENTS)
def test_each_call_arrives_exactly_once(
    server: LiveServer, name: str, gzip: bool, scenario: str
) -> None:
    user = f"{name}-{uuid4()}"
    failures: list[object] = []
    with endpoint(server, scenario) as url:
        client = CLIENTS[name](
            KEY,
            host=url,
            gzip=gzip,
            max_retries=5,
            on_error=lambda error, _batch: failures.append(error),
        )
        make_the_six_calls(client, user)
        client.flush()
        client.join()
    assert failures == []
    assert_arrived_once(server, user)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_with_a_wrong_key_is_told_so(server: LiveServer, name: str) -> None:
    failures: list[Any] = []
    client = CLIENTS[name](
        "no-such-key",
        host=server.url,
        max_retries=5,
        on_error=lambda error, _batch: failures.append(error),
    )
    client.track("u", "E")
    client.flush()
    client.join()
    assert [error.status for error in failures] == [401]
    assert "No active source has this write key." in str(failures[0])
