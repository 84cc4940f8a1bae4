"""Where customers are on their way, by their last orders."""

from __future__ import annotations

from typing import ClassVar

from patron.errors import DefinitionError
from patron.pipeline.classification_kinds import written
from patron.pipeline.classification_kinds.kind import Described, Expressions
from patron.segments import durations, tree
from patron.segments.tree import Case, Cases, Rule


class LifecycleDefinition(Described, frozen=True, kw_only=True):
    """Where customers are on their way, by their last orders.

    Attributes:
        of: The orders, as inside ``count(…)``, without a time.
        active_for: So long after an order a customer is active; then defecting.
        inactive_after: So long after the last order a customer is inactive; and who comes back
            after so long a pause is won back.
        won_back_for: For so long after coming back; as long as ``active_for`` unless said.
    """

    STAGES: ClassVar = ("lead", "first_time", "active", "defecting", "inactive", "won_back")

    of: str = '"Order Completed"'
    active_for: str = "90d"
    inactive_after: str = "365d"
    won_back_for: str | None = None

    def expressions(self, name: str) -> Expressions:
        """The stage."""
        events = written.timeless(self.of)
        active, inactive = map(written.length, (self.active_for, self.inactive_after))
        won_back = written.length(self.won_back_for or self.active_for)
        if not durations.duration(active) < durations.duration(inactive):
            raise DefinitionError(
                "inactive_after: expected a longer time than active_for.", field="inactive_after"
            )
        again = written.within(events, won_back)
        stages: dict[str, Rule] = {
            "lead": tree.Count(events, "=", 0),
            "inactive": tree.Stopped(events, inactive),
            "defecting": tree.Stopped(events, active),
            "won_back": tree.Resumed(again, inactive),
            "first_time": tree.Count(events, "=", 1),
            "active": tree.Count(events, ">=", 1),
        }
        return {name: Cases(tuple(Case(stage, when) for stage, when in stages.items()))}

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The stages."""
        return {name: self.STAGES}
