"""What is done by whole columns gives the same as one by one (S1.3)."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from patron.identity import Batch, Resolver
from patron.identity.columnwise import find_values, read_values
from patron.identity.links import pack
from patron.identity.normal import NormalForms, Refusal
from patron.identity.normal.characters import alike_ends
from patron.identity.partition.constraints import Constraints, Parts
from patron.identity.partition.parting import (
    FEW,
    MANY,
    Links,
    components,
    partition,
    strength_order,
)
from patron.identity.partition.rounds import take_in_rounds
from patron.identity.recognition import first_of_each
from patron.identity.refused import RefusedLinks
from patron.identity.sets import numbered
from patron.pipeline.ahead import one_ahead
from patron.spec.identifiers import DEFAULT_RULES, Identifier, IdentifierType, IdentityRules
from patron.warehouse.keys import FRONT, KeyIndex

LIMITED = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="email", limit=2, held_back_above=5),
        IdentifierType(name="anonymous_id"),
    )
)


def messages(seed: int, size: int) -> list[tuple[int, str, list[tuple[str, str]]]]:
    chance = random.Random(seed)
    made = []
    for number in range(size):
        person = chance.randrange(size // 2)
        pairs = [("user_id", f"u{person}")] if chance.random() < 0.8 else []
        if chance.random() < 0.5:
            pairs.append(("email", f"P{person + chance.choice((0, 0, 0, 1))}@x.org"))
        device = chance.choice((person, person, person * 7 % size, chance.randrange(5), person + 1))
        pairs.append(("anonymous_id", f"a{device}"))
        made.append((chance.randrange(10**6), f"m{number}", pairs))
    return made


def batch_of(some: list[tuple[int, str, list[tuple[str, str]]]], *, columns: bool) -> Batch:
    moments, names, pairs = zip(*some, strict=True)
    batch = Batch.of(moments, [1] * len(some), names, pairs)
    if not columns:
        return batch
    return Batch(
        batch.occurred_at, batch.source_id, pa.array(batch.message_id), batch.alias, batch.item,
        pa.array(batch.type), pa.array(batch.value),
    )  # fmt: skip


def people(resolver: Resolver, sent: list[tuple[int, str, list[tuple[str, str]]]]) -> set[object]:
    found: dict[int, set[tuple[str, str]]] = {}
    for kind, value in {pair for _, _, pairs in sent for pair in pairs}:
        place = resolver.find(Identifier(kind, value))
        assert place is not None
        found.setdefault(place[1], set()).add((kind, value.lower()))
    return {frozenset(person) for person in found.values()}


@pytest.mark.parametrize("rules", [DEFAULT_RULES, LIMITED])
@pytest.mark.parametrize("seed", [1])
def test_a_few_large_batches_end_where_many_small_ones_do(rules: IdentityRules, seed: int) -> None:
    sent = messages(seed, 6_000)
    bulk, stream = Resolver(rules), Resolver(rules)
    for start in range(0, len(sent), 3_000):
        bulk.resolve(batch_of(sent[start : start + 3_000], columns=True))
        bulk.commit()
    for start in range(0, len(sent), 100):
        stream.resolve(batch_of(sent[start : start + 100], columns=False))
        stream.commit()
    together = people(bulk, sent)
    assert together == people(stream, sent)
    assert len(bulk._memory.refused) == len(stream._memory.refused) > 500
    assert len(together) > 1_000


def test_a_batch_that_was_prepared_ends_the_same() -> None:
    """Prepared while the batch before it is resolved, or for another resolver's normal forms."""
    sent = messages(9, 6_000)
    batches = [batch_of(sent[start : start + 3_000], columns=True) for start in (0, 3_000)]
    plain, ahead = Resolver(DEFAULT_RULES), Resolver(DEFAULT_RULES)
    keeps_case = IdentityRules(
        types=tuple(IdentifierType(name=kind.name) for kind in DEFAULT_RULES.types)
    )
    other = Resolver(keeps_case)
    for batch, prepared in zip(batches, one_ahead(map(ahead.prepared, batches)), strict=True):
        assert prepared.read is not None
        expected, found = plain.resolve(batch), ahead.resolve(prepared)
        astray = other.resolve(prepared)
        for resolver in (plain, ahead, other):
            resolver.commit()
        assert found.profile_id.tolist() == expected.profile_id.tolist()
        for name in ("identifiers", "links", "links_kept", "merges", "moved", "survivors"):
            assert getattr(found, name) == getattr(expected, name)
        assert astray.identifiers is not None
        assert any(value[0] == "P" for value in astray.identifiers.column("value").to_pylist())
    assert ahead.prepared(batch_of(sent[:9], columns=False)).read is None


def test_a_large_batch_is_taken_back_whole() -> None:
    sent = messages(3, 6_000)
    resolver = Resolver(DEFAULT_RULES)
    resolver.resolve(batch_of(sent[:3_000], columns=True))
    resolver.commit()
    before, refused = people(resolver, sent[:3_000]), resolver._memory.refused.keys().tolist()
    resolver.resolve(batch_of(sent[3_000:], columns=True))
    assert resolver._memory.refused.keys().tolist() != refused
    resolver.rollback()
    assert people(resolver, sent[:3_000]) == before
    assert resolver._memory.refused.keys().tolist() == refused


def test_rounds_keep_the_links_that_one_after_the_other_would() -> None:
    chance = np.random.default_rng(4)
    size = 3_000
    bits = chance.choice([0, 0, 1, 2, 3], size)
    a = chance.integers(0, size - 3, 2 * size)
    b = a + chance.integers(1, 3, len(a))
    parts = Parts(np.zeros(size, np.int64), bits, Constraints(unique=(0, 1)))
    one_by_one = [parts.join(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert take_in_rounds(bits, components(size, a, b)[a], a, b).tolist() == one_by_one
    assert 0.1 < np.mean(one_by_one) < 0.9


def test_many_links_are_parted_as_few_are() -> None:
    """The same small region beside others, and large components beside small ones."""
    chance = np.random.default_rng(5)
    regions, size, links = 400, 12, 15
    ranks = chance.integers(0, 3, regions * size)
    keys = np.arange(regions * size, dtype=np.uint64)
    alone = []
    for region in range(regions):
        pairs = chance.choice(size * size, links, replace=False)
        a, b = np.divmod(pairs, size)
        a, b = np.minimum(a, b), np.maximum(a, b)
        _, first = np.unique(a * size + b, return_index=True)
        first = first[a[first] != b[first]]
        moments = chance.integers(0, 4, len(first))
        alone.append(Links(a[first] + region * size, b[first] + region * size, moments))
    together = Links(*(np.concatenate(columns) for columns in zip(*alone, strict=True)))
    assert len(together.a) > MANY
    part, kept = partition(ranks, keys, [0], together)
    start = 0
    for number, region in enumerate(alone):
        there = slice(number * size, (number + 1) * size)
        ends = Links(region.a - number * size, region.b - number * size, region.observed_at)
        own, own_kept = partition(ranks[there], keys[there], [0], ends)
        assert (part[there] - number * size).tolist() == own.tolist()
        assert kept[start : start + len(own_kept)].tolist() == own_kept.tolist()
        start += len(own_kept)
    assert not kept.all()


@pytest.mark.parametrize("top", [3, 10**9])
def test_the_order_of_many_links_is_that_of_few(top: int) -> None:
    chance = np.random.default_rng(6)
    ranks, keys = chance.integers(0, 5, 90), chance.permutation(90).astype(np.uint64)
    pairs = np.flatnonzero(np.triu(np.ones((90, 90)), 1))
    links = Links(*np.divmod(pairs, 90), observed_at=chance.integers(0, top, len(pairs)))
    assert len(pairs) > MANY
    order = strength_order(ranks, keys, links)
    for some in np.array_split(order, 4):
        few = Links(*(column[np.sort(some)] for column in links))
        assert np.sort(some)[strength_order(ranks, keys, few)].tolist() == some.tolist()


def test_components_of_many_nodes() -> None:
    size = 4 * FEW
    chance = np.random.default_rng(7)
    names = chance.permutation(size)
    # A path, a star around its largest node, and single ones.
    path = names[:FEW]
    star = np.sort(names[FEW : 2 * FEW])
    a = np.concatenate([path[:-1], star[:-1]])
    b = np.concatenate([path[1:], np.full(FEW - 1, star[-1])])
    labels = components(size, a, b)
    assert len(set(labels[path].tolist())) == len(set(labels[star].tolist())) == 1
    assert len(set(labels.tolist())) == int(labels.max()) + 1 == 2 + 2 * FEW


def test_refused_links_are_a_set() -> None:
    chance = random.Random(8)
    refused, model = RefusedLinks(), set()
    everything = pack(*(part.ravel() for part in np.meshgrid(np.arange(300), np.arange(300, 800))))
    assert len(everything) > 2 * FRONT
    for size in (100, FRONT + 50, 40, 3_000, FRONT + 1, 7):
        new = [key for key in chance.sample(everything.tolist(), 2 * size) if key not in model]
        new = new[:size]
        refused.add(np.array(new, dtype=np.uint64))
        model.update(new)
        gone = chance.sample(sorted(model), min(len(model), chance.choice((5, 500, FRONT + 20))))
        refused.remove(np.array(gone, dtype=np.uint64))
        model.difference_update(gone)
        again = gone[:3]
        refused.add(np.array(again, dtype=np.uint64))
        model.update(again)
        asked = chance.sample(everything.tolist(), 2_000)
        assert refused.holds(np.array(asked, dtype=np.uint64)).tolist() == [
            key in model for key in asked
        ]
        ends = {7, 299, 301, 640}
        beyond = [k & 0xFFFF_FFFF for k in model if k >> 32 in ends]
        beyond += [k >> 32 for k in model if k & 0xFFFF_FFFF in ends]
        assert sorted(refused.beyond(np.array(sorted(ends))).tolist()) == sorted(beyond)
        assert len(refused) == len(model)
    assert refused.keys().tolist() == sorted(model)


def test_equal_keys_are_one_identifier() -> None:
    keys = np.array([[5, 1], [2, 9], [5, 2], [2, 9], [5, 1]], dtype=np.uint64)
    first, which = first_of_each(keys)
    assert (first.tolist(), which.tolist()) == ([0, 1, 2], [0, 1, 2, 1, 0])


def test_a_table_numbers_as_sorting_does() -> None:
    numbers = np.array([9, 0, 4, 9])
    for top in (9, 10**6):
        found, which = numbered(numbers, top)
        assert (found.tolist(), which.tolist()) == ([0, 4, 9], [2, 0, 1, 2])


VALUES = ["u1", "0000000", "aAa-a", "a a", " x", "é", "kK", "7", "-", "undefined", "x" * 600, "u1"]


def test_columns_have_the_normal_forms_of_values() -> None:
    forms = NormalForms(DEFAULT_RULES)
    for some in (VALUES, VALUES[:1] * 3, VALUES[6:8]):
        kinds = pa.array(["user_id"] * len(some))
        [column] = read_values(forms, kinds, pa.array(some)).columns
        [known] = find_values(KeyIndex(), [column])
        for raw, code in zip(some, column.codes.tolist(), strict=True):
            value = forms.normal("user_id", raw)
            found = column.normals[code].as_py()
            assert found == (None if isinstance(value, Refusal) else value)
            assert (known[code] == 0) == isinstance(value, Refusal)
            assert (raw in column.refusals) == isinstance(value, Refusal)


def test_ends_are_alike_in_part_of_a_column() -> None:
    column = pa.array(["zzz", "Abba", "user-1", "", "(7)", "yy"]).slice(1, 4)
    assert alike_ends(column).tolist() == [True, False, True, True]
