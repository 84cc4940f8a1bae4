"""Ready-made mappings for what most companies have: each with its source and some made-up rows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import yaml

from patron.errors import NotFoundError
from patron.spec.reading import did_you_mean


@dataclass(frozen=True, slots=True)
class Preset:
    """A mapping to begin with.

    Attributes:
        name: That of the mapping.
        description: What its rows are.
        source: The name of the source that comes with it.
        events: The names of the events that rows become; none for what is known of customers.
        definitions: The text of a definition file with the source and the mapping.
        sample: A CSV file with made-up rows.
    """

    name: str
    description: str
    source: str
    events: tuple[str, ...]
    definitions: str
    sample: str


def presets() -> list[Preset]:
    """All presets, by name.

    >>> [preset.name for preset in presets()][:2]
    ['ad-exposures', 'beacon-visits']
    """
    folder = resources.files(__name__)
    names = sorted(
        file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")
    )
    return [_read(name) for name in names]


def preset(name: str) -> Preset:
    """A preset by its name.

    Raises:
        NotFoundError: There is none; it offers the nearest.
    """
    known = {one.name: one for one in presets()}
    if name not in known:
        raise NotFoundError(f"There is no preset {name}; {did_you_mean(name, known)}")
    return known[name]


def _read(name: str) -> Preset:
    folder = resources.files(__name__)
    text = folder.joinpath(f"{name}.yaml").read_text("utf-8")
    source, mapping = yaml.safe_load_all(text)
    event = mapping["message"].get("event", ())
    if isinstance(event, dict):
        events = dict.fromkeys([*event["map"].values(), *filter(None, [event.get("default")])])
    else:
        events = dict.fromkeys([event] if event else [])
    return Preset(
        name=name,
        description=mapping["description"],
        source=source["name"],
        events=tuple(events),
        definitions=text,
        sample=folder.joinpath(f"{name}.csv").read_text("utf-8"),
    )
