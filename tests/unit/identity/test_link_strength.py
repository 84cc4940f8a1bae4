"""The order in which links are taken, however many there are, and what says of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from patron.identity import Batch
from patron.identity.links import in_memory
from patron.identity.partition.parting import MANY, Links, strength_order


def test_many_links_are_taken_in_the_order_of_few() -> None:
    random = np.random.default_rng(5)
    size, people = 2 * MANY, 300
    ranks, keys = random.integers(0, 4, people), random.permutation(people).astype(np.uint64)
    made = random.random(size) < 0.5
    moments = in_memory(random.integers(0, 20, size), made)
    links = Links(random.integers(0, people, size), random.integers(0, people, size), moments)

    def strength(place: int) -> tuple[object, ...]:
        ends = sorted((int(ranks[end]), int(keys[end])) for end in (links.a[place], links.b[place]))
        weaker, stronger = ends[1][0], ends[0][0]
        return (bool(made[place]), weaker, stronger, int(moments[place]), ends[0][1], ends[1][1])

    found = strength_order(ranks, keys, links).tolist()
    assert [strength(place) for place in found] == sorted(map(strength, range(size)))
    assert sorted(found) == list(range(size))
    for fewer in (size, MANY):
        some = Links(*(column[:fewer] for column in links))
        order = strength_order(ranks, keys, some, [3])
        last = (ranks[some.a] == 3) | (ranks[some.b] == 3)
        # At fingerprints models are no later than messages, but for the moments of their links.
        wanted = sorted(
            range(fewer),
            key=lambda n: (2, *strength(n)[1:]) if last[n] else (made[n], *strength(n)[1:]),
        )
        assert [strength(n) for n in order] == [strength(n) for n in wanted]


def test_what_says_of_links_that_they_are_there() -> None:
    for ids in (["m1", "people@2:ab", "m3"], pa.array(["m1", "people@2:ab", "m3"])):
        batch = Batch(
            occurred_at=np.array([1, 2, 3]),
            source_id=np.array([1, 2, 1]),
            message_id=ids,
            alias=np.array([False, False, True]),
            item=np.array([], dtype=np.int64),
            type=[],
            value=[],
            linked=np.array([False, True, False]),
        )
        said = batch.rules(np.array([2, 1, 0, 1])).to_pylist()
        assert said == ["alias", "linking:people@2", "same_message", "linking:people@2"]
