"""Identifiers of one brand each, through the whole of a workspace (issue 4, section 2)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.cli_runs import answer, patron
from patron.clock import ManualClock, parse_time
from patron.errors import DefinitionError, InputError
from patron.workspace import Workspace

NOW = parse_time("2026-01-01T12:00:00Z")

BRANDS = {"web-alpha": "alpha", "web-beta": "beta", "shop-beta": "beta"}
SOURCES = [
    {"kind": "source", "name": name, "body": {"brand": brand, "type": "web"}}
    for name, brand in BRANDS.items()
]


def rules(scope: str = "brand", **changed: Any) -> dict[str, Any]:
    number = {"name": "number", "unique": True, "fields": ["traits.number"]}
    return {
        "types": [
            number if scope == "shared" else {**number, "scope": scope},
            {"name": "email", "normal_form": "email", "held_back_above": 2,
             "fields": ["traits.email"]},
            {"name": "anonymous_id", "fields": ["anonymousId"]},
        ],
        **changed,
    }  # fmt: skip


class Shop:
    """A workspace of two brands whose clock stands still."""

    def __init__(self, folder: Path, scope: str = "brand") -> None:
        self.folder = folder
        Workspace.create(folder, clock=ManualClock(NOW))
        self.workspace = Workspace(folder, clock=ManualClock(NOW))
        self._documents = [*SOURCES, {"kind": "identity", "name": "rules", "body": rules(scope)}]
        self.keys = self.workspace.apply(self._documents)["write_keys"]
        self._sent = 0

    def declare(self, source: str, brand: str) -> None:
        """Have a source of a brand, that there is already or not."""
        document = {"kind": "source", "name": source, "body": {"brand": brand, "type": "web"}}
        others = [one for one in self._documents if one["name"] != source]
        self._documents = [*others, document]
        self.keys |= self.workspace.apply(self._documents)["write_keys"]

    def send(self, source: str, number: str | None, email: str | None = None, **more: Any) -> None:
        self._sent += 1
        traits = {"number": number, "email": email}
        body = {"type": "identify", "messageId": f"m{self._sent}",
                "timestamp": f"2025-12-31T00:00:{self._sent % 60:02}Z",
                "traits": {k: v for k, v in traits.items() if v is not None}, **more}  # fmt: skip
        envelope = json.dumps({"batch": [body]}).encode()
        assert self.workspace.collect_batch(envelope, self.keys[source]).result().stored == 1

    def people(self) -> set[frozenset[str]]:
        return set(self.profiles().values())

    def profiles(self) -> dict[int, frozenset[str]]:
        rows = self.workspace.sql(
            "select profile_id, list(type || ':' || value) from customer_identifiers group by all"
        )["rows"]
        return {row[0]: frozenset(row[1]) for row in rows}

    def change(self, scope: str) -> dict[str, Any]:
        planned = self.workspace.plan_identity(rules(scope), wait=60)
        assert planned["state"] == "done", planned
        done = self.workspace.apply_identity(
            rules(scope), fingerprint=planned["plan"]["fingerprint"], wait=60
        )
        assert done["state"] == "done", done
        return dict(planned["plan"])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def test_one_number_at_two_brands_is_two_customers(shop: Shop) -> None:
    shop.send("web-alpha", "17", "ann@example.com")
    shop.send("web-beta", "17", "bob@example.com")
    shop.send("shop-beta", "17")
    assert shop.people() == {
        frozenset({"number@alpha:17", "email:ann@example.com"}),
        frozenset({"number@beta:17", "email:bob@example.com"}),
    }
    # Unique is within a brand: one customer holds a number of each.
    shop.send("web-beta", "18", "ann@example.com")
    assert frozenset({"number@alpha:17", "number@beta:18", "email:ann@example.com"}) in (
        shop.people()
    )
    # At one brand two numbers are two customers.
    shop.send("web-alpha", "19", "ann@example.com")
    assert frozenset({"number@alpha:19"}) in shop.people()


def test_look_ups_lists_and_messages_name_the_brand(shop: Shop) -> None:
    workspace = shop.workspace
    shop.send("web-alpha", "17", "ann@example.com")
    shop.send("web-beta", "17")
    found = workspace.profile("number@alpha:17")
    assert {"number@alpha", "email"} == {one["type"] for one in found["identifiers"]}
    said = "number is of one brand each: say number@alpha or number@beta"
    for asked in ("number:17", "number@gamma:17"):
        with pytest.raises(InputError, match=said):
            workspace.profile(asked)
    assert workspace.put_list("vip", ["number@beta:17"])["entries"] == 1
    with pytest.raises(DefinitionError, match=said):
        workspace.put_list("vip", ["number:17"])
    assert workspace.preview("in list vip")["count"] == 1
    # A message can name the number of another brand than its source's.
    ids = [{"id": "17", "type": "number@alpha"}]
    shop.send("web-beta", None, anonymousId="a1", context={"externalIds": ids})
    assert frozenset({"number@alpha:17", "email:ann@example.com", "anonymous_id:a1"}) in (
        shop.people()
    )
    graph = workspace.identity_of("number@alpha:17")
    assert "number@alpha" in json.dumps(graph)
    fields = {
        (source["source"], field["field"]): field["distinct"]
        for source in workspace.quality()["sources"]
        for field in source["fields"]
        if field["kind"] == "identifier"
    }
    assert fields["web-alpha", "number@alpha"] == 1
    assert fields["web-beta", "number@beta"] == 1
    assert fields["web-beta", "number@alpha"] == 1
    link = ("number@alpha:17", "email:ann@example.com")
    assert workspace.unmerge(link=link, reason="not hers")["applied"]
    with pytest.raises(InputError, match=said):
        workspace.unmerge(link=("number:17", "email:ann@example.com"), reason="not hers")


def test_a_new_brand_and_one_that_is_called_otherwise(shop: Shop) -> None:
    shop.send("web-alpha", "17", "ann@example.com")
    shop.send("web-alpha", "18")
    shop.declare("web-gamma", "a gamma:1")
    shop.send("web-gamma", "17", "ann@example.com")
    held = frozenset({"number@alpha:17", "number@a gamma%3A1:17", "email:ann@example.com"})
    assert shop.people() == {held, frozenset({"number@alpha:18"})}
    # What came in under the old name of a brand stays of it, when all is read anew, too.
    shop.declare("web-alpha", "alfa")
    shop.send("web-alpha", "17")
    people = {held, frozenset({"number@alpha:18"}), frozenset({"number@alfa:17"})}
    assert shop.people() == people
    shop.change("shared")
    assert shop.people() == {frozenset({"number:17", "email:ann@example.com"}),
                             frozenset({"number:18"})}  # fmt: skip
    shop.change("brand")
    assert shop.people() == people
    profile = shop.workspace.profile("number@a gamma%3A1:17")["profile_id"]
    shop.workspace.close()
    shop.workspace = Workspace(shop.folder, clock=ManualClock(NOW))
    assert shop.workspace.profile("number@alpha:17")["profile_id"] == profile
    assert shop.people() == people


@pytest.mark.parametrize("seed", range(2))
def test_a_change_of_scope_is_what_the_scope_would_have_made(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sent = [
        (chance.choice(list(BRANDS)), chance.choice([None, "1", "2", "3"]),
         chance.choice([None, "a@b.de", "c@d.de", "e@f.de"]), f"x{chance.randrange(4)}")
        for _ in range(14)
    ]  # fmt: skip
    was, then = ("shared", "brand") if seed % 2 else ("brand", "shared")
    changed, always, never = (
        Shop(tmp_path / name, scope) for name, scope in (("c", was), ("a", then), ("n", was))
    )
    for source, number, email, browser in sent[:10]:
        for one in (changed, always, never):
            one.send(source, number, email, anonymousId=browser)
    before = changed.profiles()
    planned = changed.change(then)
    assert planned["read_messages"]
    assert changed.people() == always.people()
    undone = changed.workspace.revert_identity(fingerprint=None, wait=60)
    assert undone["state"] == "done"
    assert changed.profiles() == before
    changed.change(then)
    for source, number, email, browser in sent[10:]:
        for one in (changed, always, never):
            one.send(source, number, email, anonymousId=browser)
    assert changed.people() == always.people()
    assert changed.workspace.revert_identity(fingerprint=None, wait=60)["state"] == "done"
    assert changed.people() == never.people()
    for one in (changed, always, never):
        one.workspace.close()


def test_whoever_holds_one_number_keeps_the_profile_when_scopes_change(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", "shared")
    shop.send("web-alpha", "17")
    shop.send("web-beta", "18")
    shop.send("shop-beta", "19", "c@d.de")
    before = {
        profile: frozenset(one.replace("number:", "number@beta:") for one in held)
        for profile, held in shop.profiles().items()
    }
    before[1] = frozenset({"number@alpha:17"})
    plan = shop.change("brand")
    assert shop.profiles() == before
    assert plan["numbers"]["merging"] == plan["numbers"]["splitting"] == 0
    # A plan says so in the general way, too: it has to be planned.
    with pytest.raises(DefinitionError, match="while customers are stored"):
        shop.workspace.apply([{"kind": "identity", "name": "rules", "body": rules("shared")}])
    shop.workspace.close()


def test_the_command_line_names_the_brand(shop: Shop) -> None:
    shop.send("web-alpha", "17", "ann@example.com")
    shop.workspace.close()
    found = answer("profile", "number@alpha:17", "-w", shop.folder)
    assert found["profile_id"] == 1
    refused = patron("profile", "number:17", "-w", shop.folder)
    assert refused.exit_code != 0
    assert "say number@alpha or number@beta" in refused.output
