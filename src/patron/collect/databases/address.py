"""Where a database is, read from a URL; what must not be shown of it stays out of every text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from patron.errors import InputError

Engine = Literal["postgresql", "mysql", "sqlite"]

_SCHEMES: dict[str, Engine] = {
    "postgresql": "postgresql", "postgres": "postgresql",
    "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite",
}  # fmt: skip
_OPTIONS: dict[Engine, frozenset[str]] = {
    "postgresql": frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "options"}),
    "mysql": frozenset({"unix_socket", "ssl_ca", "ssl_cert", "ssl_key"}),
    "sqlite": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and who asks it.

    Attributes:
        engine: What it speaks.
        database: Its name; for SQLite the path of its file.
        options: Others that the URL gives, by name.
    """

    engine: Engine
    database: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: dict[str, str] = field(default_factory=dict)

    def hidden(self, text: str) -> str:
        """A text in which the password, however it is written, cannot be read.

        >>> Address("mysql", "shop", password="s3cret/").hidden("denied: s3cret%2F")
        'denied: ***'
        """
        if not self.password:
            return text
        for written in (self.password, quote(self.password, safe=""), quote(self.password)):
            text = text.replace(written, "***")
        return text


def read_address(url: str, field: str) -> Address:
    """Read a URL.

    Args:
        url: Such as ``postgresql://user:password@host:5432/name?sslmode=require``.
        field: What it is called in an error, which never shows the URL.

    Raises:
        InputError: It is no URL of a database that can be read.

    >>> read_address("sqlite:///var/lib/till.db", "shop").database
    '/var/lib/till.db'
    >>> read_address("postgres://ann:p%40ss@db/shop", "shop").password
    'p@ss'
    >>> read_address("oracle://db/shop", "shop")
    Traceback (most recent call last):
    patron.errors.InputError: shop: expected a URL that begins with postgresql://, mysql://, \
mariadb:// or sqlite://.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise InputError(f"{field}: is no URL.", field=field) from None
    engine = _SCHEMES.get(parts.scheme.lower())
    if engine is None:
        raise InputError(
            f"{field}: expected a URL that begins with postgresql://, mysql://, mariadb:// or "
            "sqlite://.",
            field=field,
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS[engine]:
            known = ", ".join(sorted(_OPTIONS[engine])) or "none"
            raise InputError(
                f"{field}: the URL has an option that is not known for {engine}; known are "
                f"{known}.",
                field=field,
            )
    path = unquote(parts.path)
    database = path if engine == "sqlite" else path.removeprefix("/")
    if not database or (engine == "sqlite" and (parts.netloc or database == "/")):
        raise InputError(
            f"{field}: "
            + (
                "expected the absolute path of a file, as in sqlite:///var/lib/till.db."
                if engine == "sqlite"
                else "the URL names no database: expected it at the end, as in …host:5432/shop."
            ),
            field=field,
        )
    return Address(
        engine=engine,
        database=database,
        host=parts.hostname,
        port=port,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        options=options,
    )
