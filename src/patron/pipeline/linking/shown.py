"""Models and reviews as the API shows them."""

from __future__ import annotations

from typing import Any

from patron import structs
from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.linking import LinkingModel
from patron.pipeline.linking.compared import Places
from patron.pipeline.linking.reviewing import identifier
from patron.warehouse import linking as tables


def shown_model(stored: tables.StoredModel, *, weights: bool = False) -> dict[str, Any]:
    """A model as the API shows it; frequent values, which are personal data, are left out."""
    shown: dict[str, Any] = {
        "name": stored.name,
        "version": stored.version,
        "trained_at": format_time(stored.trained_at),
        "records": stored.records,
        "labels": stored.labels,
    }
    if weights:
        model = LinkingModel.from_json(stored.body)
        shown |= {
            "link_at": model.definition.link_at,
            "review_at": model.definition.review_at,
            "prior": model.prior,
            "fields": [
                {
                    "field": each.field,
                    "kind": each.kind,
                    "levels": [
                        {"level": level.label, "weight": round(level.weight, 3)}
                        for level in each.levels
                    ],
                }
                for each in model.comparisons
            ],
        }
    return shown


Side = tuple[Places, dict[str, str]]
"""Where the values of one side stood, and those that still do."""


def shown_review(
    cursor: Cursor, found: tables.StoredReview, left: Side, right: Side
) -> dict[str, Any]:
    """A review as the API shows it, with what was compared of both profiles."""
    evidence = structs.decode(found.evidence)
    told = {each["field"] for each in evidence if each["field"] is not None}

    def side(identifier_id: int, profile_id: int, compared: Side) -> dict[str, Any]:
        places, values = compared
        return {
            "profile_id": profile_id,
            "identifier": str(identifier(cursor, identifier_id)),
            "fields": values,
            "gone": sorted((places.fields | told) - values.keys()),
        }

    return {
        "review_id": found.review_id,
        "state": found.state,
        "model": found.model,
        "version": found.version,
        "weight": round(found.weight, 3),
        "probability": round(found.probability, 6),
        "evidence": evidence,
        "left": side(found.a, found.profile_a, left),
        "right": side(found.b, found.profile_b, right),
        "proposed_at": format_time(found.proposed_at),
        "decision_id": found.decision_id,
        "decided_at": None if found.decided_at is None else format_time(found.decided_at),
        "decided_by": found.decided_by,
        "reason": found.reason,
    }
