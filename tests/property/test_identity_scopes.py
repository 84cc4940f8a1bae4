"""Types of one brand each: stream, bulk and plain statement agree (issue 4, section 2)."""

from __future__ import annotations

import msgspec
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_seen import Names, kept_of, people_of
from identity_statement import Sent, Statement, batch_of, cut, histories
from patron.identity import Batch, Brands, Resolver
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.spec.scopes import of_brands

BRANDS = {1: "beta", 2: "alpha"}
"""The brand of each source: the first source is not of the first brand."""


@st.composite
def declared(draw: st.DrawFn) -> tuple[IdentityRules, IdentityRules]:
    """Rules as a file has them, and as somebody would write them out who knows no scopes."""
    kinds, written = [], []
    for name, scope in (
        ("user_id", "shared"),
        ("number", "brand"),
        ("email", draw(st.sampled_from(["shared", "brand"]))),
        ("anonymous_id", draw(st.sampled_from(["shared", "brand"]))),
    ):
        said: dict[str, object] = {"held_back_above": draw(st.sampled_from([None, None, 1, 2]))}
        if name == "email":
            said |= {
                "normal_form": "lower",
                "identifies": draw(st.sampled_from([None, "household"])),
            }
        else:
            said |= draw(st.sampled_from([{}, {"unique": True}, {"limit": 2}]))
        if name == "user_id":
            said |= {"unique": True, "limit": None}
        kind = IdentifierType(name=name, scope=scope, **said)  # type: ignore[arg-type]
        kinds.append(kind)
        brands = sorted(BRANDS.values()) if scope == "brand" else [None]
        written += [
            msgspec.structs.replace(kind, name=name if brand is None else f"{name}@{brand}")
            for brand in brands
        ]
    return IdentityRules(types=tuple(kinds)), IdentityRules(types=tuple(written))


def written_out(sent: Sent, rules: IdentityRules) -> Sent:
    """A message with the types of its brand."""
    scoped = {kind.name for kind in rules.types if kind.scope == "brand"}
    brand = BRANDS[sent.source]
    pairs = [(f"{kind}@{brand}" if kind in scoped else kind, raw) for kind, raw in sent.identifiers]
    return Sent(sent.moment, sent.source, sent.name, tuple(pairs))


def placed(messages: list[Sent], brands: Brands) -> Batch:
    """What a resolver is asked of messages that come in."""
    return batch_of(
        Sent(m.moment, m.source, m.name, tuple(brands.place(list(m.identifiers), BRANDS[m.source])))
        for m in messages
    )


def incoming(messages: list[Sent]) -> pa.Table:
    """The same messages as rows of a file's import."""
    return pa.table(
        {
            "source_id": [m.source for m in messages],
            "brand": [BRANDS[m.source] for m in messages],
            "message_id": [m.name for m in messages],
            "type": ["identify"] * len(messages),
            "occurred_at": pa.array([m.moment for m in messages], pa.timestamp("us")),
            "identifiers": [[{"type": k, "value": v} for k, v in m.identifiers] for m in messages],
        }
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(declared(), st.data())
def test_stream_bulk_and_statement_agree_on_types_of_brands(
    rules: tuple[IdentityRules, IdentityRules], data: st.DataObject
) -> None:
    said, written = rules
    history = data.draw(histories(said, values="abD"))
    statement = Statement(written, [written_out(sent, said) for sent in history])
    for_all = of_brands(said, BRANDS.values())
    brands = Brands(for_all)
    assert [kind.name for kind in for_all.types] == [kind.name for kind in written.types]
    stream, names = Resolver(for_all), Names()
    for batch in cut(data.draw, history):
        names.learn(stream.resolve(placed(batch, brands)))
        stream.commit()
    assert people_of(stream, names) == statement.people
    assert kept_of(stream, names) == statement.kept
    bulk, names = Resolver(for_all), Names()
    names.learn(bulk.resolve(Batch.from_incoming(incoming(history), brands=brands)))
    assert people_of(bulk, names) == statement.people
    assert kept_of(bulk, names) == statement.kept
