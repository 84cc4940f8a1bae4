"""Reads from the log who used which device, for folders that were filled before that was kept."""

from __future__ import annotations

import numpy as np
import structlog

from patron.engines.duckdb import Cursor
from patron.identity import Resolver, write
from patron.identity.devices import rows
from patron.identity.devices.rows import Uses
from patron.pipeline.identity.messages import Rereading, ids_of
from patron.spec.identifiers import IdentityRules


def read_older_uses(cursor: Cursor, rules: IdentityRules) -> None:
    """Have the tables know all logins on devices, and what is done on shared ones be whose it is.

    Does nothing where they know already, or no device ever came with anything. Otherwise every
    message is read, once.

    Args:
        cursor: The writer's, outside any transaction.
        rules: The identity rules that hold.
    """
    if cursor.execute("select value from meta where key = 'device_uses'").value() != "unread":
        return
    with cursor.transaction():
        if not _used(cursor, rules):
            cursor.execute("delete from meta where key = 'device_uses'")
            return
        structlog.get_logger("patron.identity").info(
            "every stored message is read once, to know who was logged in on which device; "
            "this takes a minute for each few million"
        )
        rereading = Rereading(rules, rules)
        rereading.read(cursor, lambda *_: None)
        shadow = rereading.shadow
        number = ids_of(cursor, shadow)
        item, device, identifier = shadow.carried
        device, identifier = number[device], number[identifier]
        login = np.ones(len(item), dtype=np.bool_)
        uses = Uses(item, device, identifier, shadow.moments[item], login)
        known = uses.take((device > 0) & (identifier > 0))
        if len(known.item):
            table = rows.use_rows(known, rereading.positions)
            cursor.over(table, "insert into device_uses from {rows}")
        cursor.execute("delete from meta where key = 'device_uses'")
        newest = cursor.execute("select max(received_at) from messages").value()
        write(cursor, Resolver.load(cursor, rules).hand_over(), newest)


def _used(cursor: Cursor, rules: IdentityRules) -> bool:
    """Whether a device came with another identifier."""
    devices = [kind.name for kind in rules.types if kind.stands_for == "device"]
    cursor.execute(
        "with devices as materialized (select identifier_id from identifiers "
        "where type in (select unnest(?::varchar[]))) select exists (from links "
        "where a in (from devices) or b in (from devices))",
        [devices],
    )
    return bool(cursor.value())
