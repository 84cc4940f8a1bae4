"""The pictures of the page on identity are what is drawn today, and the page shows them all."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.identity_pictures import CASES, FOLDER, draw_case

PAGE = FOLDER.parent / "concepts" / "identity.md"


@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_what_is_drawn_today(name: str, tmp_path: Path) -> None:
    kept = (FOLDER / f"identity-{name}.svg").read_text(encoding="utf-8")
    assert draw_case(CASES[name], tmp_path / "workspace") == kept, "run `make docs`"
    ET.fromstring(kept)


def test_the_page_shows_every_picture() -> None:
    shown = re.findall(r"!\[[^\]]{20,}\]\(\.\./pictures/(\S+)\)", PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(path.name for path in FOLDER.glob("identity-*"))
    assert sorted(shown) == sorted(f"identity-{name}.svg" for name in CASES)
