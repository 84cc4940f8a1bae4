"""Commands that open the folder themselves; issue 2, point 9."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from integration.cli_runs import AS_OF, FILES, ORDERS, answer, patron, write_files


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the orders imported; tests only read it. Files lie beside it."""
    base = tmp_path_factory.mktemp("loaded")
    answer("init", base / "data")
    write_files(base / "definitions")
    (base / "orders.csv").write_text(ORDERS, encoding="utf-8")
    answer("apply", base / "definitions", "--yes", "-w", base / "data")
    answer("import", "orders", base, "-w", base / "data")
    return base / "data"


@pytest.fixture
def own(loaded: Path, tmp_path: Path) -> Path:
    """A copy of it, with the files beside it, that a test may change."""
    shutil.copytree(loaded.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data"


# Workspaces


def test_init_makes_a_workspace_and_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = patron("init")
    assert result.exit_code == 0
    assert stat.S_IMODE(Path("patron-data/admin-token").stat().st_mode) == 0o600
    for said in ("patron-data/admin-token", "patron serve\n", "curl -u ", "patron profile"):
        assert said in result.stdout
    assert patron("status").exit_code == 0
    assert "Nothing to do" in patron("plan").stdout


def test_init_gives_a_key_that_works_and_is_shown_once(tmp_path: Path) -> None:
    made = answer("init", tmp_path / "data")
    sources = answer("sql", "select * from data_sources", "-w", tmp_path / "data")
    assert made["source"] == "web"
    assert len(made["write_key"]) >= 32
    assert made["write_key"] not in json.dumps(sources)


def test_init_does_not_touch_a_workspace_that_is_there(tmp_path: Path) -> None:
    answer("init", tmp_path / "data")
    token = (tmp_path / "data" / "admin-token").read_text()
    result = patron("init", tmp_path / "data")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "is a Patron workspace already" in result.stderr
    assert (tmp_path / "data" / "admin-token").read_text() == token


def test_without_a_workspace_the_error_is_one_line_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = patron("status")
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first.startswith("Error: No workspace here")
    assert "patron init" in second
    as_data = json.loads(patron("status", "--json").stderr)
    assert as_data["code"] == "not_found"


def test_the_environment_can_name_the_workspace(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATRON_WORKSPACE", str(loaded))
    assert answer("status")["workspace"] == str(loaded)


def test_a_missing_token_is_said_plainly(tmp_path: Path) -> None:
    answer("init", tmp_path / "data")
    (tmp_path / "data" / "admin-token").unlink()
    result = patron("status", "-w", tmp_path / "data")
    assert result.exit_code == 1
    assert "The admin token cannot be read" in result.stderr


def test_status_adds_up(loaded: Path) -> None:
    held = answer("status", "-w", loaded)
    assert (held["profiles"], held["events"], held["segments"]) == (2, 3, 2)
    assert held["server"] is None
    total = held["counters"]["total"]
    assert total["accepted"] == 4 == total["stored"] + total["duplicate"] + total["quarantined"]
    shown = patron("status", "-w", loaded).stdout
    assert "none runs" in shown
    assert "tills" in shown


# Imports and quarantine


def test_an_import_that_is_run_again_changes_nothing(own: Path) -> None:
    before = answer("status", "-w", own)
    again = answer("import", "orders", own.parent, "-w", own)
    assert (again["state"], again["accepted"], again["stored"]) == ("done", 4, 0)
    shown = patron("import", "orders", own.parent, "-w", own)
    assert shown.stdout.startswith("Imported 4 messages from ")
    after = answer("status", "-w", own)
    for name in ("profiles", "events", "quarantined"):
        assert after[name] == before[name]


def test_a_path_is_relative_to_where_the_command_runs(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.parent)
    assert answer("import", "orders", "orders.csv", "-w", own)["accepted"] == 4


@pytest.mark.parametrize(
    ("mapping", "path", "said"),
    [("order", ".", "order"), ("orders", "nowhere", "nowhere")],
)
def test_an_import_that_cannot_begin_says_why(
    loaded: Path, mapping: str, path: str, said: str
) -> None:
    result = patron("import", mapping, loaded / path, "-w", loaded)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


def test_refused_rows_have_file_row_and_reason(loaded: Path) -> None:
    (refused,) = answer("quarantine", "list", "-w", loaded)["data"]
    assert refused["origin"].endswith("orders.csv")
    assert refused["row_number"] == 4
    shown = patron("quarantine", "list", "-w", loaded).stdout
    assert "orders.csv, row 4" in shown
    assert "amount" in shown
    for chosen in ("--all", str(refused["quarantine_id"])):
        result = patron("quarantine", "replay", chosen, "-w", loaded)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "imported again" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["1", "--all"]])
def test_a_replay_wants_ids_or_all(loaded: Path, arguments: list[str]) -> None:
    assert patron("quarantine", "replay", *arguments, "-w", loaded).exit_code == 2


# Profiles


def test_a_profile_by_any_spelling(loaded: Path) -> None:
    for identifier in ("email:ann@example.com", "email:ANN@example.com"):
        found = answer("profile", identifier, "--as-of", AS_OF, "-w", loaded)
        assert [i["value"] for i in found["identifiers"]] == ["ann@example.com"]
        assert found["as_of"] == "2018-01-01T00:00:00Z"
    by_id = answer("profile", str(found["profile_id"]), "--as-of", AS_OF, "-w", loaded)
    assert by_id["identifiers"] == found["identifiers"]


def test_a_profile_with_all_its_parts(loaded: Path) -> None:
    arguments = ("profile", "email:ann@example.com", "--timeline", "--orders", "--segments",
                 "--as-of", AS_OF, "-w", loaded)  # fmt: skip
    found = answer(*arguments)
    assert [e["order_id"] for e in found["timeline"]] == ["2", "1"]
    assert [o["order_id"] for o in found["order_history"]] == ["2", "1"]
    assert found["segments"] == ["big-spenders", "buyers"]
    shown = patron(*arguments).stdout
    for said in ("ann@example.com", "120.50", "80.50", "big-spenders, buyers",
                 "Timeline: 2 entries", "2017-06-01 10:00:00 UTC",
                 "As of 2018-01-01 00:00:00 UTC"):  # fmt: skip
        assert said in shown


def test_a_profile_before_anything_happened_has_no_orders(loaded: Path) -> None:
    found = answer("profile", "email:ann@example.com", "--orders", "--as-of", "2017-02-01", "-w",
                   loaded)  # fmt: skip
    assert found["order_history"] == []


def test_nobody_has_it(loaded: Path) -> None:
    result = patron("profile", "email:eve@example.com", "-w", loaded)
    assert result.exit_code == 1
    assert "email:eve@example.com" in result.stderr


def test_a_time_that_is_none_is_refused(loaded: Path) -> None:
    result = patron("profile", "email:ann@example.com", "--as-of", "yesterday", "-w", loaded)
    assert result.exit_code == 1
    assert "--as-of: expected an ISO 8601 date" in result.stderr


# Segments


def test_segments_are_listed_and_shown_with_their_counts(loaded: Path) -> None:
    listed = answer("segment", "list", "--as-of", AS_OF, "-w", loaded)
    assert {s["name"]: s["count"] for s in listed["data"]} == {"big-spenders": 1, "buyers": 2}
    one = answer("segment", "show", "big-spenders", "--as-of", AS_OF, "-w", loaded)["segment"]
    assert (one["count"], one["origin"]) == (1, "file")
    shown = patron("segment", "show", "big-spenders", "--as-of", AS_OF, "-w", loaded).stdout
    assert 'of "Order Completed"' in shown
    assert "More than 100 in a year." in shown
    assert "big-spenders" in patron("segment", "list", "-w", loaded).stdout


def test_a_preview_counts_and_shows_members(loaded: Path) -> None:
    rule = 'did "Order Completed" in the last 300 days'
    seen = answer("segment", "preview", rule, "--as-of", AS_OF, "-w", loaded)
    assert (seen["count"], seen["total"]) == (2, 2)
    shown = patron("segment", "preview", rule, "--as-of", AS_OF, "-w", loaded).stdout
    assert "2 customers of 2 (100.0 %)" in shown
    assert "email:bob@example.com" in shown


def test_an_explanation_names_every_condition_and_what_is_behind_it(loaded: Path) -> None:
    arguments = ("segment", "explain", "big-spenders", "email:ANN@example.com", "-w", loaded)
    told = answer(*arguments, "--as-of", AS_OF)
    assert (told["member"], told["changes_at"]) == (True, "2018-03-01T10:00:00Z")
    condition = told["condition"]
    assert (condition["kind"], condition["value"]) == ("sum", "120.5")
    rows = condition["evidence"]["rows"]
    assert [(row["message_id"], row["value"]) for row in rows] == [
        ("order-2", "40"), ("order-1", "80.5"),
    ]  # fmt: skip
    shown = patron(*arguments, "--as-of", AS_OF).stdout.splitlines()
    assert shown[0] == f"✓ Profile {told['profile_id']} is in big-spenders"
    assert shown[3] == "  found: 120.5, from 2 events"
    assert shown[-2:] == [
        "Leaves on 2018-03-01 10:00:00 UTC if nothing more happens.",
        f"As of 2018-01-01 00:00:00 UTC, log position {told['position']:,}.",
    ]
    before = patron(*arguments, "--as-of", "2017-01-01").stdout
    assert "✗ Profile" in before
    assert "Not seen yet by then: nothing holds." in before
    assert "Enters on 2017-06-01 10:00:00 UTC if nothing more happens." in before


def test_a_rule_can_stand_in_a_file_or_come_from_standard_input(
    loaded: Path, tmp_path: Path
) -> None:
    rule = 'did "Order Completed"\n  in the last 200 days'
    (tmp_path / "rule.txt").write_text(rule)
    arguments = ("segment", "preview", "--as-of", AS_OF, "-w", loaded)
    assert answer(*arguments, "-f", tmp_path / "rule.txt")["count"] == 0
    assert answer(*arguments, "-f", "-", given=rule)["count"] == 0


def test_an_unknown_name_is_shown_in_its_place_with_the_nearest_known(loaded: Path) -> None:
    rule = 'did "Order Completed" in the last 30 days\nand did "Order Complete" in the last 9 days'
    result = patron("segment", "preview", rule, "-w", loaded)
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Error: ")
    assert lines[1].strip() == rule.splitlines()[1]
    assert lines[2].strip() == "^ line 2, column 5"
    assert lines[1][lines[2].index("^") :].startswith('did "Order Complete"')
    assert "Order Completed" in result.stderr
    as_data = json.loads(patron("segment", "preview", rule, "--json", "-w", loaded).stderr)
    assert (as_data["line"], as_data["column"]) == (2, 5)
    assert as_data["suggestions"][0] == "Order Completed"


@pytest.mark.parametrize("arguments", [[], ["rule", "-f", "file"]])
def test_a_preview_wants_one_rule(loaded: Path, arguments: list[str]) -> None:
    assert patron("segment", "preview", *arguments, "-w", loaded).exit_code == 2


def test_members_come_page_by_page(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patron.cli.segments.PAGE", 1)
    found = answer("segment", "members", "buyers", "--as-of", AS_OF, "-w", loaded)
    assert found["count"] == 2 == len(found["data"])
    assert found["next"] is None
    first = answer("segment", "members", "buyers", "--limit", "1", "--as-of", AS_OF, "-w", loaded)
    assert first["data"] == found["data"][:1]
    shown = patron("segment", "members", "buyers", "--as-of", AS_OF, "-w", loaded).stdout
    assert "2 of 2 members" in shown


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_what_is_exported_is_what_is_counted(loaded: Path, tmp_path: Path, form: str) -> None:
    """Meaning 7: counted, listed and exported are the same set."""
    target = tmp_path / f"buyers.{form}"
    at = ("--as-of", AS_OF, "-w", loaded)
    written = answer("segment", "export", "buyers", "-o", target, *at)
    members = answer("segment", "members", "buyers", *at)["data"]
    assert (written["format"], written["count"]) == (form, len(members))
    ids = [int(row["profile_id"]) for row in read_rows(target, form)]
    assert ids == [m["profile_id"] for m in members]
    assert list(tmp_path.iterdir()) == [target]


def read_rows(path: Path, form: str) -> list[dict[str, Any]]:
    if form == "parquet":
        return pyarrow.parquet.read_table(path).to_pylist()
    text = path.read_text(encoding="utf-8")
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


def test_an_export_goes_to_standard_output_when_no_file_is_named(loaded: Path) -> None:
    result = patron("segment", "export", "buyers", "--as-of", AS_OF, "-w", loaded)
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 2
    refused = patron("segment", "export", "buyers", "--json", "-w", loaded)
    assert (refused.exit_code, refused.stdout) == (1, "")


def test_an_export_into_no_folder_is_refused(loaded: Path, tmp_path: Path) -> None:
    result = patron("segment", "export", "buyers", "-o", tmp_path / "no" / "x.csv", "-w", loaded)
    assert result.exit_code == 1
    assert "There is no folder" in result.stderr


def test_an_unknown_segment(loaded: Path) -> None:
    result = patron("segment", "show", "buyer", "-w", loaded)
    assert result.exit_code == 1
    assert "buyer" in result.stderr


# Lists


def test_a_list_is_set_and_added_to(own: Path, tmp_path: Path) -> None:
    assert answer("list", "set", "vips", "email:ann@example.com", "-w", own)["entries"] == 1
    (tmp_path / "more.txt").write_text("email:ANN@example.com\n\nemail:bob@example.com\n")
    added = answer("list", "add", "vips", "-f", tmp_path / "more.txt", "-w", own)
    assert added["entries"] == 2
    assert answer("list", "show", "-w", own)["data"] == [{"name": "vips", "entries": 2}]
    shown = patron("list", "set", "vips", "-f", "-", "-w", own, given="email:bob@example.com\n")
    assert shown.stdout == "vips holds 1 entry.\n"


# Definitions


def test_a_plan_shows_who_would_enter_and_changes_nothing(loaded: Path, tmp_path: Path) -> None:
    path = write_files(tmp_path / "definitions") / "segments" / "big-spenders.yaml"
    path.write_text(FILES["segments/big-spenders.yaml"].replace("> 100", "> 50"))
    arguments = ("plan", tmp_path / "definitions", "-w", loaded)
    planned = answer(*arguments, "--as-of", AS_OF)
    (change,) = [c for c in planned["changes"] if c["action"] != "keep"]
    assert (change["action"], change["name"]) == ("change", "big-spenders")
    assert (change["enter"], change["leave"], change["count"]) == (1, 0, 2)
    assert not planned["applied"]
    assert "0 to add, 1 to change, 0 to remove" in patron(*arguments).stdout
    held = answer("segment", "show", "big-spenders", "--as-of", AS_OF, "-w", loaded)
    assert held["segment"]["count"] == 1


def test_apply_asks_and_does_nothing_when_it_cannot(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    answer("init", folder)
    write_files(tmp_path / "definitions")
    result = patron("apply", tmp_path / "definitions", "-w", folder)
    assert result.exit_code == 1
    assert "--yes" in result.stderr
    assert answer("status", "-w", folder)["segments"] == 0


def test_apply_shows_new_write_keys_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    answer("init", folder)
    write_files(tmp_path / "definitions")
    applied = answer("apply", tmp_path / "definitions", "--yes", "-w", folder)
    assert applied["applied"]
    assert set(applied["write_keys"]) == {"tills"}
    again = answer("apply", tmp_path / "definitions", "--yes", "-w", folder)
    assert again["write_keys"] == {}
    assert all(change["action"] == "keep" for change in again["changes"])


def test_pulled_files_applied_again_change_nothing(loaded: Path, tmp_path: Path) -> None:
    pulled = answer("pull", tmp_path / "out", "-w", loaded)
    assert {Path(f).name for f in pulled["files"]} == {Path(name).name for name in FILES}
    assert "Nothing to do" in patron("plan", tmp_path / "out", "-w", loaded).stdout
    assert answer("pull", tmp_path / "out", "-w", loaded)["files"] == []


def test_pull_takes_out_what_is_not_there_only_when_told_to(loaded: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer("pull", out, "-w", loaded)
    extra = write_files(
        out, {"segments/extra.yaml": "kind: segment\nname: extra\nrule: everyone\n"}
    )
    answer("pull", out, "-w", loaded)
    assert (extra / "segments" / "extra.yaml").exists()
    answer("pull", out, "--prune", "-w", loaded)
    assert not (extra / "segments" / "extra.yaml").exists()


def test_a_wrong_rule_in_a_file_is_shown_with_file_and_place(loaded: Path, tmp_path: Path) -> None:
    rule = "kind: segment\nname: wrong\nrule: did did\n"
    folder = write_files(tmp_path / "d", {"segments/wrong.yaml": rule})
    result = patron("plan", folder, "-w", loaded)
    assert result.exit_code == 1
    assert "wrong.yaml" in result.stderr
    assert "  did did\n      ^ line 1, column 5" in result.stderr


def test_a_wrong_file_is_named_with_its_line(loaded: Path, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "d", {"x.yaml": "kind: segmnt\nname: x\n"})
    result = patron("plan", folder, "-w", loaded)
    assert result.exit_code == 1
    assert "x.yaml:1" in result.stderr
    assert patron("plan", tmp_path / "none", "-w", loaded).exit_code == 1


# SQL and doctor


def test_sql_in_its_three_forms(loaded: Path) -> None:
    query = "select name, count(*) as n from customer_events group by name"
    assert answer("sql", query, "-w", loaded)["rows"] == [["Order Completed", 3]]
    assert (
        patron("sql", query, "--format", "csv", "-w", loaded).stdout
        == "name,n\nOrder Completed,3\n"
    )
    shown = patron("sql", query, "-w", loaded).stdout
    assert shown.startswith("name             n\nOrder Completed  3\n")
    with_json = patron("sql", query, "--format", "json", "-w", loaded)
    assert json.loads(with_json.stdout)["columns"] == ["name", "n"]


def test_sql_says_when_there_is_more(loaded: Path) -> None:
    result = patron("sql", "select * from customer_events", "--limit", "2", "-w", loaded)
    assert "more rows than 2" in result.stderr


@pytest.mark.parametrize("query", ["delete from messages", "select * from tokens", "selec 1"])
def test_sql_only_reads_what_is_documented(loaded: Path, query: str) -> None:
    result = patron("sql", query, "-w", loaded)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")


def test_doctor_is_content_with_a_sound_workspace(loaded: Path) -> None:
    found = answer("doctor", "-w", loaded)
    assert found["sound"]
    checks = {c["check"]: c["state"] for c in found["checks"]}
    assert checks == dict.fromkeys(
        ["folder", "admin token", "disk", "server", "schema", "counters", "definitions"], "ok"
    )


def test_doctor_says_what_to_do(tmp_path: Path) -> None:
    answer("init", tmp_path / "data")
    token = tmp_path / "data" / "admin-token"
    token.chmod(0o644)
    result = patron("doctor", "-w", tmp_path / "data")
    assert result.exit_code == 1
    assert f"chmod 600 {token}" in result.stdout
    assert "1 check failed" in result.stdout


def test_a_command_that_is_written_wrongly_ends_with_2(loaded: Path) -> None:
    assert patron("segment", "members", "-w", loaded).exit_code == 2
    assert patron("statis").exit_code == 2
    assert patron("sql", "select 1", "--format", "xml", "-w", loaded).exit_code == 2
