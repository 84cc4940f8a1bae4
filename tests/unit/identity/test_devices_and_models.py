"""What a linking model says of a device is no login on it (M22)."""

from __future__ import annotations

from patron.engines.duckdb import Database
from patron.identity import Batch, Resolver
from patron.spec.identifiers import DEFAULT_RULES, Identifier
from patron.warehouse.schema import migrate


def test_a_model_logs_nobody_in() -> None:
    with Database() as database:
        cursor = database.cursor()
        migrate(cursor)
        resolver = Resolver.load(cursor, DEFAULT_RULES)
        tablet, ann, bob = ("anonymous_id", "tablet"), ("user_id", "ann"), ("user_id", "bob")
        resolver.resolve(Batch.of([1, 2], [1, 1], ["m1", "m2"], [[ann, tablet], [tablet]]))
        said = Batch.of([3], [1], ["model:1"], [[bob, tablet]], linked=[True])
        answer = resolver.resolve(said)
        assert answer.devices is not None
        assert not len(answer.devices.uses.item)
        lone = resolver.resolve(Batch.of([4], [1], ["m4"], [[tablet]]))
        found = resolver.find(Identifier("user_id", "ann"))
        assert found is not None
        assert lone.profile_id.tolist() == [found[1]]
