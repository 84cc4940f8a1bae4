"""The simulated shop that the benchmarks read: events of customers over one year, in Parquet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patron.engines.duckdb import Database
from patron.workspace import Workspace

EVENTS_PER_CUSTOMER = 20
NAMES = ("Order Completed", "Product Viewed", "Page Viewed", "Product Added")
DEFINITIONS = [
    {"kind": "source", "name": "web", "body": {"type": "web", "brand": "main"}},
    {"kind": "source", "name": "shop", "body": {"type": "store", "brand": "main"}},
    {
        "kind": "mapping",
        "name": "events",
        "body": {
            "source": "shop",
            "file": "*.parquet",
            "message": {
                "event": "{event}",
                "message_id": "e{number}",
                "timestamp": "happened_at",
                "identifiers": {"loyalty_card": "card", "email": "email"},
                "properties": {
                    "department": "department",
                    "revenue": "revenue",
                    "currency": {"value": "EUR"},
                    "store": "store",
                    "order_id": "order_id",
                },
            },
        },
    },
    {
        "kind": "mapping",
        "name": "customers",
        "body": {
            "source": "shop",
            "file": "*.parquet",
            "message": {
                "type": "identify",
                "message_id": "t{number}",
                "timestamp": "told_at",
                "identifiers": {"loyalty_card": "card"},
                "traits": {name: name for name in ("city", "plan", "children", "newsletter")},
            },
        },
    },
]


@dataclass(frozen=True, slots=True)
class World:
    """A workspace with the events in it.

    Attributes:
        folder: The workspace.
        key: The write key of the web source.
        events: How many it holds.
    """

    folder: Path
    key: str
    events: int

    @staticmethod
    def kept(folder: Path, events: int) -> World:
        """One that was imported in an earlier run."""
        return World(folder, _key_file(folder).read_text(encoding="utf-8"), events)


def write_events(
    folder: Path, events: int, names: tuple[str, ...] = NAMES, each: int = EVENTS_PER_CUSTOMER
) -> Path:
    """Write simulated events, always the same ones for a number, in the order of time.

    Args:
        folder: Where to.
        events: How many.
        names: What they are called, spread evenly.
        each: How many a customer has, on average.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events-{events}.parquet"
    customers = events // each
    # Each column hashes numbers of its own. `hash(i, 1)` would not do: its last bits are tied to
    # those of `hash(i, 2)`, and no order at all would be of the department MEAT.
    with Database() as database:
        database.cursor().execute(
            f"""
            copy (
                select i as number,
                    timestamp '2025-01-01' + to_microseconds(
                        (i::hugeint * 31536000000000 // {events})::bigint) as happened_at,
                    'c' || (hash(i * 8) % {customers})::varchar as card,
                    case when hash(i * 8 + 5) % 3 = 0 then card || '@example.com' end as email,
                    {list(names)}[1 + (hash(i * 8 + 1) % {len(names)})::int] as event,
                    ['MEAT', 'GROCERY', 'DAIRY', 'DRUG', 'PASTRY', 'GARDEN', 'TOYS', 'FLORAL']
                        [1 + (hash(i * 8 + 2) % 8)::int] as department,
                    ((hash(i * 8 + 3) % 20000) / 100)::decimal(18, 2) as revenue,
                    's' || (hash(i * 8 + 4) % 300)::varchar as store,
                    'o' || i::varchar as order_id
                from range({events}) as r(i)
            ) to '{path}' (format parquet)
            """
        )
    return path


def tell_traits(workspace: Workspace, folder: Path, customers: int) -> None:
    """Let a workspace know four traits of each customer, told at some moment of the year.

    Args:
        workspace: That of a world, open; it may know them already.
        folder: Where to put the file.
        customers: How many there are.
    """
    path = folder / f"customers-{customers}.parquet"
    with Database() as database:
        database.cursor().execute(
            f"""
            copy (
                select i as number, 'c' || i::varchar as card,
                    timestamp '2025-01-01' + to_seconds((hash(i * 8) % 31536000)::double)
                        as told_at,
                    ['Utrecht', 'Delft', 'Leiden', 'Gouda'][1 + (hash(i * 8 + 1) % 4)::int] as city,
                    ['free', 'plus', 'pro'][1 + (hash(i * 8 + 2) % 3)::int] as plan,
                    (hash(i * 8 + 3) % 4)::int as children, hash(i * 8 + 4) % 2 = 0 as newsletter
                from range({customers}) as r(i)
            ) to '{path}' (format parquet)
            """
        )
    workspace.apply(DEFINITIONS)  # one that was kept may be of a time before there were traits
    state = _imported(workspace, "customers", path)
    assert state["stored"] + state["duplicate"] == customers, state


def _imported(workspace: Workspace, mapping: str, path: Path) -> dict[str, Any]:
    number = workspace.start_import(mapping, str(path))["import_id"]
    while (state := workspace.import_state(number))["state"] == "running":
        time.sleep(0.02)
    return state


def new_workspace(folder: Path) -> tuple[Workspace, str]:
    """An open workspace with the definitions, and the write key of the web source."""
    Workspace.create(folder)
    workspace = Workspace(folder)
    applied = workspace.apply(DEFINITIONS)
    return workspace, applied["write_keys"]["web"]


def import_world(
    folder: Path, events: int, names: tuple[str, ...] = NAMES, each: int = EVENTS_PER_CUSTOMER
) -> tuple[World, Workspace, float]:
    """A workspace with so many events imported, open, and the seconds that the import took."""
    path = write_events(folder.with_name(f"{folder.name}-files"), events, names, each)
    workspace, key = new_workspace(folder)
    began = time.perf_counter()
    state = _imported(workspace, "events", path)
    spent = time.perf_counter() - began
    assert state["stored"] == events, state
    _key_file(folder).write_text(key, encoding="utf-8")
    return World(folder, key, events), workspace, spent


def kept_world(
    folder: Path, events: int, names: tuple[str, ...] = NAMES, each: int = EVENTS_PER_CUSTOMER
) -> World:
    """A workspace with so many events, open nowhere: that of an earlier run, if there is one."""
    if folder.exists():
        return World.kept(folder, events)
    world, workspace, _ = import_world(folder, events, names, each)
    workspace.close()
    return world


def _key_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.key")
