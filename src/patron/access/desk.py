"""What the parts of this package write with: the writer, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from patron.clock import Clock
from patron.engines.duckdb import Cursor

T = TypeVar("T")


class Write(Protocol):
    """Runs a change in the writer's thread and waits for it."""

    def __call__(self, change: Callable[[Cursor], T]) -> T:
        """What the change returns."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to write.

    Attributes:
        write: Runs a change in the writer's thread and waits for it. Changes run one by one, so a
            change may look at memory, decide, write, and renew memory.
        note: Runs a change there later, without waiting.
        clock: Where now comes from.
    """

    write: Write
    note: Callable[[Callable[[Cursor], None]], None]
    clock: Clock
