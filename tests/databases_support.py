"""Real database servers for tests: PostgreSQL and MariaDB from Debian's packages.

Each runs in a temporary folder, is reached over a socket with a password, and ends with its test.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

PASSWORD = "p@ss/w%rd 1"
WAIT = 60.0


@dataclass(frozen=True)
class Running:
    """A database: its URL for Patron, and a way to run statements in it."""

    engine: str
    url: str
    run: Callable[..., None]


def postgres_programs() -> Path | None:
    """Where Debian keeps what PostgreSQL is made of; None when it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def mariadb_program() -> str | None:
    """MariaDB's server; None when it is not installed."""
    return shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")


@contextmanager
def postgres() -> Iterator[Running]:
    """A PostgreSQL of its own."""
    import psycopg

    programs = postgres_programs()
    assert programs is not None
    with _folder("postgres") as (folder, owner):
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        _own(secret, owner)
        data = folder / "data"
        _done([programs / "initdb", "-D", data, "-U", "ann", "--pwfile", secret, "-A",
               "scram-sha-256", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"], owner)  # fmt: skip
        with _process([programs / "postgres", "-D", data, "-k", folder, "-c", "fsync=off",
                       "-c", "listen_addresses="], owner):  # fmt: skip
            url = f"postgresql://ann:{quote(PASSWORD, safe='')}@/postgres?host={folder}"
            given = {"host": str(folder), "user": "ann", "password": PASSWORD}

            def run(statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
                with closing(psycopg.connect(dbname="postgres", **given)) as connection:
                    with connection.cursor() as cursor:
                        if rows is None:
                            cursor.execute(statement)
                        else:
                            cursor.executemany(statement, rows)
                    connection.commit()

            _wait(lambda: run("select 1"), psycopg.OperationalError)
            yield Running("postgresql", url, run)


@contextmanager
def mariadb() -> Iterator[Running]:
    """A MariaDB of its own."""
    import pymysql

    program = mariadb_program()
    assert program is not None
    with _folder("mysql") as (folder, owner):
        data, socket = folder / "data", folder / "socket"
        _done(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
               "--auth-root-authentication-method=normal"], owner)  # fmt: skip
        with _process([program, "--no-defaults", f"--datadir={data}", f"--socket={socket}",
                       f"--pid-file={folder / 'pid'}", "--skip-networking",
                       "--innodb-flush-log-at-trx-commit=0"], owner):  # fmt: skip

            def ask(statement: str, rows: Any, **given: Any) -> None:
                with closing(
                    pymysql.connect(unix_socket=str(socket), charset="utf8mb4", **given)
                ) as connection:
                    with connection.cursor() as cursor:
                        if rows is None:
                            cursor.execute(statement)
                        else:
                            cursor.executemany(statement, rows)
                    connection.commit()

            _wait(
                lambda: ask("create database shop character set utf8mb4", None, user="root"),
                pymysql.OperationalError,
            )
            ask(f"create user ann identified by '{PASSWORD}'", None, user="root")
            ask("grant all on shop.* to ann", None, user="root")
            url = f"mysql://ann:{quote(PASSWORD, safe='')}@localhost/shop?unix_socket={socket}"

            def run(statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
                ask(statement, rows, user="ann", password=PASSWORD, database="shop")

            yield Running("mysql", url, run)


def sqlite(folder: Path) -> Running:
    """A SQLite file."""
    path = folder / "till.db"

    def run(statement: str, rows: list[tuple[Any, ...]] | None = None) -> None:
        with closing(sqlite3.connect(path)) as connection:
            if rows is None:
                connection.execute(statement)
            else:
                connection.executemany(statement.replace("%s", "?"), rows)
            connection.commit()

    run("create table empty (x integer)")
    return Running("sqlite", f"sqlite://{path}", run)


@contextmanager
def _folder(user: str) -> Iterator[tuple[Path, str | None]]:
    """A folder with a short path, for sockets, and the user that servers run as.

    Neither server runs as root.
    """
    owner = None
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam(user).pw_name
        except KeyError:
            owner = "nobody"
    with tempfile.TemporaryDirectory(prefix="db-", dir="/tmp") as name:
        folder = Path(name)
        _own(folder, owner)
        yield folder, owner


def _own(path: Path, owner: str | None) -> None:
    if owner is not None:
        shutil.chown(path, owner)


def _done(command: list[Any], owner: str | None) -> None:
    result = subprocess.run(
        list(map(str, command)), user=owner, capture_output=True, text=True, cwd="/", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@contextmanager
def _process(command: list[Any], owner: str | None) -> Iterator[None]:
    with subprocess.Popen(
        list(map(str, command)), user=owner, cwd="/",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(attempt: Callable[[], None], failure: type[Exception]) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return attempt()
        except failure:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
