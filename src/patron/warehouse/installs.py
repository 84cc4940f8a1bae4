"""What comes in from one source, and from which pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.engines.duckdb import Cursor

LOOKED_AT = 1_000
"""So many of the newest messages are looked at for the pages that they came from."""

PAGES = 10
"""So many pages of a host are named."""


def kinds(cursor: Cursor, source_id: int) -> list[dict[str, Any]]:
    """Of each type of messages how many came and when the last, with its page; latest first."""
    cursor.execute(
        "select type, count(*) as messages, max(received_at) as last_received_at, "
        "max(position) as position from messages where source_id = ? "
        "group by type order by position desc",
        [source_id],
    )
    rows = cursor.records()
    for row in rows:
        found = _pages(cursor, source_id, row["position"], row["position"])
        row["last_page"] = next((f"{p['host']}{p['path']}" for p in found if p["host"]), None)
        del row["position"]
    return rows


def sites(cursor: Cursor, source_id: int) -> tuple[int, list[dict[str, Any]]]:
    """The hosts that the newest messages came from.

    Returns:
        How many messages were looked at, and of each host its messages, pages and libraries.
    """
    cursor.execute(
        "select count(*), min(position), max(position) from (select position from messages "
        "where source_id = ? order by position desc limit ?)",
        [source_id, LOOKED_AT],
    )
    ((looked_at, first, last),) = cursor.all()
    rows = _pages(cursor, source_id, first, last) if looked_at else []
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not row["host"]:
            continue
        site = found.setdefault(row["host"], {"messages": 0, "pages": {}, "libraries": set()})
        site["messages"] += 1
        site["pages"][row["path"]] = site["pages"].get(row["path"], 0) + 1
        site["libraries"].add(" ".join(filter(None, (row["library"], row["version"]))))
        site["last"] = row["received_at"]
    ordered = sorted(found.items(), key=lambda pair: pair[1]["last"], reverse=True)
    return looked_at, [_shown(host, site) for host, site in ordered]


def refused(cursor: Cursor, source_id: int) -> int:
    """How many refused messages of the source wait in quarantine."""
    cursor.execute(
        "select count(*) from quarantine where source_id = ? and replayed_at is null", [source_id]
    )
    return int(cursor.value())


def _shown(host: str, site: dict[str, Any]) -> dict[str, Any]:
    pages = sorted(site["pages"].items(), key=lambda pair: (-pair[1], pair[0]))
    last: datetime = site["last"]
    return {
        "host": host,
        "messages": site["messages"],
        "last_received_at": last,
        "pages": [path for path, _ in pages[:PAGES]],
        "libraries": sorted(filter(None, site["libraries"])),
    }


def _pages(cursor: Cursor, source_id: int, first: int, last: int) -> list[dict[str, Any]]:
    """Where messages came from, oldest first; the query of an address is left out."""
    cursor.execute(
        r"""
        with told as (
            select position, received_at,
                json_extract_string(body, '$.context.page.url') as url,
                json_extract_string(body, '$.context.library.name') as library,
                json_extract_string(body, '$.context.library.version') as version
            from messages where source_id = ? and position between ? and ?
        )
        select received_at, library, version,
            regexp_extract(url, '^https?://([^/?#]+)', 1) as host,
            coalesce(nullif(regexp_extract(url, '^https?://[^/?#]+(/[^?#]*)', 1), ''), '/') as path
        from told order by position
        """,
        [source_id, first, last],
    )
    return cursor.records()
