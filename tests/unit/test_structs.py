"""Types that several threads read for the first time at once."""

from __future__ import annotations

import subprocess
import sys

MEETING = """
import sys, threading
from patron.structs import convert, decode

sys.setswitchinterval(1e-6)
for _ in range(200):
    made = {}
    exec('''
from __future__ import annotations
import msgspec
class Leaf(msgspec.Struct, tag="leaf"):
    name: str
    by: "Group | Leaf | None" = None
class Group(msgspec.Struct, tag="group"):
    all: list[Group | Leaf]
    but: "Leaf | None" = None
''', made)
    sys.modules.setdefault("made", type(sys)("made")).__dict__.update(made)
    made["Group"].__module__ = made["Leaf"].__module__ = "made"
    barrier, found = threading.Barrier(4), []
    plain = {"type": "group", "all": [{"type": "leaf", "name": "a"}]}
    text = '{"type": "group", "all": [{"type": "leaf", "name": "a"}]}'

    def read(number):
        barrier.wait()
        kind = made["Group"]
        found.append(convert(plain, kind) if number % 2 else decode(text, kind))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [made["Group"]([made["Leaf"]("a")])] * 4, found
"""


def test_threads_may_read_a_type_for_the_first_time_together() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MEETING], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
