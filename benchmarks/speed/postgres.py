"""The same questions in PostgreSQL 15, with the indexes that an expert would give it.

It is started for the run in a temporary folder, listens on a socket in that folder only, and is
found through `pg_config` or where Debian's package postgresql-15 puts it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.speed.questions import AS_OF, QUESTIONS, counting
from benchmarks.speed.report import median_seconds, report
from patron.engines.duckdb import Cursor
from patron.segments import query
from patron.segments.catalogue import Catalogue
from patron.segments.text import parse

DEBIAN = Path("/usr/lib/postgresql/15/bin")
ROUNDS = 5
PATIENCE = 60.0
CORES = os.cpu_count() or 2
SETTINGS = {
    # Reading is measured: what only makes writing safe is off, to load sooner.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "autovacuum": "off",
    # Everything fits into memory, as it does for DuckDB; both may use all cores.
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "random_page_cost": "1.1",
    "max_parallel_workers": str(CORES),
    "max_parallel_workers_per_gather": str(CORES),
    "max_parallel_maintenance_workers": str(CORES),
    # To compile a query of milliseconds costs more than it saves.
    "jit": "off",
}
TABLE = """create table events (
    profile_id bigint not null, name text not null, occurred_at timestamp not null,
    revenue numeric(18, 2), currency text, properties jsonb)"""
INDEXES = """
create index on events (name, occurred_at) include (profile_id);
create index on events (name, profile_id, occurred_at);
create index on events (name, currency, profile_id, occurred_at) include (revenue);
create index on events (name, (properties->>'department'), occurred_at) include (profile_id);
vacuum analyze events;
"""
EXPORT = """copy (select profile_id, name, occurred_at, revenue, currency, properties::json
    from events order by occurred_at) to '{path}' (format csv, header false)"""


class MissingError(Exception):
    """PostgreSQL 15 is not on this machine."""


def compare(cursor: Cursor, folder: Path, events: int) -> None:
    """Ask each question of both, in one run; they have to agree.

    Args:
        cursor: On the events of a workspace.
        folder: For files that are needed for a while.
        events: How many there are.
    """
    try:
        programs = _programs()
    except MissingError as error:
        print(f"{error} Its rows are left out.", file=sys.stderr)
        for question in QUESTIONS:
            report(f"postgres.{question.name}", None, "ms", skipped=str(error), events=events)
        return
    with _serving(programs) as socket:
        _load(programs, socket, cursor, folder, events)
        for name, rule, _, sql, _ in QUESTIONS:
            count = query.count(cursor, parse(rule), as_of=AS_OF, catalogue=Catalogue())
            ours = median_seconds(counting(cursor, rule))
            found, theirs = _ask(programs, socket, sql)
            assert count == found, (name, count, found)
            report(
                f"postgres.{name}", ours * 1000, "ms",
                ratio_to="the same question in PostgreSQL 15", ratio=ours / theirs,
                postgres_ms=round(theirs * 1000, 4), count=count, events=events,
            )  # fmt: skip


def _programs() -> Path:
    """The folder of PostgreSQL's programs."""
    places = [DEBIAN]
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        places.insert(0, Path(said.stdout.strip()))
    for place in places:
        if all((place / name).exists() for name in ("initdb", "postgres", "psql")):
            version = subprocess.run(
                [place / "postgres", "--version"], capture_output=True, text=True, check=True
            ).stdout
            if re.search(r"\b15\.", version):
                return place
    raise MissingError("PostgreSQL 15 is not here (Debian: apt-get install postgresql-15).")


@contextlib.contextmanager
def _serving(programs: Path) -> Iterator[Path]:
    """PostgreSQL with an empty database; gives the folder of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="patron-pg-"))
    user = _user(folder)
    data = folder / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            stdout=subprocess.DEVNULL, check=True, cwd=folder, **user,
        )  # fmt: skip
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
                 *settings],
                stdout=log, stderr=log, cwd=folder, **user,
            )  # fmt: skip
        try:
            _wait(programs, folder, server)
            yield folder
        finally:
            server.send_signal(signal.SIGINT)  # ends sessions, then stops
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: whom it runs as then, and the folder is given to."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait(programs: Path, socket: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        tried = subprocess.run(
            [*_psql(programs, socket), "-c", "select 1"], capture_output=True, check=False
        )
        if tried.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError((socket / "log").read_text(encoding="utf-8"))


def _psql(programs: Path, socket: Path) -> list[str]:
    return [
        str(programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
        "-h", str(socket), "-U", "bench", "-d", "postgres",
    ]  # fmt: skip


def _load(programs: Path, socket: Path, cursor: Cursor, folder: Path, events: int) -> None:
    path = folder / "events.csv"
    psql = _psql(programs, socket)
    began = time.perf_counter()
    cursor.execute(EXPORT.format(path=path))
    subprocess.run([*psql, "-c", TABLE], check=True)
    with path.open("rb") as rows:
        subprocess.run([*psql, "-c", "copy events from stdin (format csv)"], stdin=rows, check=True)
    path.unlink()
    subprocess.run(psql, input=INDEXES, text=True, check=True)
    report("postgres.load", time.perf_counter() - began, "s", events=events)


def _ask(programs: Path, socket: Path, sql: str) -> tuple[int, float]:
    """The count, and the median seconds as psql measures them, after one round to warm up."""
    counted = f"select count(*) from ({sql}) as found;\n"
    made = subprocess.run(
        _psql(programs, socket), input="\\timing on\n" + counted * (ROUNDS + 1),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    counts = {int(line) for line in made.stdout.splitlines() if line.isdigit()}
    times = [float(found) for found in re.findall(r"^Time: ([\d.]+) ms", made.stdout, re.MULTILINE)]
    assert len(counts) == 1, made.stdout
    assert len(times) == ROUNDS + 1, made.stdout
    return counts.pop(), statistics.median(times[1:]) / 1000
