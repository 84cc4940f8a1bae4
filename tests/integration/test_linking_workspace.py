"""Linking in a workspace: models are frozen, runs are incremental, reviewers win (S1.4)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from benchmarks.quality.metrics import pairwise
from benchmarks.quality.population import Register, copies

from integration.cli_runs import answer, patron
from patron.clock import ManualClock
from patron.errors import ConflictError, DefinitionError, InputError, NotFoundError
from patron.linking import LinkingDefinition
from patron.pipeline.linking.compared import find_places, read_places, values_at
from patron.workspace import Workspace

NOW = datetime(2026, 6, 1)
SOURCE = {"kind": "source", "name": "web", "body": {"type": "web", "brand": "main"}}
SMALL = Register(people=130, copied=0.6, missing=0.2, typing_errors=0.4)
RECORDS = copies(SMALL, seed=21)
LATE = 25


def identify(number: int, **more: Any) -> dict[str, Any]:
    _, traits = RECORDS[number]
    return {
        "type": "identify",
        "anonymousId": f"device-{number}",
        "timestamp": "2026-05-01",
        "traits": traits,
        **more,
    }


def send(workspace: Workspace, key: str, messages: Sequence[dict[str, Any]]) -> None:
    workspace.collect_batch(json.dumps({"batch": messages}).encode(), key).result()


LINKED = "select count(*) from messages where type = 'link'"


class Filled:
    """A workspace in which a model has run over most of the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Workspace.create(folder)
        with self.opened() as workspace:
            self.key = workspace.apply([SOURCE])["write_keys"]["web"]
            send(workspace, self.key, [identify(n) for n in range(len(RECORDS) - LATE)])
            self.customers = rows(workspace, "select count(*) from customers")[0][0]
            self.trained = workspace.linking.train("default")
            self.tried = workspace.linking.run("default", dry_run=True)
            self.after_trying = rows(workspace, LINKED)
            self.ran = workspace.linking.run("default")

    def opened(self) -> Workspace:
        return Workspace(self.folder, clock=ManualClock(NOW))

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Workspace]:
        """A workspace that is the same, to be changed."""
        shutil.copytree(self.folder, folder)
        with Workspace(folder, clock=ManualClock(NOW)) as workspace:
            yield workspace


def rows(workspace: Workspace, sql: str) -> list[list[Any]]:
    found: list[list[Any]] = workspace.sql(sql)["rows"]
    return found


def profile_of(workspace: Workspace, number: int) -> int:
    found: int = workspace.profile(f"anonymous_id:device-{number}")["profile_id"]
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("linking") / "w")


def test_a_run_links_who_is_one_person(filled: Filled) -> None:
    assert filled.trained["version"] == filled.ran["version"] == 1
    assert filled.ran["scored"] == filled.ran["records"] == filled.customers
    assert filled.ran["linked"] > 20
    with filled.opened() as workspace:
        found = [profile_of(workspace, n) for n in range(len(RECORDS) - LATE)]
        truth = [person for person, _ in RECORDS[: len(RECORDS) - LATE]]
        quality = pairwise(found, truth)
        assert quality.precision >= 0.97
        assert quality.recall >= 0.6
        told = rows(workspace, "select distinct rule from links order by 1")
        assert told == [["linking:default@1"], ["same_message"]]
        [reason] = rows(workspace, "select reason from merges order by merge_id desc limit 1")[0]
        assert "linking model default@1" in reason
        # The log has every link with its evidence.
        [body] = rows(workspace, "select body from messages where type = 'link' limit 1")[0]
        assert {"weight", "probability", "evidence"} <= json.loads(body).keys()
        assert filled.ran["linked"] == len(
            rows(workspace, "select position from messages where type = 'link'")
        )


def test_a_dry_run_changes_nothing(filled: Filled) -> None:
    assert filled.after_trying == [[0]]
    told = ("linked", "reviews", "scored", "kept_apart")
    assert [filled.tried[name] for name in told] == [filled.ran[name] for name in told]


def test_what_was_scored_is_not_scored_again(filled: Filled, tmp_path: Path) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        # Those that were linked have changed: they are one record now.
        again = workspace.linking.run("default")
        assert 0 < again["scored"] <= 2 * filled.ran["linked"]
        assert workspace.linking.run("default")["scored"] <= 2 * again["linked"]
        before = rows(workspace, "select max(position) from messages")
        late = range(len(RECORDS) - LATE, len(RECORDS))
        send(workspace, filled.key, [identify(n) for n in late])
        ran = workspace.linking.run("default")
        assert 0 < ran["scored"] <= LATE
        assert ran["linked"] > 5
        assert rows(workspace, "select max(position) from messages") != before
        found = [profile_of(workspace, n) for n in range(len(RECORDS))]
        assert pairwise(found, [person for person, _ in RECORDS]).precision >= 0.97
        # A new version does nothing before it is applied.
        assert workspace.linking.train("default")["version"] == 2
        assert workspace.linking.run("default")["version"] == 1
        told = [(each["version"], each["stands"]) for each in workspace.linking.models()["data"]]
        assert told == [(2, False), (1, True)]
        with pytest.raises(ConflictError, match="stands version 1"):
            workspace.linking.run("default", version=2)


def agrees(review: dict[str, Any]) -> None:
    """The values that stand beside a level are as that level says."""
    left, right = review["left"]["fields"], review["right"]["fields"]
    assert review["left"]["gone"] == review["right"]["gone"] == []
    for each in review["evidence"]:
        field, level = each["field"], each["level"]
        if field is not None:
            assert (left[field] == right[field]) == (level == "same"), (field, level)
        if level == "given and family name swapped":
            assert left["given_name"] == right["family_name"]


def test_reviewers_see_what_was_compared(filled: Filled, tmp_path: Path) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        asked = workspace.linking.reviews()["data"]
        assert len(asked) == filled.ran["reviews"]
        # Asked again once links were made: of several messages, one is what was compared.
        workspace.linking.run("default")
        asked = workspace.linking.reviews()["data"]
        for review in asked:
            agrees(review)
        # One of them moves, and is called something else; models learn that, and nothing is scored.
        first = asked[0]
        who = dict([first["left"]["identifier"].split(":", 1)])["anonymous_id"]
        moved = {"firstName": "Wolfhart", "birthday": "1999-09-09", "city": "Aachen"}
        for day in range(3, 7):
            told = identify(0, anonymousId=who, timestamp=f"2026-05-0{day}", traits=moved)
            send(workspace, filled.key, [told])
        workspace.linking.train("default")
        assert workspace.linking.reviews()["data"][0] == first
        # Of many messages, that one is found which gave the value.
        rules, side = workspace.linking._place.book().identity, first["left"]
        with workspace._store.cursor() as cursor:
            for name in ("wolfhart", side["fields"]["given_name"]):
                one = {side["profile_id"]: {"given_name": name}}
                [places] = find_places(cursor, rules, [], one).values()
                assert values_at(cursor, rules, [read_places(places)]) == [{"given_name": name}]
    # So does whoever asks on the command line.
    folder = tmp_path / "w"
    shown = answer("linking", "reviews", "-w", folder)["data"][0]
    codes = [one.pop("code") for one in shown["evidence"]]
    assert shown == first
    assert codes[0] == "before_any_field_is_looked_at"
    assert {"same", "different"} <= set(codes)
    shown = patron("linking", "reviews", "--limit", "1", "-w", folder)
    assert first["left"]["fields"]["family_name"] in shown.stdout
    # What is no longer there is not made up.
    with Workspace(folder, clock=ManualClock(NOW)) as workspace:
        with workspace._store.cursor() as cursor:
            cursor.execute("delete from traits")
        bare = workspace.linking.reviews()["data"][0]
        assert bare["left"]["fields"] == {}
        assert "family_name" in bare["left"]["gone"]
        assert bare["evidence"] == first["evidence"]
    shown = patron("linking", "reviews", "--limit", "1", "-w", folder)
    assert "not there any more" in shown.stdout


def test_reviewers_win(filled: Filled, tmp_path: Path) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        asked = workspace.linking.reviews()
        assert asked["total"] == filled.ran["reviews"] >= 2
        weights = [row["weight"] for row in asked["data"]]
        assert weights == sorted(weights, reverse=True)
        first, last = asked["data"][0], asked["data"][-1]
        assert sum(each["weight"] for each in first["evidence"]) == pytest.approx(
            first["weight"], abs=0.02
        )
        assert first["left"]["fields"]
        same = workspace.linking.review(first["review_id"], "same", made_by="ann", reason="called")
        assert same["left"]["profile_id"] == same["right"]["profile_id"]
        assert (same["state"], same["decided_by"], same["reason"]) == ("same", "ann", "called")
        other = workspace.linking.review(last["review_id"], "different", made_by="ann")
        assert other["left"]["profile_id"] != other["right"]["profile_id"]
        workspace.linking.run("default", everything=True)
        pending = workspace.linking.reviews()["data"]
        assert not {first["review_id"], last["review_id"]} & {r["review_id"] for r in pending}
        sides = {(last["left"]["identifier"], last["right"]["identifier"])}
        assert not sides & {(r["left"]["identifier"], r["right"]["identifier"]) for r in pending}
        with pytest.raises(ConflictError, match="decision 1"):
            workspace.linking.review(first["review_id"], "different", made_by="ann")
        labelled = workspace.linking.train("default", with_reviews=True)
        assert labelled["labels"] == 1


def test_reviews_are_decisions_by_hand(filled: Filled, tmp_path: Path) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        first, last = (workspace.linking.reviews()["data"][end] for end in (0, -1))
        said = [
            workspace.linking.review(one["review_id"], verdict, made_by="ann", message_id=verdict)
            for one, verdict in ((first, "same"), (last, "different"))
        ]
        # The same message says nothing twice.
        again = workspace.linking.review(
            first["review_id"], "same", made_by="ann", message_id="same"
        )
        assert again["decision_id"] == said[0]["decision_id"] == 1
        decided = workspace.decisions()["data"]
        assert [(one["kind"], one["made_by"]) for one in decided] == [
            ("apart", "ann"),
            ("same", "ann"),
        ]
        assert decided[1]["groups"] == [[first[side]["identifier"]] for side in ("left", "right")]
        history = workspace.identity_history(first["left"]["identifier"])["data"]
        assert "same" in [one["kind"] for one in history]
        workspace.withdraw(1, reason="The wrong one.", made_by="eve")
        back = workspace.linking.reviews()["data"][0]
        assert (back["review_id"], back["state"], back["decision_id"]) == (
            first["review_id"],
            "pending",
            None,
        )
        assert back["left"]["profile_id"] != back["right"]["profile_id"]
        other = workspace.linking.review(first["review_id"], "different", made_by="eve")
        assert (other["state"], other["decided_by"]) == ("different", "eve")


def test_what_was_linked_by_mistake_is_parted_and_stays_apart(
    filled: Filled, tmp_path: Path
) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        [body] = rows(
            workspace,
            "select m.body from messages as m join links as l using (source_id, message_id) "
            "where l.rule like 'linking:%' and l.kept order by m.position limit 1",
        )[0]
        one, other = json.loads(body)["identifiers"]
        told = workspace.identity_of(one)
        [link] = [each for each in told["links"] if each["rule"] == "linking:default@1"][:1]
        assert link["weight"] > 4
        assert "linking model default@1" in link["reason"]
        assert sum(each["weight"] for each in link["evidence"]) == pytest.approx(
            link["weight"], abs=0.02
        )
        assert {"given_name", None} <= {each["field"] for each in link["evidence"]}
        assert f"{link['weight']:.1f} bits" in workspace.identity_picture(one)
        parted = workspace.unmerge(link=(one, other), reason="Two people.")
        assert len(parted["customers"]) == 2
        again = workspace.linking.run("default", everything=True)
        assert again["scored"] == again["records"]
        apart = [workspace.profile(end)["profile_id"] for end in (one, other)]
        assert len(set(apart)) == 2
        [refused] = [each for each in workspace.identity_of(one)["refused"]
                     if each["rule"] == "linking:default@1"]  # fmt: skip
        assert refused["decisions"]
        asked = {frozenset((each["left"]["profile_id"], each["right"]["profile_id"]))
                 for each in workspace.linking.reviews()["data"]}  # fmt: skip
        assert frozenset(apart) not in asked
        workspace.withdraw(1, reason="One after all.")
        assert len({workspace.profile(end)["profile_id"] for end in (one, other)}) == 1


def test_models_are_no_source_of_the_customers_own(filled: Filled) -> None:
    with filled.opened() as workspace:
        assert workspace.status()["sources"] == 1
        assert [one["source"] for one in workspace.quality()["sources"]] == ["web"]
        assert workspace._book.brands == {"main"}
        internal = rows(workspace, "select name, brand from data_sources where kind = 'internal'")
        assert internal == [["linking models", ""]]


def test_reviewers_cannot_join_two_user_ids(filled: Filled, tmp_path: Path) -> None:
    with filled.copied(tmp_path / "w") as workspace:
        asked = workspace.linking.reviews()["data"][0]
        for side, user in (("left", "u1"), ("right", "u2")):
            device = asked[side]["identifier"].partition(":")[2]
            message = {"type": "identify", "userId": user, "anonymousId": device, "traits": {}}
            send(workspace, filled.key, [message])
        with pytest.raises(ConflictError, match="user_id"):
            workspace.linking.review(asked["review_id"], "same", made_by="ann")
        assert workspace.linking.reviews(state="same")["total"] == 0


def test_two_user_ids_are_never_linked(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    twice = list(range(len(RECORDS)))
    with Workspace(tmp_path / "w", clock=ManualClock(NOW)) as workspace:
        key = workspace.apply([SOURCE])["write_keys"]["web"]
        send(workspace, key, [identify(n, userId=f"u{n}") for n in twice])
        workspace.linking.train("default")
        ran = workspace.linking.run("default")
        assert (ran["linked"], ran["reviews"]) == (0, 0)
        assert ran["kept_apart"] > 20


def test_live_memberships_follow_links(filled: Filled, tmp_path: Path) -> None:
    body = {"rule": "city exists"}
    with filled.copied(tmp_path / "w") as workspace:
        workspace.put_segment("settled", body, allow_unknown=True)
        workspace.advance()
        late = range(len(RECORDS) - LATE, len(RECORDS))
        send(workspace, filled.key, [identify(n) for n in late])
        workspace.linking.run("default")
        workspace.advance()
        assert workspace.memberships.verify()["differences"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"link_at": 0.5, "review_at": 0.9}, "review_at"),
        ({"link_at": 2}, "between 0 and 1"),
        ({"one_record_a_person": ["web"]}, "many sources"),
        ({"links_at": 0.9}, "links_at"),
    ],
)
def test_definitions_that_cannot_hold(tmp_path: Path, body: dict[str, Any], message: str) -> None:
    Workspace.create(tmp_path / "w")
    with (
        Workspace(tmp_path / "w") as workspace,
        pytest.raises(DefinitionError, match=message),
    ):
        workspace.apply([{"kind": "linking", "name": "people", "body": body}])


def test_a_definition_of_ones_own(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    fields = [
        {"name": "given_name", "kind": "given_name"},
        {"name": "family_name", "kind": "family_name"},
        {"name": "birthday", "kind": "birthday"},
        {"name": "tier", "kind": "text"},
    ]
    wanted = {"kind": "linking", "name": "people", "body": {"fields": fields, "link_at": 0.95}}
    with Workspace(tmp_path / "w", clock=ManualClock(NOW)) as workspace:
        key = workspace.apply([SOURCE, wanted])["write_keys"]["web"]
        messages = [identify(n) for n in range(120)]
        for number, message in enumerate(messages):
            message["traits"] = {**message["traits"], "tier": f"Tier {number % 7}"}
        send(workspace, key, messages)
        with pytest.raises(NotFoundError, match="no linking definition"):
            workspace.linking.train("others")
        trained = workspace.linking.train("people")
        assert [each["field"] for each in trained["fields"]] == [f["name"] for f in fields]
        assert trained["link_at"] == 0.95
        assert workspace.linking.run("people")["records"] > 100


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    with Workspace(tmp_path / "w") as workspace:
        with pytest.raises(InputError, match="at least two"):
            workspace.linking.train("default")
        with pytest.raises(NotFoundError, match="no linking model"):
            workspace.linking.run("default")
        with pytest.raises(NotFoundError, match="no review 7"):
            workspace.linking.review(7, "same", made_by="ann")
        with pytest.raises(InputError, match="same or different"):
            workspace.linking.review(7, "perhaps", made_by="ann")


def test_the_command_line(filled: Filled, tmp_path: Path) -> None:
    shown = patron("linking", "models", "-w", filled.folder)
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[1].split()[:2] == ["default", "1"]
    page = tmp_path / "weights.html"
    shown = patron("linking", "chart", page, "-w", filled.folder)
    assert shown.exit_code == 0, shown.output
    assert "birthday" in page.read_text(encoding="utf-8")
    told = answer("linking", "run", "--dry-run", "-w", filled.folder)
    assert told["dry_run"] is True
    shown = patron("linking", "reviews", "--limit", "1", "-w", filled.folder)
    assert shown.exit_code == 0, shown.output
    assert "pairs, 1 shown." in shown.output
    [first] = answer("linking", "reviews", "--limit", "1", "-w", filled.folder)["data"]
    shown = patron("linking", "review", str(first["review_id"]), "different", "-w", filled.folder)
    assert shown.exit_code == 0, shown.output
    assert "stay two" in shown.output


GUIDE = (Path(__file__).parents[2] / "docs/how-to/link-records.md").read_text("utf-8")


def test_the_guide_runs(filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "w"
    shutil.copytree(filled.folder, folder)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    commands = [line[2:].split()[1:] for block in blocks for line in block.splitlines()]
    assert [command[:2] for command in commands] == [
        ["linking", "train"],
        ["linking", "run"],
        ["linking", "run"],
        ["linking", "reviews"],
        ["linking", "train"],
        ["linking", "plan"],
        ["linking", "apply"],
    ]
    for command in commands:
        shown = patron(*command, "-w", folder)
        assert shown.exit_code == 0, shown.output
    assert "birthday" in (tmp_path / "weights.html").read_text("utf-8")
    [definition] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    files = tmp_path / "definitions"
    files.mkdir()
    (files / "members.yaml").write_text(definition, encoding="utf-8")
    shown = patron("plan", files, "-w", folder)
    assert shown.exit_code == 0, shown.output
    assert "members" in shown.output


def test_the_thresholds_in_the_guide() -> None:
    default = LinkingDefinition()
    assert f"`link_at` ({default.link_at})" in GUIDE
    assert f"`review_at` ({default.review_at})" in GUIDE
