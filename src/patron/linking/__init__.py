"""Linking: records that share no identifier, and are one person all the same.

The way from records to decisions::

    model = train(records)                      # without labels; frozen from then on
    scores = score(records, model)              # or score_new(new, existing, model)
    decisions = decide(scores, records, model)  # link, review, apart
"""

from patron.linking.chart import match_weights, match_weights_page
from patron.linking.decisions import Decision, Decisions, Evidence, decide
from patron.linking.definition import Field, LinkingDefinition
from patron.linking.labels import Labels, Reviews
from patron.linking.model import LinkingModel
from patron.linking.profiles import one_record_each
from patron.linking.scoring import score, score_new
from patron.linking.training import train
from patron.linking.workbench import Workbench

__all__ = [
    "Decision",
    "Decisions",
    "Evidence",
    "Field",
    "Labels",
    "LinkingDefinition",
    "LinkingModel",
    "Reviews",
    "Workbench",
    "decide",
    "match_weights",
    "match_weights_page",
    "one_record_each",
    "score",
    "score_new",
    "train",
]
