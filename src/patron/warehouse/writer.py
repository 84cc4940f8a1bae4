"""The single writer: one thread, one cursor, one transaction at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from patron.errors import BusyError, told

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")


class Writer(Generic[Item, Result]):
    """Runs every write in the order it was given, and groups what waits.

    Items given to `submit` that wait at the same time are handed to `commit_group` together, so
    that one commit, and one sync of the disk, serves them all. A call given to `run` has the thread
    for itself.

    Args:
        commit_group: Stores a group of items durably and returns one result per item.
        max_waiting: How many items may wait before `submit` refuses.
        weigh: The size of an item; a group takes items until `max_weight` is reached.
        max_weight: Bounds the work of one transaction.
    """

    def __init__(
        self,
        commit_group: Callable[[list[Item]], list[Result]],
        *,
        max_waiting: int = 20_000,
        weigh: Callable[[Item], int] = lambda _item: 1,
        max_weight: int = 10_000,
    ) -> None:
        self._commit_group = commit_group
        self._max_waiting = max_waiting
        self._weigh = weigh
        self._max_weight = max_weight
        self._queue: SimpleQueue[tuple[Any, Future[Any]] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="patron-writer", daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> Future[Result]:
        """Queue an item for the next group.

        Raises:
            BusyError: Too many wait already, or the writer is closed.
        """
        self._check_open()
        if self._queue.qsize() >= self._max_waiting:
            raise BusyError(
                "Too many requests wait to be stored.",
                hint="Try again in a second.",
                told=told("queue_full"),
            )
        future: Future[Result] = Future()
        self._queue.put((item, future))
        return future

    def run(self, call: Callable[[], T]) -> T:
        """Run a call in the writer's thread, between groups, and wait for what it returns."""
        return self.start(call).result()

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Run a call as `run` does, without waiting for it."""
        self._check_open()
        future: Future[T] = Future()
        self._queue.put((_Call(call), future))
        return future

    @property
    def waiting(self) -> int:
        """How many items and calls wait."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finish what waits, then stop."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()

    def _check_open(self) -> None:
        if self._closed:
            raise BusyError("The workspace is closing.", told=told("closing"))

    def _loop(self) -> None:
        while True:
            entry = self._queue.get()
            if entry is None:
                return
            following = self._step(entry)
            while following is not None:
                following = self._step(following)
            if self._closed and self._queue.empty():
                return

    def _step(self, entry: tuple[Any, Future[Any]]) -> tuple[Any, Future[Any]] | None:
        """Run one call, or the group that begins with this item; return a call that was met."""
        item, future = entry
        if isinstance(item, _Call):
            _settle(future, item.call)
            return None
        group = [entry]
        weight = self._weigh(item)
        met = None
        while weight < self._max_weight:
            try:
                upcoming = self._queue.get_nowait()
            except Empty:
                break
            if upcoming is None:
                break
            if isinstance(upcoming[0], _Call):
                met = upcoming
                break
            group.append(upcoming)
            weight += self._weigh(upcoming[0])
        self._commit(group)
        return met

    def _commit(self, group: list[tuple[Any, Future[Any]]]) -> None:
        try:
            results = self._commit_group([item for item, _ in group])
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            for _, future in group:
                future.set_exception(error)
        else:
            for (_, future), result in zip(group, results, strict=True):
                future.set_result(result)


class _Call:
    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call


def _settle(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
        future.set_exception(error)
