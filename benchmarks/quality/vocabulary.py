"""Names and places that simulated people have; how frequent each is falls as lists do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Vocabulary(NamedTuple):
    """What the people of one country are called, and where they live.

    Attributes:
        country: ISO code.
        given: Given names of women and men by turns, the most frequent first.
        family: Family names, the most frequent first; rarer ones are made of `parts`.
        parts: Beginnings and ends that make rare family names.
        streets: Names of streets.
        ends: What follows them.
        cities: Names of cities.
        dialling: What phone numbers begin with.
    """

    country: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    parts: tuple[tuple[str, ...], tuple[str, ...]]
    streets: tuple[str, ...]
    ends: tuple[str, ...]
    cities: tuple[str, ...]
    dialling: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BRITISH = Vocabulary(
    country="GB",
    given=_words(
        "Olivia Oliver Amelia George Emma James Sophie Jack Emily Thomas Grace William Charlotte "
        "Daniel Lucy Joseph Hannah Samuel Jessica David Chloe Matthew Ella Benjamin Alice Adam "
        "Sarah Michael Laura Andrew Rachel Peter Katie Robert Rebecca Stephen Anna Christopher "
        "Victoria Jonathan Eleanor Edward Megan Simon Holly Paul Zoe Mark Abigail Luke Isla Harry "
        "Freya Leo Poppy Arthur Rosie Oscar Maisie Ethan Imogen Nathan Martha Callum Harriet Owen "
        "Beatrice Rhys Florence Aidan Matilda Felix Nadia Imran Aisha Ravi Priya Hassan Meera Omar "
        "Leila Kwame Ngozi Tomasz Agnieszka Mateo Lucia Dmitri Irina Chen Mei Joan Margaret Jean "
        "Patricia Dorothy Kenneth Ronald Brian Keith Alan Derek Trevor Nigel Clive Barbara Brenda"
    ),
    family=_words(
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson "
        "Evans Walker White Roberts Green Hall Wood Jackson Clarke Khan Hughes Edwards Turner Hill "
        "Moore Cooper Ward Harris Martin King Lee Lewis Baker Harrison Allen Morris Scott Morgan "
        "Watson Davis Parker James Bennett Young Phillips Richardson Mitchell Bailey Carter Cook "
        "Singh Shaw Bell Collins Kelly Murphy Miller Cox Marshall Simpson Price Anderson Adams "
        "Wilkinson Foster Ellis Murray Chapman Mason Gray Richards Hunt Webb Rogers Stevens Ali "
        "Holmes Knight Mills Barnes Palmer Matthews Powell Lloyd Butler Russell Barker Fisher "
        "Stevenson Jenkins Dixon Fletcher Hunter Begum Graham Reid Pearson Gibson Howard Andrews"
    ),
    parts=(
        _words("Ash Black Brad Burn Cald Cran Dun East Fair Gar Hart Hol King Lang Mar Nor Oak Pen "
               "Ros Sand Stan Thorn Wal Wes Wind Wood Yar Ald Birk Crof"),
        _words("bury by combe cott den don field ford gate ham hurst ington land ley low man mere "
               "more ridge shaw stead ston thorpe ton well wick wood worth"),
    ),
    streets=_words(
        "High Station Church Park Victoria Green Manor Queens Kings Mill London York Grange Chapel "
        "School North South West East New Springfield George Alexandra Albert Windsor Richmond "
        "Grove Highfield Broad Orchard Meadow Hawthorn Cedar Lime Beech Willow Elm Ash Poplar Rose "
        "Stanley Bridge Castle Market Water Nelson Wellington Cromwell Tudor Stuart Chestnut"
    ),
    ends=_words("Road Street Lane Avenue Close Drive Way Court Gardens Crescent"),
    cities=_words(
        "London Birmingham Leeds Glasgow Sheffield Bradford Liverpool Edinburgh Manchester Bristol "
        "Cardiff Leicester Coventry Nottingham Belfast Newcastle Sunderland Brighton Hull Plymouth "
        "Derby Southampton Wolverhampton Portsmouth Norwich Luton Swindon Oxford Reading York"
    ),
    dialling="+447",
)  # fmt: skip

GERMAN = Vocabulary(
    country="DE",
    given=_words(
        "Maria Peter Ursula Michael Monika Thomas Petra Andreas Elisabeth Wolfgang Sabine Klaus "
        "Renate Jürgen Helga Günter Karin Stefan Brigitte Christian Ingrid Uwe Erika Werner Andrea "
        "Horst Gisela Frank Claudia Dieter Susanne Manfred Gabriele Gerhard Christa Hans Christine "
        "Bernd Hildegard Torsten Anna Mathias Barbara Jörg Birgit Björn Heike Jens Martina Ralf "
        "Anke Rainer Katrin Sven Ayşe Mehmet Fatma Mustafa Łukasz Małgorzata Zoë René Käthe Sören "
        "Lena Paul Mia Ben Emma Jonas Hannah Leon Sofia Finn Leonie Luca Lina Felix Marie Noah"
    ),
    family=_words(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch "
        "Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann "
        "Hartmann Lange Schmitt Werner Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann "
        "Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert "
        "Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke "
        "Yildirim Kaya Nowak Kowalski Wiśniewski Wójcik Jäger Böhm Groß Brandt Ziegler Kühn Pohl"
    ),
    parts=(
        _words("Alt Berg Blum Brand Eber Eisen Feld Gold Grün Hage Heid Hohl Kalt Kirch Linden "
               "Lücken Neu Nieder Ober Rosen Sand Schön Stein Wald Weiden Winter Zell"),
        _words("acker bach bauer berg brink burg dorf feld hausen heim hof holz kamp mann meister "
               "müller reuter rath schmidt stein stedt tal thal weg wald"),
    ),
    streets=_words(
        "Haupt Bahnhof Garten Dorf Berg Schul Wiesen Linden Kirch Wald Ring Goethe Schiller Mozart "
        "Beethoven Mühlen Birken Rosen Tannen Buchen Eichen Feld Sonnen Markt Post Brunnen Bach"
    ),
    ends=_words("straße weg platz allee gasse ring"),
    cities=_words(
        "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen "
        "Dresden Hannover Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Münster Mannheim"
    ),
    dialling="+4915",
)  # fmt: skip


class Chooser:
    """Picks names as often as lists say: the first most often, as in life.

    Args:
        vocabulary: What to pick from.
        rng: Where chance comes from.
        rare: Share of people with a family name that is made of parts.

    Attributes:
        rng: Where chance comes from.
        taken: E-mail addresses that someone has.
    """

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator, rare: float = 0.5) -> None:
        self._words = vocabulary
        self.rng = rng
        self._rare = rare
        self.taken: set[str] = set()
        self._weights: dict[int, npt.NDArray[np.float64]] = {}

    def household(self, size: int) -> list[str]:
        """Given names of people who live together: mostly a couple first, nobody called alike."""
        names: list[str] = []
        women = self.rng.random() < 0.5
        for member in range(size):
            turn = women == (member == 0) if member < 2 else self.rng.random() < 0.5
            while True:
                name = self._often(self._words.given[0 if turn else 1 :: 2])
                if name not in names:
                    names.append(name)
                    break
        return names

    def family(self) -> str:
        if self.rng.random() < self._rare:
            start, end = self._words.parts
            return self.any(start) + self.any(end)
        return self._often(self._words.family)

    def street(self) -> str:
        space = "" if self._words.country == "DE" else " "
        return f"{self.any(self._words.streets)}{space}{self.any(self._words.ends)}"

    def city(self) -> str:
        return self._often(self._words.cities)

    def any(self, words: Sequence[str]) -> str:
        return words[int(self.rng.integers(len(words)))]

    def _often(self, words: Sequence[str]) -> str:
        size = len(words)
        if size not in self._weights:
            falling = 1 / np.arange(4, size + 4)
            self._weights[size] = np.cumsum(falling / falling.sum())
        place = int(np.searchsorted(self._weights[size], self.rng.random()))
        return words[min(place, size - 1)]
