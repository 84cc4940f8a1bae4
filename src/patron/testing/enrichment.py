"""What every connector of an enrichment has to keep to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from patron.spec.enrichment import Connector


def check_connector(connector: Connector, samples: Sequence[Mapping[str, Any]]) -> None:
    """Try a connector.

    Args:
        connector: The one to try.
        samples: What it may be given; something has to follow from one of them at least.

    Raises:
        AssertionError: It does not keep to the protocol; says how.
    """
    _see(connector.version >= 1, "versions count from 1")
    _see(connector.reads.names, "it reads nothing")
    answers = connector.derive(samples)
    _see(len(answers) == len(samples), "each input wants one answer")
    for answer in answers:
        others = set(answer) - set(connector.gives)
        _see(not others, f"it answers with {sorted(others)}, which it does not give")
        said = json.loads(json.dumps(answer, allow_nan=False))
        _see(said == dict(answer), "an answer holds what is no JSON value")
    alone = [connector.derive([one])[0] for one in samples]
    _see(alone == list(answers), "an answer depends on the other inputs")
    backward = connector.derive(list(reversed(samples)))
    _see(list(reversed(backward)) == list(answers), "an answer depends on the order")
    _see(not connector.derive([]), "nothing follows from nothing")
    told = any(value is not None for one in answers for value in one.values())
    _see(told, "nothing follows from any of the samples")


def _see(holds: object, otherwise: str) -> None:
    # Said with `assert`, it would not be tried where Python leaves assertions out.
    if not holds:
        raise AssertionError(otherwise)
