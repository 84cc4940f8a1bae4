"""The generated reference says what the code does; issue 2, point 13."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from patron.cli import reference
from patron.cli.app import app

FOLDER = Path(__file__).parents[3] / "docs" / "reference"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages()


@pytest.mark.parametrize("name", ["cli.md", "api.md", "roles.md"])
def test_a_page_is_what_the_code_says(pages: dict[str, str], name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages[name], (
        "make it anew: python -m patron.cli.reference"
    )


def test_every_command_takes_json() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    commands = dict(reference._commands("patron", group))
    assert len(commands) > 15
    for name, command in commands.items():
        assert any("--json" in option.opts for option in command.params), name


def test_every_route_of_the_api_is_on_its_page(pages: dict[str, str]) -> None:
    document = reference.openapi()
    routes = [(m, p) for p, methods in document["paths"].items() for m in methods]
    assert len(routes) > 20
    for method, path in routes:
        assert f"### {method.upper()} {path}\n" in pages["api.md"]
        assert document["paths"][path][method]["summary"]


def test_links_within_the_page_lead_somewhere(pages: dict[str, str]) -> None:
    headings = {
        line.removeprefix("### ").lower()
        for line in pages["api.md"].splitlines()
        if line[:4] == "### "
    }
    targets = {part.split(")")[0] for part in pages["api.md"].split("](#")[1:]}
    assert targets
    assert targets <= headings
