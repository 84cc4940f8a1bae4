"""The pictures of docs/concepts/identity.md, each drawn from a little workspace of its own.

``PYTHONPATH=tests python -m docs.identity_pictures`` writes them anew; a test compares them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from patron.clock import ManualClock, parse_time
from patron.workspace import Workspace

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"

NOW = "2026-04-01T12:00:00Z"
SOURCES = {
    **dict.fromkeys(("web", "app", "till"), "main"),
    **dict.fromkeys(("tea-web", "tea-till"), "tea"),
    "coffee-web": "coffee",
}


class Case(NamedTuple):
    """What happens, and whose picture is drawn.

    Attributes:
        messages: Source, type, day and time, and the rest of each message.
        asked: One identifier of the profile.
    """

    messages: list[tuple[str, str, str, dict[str, Any]]]
    asked: str


def _identify(user: str | None = None, browser: str | None = None, **traits: str) -> dict[str, Any]:
    said: dict[str, Any] = {"traits": traits}
    return said | ({"userId": user} if user else {}) | ({"anonymousId": browser} if browser else {})


def _event(name: str, user: str | None = None, browser: str | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"event": name, "properties": {}}
    return said | ({"userId": user} if user else {}) | ({"anonymousId": browser} if browser else {})


CASES = {
    "login-after-browsing": Case(
        [
            ("web", "track", "03-01T09:00", _event("Product Viewed", browser="browser-4f2a")),
            ("web", "track", "03-01T09:02", _event("Product Added", browser="browser-4f2a")),
            ("app", "track", "03-02T18:30", _event("Product Viewed", browser="phone-77c1")),
            ("web", "identify", "03-03T20:15",
             _identify("ann", "browser-4f2a", email="ann@example.com")),
            ("web", "track", "03-03T20:20", _event("Order Completed", "ann", "browser-4f2a")),
            ("app", "identify", "03-05T08:00", _identify("ann", "phone-77c1")),
        ],
        "user_id:ann",
    ),
    "shared-tablet": Case(
        [
            ("app", "identify", "03-01T10:00",
             _identify("ann", "tablet-1", email="ann@example.com")),
            ("app", "track", "03-01T10:05", _event("Product Viewed", "ann", "tablet-1")),
            ("app", "track", "03-04T11:00", _event("Product Viewed", browser="tablet-1")),
            ("app", "identify", "03-09T16:00",
             _identify("bob", "tablet-1", email="bob@example.com")),
            ("app", "track", "03-09T16:10", _event("Order Completed", "bob", "tablet-1")),
        ],
        "user_id:ann",
    ),
    "changed-email": Case(
        [
            ("web", "identify", "01-10T10:00", _identify("ann", email="ann.old@example.com")),
            ("web", "track", "01-10T10:30", _event("Order Completed", "ann")),
            ("web", "identify", "03-20T19:00", _identify("ann", email="ann.new@example.com")),
        ],
        "email:ann.new@example.com",
    ),
    "typo-in-a-card-number": Case(
        [
            ("till", "identify", "02-01T12:00",
             _identify(email="ann@example.com", loyalty_card="2620 0012 3457")),
            ("web", "identify", "02-03T21:00", _identify("ann", email="ann@example.com")),
            ("till", "identify", "03-15T17:40",
             _identify(email="ann@example.com", loyalty_card="2620 0012 3475")),
        ],
        "user_id:ann",
    ),
    "family-account": Case(
        [
            ("web", "identify", "02-01T19:00", _identify("ann", email="family@example.com")),
            ("web", "track", "02-01T19:20", _event("Order Completed", "ann")),
            ("web", "identify", "03-07T20:00", _identify("bob", email="family@example.com")),
            ("web", "track", "03-07T20:15", _event("Order Completed", "bob")),
        ],
        "user_id:ann",
    ),
    "two-brands": Case(
        [
            ("tea-web", "identify", "02-10T09:00",
             _identify("ann", "browser-4f2a", email="ann@example.com")),
            ("tea-till", "identify", "02-14T13:00",
             _identify(email="ann@example.com", loyalty_card="2620 0012 3457")),
            ("coffee-web", "track", "03-01T07:50",
             _event("Product Viewed", browser="browser-b81d")),
            ("coffee-web", "identify", "03-01T07:55",
             _identify(browser="browser-b81d", email="ann@example.com")),
        ],
        "user_id:ann",
    ),
}  # fmt: skip


def draw_case(case: Case, folder: Path) -> str:
    """The picture of a case.

    Args:
        case: What happens.
        folder: Where a workspace is made for it.
    """
    clock = ManualClock(parse_time(NOW))
    Workspace.create(folder, clock=clock)
    with Workspace(folder, clock=clock) as workspace:
        definitions = [
            {"kind": "source", "name": name, "body": {"type": "web", "brand": brand}}
            for name, brand in SOURCES.items()
        ]
        keys = workspace.apply(definitions)["write_keys"]
        for number, (source, kind, at, said) in enumerate(case.messages, start=1):
            message = {"messageId": f"m{number}", "timestamp": f"2026-{at}:00Z", **said}
            workspace.collect_one(json.dumps(message).encode(), kind, keys[source]).result(30)
        return workspace.identity_picture(case.asked)


def draw_all() -> dict[str, str]:
    """Every picture by the name of its file."""
    with TemporaryDirectory() as folder:
        return {
            f"identity-{name}.svg": draw_case(case, Path(folder) / name)
            for name, case in CASES.items()
        }


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(exist_ok=True)
    for name, picture in draw_all().items():
        (folder / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
