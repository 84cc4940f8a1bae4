"""What Patron writes by itself is there once, wherever in the midst of it it was killed.

Dates that recur (M30) and enrichments (S1.4) work through many transactions. They are killed before
a random statement, again and again, and then end: the tables hold what they hold without a break.
"""

from __future__ import annotations

import json
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.harness import assert_consistent, assert_identity_consistent, open_folder
from integration.harness.stopped import Work, kill_at, statements
from patron.clock import ManualClock, format_time, parse_time
from patron.pipeline import recurring
from patron.pipeline.enrichment import enrichments
from patron.workspace import Workspace

START = parse_time("2026-02-28T12:00:00Z")
NEXT_DAY = START + timedelta(days=1)
CUSTOMERS = 60
KILLS = 3
DEEP_KILLS = 60
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile",
)
DATES = {
    "birthday": {"trait": "birthday", "event": "Birthday"},
    "joined": {"first": "any event", "event": "Joined"},
}


def write_dates(folder: Path) -> None:
    """The day on which the dates of all customers fall due, ten messages a transaction."""
    recurring.MESSAGES = 10
    with Workspace(folder, clock=ManualClock(NEXT_DAY)) as workspace:
        workspace.recurring_dates.run_what_is_due()


def enrich(folder: Path) -> None:
    """One run over all messages, 50 at a time, ten to say a transaction."""
    enrichments.AT_ONCE, enrichments.MESSAGES = 50, 10
    with Workspace(folder, clock=ManualClock(NEXT_DAY)) as workspace:
        workspace.enrichments.run("devices")


@pytest.fixture(autouse=True)
def _sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work changes them in this process, too."""
    monkeypatch.setattr(recurring, "MESSAGES", recurring.MESSAGES)
    monkeypatch.setattr(enrichments, "MESSAGES", enrichments.MESSAGES)
    monkeypatch.setattr(enrichments, "AT_ONCE", enrichments.AT_ONCE)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which all is due, and nothing is written yet."""
    folder = tmp_path_factory.mktemp("shop") / "workspace"
    Workspace.create(folder)
    with Workspace(folder, clock=ManualClock(START)) as workspace:
        key = workspace.apply([{"kind": "source", "name": "web", "body": {}}])["write_keys"]["web"]
        for name, body in DATES.items():
            workspace.put_recurring_date(name, body)
        workspace.put_enrichment("devices", {"use": "user_agent"})
        workspace.recurring_dates.run_what_is_due()
        messages = [message for number in range(CUSTOMERS) for message in _of(number)]
        body = json.dumps({"batch": messages}).encode()
        assert workspace.collect_batch(body, key).result().stored == len(messages)
    return folder


def _of(number: int) -> list[dict[str, Any]]:
    user = f"user-{number}"
    joined = NEXT_DAY.replace(year=2020)
    seen = [
        {
            "type": "track", "event": "Seen", "userId": user, "messageId": f"seen-{number}-{at}",
            "timestamp": format_time(joined + at * timedelta(days=1)),
            "context": {"userAgent": AGENTS[at]},
        }
        for at in range(len(AGENTS))
    ]  # fmt: skip
    born = {"type": "identify", "userId": user, "traits": {"birthday": "1990-03-01"}}
    return [*seen, {**born, "messageId": f"born-{number}", "timestamp": format_time(joined)}]


@pytest.mark.parametrize("work", [write_dates, enrich])
def test_killed_before_any_statement_everything_is_written_once(
    shop: Path, tmp_path: Path, work: Work, seed: int, deep: bool
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(f"{seed}-{work.__name__}")
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    shutil.copytree(shop, unbroken)
    shutil.copytree(shop, killed)
    idle = statements(_open_and_close, tmp_path / "unbroken")
    number = statements(work, unbroken)
    assert kill_at(rng.randrange(idle // 2, number), work, killed)
    for _ in range((DEEP_KILLS if deep else KILLS) - 1):
        kill_at(rng.randrange(idle // 2, number), work, killed)
    work(killed)
    wanted, found = written(unbroken), written(killed)
    assert len(wanted) == 2 * CUSTOMERS
    assert found == wanted


def _open_and_close(folder: Path) -> None:
    with Workspace(folder, clock=ManualClock(NEXT_DAY)):
        pass


def written(folder: Path) -> list[tuple[Any, ...]]:
    """All messages of internal sources, with what became of them in the tables."""
    with open_folder(folder) as cursor:
        assert_consistent(cursor)
        assert_identity_consistent(cursor)
        cursor.execute(
            """
            select s.name, m.message_id, m.body::VARCHAR, m.occurred_at, e.profile_id, e.name,
                (select list((t.name, t.value::JSON::VARCHAR) order by t.name) from traits as t
                 where t.position = m.position)
            from messages as m join sources as s using (source_id)
            left join events as e using (position)
            where s.name <> 'web' order by all
            """
        )
        return cursor.all()
