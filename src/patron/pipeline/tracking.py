"""Tracking plans at work: what comes in is compared with them, reported, and by setting refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from patron.collect.expectations import Expected
from patron.collect.shapes import Fault
from patron.engines.duckdb import Cursor
from patron.errors import told
from patron.pipeline.group import Group
from patron.spec.incoming import Refusal, Why
from patron.spec.tracking_plans import TrackingPlan, read_tracking_plan
from patron.spec.traits import TraitDefinition
from patron.warehouse.plan_faults import FaultKey, Tally, append, names_of, sum_up
from patron.warehouse.sources import NO_BRAND, Source

AGAINST_PLAN = "against_plan"
"""The code of what a tracking plan refuses."""

SUM_UP_AT = 20_000
"""So many rows of counts are appended before they are summed up."""

MOST_NAMES = 10_000
"""So many different fields are told apart; whoever sends names at random fills no more."""

LONGEST_NAME = 200
OTHERS = "…"

Found = dict[int, list[Fault]]
"""Faults by item."""


def tracking_plan(name: str, body: Mapping[str, object]) -> TrackingPlan:
    """A tracking plan as it is declared.

    Raises:
        DefinitionError: A field is unknown or wrong, a pattern is no regular expression.
    """
    plan = read_tracking_plan({"kind": "tracking_plan", "name": name, **body})
    Expected(plan)
    return plan


class Watch:
    """Compares what comes in with what is expected of its source; in the writer's thread.

    Args:
        expected: By number of the source; of others nothing is expected.
    """

    def __init__(self, expected: Mapping[int, Expected]) -> None:
        self._expected = expected
        self._names: set[tuple[int, str, str]] | None = None
        self._appended = 0

    def of(self, source_id: int) -> Expected | None:
        """What is expected of a source; None: nothing."""
        return self._expected.get(source_id)

    def __bool__(self) -> bool:
        return bool(self._expected)

    def note(
        self, cursor: Cursor, told: Iterable[tuple[int, str | None, str, bool, list[Fault]]],
        seen: datetime,
    ) -> None:  # fmt: skip
        """Count faults, in the transaction that stores the messages or refuses them.

        Args:
            cursor: The writer's.
            told: Of each message the source, the name of the event, its id, whether it is refused,
                and its faults.
            seen: When it came in, naive UTC.
        """
        tallies: dict[FaultKey, Tally] = {}
        for source_id, event, message_id, refused, faults in told:
            for fault in faults:
                key = self._key(cursor, source_id, event or "", fault)
                tallies.setdefault(key, Tally()).add(message_id, refused=refused)
        if not tallies:
            return
        append(cursor, tallies, seen)
        self._appended += len(tallies)
        if self._appended >= SUM_UP_AT:
            sum_up(cursor)
            self._appended = 0

    def _key(self, cursor: Cursor, source_id: int, event: str, fault: Fault) -> FaultKey:
        if self._names is None:
            self._names = names_of(cursor)
        event, field = event[:LONGEST_NAME], fault.field[:LONGEST_NAME]
        if (source_id, event, field) not in self._names:
            if len(self._names) >= MOST_NAMES:
                event = field = OTHERS
            self._names.add((source_id, event, field))
        return FaultKey(source_id, event, field, fault.kind, fault.told)


def watch(
    plans: Mapping[str, TrackingPlan],
    traits: Mapping[str, TraitDefinition],
    sources: Iterable[Source],
) -> Watch:
    """What definitions expect of each source; internal ones are left alone."""
    by_source = {source: plan for plan in plans.values() for source in plan.sources}
    others = next((plan for plan in plans.values() if not plan.sources), None)
    made: dict[str | None, Expected] = {}
    expected = {}
    for source in sources:
        if source.brand == NO_BRAND:
            continue
        plan = by_source.get(source.name, others)
        name = None if plan is None else plan.name
        if name not in made:
            made[name] = Expected(plan, traits)
        if not made[name].anything:
            expected[source.source_id] = made[name]
    return Watch(expected)


def refused_for(faults: list[Fault], expected: Expected) -> Why | None:
    """Why a message is refused; None when it is only reported."""
    grave = [fault for fault in faults if fault.kind in expected.refuse]
    if not grave:
        return None
    shown = "; ".join(f"{fault.field}: {fault.told}" for fault in grave[:5])
    more = f"; and {len(grave) - 5} more" if len(grave) > 5 else ""
    said = [f"{fault.field}:{fault.kind}" for fault in grave]
    return Why(
        grave[0].field,
        f"Against the tracking plan: {shown}{more}.",
        told("against_plan", faults=said[:5], more=max(0, len(said) - 5)),
    )


def over_group(watch: Watch, group: Group, fresh: list[int]) -> Found:
    """The faults of the messages of a group; those that may not be are refused."""
    found: Found = {}
    for item in fresh:
        expected = watch.of(group.owners[item].source_id)
        if expected is None:
            continue
        faults = expected.faults(group.messages[item])
        if faults:
            found[item] = faults
            refusal = refused_for(faults, expected)
            if refusal is not None:
                group.refuse(item, refusal, code=AGAINST_PLAN)
    return found


def note_group(watch: Watch, cursor: Cursor, group: Group, found: Found, placed: list[int]) -> None:
    """Count the faults of those messages that are stored, or refused for the first time."""
    stored = set(placed)
    told = (
        (group.owners[item].source_id, group.messages[item].name,
         group.messages[item].message_id, item not in stored, faults)
        for item, faults in found.items()
        if item in stored or group.newly_refused.get(item, False)
    )  # fmt: skip
    watch.note(cursor, told, group.received_at)


class Row(NamedTuple):
    """A row that is not as planned.

    Attributes:
        event: Its event.
        message_id: Its id.
        faults: What is wrong.
        refusal: When it is refused for that.
    """

    event: str | None
    message_id: str
    faults: list[Fault]
    refusal: Refusal | None


def over_rows(watch: Watch, source_id: int, table: pa.Table) -> dict[int, Row]:
    """The rows of messages in columns that are not as planned, by their number."""
    expected = watch.of(source_id)
    if expected is None:
        return {}
    columns = [table.column(name).to_pylist() for name in ("type", "name", "properties", "traits")]
    found = {}
    for row, parts in enumerate(zip(*columns, strict=True)):
        faults = expected.faults_of(*parts)
        if faults:
            found[row] = _row(table.slice(row, 1), faults, refused_for(faults, expected))
    return found


def _row(row: pa.Table, faults: list[Fault], refused: Why | None) -> Row:
    [said] = row.select(["name", "message_id", "body", "origin", "row_number"]).to_pylist()
    refusal = None
    if refused is not None:
        refusal = Refusal(
            code=AGAINST_PLAN,
            reason=refused.reason,
            field=refused.field,
            told=refused.told,
            body=said["body"].encode(),
            message_id=said["message_id"],
            origin=said["origin"],
            row_number=said["row_number"],
        )
    return Row(said["name"], said["message_id"], faults, refusal)


def note_rows(
    watch: Watch,
    cursor: Cursor,
    source_id: int,
    rows: Mapping[int, Row],
    stored: pa.Table,
    newly_refused: Iterable[Refusal],
    seen: datetime,
) -> None:
    """Count the faults of those rows that are stored, or refused for the first time."""
    if not rows:
        return
    kept = set(stored.column("message_id").to_pylist())
    new = {id(refusal) for refusal in newly_refused}
    told = (
        (source_id, row.event, row.message_id, row.refusal is not None, row.faults)
        for row in rows.values()
        if (row.message_id in kept if row.refusal is None else id(row.refusal) in new)
    )
    watch.note(cursor, told, seen)
