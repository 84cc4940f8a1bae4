"""The rules that are kept live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from patron.segments.algebra import Signed
from patron.segments.catalogue import Catalogue
from patron.segments.concerns import Concerns
from patron.segments.memberships import Members
from patron.segments.memory.columns import reads_groups, reads_sources
from patron.segments.moments import start_of
from patron.segments.questions import Question, Questions
from patron.segments.tree import Rule


@dataclass(eq=False)
class Live:
    """A segment that is kept.

    Attributes:
        name: Its name.
        version: Of its definition.
        rule: Its rule.
        plan: The rule, as the sets that answer it.
        concerns: What can change its answers.
        members: Who is in it.
        catalogue: What the rule rests on.
        questions: Prints it; rules that share sets share what makes questions of them.
        brands: Says of which brand each source is.
        households: Says which identifiers make households.
    """

    name: str
    version: int
    rule: Rule
    catalogue: Catalogue
    plan: Signed
    concerns: Concerns
    members: Members
    questions: Questions
    brands: str
    households: str = ""

    @cached_property
    def question(self) -> Question:
        """The rule, to be asked of the tables about given customers."""
        return self.questions.question(self.plan)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for rules that mean the same: what the members on record were found by."""
        said = self.question.meaning
        meant = said + self.brands if reads_sources(said) else said
        if reads_groups(said):
            meant += self.households
        return hashlib.sha256(meant.encode()).hexdigest()

    def turns_at(self, stop: datetime) -> bool:
        """Whether the answers can change because a unit of the calendar begins then."""
        return any(start_of(stop, turn.unit, 0, turn.zone) == stop for turn in self.concerns.turns)
