"""Definitions as code: files, versions, and what would change.

Sources, identity rules, mappings, static lists and segments are definitions: a kind, a name, and a
body. This package reads and writes them as files, keeps their versions, and tells differences. What
a body means is told by the validators that the caller hands in.
"""

from __future__ import annotations

from patron.definitions.bodies import FOLDERS, KINDS, Body, Key, canonical
from patron.definitions.files import Document, Validator, read, read_text, write
from patron.definitions.plan import Change, apply, diff
from patron.definitions.store import Origin, Stored, Version, current, get, history, record
from patron.definitions.yaml_writer import render

__all__ = [
    "FOLDERS",
    "KINDS",
    "Body",
    "Change",
    "Document",
    "Key",
    "Origin",
    "Stored",
    "Validator",
    "Version",
    "apply",
    "canonical",
    "current",
    "diff",
    "get",
    "history",
    "read",
    "read_text",
    "record",
    "render",
    "write",
]
