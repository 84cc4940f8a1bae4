"""The record of who did what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from patron.access.accounts import Accounts
from patron.access.audit import page
from patron.clock import ManualClock
from patron.engines.duckdb import Cursor


def actions(cursor: Cursor, **wanted: object) -> list[str]:
    return [row["action"] for row in page(cursor, **wanted)[0]]  # type: ignore[arg-type]


def test_the_record_can_be_filtered(
    accounts: Accounts, opened: Callable[[], Accounts], cursor: Cursor, clock: ManualClock
) -> None:
    _, crm = accounts.tokens.add("crm", "support", made_by="admin")
    _, web = accounts.tokens.add("web", "support", made_by="admin")
    by_crm, by_web = accounts.with_token(crm), accounts.with_token(web)
    start = clock.now()
    accounts.audit.record("PUT /segments/{name}", by=by_crm, named={"name": "vip"}, status=200)
    clock.advance(timedelta(hours=1))
    accounts.audit.record("DELETE /segments/{name}", by=by_web, status=403, address="192.0.2.1")
    clock.advance(timedelta(hours=1))
    opened().audit.record("sign-in failed", by=None, status=401)
    every = ["sign-in failed", "DELETE /segments/{name}", "PUT /segments/{name}"]
    assert actions(cursor) == every
    assert actions(cursor, actor="crm") == every[2:]
    assert actions(cursor, action="/SEGMENTS") == every[1:]
    assert actions(cursor, refused=True) == every[:2]
    assert actions(cursor, refused=False) == every[2:]
    assert actions(cursor, since=start + timedelta(hours=1)) == every[:2]
    assert actions(cursor, until=start + timedelta(hours=1)) == every[2:]
    assert actions(cursor, action="no such") == []
    first, following = page(cursor, limit=2)
    assert [row["action"] for row in first] == every[:2]
    assert [row["audit_id"] for row in first] == [3, 2]
    rest, none = page(cursor, limit=2, before=following)
    assert none is None
    assert rest == [
        {
            "audit_id": 1, "recorded_at": "2026-03-02T09:00:00Z", "actor_kind": "token",
            "actor": "crm", "action": "PUT /segments/{name}", "named": {"name": "vip"},
            "status": 200, "address": None,
        }
    ]  # fmt: skip
