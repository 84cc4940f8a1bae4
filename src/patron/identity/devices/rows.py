"""The rows of devices: who used which one, who had it when, and what is filed under whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.devices.turns import EVER, Logins, Name

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOMENT = pa.timestamp("us")

EVENTS, TRAITS, FILED_AWAY = 1, 2, 4
"""Where a message that carries a device alone was found; every one that left a row has one here."""

_LONE = f"""
select position, device_id, any_value(moment), any_value(filed), bit_or(place) from (
    select position, identifier_id as device_id, epoch_us(occurred_at) as moment,
        identifier_id as filed, {EVENTS} as place
    from events where identifier_id in (select unnest($devices::bigint[]))
    union all
    select position, identifier_id, epoch_us(occurred_at), identifier_id, {TRAITS}
    from traits where identifier_id in (select unnest($devices::bigint[]))
    union all
    select position, device_id, epoch_us(occurred_at), identifier_id, {FILED_AWAY}
    from device_uses where not login and device_id in (select unnest($devices::bigint[]))
) group by position, device_id order by device_id, position
"""


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
        place: Where it was found.
        devices: All devices that were asked about.
        owner: The identifier that it is filed under from now on.
        profile: The profile of that one.
    """

    position: Ints
    device: Ints
    moment: Ints
    filed: Ints
    place: Ints
    devices: Sequence[int] = ()
    owner: Ints = np.empty(0, dtype=np.int64)
    profile: Ints = np.empty(0, dtype=np.int64)


class TurnRows(NamedTuple):
    """Who had which device.

    Attributes:
        devices: Those whose turns stand in place of all that was recorded of them.
        turns: Device, since when and who: of these devices all, of others those that are added.
    """

    devices: list[int]
    turns: list[tuple[int, int, int]]


class DeviceRows(NamedTuple):
    """What a batch changes about devices.

    Attributes:
        uses: New rows.
        turns: Who has which device from now on.
        lone: Stored messages that belong to whoever had their device.
    """

    uses: Uses
    turns: TurnRows | None = None
    lone: Lone | None = None


# Reading


def read_turns(cursor: Cursor) -> tuple[Ints, Ints, Ints]:
    """All turns by device: the device, since when, and the owner."""
    cursor.execute(
        f"select device_id, coalesce(epoch_us(since), {EVER + 1} - 1) as since, identifier_id "
        "from device_turns order by 1, 2"
    )
    device, since, owner = _columns(cursor)
    return device, since, owner


def read_logins(cursor: Cursor, devices: list[int]) -> Logins:
    """All stored logins on some devices, in no order."""
    if not devices:
        none = np.empty(0, dtype=np.int64)
        return Logins(none, none, none, none)
    cursor.execute(
        "select device_id, epoch_us(occurred_at), identifier_id, position "
        "from device_uses where login and device_id in (select unnest(?::bigint[]))",
        [devices],
    )
    return Logins(*_columns(cursor))


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
    cursor.execute(_LONE, {"devices": devices})
    position, device, moment, filed, place = _columns(cursor)
    return Lone(position, device, moment, filed, place)


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
    if rows.devices:
        named = pa.table({"device_id": pa.array(rows.devices, pa.int64())})
        cursor.over(
            named, "delete from device_turns where device_id in (select device_id from {rows})"
        )
    if rows.turns:
        device, since, owner = zip(*rows.turns, strict=True)
        table = pa.table(
            {
                "device_id": pa.array(device, pa.int64()),
                "since": pa.array([None if at == EVER else at for at in since], MOMENT),
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
    found = int(np.bitwise_or.reduce(lone.place[moved]))
    for name in tables:
        # Only messages with events have order lines and groups.
        if not found & (FILED_AWAY | (TRAITS if name == "traits" else EVENTS)):
            continue
        cursor.over(
            table,
            f"update {name} set identifier_id = r.identifier_id, profile_id = r.profile_id "
            f"from {{rows}} as r where {name}.position = r.position",
        )
    if (lone.place & FILED_AWAY).any():
        named = pa.table({"device_id": pa.array(lone.devices, pa.int64())})
        cursor.over(
            named,
            "delete from device_uses where not login "
            "and device_id in (select device_id from {rows})",
        )
    away = np.flatnonzero(lone.owner != lone.device)
    if len(away):
        uses = Uses(
            away, lone.device[away], lone.owner[away], lone.moment[away],
            np.zeros(len(away), dtype=np.bool_),
        )  # fmt: skip
        cursor.over(use_rows(uses, lone.position), "insert into device_uses from {rows}")


def _columns(cursor: Cursor) -> list[Ints]:
    """The columns of the last result, none of which holds a NULL."""
    return [np.asarray(column).astype(np.int64) for column in cursor.numpy().values()]
