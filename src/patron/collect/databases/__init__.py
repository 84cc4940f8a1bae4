"""Rows of PostgreSQL, MySQL, MariaDB and SQLite become messages by declared mappings."""

from patron.collect.databases.address import Address, read_address
from patron.collect.databases.pull import Batch, Pull

__all__ = ["Address", "Batch", "Pull", "read_address"]
