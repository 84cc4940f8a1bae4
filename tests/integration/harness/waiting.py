"""Waiting for what must come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(ask: Callable[[], T], *, seconds: float = 20.0) -> T:
    """Ask until the answer is true, or fail after so long.

    Returns:
        The answer.
    """
    limit = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.01)
    return found
