"""The colours and letters of pictures, on light ground and on dark."""

from __future__ import annotations

_LIGHT: dict[str, str | tuple[str, ...]] = {
    "paper": "#ffffff", "ink": "#1b2330", "muted": "#566072", "card": "#f5f7fa",
    "edge": "#c5ced9", "link": "#46546a", "no": "#b42318",
    "types": ("#0b5cad", "#b3541e", "#0f7b5f", "#8e3f97", "#8a6100", "#0d7286", "#a8324a",
              "#56661b"),
}  # fmt: skip
_DARK: dict[str, str | tuple[str, ...]] = {
    "paper": "#12161d", "ink": "#e8ecf2", "muted": "#a6b0bd", "card": "#1c232e",
    "edge": "#3d495b", "link": "#9fb0c6", "no": "#ff8a7a",
    "types": ("#6cb2ff", "#f2a36b", "#4fd0a7", "#d99be3", "#e3b341", "#56c8de", "#ff8fa3",
              "#b4c657"),
}  # fmt: skip

COLOURS = 8
"""How many types get a colour of their own."""

_LETTERS = """\
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
unicode-bidi:isolate}
.head{font-size:17px;font-weight:600}
.muted{font-size:12px}
.note{font-size:11px}
.strong{font-weight:600}
.value{font-size:13px}
path{fill:none}
.beside{opacity:.6}
.refused{stroke-dasharray:6 4}
.other{stroke-dasharray:4 3}
"""


def _colours(theme: dict[str, str | tuple[str, ...]]) -> str:
    rules = [
        ".paper{{fill:{paper}}}",
        ".head,.value,.strong{{fill:{ink}}}",
        ".muted,.note{{fill:{muted}}}",
        ".note.strong{{fill:{ink}}}",
        ".note.no{{fill:{no}}}",
        ".box{{fill:{card};stroke:{edge}}}",
        ".box.other{{fill:{paper};stroke:{no}}}",
        ".kept{{stroke:{link}}}",
        ".refused{{stroke:{no}}}",
        ".rule{{stroke:{edge}}}",
        ".pill{{fill:{paper};stroke:{link}}}",
    ]
    said = [rule.format(**theme) for rule in rules]
    said += [f".type{number}{{fill:{colour}}}" for number, colour in enumerate(theme["types"])]
    return "\n".join(said)


STYLE = (
    f"\n{_LETTERS}{_colours(_LIGHT)}\n@media (prefers-color-scheme:dark){{\n{_colours(_DARK)}\n}}\n"
)
"""The style sheet of a picture."""
