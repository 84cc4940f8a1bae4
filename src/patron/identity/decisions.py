"""What people decided by hand about who is who: identifiers that are one person, or are not.

Decisions that stand never contradict each other, for one that would is refused when it is made. So
all of them hold at once, and what follows from them does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError, told

Groups = dict[int, int]
"""By decision that parts an identifier from others: the number of its group there."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        decision_id: Above 0; given by whoever records it.
        kind: ``apart``: no profile holds identifiers of two of the groups. ``same``: all
            identifiers of all groups are one person.
        groups: Identifier ids; those of ``apart`` have no identifier in common.
        made_at: When it was made, naive UTC.
        reason: Why, in the words of whoever made it.
    """

    decision_id: int
    kind: Literal["apart", "same"]
    groups: tuple[tuple[int, ...], ...]
    made_at: datetime
    reason: str

    @property
    def identifiers(self) -> tuple[int, ...]:
        """All identifiers that it names, each once."""
        return tuple(dict.fromkeys(one for group in self.groups for one in group))

    @property
    def bonds(self) -> list[tuple[int, int]]:
        """The pairs that it joins; none unless it says that identifiers are one person.

        >>> Decision(1, "same", ((4, 7), (9,)), datetime(2026, 1, 1), "Called in.").bonds
        [(4, 7), (4, 9)]
        """
        if self.kind == "apart" or not self.identifiers:
            return []
        first, *others = self.identifiers
        return [(first, other) for other in others]

    def among(self, there: Container[int]) -> Decision:
        """What it says of the identifiers that are there; others wait for theirs to come back.

        >>> said = Decision(1, "same", ((4, 7), (9,)), datetime(2026, 1, 1), "Called in.")
        >>> said.among({7, 9}).groups
        ((7,), (9,))
        """
        left = [tuple(one for one in group if one in there) for group in self.groups]
        return replace(self, groups=tuple(group for group in left if group))


class Decisions:
    """The decisions that stand.

    Attributes:
        standing: By id.
        groups: For each identifier that any of them parts from others, its groups.
        bonds: For each identifier that any of them joins with others, the decisions that do.
    """

    def __init__(self) -> None:
        self.standing: dict[int, Decision] = {}
        self.groups: dict[int, Groups] = {}
        self.bonds: dict[int, set[int]] = {}

    def add(self, decision: Decision) -> None:
        """Let a decision stand."""
        self.standing[decision.decision_id] = decision
        if decision.kind == "same":
            for one in decision.identifiers:
                self.bonds.setdefault(one, set()).add(decision.decision_id)
            return
        for number, group in enumerate(decision.groups):
            for one in group:
                self.groups.setdefault(one, {})[decision.decision_id] = number

    def remove(self, decision: Decision) -> None:
        """Let it stand no longer."""
        del self.standing[decision.decision_id]
        for one in decision.identifiers:
            for held in (self.groups, self.bonds):
                if one in held:
                    _drop(held[one], decision.decision_id)
                    if not held[one]:
                        del held[one]

    def bonds_among(self, identifiers: Iterable[int]) -> list[tuple[int, int]]:
        """The pairs that are one person by decision and have an end among these."""
        if not self.bonds:
            return []
        found = {one: self.bonds[one] for one in identifiers if one in self.bonds}
        names = sorted({name for names in found.values() for name in names})
        return [bond for name in names for bond in self.standing[name].bonds]

    def check(self, decision: Decision) -> None:
        """Find out whether a decision can stand beside the others.

        Args:
            decision: The new one.

        Raises:
            InputError: It names nothing that could be parted or joined.
            ConflictError: It contradicts others that stand.
        """
        _check_form(decision)
        if decision.decision_id in self.standing:
            raise ConflictError(f"Decision {decision.decision_id} stands already.")
        self.add(decision)
        try:
            done: set[int] = set()
            for identifier in decision.identifiers:
                if identifier not in done:
                    person, said = self._person(identifier)
                    done |= person
                    self.check_together(person, said, decision.decision_id)
        finally:
            self.remove(decision)

    def check_together(
        self, identifiers: Iterable[int], said: Iterable[int] = (), new: int = 0
    ) -> None:
        """Find out whether identifiers can be one person by the decisions that stand.

        Args:
            identifiers: All that would be one person.
            said: The decisions that make them one, for the message.
            new: The decision that is being made, if it is among those, for the message.

        Raises:
            ConflictError: Two of them are kept apart.
        """
        groups: Groups = {}
        for identifier in identifiers:
            for name, number in self.groups.get(identifier, {}).items():
                if groups.setdefault(name, number) != number:
                    against = {name, *said} - {new}
                    raise ConflictError(
                        f"That contradicts {_listed(against)}.",
                        hint="Withdraw what no longer holds, then decide anew.",
                        told=told("against_decision", decisions=list(map(str, against))),
                    )

    def _person(self, identifier: int) -> tuple[set[int], set[int]]:
        """All that is one person with an identifier by decision alone, and the decisions."""
        person, said, open_ = {identifier}, set[int](), [identifier]
        while open_:
            for name in self.bonds.get(open_.pop(), ()):
                if name not in said:
                    said.add(name)
                    more = set(self.standing[name].identifiers) - person
                    person |= more
                    open_ += more
        return person, said


def read_decisions(cursor: Cursor) -> list[Decision]:
    """The decisions that stand, in the order of their ids.

    Args:
        cursor: On a database with the tables of identity.
    """
    cursor.execute(
        "select decision_id, kind, made_at, reason, list(members order by group_number) from ("
        "select decision_id, group_number, list(identifier_id order by identifier_id) as members "
        "from identity_decision_groups group by all) "
        "join identity_decisions using (decision_id) where withdrawn_at is null "
        "group by all order by decision_id"
    )
    return [
        Decision(decision_id, kind, tuple(tuple(group) for group in groups), made_at, reason)
        for decision_id, kind, made_at, reason, groups in cursor.all()
    ]


def _check_form(decision: Decision) -> None:
    identifiers = [one for group in decision.groups for one in group]
    if decision.kind == "same":
        if len(set(identifiers)) < 2:
            raise InputError("Name at least two identifiers that are one person.")
        return
    if len(decision.groups) < 2 or not all(decision.groups):
        raise InputError("Name at least two groups of identifiers that are to stay apart.")
    if len(set(identifiers)) < len(identifiers):
        raise InputError("An identifier cannot stay apart from itself; name each one once.")


def _drop(held: Groups | set[int], decision_id: int) -> None:
    if isinstance(held, dict):
        held.pop(decision_id, None)
    else:
        held.discard(decision_id)


def _listed(names: set[int]) -> str:
    told = ", ".join(str(name) for name in sorted(names))
    return f"decision {told}" if len(names) == 1 else f"decisions {told}"
