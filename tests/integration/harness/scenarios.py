"""What happens while a client sends: nothing, or what its retries are for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integration.harness.faults import Fault, FaultyProxy
from integration.harness.server import LiveServer

SCENARIOS = ("calm", "refused", "answer lost", "killed")


@contextmanager
def endpoint(server: LiveServer, scenario: str) -> Iterator[str]:
    """The URL to give to a client. At the end all faults must have been met.

    - calm: everything passes;
    - refused: a 500, then a 429 that names a time to wait;
    - answer lost: the first request is stored, but its answer is cut off;
    - killed: the same, and the server is killed and started again meanwhile.
    """
    faults = {
        "calm": [],
        "refused": [Fault(500), Fault(429, retry_after=1)],
        "answer lost": [Fault(after=True)],
        "killed": [Fault(after=True)],
    }[scenario]
    before = server.counters()["duplicate"]
    after_passing = _once(lambda: _kill(server)) if scenario == "killed" else lambda: None
    with FaultyProxy(server.port, faults, after_passing=after_passing) as proxy:
        yield proxy.url
    assert proxy.left == 0
    assert set(proxy.answers) <= {200, 500, 429}
    assert proxy.answers[-1] == 200
    repeated = server.counters()["duplicate"] - before
    assert (repeated > 0) == (scenario in {"answer lost", "killed"})


def _kill(server: LiveServer) -> None:
    server.kill()
    server.restart()


def _once(call: Callable[[], None]) -> Callable[[], None]:
    calls = [call]

    def run() -> None:
        if calls:
            calls.pop()()

    return run
