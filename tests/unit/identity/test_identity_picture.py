"""Pictures of identity: nothing lies on anything else, and nothing is told by colour alone."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from patron.identity.graph import model as graph
from patron.identity.graph import picture, svg
from patron.identity.graph.layout import lay_out
from patron.identity.graph.style import COLOURS
from patron.spec.identifiers import MOST_TYPES

MARCH = datetime(2026, 3, 1, 10)
WHEN = {"first_observed_at": MARCH, "recorded_at": MARCH}


def node(number: int, kind: str, strength: int, value: str) -> graph.Node:
    return graph.Node(
        id=number, type=kind, value=value, original=value, first_seen_at=MARCH, strength=strength,
        events=number,
    )  # fmt: skip


def star(leaves: int, *, refused: int = 0) -> graph.Graph:
    """One user id, with browsers on it, the first of which others used too."""
    nodes = [node(1, "user_id", 1, "ann")]
    nodes += [node(n, "anonymous_id", 5, f"browser-{n}") for n in range(2, leaves + 2)]
    said = {"rule": "same_message", "rules": graph.RulesVersion(None, 2), "source": "web", **WHEN}
    links = [
        graph.KeptLink(
            a=1, b=n, strength=5, message_id=f"m{n}", reason=f"Reason {n}.", joined=True,
            bridge=graph.Bridge(graph.Side(leaves, 0), graph.Side(1, n)), **said,
        )
        for n in range(2, leaves + 2)
    ]  # fmt: skip
    across = [
        graph.RefusedLink(
            a=2, other=graph.Other(100 + n, "user_id", f"user-{n}", 1, 10 + n), strength=5,
            message_id=f"r{n}", reason=f"Reason r{n}.", refusal="Refused.",
            conflicts=(graph.Conflict("user_id", "ann", f"user-{n}"),), decisions=(), **said,
        )
        for n in range(refused)
    ]  # fmt: skip
    counts = {"identifiers": leaves + 1, "links": leaves, "refused": refused, "changes": 0}
    return graph.Graph(
        profile_id=1,
        counts=graph.Counts(**counts, bridges=leaves, events=9),
        left_out=graph.LeftOut(identifiers=0, links=0, refused=0, bridges=0, changes=0),
        identifiers=tuple(nodes), links=tuple(links), refused=tuple(across), changes=(),
    )  # fmt: skip


def boxes(drawn: str) -> list[tuple[float, float]]:
    root = ET.fromstring(drawn)
    rects = [r for r in root.findall(".//{*}rect") if r.get("class", "").startswith("box")]
    return [(float(r.attrib["x"]), float(r.attrib["y"])) for r in rects]


def test_every_identifier_has_a_box_inside_the_picture() -> None:
    drawn = picture.draw(star(40, refused=3))
    root = ET.fromstring(drawn)
    found = boxes(drawn)
    assert len(found) == len(set(found)) == 41 + 3
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(0 <= x <= width - picture.BOX[0] and 0 <= y <= height - 46 for x, y in found)


def test_what_colours_say_stands_there_in_words() -> None:
    drawn = picture.draw(star(2, refused=1))
    words = [t.text for t in ET.fromstring(drawn).findall(".//{*}text")]
    for said in ("user_id differs", "profile 10", "2 | 1", "refused by the rules", "anonymous_id"):
        assert said in words, words
    told = ET.fromstring(drawn).findtext("{*}desc") or ""
    assert "Refused: anonymous_id browser-2 and user_id user-0." in told
    assert "Cut, it would part 2 identifiers with 0 events from 1 identifier with 3 events." in told


def test_every_type_of_a_workspace_has_a_mark_of_its_own() -> None:
    marks = set()
    for strength in range(1, MOST_TYPES + 1):
        number = strength - 1
        marks.add(((number + number // COLOURS) % svg.SHAPES, number % COLOURS))
    assert len(marks) == MOST_TYPES


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    drawn = picture.draw(star(3, refused=1))
    assert not re.findall(r"(?:href|src|url\()", drawn)
    assert drawn.count("http") == 1  # the namespace
    assert "prefers-color-scheme:dark" in drawn


@given(st.text(max_size=40), st.integers(3, 20))
def test_shortened_values_fit(value: str, most: int) -> None:
    short = svg.shortened(value, most)
    assert svg.cells(short) <= most
    assert short == value or "…" in short


@given(st.text(max_size=30))
def test_any_value_is_text_of_xml(value: str) -> None:
    read = ET.fromstring(svg.tag("text", svg.text(value), x=1)).text or ""
    assert len(read) == len(value)


@settings(max_examples=100)
@given(st.data())
def test_no_two_nodes_stand_in_one_spot(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 25))
    children: dict[int, list[int]] = {}
    roots = []
    for number in range(size):
        parent = data.draw(st.integers(-1, number - 1))
        children.setdefault(parent, []).append(number) if parent >= 0 else roots.append(number)
    spots = lay_out(roots, children)
    assert len(spots) == size
    by_column: dict[int, list[float]] = {}
    for spot in spots.values():
        by_column.setdefault(spot.column, []).append(spot.row)
    for rows in by_column.values():
        rows.sort()
        assert all(after - before >= 1 for before, after in pairwise(rows))
