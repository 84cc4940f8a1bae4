"""The pages on mappings and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from patron.collect.files import read_mapping
from patron.collect.files.expressions import parse_scalar
from patron.errors import DefinitionError
from patron.spec.databases import DatabaseRows
from patron.spec.mapping import (
    AGGREGATES,
    CsvOptions,
    Expression,
    GeneratedId,
    Mapping,
    MessageMapping,
    Relation,
    Timestamp,
)
from patron.spec.sources import read_source

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs/reference/mapping.md").read_text(encoding="utf-8")
DATABASES = (ROOT / "docs/how-to/pull-databases.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs/how-to/import-files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```$", REFERENCE + HOW_TO + DATABASES, re.MULTILINE | re.DOTALL
)
COMPLETE_JOURNEY = sorted((ROOT / "examples/complete-journey").rglob("*.yaml"))


def listed(heading: str) -> set[str]:
    """The fields that a section's tables list in their first column."""
    part = re.split(rf"^##+ {re.escape(heading)}$", REFERENCE, flags=re.MULTILINE)[1]
    part = re.split(r"^##", part, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("The mapping", Mapping), ("CSV", CsvOptions), ("Database", DatabaseRows),
        ("Relations", Relation),
        ("Message", MessageMapping), ("`message_id`", GeneratedId), ("`timestamp`", Timestamp),
    ],
)  # fmt: skip
def test_every_field_is_on_the_page(heading: str, kind: type[msgspec.Struct]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(kind)} - {"kind"}
    assert listed(heading) == fields


def test_every_way_to_write_a_value_is_on_the_page() -> None:
    part = REFERENCE.split("## Values")[1].split("### SQL")[0]
    shown = set(re.findall(r"\{(\w+):", part)) | {"map", "default"}
    fields = {field.encode_name for field in msgspec.structs.fields(Expression)}
    assert fields - set(AGGREGATES) <= shown
    assert set(AGGREGATES) <= shown


def test_the_functions_on_the_page_are_those_allowed() -> None:
    part = REFERENCE.split("### SQL")[1].split("##")[0]
    (names,) = re.findall(r"the functions `([^`]+)`", part)
    arguments = {
        "extract": "year from a", "date_trunc": "'month', a", "lpad": "a, 3, '0'",
        "strptime": "a, '%d'", "split_part": "a, '-', 1", "substring": "a, 1, 2",
    }  # fmt: skip
    for name in names.split():
        parse_scalar(f"{name}({arguments.get(name, 'a, b')})", "sql") if name not in {
            "abs", "ceil", "floor", "lower", "upper", "trim", "length", "year", "month", "day"
        } else parse_scalar(f"{name}(a)", "sql")  # fmt: skip
    with pytest.raises(DefinitionError):
        parse_scalar("sqrt(a)", "sql")


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_can_be_read(text: str) -> None:
    for body in yaml.safe_load_all(text):
        if body["kind"] == "source":
            read_source(body)
        else:
            read_mapping(body)


@pytest.mark.parametrize("path", COMPLETE_JOURNEY, ids=lambda path: path.stem)
def test_the_definitions_of_the_demo_can_be_read(path: Path) -> None:
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert body["name"] == path.stem
    if body["kind"] == "source":
        read_source(body)
    elif body["kind"] == "mapping":
        read_mapping(body)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
    assert len(COMPLETE_JOURNEY) >= 12


def test_every_code_that_refuses_a_row_is_on_the_page() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src/patron/collect/files").glob("*.py")
    )
    codes = set(
        re.findall(r'"((?:missing|invalid|not_a|out_of|too|time_out|wrong|no_id)\w*)"', code)
    )
    part = REFERENCE.split("## What refuses a row")[1]
    assert codes <= set(re.findall(r"`(\w+)`", part))
    assert len(codes) >= 12
