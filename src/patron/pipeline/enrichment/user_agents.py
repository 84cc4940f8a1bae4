"""Device, browser and operating system, from what a browser says that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from patron.spec.enrichment import Reads
from patron.spec.traits import Basis, Provenance

REMEMBERED = 10_000
"""Few texts are sent by most browsers."""

LONGEST = 1_000

_DESKTOP = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS"})
_PHONES = frozenset({"iPhone", "iPod", "Generic Smartphone", "Generic Feature Phone"})


class FromUserAgent:
    """Kind and model of the device, browser and operating system."""

    version = 1
    reads = Reads("context", ("userAgent",))
    gives = ("device_type", "device_model", "browser", "operating_system")
    provenance: Provenance = "first"
    basis: Basis = "inferred"

    def derive(self, inputs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Without versions, which change every few weeks."""
        return [_read(str(said.get("userAgent") or "")[:LONGEST]) for said in inputs]


@lru_cache(REMEMBERED)
def _read(text: str) -> Mapping[str, str | None]:
    # Its tables take a third of a second to load: only who uses them loads them.
    from ua_parser import parse

    found = parse(text)
    system = found.os.family if found.os else None
    device = found.device
    brand, model = (device.brand, device.model) if device else (None, None)
    family = device.family if device else None
    kind = _kind(text, system, family)
    if kind == "bot":
        return {"device_type": kind}
    named = model if model is None or brand in (None, "Generic") else f"{brand} {model}"
    return {
        "device_type": kind,
        "device_model": None if kind == "computer" or brand == "Generic" else named,
        "browser": found.user_agent.family if found.user_agent else None,
        "operating_system": system,
    }


def _kind(text: str, system: str | None, family: str | None) -> str | None:
    if family == "Spider":
        return "bot"
    if family in _PHONES or (system == "Android" and "Mobile" in text):
        return "phone"
    if family == "iPad" or system == "Android":
        return "tablet"
    if family == "Mac" or system in _DESKTOP:
        return "computer"
    return None
