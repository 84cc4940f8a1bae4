"""What other rules make of all messages: each is read from the log again; nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.collect.messages import TYPES
from patron.collect.rereading import StoredReader
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.identity import Batch, Brands, Regions
from patron.identity.links import by_model, pack
from patron.identity.partition.parting import Links
from patron.identity.rules_change.people import Parted, People, part_everybody, read_people
from patron.identity.rules_change.reckoning import Filed, Fresh, Reckoning
from patron.identity.rules_change.shadow import Shadow
from patron.identity.rules_change.succession import adopt, founders, whereabouts, with_followers
from patron.pipeline.identity.devices import filed_anew
from patron.pipeline.identity.work import Progress
from patron.spec.identifiers import IdentityRules
from patron.warehouse.keys import KeyIndex
from patron.warehouse.model_links import once, standing_links

Ints = npt.NDArray[np.int64]
NONE: Ints = np.empty(0, dtype=np.int64)

AT_ONCE = 100_000
"""So many messages are read at a time."""


class Rereading:
    """Reads the log under other rules, and goes on where it stopped.

    Args:
        rules: The rules.
        held: Those that hold.
    """

    def __init__(self, rules: IdentityRules, held: IdentityRules) -> None:
        self.rules = rules
        self._held = held
        self.shadow = Shadow(rules)
        self._reader = StoredReader(rules)
        self._regions = Regions(rules)
        self._brands = Brands(rules)
        self._position = 0
        self._positions: list[Ints] = []
        self.lost: list[int] = []

    def read(self, cursor: Cursor, tell: Progress) -> None:
        """Read what came in since, or everything.

        Args:
            cursor: In a transaction.
            tell: Told how many messages are read.
        """
        newest = int(cursor.execute("select coalesce(max(position), 0) from messages").value())
        ranges = cursor.execute("select first_position, last_position from mapped_messages").all()
        mapped = np.array(sorted(ranges), dtype=np.int64).reshape(-1, 2)
        while self._position < newest:
            tell("Reading messages", self._position, newest)
            upto = min(self._position + AT_ONCE, newest)
            table = cursor.arrow(
                "select m.position, m.source_id, m.message_id, m.type, m.body, "
                f"epoch_us(m.occurred_at) as moment, {self._brand()} as brand from messages as m "
                "join sources as s using (source_id) where m.position > ? and m.position <= ? "
                "order by m.position",
                [self._position, upto],
            )
            self._add(table, mapped)
            self._position = upto

    @property
    def positions(self) -> Ints:
        """The log position of each message that was read."""
        return np.concatenate([NONE, *self._positions])

    def _brand(self) -> str:
        """SQL for the brand that a message counted for when it came in.

        The log says so of newer messages; of older ones events do, and of others their source.
        """
        if not (self.rules.brand_regions or any(k.scope == "brand" for k in self.rules.types)):
            return "s.brand"
        own = "select any_value(brand) from events as e where e.position = m.position"
        return f"coalesce(m.brand, ({own}), s.brand)"

    def _add(self, table: pa.Table, mapped: npt.NDArray[np.int64]) -> None:
        positions = table.column("position").to_numpy().astype(np.int64)
        of_rows = np.zeros(len(positions), dtype=np.bool_)
        if len(mapped):
            place = np.searchsorted(mapped[:, 0], positions, side="right") - 1
            of_rows = (place >= 0) & (positions <= mapped[np.maximum(place, 0), 1])
        kinds, bodies, brands = (table.column(c).to_pylist() for c in ("type", "body", "brand"))
        read, put, call = self._reader.identifiers, self._regions.place, self._brands.place
        pairs = [
            put(call(read(body, kind, mapped=row), brand), body, brand) if kind in TYPES else []
            for body, kind, brand, row in zip(bodies, kinds, brands, of_rows.tolist(), strict=True)
        ]
        counts = np.array([len(some) for some in pairs], dtype=np.int64)
        batch = Batch(
            occurred_at=table.column("moment").to_numpy().astype(np.int64),
            source_id=table.column("source_id").to_numpy().astype(np.int64),
            message_id=table.column("message_id").combine_chunks(),
            alias=np.array([kind == "alias" for kind in kinds], dtype=np.bool_),
            item=np.repeat(np.arange(len(pairs)), counts),
            type=pa.array([kind for some in pairs for kind, _ in some], pa.string()),
            value=pa.array([value for some in pairs for _, value in some], pa.string()),
        )
        filed = self.shadow.add(batch)
        of_protocol = np.array([kind in TYPES for kind in kinds], dtype=np.bool_)
        self.lost += positions[(filed == 0) & of_protocol].tolist()
        self._positions.append(positions)

    def reckon(self, cursor: Cursor, tell: Progress) -> Reckoning:
        """What it comes to; everything must have been read.

        Args:
            cursor: In a transaction.
            tell: Told how far it is.

        Raises:
            DefinitionError: Messages would have no identifier left.
        """
        if self.lost:
            raise DefinitionError(
                f"Under these rules {len(self.lost):,} of the stored messages would carry no "
                f"identifier at all, the one at log position {self.lost[0]:,} for example. What "
                "was stored must stay somebody's.",
                field="types",
                hint="Keep a type that identifies them, or block fewer values.",
            )
        tell("Reading identifiers and links", 0, None)
        before = read_people(cursor)
        after, fresh, heirs, by_shadow = self._people(cursor, before)
        tell("Parting people", 0, None)
        parted = part_everybody(after, self.rules)
        orphaned = _orphaned(before, parted)
        found = self._found(cursor, before, after, orphaned, heirs, by_shadow, tell)
        parted, follows = _follow(before, after, parted, orphaned, found)
        positions = self.positions
        anew = filed_anew(cursor, self.shadow, positions, by_shadow, after, parted)
        known = anew.identifier > 0
        positions, identifiers = positions[known], anew.identifier[known]
        owners = parted.profile[np.searchsorted(after.ids, identifiers)]
        shared, moved = _shared(cursor, positions, identifiers, owners)
        return Reckoning(
            self.rules,
            before,
            after,
            parted,
            Filed(positions, identifiers, shared, moved, anew.uses),
            replace(fresh, follows=follows),
        )

    def _found(
        self,
        cursor: Cursor,
        before: People,
        after: People,
        orphaned: dict[int, int],
        heirs: dict[int, int],
        by_shadow: Ints,
        tell: Progress,
    ) -> dict[int, int]:
        """For founders that are gone an identifier that is there, and stands for them.

        The one that their value is from then on, else the nearest by links, else the one that the
        first of their messages is filed under, or of those with whom they came.
        """
        stays = before.ids[np.isin(before.ids, after.ids)].tolist()
        there = dict(zip(stays, stays, strict=True)) | heirs
        found = whereabouts(before, orphaned.values(), there)
        alone = [one for one in orphaned.values() if one not in found]
        if alone:
            held = Rereading(self._held, self._held)
            held.read(cursor, tell)
            was = ids_of(cursor, held.shadow)[held.shadow.filed]
            ids, first = np.unique(was, return_index=True)
            filed = by_shadow[self.shadow.filed[first]]
            under = {one: new for one, new in zip(ids.tolist(), filed.tolist(), strict=True) if new}
            # Nothing may ever have been filed under it; then it came with something that was.
            found |= whereabouts(before, alone, under | there)
        return found

    def _people(self, cursor: Cursor, before: People) -> tuple[People, Fresh, dict[int, int], Ints]:
        """Everybody there would be, under the numbers that the tables have or would have.

        Returns:
            Them; what is new; heirs of those that are gone; and the number by that in the shadow.
        """
        names = self.shadow.names
        retired, current = _known(cursor, "retired_identifiers"), _known(cursor, "identifiers")
        number, back = _find(current, names.keys), _find(retired, names.keys)
        returns = (number < 0) & (back > 0)
        number = np.where(returns, back, number)
        new = number < 0
        highest = max(int(ids.max(initial=0)) for _, ids, _ in (current, retired))
        number[new] = np.arange(highest + 1, highest + 1 + int(new.sum()))
        by_shadow = np.concatenate([[0], number]).astype(np.int64)
        order = np.argsort(number)
        ids = number[order]
        births, profile = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
        for _, known, birth in (retired, current):
            _take(births, ids, known, birth)
        _take(profile, ids, before.ids, before.profile)
        heirs = self._heirs(cursor, before, ids, by_shadow)
        adopt(ids, births, founders(before), heirs)
        kinds = names.type.dictionary_encode()
        links = self._links(cursor, ids, by_shadow, heirs)
        after = People(
            ids=ids,
            kind=kinds.indices.to_numpy().astype(np.int64)[order],
            kinds=kinds.dictionary.to_pylist(),
            keys=names.keys[order, 0],
            first_seen=self.shadow.first_seen[order],
            profile=profile,
            birth=births,
            links=_ends(ids, links),
            kept=np.zeros(len(links), dtype=np.bool_),
            profiles=before.profiles,
            decisions=before.decisions,
        )
        rows = pa.table(
            {
                "identifier_id": number,
                "type": names.type,
                "value": names.value,
                "original": names.original,
                "key_hi": names.keys[:, 0],
                "key_lo": names.keys[:, 1],
            }
        ).filter(pa.array(new))
        return after, Fresh(rows, number[returns], links, {}), heirs, by_shadow

    def _heirs(self, cursor: Cursor, before: People, ids: Ints, by_shadow: Ints) -> dict[int, int]:
        """For identifiers that are gone, the one that their value is under these rules."""
        gone = before.ids[~np.isin(before.ids, ids)]
        heirs: dict[int, int] = {}
        cursor.execute(
            "select type, list(identifier_id), list(original) from identifiers "
            "where identifier_id in (select unnest(?::bigint[])) group by type",
            [gone.tolist()],
        )
        for kind, those, originals in cursor.all():
            for one, found in zip(those, self.shadow.find(kind, originals), strict=True):
                if found:
                    heirs[one] = int(by_shadow[found])
        return heirs

    def _links(self, cursor: Cursor, ids: Ints, number: Ints, heirs: dict[int, int]) -> pa.Table:
        """Links under numbers as the tables have them, with those that models made.

        What a model said of an identifier that is gone, it says of the one that its value is.
        """
        found = self.shadow.links(cursor)
        one, other = (number[found.column(end).to_numpy()] for end in ("a", "b"))
        found = found.set_column(0, "a", pa.array(np.minimum(one, other)))
        found = found.set_column(1, "b", pa.array(np.maximum(one, other)))
        said = standing_links(cursor)
        a, b = (
            np.array([heirs.get(one, one) for one in said[end].to_pylist()], dtype=np.int64)
            for end in ("a", "b")
        )
        said = said.set_column(0, "a", pa.array(np.minimum(a, b)))
        said = said.set_column(1, "b", pa.array(np.maximum(a, b)))
        shown = pack(found.column("a").to_numpy(), found.column("b").to_numpy())
        pairs = pack(a, b)
        stays = np.isin(a, ids) & np.isin(b, ids) & (a != b) & ~np.isin(pairs, shown)
        said = once(said.filter(pa.array(stays)))
        moments = by_model(said["moment"].to_numpy().astype(np.int64))
        said = said.set_column(2, "moment", pa.array(moments, pa.int64()))
        return pa.concat_tables([found, said.cast(found.schema)])


def ids_of(cursor: Cursor, shadow: Shadow) -> Ints:
    """The id of each identifier of a shadow by its number there; below 1 where it has none."""
    return np.concatenate([[0], _find(_known(cursor, "identifiers"), shadow.names.keys)])


def _orphaned(before: People, parted: Parted) -> dict[int, int]:
    """The profiles whose founders are gone and that nobody founds now, with those founders."""
    founder_of = founders(before)
    had = np.array(sorted(founder_of), dtype=np.int64)
    return {one: founder_of[one] for one in had[~np.isin(had, parted.founded)].tolist()}


def _follow(
    before: People, after: People, parted: Parted, orphaned: dict[int, int], found: dict[int, int]
) -> tuple[Parted, dict[int, int]]:
    """Have profiles whose founders are gone go with whoever stands for these."""
    follows = dict(before.follows)
    for profile, founder in orphaned.items():
        if founder in found:
            place = int(np.searchsorted(after.ids, found[founder]))
            follows[profile] = int(parted.profile[place])
    founded = set(parted.founded.tolist()) if follows else set()
    return with_followers(
        parted, {one: leader for one, leader in follows.items() if one not in founded}
    )


def _take(into: Ints, ids: Ints, known: Ints, values: Ints) -> None:
    """Fill in values by id where the id is known; both lists of ids ascend."""
    if len(known):
        place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        hit = known[place] == ids
        into[hit] = values[place[hit]]


def _known(cursor: Cursor, table: str) -> tuple[npt.NDArray[np.uint64], Ints, Ints]:
    """Keys, numbers and births of identifiers."""
    found = cursor.arrow(
        f"select key_hi, key_lo, identifier_id, birth_profile_id from {table} order by 3"
    )
    keys = [found.column(name).to_numpy() for name in ("key_hi", "key_lo")]
    ids, births = (
        found.column(name).to_numpy().astype(np.int64)
        for name in ("identifier_id", "birth_profile_id")
    )
    return np.column_stack(keys).astype(np.uint64), ids, births


def _find(known: tuple[npt.NDArray[np.uint64], Ints, Ints], keys: npt.NDArray[np.uint64]) -> Ints:
    """The numbers of some keys, -1 where there is none."""
    index = KeyIndex()
    if len(known[1]):
        index.add(known[0], known[1])
    return index.find(keys)


def _ends(ids: Ints, links: pa.Table) -> Links:
    return Links(
        np.searchsorted(ids, links.column("a").to_numpy()),
        np.searchsorted(ids, links.column("b").to_numpy()),
        links.column("moment").to_numpy().astype(np.int64),
    )


def _shared(
    cursor: Cursor, positions: Ints, identifiers: Ints, profiles: Ints
) -> tuple[tuple[Ints, Ints], int]:
    """The profiles of before and afterwards that share a message; how many are filed anew."""
    cursor.register(
        "plan_filed",
        pa.table({"position": positions, "identifier_id": identifiers, "profile_id": profiles}),
    )
    cursor.execute(
        "create or replace temp table plan_before as select distinct position, identifier_id, "
        "profile_id from (select position, identifier_id, profile_id from current_events "
        "union all select position, identifier_id, profile_id from current_traits)"
    )
    found = cursor.arrow(
        "select b.profile_id as before, f.profile_id as after, "
        "count(*) filter (b.identifier_id <> f.identifier_id) as anew "
        "from plan_before as b join plan_filed as f using (position) group by 1, 2"
    )
    cursor.unregister("plan_filed")
    cursor.execute("drop table plan_before")
    before, after, anew = (
        found.column(name).to_numpy().astype(np.int64) for name in found.column_names
    )
    return (before, after), int(anew.sum())
