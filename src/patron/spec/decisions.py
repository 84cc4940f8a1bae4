"""What people decide by hand about who is who, as messages of the log say it.

Their types are `unmerge`, `merge` and `withdraw`. No message from outside has such a type, and
these carry no identifiers of a customer's own: whoever resolves the log anew applies them instead.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from patron import structs

DecisionKind = Literal["apart", "same"]
"""What a decision says: its groups are different people, or its two identifiers one person."""

MOST_TEXT = 1_000
"""The longest reason, and the longest name of who decided, in characters."""


class Decided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message of a decision carries: enough to make the same decision from the log again.

    Attributes:
        asked: What was asked for, as it was asked.
        decision_id: The decision that was made, or taken back.
        reason: Why.
        made_by: By whom.
        on_behalf_of: For whom, as that one said; None: for nobody else.
        decided: What it says; None when a decision is taken back.
        groups: Identifiers as ``type:value`` in normal form, group by group.
    """

    asked: dict[str, Any]
    decision_id: int
    reason: str
    made_by: str
    on_behalf_of: str | None = None
    decided: DecisionKind | None = None
    groups: tuple[tuple[str, ...], ...] = ()


class DecisionBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole body of such a message.

    >>> decided = Decided(asked={"decision_id": 1}, decision_id=1, reason="a typo", made_by="eve")
    >>> body = DecisionBody(
    ...     type="withdraw", message_id="m-1", timestamp="2026-01-01T00:00:00Z", decision=decided
    ... )
    >>> DecisionBody.read(body.text()) == body
    True
    """

    type: Literal["unmerge", "merge", "withdraw"]
    message_id: str
    timestamp: str
    decision: Decided

    def text(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def read(cls, text: str) -> DecisionBody:
        """From JSON."""
        return structs.decode(text, cls)
