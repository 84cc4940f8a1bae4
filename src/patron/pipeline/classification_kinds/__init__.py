"""Ways to sort customers into classes that are declared in a few words: what each stands for.

Each makes computed traits, and one segment with values for every trait that sorts, of the same
name. So a class is a value of the profile, live and true of any moment, and who enters or leaves it
is recorded as of any segment.
"""

from __future__ import annotations

from patron.pipeline.classification_kinds.activity import ActivityDefinition
from patron.pipeline.classification_kinds.kind import Classifying, Expressions
from patron.pipeline.classification_kinds.lifecycle import LifecycleDefinition
from patron.pipeline.classification_kinds.loyalty import LoyaltyDefinition
from patron.pipeline.classification_kinds.rfm import GROUPS, RfmDefinition

__all__ = ["GROUPS", "KINDS", "Classifying", "Expressions"]

KINDS: dict[str, type[Classifying]] = {
    "rfm": RfmDefinition,
    "lifecycle": LifecycleDefinition,
    "activity": ActivityDefinition,
    "loyalty": LoyaltyDefinition,
}
"""The kinds of definitions that sort customers."""
