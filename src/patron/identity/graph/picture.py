"""Draws the graph of a profile: one SVG that needs nothing else, on light and on dark ground."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from patron.identity.graph import svg
from patron.identity.graph.layout import Spot, lay_out
from patron.identity.graph.model import Graph, KeptLink, Node, RefusedLink
from patron.identity.graph.spanning import grow
from patron.identity.graph.style import COLOURS, STYLE
from patron.identity.graph.svg import tag, text

BOX = (232, 46)
GAP = (176, 22)
MARGIN = 24
HEAD = 78
NARROWEST = 700
TRUNK = 20
"""How far from its box the line turns down to what hangs on it."""

TOLD = 60
"""So many links are told in words to those who cannot see the picture."""


def draw(graph: Graph) -> str:
    """The picture of a graph.

    The strongest identifier stands on the left, and on it hangs what was joined to it. Beside
    each line stands when and where the link was first observed, and on it, where it is the only
    link between two sides, how many identifiers lie on either.

    Args:
        graph: Of one profile; what is listed is drawn.

    Returns:
        A document in SVG. Values in it are personal data, as in the graph.
    """
    return _Picture(graph).document()


class _Line(NamedTuple):
    """A link in the tree: from the box it hangs on to the box at its end."""

    start: int
    end: int
    link: KeptLink | RefusedLink


class _Picture:
    """The parts of one picture. Identifiers of other profiles go by their negative ids."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes = {node.id: node for node in graph.identifiers}
        self._lines: list[_Line] = []
        self._curves: list[_Line] = []
        self._spots = self._place()
        columns = 1 + max((spot.column for spot in self._spots.values()), default=0)
        rows = 1 + max((spot.row for spot in self._spots.values()), default=0)
        self._width = max(NARROWEST, 2 * MARGIN + columns * BOX[0] + (columns - 1) * GAP[0])
        self._bottom = HEAD + rows * (BOX[1] + GAP[1])

    def document(self) -> str:
        """All of it."""
        legend, height = self._legend()
        name = f"identity-{self._graph.profile_id}"
        parts = [
            tag("title", text(self._title()), id=f"{name}-title"),
            tag("desc", text(" ".join(self._told())), id=f"{name}-desc"),
            tag("style", STYLE),
            tag("rect", width=self._width, height=height, class_="paper"),
            tag("text", text(self._title()), x=MARGIN, y=36, class_="head"),
            tag("text", text(self._summary()), x=MARGIN, y=57, class_="muted"),
            *(self._curve(line) for line in self._curves),
            *(self._line(line) for line in self._ordered()),
            *(self._label(line) for line in self._lines),
            *(self._box(number) for number in self._spots),
            legend,
        ]
        inside = "\n" + "\n".join(part for part in parts if part) + "\n"
        document = tag(
            "svg",
            inside,
            xmlns="http://www.w3.org/2000/svg",
            width=self._width,
            height=height,
            viewBox=f"0 0 {self._width} {height:.0f}",
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
        )
        return f"{document}\n"

    # Where everything stands

    def _place(self) -> dict[int, Spot]:
        ids = list(self._nodes)
        at = {number: place for place, number in enumerate(ids)}
        joined = {frozenset((link.a, link.b)): link for link in self._graph.links if link.joined}
        pairs = [(at[link.a], at[link.b]) for link in joined.values()]
        tree = grow(len(ids), pairs, range(len(ids)))
        children: dict[int, list[int]] = {}
        roots = []
        for place in tree.order:
            number = ids[place]
            if tree.parent[place] < 0:
                roots.append(number)
                continue
            parent = ids[tree.parent[place]]
            children.setdefault(parent, []).append(number)
            self._lines.append(_Line(parent, number, joined[frozenset((parent, number))]))
        self._curves = [_Line(x.a, x.b, x) for x in self._graph.links if not x.joined]
        self._place_others(children)
        return lay_out(roots, children)

    def _place_others(self, children: dict[int, list[int]]) -> None:
        placed: set[int] = set()
        for link in self._graph.refused:
            number = link.other.id if link.other.id in self._nodes else -link.other.id
            line = _Line(link.a, number, link)
            if number in placed or number > 0:
                self._curves.append(line)
                continue
            placed.add(number)
            children.setdefault(link.a, []).append(number)
            self._lines.append(line)

    def _corner(self, number: int) -> tuple[float, float]:
        """The upper left corner of a box."""
        spot = self._spots[number]
        x = MARGIN + spot.column * (BOX[0] + GAP[0])
        return float(x), HEAD + spot.row * (BOX[1] + GAP[1])

    # Lines

    def _ordered(self) -> list[_Line]:
        """Refused ones first, so that kept ones lie above them where they begin together."""
        return sorted(self._lines, key=lambda line: isinstance(line.link, KeptLink))

    def _line(self, line: _Line) -> str:
        (x, y), (end, down) = self._corner(line.start), self._corner(line.end)
        x, y, down = x + BOX[0], y + BOX[1] / 2, down + BOX[1] / 2
        path = f"M{x:.1f} {y:.1f}H{end:.1f}"
        if abs(down - y) > 0.1:
            turn = min(9.0, abs(down - y) / 2)
            step = turn if down > y else -turn
            trunk = x + TRUNK
            path = (
                f"M{x:.1f} {y:.1f}H{trunk - turn:.1f}Q{trunk:.1f} {y:.1f} {trunk:.1f} "
                f"{y + step:.1f}V{down - step:.1f}Q{trunk:.1f} {down:.1f} {trunk + turn:.1f} "
                f"{down:.1f}H{end:.1f}"
            )
        return self._stroke(line.link, path)

    def _curve(self, line: _Line) -> str:
        """A link beside the tree: it goes round the boxes that stand under one another."""
        first, last = sorted((line.start, line.end), key=lambda number: self._spots[number])
        (x, y), (end, down) = self._corner(first), self._corner(last)
        y, down = y + BOX[1] / 2 + 8, down + BOX[1] / 2 + 8
        x += BOX[0]
        if self._spots[first].column == self._spots[last].column:
            bow, end = x + 26 + min(40.0, abs(down - y) / 8), x
        else:
            bow = (x + end) / 2
        path = f"M{x:.1f} {y:.1f}C{bow:.1f} {y:.1f} {bow:.1f} {down:.1f} {end:.1f} {down:.1f}"
        return self._stroke(line.link, path, beside=True)

    def _stroke(self, link: KeptLink | RefusedLink, path: str, *, beside: bool = False) -> str:
        kept = isinstance(link, KeptLink)
        class_ = ("kept" if kept else "refused") + (" beside" if beside else "")
        width = max(1.4, 5.2 - 0.6 * link.strength) if kept and not beside else 1.6
        title = tag("title", text(self._sentence(link)))
        return tag("g", title + tag("path", d=path, class_=class_, stroke_width=width))

    def _label(self, line: _Line) -> str:
        """When and where a link was first observed, and what it holds together or why it falls."""
        end, y = self._corner(line.end)
        x, y = end - GAP[0] + TRUNK + 10, y + BOX[1] / 2
        link = line.link
        seen = f"{link.first_observed_at:%Y-%m-%d}"
        if link.weight is not None:
            seen += f" · {link.weight:.1f} bits"
        elif link.source is not None:
            seen += f" · {svg.shortened(link.source, 12)}"
        parts = [tag("text", text(seen), x=x, y=y - 13, class_="note")]
        if isinstance(link, RefusedLink):
            said = _why(link)
            parts.append(tag("text", text(said), x=x, y=y + 17, class_="note no"))
        elif link.bridge is not None:
            sides = [link.bridge.a.identifiers, link.bridge.b.identifiers]
            near, far = sides if link.a == line.start else reversed(sides)
            parts.append(_pill(f"{near:,} | {far:,}", x + 44, y))
        return "".join(parts)

    # Boxes

    def _box(self, number: int) -> str:
        x, y = self._corner(number)
        if number > 0:
            return _own_box(self._nodes[number], x, y)
        link = next(link for link in self._graph.refused if link.other.id == -number)
        other = link.other
        title = f"{other.type} {other.value}, of profile {other.profile_id}"
        words = (other.type, other.value, f"profile {other.profile_id}")
        return _box((x, y), words, title, other.strength, "other")

    # Words

    def _title(self) -> str:
        return f"Profile {self._graph.profile_id}: why it is one person"

    def _summary(self) -> str:
        counts, left = self._graph.counts, self._graph.left_out
        said = [
            _plural(counts.identifiers, "identifier"),
            _plural(counts.links, "link"),
            *([_plural(counts.refused, "refused link")] if counts.refused else []),
            _plural(counts.events, "event"),
        ]
        missing = [
            _plural(count, name)
            for count, name in (
                (left.identifiers, "identifier"),
                (left.links, "link"),
                (left.refused, "refused link"),
            )
            if count
        ]
        return ", ".join(said) + (f". Not drawn: {', '.join(missing)}" if missing else "")

    def _told(self) -> Iterator[str]:
        yield f"{self._summary()}."
        told: list[KeptLink | RefusedLink] = [*self._graph.links, *self._graph.refused]
        for link in told[:TOLD]:
            yield self._sentence(link)
        if len(told) > TOLD:
            yield f"And {_plural(len(told) - TOLD, 'link')} more."

    def _sentence(self, link: KeptLink | RefusedLink) -> str:
        a = self._nodes[link.a]
        rules = f"{link.rules.name or 'default rules'} {link.rules.version}"
        observed = f"{link.reason} {link.first_observed_at:%Y-%m-%d %H:%M:%S} UTC, {rules}."
        if isinstance(link, RefusedLink):
            ends = f"{a.type} {a.value} and {link.other.type} {link.other.value}"
            return f"Refused: {ends}. {observed} {link.refusal}"
        b = self._nodes[link.b]
        parted = ""
        if link.bridge is not None:
            sides = (link.bridge.a, link.bridge.b)
            counted = [
                f"{_plural(side.identifiers, 'identifier')} with {_plural(side.events, 'event')}"
                for side in sides
            ]
            parted = f" Cut, it would part {counted[0]} from {counted[1]}."
        return f"{a.type} {a.value} and {b.type} {b.value}. {observed}{parted}"

    # The legend

    def _legend(self) -> tuple[str, int]:
        """What the marks mean, and where the picture ends."""
        x, y = float(MARGIN), self._bottom + 18
        parts = [tag("path", d=f"M{MARGIN} {y:.1f}H{self._width - MARGIN}", class_="rule")]
        y += 24
        for mark, wide, said in self._marks():
            needed = wide + 8 + 7 * svg.cells(said) + 18
            if x + needed > self._width - MARGIN and x > MARGIN:
                x, y = float(MARGIN), y + 24
            parts.append(tag("g", mark, transform=f"translate({x:.1f} {y:.1f})"))
            parts.append(tag("text", text(said), x=x + wide + 8, y=y + 4, class_="muted"))
            x += needed
        return "\n".join(parts), round(y + 24)

    def _marks(self) -> Iterator[tuple[str, int, str]]:
        """Each mark in use, how wide it is, and what it means."""
        types = {node.type: node.strength for node in self._nodes.values()}
        for link in self._graph.refused:
            types.setdefault(link.other.type, link.other.strength)
        for kind, strength in sorted(types.items(), key=lambda one: (one[1], one[0])):
            yield _icon(strength, 7, 0), 14, svg.shortened(kind, 24)
        if self._graph.links:
            path = tag("path", d="M0 0H15", class_="kept", stroke_width=4.0)
            path += tag("path", d="M15 0H30", class_="kept", stroke_width=1.4)
            yield path, 30, "link, thicker when stronger"
        if any(link.bridge for link in self._graph.links):
            yield _pill("n | m", 21.5, 0), 43, "the only link between n identifiers and m"
        if any(not link.joined for link in self._graph.links):
            yield tag("path", d="M0 0H30", class_="kept beside", stroke_width=1.6), 30, "confirms"
        if self._graph.refused:
            path = tag("path", d="M0 0H30", class_="refused", stroke_width=1.6)
            yield path, 30, "refused by the rules"


def _own_box(node: Node, x: float, y: float) -> str:
    title = f"{node.type} {node.value}, first seen {node.first_seen_at:%Y-%m-%d %H:%M:%S} UTC"
    if node.original != node.value:
        title += f", first written {node.original}"
    events = _plural(node.events, "event") if node.events else ""
    return _box((x, y), (node.type, node.value, events), title, node.strength, "own")


def _box(
    corner: tuple[float, float], words: tuple[str, str, str], title: str, strength: int, class_: str
) -> str:
    (x, y), (kind, value, aside) = corner, words
    parts = [
        tag("title", text(title)),
        tag("rect", x=x, y=y, width=BOX[0], height=BOX[1], rx=8, class_=f"box {class_}"),
        _icon(strength, x + 20, y + BOX[1] / 2),
        tag("text", text(svg.shortened(kind, 18)), x=x + 38, y=y + 18, class_="note"),
        tag("text", text(svg.shortened(value, 22)), x=x + 38, y=y + 36, class_="value"),
    ]
    if aside:
        end = x + BOX[0] - 10
        parts.append(tag("text", text(aside), x=end, y=y + 18, class_="note", text_anchor="end"))
    return tag("g", "".join(parts))


def _icon(strength: int, x: float, y: float) -> str:
    """The shape and the colour of a type; the two differ in how often they begin anew."""
    number = strength - 1
    turned = (number + number // COLOURS) % svg.SHAPES
    return svg.shape(turned, x, y, 7, f"type{number % COLOURS}")


def _why(link: RefusedLink) -> str:
    """What stands against a link, in a word or two: what somebody decided before what rules say."""
    if link.decisions:
        return f"decision {link.decisions[0]}"
    differ = ", ".join(conflict.type for conflict in link.conflicts)
    return f"{svg.shortened(differ, 16)} differs" if differ else "refused"


def _pill(said: str, x: float, y: float) -> str:
    wide = 12 + 6.2 * len(said)
    box = tag("rect", x=x - wide / 2, y=y - 8, width=wide, height=16, rx=8, class_="pill")
    return box + tag("text", text(said), x=x, y=y + 4, class_="note strong", text_anchor="middle")


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
