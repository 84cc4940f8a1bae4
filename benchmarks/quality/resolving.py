"""Simulated records through identity as it is: first the rules, then linking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from benchmarks.quality.customers import Message
from patron.identity import Batch, Resolver
from patron.identity.normal.fields import FIELDS, normal_fields
from patron.linking import (
    Decisions,
    LinkingDefinition,
    LinkingModel,
    Workbench,
    decide,
    one_record_each,
    score,
    train,
)
from patron.spec.identifiers import DEFAULT_RULES, IdentityRules

UNIQUE = "user_id"


class Linked(NamedTuple):
    """What linking made of some records.

    Attributes:
        groups: For each record the group it is in.
        model: The model that was trained on them.
        decisions: One for each pair that was alike.
    """

    groups: list[int]
    model: LinkingModel
    decisions: Decisions


def link(records: pa.Table, definition: LinkingDefinition | None = None) -> Linked:
    """Train on records, score them and decide.

    Args:
        records: Numbered from 1 in their order.
        definition: The default one by default.
    """
    with Workbench() as workbench:
        model = train(records, definition, workbench=workbench)
        decisions = decide(score(records, model, workbench=workbench), records, model)
    groups = list(range(1, len(records) + 1))
    for members in decisions.groups:
        for record in members:
            groups[record - 1] = members[0]
    return Linked(groups, model, decisions)


def as_records(traits: Sequence[dict[str, str]], region: str) -> pa.Table:
    """Traits in normal forms, numbered from 1."""
    rows = [
        {"record": number, **normal_fields(each, region)}
        for number, each in enumerate(traits, start=1)
    ]
    names = [("record", pa.int64()), *((name, pa.string()) for name in FIELDS)]
    return pa.Table.from_pylist(rows, schema=pa.schema(names))


def resolve(messages: Sequence[Message], rules: IdentityRules = DEFAULT_RULES) -> list[int]:
    """The profile of each message under the rules; those that nothing identifies stand alone."""
    batch = Batch.of(
        [message.occurred_at for message in messages],
        [1] * len(messages),
        [f"m{number}" for number in range(len(messages))],
        [message.identifiers for message in messages],
    )
    profiles = Resolver(rules).resolve(batch).profile_id.tolist()
    highest = max(profiles, default=0)
    return [found or highest + number for number, found in enumerate(profiles, start=1)]


def resolve_and_link(
    messages: Sequence[Message], region: str
) -> tuple[list[int], list[int], Linked]:
    """Rules first, then linking of the profiles they made.

    Returns:
        The profile of each message under the rules, the same after linking, and what linking did.
    """
    profiles = resolve(messages)
    fields = as_records([message.traits for message in messages], region)
    users = [dict(message.identifiers).get(UNIQUE) for message in messages]
    fields = fields.set_column(0, "record", pa.array(profiles)).append_column(
        UNIQUE, pa.array(users, pa.string())
    )
    each = one_record_each(fields, [*FIELDS, UNIQUE])
    numbers = each["record"].to_pylist()
    each = each.set_column(0, "record", pa.array(range(1, len(each) + 1)))
    linked = link(each, LinkingDefinition(unique=(UNIQUE,)))
    group = dict(zip(numbers, linked.groups, strict=True))
    return profiles, [group[profile] for profile in profiles], linked
