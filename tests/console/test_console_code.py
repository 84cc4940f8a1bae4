"""The code of the console: its own checks, its types of the API, its languages, its size."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.test_segment_language import CELLS, JSON, RULES
from patron.api.console import BUILT, HOW_TO_BUILD
from patron.cli.reference import openapi
from patron.pipeline.audiences import plain_tree
from patron.segments.codec import decode
from patron.segments.text import parse

CODE = Path(__file__).parents[2] / "web/console"
MESSAGES = CODE / "src/language/messages"
MOST_BYTES = 300_000
"""Compressed JavaScript that the first view may take."""

needs_node = pytest.mark.skipif(
    # In CI these must not vanish unseen.
    os.environ.get("CI") != "true"
    and not (shutil.which("npm") and (CODE / "node_modules").is_dir()),
    reason="Needs npm and the packages of web/console: make test installs them.",
)


def npm(*command: str, **more: str) -> None:
    done = subprocess.run(
        ["npm", *command], cwd=CODE, capture_output=True, text=True, check=False, timeout=600,
        env=os.environ | more,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@needs_node
def test_format_lint_and_types() -> None:
    npm("run", "check")


@needs_node
def test_units(tmp_path: Path) -> None:
    """The builder is given every example of the language, as the page on it has them."""
    read = [parse(text) for text in [*RULES, *(cell[0] for cell in CELLS)]]
    trees = [plain_tree(rule) for rule in [*read, *(decode(written) for written in JSON)]]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(trees), encoding="utf-8")
    npm("run", "test", PATRON_RULES=str(file))


@needs_node
def test_types_of_the_api_are_those_of_the_api(tmp_path: Path) -> None:
    document, written = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    document.write_text(json.dumps(openapi()), encoding="utf-8")
    npm("exec", "--", "openapi-typescript", str(document), "--output", str(written))
    kept = CODE / "src/api/schema.d.ts"
    assert kept.read_text("utf-8") == written.read_text("utf-8"), "Stale: run make console-types."


def test_the_lock_names_the_packages_of_every_platform() -> None:
    """Otherwise npm ci refuses it: a registry that lacks some leaves them out without a word."""
    locked = json.loads((CODE / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = {name for one in locked.values() for name in one.get("optionalDependencies", {})}
    assert [name for name in sorted(wanted) if f"node_modules/{name}" not in locked] == []


def leaves(found: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


@pytest.mark.parametrize("language", ["pl", "th"])
def test_every_message_is_there_in_every_language(language: str) -> None:
    english = dict(leaves(json.loads((MESSAGES / "en.json").read_text("utf-8"))))
    told = dict(leaves(json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))))
    assert list(told) == list(english)
    assert [name for name, text in told.items() if not text.strip()] == []
    # A message that reads the same was forgotten, unless it is a name.
    same = {name for name, text in told.items() if text == english[name]}
    assert same <= {
        "shell.menu", "person.auto", "signIn.email", "customers.segment", "home.segment",
        "settings.people.email", "settings.audit.areas.sql", "identity.rules.segment",
        "catalogue.id", "sources.kinds.crm", "sources.kinds.erp", "sources.kinds.email",
        "sources.kinds.internal", "types.email", "fields.email",
    }  # fmt: skip


def test_the_first_view_is_small() -> None:
    if not BUILT.is_dir():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HOW_TO_BUILD)
    manifest = json.loads((BUILT / ".vite/manifest.json").read_text("utf-8"))
    first = ["index.html", "src/pages/home/Home.tsx", "src/language/messages/en.json"]
    files: set[str] = set()
    while first:
        chunk = manifest[first.pop()]
        if chunk["file"] not in files:
            files.add(chunk["file"])
            first += chunk.get("imports", [])
    size = sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in files)
    assert 100_000 < size <= MOST_BYTES
