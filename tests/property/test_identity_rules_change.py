"""Other rules on stored customers are what those rules would have made of them from the start.

Whatever came in, before and after: applying rules ends where a workspace ends that had them always
(up to the numbers of profiles), the plan says what is then done, and reverting ends where a
workspace ends in which the rules were never changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor, Database
from patron.errors import DefinitionError
from patron.identity import Batch, NormalForms, Resolver, write
from patron.identity.rules_change.reckoning import Reckoning
from patron.pipeline.identity import apply
from patron.pipeline.identity.plan import Wanted, reckon
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

TYPES = (
    IdentifierType(name="user_id", unique=True),
    IdentifierType(name="card"),
    IdentifierType(name="email", normal_form="lower"),
    IdentifierType(name="anonymous_id"),
)
NOW = datetime(1970, 1, 2, tzinfo=UTC).replace(tzinfo=None)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """One message of a test."""

    name: str
    moment: int
    identifiers: tuple[Pair, ...]

    @property
    def body(self) -> str:
        given = [{"id": value, "type": kind} for kind, value in self.identifiers]
        return json.dumps({"type": "identify", "context": {"externalIds": given}})

    def identifies(self, rules: IdentityRules) -> bool:
        forms = NormalForms(rules)
        return any(isinstance(forms.normal(*pair), str) for pair in self.identifiers)


identifier = st.tuples(
    st.sampled_from([kind.name for kind in TYPES]), st.sampled_from(["a", "b", "c", "D"])
)
bodies = st.lists(
    st.tuples(st.integers(0, 5), st.lists(identifier, min_size=1, max_size=3).map(tuple)),
    max_size=10,
)
uniques = st.lists(st.booleans(), min_size=len(TYPES), max_size=len(TYPES))


@st.composite
def limited(draw: st.DrawFn) -> IdentityRules:
    """Rules with limits, values that are held back, and households."""
    kinds = []
    for kind in rules_of(draw(uniques)).types:
        limit = None if kind.unique else draw(st.sampled_from([None, None, 1, 2]))
        kinds.append(
            msgspec.structs.replace(
                kind,
                limit=limit,
                held_back_above=draw(st.sampled_from([None, None, 1, 2])),
            )
        )
    return IdentityRules(types=tuple(kinds))


def rules_of(unique: list[bool]) -> IdentityRules:
    return IdentityRules(
        types=tuple(
            msgspec.structs.replace(kind, unique=one)
            for kind, one in zip(TYPES, unique, strict=True)
        )
    )


marks = uniques.map(rules_of)


@st.composite
def any_rules(draw: st.DrawFn) -> IdentityRules:
    """Rules that read other identifiers, too: in another order, spelled otherwise, fewer."""
    kinds = draw(st.permutations(rules_of(draw(uniques)).types))
    if draw(st.booleans()):
        kinds = kinds[1:]
    forms = st.sampled_from(["text", "lower"])
    blocked = st.sampled_from([(), ("a",), ("b", "d")])
    return IdentityRules(
        types=tuple(
            msgspec.structs.replace(kind, normal_form=draw(forms), blocked=draw(blocked))
            for kind in kinds
        )
    )


class Store:
    """Tables, and a resolver that fills them."""

    def __init__(self, cursor: Cursor, rules: IdentityRules) -> None:
        self.cursor = cursor
        self.rules = rules
        self._sent = 0
        self._resolver = Resolver.load(cursor, rules)

    def send(self, messages: list[Sent]) -> None:
        if not messages:
            return
        with self.cursor.transaction():
            batch = Batch.of(
                [sent.moment for sent in messages],
                [1] * len(messages),
                [sent.name for sent in messages],
                [sent.identifiers for sent in messages],
            )
            answer = self._resolver.resolve(batch)
            assert answer.identifier_id.all()
            write(self.cursor, answer, NOW, first=self._sent + 1)
            positions = range(self._sent + 1, self._sent + 1 + len(messages))
            log = pa.table(
                {
                    "position": positions,
                    "message_id": [sent.name for sent in messages],
                    "occurred_at": pa.array([sent.moment for sent in messages], pa.timestamp("us")),
                    "body": [sent.body for sent in messages],
                }
            )
            self.cursor.over(
                log,
                "insert into messages by name select position, 1 as source_id, message_id, "
                "0 as key_hi, 0 as key_lo, 'identify' as type, occurred_at, "
                "occurred_at as received_at, body from {rows}",
            )
            rows = pa.table(
                {
                    "position": positions,
                    "profile_id": answer.profile_id,
                    "identifier_id": answer.identifier_id,
                    "moment": pa.array([sent.moment for sent in messages], pa.timestamp("us")),
                }
            )
            self.cursor.over(
                rows,
                "insert into traits select position, profile_id, identifier_id, 't', null, moment, "
                "1, position::varchar from {rows}",
            )
        self._sent += len(messages)
        self._resolver.commit()

    def change(self, rules: IdentityRules) -> Reckoning:
        wanted = Wanted("rules", msgspec.json.decode(msgspec.json.encode(rules)), rules)
        with self.cursor.transaction():
            reckoning = reckon(self.cursor, self.rules, wanted, lambda *_: None)
            apply.apply(self.cursor, wanted, reckoning, NOW + timedelta(days=1), origin="api")
        self.rules = rules
        self._resolver = Resolver.load(self.cursor, rules)
        return reckoning

    def people(self) -> set[frozenset[Pair]]:
        self.cursor.execute(
            "select list((type, value)) from current_identifiers group by profile_id"
        )
        return {frozenset(pairs) for (pairs,) in self.cursor.all()}

    def ids(self) -> dict[Pair, int]:
        self.cursor.execute("select type, value, profile_id from current_identifiers")
        return {(kind, value): one for kind, value, one in self.cursor.all()}

    def profiles(self) -> set[int]:
        """The ids that were given and lead to somebody who stands."""
        self.cursor.execute(
            "select p.profile_id from profiles as p join profiles as s "
            "on s.profile_id = coalesce(p.merged_into, p.profile_id) where s.merged_into is null"
        )
        return {one for (one,) in self.cursor.all()}

    def links(self) -> set[tuple[object, ...]]:
        self.cursor.execute(
            "select least(x, y), greatest(x, y), first_observed_at, message_id, kept from ("
            "select p.type || ':' || p.value as x, q.type || ':' || q.value as y, l.* "
            "from links as l join identifiers as p on p.identifier_id = a "
            "join identifiers as q on q.identifier_id = b)"
        )
        return set(self.cursor.all())

    def filed(self) -> set[tuple[int, str, str]]:
        """Every row, with the identifier that it came in under."""
        self.cursor.execute(
            "select position, type, i.value from traits join identifiers as i using (identifier_id)"
        )
        return set(self.cursor.all())

    def rows(self) -> set[tuple[int, frozenset[Pair]]]:
        """Every row, with the identifiers of the person that it belongs to."""
        self.cursor.execute(
            "select t.position, list((i.type, i.value)) from current_traits as t "
            "join current_identifiers as i using (profile_id) group by t.position"
        )
        return {(position, frozenset(pairs)) for position, pairs in self.cursor.all()}

    def turns(self) -> set[tuple[str, datetime | None, str, str]]:
        """Who had which shared device since when."""
        self.cursor.execute(
            "select d.value, since, i.type, i.value from device_turns as t "
            "join identifiers as d on d.identifier_id = device_id "
            "join identifiers as i on i.identifier_id = t.identifier_id"
        )
        return set(self.cursor.all())

    def seen(self) -> dict[frozenset[Pair], datetime]:
        self.cursor.execute(
            "select list((i.type, i.value)), any_value(p.first_seen_at) from profiles as p "
            "join current_identifiers as i using (profile_id) "
            "where merged_into is null group by p.profile_id"
        )
        return {frozenset(pairs): at for pairs, at in self.cursor.all()}


TABLES = (
    "identifiers", "links", "profiles", "merges", "profile_map", "traits", "definitions",
    "messages", "retired_identifiers", "device_uses", "device_turns",
)  # fmt: skip
_made: list[Database] = []


@contextmanager
def store(rules: IdentityRules) -> Iterator[Store]:
    """Empty tables; those of earlier examples are used again, for making them takes a second."""
    database = _made.pop() if _made else Database(threads=1)
    with database.cursor() as cursor:
        migrate(cursor)
        for table in TABLES:
            cursor.execute(f"delete from {table}")
        cursor.execute(
            "insert into sources select 1, 'web', 'main', 'web', 'web', 1, true "
            "where not exists (from sources)"
        )
        yield Store(cursor, rules)
    _made.append(database)


def sent(drawn: list[tuple[int, tuple[Pair, ...]]], start: int = 0) -> list[Sent]:
    return [Sent(f"m{start + n}", moment, pairs) for n, (moment, pairs) in enumerate(drawn)]


def parts(*drawn: list[tuple[int, tuple[Pair, ...]]]) -> list[list[Sent]]:
    """Messages that came one part after the other."""
    found: list[list[Sent]] = []
    for some in drawn:
        found.append(sent(some, sum(map(len, found))))
    return found


def identifying(messages: list[Sent], rules: tuple[IdentityRules, ...]) -> list[Sent]:
    """Those that identify somebody under all of these rules; others are quarantined or refused."""
    return [one for one in messages if all(one.identifies(those) for those in rules)]


def assert_same(one: Store, other: Store) -> None:
    assert one.people() == other.people()
    assert one.links() == other.links()
    assert one.rows() == other.rows()
    assert one.filed() == other.filed()
    assert one.turns() == other.turns()
    assert one.seen() == other.seen()
    one.cursor.execute(
        "select count(*) from profiles where merged_into is null and profile_id not in "
        "(select profile_id from current_identifiers)"
    )
    assert one.cursor.value() == 0


quickly = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Drawn = list[tuple[int, tuple[Pair, ...]]]
both = st.one_of(
    st.tuples(marks, marks),
    st.tuples(limited(), limited()),
    st.tuples(limited(), any_rules()),
    st.tuples(any_rules(), any_rules()),
)


@quickly
@given(bodies, bodies, both)
def test_rules_applied_later_are_rules_from_the_start(
    first: Drawn, then: Drawn, pair: tuple[IdentityRules, IdentityRules]
) -> None:
    before, after = pair
    early, late = (identifying(some, pair) for some in parts(first, then))
    with store(before) as changed, store(after) as always:
        changed.send(early)
        old = changed.people()
        numbers = changed.change(after).numbers()
        always.send(early)
        assert_same(changed, always)
        assert numbers["profiles_before"] == len(old)
        assert numbers["profiles_after"] == len(changed.people())
        changed.send(late)
        always.send(late)
        assert_same(changed, always)


# Under the rules of after a card founds a profile under which nothing was ever filed.
@example(
    [(0, (("card", "D"), ("user_id", "D"), ("card", "b")))],
    [],
    [],
    (
        IdentityRules(
            types=(IdentifierType(name="user_id"), IdentifierType(name="card", blocked=("b", "d")))
        ),
        IdentityRules(
            types=(IdentifierType(name="card", unique=True), IdentifierType(name="email"))
        ),
    ),
)
@quickly
@given(bodies, bodies, bodies, both)
def test_reverting_is_as_if_the_rules_had_never_been_changed(
    first: Drawn, between: Drawn, last: Drawn, pair: tuple[IdentityRules, IdentityRules]
) -> None:
    before, after = pair
    early, middle, late = (identifying(some, pair) for some in parts(first, between, last))
    with store(before) as changed, store(before) as never:
        changed.send(early)
        never.send(early)
        ids = changed.ids()
        changed.change(after)
        changed.send(middle)
        everybody = changed.profiles()
        changed.change(before)
        never.send(middle)
        assert_same(changed, never)
        assert changed.profiles() >= everybody, "ids that were given lead to somebody"
        if not middle:
            assert changed.ids() == ids, "who was parted again has the number of before"
        changed.send(late)
        never.send(late)
        assert_same(changed, never)


@quickly
@given(bodies, both)
def test_what_would_identify_nobody_is_not_let_go(
    drawn: Drawn, pair: tuple[IdentityRules, IdentityRules]
) -> None:
    before, after = pair
    messages = [one for one in sent(drawn) if one.identifies(before)]
    with store(before) as changed:
        changed.send(messages)
        links = changed.links()
        if all(one.identifies(after) for one in messages):
            changed.change(after)
        else:
            with pytest.raises(DefinitionError):
                changed.change(after)
            assert changed.links() == links


@quickly
@given(bodies, marks, marks)
def test_every_profile_that_changes_is_counted_once(
    drawn: Drawn, before: IdentityRules, after: IdentityRules
) -> None:
    with store(before) as changed:
        changed.send(sent(drawn))
        old, ids = changed.people(), changed.ids()
        numbers = changed.change(after).numbers()
        new, now = changed.people(), changed.ids()
        assert numbers["merging"] + numbers["splitting"] + numbers["moving"] == len(old - new)
        into = [numbers[f"{name}_into"] for name in ("merging", "splitting", "moving")]
        assert sum(into) == len(new - old)
        assert numbers["identifiers_moved"] == sum(ids[pair] != now[pair] for pair in ids)
        kinds = changed.cursor.execute("select distinct kind from merges where link_a is null")
        assert kinds.all() == []
