"""Carries decisions by hand out: who is who as if they had stood, or had not, from the start."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from patron.clock import EPOCH
from patron.errors import ConflictError, NotFoundError, told
from patron.identity import causes
from patron.identity.batch import Batch
from patron.identity.changes import Changes, no_links
from patron.identity.decisions import Decision
from patron.identity.devices.rows import no_logins
from patron.identity.devices.shared import SharedDevices
from patron.identity.memory import Memory
from patron.identity.reasons import Cause
from patron.identity.resolution import Resolution
from patron.identity.revision import NOTHING, revise


def decide(
    memory: Memory, decision: Decision, occurred_at: datetime, devices: SharedDevices | None = None
) -> Resolution:
    """Let a decision stand; see `Resolver.decide`."""
    for identifier in decision.identifiers:
        if not 0 < identifier <= memory.identifiers:
            raise NotFoundError(f"There is no identifier {identifier}.")
    memory.decisions.check(decision)
    if decision.kind == "same":
        _check_profiles(memory, decision)
    by = f"decision {decision.decision_id}"
    does = "keeps identifiers apart" if decision.kind == "apart" else "joins identifiers"
    number = decision.decision_id
    cause = Cause(
        f"{by.capitalize()} {does}",
        by,
        causes.cause("merge", "decision", number),
        causes.cause("split", "decision", number),
        gained=tuple(decision.bonds),
    )
    return _follow(memory, devices, (decision, True), cause, occurred_at)


def withdraw(
    memory: Memory,
    decision_id: int,
    occurred_at: datetime | None,
    devices: SharedDevices | None = None,
) -> Resolution:
    """Let a decision stand no longer; see `Resolver.withdraw`."""
    decision = memory.decisions.standing.get(decision_id)
    if decision is None:
        raise NotFoundError(f"No decision {decision_id} stands.")
    cause = Cause(
        f"Decision {decision_id} was withdrawn",
        splits=causes.cause("split", "withdrawn", decision_id),
        lost=tuple(decision.bonds),
    )
    return _follow(memory, devices, (decision, False), cause, occurred_at)


def _follow(
    memory: Memory,
    devices: SharedDevices | None,
    made: tuple[Decision, bool],
    cause: Cause,
    occurred_at: datetime | None,
) -> Resolution:
    """What a decision changes that stands from now on, or no longer does."""
    decision, stands = made
    memory.mark()
    changes = Changes(Batch.of([], [], [], []), (memory.identifiers, memory.profiles))
    if occurred_at is not None:
        changes.moment = _microseconds(occurred_at)
    memory.decide(decision, stands)
    touched = np.unique(memory.profile[np.array(decision.identifiers, dtype=np.int64)])
    revise(memory, changes, touched, NOTHING, no_links(), cause)
    if devices is not None:
        devices.follow(changes, NOTHING, no_logins(), decision.identifiers)
    return changes.resolution(memory, NOTHING)


def _check_profiles(memory: Memory, decision: Decision) -> None:
    """Profiles that become one must be able to.

    Raises:
        ConflictError: They hold two values of a unique type, or identifiers that are kept apart.
    """
    named = np.array(decision.identifiers, dtype=np.int64)
    profiles = np.unique(memory.profile[named]).tolist()
    members = [member for profile in profiles for member in memory.members(profile)]
    kinds: set[int] = set()
    for member in members:
        rank = memory.rank.item(member)
        if rank in memory.unique and rank in kinds:
            kind = memory.names[rank]
            raise ConflictError(
                f"One profile would hold two values of type {kind}, and by the rules of identity "
                "it holds one at most.",
                field="identifiers",
                hint=f"If an identifier belongs to somebody else than its {kind}, part it from "
                "its profile first.",
                told=told("two_of_a_type", type=kind),
            )
        kinds.add(rank)
    memory.decisions.check_together(members)


def _microseconds(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
