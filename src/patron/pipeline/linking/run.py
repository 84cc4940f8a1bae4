"""One run of a model: what changed since the last one is scored against all that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, product
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from patron import structs
from patron.engines.duckdb import Cursor
from patron.linking import (
    Decision,
    Decisions,
    LinkingModel,
    Reviews,
    Workbench,
    decide,
    score,
    score_new,
)
from patron.linking.comparisons import BEFORE, NOT_COUNTED
from patron.linking.training import Progress as Told
from patron.pipeline.linking.compared import Fields, find_places
from patron.pipeline.linking.messages import link_message
from patron.pipeline.linking.records import as_table, unique_columns
from patron.profiles import representatives
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.incoming import Message
from patron.warehouse import linking as tables
from patron.warehouse.reading import Reading

Ends = dict[int, tuple[int, Identifier]]
"""For profiles the identifier that stands for each, with its number."""


Proposal = tuple[int, int, float, float, str, str, str]
"""The columns of `tables.REVIEWS`: two identifiers, weight, probability, evidence as JSON, and
where the values stand that were compared of both."""


@dataclass(slots=True)
class Found:
    """What a run found, before anything of it is written.

    Attributes:
        scored: Records that were new or had changed.
        records: In all.
        stamp: Records up to here were scored.
        messages: Links to make.
        pairs: The numbers of the identifiers that each of them links.
        forbidden: Pairs alike enough to be linked that unique identifiers or reviewers keep apart.
        proposals: Pairs to ask about: profiles, and the columns of `tables.REVIEWS`.
        rescored: The profiles that were scored; what was asked about them before is out of date.
    """

    scored: int
    records: int
    stamp: int
    messages: list[Message]
    pairs: list[tuple[int, int]]
    forbidden: int
    proposals: dict[tuple[int, int], Proposal]
    rescored: set[int]


class Known(NamedTuple):
    """What is known of profiles, and how they are told.

    Attributes:
        rows: Profile, fields as JSON, and stamp of each record.
        stamp: The last one.
        said: Which profiles people said are different.
        ends: The identifier that stands for each of some profiles.
        places: Where the values of some of these records stand, as JSON.
    """

    rows: Sequence[tuple[int, str, int]]
    stamp: int
    said: Callable[[Cursor], Reviews]
    ends: Callable[[Cursor, Sequence[int]], Ends]
    places: Callable[[Cursor, Mapping[int, Fields]], dict[int, str]]


def known_now(cursor: Cursor, rules: IdentityRules, extra: Sequence[str]) -> Known:
    """The profiles of today; their records are up to date.

    Args:
        cursor: On a consistent view.
        rules: Of identity.
        extra: Traits that are compared beside the fields of the normal forms.
    """
    reached = tables.progress(cursor)
    return Known(
        tables.records(cursor),
        0 if reached is None else reached.stamp,
        said,
        lambda later, profiles: representatives(later, rules, profiles),
        lambda later, compared: find_places(later, rules, extra, compared),
    )


def find(
    reading: Callable[[], AbstractContextManager[Reading]],
    known: Known,
    rules: IdentityRules,
    stored: tables.StoredModel,
    *,
    since: int,
    now: datetime,
    progress: Told,
    workbench: Workbench,
) -> Found:
    """Score and decide; writes nothing.

    Args:
        reading: Gives a view. None is held while records are scored, which can take long.
        known: The records.
        rules: Of identity.
        stored: The model.
        since: Records with a later stamp are new or have changed; 0 scores all.
        now: When the links are made.
        progress: Told what is being done.
        workbench: Where to score.
    """
    model = LinkingModel.from_json(stored.body)
    unique = (*model.definition.unique, *unique_columns(rules))
    columns = list(dict.fromkeys([*(field.name for field in model.fields), *unique]))
    fresh = [(profile, fields) for profile, fields, stamp in known.rows if stamp > since]
    settled = [(profile, fields) for profile, fields, stamp in known.rows if stamp <= since]
    new, old = as_table(fresh, columns), as_table(settled, columns)
    if not fresh or len(known.rows) < 2:
        scores = None
    elif settled:
        scores = score_new(new, old, model, workbench=workbench, progress=progress)
    else:
        scores = score(new, model, workbench=workbench, progress=progress)
    found = Found(
        scored=len(fresh),
        records=len(known.rows),
        stamp=known.stamp,
        messages=[],
        pairs=[],
        forbidden=0,
        proposals={},
        rescored={profile for profile, _ in fresh},
    )
    if scores is not None and len(scores):
        whole = pa.concat_tables([new, old])
        strict = msgspec.structs.replace(model.definition, unique=unique)
        strictly = msgspec.structs.replace(model, definition=strict)
        with reading() as view:
            decisions = decide(scores, whole, strictly, known.said(view.cursor))
            _take(found, view.cursor, known, f"{stored.name}@{stored.version}", decisions, now)
    return found


def said(cursor: Cursor) -> Reviews:
    """Which profiles of today people said are different people, in reviews or elsewhere.

    Whom they called the same is one profile.
    """
    cursor.execute(
        "select d.decision_id, g.group_number, list(distinct i.profile_id) "
        "from identity_decisions as d join identity_decision_groups as g using (decision_id) "
        "join current_identifiers as i using (identifier_id) "
        "where d.kind = 'apart' and d.withdrawn_at is null group by all"
    )
    return apart(cursor.all())


def apart(groups: Iterable[tuple[int, int, list[int]]]) -> Reviews:
    """Pairs of profiles that decisions keep apart.

    Args:
        groups: Decision, number of the group, and the profiles that have identifiers of it.

    >>> sorted(apart([(1, 0, [4, 5]), (1, 1, [4]), (2, 0, [6])]).different)
    [(4, 5)]
    """
    by_decision: dict[int, list[list[int]]] = {}
    for decision_id, _, profiles in groups:
        by_decision.setdefault(decision_id, []).append(profiles)
    pairs = {
        (min(one, other), max(one, other))
        for parts in by_decision.values()
        for mine, theirs in combinations(parts, 2)
        for one, other in product(mine, theirs)
        if one != other
    }
    return Reviews(different=frozenset(pairs))


def told(decision: Decision) -> dict[str, Any]:
    """Weight and evidence of a decision, as they are kept."""
    return {
        "weight": round(decision.weight, 3),
        "probability": round(decision.probability, 6),
        "evidence": evidence_of(decision),
    }


def evidence_of(decision: Decision) -> list[dict[str, Any]]:
    """What each field said, the prior first, and what was not counted last; no values."""
    rows: list[dict[str, Any]] = [{"field": None, "level": BEFORE, "weight": decision.prior}]
    rows += [
        {"field": each.field, "level": each.level, "weight": each.weight}
        for each in decision.evidence
        if each.level is not None
    ]
    if decision.held_back > 0:
        rows.append({"field": None, "level": NOT_COUNTED, "weight": -decision.held_back})
    for row in rows:
        row["weight"] = round(row["weight"], 3)
    return rows


def _take(
    found: Found,
    cursor: Cursor,
    known: Known,
    name: str,
    decisions: Decisions,
    now: datetime,
) -> None:
    links = [each for each in decisions.explained("link") if not each.cause]
    asked = sorted(
        decisions.explained("review"), key=lambda each: (-each.weight, each.left, each.right)
    )
    found.forbidden = sum(1 for _ in decisions.explained("apart"))
    profiles = {end for each in (*links, *asked) for end in (each.left, each.right)}
    ends = known.ends(cursor, sorted(profiles))
    for each, (one, other) in _between(links, ends):
        found.messages.append(link_message(name, (one[1], other[1]), told(each), now))
        found.pairs.append((one[0], other[0]))
    group = {end: min(members) for members in decisions.groups for end in members}
    between: set[tuple[int, int]] = set()
    once: list[tuple[Decision, int, int]] = []
    # Whom links make one are asked about once: by the likeliest pair, which comes first.
    for each, (one, other) in _between(asked, ends):
        sides = sorted(group.get(end, end) for end in (each.left, each.right))
        if (sides[0], sides[1]) not in between:
            between.add((sides[0], sides[1]))
            once.append((each, one[0], other[0]))
    places = known.places(cursor, _records(known, once))
    for each, a, b in once:
        evidence = msgspec.json.encode(evidence_of(each)).decode()
        found.proposals[each.left, each.right] = (
            a, b, each.weight, each.probability, evidence, places[each.left], places[each.right],
        )  # fmt: skip


def _records(known: Known, asked: Iterable[tuple[Decision, int, int]]) -> dict[int, Fields]:
    """The records of those who are asked about."""
    chosen = {end for each, _, _ in asked for end in (each.left, each.right)}
    return {profile: structs.decode(fields, dict[str, str])
            for profile, fields, _ in known.rows if profile in chosen}  # fmt: skip


def _between(
    decisions: list[Decision], ends: Ends
) -> Iterator[tuple[Decision, tuple[tuple[int, Identifier], tuple[int, Identifier]]]]:
    """Decisions with the identifiers at their ends."""
    for each in decisions:
        if each.left in ends and each.right in ends:
            yield each, (ends[each.left], ends[each.right])
