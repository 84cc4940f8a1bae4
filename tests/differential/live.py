"""Live membership under test: a workspace in memory, told what to do by a script."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest import mock

from patron.clock import ManualClock
from patron.errors import RuleError
from patron.pipeline.live import Memberships, asker
from patron.segments.codec import decode
from patron.segments.query import members_sql
from patron.settings import Settings
from patron.testing.differential.following import Change, Identities
from patron.testing.differential.histories import Sent
from patron.testing.differential.scripts import Act, Script
from patron.testing.differential.vocabulary import RATES, SHELF, SHELVES
from patron.workspace import Workspace

MEMORY = Path("/dev/shm")
"""A folder there needs no disk, so that each commit costs what it computes."""

CHANGES = """
select change.segment, change.profile_id,
    coalesce(profile.merged_into, change.profile_id) as stands_for, change.kind,
    change.changed_at, not change.first_fill and change.reason <> 'merged'
from membership_changes as change left join profiles as profile using (profile_id)
order by change.change_id
"""


class LiveWorkspace:
    """Opens workspaces for scripts."""

    def understands(self, rule: dict[str, Any]) -> bool:
        try:
            decode(rule)
        except RuleError:
            return False
        return True

    @contextlib.contextmanager
    def open(self, script: Script) -> Iterator[_Run]:
        # Everybody is asked by a query for each rule, or of memory: half of the scripts do either.
        few = (0, asker.FEW)[len(script.acts) % 2]
        shared = MEMORY if MEMORY.is_dir() else None
        with (
            mock.patch.object(asker, "FEW", few),
            tempfile.TemporaryDirectory(dir=shared) as folder,
        ):
            run = _Run(Path(folder) / "data", script)
            try:
                yield run
            finally:
                run.workspace.close()


class _Run:
    def __init__(self, folder: Path, script: Script) -> None:
        self._folder = folder
        self._clock = ManualClock(script.acts[0].at)
        self._settings = Settings(time_zone=script.history.time_zone, threads=1)
        Workspace.create(folder, clock=self._clock)
        self.workspace = self._opened()
        self._keys = self._define(script)
        self.workspace.advance()

    def _opened(self) -> Workspace:
        return Workspace(self._folder, clock=self._clock, settings=self._settings)

    def _define(self, script: Script) -> dict[str, str]:
        history = script.history
        sources = [
            {
                "kind": "source",
                "name": name,
                "body": {
                    "type": "people" if name in history.people else "web",
                    "brand": brand,
                    "channel": on,
                    "trust": history.trust.get(name, 100),
                },
            }
            for name, (brand, on) in history.sources.items()
        ]
        traits = [
            {"kind": "trait", "name": name, "body": told} for name, told in history.traits.items()
        ]
        lists = [
            {"kind": "list", "name": name, "body": {"members": _texts(entries)}}
            for name, entries in history.lists.items()
        ]
        segments = [
            {"kind": "segment", "name": name, "body": {"rule": rule}}
            for name, rule in {**history.segments, **script.rules}.items()
        ]
        computed = [
            {"kind": "computed_trait", "name": name, "body": {"value": one}}
            for name, one in history.computed.items()
        ]
        rates = [
            {"kind": "exchange_rates", "name": name, "body": {"rates": told}}
            for name, told in RATES.items()
        ]
        shelf = {"kind": "entity", "name": "shelf", "body": SHELF}
        told = [*sources, shelf, *traits, *lists, *rates, *computed, *segments]
        keys: dict[str, str] = self.workspace.apply(told)["write_keys"]
        for (brand, ident), known in SHELVES.items():
            if not brand or brand in {brand for brand, _ in history.sources.values()}:
                self.workspace.put_entities(
                    "shelf", [{"id": ident, **known}], brand=brand or None, source="shop"
                )
        return keys

    def act(self, act: Act) -> None:
        self._clock.advance(act.at - self._clock.now())
        match act.kind:
            case "send":
                self._send(act.told)
            case "step" | "compare" | "recompute":
                self.workspace.advance()
            case "restart":
                self._restart()
            case "rebuild":
                self._rebuild()
            case "reopen":
                self.workspace.close()
                self.workspace = self._opened()
            case "define":
                name, rule = act.told
                self.workspace.put_segment(name, {"rule": rule}, allow_unknown=True)
            case "list":
                name, entries = act.told
                self.workspace.put_list(name, _texts(entries))
            case "compact":
                self.workspace.compact()

    def _send(self, messages: tuple[Sent, ...]) -> None:
        def source_of(sent: Sent) -> str:
            return sent.source

        for source, some in groupby(sorted(messages, key=source_of), key=source_of):
            body = json.dumps({"batch": [sent.body for sent in some]}).encode()
            receipt = self.workspace.collect_batch(body, self._keys[source]).result()
            assert not receipt.quarantined

    def _restart(self) -> None:
        """As after a kill: nothing is known but what the tables hold."""
        runner = self.workspace._live
        runner.memberships = Memberships(self.workspace._store.cursor())

    def _rebuild(self) -> None:
        with self.workspace._store.cursor() as cursor, cursor.transaction():
            for table in ("membership_changes", "live_progress", "live_segments"):
                cursor.execute(f"delete from {table}")
        self._restart()
        self.workspace.advance()

    def members(self, name: str) -> set[int] | None:
        found = self.workspace.live_members(name)
        return None if found is None else set(found.ids().tolist())

    def recomputed(self, name: str) -> set[int]:
        book = self.workspace.book
        with self.workspace.reading() as reading:
            sql = members_sql(
                reading.cursor, book.segments[name].rule,
                as_of=reading.as_of, catalogue=book.catalogue,
            )  # fmt: skip
            return {row[0] for row in reading.cursor.execute(sql).all()}

    def identities(self) -> Identities:
        with self.workspace.reading() as reading:
            cursor = reading.cursor
            found = cursor.execute("select type, value, profile_id from current_identifiers").all()
            profiles = {f"{kind}:{value}": profile for kind, value, profile in found}
            sources = dict(cursor.execute("select name, source_id from sources").all())
            return Identities(profiles, sources)

    def changes(self) -> list[Change]:
        with self.workspace.reading() as reading:
            return [Change(*row) for row in reading.cursor.execute(CHANGES).all()]

    @property
    def until(self) -> datetime | None:
        return self.workspace._live.memberships.until


def _texts(entries: list[tuple[str, str]]) -> list[str]:
    return sorted({f"{kind}:{value}" for kind, value in entries})
