"""What belongs to whom on shared devices when everybody is reckoned anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.devices import rows
from patron.identity.devices.everybody import all_turns, owners_of, shared_devices
from patron.identity.devices.rows import Lone, Uses
from patron.identity.devices.turns import Logins, Name
from patron.identity.rules_change.people import Parted, People
from patron.identity.rules_change.shadow import Shadow
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]


class Anew(NamedTuple):
    """What messages that were read again are filed under.

    Attributes:
        identifier: For each message; 0 where nothing identifies it.
        uses: All rows of `device_uses`.
    """

    identifier: Ints
    uses: pa.Table


def lone_after(cursor: Cursor, people: People, parted: Parted, rules: IdentityRules) -> Lone | None:
    """Stored messages that carry a shared device alone, and whose they would be.

    Args:
        cursor: In a transaction.
        people: All identifiers.
        parted: Who would be who.
        rules: Those that would hold.

    Returns:
        All messages of devices that are shared, or would be; None when there are no such devices.
    """
    shared = shared_devices(people, parted, rules).tolist()
    was = [one for (one,) in cursor.execute("select distinct device_id from device_turns").all()]
    devices = sorted({*shared, *was})
    if not devices:
        return None
    logins = rows.read_logins(cursor, shared)
    turns = all_turns(people, parted, logins, lambda some: _names(cursor, some))
    lone = rows.read_lone(cursor, devices)
    owner = owners_of(turns, lone.device, lone.moment)
    profile = parted.profile[np.searchsorted(people.ids, owner)]
    return lone._replace(devices=devices, owner=owner, profile=profile)


def filed_anew(
    cursor: Cursor, shadow: Shadow, positions: Ints, number: Ints, people: People, parted: Parted
) -> Anew:
    """What messages that were read again are filed under, devices that are shared considered.

    Args:
        cursor: Knows the names of messages.
        shadow: Has read them.
        positions: Of each in the log.
        number: The id of each identifier of the shadow.
        people: All identifiers.
        parted: Who would be who.
    """
    item, device, identifier = shadow.carried
    moments = shadow.moments
    logins = Logins(number[device], moments[item], number[identifier], positions[item])
    shared = shared_devices(people, parted, shadow.rules)
    turns = all_turns(
        people,
        parted,
        logins.take(np.isin(logins.device, shared)),
        lambda some: _names(cursor, some),
    )
    strongest = number[shadow.filed]
    filed = owners_of(turns, strongest, moments)
    away = np.flatnonzero(filed != strongest)
    told = np.ones(len(item), dtype=np.bool_)
    uses = Uses(item, logins.device, logins.identifier, logins.moment, told).joined(
        Uses(away, strongest[away], filed[away], moments[away], np.zeros(len(away), np.bool_))
    )
    return Anew(filed, rows.use_rows(uses, positions))


def _names(cursor: Cursor, positions: Ints) -> list[Name]:
    known = rows.message_names(cursor, positions)
    return [known[one] for one in positions.tolist()]
