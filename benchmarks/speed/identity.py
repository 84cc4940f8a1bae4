"""Identity in bulk: messages as columns through the deterministic rules, without tables."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.speed.report import report
from patron.identity import Batch, Resolver
from patron.pipeline.ahead import one_ahead
from patron.spec.identifiers import DEFAULT_RULES

AT_ONCE = 1_000_000
"""So many messages come in one batch, as in an import."""

SHARED = 0.1
"""This share of devices belongs to two people."""

KIOSKS = 1_000
"""One device in so many has seen fifty people."""


def run_identity(identifiers: int, scale: str) -> None:
    """Resolve so many identifiers: a user id, an e-mail address and a device each person.

    Reports how long it takes; making the messages does not count. As in an import, the next batch
    is prepared while one is resolved.
    """
    batches = list(_batches(identifiers // 3))
    resolver = Resolver(DEFAULT_RULES)
    began, worked = time.perf_counter(), time.process_time()
    for batch in one_ahead(map(resolver.prepared, batches)):
        resolver.resolve(batch)
        resolver.commit()
    spent, worked = time.perf_counter() - began, time.process_time() - worked
    report(
        "identity.bulk", spent, "s", budget=30 * identifiers / 10_000_000,
        identifiers=identifiers, scale=scale, processor_seconds=round(worked, 1),
    )  # fmt: skip


def _batches(people: int) -> Iterator[Batch]:
    """Messages of two identifiers each, in a random order that is always the same."""
    random = np.random.default_rng(7)
    everyone = np.arange(people)
    second = random.choice(people, int(people * SHARED), replace=False)
    guests = random.integers(0, people, people // KIOSKS * 50)
    kiosks = np.repeat(random.choice(people, people // KIOSKS, replace=False), 50)
    nobody = np.full(people, -1)
    user = np.concatenate([everyone, everyone, random.permutation(people)[: len(second)], guests])
    device = np.concatenate([nobody, everyone, second, kiosks])
    order = random.permutation(len(user))
    for start in range(0, len(order), AT_ONCE):
        chosen = order[start : start + AT_ONCE]
        yield _batch(user[chosen], device[chosen], random, start)


def _batch(user: np.ndarray, device: np.ndarray, random: np.random.Generator, start: int) -> Batch:
    """Each user id with an e-mail address, or with a device where one is given."""
    size = len(user)
    users = _texts("user-", user)
    mails = pc.binary_join_element_wise(_texts("Person.", user), "@example.com", "")
    other = pc.if_else(pa.array(device < 0), mails, _texts("device-", device))
    kinds = pc.if_else(pa.array(device < 0), "email", "anonymous_id")
    both = pa.array(np.arange(2 * size).reshape(2, size).T.ravel())
    return Batch(
        occurred_at=random.integers(0, 10**15, size),
        source_id=np.ones(size, dtype=np.int64),
        message_id=_texts("m-", np.arange(start, start + size)),
        alias=np.zeros(size, dtype=np.bool_),
        item=np.repeat(np.arange(size), 2),
        type=pa.concat_arrays([pa.repeat("user_id", size), kinds]).take(both),
        value=pa.concat_arrays([users, other]).take(both),
    )


def _texts(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")
