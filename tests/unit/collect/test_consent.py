"""Some identifiers count only with consent (S5.10)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from patron.collect.consent import Consents
from patron.collect.messages import MessageReader
from patron.collect.rereading import StoredReader
from patron.errors import DefinitionError
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.spec.incoming import Delivery
from patron.spec.scopes import of_brands

KIND = IdentifierType(
    name="fingerprint",
    fields=("context.device.fingerprint",),
    consent="Ads & more",
    held_back_above=9,
)
RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", fields=("userId",)),
        IdentifierType(name="anonymous_id", fields=("anonymousId",)),
        KIND,
    )
)
PRINT = ("fingerprint", "f1")


def body(consent: Any, **more: Any) -> str:
    context: dict[str, Any] = {"device": {"fingerprint": "f1"}}
    if consent is not None:
        context["consent"] = consent
    return json.dumps({"type": "track", "event": "Seen", "context": context, **more})


def preferences(answer: Any) -> dict[str, Any]:
    return {"categoryPreferences": {"Ads & more": answer, "Mail": True}}


def read(text: str, rules: IdentityRules = RULES) -> Delivery:
    delivery = Delivery(source_id=1, brand="main", received_at=datetime(2026, 1, 1))
    MessageReader(rules).read(delivery, text.encode())
    return delivery


def test_with_consent_the_value_counts() -> None:
    text = body(preferences(True), anonymousId="a1")
    (message,) = read(text).messages
    assert message.identifiers == [("anonymous_id", "a1"), PRINT]
    assert set(StoredReader(RULES).identifiers(text, "track")) == set(message.identifiers)


NO = [
    None,
    preferences(False),
    preferences("true"),
    preferences(1),
    {"categoryPreferences": {"Mail": True}},
    {"categoryPreferences": ["Ads & more"]},
    {"categoryPreferences": None},
    "yes",
    [],
]


@pytest.mark.parametrize("consent", NO)
def test_without_consent_the_message_goes_on_without_it(consent: Any) -> None:
    text = body(consent, anonymousId="a1")
    (message,) = read(text).messages
    assert message.identifiers == [("anonymous_id", "a1")]
    assert message.body == text
    assert StoredReader(RULES).identifiers(text, "track") == message.identifiers


@pytest.mark.parametrize("consent", NO)
def test_without_any_other_identifier_it_is_refused_with_a_reason(consent: Any) -> None:
    (refusal,) = read(body(consent)).refusals
    assert (refusal.code, refusal.field) == ("no_consent", "context.consent")
    assert refusal.reason == (
        "fingerprint counts only with consent to Ads & more, and the message has no other "
        "identifier."
    )
    assert StoredReader(RULES).identifiers(body(consent), "track") == []


def test_external_ids_need_consent_too() -> None:
    context = {"externalIds": [{"id": "f1", "type": "fingerprint"}]}
    text = json.dumps({"type": "page", "anonymousId": "a1", "context": context})
    assert read(text).messages[0].identifiers == [("anonymous_id", "a1")]
    text = json.dumps({"type": "page", "context": {**context, "consent": preferences(True)}})
    assert read(text).messages[0].identifiers == [PRINT]


def test_types_of_one_brand_need_consent_too() -> None:
    scoped = IdentifierType(
        name="fingerprint", scope="brand", fields=KIND.fields, consent="Ads", held_back_above=9
    )
    rules = of_brands(IdentityRules(types=(*RULES.types[:2], scoped)), ["alpha"])
    context = {"externalIds": [{"id": "f1", "type": "fingerprint@alpha"}]}
    text = json.dumps({"type": "page", "anonymousId": "a1", "context": context})
    assert read(text, rules).messages[0].identifiers == [("anonymous_id", "a1")]
    assert read(body(preferences(True)), rules).refusals[0].code == "no_consent"


def test_a_body_that_other_rules_read_otherwise_has_no_consent() -> None:
    text = json.dumps({"type": "track", "context": "none", "userId": "u1"})
    assert Consents(RULES).counting([("user_id", "u1"), PRINT], text) == [("user_id", "u1")]


def test_many_at_once_are_told_like_one_by_one() -> None:
    given = [
        ([("user_id", "u1"), PRINT], preferences(True)),
        ([PRINT], preferences(False)),
        ([("user_id", "u2")], None),
        ([PRINT, ("user_id", "u3"), PRINT], preferences(False)),
        ([PRINT], preferences(True)),
        ([], None),
    ]
    table = pa.table(
        {
            "identifiers": [
                [{"type": kind, "value": value} for kind, value in pairs] for pairs, _ in given
            ],
            "body": [body(consent) for _, consent in given],
        }
    )
    consents = Consents(RULES)
    counting, reasons = consents.counting_in(table)
    found = [
        [(one["type"], one["value"]) for one in row]
        for row in counting.column("identifiers").to_pylist()
    ]
    assert found == [consents.counting(pairs, body(consent)) for pairs, consent in given]
    assert reasons == {1: consents.missing([PRINT])}
    parts = pa.concat_tables([table.slice(1, 2), table.slice(3, 2)])
    assert consents.counting_in(parts)[0].column("identifiers").to_pylist() == (
        counting.slice(1, 4).column("identifiers").to_pylist()
    )


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([{"name": "fingerprint", "held_back_above": 9}], "count only with consent"),
        ([{"name": "canvas", "identifies": "fingerprint", "consent": "Ads"}], "held_back_above"),
        ([{"name": "fingerprint", "consent": " ", "held_back_above": 9}], "name of a category"),
        (
            [{"name": "fingerprint", "consent": "Ads", "held_back_above": 9, "unique": True}],
            "cannot tell two people apart",
        ),
        (
            [{"name": "fingerprint", "consent": "Ads", "held_back_above": 9}, {"name": "email"}],
            "declare email before it",
        ),
    ],
)
def test_fingerprints_are_declared_as_what_they_are(kinds: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        IdentityRules(types=tuple(IdentifierType(**kind) for kind in kinds))
