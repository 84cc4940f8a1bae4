"""The page on a profile is true: what it sends, in a workspace of what it declares, is answered so.

Its blocks are read in order: `yaml` declares, `jsonl` sends, `http` asks or does something, and a
`json` block shows the answer to the question before it. A moment in the first line of an `http`
block says when it comes; without one it comes when all is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.definitions import read
from patron.pipeline.parts import PARTS
from patron.workspace import Workspace

PAGE = (Path(__file__).parents[2] / "docs/concepts/profile.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BEGIN = parse_time("2026-03-01")
END = parse_time("2026-06-30T12:00:00Z")
MORE = "…"
"""Stands in a list for items that are left out."""


class Step(NamedTuple):
    """Something that comes at a moment: a message of a source, or a request."""

    at: datetime
    source: str | None
    method: str
    path: str
    body: Any


class Shown(NamedTuple):
    """What the page shows of an answer."""

    asked: Step
    block: Any


def request(block: str) -> Step:
    """An `http` block."""
    found = re.fullmatch(r"(?:# (\S+)\n)?([A-Z]+) (\S+)\n(.*)", block, re.DOTALL)
    assert found, block
    at, method, path, body = found.groups()
    return Step(parse_time(at) if at else END, None, method, path, json.loads(body or "null"))


def messages(block: str) -> Iterator[Step]:
    """A `jsonl` block: what is indented belongs to the line before it."""
    for source, text in re.findall(r"^(\w+) +(\{.*(?:\n +.*)*)$", block, re.MULTILINE):
        said = json.loads(text)
        yield Step(parse_time(said["timestamp"]), source, "POST", "/v1/batch", {"batch": [said]})


def read_page() -> tuple[list[Step], list[Shown]]:
    """What comes to pass, in the order of time, and what is shown."""
    steps: list[Step] = []
    shown: list[Shown] = []
    for language, block in BLOCKS:
        if language == "jsonl":
            steps += messages(block)
        elif language == "http":
            steps.append(request(block))
        elif language == "json":
            assert steps[-1].method == "GET", block
            shown.append(Shown(steps[-1], json.loads(block)))
    return sorted(steps, key=lambda step: step.at), shown


STEPS, SHOWN = read_page()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the workspace of the page answers to each question."""
    return lived(tmp_path_factory.mktemp("profile") / "data")


def lived(data: Path) -> dict[str, Any]:
    """Make the workspace of the page; returns what it answered to each question, by its path."""
    (definitions,) = [block for language, block in BLOCKS if language == "yaml"]
    declared = data.parent / "all.yaml"
    declared.write_text(definitions, encoding="utf-8")
    token = Workspace.create(data)
    clock = ManualClock(BEGIN)
    found: dict[str, Any] = {}
    with Workspace(data, clock=clock) as workspace:
        keys = workspace.apply([asdict(one) for one in read([declared])])["write_keys"]
        client = TestClient(create_app(workspace))
        bearer = {"Authorization": f"Bearer {token}"}
        for step in STEPS:
            passed = step.at - clock.now()
            clock.advance(passed)
            if passed > timedelta(days=30) or step.at == END:  # time alone changes something
                workspace.advance()
            said = {} if step.body is None else {"json": step.body}
            who = {"auth": (keys[step.source], "")} if step.source else {"headers": bearer}
            answer = client.request(step.method, step.path, **said, **who)
            assert answer.is_success, answer.text
            if step.source:
                assert answer.headers["Patron-Result"].startswith("stored=1,"), step
                if step.body["batch"][0]["type"] != "identify":  # these move nobody here
                    workspace.advance()
            else:
                found[step.path] = answer.json()
    return found


def missing(shown: Any, answer: Any, path: str = "") -> list[str]:
    """What is shown and is not so. Fields may be left out; items of lists where `MORE` says so."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        gone = [f"{path}.{name} is not there" for name in shown if name not in answer]
        return gone + [
            wrong
            for name in shown.keys() & answer.keys()
            for wrong in missing(shown[name], answer[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and isinstance(answer, list):
        if MORE in shown:
            return out_of_order(shown, answer, path)
        if len(shown) != len(answer):
            return [f"{path} has {len(answer)} items, not {len(shown)}"]
        return [
            wrong
            for place, (one, other) in enumerate(zip(shown, answer, strict=True))
            for wrong in missing(one, other, f"{path}[{place}]")
        ]
    same = shown == answer and type(shown) is type(answer)
    return [] if same else [f"{path} is {json.dumps(answer)}, not {json.dumps(shown)}"]


def out_of_order(shown: list[Any], answer: list[Any], path: str) -> list[str]:
    """What of a list with left out items is not there, or not behind the item before it."""
    place, skipping = 0, False
    for one in shown:
        if one == MORE:
            skipping = True
            continue
        there = range(place, len(answer) if skipping else min(place + 1, len(answer)))
        found = next((at for at in there if not missing(one, answer[at])), None)
        if found is None:
            return [f"{path} has no {json.dumps(one)} at {place}: {json.dumps(answer[place:])}"]
        place, skipping = found + 1, False
    return [] if skipping or place == len(answer) else [f"{path} goes on: {answer[place:]}"]


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_the_answer_is_what_the_page_shows(answers: dict[str, Any], number: int) -> None:
    asked, block = SHOWN[number]
    assert missing(block, answers[asked.path]) == []


def test_every_part_of_a_profile_is_shown(answers: dict[str, Any]) -> None:
    whole = next(step.path for step in STEPS if step.path.endswith("example.com?include=all"))
    told: dict[str, Any] = {}
    for asked, block in SHOWN:
        if asked.path == whole:
            told |= {**block, "traits": told.get("traits", {}) | block.get("traits", {})}
    assert set(PARTS) - {"computed"} < set(told)
    assert set(told["traits"]) == set(answers[whole]["traits"])
    assert {asked.path for asked, _ in SHOWN} == {one.path for one in STEPS if one.method == "GET"}


def test_every_message_is_told_of() -> None:
    sent = [step.body["batch"][0]["messageId"] for step in STEPS if step.source]
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert sent == [f"m{number}" for number in range(1, 14)]
    assert {name for name in sent if f"`{name}`" in prose} == set(sent)
    assert set(re.findall(r"`(m\d+)`", prose)) == set(sent)


def test_what_is_shown_wrongly_is_noticed() -> None:
    answer = {"a": [{"b": 1, "c": 2}, {"b": 3}], "d": True}
    assert missing({"a": [{"b": 1}, {"b": 3}]}, answer) == []
    assert missing({"a": [MORE, {"b": 3}]}, answer) == []
    for wrong in (
        {"e": None}, {"d": 1}, {"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 3}]},
        {"a": [{"b": 3}, MORE]}, {"a": [MORE, {"b": 1}]}, {"a": [MORE, {"b": 3}, {"b": 1}]},
    ):  # fmt: skip
        assert missing(wrong, answer) != []
