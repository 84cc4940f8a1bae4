"""The rows of devices: who used which one, who had it when, and what is filed under whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.devices.turns import EVER, Logins, Name, Turns

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOMENT = pa.timestamp("us")

LONE = ("events", "traits")
"""Tables in which every message that left a row has one."""


class Carried(NamedTuple):
    """The logins of a batch: devices in messages that are filed under a person's identifier."""

    item: Ints
    device: Ints
    identifier: Ints


def no_logins() -> Carried:
    """No logins at all."""
    return Carried(*(np.empty(0, dtype=np.int64),) * 3)


class Uses(NamedTuple):
    """Rows of `device_uses`, by column; `item` is the message's place in its batch."""

    item: Ints
    device: Ints
    identifier: Ints
    moment: Ints
    login: Bools

    @classmethod
    def of_logins(cls, carried: Carried, moments: Ints) -> Self:
        """Those of the logins of a batch.

        Args:
            carried: The logins.
            moments: Of all messages of the batch.
        """
        return cls(*carried, moments[carried.item], np.ones(len(carried.item), dtype=np.bool_))

    def take(self, where: npt.NDArray[np.generic]) -> Uses:
        """Some of them."""
        return Uses(*(column[where] for column in self))

    def joined(self, others: Uses | None) -> Uses:
        """With others behind."""
        if others is None or not len(others.item):
            return self
        return Uses(*(np.concatenate(pair) for pair in zip(self, others, strict=True)))


class Lone(NamedTuple):
    """Stored messages that carry a device alone, by device.

    Attributes:
        position: Of each message.
        device: The device.
        moment: When it happened.
        filed: The identifier that it was filed under so far.
        devices: All devices that were asked about.
        owner: The identifier that it is filed under from now on.
        profile: The profile of that one.
    """

    position: Ints
    device: Ints
    moment: Ints
    filed: Ints
    devices: Sequence[int] = ()
    owner: Ints = np.empty(0, dtype=np.int64)
    profile: Ints = np.empty(0, dtype=np.int64)


class TurnRows(NamedTuple):
    """Devices, and all turns that there are of each."""

    devices: list[int]
    turns: list[tuple[int, Turns]]


class DeviceRows(NamedTuple):
    """What a batch changes about devices.

    Attributes:
        uses: New rows.
        turns: What stands in place of what was recorded.
        lone: Stored messages that belong to whoever had their device.
    """

    uses: Uses
    turns: TurnRows | None = None
    lone: Lone | None = None


# Reading


def read_turns(cursor: Cursor) -> tuple[Ints, Ints, Ints]:
    """All turns by device: the device, since when, and the owner."""
    found = cursor.arrow(
        f"select device_id, coalesce(epoch_us(since), {EVER + 1} - 1) as since, identifier_id "
        "from device_turns order by 1, 2"
    )
    device, since, owner = (_ints(found, name) for name in found.column_names)
    return device, since, owner


def read_logins(cursor: Cursor, devices: list[int]) -> Logins:
    """All stored logins on some devices, in no order."""
    if not devices:
        none = np.empty(0, dtype=np.int64)
        return Logins(none, none, none, none)
    found = cursor.arrow(
        "select device_id, epoch_us(occurred_at) as moment, identifier_id, position "
        "from device_uses where login and device_id in (select unnest(?::bigint[]))",
        [devices],
    )
    return Logins(*(_ints(found, name) for name in found.column_names))


def message_names(cursor: Cursor, positions: Ints) -> dict[int, Name]:
    """The source and the id of some stored messages."""
    if not len(positions):
        return {}
    cursor.execute(
        "select position, source_id, message_id from messages "
        "where position in (select unnest(?::bigint[]))",
        [np.unique(positions).tolist()],
    )
    return {position: (source, name) for position, source, name in cursor.all()}


def read_lone(cursor: Cursor, devices: list[int]) -> Lone:
    """All stored messages that carry some devices alone, whoever they are filed under."""
    own = " union ".join(
        f"select position, identifier_id as device_id, epoch_us(occurred_at) as moment, "
        f"identifier_id from {table} where identifier_id in (select unnest($devices::bigint[]))"
        for table in LONE
    )
    found = cursor.arrow(
        f"select * from ({own} union all "
        "select position, device_id, epoch_us(occurred_at) as moment, identifier_id "
        "from device_uses where not login and device_id in (select unnest($devices::bigint[]))) "
        "order by device_id, position",
        {"devices": devices},
    )
    position, device, moment, filed = (_ints(found, name) for name in found.column_names)
    return Lone(position, device, moment, filed)


# Writing


def write_devices(
    cursor: Cursor, changed: DeviceRows, positions: Ints, tables: Sequence[str]
) -> None:
    """Bring the tables up to date.

    Args:
        cursor: Inside the transaction that also stores the batch's messages.
        changed: What to write.
        positions: The log position of each message of the batch.
        tables: Those whose rows name the identifier and the profile that they belong to.
    """
    if len(changed.uses.item):
        cursor.over(use_rows(changed.uses, positions), "insert into device_uses from {rows}")
    if changed.turns is not None:
        _write_turns(cursor, changed.turns)
    if changed.lone is not None:
        _write_lone(cursor, changed.lone, tables)


def use_rows(uses: Uses, positions: Ints) -> pa.Table:
    """Rows for the table, by the log position of each message."""
    return pa.table(
        {
            "position": positions[uses.item],
            "device_id": uses.device,
            "identifier_id": uses.identifier,
            "occurred_at": pa.array(uses.moment, MOMENT),
            "login": uses.login,
        }
    )


def _write_turns(cursor: Cursor, rows: TurnRows) -> None:
    named = pa.table({"device_id": pa.array(rows.devices, pa.int64())})
    cursor.over(named, "delete from device_turns where device_id in (select device_id from {rows})")
    flat = [
        (device, None if since == EVER else since, owner)
        for device, turns in rows.turns
        for since, owner in zip(*turns, strict=True)
    ]
    if flat:
        device, since, owner = zip(*flat, strict=True)
        table = pa.table(
            {
                "device_id": pa.array(device, pa.int64()),
                "since": pa.array(since, MOMENT),
                "identifier_id": pa.array(owner, pa.int64()),
            }
        )
        cursor.over(table, "insert into device_turns from {rows}")


def _write_lone(cursor: Cursor, lone: Lone, tables: Sequence[str]) -> None:
    moved = np.flatnonzero(lone.owner != lone.filed)
    if not len(moved):
        return
    table = pa.table(
        {
            "position": lone.position[moved],
            "identifier_id": lone.owner[moved],
            "profile_id": lone.profile[moved],
        }
    )
    for name in tables:
        cursor.over(
            table,
            f"update {name} set identifier_id = r.identifier_id, profile_id = r.profile_id "
            f"from {{rows}} as r where {name}.position = r.position",
        )
    named = pa.table({"device_id": pa.array(lone.devices, pa.int64())})
    cursor.over(
        named,
        "delete from device_uses where not login and device_id in (select device_id from {rows})",
    )
    away = np.flatnonzero(lone.owner != lone.device)
    if len(away):
        uses = Uses(
            away, lone.device[away], lone.owner[away], lone.moment[away],
            np.zeros(len(away), dtype=np.bool_),
        )  # fmt: skip
        cursor.over(use_rows(uses, lone.position), "insert into device_uses from {rows}")


def _ints(table: pa.Table, name: str) -> Ints:
    values: Ints = table.column(name).to_numpy().astype(np.int64)
    return values
