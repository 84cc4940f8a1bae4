"""What brings merges and splits about, by codes: for whoever says it in another language.

A cause is one of the words of `CAUSES`, with what it is about behind a colon where it needs one:
``decision:3``, ``linking:people@2``, ``held_back:cookie_id``. Beside it stands the reason, a
sentence in English.
"""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, tuple[str, ...]] = {
    # linking: a model took both for one person; model: another version of it was applied.
    "merge": ("same_message", "linking", "decision", "known_before", "rules", "model"),
    "split": (
        "stronger", "decision", "withdrawn", "held_back", "seen_earlier", "rules", "model",
    ),
    "move": ("logged_in", "owner"),
}  # fmt: skip
"""The words that each kind of change can have."""


def cause(kind: str, word: str, about: object = None) -> str:
    """A cause as it is kept.

    Args:
        kind: Of the change: ``merge``, ``split`` or ``move``.
        word: One that this kind can have.
        about: The number of a decision or a version, a model with its version, or a type of
            identifiers.

    Raises:
        ValueError: The kind has no such word.

    >>> cause("split", "withdrawn", 3)
    'withdrawn:3'
    """
    if word not in CAUSES[kind]:
        raise ValueError(f"{word} brings no {kind} about")
    return word if about is None else f"{word}:{about}"
