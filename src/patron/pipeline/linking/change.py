"""Everybody under another version of a linking model: the model's links taken away and put in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.links import by_model, modelled, pack
from patron.identity.partition.parting import Links
from patron.identity.rules_change.people import Parted, People, part_everybody, read_people
from patron.identity.rules_change.reckoning import Reckoning
from patron.identity.rules_change.succession import with_followers
from patron.linking import Reviews
from patron.pipeline.identity.effects import shifted
from patron.pipeline.linking.compared import Fields, find_places
from patron.pipeline.linking.records import read_records
from patron.pipeline.linking.run import Ends, Known, apart
from patron.spec.identifiers import Identifier, IdentityRules
from patron.warehouse import linking as tables
from patron.warehouse.model_links import MODEL_LINKS, once, standing_links

Ints = npt.NDArray[np.int64]


class Base(NamedTuple):
    """Everybody without the links of one model.

    Attributes:
        rules: Of identity.
        people: As the tables have them.
        others: The links of the other models.
        without: The same people without the model's links.
        parted: Who is who then.
    """

    rules: IdentityRules
    people: People
    others: pa.Table
    without: People
    parted: Parted

    @property
    def reckoning(self) -> Reckoning:
        """What it would come to to take the model's links away."""
        return Reckoning(self.rules, self.people, self.without, self.parted)


class Change(NamedTuple):
    """Everybody under other links of a model.

    Attributes:
        reckoning: What that comes to.
        links: All links of models, as rows; the last ones among the links of `reckoning.after`.
        wanted: How many links the version says, kept or not, observed by now or not.
    """

    reckoning: Reckoning
    links: pa.Table
    wanted: int

    def fingerprint(self, model: str, version: int) -> str:
        """Names what it comes to, whatever the log position."""
        links = sorted(zip(self.links["a"].to_pylist(), self.links["b"].to_pylist(), strict=True))
        told = (model, version, self.reckoning.rules, self.reckoning.numbers(), links)
        return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]


def without(cursor: Cursor, rules: IdentityRules, model: str) -> Base:
    """Everybody as they would be without the links of a model.

    Args:
        cursor: In a transaction.
        rules: Those that hold.
        model: Its name.
    """
    people = read_people(cursor)
    others = standing_links(cursor, besides=model)
    left, _ = _with_links(people, others)
    return Base(rules, people, others, left, _part(left, rules))


def reckon(base: Base, wanted: pa.Table) -> Change:
    """What it comes to when a model says these links and no others.

    Args:
        base: Everybody without the model.
        wanted: Its links, as rows of `MODEL_LINKS`.
    """
    after, links = _with_links(base.people, pa.concat_tables([base.others, wanted]))
    reckoning = Reckoning(base.rules, base.people, after, _part(after, base.rules))
    return Change(reckoning, links, len(wanted))


def known_without(cursor: Cursor, base: Base, extra: Sequence[str]) -> Known:
    """The records of profiles as they would be without the model.

    Args:
        cursor: In the transaction that the base was read in; gets temporary views.
        base: Everybody without the model; the records of today's profiles are up to date.
        extra: Traits that are compared beside the fields of the normal forms.
    """
    rows = tables.records(cursor)
    reached = tables.progress(cursor)
    stamp = 0 if reached is None else reached.stamp
    differs = base.people.profile != base.parted.profile
    touched = np.unique(np.r_[base.people.profile[differs], base.parted.profile[differs]])
    if len(touched):
        gone = set(touched.tolist())
        rows = [row for row in rows if row[0] not in gone]
        relations = shifted(cursor, base.reckoning)
        anew = read_records(
            cursor, base.rules, extra, touched.tolist(),
            traits=relations.traits, identifiers=relations.identifiers,
        )  # fmt: skip
        rows = sorted([*rows, *((profile, fields, stamp) for profile, fields in anew)])
    return Known(
        rows,
        stamp,
        lambda _: _said(base),
        lambda later, profiles: _ends(later, base, profiles),
        lambda later, compared: _places(later, base, extra, compared),
    )


def rows_of(
    pairs: Iterable[tuple[int, int]], names: Iterable[str], rule: str, moment: int, source_id: int
) -> pa.Table:
    """Links that a version would make, as rows of `MODEL_LINKS`.

    Args:
        pairs: Numbers of identifiers.
        names: Ids of the messages.
        rule: Of the links.
        moment: When they are made, microseconds since 1970.
        source_id: Of the messages.
    """
    rows = [
        (min(pair), max(pair), moment, source_id, name, rule)
        for pair, name in zip(pairs, names, strict=True)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(MODEL_LINKS)
    return pa.table([list(column) for column in columns], schema=MODEL_LINKS)


def _with_links(people: People, said: pa.Table) -> tuple[People, pa.Table]:
    """People with what was observed and these links of models, and these links once each."""
    seen = ~modelled(people.links.observed_at)
    keys = pack(people.ids[people.links.a], people.ids[people.links.b])
    said = once(said)
    a, b = (said[end].to_numpy().astype(np.int64) for end in ("a", "b"))
    wanted = pack(a, b)
    there = np.isin(a, people.ids) & np.isin(b, people.ids)
    chosen = there & ~np.isin(wanted, keys[seen])
    links = said.filter(pa.array(chosen))
    a, b, wanted = a[chosen], b[chosen], wanted[chosen]
    made = by_model(links["moment"].to_numpy().astype(np.int64))
    ends = Links(
        np.r_[people.links.a[seen], np.searchsorted(people.ids, a)],
        np.r_[people.links.b[seen], np.searchsorted(people.ids, b)],
        np.r_[people.links.observed_at[seen], made],
    )
    kept = np.r_[people.kept[seen], np.isin(wanted, keys[people.kept])]
    return people._replace(links=ends, kept=kept), links


def _part(people: People, rules: IdentityRules) -> Parted:
    return with_followers(part_everybody(people, rules), dict(people.follows))[0]


def _said(base: Base) -> Reviews:
    """Which profiles decisions keep apart, under the profiles of the base."""
    ids, profile = base.without.ids, base.parted.profile

    def profiles(group: Iterable[int]) -> list[int]:
        there = np.intersect1d(ids, np.array(list(group), dtype=np.int64))
        found: list[int] = np.unique(profile[np.searchsorted(ids, there)]).tolist()
        return found

    return apart(
        (decision.decision_id, number, profiles(group))
        for decision in base.people.decisions
        if decision.kind == "apart"
        for number, group in enumerate(decision.groups)
    )


def _places(
    cursor: Cursor, base: Base, extra: Sequence[str], compared: Mapping[int, Fields]
) -> dict[int, str]:
    """Where the values of records of the base stand."""
    if not compared:
        return {}
    relations = shifted(cursor, base.reckoning)
    return find_places(
        cursor, base.rules, extra, compared,
        traits=relations.traits, identifiers=relations.identifiers,
    )  # fmt: skip


def _ends(cursor: Cursor, base: Base, profiles: Sequence[int]) -> Ends:
    """The identifier that stands for each profile of the base, as `representatives` chooses it."""
    people, profile = base.without, base.parted.profile
    ranks = people.ranks(base.rules)
    places = np.flatnonzero(
        np.isin(profile, np.array(profiles, dtype=np.int64)) & (ranks < len(base.rules.types))
    )
    order = np.lexsort(
        (people.ids[places], people.first_seen[places], ranks[places], profile[places])
    )
    places = places[order]
    owners, first = np.unique(profile[places], return_index=True)
    chosen = people.ids[places[first]].tolist()
    cursor.execute(
        "select identifier_id, type, value from identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [chosen],
    )
    names = {row[0]: Identifier(*row[1:]) for row in cursor.all()}
    return {
        owner: (one, names[one])
        for owner, one in zip(owners.tolist(), chosen, strict=True)
        if one in names
    }
