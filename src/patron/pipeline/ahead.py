"""Reading ahead: the next thing is made in a thread while the one before it is worked on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(things: Iterator[T]) -> Generator[T, None, None]:
    """The same things, each begun as soon as the one before it is handed out.

    Args:
        things: Run in a thread of its own, from its first step until it is closed.

    >>> list(one_ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    with ThreadPoolExecutor(1, thread_name_prefix="patron-ahead") as pool:
        try:
            following = pool.submit(_next, things)
            while found := following.result():
                following = pool.submit(_next, things)
                yield found[0]
        finally:
            pool.submit(_close, things).result()


def _next(things: Iterator[T]) -> tuple[T] | None:
    """The next thing, or nothing at the end: `StopIteration` cannot pass through a generator."""
    for thing in things:
        return (thing,)
    return None


def _close(things: Iterator[object]) -> None:
    close = getattr(things, "close", None)
    if close is not None:
        close()
