"""A real server process, what may go wrong between it and a client, and questions to it."""

from integration.harness.checks import (
    assert_consistent,
    assert_identity_consistent,
    open_folder,
)
from integration.harness.faults import FaultyProxy
from integration.harness.server import KEY, OTHER_KEY, LiveServer, make_workspace

__all__ = [
    "KEY",
    "OTHER_KEY",
    "FaultyProxy",
    "LiveServer",
    "assert_consistent",
    "assert_identity_consistent",
    "make_workspace",
    "open_folder",
]
