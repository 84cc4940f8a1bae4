"""Every ready-made mapping takes its made-up rows in (S1.1, S2.8, S3.7, S3.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.cli_runs import answer, patron
from integration.harness.waiting import until
from patron.collect.presets import Preset, presets
from patron.definitions.files import read
from patron.workspace import Workspace

PAGE = (Path(__file__).parents[2] / "docs/reference/presets.md").read_text(encoding="utf-8")
PRESETS = presets()


@dataclass
class Taken:
    """What came of all presets, applied and imported together."""

    states: dict[str, dict[str, Any]]
    events: dict[str, set[str]]
    customer: dict[str, Any]
    orders: set[tuple[Any, ...]]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("presets")
    files = folder / "definitions"
    files.mkdir()
    for one in PRESETS:
        (files / f"{one.name}.yaml").write_text(one.definitions, encoding="utf-8")
        (folder / f"{one.name}.csv").write_text(one.sample, encoding="utf-8")
    Workspace.create(folder / "workspace")
    with Workspace(folder / "workspace") as workspace:
        workspace.apply([{"kind": d.kind, "name": d.name, "body": d.body} for d in read([files])])
        states = {one.name: _imported(workspace, one.name, folder) for one in PRESETS}
        with workspace.reading() as reading:
            rows = reading.cursor.execute(
                "select s.name, list(distinct e.name) from events as e "
                "join sources as s using (source_id) group by all"
            ).all()
        customer = workspace.profile("user_id:C-1001")
        orders = {
            (order["order_id"], order["state"], order["net"], order["margin"])
            for who in ("user_id:C-1001", "user_id:C-1002", "loyalty_card:2990000000015")
            for order in workspace.orders(who)["data"]
        }
        events = {source: set(names) for source, names in rows}
        return Taken(states, events, customer, orders)


def _imported(workspace: Workspace, name: str, folder: Path) -> dict[str, Any]:
    import_id = workspace.start_import(name, str(folder))["import_id"]
    until(lambda: workspace.import_state(import_id)["state"] != "running")
    return workspace.import_state(import_id)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.name)
def test_the_made_up_rows_become_messages(preset: Preset, taken: Taken) -> None:
    state = taken.states[preset.name]
    assert (state["error"], state["quarantined"]) == (None, 0)
    assert state["stored"] >= 2
    names = taken.events.get(preset.source, set())
    assert names <= set(preset.events)
    assert bool(names) == bool(preset.events)
    # Every column of the sample is used: what it shows is what the mapping takes.
    mapping = list(yaml.safe_load_all(preset.definitions))[1]
    used = set(re.findall(r"[a-z_]+", str(mapping)))
    assert set(preset.sample.split("\n", 1)[0].split(",")) <= used


def test_returns_exchanges_and_cancellations_find_their_orders(taken: Taken) -> None:
    """S3.6, S1.10: what is left of each order."""
    assert taken.orders == {
        ("SO-501", "partly refunded", "92.9", "47.7"),
        ("SO-502", "cancelled", "0", "0"),
        ("SO-503", "exchanged", "54", "27.6"),
        ("G1-77001", "partly refunded", "5.1", None),
        ("G1-77003", "cancelled", "0", "0"),
    }


def test_the_presets_make_one_customer_of_what_they_share(taken: Taken) -> None:
    values = {(i["type"], i["value"]) for i in taken.customer["identifiers"]}
    assert {("email", "ann.fox@example.com"), ("phone", "+48601000001")} <= values
    assert ("device_id", "d-5b1f0a77") in values


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.name)
def test_the_page_names_every_preset_and_event(preset: Preset) -> None:
    part = PAGE.split(f"## {preset.name}\n")[1].split("\n## ")[0]
    shown = set(re.findall(r"`([A-Z][^`]+)`", part))
    assert set(preset.events) <= shown
    mapping = list(yaml.safe_load_all(preset.definitions))[1]
    made = mapping["message"].get("properties") or mapping["message"]["traits"]
    assert set(made) <= set(re.findall(r"`([a-z_]+)`", part))


def test_a_preset_that_is_not_there_is_offered_the_nearest() -> None:
    result = patron("mapping", "preset", "erp-order")
    assert result.exit_code == 1
    assert 'did you mean "erp-orders"?' in result.output
    assert len(answer("mapping", "presets")["data"]) == len(PRESETS) == 11
    assert patron("mapping", "preset", "crm-contacts").stdout == PRESETS[3].definitions
    assert patron("mapping", "preset", "crm-contacts", "--sample").stdout == PRESETS[3].sample
