"""The page on reading and following customers is true: parts, kinds, definitions, receivers."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from patron.activation.signing import headers, key_of_secret
from patron.definitions import read
from patron.pipeline.checks import checked
from patron.pipeline.customers import MOST_AT_ONCE
from patron.pipeline.parts import ALWAYS, MOST, PARTS
from patron.pipeline.webhooks import MOST_FAILURES
from patron.spec.event_kinds import ABOUT, about
from patron.spec.webhooks import WHAT, read_webhook

PAGE = (Path(__file__).parents[2] / "docs/how-to/keep-systems-in-step.md").read_text("utf-8")
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"


def table(heading: str) -> dict[str, str]:
    """The rows of the table of a section, by what stands in code in their first column."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|$", section, re.MULTILINE))


def test_the_page_names_every_part_and_no_other() -> None:
    assert list(table("Read a customer")) == list(PARTS)
    assert f"last {MOST} events" in PAGE
    assert f"up to {MOST_AT_ONCE} ids" in PAGE
    assert set(ALWAYS) < set(PARTS)


def test_the_page_names_what_events_are_about_as_their_names_tell() -> None:
    told = table("The timeline")
    assert set(told) == set(ABOUT)
    for kind, names in told.items():
        for name in names.partition(":")[0].split(", "):
            assert about(name.replace("…", "Thing")) == kind, name


def test_what_changes_can_be_chosen_is_named() -> None:
    [said] = re.findall(r"`what` chooses among (.*?)\.", PAGE)
    assert set(re.split(r", | and ", said)) == set(WHAT)


def test_the_webhook_of_the_page_is_accepted(tmp_path: Path) -> None:
    [block] = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "webhook.yaml").write_text(block, encoding="utf-8")
    [((kind, name), body)] = checked(asdict(one) for one in read([tmp_path])).items()
    assert (kind, name) == ("webhook", "crm")
    fields = set(read_webhook({"name": name, **body}).__struct_fields__)
    assert set(table("Webhooks")) == fields - {"name", "description"}
    assert f"After {MOST_FAILURES} failures in a row" in PAGE


def test_the_receiver_of_the_page_tells_what_is_genuine() -> None:
    [block] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    there: dict[str, Any] = {}
    exec(block, there)
    genuine = there["genuine"]
    sent = headers(key_of_secret(SECRET), "crm_1", 1_000, b"{}")
    assert genuine(SECRET, sent, b"{}", now=1_010)
    assert not genuine(SECRET, sent, b"{ }", now=1_010)
    assert not genuine(SECRET, {**sent, "webhook-id": "crm_2"}, b"{}", now=1_010)
    assert not genuine(SECRET, sent, b"{}", now=9_999)
