"""The published Node.js clients of Segment and RudderStack, unmodified, against a live server.

Each of the six calls arrives exactly once, whatever happens on the way (S1.1, S1.3).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from integration.harness import KEY, LiveServer
from integration.harness.calls import HAPPENED_AT, assert_arrived_once
from integration.harness.scenarios import SCENARIOS, endpoint

FOLDER = Path(__file__).parent / "node"

# In CI a missing Node.js is a failure: there these tests must not vanish unseen.
needs_node = pytest.mark.skipif(
    os.environ.get("CI") != "true"
    and (shutil.which("node") is None or not (FOLDER / "node_modules").exists()),
    reason="Node.js is missing, or its clients are not installed: make test installs them.",
)


@needs_node
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(
    ("name", "encoding"),
    [("segment", "plain"), ("rudderstack", "plain"), ("rudderstack", "gzip")],
)
def test_each_call_arrives_exactly_once(
    server: LiveServer, name: str, encoding: str, scenario: str
) -> None:
    user = f"{name}-{uuid4()}"
    with endpoint(server, scenario) as url:
        moment = HAPPENED_AT.isoformat()
        command = ["node", FOLDER / "send.js", name, url, KEY, user, encoding, moment]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=90, cwd=FOLDER
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert_arrived_once(server, user)
