"""A new version of a model goes through plan and apply, and can be taken back (S1.4, S1.5)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from benchmarks.quality.population import Register, copies

from patron.clock import ManualClock
from patron.errors import ConflictError, NotFoundError
from patron.workspace import Workspace

NOW = datetime(2026, 6, 1)
SOURCE = {"kind": "source", "name": "web", "body": {"type": "web", "brand": "main"}}
STRICT = {"kind": "linking", "name": "default", "body": {"link_at": 0.995, "review_at": 0.6}}
RECORDS = copies(Register(people=110, copied=0.6, missing=0.2, typing_errors=0.4), seed=33)
LATE = 15


def send(workspace: Workspace, key: str, numbers: range) -> None:
    batch = [
        {
            "type": "identify",
            "anonymousId": f"device-{number}",
            "timestamp": "2026-05-01",
            "traits": RECORDS[number][1],
        }
        for number in numbers
    ]
    workspace.collect_batch(json.dumps({"batch": batch}).encode(), key).result()


def people(workspace: Workspace) -> set[frozenset[int]]:
    """Who is one person, whatever the profiles are called."""
    rows = workspace.sql(
        "select profile_id, value from customer_identifiers where type = 'anonymous_id'",
        limit=10_000,
    )["rows"]
    found: dict[int, set[int]] = {}
    for profile, value in rows:
        found.setdefault(profile, set()).add(int(value.removeprefix("device-")))
    return {frozenset(those) for those in found.values()}


def profiles(workspace: Workspace) -> list[list[Any]]:
    found: list[list[Any]] = workspace.sql(
        "select type, value, profile_id from customer_identifiers order by all", limit=10_000
    )["rows"]
    return found


def links(workspace: Workspace) -> list[list[Any]]:
    found: list[list[Any]] = workspace.sql(
        "select a, b, rule, kept, message_id from links where rule like 'linking:%' order by all",
        limit=10_000,
    )["rows"]
    return found


class Trained:
    """A workspace with two versions of a model, of which the first stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Workspace.create(folder)
        with Workspace(folder, clock=ManualClock(NOW)) as workspace:
            self.key = workspace.apply([SOURCE])["write_keys"]["web"]
            send(workspace, self.key, range(len(RECORDS) - LATE))
            workspace.put_segment("settled", {"rule": "city exists"}, allow_unknown=True)
            workspace.linking.train("default")
            workspace.linking.run("default")
            workspace.apply([SOURCE, STRICT])
            workspace.linking.train("default")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("versions") / "w")


@pytest.fixture
def workspace(trained: Trained, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(trained.folder, tmp_path / "w")
    with Workspace(tmp_path / "w", clock=ManualClock(NOW)) as opened:
        yield opened


def test_a_plan_says_what_apply_does(workspace: Workspace) -> None:
    before = (profiles(workspace), links(workspace))
    planned = workspace.linking.versions.plan("default")
    assert (profiles(workspace), links(workspace)) == before
    numbers = planned["numbers"]
    assert numbers["profiles_before"] == len(people(workspace))
    assert numbers["splitting"] > 0
    assert numbers["links_lost"] > 0
    assert planned["examples"]
    [segment] = planned["segments"]
    assert segment["before"] <= numbers["profiles_before"]
    applied = workspace.linking.versions.apply("default", fingerprint=planned["fingerprint"])
    assert applied["applied"]
    assert applied["numbers"] == numbers
    assert len(people(workspace)) == numbers["profiles_after"] > numbers["profiles_before"]
    made = links(workspace)
    assert {row[2] for row in made} == {"linking:default@2"}
    assert len(made) == planned["links"]
    assert workspace.preview("city exists")["count"] == segment["after"]
    # Whoever opens it anew reads the same.
    assert workspace.linking.run("default")["version"] == 2


def test_it_is_what_it_had_been_from_the_start(workspace: Workspace, tmp_path: Path) -> None:
    """A workspace in which only the second version ever ran has the same people and links."""
    workspace.linking.versions.apply("default")
    [body] = workspace._ingest.cursor.execute(
        "select body from linking_models where version = 2"
    ).one() or [""]
    Workspace.create(tmp_path / "other")
    with Workspace(tmp_path / "other", clock=ManualClock(NOW)) as other:
        key = other.apply([SOURCE])["write_keys"]["web"]
        send(other, key, range(len(RECORDS) - LATE))
        other.linking.train("default")
        other._ingest.cursor.execute("update linking_models set body = ?", [body])
        other.linking.run("default")
        assert people(other) == people(workspace)
        assert [row[:2] + row[3:4] for row in links(other)] == [
            row[:2] + row[3:4] for row in links(workspace)
        ]
        asked = [one.linking.reviews()["total"] for one in (other, workspace)]
        assert asked[0] == asked[1]


def test_it_can_be_taken_back(workspace: Workspace) -> None:
    before = (profiles(workspace), links(workspace))
    workspace.linking.versions.apply("default")
    assert links(workspace) != before[1]
    planned = workspace.linking.versions.plan("default", revert=True)
    assert (planned["version"], planned["replaces"]) == (1, 2)
    workspace.linking.versions.apply("default", revert=True, fingerprint=planned["fingerprint"])
    assert (profiles(workspace), links(workspace)) == before
    back = workspace.linking.run("default")
    assert back["version"] == 1
    # And forth again: what it had said comes back from the log.
    workspace.linking.versions.apply("default", version=2)
    assert {row[2] for row in links(workspace)} == {"linking:default@2"}


def test_training_again_learns_from_who_was_linked_too(workspace: Workspace) -> None:
    told = {each["version"]: each["records"] for each in workspace.linking.models()["data"]}
    assert told[2] == told[1] > len(people(workspace))


def test_a_model_can_be_taken_away(workspace: Workspace) -> None:
    with_model = len(people(workspace))
    workspace.linking.versions.apply("default", revert=True, version=0)
    assert links(workspace) == []
    rules = "select distinct rule from links where kept"
    assert workspace.sql(rules)["rows"] == [["same_message"]]
    assert len(people(workspace)) > with_model
    with pytest.raises(ConflictError, match="no version any more"):
        workspace.linking.run("default")
    workspace.linking.versions.apply("default", revert=True, version=1)
    assert len(links(workspace)) > 20


def test_what_came_in_between_is_linked_by_the_version_that_stands(
    workspace: Workspace, trained: Trained
) -> None:
    planned = workspace.linking.versions.plan("default", segments=False)
    send(workspace, trained.key, range(len(RECORDS) - LATE, len(RECORDS)))
    with pytest.raises(ConflictError, match="something else by now"):
        workspace.linking.versions.apply("default", fingerprint=planned["fingerprint"])
    assert {row[2] for row in links(workspace)} == {"linking:default@1"}
    workspace.linking.versions.apply("default")
    workspace.linking.versions.apply("default", revert=True)
    ran = workspace.linking.run("default")
    assert (ran["version"], ran["linked"] > 0) == (1, True)


def test_decisions_outlast_versions(workspace: Workspace) -> None:
    [[text]] = workspace.sql(
        "select m.body from messages as m join links as l using (source_id, message_id) "
        "where l.rule like 'linking:%' and l.kept order by m.position limit 1"
    )["rows"]
    one, other = json.loads(text)["identifiers"]
    workspace.unmerge(link=(one, other), reason="Two people.")
    reviewed = workspace.linking.reviews()["data"][0]
    joined = workspace.linking.review(reviewed["review_id"], "same", made_by="ann")
    workspace.linking.versions.apply("default")
    apart = {workspace.profile(end)["profile_id"] for end in (one, other)}
    assert len(apart) == 2
    ends = [joined[side]["identifier"] for side in ("left", "right")]
    assert len({workspace.profile(end)["profile_id"] for end in ends}) == 1


def test_other_rules_of_identity_keep_what_models_said(workspace: Workspace) -> None:
    """All messages are read anew; the model's links are those of the version that stands."""
    before = (people(workspace), links(workspace))
    rules = {
        "types": [
            {"name": "user_id", "unique": True, "fields": ["userId"]},
            {"name": "anonymous_id", "fields": ["anonymousId"]},
        ]
    }
    done = workspace.apply_identity(rules, fingerprint=None, wait=60)
    assert done["state"] == "done", done["error"]
    reread = {row[2] for row in links(workspace)}
    assert reread == {"linking:default@1"}
    done = workspace.revert_identity(fingerprint=None, wait=60)
    assert done["state"] == "done", done["error"]
    assert (people(workspace), links(workspace)) == before


def test_live_memberships_follow(trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.folder, tmp_path / "w")
    with Workspace(tmp_path / "w", clock=ManualClock(NOW)) as workspace:
        workspace.advance()
        workspace.linking.versions.apply("default")
        workspace.advance()
        assert workspace.memberships.verify()["differences"] == []
        workspace.linking.versions.apply("default", revert=True)
        workspace.advance()
        assert workspace.memberships.verify()["differences"] == []


def test_what_cannot_be_asked(workspace: Workspace) -> None:
    versions = workspace.linking.versions
    with pytest.raises(ConflictError, match="stands already"):
        versions.plan("default", version=1)
    with pytest.raises(NotFoundError, match="no version 7"):
        versions.plan("default", version=7)
    with pytest.raises(NotFoundError, match="never stood"):
        versions.apply("default", revert=True, version=2)
    with pytest.raises(NotFoundError, match="no linking model others"):
        versions.plan("others")
