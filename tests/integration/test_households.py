"""Households and companies above people (issue 4, section 2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.cli_runs import answer, patron
from integration.harness.waiting import until
from patron.clock import ManualClock, parse_time
from patron.errors import InputError, NotFoundError
from patron.workspace import Workspace

START = parse_time("2026-01-01T12:00:00Z")
FAMILY = "email:family@example.com"
SEGMENTS = {
    "at-home": 'group.type = "household"',
    "alone": 'group.type != "household"',
    "in-it": 'group.industry = "IT"',
    "crowd": "group.people >= 3",
}


def rules(**email: Any) -> dict[str, Any]:
    """The address of a family is a household, unless said otherwise."""
    said = {"identifies": "household"} | email
    return {
        "types": [
            {"name": "user_id", "unique": True, "fields": ["userId"]},
            {"name": "card", "fields": ["traits.card"]},
            {"name": "email", "normal_form": "email", "fields": ["traits.email"], **said},
            {"name": "anonymous_id", "fields": ["anonymousId"]},
        ]
    }


class Home:
    """A workspace whose clock goes on by the hand."""

    def __init__(self, folder: Path, body: dict[str, Any]) -> None:
        self.folder = folder
        self.clock = ManualClock(START)
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        documents = [
            {"kind": "source", "name": "web", "body": {"type": "web"}},
            {"kind": "identity", "name": "rules", "body": body},
            *({"kind": "segment", "name": n, "body": {"rule": r}} for n, r in SEGMENTS.items()),
        ]
        self.key = self.workspace.apply(documents)["write_keys"]["web"]
        self.workspace.advance()
        self._sent = 0

    def send(self, kind: str = "identify", at: str = "2025-12-31", **fields: Any) -> None:
        self._sent += 1
        item = {"type": kind, "messageId": f"m{self._sent}", "timestamp": at, **fields}
        body = json.dumps({"batch": [item]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def member(self, user: str, at: str = "2025-12-31") -> None:
        self.send(at=at, userId=user, traits={"email": "Family@example.com"})

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.workspace.reading() as reading:
            return reading.cursor.execute(sql).all()

    def groups(self, who: str) -> list[dict[str, Any]]:
        return list(self.workspace.profile(who)["groups"])

    def who(self, segment: str) -> set[str]:
        """Who is in a segment, as is kept live, which must be what is asked anew."""
        self.workspace.advance()
        found = self.workspace.memberships.verify(share=0, shares=1)
        assert not found["differences"], found
        rows = self.workspace.members(segment)["data"]
        return {value for row in rows for value in row["identifiers"].get("user_id", ["nobody"])}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home(tmp_path / "data", rules())
    yield opened
    opened.workspace.close()


def test_two_people_with_one_address_are_a_household(home: Home) -> None:
    home.member("ann")
    assert home.groups("user_id:ann") == []
    with pytest.raises(NotFoundError):
        home.workspace.group("household", FAMILY)
    home.send(traits={"email": "family@example.com"}, anonymousId="tablet")
    home.member("bob", at="2025-12-31T01:00:00Z")
    assert [(g["type"], g["id"], g["other_members"]) for g in home.groups("user_id:ann")] == [
        ("household", FAMILY, 1)
    ]
    # Nobody was merged, and the address is nobody's.
    ids = [home.workspace.profile(one)["profile_id"] for one in ("user_id:ann", "user_id:bob")]
    assert len(set(ids)) == 2
    sole = home.workspace.profile(FAMILY)
    assert {one["type"] for one in sole["identifiers"]} == {"email"}
    assert sole["groups"] == [
        {"type": "household", "id": FAMILY, "joined_at": None, "other_members": 2}
    ]
    found = home.workspace.group("household", "email: FAMILY@Example.com")
    assert (found["id"], found["member_count"], found["next"]) == (FAMILY, 2, None)
    assert found["value_profile_id"] == sole["profile_id"] not in ids
    assert [row["profile_id"] for row in found["data"]] == sorted(ids)
    assert found["traits"]["type"]["value"] == "household"
    [shown] = home.workspace.profile("user_id:ann", include=["households"])["households"]
    assert [row["profile_id"] for row in shown["members"]] == sorted(ids)
    both = home.workspace.profiles(["user_id:bob", FAMILY], include=["households"], only=True)
    assert [
        [(one["id"], len(one["members"])) for one in row["profile"]["households"]]
        for row in both["data"]
    ] == [[(FAMILY, 2)]] * 2
    # What makes it one is Bob's message, the third.
    where = "group_id = 'household:email:family@example.com' order by name"
    assert home.rows(f"select name, position from group_traits where {where}") == [
        ("people", 3), ("type", 3),
    ]  # fmt: skip
    # A household begins with its second person.
    assert {row["joined_at"] for row in found["data"]} == {"2025-12-31T01:00:00Z"}
    with pytest.raises(NotFoundError):
        home.workspace.group("household", FAMILY, as_of=parse_time("2025-12-31T00:30:00Z"))


def test_pages_companies_and_wrong_names(home: Home) -> None:
    for number in range(5):
        home.member(f"u{number}")
        home.send("group", userId=f"u{number}", groupId="acme", traits={"industry": "IT"})
    first = home.workspace.group("household", FAMILY, limit=2)
    second = home.workspace.group("household", FAMILY, limit=3, cursor=first["next"])
    pages = [row["profile_id"] for page in (first, second) for row in page["data"]]
    assert len(pages) == 5 == len(set(pages))
    assert second["next"] is None
    company = home.workspace.group("group", "acme", limit=1)
    assert (company["member_count"], company["value_profile_id"]) == (5, None)
    assert company["traits"]["industry"]["value"] == "IT"
    assert [(g["type"], g["id"], g["other_members"]) for g in home.groups("user_id:u1")] == [
        ("household", FAMILY, 4), ("group", "acme", 4),
    ]  # fmt: skip
    for kind, name in (("group", FAMILY), ("household", "email:acme@b.de")):
        with pytest.raises(NotFoundError):
            home.workspace.group(kind, name)  # type: ignore[arg-type]
    for wrong in ("acme", "shoe:1"):
        with pytest.raises(InputError):
            home.workspace.group("household", wrong)
    with pytest.raises(InputError):
        home.workspace.group("group", "acme", cursor="x")


def test_segments_follow_households_live(home: Home) -> None:
    home.member("ann")
    home.send(userId="eve")
    assert home.who("at-home") == set()
    home.member("bob")
    assert home.who("at-home") == {"ann", "bob"}
    assert home.who("alone") == {"eve", "nobody"}
    # Somebody joins by a card, which is not unique; two cards that are one person are in it once.
    home.send(traits={"email": "family@example.com", "card": "c1"})
    assert home.who("at-home") == {"ann", "bob", "nobody"}
    home.send(userId="cid", traits={"card": "c1"})
    assert home.who("at-home") == {"ann", "bob", "cid"}
    assert home.workspace.group("household", FAMILY)["member_count"] == 3
    # Of three people it is only when a third is told by a unique type; then it is for all of them.
    assert home.who("crowd") == set()
    home.member("dan")
    assert home.who("crowd") == {"ann", "bob", "cid", "dan"}
    # Parted again, the card is in it, and not who was parted from it.
    home.workspace.unmerge(link=("user_id:cid", "card:c1"), reason="not hers")
    assert home.who("at-home") == {"ann", "bob", "dan", "nobody"}
    home.workspace.close()
    home.workspace = Workspace(home.folder, clock=home.clock)
    assert home.who("at-home") == home.who("crowd") == {"ann", "bob", "dan", "nobody"}


def test_households_come_and_go_with_the_rules(tmp_path: Path) -> None:
    home = Home(tmp_path / "data", rules(identifies="person"))
    home.member("ann")
    home.member("bob")
    home.send(userId="eve")
    assert home.who("at-home") == set()
    for wanted in (rules(), rules(normal_form="lower")):
        planned = home.workspace.plan_identity(wanted, wait=60)
        (effect,) = [one for one in planned["plan"]["segments"] if one["name"] == "at-home"]
        assert effect["after"] == 2
        assert home.workspace.apply_identity(wanted, fingerprint=None, wait=60)["state"] == "done"
        assert home.who("at-home") == {"ann", "bob"}
        assert home.rows(
            "select position, identifier_id from group_members where household order by all"
        ) == [(1, 1), (2, 3)]
        # Live memory has read them, too: a customer is asked again, and stays.
        home.send("track", event="Seen", userId="ann")
        home.send("group", userId="bob", groupId="club")
        assert home.who("at-home") == {"ann", "bob"}
    assert home.workspace.group("household", FAMILY)["member_count"] == 2
    assert home.workspace.revert_identity(1, fingerprint=None, wait=60)["state"] == "done"
    with pytest.raises(NotFoundError):
        home.workspace.group("household", FAMILY)
    assert home.who("at-home") == set()
    home.workspace.close()


def test_the_command_line_shows_groups(home: Home) -> None:
    home.member("ann")
    home.member("bob")
    home.workspace.close()
    found = answer("group", "household", FAMILY, "-w", home.folder)
    assert found["member_count"] == 2
    shown = patron("group", "household", FAMILY, "--limit", "1", "-w", home.folder)
    assert shown.exit_code == 0
    for said in ("Household email:family@example.com", "2 members", "user_id:ann", "--cursor"):
        assert said in shown.output
    assert "other members" in patron("profile", "user_id:ann", "-w", home.folder).output
    refused = patron("group", "family", "x", "-w", home.folder)
    assert refused.exit_code == 1


def test_files_make_the_same_households_and_numbers_of_brands(tmp_path: Path) -> None:
    body = rules()
    body["types"][1] |= {"scope": "brand", "unique": True}
    home = Home(tmp_path / "data", body)
    mapping = {
        "source": "web",
        "file": "*.csv",
        "message": {
            "type": "identify",
            "message_id": "{user}-{card}",
            "timestamp": "at",
            "identifiers": {"user_id": "user", "card": "card", "email": "mail"},
        },
    }
    home.workspace.apply(
        [{"kind": "source", "name": "web", "body": {"type": "web"}},
         {"kind": "identity", "name": "rules", "body": body},
         {"kind": "mapping", "name": "rows", "body": mapping},
         *({"kind": "segment", "name": n, "body": {"rule": r}} for n, r in SEGMENTS.items())]
    )  # fmt: skip
    folder = tmp_path / "files"
    folder.mkdir()
    lines = [f"u{n},c{n},family{n // 2}@example.com,2025-12-31T00:00:00Z" for n in range(2_000)]
    (folder / "rows.csv").write_text("\n".join(["user,card,mail,at", *lines]), encoding="utf-8")
    import_id = home.workspace.start_import("rows", str(folder))["import_id"]
    until(lambda: home.workspace.import_state(import_id)["state"] == "done")
    assert home.workspace.preview('group.type = "household"')["count"] == 2_000
    found = home.workspace.group("household", "email:family7@example.com")
    assert [one["identifiers"] for one in found["data"]] == [
        {"user_id": [f"u{n}"], "card@main": [f"c{n}"]} for n in (14, 15)
    ]
    (told,) = home.rows(
        "select position from group_traits where group_id = 'household:email:family7@example.com' "
        "and name = 'type'"
    )
    (shown,) = home.rows("select position from messages where message_id = 'u15-c15'")
    assert told == shown
    home.workspace.close()
