"""The documentation is true: commands do what pages show, and pages name all that there is."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import patron
from docs.shell import Terminal, marked_blocks, matches
from docs.warm import WarmProgram
from patron.warehouse.questions import VIEWS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
GUIDES = sorted(
    str(page.relative_to(ROOT))
    for page in (DOCS / "how-to").glob("*.md")
    if "<!-- runs -->" in page.read_text(encoding="utf-8")
)
"""Pages whose marked commands run from top to bottom in a folder of their own."""
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


# ── commands ──


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmProgram]:
    with WarmProgram(tmp_path_factory.mktemp("warm")) as program:
        yield program


@pytest.fixture
def quick(warm: WarmProgram, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal whose commands begin at once; the readme and servers prove the real program."""
    with Terminal(tmp_path, warm.folder) as opened:
        yield opened


@needs_curl
def test_the_readme_leads_from_nothing_to_a_segment(terminal: Terminal) -> None:
    commands, library = marked_blocks(read("README.md"))
    assert len(commands.text.splitlines()) <= 10
    code, printed = terminal.script(commands.text)
    assert code == 0, printed
    assert "OKOK1 customer of 1 (100.0 %)" in printed
    assert "Order Completed  main   web" in printed
    code, printed = terminal.examples(library.text)
    assert code == 0, printed


@needs_curl
def test_the_tutorial_prints_what_it_shows(quick: Terminal) -> None:
    blocks = marked_blocks(read("docs/tutorials/first-segment.md"))
    assert {block.mark for block in blocks} == {"runs", "serves", "fails"}
    for block in blocks:
        for command, expected in block.commands():
            if block.mark == "serves":
                printed = quick.serve(command)
                assert matches([*expected, "…"], printed), printed
                continue
            code, printed = quick.run(command)
            assert (code != 0) == (block.mark == "fails"), f"{command}\n{printed}"
            assert matches(expected, printed), f"line {block.line}: {command}\n{printed}"


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_prints_what_it_shows(quick: Terminal, name: str) -> None:
    for block in marked_blocks(read(name)):
        for command, expected in block.commands():
            code, printed = quick.run(command)
            assert code == 0, f"{command}\n{printed}"
            assert matches(expected, printed), f"line {block.line}: {command}\n{printed}"


def test_guides_leave_few_commands_unmarked() -> None:
    assert len(GUIDES) >= 4
    for name in GUIDES:
        page = read(name)
        assert len(marked_blocks(page)) >= page.count("```console") / 2, name


def test_no_command_of_the_tutorial_is_left_unmarked() -> None:
    page = read("docs/tutorials/first-segment.md")
    assert page.count("```console") == len(marked_blocks(page)) > 8


# ── pages ──


def slug(heading: str) -> str:
    """The anchor that a heading gets where the pages are read."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def links(page: Path) -> list[str]:
    text = prose(page.read_text(encoding="utf-8"))
    return re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            text = prose(target.read_text(encoding="utf-8"))
            assert anchor in {slug(h) for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}, link


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_page_tells_of_the_machine_it_was_written_on(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w.-])/(?:work|tmp|home|root|Users)/\S*", text)


def test_the_index_lists_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in links(DOCS / "README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.parent != DECISIONS}
    missing = pages - listed - {DOCS / "README.md"}
    assert not missing, "name them in docs/README.md"


# ── decisions ──


def test_the_index_of_decisions_is_complete() -> None:
    rows = re.findall(
        r"^\| \[(\d+)\]\((\S+?)\) \| (.*) \|$", read("docs/decisions/README.md"), re.MULTILINE
    )
    files = sorted(page.name for page in DECISIONS.glob("[0-9]*.md"))
    assert [name for _, name, _ in rows] == files
    assert [int(number) for number, _, _ in rows] == list(range(1, len(files) + 1))
    for number, name, title in rows:
        text = (DECISIONS / name).read_text(encoding="utf-8")
        assert name.startswith(f"{int(number):04}-")
        assert text.startswith(f"# {number}. {title}\n\nDate: 20")
        sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert sections == ["Context", "Decision", "Consequences"], name


def test_every_library_is_weighed() -> None:
    """The decision on dependencies names exactly what the package depends on."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = {re.split(r"[><=;\[ ]", one)[0].lower() for one in project["dependencies"]}
    page = read("docs/decisions/0015-dependencies-and-their-cost.md")
    row = r"^\| ([\w-]+)(?: \([^)]*\))? \| [^|]+ \| [\d.]+ \| [\d.]+ \|$"
    rows = re.findall(row, page, re.MULTILINE)
    assert {name.lower() for name in rows} == wanted


# ── meanings ──


def test_every_meaning_has_a_number_an_example_and_a_mark() -> None:
    parts = re.split(r"^## ", read("docs/concepts/semantics.md"), flags=re.MULTILINE)[1:]
    assert [part.split()[0] for part in parts] == [f"M{n}" for n in range(1, len(parts) + 1)]
    for part in parts:
        assert len(re.findall(r"^Example: \S", part, re.MULTILINE)) == 1, part
        marks = re.findall(r"^Mark: \*\*(0\.1|partly|later)\*\*(.*)$", part, re.MULTILINE)
        assert len(marks) == 1, part
        (mark, remark) = marks[0]
        assert mark != "partly" or remark.strip(), "say what is done and what is not"


def test_meanings_that_are_quoted_exist() -> None:
    known = set(re.findall(r"^## (M\d+) ", read("docs/concepts/semantics.md"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"\bM\d+\b", page.read_text(encoding="utf-8"))) <= known, page


# ── SQL ──


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[patron.Workspace]:
    """A workspace with one customer, who bought something."""
    folder = tmp_path_factory.mktemp("sql") / "shop"
    patron.Workspace.create(folder)
    with patron.open(folder) as workspace:
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        key = workspace.apply([source])["write_keys"]["web"]
        traits = {"email": "ann@example.com", "city": "Utrecht"}
        order = {"revenue": 5, "products": [{"product_id": "T-1", "quantity": 2}]}
        for kind, message in (
            ("identify", {"traits": traits}),
            ("track", {"event": "Order Completed", "properties": order}),
        ):
            body = json.dumps({"userId": "ann", **message}).encode()
            workspace.collect_one(body, kind, key).result(timeout=30)
        yield workspace


def described() -> dict[str, list[tuple[str, str]]]:
    """The columns of each view as the page tells them."""
    parts = re.split(r"^## ", read("docs/reference/sql.md"), flags=re.MULTILINE)[1:]
    return {
        part.split("\n")[0]: re.findall(r"^\| (\w+) \| ([A-Z][\w(),]*) \|", part, re.MULTILINE)
        for part in parts
        if not part.startswith("Examples")
    }


def test_the_page_on_sql_lists_every_view() -> None:
    assert list(described()) == list(VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_of_its_page(shop: patron.Workspace, view: str) -> None:
    with shop.reading() as reading:
        columns = [row[:2] for row in reading.cursor.execute(f"describe {view}").all()]
    assert described()[view] == columns
    assert shop.sql(f"select * from {view}")["columns"] == [name for name, _ in columns]


def test_the_examples_of_the_page_on_sql_run(shop: patron.Workspace) -> None:
    fenced = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    examples = fenced.findall(read("docs/reference/sql.md"))
    answers = [shop.sql(example)["rows"] for example in examples]
    assert answers == [
        [["main", "Order Completed", 1]],
        [["T-1", "2.000000", 1]],
        [["ann@example.com", "Utrecht"]],
    ]
