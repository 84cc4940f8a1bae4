"""What classes of customers are about: the kinds by which a timeline tells changes of class."""

from __future__ import annotations

from typing import Literal, get_args

ClassKind = Literal[
    "rfm_group", "lifecycle_stage", "activity_level", "loyalty_tier", "score_class", "class"
]

CLASS_KINDS: tuple[ClassKind, ...] = get_args(ClassKind)

MADE_BY: dict[str, ClassKind] = {
    "rfm": "rfm_group",
    "lifecycle": "lifecycle_stage",
    "activity": "activity_level",
    "loyalty": "loyalty_tier",
}
"""By the kind of definition that sorts; a segment with values is of a score, or of anything."""
