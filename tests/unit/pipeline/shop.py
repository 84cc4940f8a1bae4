"""A small shop whose clock stands still, for tests of recorded memberships."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from patron.clock import ManualClock, format_time, parse_time
from patron.segments.memberships import Change, read_changes
from patron.workspace import Workspace

START = parse_time("2018-01-01T12:00:00Z")
DAY = timedelta(days=1)


class Shop:
    """A workspace whose clock stands still, with one source."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        self.folder = folder
        self._sent = 0
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([source])["write_keys"]["web"]

    def segment(self, name: str, rule: str) -> None:
        self.workspace.put_segment(name, {"rule": rule}, allow_unknown=True)
        self.workspace.advance()

    def send(self, kind: str, *, at: datetime | None = None, **fields: Any) -> None:
        self._sent += 1
        item = {
            "type": kind,
            "messageId": f"m{self._sent}",
            "timestamp": format_time(at or self.clock.now()),
            **fields,
        }
        body = json.dumps({"batch": [item]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def track(self, event: str, user: str = "ann", **fields: Any) -> None:
        self.send("track", event=event, userId=user, **fields)

    def changes(self, segment: str | None = None, *, fill: bool = False) -> list[Change]:
        self.workspace.advance()
        with self.workspace.reading() as reading:
            return read_changes(
                reading.cursor, segment=segment, after=0, limit=1_000, first_fill=fill
            )

    def story(self, segment: str | None = None) -> list[tuple[str, int, datetime, str]]:
        return [(c.kind, c.profile_id, c.changed_at, c.reason) for c in self.changes(segment)]

    def restart(self) -> None:
        self.workspace.close()
        self.workspace = Workspace(self.folder, clock=self.clock)
