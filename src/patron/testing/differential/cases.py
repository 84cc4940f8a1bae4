"""One case of the differential test, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.histories import History


@dataclass(frozen=True)
class Case:
    """One rule, all customers of one history, one moment."""

    history: History
    rule: Rule
    as_of: datetime

    def as_json(self) -> dict[str, Any]:
        """As plain dicts and lists; `from_json` reads them back."""
        told = {"rule": self.rule, "as_of": self.as_of.isoformat()}
        return {**told, "history": self.history.as_json()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The case that `as_json` wrote."""
        history = History.from_json(told["history"])
        return cls(history, told["rule"], datetime.fromisoformat(told["as_of"]))
