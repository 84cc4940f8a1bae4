"""Changing the rules of identity while customers are stored (issue 4, section 5)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from integration.cli_runs import answer, patron
from integration.harness import LiveServer
from integration.harness.checks import assert_consistent, open_folder
from integration.harness.waiting import until
from patron.clock import ManualClock, parse_time
from patron.errors import ConflictError, DefinitionError, NotFoundError
from patron.pipeline.readers import read_identity
from patron.spec.identifiers import DEFAULT_RULES
from patron.workspace import Workspace

START = parse_time("2026-01-01T12:00:00Z")

SEGMENTS = {
    "viewers": 'count("Viewed") >= 3',
    "golden": 'plan = "gold"',
    "idle": 'did not "Viewed"',
    "new-viewers": "entered segment viewers in the last 30 days",
}


def rules(unique: tuple[str, ...] = ("user_id",), **changed: Any) -> dict[str, Any]:
    """The default rules with other unique types, as a file has them."""
    said: dict[str, Any] = json.loads(msgspec.json.encode(DEFAULT_RULES))
    said["types"] = [{**kind, "unique": kind["name"] in unique} for kind in said["types"]]
    return said | changed


class Shop:
    """A workspace whose clock stands still."""

    def __init__(self, folder: Path, body: dict[str, Any] | None, *, live: bool = True) -> None:
        self.clock = ManualClock(START)
        self.folder = folder
        self.body = body
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        documents = [{"kind": "source", "name": "web", "body": {"type": "web"}}]
        if body is not None:
            documents.append({"kind": "identity", "name": "rules", "body": body})
        documents += [
            {"kind": "segment", "name": name, "body": {"rule": text}}
            for name, text in SEGMENTS.items()
        ]
        self.key = self.workspace.apply(documents)["write_keys"]["web"]
        self._sent = 0
        if live:
            self.workspace.advance()

    def send(self, kind: str, **fields: Any) -> None:
        self._sent += 1
        item = {"type": kind, "messageId": f"m{self._sent}",
                "timestamp": f"2025-12-31T00:00:{self._sent % 60:02}Z", **fields}  # fmt: skip
        body = json.dumps({"batch": [item]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def viewed(self, times: int = 1, **ids: str) -> None:
        for _ in range(times):
            self.send("track", event="Viewed", **ids)

    def members(self) -> dict[str, int]:
        return {row["name"]: row["count"] for row in self.workspace.segments(counts=True)["data"]}

    def people(self) -> set[frozenset[str]]:
        rows = self.workspace.sql(
            "select list(type || ':' || value) from customer_identifiers group by profile_id"
        )["rows"]
        return {frozenset(row[0]) for row in rows}

    def verified(self) -> None:
        self.workspace.advance()
        found = self.workspace.memberships.verify(share=0, shares=1)
        assert not found["differences"], found


def tablet(shop: Shop) -> None:
    """Two customers on one tablet, one alone, and somebody whom only an address knows."""
    names = {"surname": "Ames", "lastName": "AMES"}
    shop.send("identify", userId="ann", anonymousId="tablet", traits={"plan": "gold", **names})
    shop.viewed(2, userId="ann", anonymousId="tablet")
    shop.send("identify", userId="bob", anonymousId="tablet", traits={"last_name": "Berg"})
    shop.viewed(1, userId="bob")
    shop.viewed(3, userId="eve")
    shop.send("identify", userId="eve", traits={"email": "eve@example.com", "last_name": "Ek"})
    shop.send("identify", anonymousId="x", traits={"email": "eve@example.com"})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data", rules())
    tablet(opened)
    opened.workspace.advance()
    yield opened
    opened.workspace.close()


def done(state: dict[str, Any]) -> dict[str, Any]:
    assert state["state"] == "done", state
    return dict(state["plan"])


def test_a_plan_says_what_is_then_done(shop: Shop) -> None:
    before = shop.members()
    planned = done(shop.workspace.plan_identity(rules(unique=())))
    assert shop.members() == before
    assert len(shop.people()) == 3
    numbers = planned["numbers"]
    assert (numbers["profiles_before"], numbers["profiles_after"]) == (3, 2)
    assert (numbers["merging"], numbers["merging_into"]) == (2, 1)
    assert not numbers["splitting"]
    assert not numbers["moving"]
    assert planned["largest"][0]["by_type"] == {"user_id": 2, "anonymous_id": 1}
    assert planned["largest"][0]["before"] == [1, 2]
    reasons = "; ".join(planned["suspicious"][0]["reasons"])
    assert "2 values of user_id" in reasons
    assert "2 family names" in reasons
    assert "nothing but anonymous_id joins them" in reasons
    (example,) = planned["examples"]
    assert example["kind"] == "merge"
    (one,) = example["after"]
    assert set(one["some"]) == {"anonymous_id:tablet", "user_id:ann", "user_id:bob"}
    assert example["reason"] == "A link between anonymous_id and user_id is kept from then on."
    counted = {row["name"]: (row["before"], row["after"]) for row in planned["segments"]}
    assert counted["viewers"] == (1, 2)
    assert counted["idle"] == (0, 0)

    applied = done(shop.workspace.apply_identity(
        rules(unique=()), fingerprint=planned["fingerprint"]))  # fmt: skip
    assert applied["applied"]
    assert applied["version"] == planned["version"] == 2
    assert applied["numbers"] == numbers
    assert shop.members() == {name: after for name, (_, after) in counted.items()}
    assert len(shop.people()) == 2
    profile = shop.workspace.profile("user_id:bob")
    assert profile["profile_id"] == 1
    assert {one["value"] for one in profile["identifiers"]} == {"ann", "bob", "tablet"}
    (merge,) = profile["merged_from"]
    assert "Version 2 of the rules" in merge["reason"]
    shop.verified()


def test_reverting_ends_where_a_workspace_ends_that_was_never_changed(
    shop: Shop, tmp_path: Path
) -> None:
    never = Shop(tmp_path / "never", rules())
    tablet(never)
    done(shop.workspace.apply_identity(rules(unique=()), fingerprint=None))
    shop.workspace.advance()
    for one in (shop, never):
        one.send("identify", userId="bob", traits={"plan": "gold"})
        one.viewed(2, userId="bob", anonymousId="phone")
        one.workspace.advance()
    planned = done(shop.workspace.plan_identity_revert())
    assert planned["brings_back"] == 1
    assert (planned["numbers"]["splitting"], planned["numbers"]["splitting_into"]) == (1, 2)
    reverted = done(shop.workspace.revert_identity(fingerprint=planned["fingerprint"]))
    assert reverted["version"] == 3
    assert shop.people() == never.people()
    assert shop.members()["golden"] == never.members()["golden"] == 2
    assert shop.members()["viewers"] == never.members()["viewers"]
    shop.verified()
    assert shop.workspace.profile("user_id:bob")["profile_id"] == 2
    for who in ("ann", "bob", "eve"):
        mine, theirs = (one.workspace.profile(f"user_id:{who}") for one in (shop, never))
        for told in ("traits", "identifiers", "first_seen_at"):
            assert mine[told] == theirs[told], (who, told)
    assert shop.people() == never.people()
    with pytest.raises(NotFoundError):
        shop.workspace.plan_identity_revert(9)
    never.workspace.close()


def test_a_stricter_rule_splits_and_moves_and_live_membership_follows(shop: Shop) -> None:
    shop.send("identify", userId="eve", traits={"email": "eve@work.example"})
    shop.send("identify", anonymousId="y", traits={"email": "eve@work.example"})
    shop.workspace.advance()
    planned = done(shop.workspace.plan_identity(rules(unique=("user_id", "email"))))
    assert (planned["numbers"]["splitting"], planned["numbers"]["splitting_into"]) == (1, 2)
    done(shop.workspace.apply_identity(rules(unique=("user_id", "email")), fingerprint=None))
    shop.verified()
    shop.workspace.close()
    shop.workspace = Workspace(shop.folder, clock=shop.clock)
    shop.verified()
    shop.workspace.close()
    with open_folder(shop.folder) as cursor:
        assert_consistent(cursor)
    shop.workspace = Workspace(shop.folder, clock=shop.clock)


def test_what_came_to_something_else_is_refused(shop: Shop) -> None:
    wanted = rules(unique=())
    planned = done(shop.workspace.plan_identity(wanted))
    shop.send("identify", userId="carl", anonymousId="tablet")
    with pytest.raises(ConflictError):
        shop.workspace.apply_identity(wanted, fingerprint=planned["fingerprint"])
    assert len(shop.people()) == 4
    with pytest.raises(ConflictError):
        shop.workspace.apply_identity(rules(unique=("email",)), fingerprint=planned["fingerprint"])
    shop.viewed(1, userId="eve")
    planned = done(shop.workspace.plan_identity(wanted))
    shop.viewed(1, userId="eve")
    applied = shop.workspace.apply_identity(wanted, fingerprint=planned["fingerprint"])
    assert done(applied)["applied"], "what came in changes none of the numbers"


def test_the_general_apply_refuses_and_says_where_to_go(shop: Shop) -> None:
    documents = [{"kind": "identity", "name": "rules", "body": rules(unique=())}]
    with pytest.raises(DefinitionError) as refused:
        shop.workspace.plan(documents)
    assert "patron identity plan" in str(refused.value.hint)
    done(shop.workspace.apply_identity(rules(unique=()), fingerprint=None))
    kept = shop.workspace.plan(documents)
    assert [row["kind"] for row in kept["changes"] if row["kind"] == "identity"] == []


def test_rules_that_were_never_declared_come_back_as_the_defaults(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", None)
    tablet(shop)
    people = shop.people()
    with pytest.raises(NotFoundError):
        shop.workspace.revert_identity(fingerprint=None)
    done(shop.workspace.apply_identity(rules(unique=()), fingerprint=None))
    done(shop.workspace.revert_identity(fingerprint=None))
    assert shop.people() == people
    assert shop.workspace.book.identity == DEFAULT_RULES
    shop.workspace.close()


KILLED = """
import os, signal, sys
from patron.pipeline.identity import apply
from patron.workspace import Workspace
record = apply._record
def killed(*given):
    record(*given)
    os.kill(os.getpid(), signal.SIGKILL)
apply._record = killed
import json
with Workspace(sys.argv[1]) as workspace:
    workspace.apply_identity(json.loads(sys.argv[2]), fingerprint=None, wait=60)
"""


def test_a_kill_in_the_middle_leaves_all_as_it_was(shop: Shop) -> None:
    people, members = shop.people(), shop.members()
    shop.workspace.close()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(shop.folder), json.dumps(rules(unique=()))],
        env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    with open_folder(shop.folder) as cursor:
        assert_consistent(cursor)
    shop.workspace = Workspace(shop.folder, clock=shop.clock)
    assert shop.people() == people
    assert shop.members() == members
    shop.verified()
    done(shop.workspace.apply_identity(rules(unique=()), fingerprint=None))
    assert len(shop.people()) == len(people) - 1


# The command line and the API


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    opened = Shop(tmp_path / "data", rules())
    tablet(opened)
    opened.workspace.close()
    file = tmp_path / "rules.yaml"
    text = json.dumps({"kind": "identity", "name": "rules", **rules(unique=())})
    file.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_line_plans_applies_and_reverts(folder: Path) -> None:
    place, file = folder / "data", folder / "rules.yaml"
    shown = patron("identity", "plan", file, "-w", place)
    assert shown.exit_code == 0, shown.output
    for said in ("3 profiles would be 2", "2 values of user_id", "viewers", "For example"):
        assert said in shown.stdout, shown.stdout
    planned = answer("identity", "plan", file, "--json", "-w", place)
    assert patron("identity", "apply", file, "-w", place).exit_code == 1, "nobody to ask"
    wrong = patron("identity", "apply", file, "--plan", "0" * 16, "-w", place)
    assert wrong.exit_code == 1
    assert "Plan again" in wrong.output
    applied = patron("identity", "apply", file, "--plan", planned["fingerprint"], "-w", place)
    assert applied.exit_code == 0, applied.output
    assert "version 2" in applied.stdout
    back = answer("identity", "revert", "--yes", "--json", "-w", place)
    assert back["version"] == 3
    assert back["numbers"]["splitting"] == 1
    missing = patron("identity", "plan", folder / "none", "-w", place)
    assert missing.exit_code == 1


def test_the_rules_that_hold_are_shown_as_a_file_that_says_the_same(folder: Path) -> None:
    place, file = folder / "data", folder / "shown.yaml"
    told = patron("identity", "rules", "-w", place)
    assert told.exit_code == 0, told.output
    file.write_text(told.stdout)
    assert not answer("identity", "plan", file, "-w", place)["rules_differ"]
    before = answer("identity", "rules", "-w", place)
    file.write_text(json.dumps({"kind": "identity", "name": "rules", **rules(("email",))}))
    answer("identity", "apply", file, "-w", place, "--yes")
    now = answer("identity", "rules", "-w", place)
    assert (now["version"], now["holds"], now["is_default"]) == (before["version"] + 1, True, False)
    assert {kind["name"]: kind.get("unique", False) for kind in now["rules"]["types"]}["email"]
    earlier = answer("identity", "rules", "--version", before["version"], "-w", place)
    assert (earlier["rules"], earlier["holds"]) == (before["rules"], False)
    assert patron("identity", "rules", "--version", "9", "-w", place).exit_code == 1


def test_default_rules_are_written_out_whole(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", None)
    told = shop.workspace.identity_rules()
    assert (told["version"], told["holds"], told["is_default"]) == (0, True, True)
    assert read_identity(told["rules"]) == DEFAULT_RULES
    shop.workspace.close()


def test_the_api_plans_applies_and_reverts(folder: Path) -> None:
    with LiveServer(folder / "data") as server:

        def post(path: str, body: dict[str, Any]) -> httpx.Response:
            return server.client.post(
                f"/api/v1/identity/{path}", json=body,
                headers={"Authorization": f"Bearer {server.token}"},
            )  # fmt: skip

        state = post("plan", {"rules": rules(unique=())}).json()
        planned = done(state)
        assert server.get(f"identity/progress/{state['work_id']}")["plan"] == planned
        refused = post("apply", {"rules": rules(unique=()), "fingerprint": "0" * 16})
        assert refused.status_code == 409
        given = {"rules": rules(unique=()), "fingerprint": planned["fingerprint"]}
        assert done(post("apply", given).json())["applied"]
        assert done(post("revert", {"fingerprint": None}).json())["version"] == 3
        assert post("plan", {"rules": {"types": []}}).status_code == 422


# Rules that read other identifiers from messages


ROWS = {
    "source": "web",
    "file": "*.csv",
    "message": {
        "type": "identify",
        "message_id": "{card}",
        "timestamp": "at",
        "identifiers": {"loyalty_card": "card"},
        "traits": {"email": "mail", "plan": {"value": "gold"}},
    },
}


def call_centre(shop: Shop) -> None:
    """Four people whose agent typed the call centre's number, and two spellings of an address."""
    for who in ("ann", "bob", "eve", "fay"):
        shop.send("identify", userId=who, traits={"phone": "+49 30 1234567"})
        shop.send("identify", userId=who, traits={"email": f"{who}@example.com"})
    shop.send("identify", anonymousId="web", traits={"phone": "+49 30 1234567", "plan": "gold"})
    shop.send("track", event="Viewed", properties={"email": "Gus.Gold@gmail.com"})
    shop.viewed(2, anonymousId="g")
    shop.send("identify", anonymousId="g", traits={"email": "gusgold+x@gmail.com"})


def mapped(shop: Shop, folder: Path) -> None:
    """Rows whose mapping names a card as identifier, and an address as a trait only."""
    folder.mkdir()
    (folder / "rows.csv").write_text(
        "card,mail,at\nc1,ann@example.com,2025-12-31T00:00:00Z\n", encoding="utf-8"
    )
    shop.workspace.apply(
        [{"kind": "source", "name": "web", "body": {"type": "web"}},
         {"kind": "identity", "name": "rules", "body": shop.body},
         {"kind": "mapping", "name": "rows", "body": ROWS},
         *({"kind": "segment", "name": name, "body": {"rule": text}}
           for name, text in SEGMENTS.items())]
    )  # fmt: skip
    import_id = shop.workspace.start_import("rows", str(folder))["import_id"]
    until(lambda: shop.workspace.import_state(import_id)["state"] == "done")


def test_blocking_a_value_takes_back_what_it_joined(tmp_path: Path) -> None:
    lax = rules(email_providers=[])
    for kind in lax["types"]:
        kind["unique"] = False
    strict = rules()
    next(k for k in strict["types"] if k["name"] == "phone")["blocked"] = ["+49 30 1234567"]
    changed, never = Shop(tmp_path / "changed", lax), Shop(tmp_path / "never", strict)
    call_centre(changed)
    call_centre(never)
    for shop in (changed, never):
        mapped(shop, tmp_path / f"rows-{shop.folder.name}")
        shop.workspace.advance()
    before = changed.people()
    planned = done(changed.workspace.plan_identity(strict))
    assert planned["read_messages"]
    assert planned["numbers"]["identifiers_gone"] > 0
    counted = {row["name"]: row["after"] for row in planned["segments"]}
    applied = done(changed.workspace.apply_identity(strict, fingerprint=planned["fingerprint"]))
    assert applied["numbers"] == planned["numbers"]
    assert changed.people() == never.people()
    assert changed.members() == counted
    del counted["new-viewers"]  # what was recorded stays recorded
    assert changed.members().items() >= counted.items()
    assert never.members().items() >= counted.items()
    changed.verified()
    for who in ("user_id:ann", "email:gusgold@gmail.com", "loyalty_card:c1"):
        mine, theirs = (shop.workspace.profile(who) for shop in (changed, never))
        for told in ("traits", "first_seen_at"):
            assert mine[told] == theirs[told], (who, told)
    ids = {who: changed.workspace.profile(f"user_id:{who}")["profile_id"] for who in ("ann", "bob")}
    assert ids["ann"] == 1, "the oldest part keeps the number"
    changed.viewed(3, userId="bob")
    changed.verified()

    done(changed.workspace.revert_identity(fingerprint=None))
    assert changed.people() == before
    changed.verified()
    changed.workspace.close()
    with open_folder(changed.folder) as cursor:
        assert_consistent(cursor)
    never.workspace.close()


def test_what_waits_while_rules_change_is_read_under_the_new_ones(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", rules())
    wanted = rules()
    wanted["types"] = [
        kind | {"fields": ["properties.member"]} if kind["name"] == "user_id" else kind
        for kind in wanted["types"]
    ]
    item = {"type": "track", "event": "Viewed", "messageId": "w", "userId": "u", "anonymousId": "a",
            "properties": {"member": "m"}}  # fmt: skip
    workspace = shop.workspace
    source = workspace.source_of_key(shop.key)
    reader = workspace._reader  # what a request that waits was read by
    delivery = reader.batch(
        reader.decode_batch(json.dumps({"batch": [item]}).encode()), source, START
    )
    done(workspace.apply_identity(wanted, fingerprint=None))
    assert workspace._writer.submit(delivery).result().stored == 1
    assert shop.people() == {frozenset({"user_id:m", "anonymous_id:a"})}
    workspace.close()


def test_rules_under_which_messages_identify_nobody_are_refused(shop: Shop) -> None:
    wanted = rules()
    wanted["types"] = [kind for kind in wanted["types"] if kind["name"] == "email"]
    with pytest.raises(DefinitionError, match="would carry no identifier"):
        shop.workspace.plan_identity(wanted)


def test_what_people_decided_holds_under_other_rules(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", rules())
    workspace = shop.workspace
    shop.send("identify", userId="ann", traits={"email": "us@example.com"})
    shop.send("identify", anonymousId="a", traits={"email": "us@example.com"})
    shop.send("identify", userId="bob", anonymousId="b")
    shop.send("identify", anonymousId="c", traits={"email": "c@example.com"})
    workspace.unmerge(link=("user_id:ann", "email:us@example.com"), reason="A shared address.")
    workspace.merge("anonymous_id:b", "anonymous_id:c", reason="Said so.")
    people = shop.people()
    assert len(people) == 3
    freer = rules(unique=())
    blocking = rules(blocked=["c@example.com"])
    for wanted, expected in ((freer, people), (blocking, None)):
        done(workspace.apply_identity(wanted, fingerprint=None))
        if expected is not None:
            assert shop.people() == expected
        apart = {workspace.profile(one)["profile_id"]
                 for one in ("user_id:ann", "email:us@example.com")}  # fmt: skip
        assert len(apart) == 2
        same = {workspace.profile(f"anonymous_id:{one}")["profile_id"] for one in "bc"}
        assert len(same) == 1
        shop.verified()
        done(workspace.revert_identity(fingerprint=None))
        assert shop.people() == people
    workspace.close()


def test_rules_that_forbid_what_people_decided_wait_until_it_is_taken_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", rules(unique=()))
    workspace = shop.workspace
    for who in ("ann", "bob"):
        shop.send("identify", userId=who, traits={"email": f"{who}@example.com"})
    workspace.merge("user_id:ann", "email:bob@example.com", reason="Her other one.")
    workspace.merge("user_id:ann", "user_id:bob", reason="She has two.")
    planned = done(workspace.plan_identity(rules()))
    assert planned["contradicts"] == [{"type": "user_id", "decisions": [1, 2]}]
    people = shop.people()
    with pytest.raises(ConflictError, match="several are one person: decision 1, 2"):
        workspace.apply_identity(rules(), fingerprint=planned["fingerprint"])
    assert shop.people() == people
    workspace.withdraw(2, reason="She does not.")
    done(workspace.apply_identity(rules(), fingerprint=None))
    assert len(shop.people()) == 2
    workspace.close()
