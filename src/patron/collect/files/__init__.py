"""Import of files: CSV, JSON lines and Parquet become messages by declared mappings."""

from patron.collect.files.definition import read_mapping
from patron.collect.files.importer import FileImport
from patron.collect.files.messages import MessageLine, read_messages

__all__ = [
    "FileImport",
    "MessageLine",
    "read_mapping",
    "read_messages",
]
